"""Optimizations: the search for hyperparameters."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal

from synergos_client.models.optimization_in_collab_input import OptimizationInCollabInput
from synergos_client.models.optimization_input import OptimizationInput
from synergos_client.models.validation import Validation

from synergos.calls.task import AnyTracks, DerivedTask, given
from synergos.common.checks import CheckedLater, Count, Id, check_timeout, verb
from synergos.connect.run_verbs import Hyperparameter
from synergos.errors import InvalidArgument, SynergosError
from synergos.search.known import Mode, Record, Search, look
from synergos.search.trials import SearchJob, Trials
from synergos.search.whole_space import whole_space
from synergos.space import Distribution, Drawn

SearchSpace = Mapping[str, Annotated[Distribution | Sequence[Hyperparameter | None], CheckedLater()]]
Fixed = Mapping[str, Annotated[Hyperparameter | None, CheckedLater()]]


class OptimizationTask(DerivedTask[Validation]):
    """The optimizations of an experiment."""

    _name = "optimizations"
    _kind = Validation
    _job = SearchJob

    @verb
    def create(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        search_space: SearchSpace,
        metric: str,
        optimize_mode: Literal["max", "min"],
        fixed: Fixed | None = None,
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
        track: AnyTracks | None = None,
        timeout: float | None = None,
        wait: bool | float = False,
    ) -> Trials:
        """Search for the hyperparameters that do best in an experiment.

        Each trial trains and validates a run of its own, `optim_run_...`, which stays with its model. The sandbox
        searches with Optuna. Real TTPs search only as a cluster of the generation v8: other TTPs of v8 answer with a
        `Forbidden`, those of v4 with a `NotFound`.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            search_space: Name of an argument of `runs.create` to its choices, or to what its values are drawn from:
                `{"batch_size": [16, 32], "lr": space.loguniform(0.001, 0.1)}`, with `from synergos import space`. The
                words of Ray Tune are taken too: `{"lr": {"_type": "loguniform", "_value": [0.001, 0.1]}}`.
            metric: Name of the statistic to optimize, "accuracy" or "R2" for example: the mean over the classes, and
                then over the participants, each of whom counts the same however many rows it has.
            optimize_mode: "max" when more of it is better, "min" when less is.
            fixed: Name of an argument of `runs.create` to its value in all trials. What is neither searched nor fixed
                is what `runs.create` sends by default, so that a trial is the run of the same hyperparameters.
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
            track: What takes each round of each trial as it comes: "csv:FILE", "tensorboard:FOLDER", "mlflow" or
                "mlflow:URI", something that is called with a `Round`, or a list of such. Real TTPs tell of no
                rounds. The call then waits as with `wait=True`.
            timeout: Seconds to wait for the answer; None waits until it comes.
            wait: True or a number of seconds returns what was made also when the TTP only queues the work, and shows
                progress until then: `submit(...).result(...)` in one.

        Returns:
            The validations of the trials of this search. `best` is the trial that did best, with its hyperparameters;
            printed or in a notebook it is a table of all trials, those that failed too.

        Raises:
            InvalidArgument: When an argument cannot be right; nothing was sent.
            Forbidden: When the deployment has no optimization.
            NotFound: When there is no such experiment, or when the TTP finished no trial.
            TimedOut: When no answer comes within `timeout`, or it is not done within `wait`. The TTP goes on.

        Example:
            >>> reply = driver.optimizations.create(
            ...     project_id="penguins",
            ...     expt_id="one_layer",
            ...     search_space={"lr": synergos.space.loguniform(0.001, 0.1)},
            ...     fixed={"rounds": 2, "epochs": 1, "optimizer": "Adam", "criterion": "NLLLoss"},
            ...     metric="accuracy",
            ...     optimize_mode="max",
            ...     max_trial_num=2,
            ... )
            >>> len({validation.key.run_id for validation in reply.data})
            2
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id)
        space = self._whole_space("create", search_space, fixed)
        body = _input(
            ids,
            search_space=space,
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
        check_timeout(f"{self}.create", timeout)
        # A cluster, which only v8 knows, answers with what it has by then: the trials of earlier searches.
        before = self._run_ids(ids) if "collab_id" in ids else set()
        reply = self._create(ids, body, wait, timeout, track)
        return Trials.from_reply(reply, before, self._look(ids, metric, optimize_mode, space))

    @verb
    def submit(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        search_space: SearchSpace,
        metric: str,
        optimize_mode: Literal["max", "min"],
        fixed: Fixed | None = None,
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
        track: AnyTracks | None = None,
    ) -> SearchJob:
        """Search for the hyperparameters that do best in an experiment, and return a job at once.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            search_space: As in `create`.
            metric: As in `create`.
            optimize_mode: As in `create`.
            fixed: As in `create`.
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
            track: As in `create`, which waits for it: the job goes on with it in the background.

        Returns:
            The job. On a cluster it is done when there are `max_trial_num` trials more than before, or
            `max_exec_duration` is over and there are some. `result()` returns what `create` does.

        Raises:
            InvalidArgument: When an argument cannot be right; nothing was sent.
            NotFound: When there is no such project.

        Example:
            >>> job = driver.optimizations.submit(
            ...     project_id="penguins",
            ...     expt_id="one_layer",
            ...     search_space={"lr": [0.001, 0.01]},
            ...     fixed={"rounds": 2, "epochs": 1},
            ...     metric="accuracy",
            ...     optimize_mode="max",
            ...     max_trial_num=1,
            ... )
            >>> len(job.result().data)
            2
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id)
        space = self._whole_space("submit", search_space, fixed)
        body = _input(
            ids,
            search_space=space,
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
        job = self._submit(ids, body, track=track)
        assert isinstance(job, SearchJob)
        job.look = self._look(ids, metric, optimize_mode, space)
        return job

    @verb
    def job(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        max_trial_num: Count = 10,
    ) -> SearchJob:
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
        job = self._pick_up(ids, max_trial_num=max_trial_num)
        assert isinstance(job, SearchJob)
        if job.look is None:
            job.look = self._look(ids, None, None, None)
        return job

    @verb
    def read(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        metric: str | None = None,
        optimize_mode: Literal["max", "min"] | None = None,
    ) -> Trials:
        """Read the trials of an experiment, those of all its searches.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            metric: What to compare the trials by. Only the sandbox knows what they were compared by when they were
                made, and takes that where it was the same in all searches.
            optimize_mode: "max" when more of it is better, "min" when less is; goes with `metric`.

        Returns:
            The validations of the trials, with the best one and a table of all.

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
        if (metric is None) != (optimize_mode is None):
            given_one = f"metric={metric!r} and optimize_mode={optimize_mode!r}"
            raise InvalidArgument(f"[{self}.read] {given_one} go together: give both or none.")
        return Trials.from_reply(self._many("read", ids), (), self._look(ids, metric, optimize_mode, None))

    def _look(
        self, ids: Mapping[str, str], metric: str | None, mode: Mode | None, space: Mapping[str, Drawn] | None
    ) -> Callable[[Sequence[Record]], Search]:
        """What finds out what the records of an answer do not tell, when it is asked to."""
        return functools.partial(look, self._connection, ids, metric, mode, space)

    def _run_ids(self, ids: Mapping[str, str]) -> set[str]:
        """The runs of the trials that there are."""
        try:
            found = self._connection.send(f"{self}.read", self._request("read", ids), ids)["data"]
            return {record["key"]["run_id"] for record in found}
        except (SynergosError, KeyError, TypeError):
            return set()

    def _whole_space(self, verb: str, search_space: SearchSpace, fixed: Fixed | None) -> Mapping[str, Drawn]:
        operation = f"{self}.{verb}"
        return whole_space(operation, search_space, fixed or {}, passes_over_unknown=self._returns_errors)


def _input(ids: Mapping[str, str], **fields: object) -> OptimizationInput | OptimizationInCollabInput:
    limit = fields["max_exec_duration"]
    if isinstance(limit, int):
        # A real TTP takes a bare number for no limit at all.
        fields["max_exec_duration"] = f"{limit}s"
    if "collab_id" in ids:
        return OptimizationInCollabInput.from_dict(given(**{**fields, "tuner": None}))
    return OptimizationInput.from_dict(given(**fields))
