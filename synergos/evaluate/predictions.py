"""Predictions: what the models say of a participant's data."""

from collections.abc import Mapping
from typing import Any

from synergos_client.api.predictions import (
    create_predictions_by_experiment,
    create_predictions_by_experiment_in_collab,
    create_predictions_by_participant,
    create_predictions_by_participant_in_collab,
    create_predictions_by_project,
    create_predictions_by_project_in_collab,
    create_predictions_by_run,
    create_predictions_by_run_in_collab,
    read_predictions_by_experiment,
    read_predictions_by_experiment_in_collab,
    read_predictions_by_participant,
    read_predictions_by_participant_in_collab,
    read_predictions_by_project,
    read_predictions_by_project_in_collab,
    read_predictions_by_run,
    read_predictions_by_run_in_collab,
)
from synergos_client.models.prediction import Prediction
from synergos_client.models.prediction_input import PredictionInput
from synergos_client.models.tag_update import TagUpdate

from synergos.calls.task import DerivedTask, by_generation
from synergos.common.checks import DataTags, Id, verb
from synergos.connect.tags import READ as READ_TAGS
from synergos.connect.tags import UPDATE as UPDATE_TAGS
from synergos.errors import Forbidden, ServerFailure, StatusError, SynergosError, with_more
from synergos.reply import Reply
from synergos.work.advice import may_be_at_work
from synergos.work.job import Job

_CREATE = {
    **by_generation(
        create_predictions_by_participant._get_kwargs,
        create_predictions_by_participant_in_collab._get_kwargs,
        "participant_id",
    ),
    **by_generation(
        create_predictions_by_project._get_kwargs,
        create_predictions_by_project_in_collab._get_kwargs,
        "participant_id",
        "project_id",
    ),
    **by_generation(
        create_predictions_by_experiment._get_kwargs,
        create_predictions_by_experiment_in_collab._get_kwargs,
        "participant_id",
        "project_id",
        "expt_id",
    ),
    **by_generation(
        create_predictions_by_run._get_kwargs,
        create_predictions_by_run_in_collab._get_kwargs,
        "participant_id",
        "project_id",
        "expt_id",
        "run_id",
    ),
}
_READ = {
    **by_generation(
        read_predictions_by_participant._get_kwargs,
        read_predictions_by_participant_in_collab._get_kwargs,
        "participant_id",
    ),
    **by_generation(
        read_predictions_by_project._get_kwargs,
        read_predictions_by_project_in_collab._get_kwargs,
        "participant_id",
        "project_id",
    ),
    **by_generation(
        read_predictions_by_experiment._get_kwargs,
        read_predictions_by_experiment_in_collab._get_kwargs,
        "participant_id",
        "project_id",
        "expt_id",
    ),
    **by_generation(
        read_predictions_by_run._get_kwargs,
        read_predictions_by_run_in_collab._get_kwargs,
        "participant_id",
        "project_id",
        "expt_id",
        "run_id",
    ),
}


