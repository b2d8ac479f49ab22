"""Rounds for MLflow."""

import importlib
import os
import re
import time
from typing import Any

from synergos.errors import SynergosError
from synergos.track.round import Round

_STATUS = {"done": "FINISHED", "cancelled": "KILLED"}
_IDS = ("collab_id", "project_id", "expt_id", "run_id")
# What MLflow takes in no name of a metric.
_ODD = re.compile(r"[^\w.\- /]")


class MLflow:
    """Logs the losses of each round as metrics, each training of a run as an MLflow run of its own."""

    def __init__(self, operation: str, uri: str | None) -> None:
        """Look whether MLflow is there and its store answers; nothing is written.

        Args:
            operation: What is called; it stands in errors.
            uri: The tracking URI; None for the one that MLflow is set to.

        Raises:
            SynergosError: When MLflow is not installed, or its store does not answer.
        """
        self._name = "mlflow" if uri is None else f"mlflow:{uri}"
        try:
            mlflow = importlib.import_module("mlflow")
            self._metric: Any = importlib.import_module("mlflow.entities").Metric
        except ImportError as error:
            raise SynergosError(
                f"[{operation}] track={self._name!r} needs MLflow: pip install 'synergos-driver[mlflow]' ({error})."
            ) from error
        try:
            self._client: Any = mlflow.MlflowClient(tracking_uri=uri)
            self._client.search_experiments(max_results=1)
        except Exception as error:
            # MLflow's own, those of its database, of requests and of plugins have no class in common.
            raise SynergosError(f"[{operation}] track={self._name!r}: MLflow cannot be used: {error}") from error
        self._runs: dict[tuple[str, ...], str] = {}

    def __call__(self, done: Round, /) -> None:
        """Log a round."""
        run_id = self._runs.get(done.run)
        if run_id is None:
            run_id = self._begin(done)
        now = int(time.time() * 1000)
        metrics = [self._metric(_plain(name), loss, now, done.number) for name, loss in done.losses.items()]
        self._client.log_batch(run_id, metrics=metrics)

    def close_as(self, state: str) -> None:
        """Say how the runs ended."""
        while self._runs:
            self._client.set_terminated(self._runs.popitem()[1], _STATUS.get(state, "FAILED"))

    def __repr__(self) -> str:
        return self._name

    def _begin(self, done: Round) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or done.project_id
        experiment = self._client.get_experiment_by_name(name)
        experiment_id = self._client.create_experiment(name) if experiment is None else experiment.experiment_id
        ids = {f"synergos.{name}": getattr(done, name) for name in _IDS if getattr(done, name)}
        run = self._client.create_run(experiment_id, run_name=f"{done.expt_id}/{done.run_id}", tags=ids)
        # Kept at once: what fails from here on does not begin a second.
        run_id = self._runs[done.run] = str(run.info.run_id)
        self._client.log_param(run_id, "rounds", done.rounds)
        return run_id


def _plain(name: str) -> str:
    return _ODD.sub(lambda odd: f"_{ord(odd[0]):x}_", name)
