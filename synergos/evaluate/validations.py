"""Validations: how well the models do on the participants' data."""

from synergos_client.models.validation import Validation
from synergos_client.models.validation_input import ValidationInput

from synergos.calls.task import DerivedTask
from synergos.common.checks import Id, verb
from synergos.reply import Reply
from synergos.work.job import Job


class ValidationTask(DerivedTask[Validation]):
    """The validations of a project's models."""

    _name = "validations"
    _kind = Validation

    @verb
    def create(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        participant_id: Id | None = None,
        auto_align: bool = True,
        dockerised: bool = True,
        verbose: bool = True,
        log_msgs: bool = True,
        timeout: float | None = None,
        wait: bool | float = False,
    ) -> Reply[list[Validation]]:
        """Validate the trained runs of a project, of an experiment, or one run, on the data with `evaluate` tags.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment; None validates the runs of all experiments.
            run_id: Id of the run; None validates all runs of the experiment. It needs `expt_id`.
            participant_id: Id of the participant; None validates on the data of all. It needs `run_id`.
            auto_align: Whether data are fitted to the alignment as they are loaded.
            dockerised: Whether the workers run in containers.
            verbose: Whether the workers log in detail.
            log_msgs: Whether the workers log their messages.
            timeout: Seconds to wait for the answer; None waits until it comes.
            wait: True or a number of seconds returns what was made also when the TTP only queues the work, and shows
                progress until then: `submit(...).result(...)` in one.

        Returns:
            One record for each run and participant. `evaluate.statistics` holds, for classification, lists with one
            entry per class, that class against the rest: `accuracy`, `roc_auc_score`, `pr_auc_score`, `f_score`, rates
            (`TPRs`, `FPRs`, …) from 0 to 1 and counts (`TPs`, `FPs`, …) of rows; for regression the numbers `R2`,
            `MSE` and `MAE`. `evaluate.res_path` is a file on the participant's disk.

        Raises:
            InvalidId: When an id is given without the one above it; nothing was sent.
            NotFound: When there is no such project, experiment, run or participant.
            Rejected: When the data cannot be read; the message names the file and the reason. A real TTP answers with
                a `ServerFailure`.
            TimedOut: When no answer comes within `timeout`, or it is not done within `wait`. The TTP goes on.

        Example:
            >>> reply = driver.validations.create(project_id="penguins", expt_id="one_layer", run_id="adam")
            >>> len(reply.data[0].evaluate.statistics.accuracy)
            3
        """
        ids = self._ids(
            collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id, participant_id=participant_id
        )
        body = ValidationInput(auto_align=auto_align, dockerised=dockerised, verbose=verbose, log_msgs=log_msgs)
        return self._create(ids, body, wait, timeout)

    @verb
    def submit(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        participant_id: Id | None = None,
        auto_align: bool = True,
        dockerised: bool = True,
        verbose: bool = True,
        log_msgs: bool = True,
    ) -> Job[list[Validation]]:
        """Validate the trained runs of a project, of an experiment, or one run, and return a job at once.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment; None stands for all.
            run_id: Id of the run; None stands for all. It needs `expt_id`.
            participant_id: Id of the participant; None stands for all. It needs `run_id`.
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
            >>> job = driver.validations.submit(project_id="penguins")
            >>> [validation.key.participant_id for validation in job.result().data]
            ['biscoe', 'dream']
        """
        ids = self._ids(
            collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id, participant_id=participant_id
        )
        body = ValidationInput(auto_align=auto_align, dockerised=dockerised, verbose=verbose, log_msgs=log_msgs)
        return self._submit(ids, body)

    @verb
    def job(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        participant_id: Id | None = None,
    ) -> Job[list[Validation]]:
        """Pick up a validation that was submitted earlier, by anyone.

        It is the very job as long as this driver has one with these ids under way. Otherwise it is done when all its
        records are there; on the sandbox, when that is through with the last that was submitted with these ids.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment; None stands for all.
            run_id: Id of the run; None stands for all. It needs `expt_id`.
            participant_id: Id of the participant; None stands for all. It needs `run_id`.

        Returns:
            The job.

        Raises:
            NotFound: When there is no such project.

        Example:
            >>> driver.validations.job(project_id="penguins").done()
            True
        """
        ids = self._ids(
            collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id, participant_id=participant_id
        )
        return self._pick_up(ids)

    @verb
    def read(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        participant_id: Id | None = None,
    ) -> Reply[list[Validation]]:
        """Read the validations of a project, of an experiment, of one run, or of one participant in it.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment; None reads those of all experiments.
            run_id: Id of the run; None reads those of all runs. It needs `expt_id`.
            participant_id: Id of the participant; None reads those of all. It needs `run_id`.

        Returns:
            The validations, as from `create`; a list even for one.

        Raises:
            InvalidId: When an id is given without the one above it; nothing was sent.
            NotFound: When nothing is validated yet.

        Example:
            >>> driver.validations.read(project_id="penguins").data[0].key.participant_id
            'biscoe'
        """
        ids = self._ids(
            collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id, participant_id=participant_id
        )
        return self._many("read", ids)
