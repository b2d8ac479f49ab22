"""Projects: what is to be learned together."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from synergos_client.models.action import Action
from synergos_client.models.project import Project
from synergos_client.models.project_input import ProjectInput
from synergos_client.models.project_update import ProjectUpdate

from synergos.calls.task import Task, given
from synergos.common.checks import Id, verb
from synergos.reply import Reply

Incentives = Mapping[str, Sequence[str]]


class ProjectTask(Task[Project]):
    """The projects of the grid, in the generation v8 those of a collaboration."""

    _name = "projects"
    _kind = Project

    @verb
    def create(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        action: Action,
        incentives: Incentives | None = None,
        universe_alignment: Sequence[str] | None = None,
        start_at: datetime | str | None = None,
    ) -> Reply[Project]:
        """Start a project.

        Where the TTP already has a project of this id, it changes the fields that are given and keeps the others; the
        incentives are replaced by none when they are not given.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project. Choose one that no other project has: a real TTP deletes by this id alone.
            action: What the models do: "classify" or "regress".
            incentives: Name of a tier of incentives to the ids of the participants in it.
            universe_alignment: Names of the features that all participants are to be aligned to.
            start_at: When the project is to start, a time or any text. A time is sent as ISO 8601 has it, and comes
                back as one. The TTP keeps it and does nothing with it.

        Returns:
            The project.

        Raises:
            InvalidArgument: When an argument cannot be right; nothing was sent.
            Rejected: When the TTP refuses a field.

        Example:
            >>> reply = driver.projects.create(project_id="penguins", action="classify", incentives={"tier_1": []})
            >>> reply.data.action
            'classify'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id)
        fields = given(
            project_id=ids.get("project_id"),
            action=action,
            incentives=incentives or {},
            universe_alignment=universe_alignment,
            start_at=_as_text(start_at),
        )
        return self._one("create", ids, ProjectInput.from_dict({"project_id": None, **fields}))

    @verb
    def read_all(self, collab_id: Id | None = None) -> Reply[list[Project]]:
        """List the projects of a collaboration; on a TTP of the generation v4, those of the grid.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.

        Returns:
            The projects, each with what belongs to it; an empty list when there are none.

        Example:
            >>> [project.key.project_id for project in driver.projects.read_all().data]
            ['penguins']
        """
        return self._many("read_all", self._ids(collab_id=collab_id))

    @verb
    def read(self, *, collab_id: Id | None = None, project_id: Id | None = None) -> Reply[Project]:
        """Read a project.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.

        Returns:
            The project, with its experiments, runs, registrations, tags and results as `relations`.

        Raises:
            NotFound: When there is no such project.

        Example:
            >>> driver.projects.read(project_id="penguins").data.key.project_id
            'penguins'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id)
        return self._one("read", ids)

    @verb
    def update(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        action: Action | None = None,
        incentives: Incentives | None = None,
        universe_alignment: Sequence[str] | None = None,
        start_at: datetime | str | None = None,
    ) -> Reply[Project]:
        """Change a project. Fields that are not given stay as they are.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            action: As in `create`.
            incentives: As in `create`; replaces all tiers.
            universe_alignment: As in `create`; replaces the whole list.
            start_at: As in `create`.

        Returns:
            The project as it is now.

        Raises:
            InvalidArgument: When an argument cannot be right, or none is given; nothing was sent.
            NotFound: When there is no such project.

        Example:
            >>> from datetime import datetime
            >>> driver.projects.update(project_id="penguins", start_at=datetime(2030, 1, 1, 9)).data.start_at
            datetime.datetime(2030, 1, 1, 9, 0)
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id)
        fields = self._changes(
            action=action, incentives=incentives, universe_alignment=universe_alignment, start_at=_as_text(start_at)
        )
        return self._one("update", ids, ProjectUpdate.from_dict(fields))

    @verb
    def delete(
        self, *, collab_id: Id | None = None, project_id: Id | None = None, force: bool = False
    ) -> Reply[Project]:
        """Delete a project and all that belongs to it: experiments, runs, registrations, tags and results.

        A real TTP deletes every project of this id and what belongs to it, wherever it is. So it is looked first
        whether there is another, and nothing is deleted when there is.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            force: Whether to delete even where other projects have the same id.

        Returns:
            The project as it was.

        Raises:
            InvalidArgument: When another project has the same id, on a real TTP; nothing was deleted.
            NotFound: When there is no such project.

        Example:
            >>> driver.projects.delete(project_id="penguins").data.key.project_id
            'penguins'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id)
        return self._delete(ids, force=force)


def _as_text(start_at: datetime | str | None) -> str | None:
    return start_at.isoformat() if isinstance(start_at, datetime) else start_at
