"""Models: training over all participants."""

from collections.abc import Mapping

from synergos_client.models.model import Model
from synergos_client.models.model_input import ModelInput

from synergos.calls.connection import Connection
from synergos.calls.task import AnyTracks, DerivedTask
from synergos.common.checks import Id, verb
from synergos.common.routes import request
from synergos.errors import InvalidArgument
from synergos.reply import Reply
from synergos.work.job import Job


class ModelTask(DerivedTask[Model]):
    """The trained models of a project."""

    _name = "models"
    _kind = Model

    @verb
    def create(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        auto_align: bool = True,
        dockerised: bool = True,
        verbose: bool = True,
        log_msgs: bool = True,
        resume: bool = False,
        track: AnyTracks | None = None,
        check: bool = False,
        timeout: float | None = None,
        wait: bool | float = False,
    ) -> Reply[list[Model]]:
        """Train the runs of a project, of an experiment, or one run.

        The call returns when the training is done. On a real grid this takes minutes, and losing the connection does
        not stop it: the models can be read later.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project. It must be aligned, and a participant must have `evaluate` tags.
            expt_id: Id of the experiment; None trains the runs of all experiments.
            run_id: Id of the run; None trains all runs of the experiment, those that a search has left too. It needs
                `expt_id`.
            auto_align: Whether data are fitted to the alignment as they are loaded.
            dockerised: Whether the workers run in containers.
            verbose: Whether the workers log in detail.
            log_msgs: Whether the workers log their messages.
            resume: Whether runs whose training was begun and has not ended, because it was called off or the sandbox
                was killed, go on after the last round that was done, to the same bits; runs that are trained stay as
                they are. Real TTPs cannot.
            track: What takes each round as it comes: "csv:FILE", "tensorboard:FOLDER", "mlflow" or "mlflow:URI",
                something that is called with a `Round`, or a list of such. Real TTPs tell of no rounds. The call
                then waits as with `wait=True`.
            check: Whether to look first, as `driver.check` does, whether the training can work, and not to start it
                when it cannot.
            timeout: Seconds to wait for the answer; None waits until it comes.
            wait: True or a number of seconds returns what was made also when the TTP only queues the work, and shows
                progress until then: `submit(...).result(...)` in one.

        Returns:
            One record for each run, with the files of the global model and of each participant's, on the TTP's disk.

        Raises:
            InvalidId: When `run_id` is given without `expt_id`; nothing was sent.
            NotReady: When `check` finds an error; its `report` says what and what to do. Nothing was started.
            NotFound: When there is no such project, experiment or run.
            Rejected: When the project is not ready; the message says what is missing. A real TTP answers with a
                `ServerFailure`.
            TimedOut: When no answer comes within `timeout`, or it is not done within `wait`. The TTP goes on.

        Example:
            >>> models = driver.models.create(project_id="penguins", expt_id="one_layer", run_id="adam").data
            >>> models[0].global_.origin
            'ttp'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id)
        if check:
            from synergos.preflight import require_ready

            require_ready(f"{self}.create", self._connection, ids, trains_now=True)
        body = self._input("create", ids, auto_align, dockerised, verbose, log_msgs, resume)
        return self._create(ids, body, wait, timeout, track)

    @verb
    def submit(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        auto_align: bool = True,
        dockerised: bool = True,
        verbose: bool = True,
        log_msgs: bool = True,
        resume: bool = False,
        track: AnyTracks | None = None,
    ) -> Job[list[Model]]:
        """Train the runs of a project, of an experiment, or one run, and return a job at once.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment; None stands for all.
            run_id: Id of the run; None stands for all. It needs `expt_id`.
            auto_align: Whether data are fitted to the alignment as they are loaded.
            dockerised: Whether the workers run in containers.
            verbose: Whether the workers log in detail.
            log_msgs: Whether the workers log their messages.
            resume: Whether runs whose training was begun and has not ended, because it was called off or the sandbox
                was killed, go on after the last round that was done, to the same bits; runs that are trained stay as
                they are. Real TTPs cannot.
            track: What takes each round as it comes: "csv:FILE", "tensorboard:FOLDER", "mlflow" or "mlflow:URI",
                something that is called with a `Round`, or a list of such. Real TTPs tell of no rounds.

        Returns:
            The job. `result()` waits for it and returns what `create` does.

        Raises:
            InvalidId: When `run_id` is given without `expt_id`; nothing was sent.
            NotFound: When there is no such project.

        Example:
            >>> job = driver.models.submit(project_id="penguins", expt_id="one_layer", run_id="adam")
            >>> job.result(timeout=60).data[0].global_.origin
            'ttp'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id)
        body = self._input("submit", ids, auto_align, dockerised, verbose, log_msgs, resume)
        return self._submit(ids, body, track=track)

    @verb
    def job(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
    ) -> Job[list[Model]]:
        """Pick up a training that was submitted earlier, by anyone.

        It is the very job as long as this driver has one with these ids under way. Otherwise it is done when all its
        records are there; on the sandbox, when that is through with the last that was submitted with these ids.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment; None stands for all.
            run_id: Id of the run; None stands for all. It needs `expt_id`.

        Returns:
            The job.

        Raises:
            NotFound: When there is no such project.

        Example:
            >>> driver.models.job(project_id="penguins").done()
            True
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id)
        return self._pick_up(ids)

    @verb
    def read(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
    ) -> Reply[list[Model]]:
        """Read the models of a project, of an experiment, or of one run.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment; None reads those of all experiments.
            run_id: Id of the run; None reads those of all runs. It needs `expt_id`.

        Returns:
            The models, a list even for one run.

        Raises:
            InvalidId: When `run_id` is given without `expt_id`; nothing was sent.
            NotFound: When nothing is trained yet.

        Example:
            >>> driver.models.read(project_id="penguins").data[0].key.run_id
            'adam'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id)
        return self._many("read", ids)

    def _input(
        self,
        verb: str,
        ids: Mapping[str, str],
        auto_align: bool,
        dockerised: bool,
        verbose: bool,
        log_msgs: bool,
        resume: bool,
    ) -> ModelInput:
        body = ModelInput(auto_align=auto_align, dockerised=dockerised, verbose=verbose, log_msgs=log_msgs)
        if resume:
            # Any answer tells whether it is the sandbox, and a real TTP is not to be sent what it does not know.
            operation = f"{self}.{verb}"
            project = {name: value for name, value in ids.items() if name in ("collab_id", "project_id")}
            self._connection.send(operation, request(operation, "projects", "read", project), project)
            refuse_to_resume(operation, self._connection)
            body.resume = True
        return body


def refuse_to_resume(operation: str, connection: Connection) -> None:
    """Refuse to go on with a training at a TTP that would begin anew.

    Args:
        operation: What is called; it stands in the error.
        connection: What leads to the TTP, which was asked something before.

    Raises:
        InvalidArgument: When it is not the sandbox.
    """
    if not connection.is_sandbox:
        raise InvalidArgument(
            f"[{operation}] resume=True is not allowed: only the sandbox goes on with a training, this TTP begins anew."
        )
