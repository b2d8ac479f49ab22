"""Projects: what is to be learned together."""

from collections.abc import Mapping, Sequence

from synergos_client.api.projects import create_project, delete_project, read_project, read_projects, update_project
from synergos_client.models.action import Action
from synergos_client.models.project import Project
from synergos_client.models.project_input import ProjectInput
from synergos_client.models.project_update import ProjectUpdate

from synergos.checks import Id, verb
from synergos.reply import Reply
from synergos.task import Task, given

Incentives = Mapping[str, Sequence[str]]


class ProjectTask(Task):
    """The projects of the grid."""

    _name = "projects"

    @verb
    def create(
        self,
        *,
        project_id: Id,
        action: Action,
        incentives: Incentives | None = None,
        universe_alignment: Sequence[str] | None = None,
        start_at: str | None = None,
    ) -> Reply[Project]:
        """Start a project.

        Where the TTP already has a project of this id, it changes the fields that are given and keeps the others.

        Args:
            project_id: Id of the project. Choose one that no other project has: a real TTP deletes by this id alone.
            action: What the models do: "classify" or "regress".
            incentives: Name of a tier of incentives to the ids of the participants in it.
            universe_alignment: Names of the features that all participants are to be aligned to.
            start_at: When the project is to start. The TTP keeps the text and does nothing with it.

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
        fields = given(
            project_id=project_id,
            action=action,
            incentives=incentives or {},
            universe_alignment=universe_alignment,
            start_at=start_at,
        )
        request = create_project._get_kwargs(body=ProjectInput.from_dict(fields))
        return self._one(Project, "create", request, {"project_id": project_id})

    @verb
    def read_all(self) -> Reply[list[Project]]:
        """List the projects of the grid.

        Returns:
            The projects, each with what belongs to it; an empty list when there are none.

        Example:
            >>> [project.key.project_id for project in driver.projects.read_all().data]
            ['penguins']
        """
        return self._many(Project, "read_all", read_projects._get_kwargs(), {})

    @verb
    def read(self, *, project_id: Id) -> Reply[Project]:
        """Read a project.

        Args:
            project_id: Id of the project.

        Returns:
            The project, with its experiments, runs, registrations, tags and results as `relations`.

        Raises:
            NotFound: When there is no such project.

        Example:
            >>> driver.projects.read(project_id="penguins").data.key.project_id
            'penguins'
        """
        ids = {"project_id": project_id}
        return self._one(Project, "read", read_project._get_kwargs(**ids), ids)

    @verb
    def update(
        self,
        *,
        project_id: Id,
        action: Action | None = None,
        incentives: Incentives | None = None,
        universe_alignment: Sequence[str] | None = None,
        start_at: str | None = None,
    ) -> Reply[Project]:
        """Change a project. Fields that are not given stay as they are.

        Args:
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
            >>> driver.projects.update(project_id="penguins", start_at="2030-01-01").data.start_at
            '2030-01-01'
        """
        ids = {"project_id": project_id}
        fields = self._changes(
            action=action, incentives=incentives, universe_alignment=universe_alignment, start_at=start_at
        )
        request = update_project._get_kwargs(**ids, body=ProjectUpdate.from_dict(fields))
        return self._one(Project, "update", request, ids)

    @verb
    def delete(self, *, project_id: Id) -> Reply[Project]:
        """Delete a project and all that belongs to it: experiments, runs, registrations, tags and results.

        A real TTP deletes what belongs to any project of this id, in other collaborations too.

        Args:
            project_id: Id of the project.

        Returns:
            The project as it was.

        Raises:
            NotFound: When there is no such project.

        Example:
            >>> driver.projects.delete(project_id="penguins").data.key.project_id
            'penguins'
        """
        ids = {"project_id": project_id}
        return self._one(Project, "delete", delete_project._get_kwargs(**ids), ids)
