"""Optimizations: the search for hyperparameters."""

from collections.abc import Mapping, Sequence
from typing import Literal

from synergos_client.api.optimizations import (
    create_optimizations,
    create_optimizations_in_collab,
    read_optimizations,
    read_optimizations_in_collab,
)
from synergos_client.models.optimization_in_collab_input import OptimizationInCollabInput
from synergos_client.models.optimization_input import OptimizationInput
from synergos_client.models.validation import Validation

from synergos.checks import Count, Id, verb
from synergos.job import Job
from synergos.reply import Reply
from synergos.task import DerivedTask, by_generation, given

Distribution = Mapping[str, str | Sequence[object]]

_CREATE = by_generation(
    create_optimizations._get_kwargs, create_optimizations_in_collab._get_kwargs, "project_id", "expt_id"
)
_READ = by_generation(read_optimizations._get_kwargs, read_optimizations_in_collab._get_kwargs, "project_id", "expt_id")


class OptimizationTask(DerivedTask):
    """The optimizations of an experiment."""

    _name = "optimizations"

    @verb
    def create(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        search_space: Mapping[str, Distribution],
        metric: str,
        optimize_mode: Literal["max", "min"],
        tuner: str = "TPE",
        backend: Literal["tune", "nni"] | None = None,
        scheduler: str | None = None,
        searcher: str | None = None,
        trial_concurrency: Count = 1,
        max_exec_duration: str | Count = "1h",
        max_trial_num: Count = 10,
        max_concurrent: Count | None = None,
        is_remote: bool = True,
        use_annotation: bool = True,
        auto_align: bool = True,
        dockerised: bool = True,
        verbose: bool = True,
        log_msgs: bool = True,
        timeout: float | None = None,
        wait: bool | float = False,
    ) -> Reply[list[Validation]]:
        """Search for the hyperparameters that do best in an experiment.

        Each trial trains and validates a run of its own, `optim_run_...`, which stays with its model. The sandbox
        searches with Optuna. Real TTPs search only as a cluster of the generation v8: other TTPs of v8 answer with a
        `Forbidden`, those of v4 with a `NotFound`.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            search_space: Name of a run field to where its values are drawn from, in the words of Ray Tune:
                `{"lr": {"_type": "loguniform", "_value": [0.001, 0.1]}, "batch_size": {"_type": "choice", "_value":
                [16, 32]}}`. Also "uniform", "quniform", "qloguniform", "randint", "qrandint", "lograndint", "randn".
            metric: Name of the statistic to optimize, "accuracy" or "R2" for example.
            optimize_mode: "max" when more of it is better, "min" when less is.
            tuner: Name of the tuner; v4 only.
            backend: What searches: "tune" or "nni".
            scheduler: Name of the trial scheduler.
            searcher: Name of the search algorithm.
            trial_concurrency: Trials at a time, 1 or more.
            max_exec_duration: Time after which no trial is started: "1h" or "30m" for example, or seconds.
            max_trial_num: Trials in all, 1 or more.
            max_concurrent: Trials that the searcher proposes at a time, 1 or more.
            is_remote: Whether trials run away from the TTP.
            use_annotation: Whether the search space is annotated in code.
            auto_align: Whether data are fitted to the alignment as they are loaded.
            dockerised: Whether the workers run in containers.
            verbose: Whether the workers log in detail.
            log_msgs: Whether the workers log their messages.
            timeout: Seconds to wait for the answer; None waits until it comes.
            wait: True or a number of seconds returns what was made also when the TTP only queues the work, and shows
                progress until then: `submit(...).result(...)` in one.

        Returns:
            The validations of the trials.

        Raises:
            InvalidArgument: When an argument cannot be right; nothing was sent.
            Forbidden: When the deployment has no optimization.
            NotFound: When there is no such experiment, or when the TTP finished no trial.
            TimedOut: When no answer comes within `timeout`, or it is not done within `wait`. The TTP goes on.

        Example:
            >>> reply = driver.optimizations.create(
            ...     project_id="penguins",
            ...     expt_id="one_layer",
            ...     search_space={"lr": {"_type": "loguniform", "_value": [0.001, 0.1]}},
            ...     metric="accuracy",
            ...     optimize_mode="max",
            ...     max_trial_num=2,
            ... )
            >>> len({validation.key.run_id for validation in reply.data})
            2
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id)
        body = _input(
            ids,
            search_space=search_space,
            metric=metric,
            optimize_mode=optimize_mode,
            tuner=tuner,
            backend=backend,
            scheduler=scheduler,
            searcher=searcher,
            trial_concurrency=trial_concurrency,
            max_exec_duration=max_exec_duration,
            max_trial_num=max_trial_num,
            max_concurrent=max_concurrent,
            is_remote=is_remote,
            use_annotation=use_annotation,
            auto_align=auto_align,
            dockerised=dockerised,
            verbose=verbose,
            log_msgs=log_msgs,
        )
        return self._create(Validation, _CREATE, _READ, ids, body, wait, timeout)

    @verb
    def submit(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        search_space: Mapping[str, Distribution],
        metric: str,
        optimize_mode: Literal["max", "min"],
        tuner: str = "TPE",
        backend: Literal["tune", "nni"] | None = None,
        scheduler: str | None = None,
        searcher: str | None = None,
        trial_concurrency: Count = 1,
        max_exec_duration: str | Count = "1h",
        max_trial_num: Count = 10,
        max_concurrent: Count | None = None,
        is_remote: bool = True,
        use_annotation: bool = True,
        auto_align: bool = True,
        dockerised: bool = True,
        verbose: bool = True,
        log_msgs: bool = True,
    ) -> Job[list[Validation]]:
        """Have the hyperparameters searched that do best in an experiment, and return at once.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            search_space: Name of a run field to where its values are drawn from:
                `{"lr": {"_type": "choice", "_value": [0.001, 0.01]}}`.
            metric: Name of the statistic to optimize, "accuracy" or "R2" for example.
            optimize_mode: "max" when more of it is better, "min" when less is.
            tuner: Name of the tuner; v4 only.
            backend: What searches: "tune" or "nni".
            scheduler: Name of the trial scheduler.
            searcher: Name of the search algorithm.
            trial_concurrency: Trials at a time, 1 or more.
            max_exec_duration: Time after which no trial is started: "1h" or "30m" for example, or seconds.
            max_trial_num: Trials in all, 1 or more.
            max_concurrent: Trials that the searcher proposes at a time, 1 or more.
            is_remote: Whether trials run away from the TTP.
            use_annotation: Whether the search space is annotated in code.
            auto_align: Whether data are fitted to the alignment as they are loaded.
            dockerised: Whether the workers run in containers.
            verbose: Whether the workers log in detail.
            log_msgs: Whether the workers log their messages.

        Returns:
            The job. On a cluster it is done when there are `max_trial_num` trials more than before, or
            `max_exec_duration` is over and there are some. `result()` returns what `create` does.

        Raises:
            InvalidArgument: When an argument cannot be right; nothing was sent.
            NotFound: When there is no such project.

        Example:
            >>> space = {"lr": {"_type": "choice", "_value": [0.001, 0.01]}}
            >>> job = driver.optimizations.submit(
            ...     project_id="penguins",
            ...     expt_id="one_layer",
            ...     search_space=space,
            ...     metric="accuracy",
            ...     optimize_mode="max",
            ...     max_trial_num=1,
            ... )
            >>> len(job.result().data)
            2
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id)
        body = _input(
            ids,
            search_space=search_space,
            metric=metric,
            optimize_mode=optimize_mode,
            tuner=tuner,
            backend=backend,
            scheduler=scheduler,
            searcher=searcher,
            trial_concurrency=trial_concurrency,
            max_exec_duration=max_exec_duration,
            max_trial_num=max_trial_num,
            max_concurrent=max_concurrent,
            is_remote=is_remote,
            use_annotation=use_annotation,
            auto_align=auto_align,
            dockerised=dockerised,
            verbose=verbose,
            log_msgs=log_msgs,
        )
        return self._submit(Validation, "submit", _CREATE, _READ, ids, body)

    @verb
    def job(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        max_trial_num: Count = 10,
    ) -> Job[list[Validation]]:
        """Pick up a search that was submitted earlier, by anyone.

        It is the very job as long as this driver has one with these ids under way. Otherwise it is done when all its
        records are there; on the sandbox, when that is through with the last that was submitted with these ids.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            max_trial_num: How many trials are to be there, 1 or more.

        Returns:
            The job.

        Raises:
            NotFound: When there is no such project.

        Example:
            >>> driver.optimizations.job(project_id="penguins", expt_id="one_layer").state
            'running'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id)
        return self._pick_up(Validation, _READ, ids, max_trial_num=max_trial_num)

    @verb
    def read(
        self, *, collab_id: Id | None = None, project_id: Id | None = None, expt_id: Id | None = None
    ) -> Reply[list[Validation]]:
        """Read the trials of an experiment.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.

        Returns:
            The validations of the trials.

        Raises:
            NotFound: When there is none yet.

        Example:
            >>> try:
            ...     driver.optimizations.read(project_id="penguins", expt_id="one_layer")
            ... except synergos.NotFound as error:
            ...     print(error.status)
            404
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id)
        return self._many(Validation, "read", _READ, ids)


def _input(ids: Mapping[str, str], **fields: object) -> OptimizationInput | OptimizationInCollabInput:
    limit = fields["max_exec_duration"]
    if isinstance(limit, int):
        # A real TTP takes a bare number for no limit at all.
        fields["max_exec_duration"] = f"{limit}s"
    if "collab_id" in ids:
        return OptimizationInCollabInput.from_dict(given(**{**fields, "tuner": None}))
    return OptimizationInput.from_dict(given(**fields))
