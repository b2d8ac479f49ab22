"""Runs: sets of hyperparameters to try in an experiment."""

from collections.abc import Mapping

from synergos_client.models.run import Run
from synergos_client.models.run_input import RunInput
from synergos_client.models.run_update import RunUpdate

from synergos.calls.task import given
from synergos.common.checks import Id, verb
from synergos.connect.run_verbs import RunVerbs
from synergos.reply import Reply


class RunTask(RunVerbs):
    """The runs of an experiment."""

    _name = "runs"
    _kind = Run

    @verb
    def read_all(
        self, *, collab_id: Id | None = None, project_id: Id | None = None, expt_id: Id | None = None
    ) -> Reply[list[Run]]:
        """List the runs of an experiment.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.

        Returns:
            The runs; an empty list when there are none, even when there is no such experiment.

        Example:
            >>> [run.key.run_id for run in driver.runs.read_all(project_id="penguins", expt_id="one_layer").data]
            ['adam']
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id)
        return self._many("read_all", ids)

    @verb
    def read(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
    ) -> Reply[Run]:
        """Read a run.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            run_id: Id of the run.

        Returns:
            The run, with its results as `relations`.

        Raises:
            NotFound: When there is no such run.

        Example:
            >>> driver.runs.read(project_id="penguins", expt_id="one_layer", run_id="adam").data.epochs
            2
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id)
        return self._one("read", ids)

    @verb
    def delete(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        force: bool = False,
    ) -> Reply[Run]:
        """Delete a run and its results.

        A real TTP deletes every run of this id and what belongs to it, wherever it is. So it is looked first
        whether there is another, and nothing is deleted when there is.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            run_id: Id of the run.
            force: Whether to delete even where other runs have the same id.

        Returns:
            The run as it was.

        Raises:
            InvalidArgument: When another run has the same id, on a real TTP; nothing was deleted.
            NotFound: When there is no such run.

        Example:
            >>> driver.runs.delete(project_id="penguins", expt_id="one_layer", run_id="adam").data.key.run_id
            'adam'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id)
        reply = self._delete(ids, force=force)
        if "data" in reply:
            self._connection.memory.forget(ids)
        return reply

    def _add(self, ids: Mapping[str, str], fields: Mapping[str, object]) -> Reply[Run]:
        body = RunInput.from_dict({"run_id": ids.get("run_id"), **given(**fields)})
        return self._remembered(self._one("create", ids, body), ids, body.to_dict())

    def _change(self, ids: Mapping[str, str], fields: Mapping[str, object]) -> Reply[Run]:
        body = RunUpdate.from_dict(self._changes(**fields))
        return self._remembered(self._one("update", ids, body), ids, body.to_dict())

    def _remembered(self, reply: Reply[Run], ids: Mapping[str, str], fields: Mapping[str, object]) -> Reply[Run]:
        """Keep what the TTP took: it never tells all of it again."""
        if "data" in reply:
            self._connection.memory.remember(ids, fields)
        return reply