class PredictionTask(DerivedTask):
    """The predictions for a participant."""

    _name = "predictions"

    @verb
    def create(
        self,
        tags: Mapping[str, DataTags],
        participant_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        *,
        collab_id: Id | None = None,
        auto_align: bool = True,
        dockerised: bool = True,
        verbose: bool = True,
        log_msgs: bool = True,
        timeout: float | None = None,
        wait: bool | float = False,
    ) -> Reply[list[Prediction]]:
        """Predict on a participant's data with the trained runs of its projects, of one, of an experiment, or one run.

        The tags replace the `predict` tags that the participant has in these projects. A real TTP replaces them also
        when it then fails, and fails on every later alignment and training of the project: so they are read before, and
        put back when it fails.

        Args:
            tags: Id of a project to the data sets to predict on with its models: `{"penguins": [["iid_1"]]}`.
            participant_id: Id of the participant whose data they are.
            project_id: Id of the project; None predicts with all projects that are tagged.
            expt_id: Id of the experiment; None predicts with all. It needs `project_id`.
            run_id: Id of the run; None predicts with all. It needs `expt_id`.
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            auto_align: Whether data are fitted to the alignment as they are loaded.
            dockerised: Whether the workers run in containers.
            verbose: Whether the workers log in detail.
            log_msgs: Whether the workers log their messages.
            timeout: Seconds to wait for the answer; None waits until it comes.
            wait: True or a number of seconds returns what was made also when the TTP only queues the work, and shows
                progress until then: `submit(...).result(...)` in one.

        Returns:
            One record for each run. `predict.statistics` is as in validations; `predict.res_path` is a file on the
            participant's disk, on the sandbox a csv with one row for each row of the data.

        Raises:
            InvalidId: When an id is given without the one above it; nothing was sent.
            NotFound: When there is no such participant, project, experiment or run.
            Rejected: When the data cannot be read; the message names the file and the reason. A real TTP answers with
                a `ServerFailure`.
            TimedOut: When no answer comes within `timeout`, or it is not done within `wait`. The TTP goes on.

        Example:
            >>> reply = driver.predictions.create({"penguins": [["iid_1"]]}, "biscoe", "penguins", "one_layer", "adam")
            >>> reply.data[0].predict.res_path.endswith(".csv")
            True
        """
        ids = self._ids(
            participant_id=participant_id,
            collab_id=collab_id,
            project_id=project_id,
            expt_id=expt_id,
            run_id=run_id,
        )
        body = _input(tags=tags, auto_align=auto_align, dockerised=dockerised, verbose=verbose, log_msgs=log_msgs)
        return self._create(Prediction, _CREATE, _READ, ids, body, wait, timeout)

    @verb
    def submit(
        self,
        tags: Mapping[str, DataTags],
        participant_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        *,
        collab_id: Id | None = None,
        auto_align: bool = True,
        dockerised: bool = True,
        verbose: bool = True,
        log_msgs: bool = True,
    ) -> Job[list[Prediction]]:
        """Have a participant's data predicted on with trained runs, and return at once.

        Args:
            tags: Id of a project to the data sets to predict on with its models, as for `create`.
            participant_id: Id of the participant whose data they are.
            project_id: Id of the project; None stands for all that are tagged.
            expt_id: Id of the experiment; None stands for all. It needs `project_id`.
            run_id: Id of the run; None stands for all. It needs `expt_id`.
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            auto_align: Whether data are fitted to the alignment as they are loaded.
            dockerised: Whether the workers run in containers.
            verbose: Whether the workers log in detail.
            log_msgs: Whether the workers log their messages.

        Returns:
            The job. `result()` waits for it and returns what `create` does.

        Raises:
            InvalidId: When an id is given without the one above it; nothing was sent.
            NotFound: When there is no such project.

        Example:
            >>> job = driver.predictions.submit({"penguins": [["iid_1"]]}, "biscoe", "penguins")
            >>> job.result().data[0].key.run_id
            'adam'
        """
        ids = self._ids(
            participant_id=participant_id,
            collab_id=collab_id,
            project_id=project_id,
            expt_id=expt_id,
            run_id=run_id,
        )
        body = _input(tags=tags, auto_align=auto_align, dockerised=dockerised, verbose=verbose, log_msgs=log_msgs)
        return self._submit(Prediction, "submit", _CREATE, _READ, ids, body)

    @verb
    def job(
        self,
        participant_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        *,
        collab_id: Id | None = None,
    ) -> Job[list[Prediction]]:
        """Pick up predictions that were submitted earlier, by anyone.

        It is the very job as long as this driver has one with these ids under way. Otherwise it is done when all its
        records are there; on the sandbox, when that is through with the last that was submitted with these ids.

        Args:
            participant_id: Id of the participant whose data they are.
            project_id: Id of the project; None stands for all that are tagged.
            expt_id: Id of the experiment; None stands for all. It needs `project_id`.
            run_id: Id of the run; None stands for all. It needs `expt_id`.
            collab_id: Id of the collaboration; None on a TTP of the generation v4.

        Returns:
            The job.

        Raises:
            NotFound: When there is no such project.

        Example:
            >>> driver.predictions.job("biscoe", "penguins").done()
            True
        """
        ids = self._ids(
            participant_id=participant_id,
            collab_id=collab_id,
            project_id=project_id,
            expt_id=expt_id,
            run_id=run_id,
        )
        return self._pick_up(Prediction, _READ, ids)

    @verb
    def read(
        self,
        participant_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        *,
        collab_id: Id | None = None,
    ) -> Reply[list[Prediction]]:
        """Read a participant's predictions: all, those of a project, of an experiment, or of one run.

        Args:
            participant_id: Id of the participant.
            project_id: Id of the project; None reads those of all.
            expt_id: Id of the experiment; None reads those of all. It needs `project_id`.
            run_id: Id of the run; None reads those of all. It needs `expt_id`.
            collab_id: Id of the collaboration; None on a TTP of the generation v4.

        Returns:
            The predictions, as from `create`; a list even for one.

        Raises:
            InvalidId: When an id is given without the one above it; nothing was sent.
            NotFound: When nothing is predicted yet.

        Example:
            >>> driver.predictions.read("biscoe").data[0].key.run_id
            'adam'
        """
        ids = self._ids(
            participant_id=participant_id,
            collab_id=collab_id,
            project_id=project_id,
            expt_id=expt_id,
            run_id=run_id,
        )
        return self._many(Prediction, "read", _READ, ids)

    def _work(
        self, operation: str, request: Mapping[str, Any], ids: Mapping[str, str], timeout: float | None
    ) -> dict[str, Any]:
        projects = [{**_of_registration(ids), "project_id": name} for name in request["json"]["tags"]]
        before = [] if self._connection.is_sandbox else [self._tags_of(operation, project) for project in projects]
        try:
            return super()._work(operation, request, ids, timeout)
        except StatusError as error:
            is_over = isinstance(error, ServerFailure | Forbidden) and not may_be_at_work(error)
            if self._connection.is_sandbox or not is_over:
                raise
            said = [self._put_back(operation, *one) for one in zip(projects, before, strict=True)]
            if isinstance(error, Forbidden):
                self._note_drift(projects)
            raise with_more(error, " ".join(said)) from error.__cause__

    def _tags_of(self, operation: str, ids: Mapping[str, str]) -> object:
        """The tags of the participant in a project, without which nothing is predicted."""
        answer = self._connection.send(operation, self._request("create", READ_TAGS, ids), ids)
        return answer.get("data")

    def _put_back(self, operation: str, ids: Mapping[str, str], tags: object) -> str:
        """Give a participant the tags to predict on that it had, and say how far that went."""
        if not isinstance(tags, Mapping):
            return f"Its predict tags in {ids['project_id']!r} before could not be read: look at them."
        before = tags.get("predict") or []
        body = TagUpdate.from_dict({"predict": before})
        try:
            self._connection.send(operation, self._request("create", UPDATE_TAGS, ids, body), ids)
        except SynergosError as error:
            return f"Its predict tags in {ids['project_id']!r} could not be put back ({error}): they were {before}."
        return f"Its predict tags in {ids['project_id']!r} were put back."

    def _note_drift(self, projects: list[dict[str, str]]) -> None:
        """The generation v8 fits the alignment to data of other columns, and then says no."""
        for ids in projects:
            project = {name: value for name, value in ids.items() if name != "participant_id"}
            why = "A prediction on data of other columns has rewritten its alignment."
            self._connection.memory.cut_off(project, ids["participant_id"], why)


def _of_registration(ids: Mapping[str, str]) -> dict[str, str]:
    return {name: ids[name] for name in ("collab_id", "participant_id") if name in ids}


def _input(**fields: object) -> PredictionInput:
    return PredictionInput.from_dict(fields)
