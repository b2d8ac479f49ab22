"""Predictions: what the models say of a participant's data."""

import functools
from collections.abc import Mapping
from typing import Any

from synergos_client.models.prediction import Prediction
from synergos_client.models.prediction_input import PredictionInput

from synergos.calls import restore
from synergos.calls.task import DerivedTask
from synergos.common.checks import DataTags, Id, verb
from synergos.reply import Reply
from synergos.work.job import Job


class PredictionTask(DerivedTask[Prediction]):
    """The predictions for a participant."""

    _name = "predictions"
    _kind = Prediction

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
            participant_id=participant_id, collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id
        )
        fields = {"auto_align": auto_align, "dockerised": dockerised, "verbose": verbose, "log_msgs": log_msgs}
        body = PredictionInput.from_dict({"tags": tags, **fields})
        return self._create(ids, body, wait, timeout)

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
        """Predict on a participant's data with trained runs, and return a job at once.

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
            participant_id=participant_id, collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id
        )
        fields = {"auto_align": auto_align, "dockerised": dockerised, "verbose": verbose, "log_msgs": log_msgs}
        body = PredictionInput.from_dict({"tags": tags, **fields})
        return self._submit(ids, body)

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
            participant_id=participant_id, collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id
        )
        return self._pick_up(ids)

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
            participant_id=participant_id, collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id
        )
        return self._many("read", ids)

    def _work(
        self, operation: str, request: Mapping[str, Any], ids: Mapping[str, str], timeout: float | None
    ) -> dict[str, Any]:
        work = functools.partial(super()._work, operation, request, ids, timeout)
        return restore.predict(self._connection, operation, ids, request["json"]["tags"], work)
