"""Tags: which of its data a participant brings to a project."""

from collections.abc import Sequence

from synergos_client.models.tag import Tag
from synergos_client.models.tag_input import TagInput
from synergos_client.models.tag_update import TagUpdate

from synergos.calls.task import Task, given
from synergos.common.checks import DataTags, Id, verb
from synergos.errors import InvalidArgument
from synergos.reply import Reply


class TagTask(Task[Tag]):
    """The tags of participants' data in projects. There is one set for each registration, so no list of them."""

    _name = "tags"
    _kind = Tag

    @verb
    def create(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        participant_id: Id | None = None,
        train: DataTags,
        evaluate: DataTags = (),
        predict: DataTags = (),
        model: Sequence[str] | None = None,
        hyperparameters: Sequence[str] | None = None,
    ) -> Reply[Tag]:
        """Tag a participant's data for a project.

        A data set is named by its tags: the tokens of the path, below the participant's data folder, that leads to it.
        `[["non_iid_1"], ["2020", "north"]]` are two data sets, which are read as one. A training needs at least one
        participant with `evaluate` tags. On a real TTP of the generation v8, a tag that leads nowhere makes the next
        alignment hang. Tags that are there already are replaced, all of them.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            participant_id: Id of a participant that is registered in it.
            train: Data sets to train on, at least one.
            evaluate: Data sets to evaluate on.
            predict: Data sets to predict on. `predictions.create` replaces them.
            model: Tags of models. The TTP keeps them and does nothing with them.
            hyperparameters: Tags of hyperparameters. The TTP keeps them and does nothing with them.

        Returns:
            The tags.

        Raises:
            InvalidArgument: When an argument cannot be right; nothing was sent.
            NotFound: When the participant is not registered in the project.

        Example:
            >>> reply = driver.tags.create(
            ...     project_id="penguins", participant_id="biscoe", train=[["non_iid_1"]], evaluate=[["iid_1"]]
            ... )
            >>> reply.data.train
            [['non_iid_1']]
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, participant_id=participant_id)
        _refuse_empty("create", train)
        fields = given(train=train, evaluate=evaluate, predict=predict, model=model, hyperparameters=hyperparameters)
        return self._one("create", ids, TagInput.from_dict(fields))

    @verb
    def read(
        self, *, collab_id: Id | None = None, project_id: Id | None = None, participant_id: Id | None = None
    ) -> Reply[Tag]:
        """Read the tags of a participant in a project.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            participant_id: Id of the participant.

        Returns:
            The tags.

        Raises:
            NotFound: When the participant has no tags there.

        Example:
            >>> driver.tags.read(project_id="penguins", participant_id="biscoe").data.evaluate
            [['iid_1']]
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, participant_id=participant_id)
        return self._one("read", ids)

    @verb
    def update(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        participant_id: Id | None = None,
        train: DataTags | None = None,
        evaluate: DataTags | None = None,
        predict: DataTags | None = None,
        model: Sequence[str] | None = None,
        hyperparameters: Sequence[str] | None = None,
    ) -> Reply[Tag]:
        """Change the tags of a participant in a project. Fields that are not given stay as they are.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            participant_id: Id of the participant.
            train: As in `create`; replaces the whole list.
            evaluate: As in `create`; replaces the whole list.
            predict: As in `create`; replaces the whole list.
            model: As in `create`; replaces the whole list.
            hyperparameters: As in `create`; replaces the whole list.

        Returns:
            The tags as they are now.

        Raises:
            InvalidArgument: When an argument cannot be right, or none is given; nothing was sent.
            NotFound: When the participant has no tags there.

        Example:
            >>> reply = driver.tags.update(project_id="penguins", participant_id="biscoe", predict=[["iid_1"]])
            >>> reply.data.predict
            [['iid_1']]
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, participant_id=participant_id)
        if train is not None:
            _refuse_empty("update", train)
        fields = self._changes(
            train=train, evaluate=evaluate, predict=predict, model=model, hyperparameters=hyperparameters
        )
        return self._one("update", ids, TagUpdate.from_dict(fields))

    @verb
    def delete(
        self, *, collab_id: Id | None = None, project_id: Id | None = None, participant_id: Id | None = None
    ) -> Reply[Tag]:
        """Delete the tags of a participant in a project. The data are left alone.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            participant_id: Id of the participant.

        Returns:
            The tags as they were.

        Raises:
            NotFound: When the participant has no tags there.

        Example:
            >>> driver.tags.delete(project_id="penguins", participant_id="biscoe").data.train
            [['non_iid_1']]
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, participant_id=participant_id)
        return self._one("delete", ids)


def _refuse_empty(verb: str, train: DataTags) -> None:
    if not train or not all(train):
        raise InvalidArgument(
            f"[tags.{verb}] train={train!r} is not allowed: it must hold at least one data set, each at least one tag."
        )
