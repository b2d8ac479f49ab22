"""The Python client of a Synergos grid: federated learning across parties who never share their data.

from synergos import Driver

driver = Driver(host="localhost", port=5000)
driver.projects.create(project_id="penguins", action="classify", incentives={})
"""

import importlib
import logging
from typing import TYPE_CHECKING

from synergos import space
from synergos.driver import Driver
from synergos.errors import (
    BadRequest,
    Busy,
    Cancelled,
    Conflict,
    Forbidden,
    InvalidArgument,
    InvalidId,
    NotAnswered,
    NotFound,
    NotReady,
    PhaseError,
    Rejected,
    ServerFailure,
    StatusError,
    SynergosError,
    TimedOut,
    Unreachable,
    Unreadable,
)
from synergos.reply import Reply
from synergos.work.job import Job

if TYPE_CHECKING:
    from synergos.alone import Alone
    from synergos.connect.collaborations import CollaborationTask
    from synergos.connect.experiments import ExperimentTask
    from synergos.connect.participants import ParticipantTask
    from synergos.connect.projects import ProjectTask
    from synergos.connect.registrations import Node, RegistrationTask
    from synergos.connect.runs import RunTask
    from synergos.connect.tags import TagTask
    from synergos.cycle import Cycle
    from synergos.evaluate.predictions import PredictionTask
    from synergos.evaluate.validations import ValidationTask
    from synergos.inference.loading import load_model
    from synergos.inference.model import LoadedModel
    from synergos.manifest import Difference, Manifest
    from synergos.preflight import Finding, Report
    from synergos.rerun import Rerun
    from synergos.results.picture import Picture
    from synergos.results.results import Results
    from synergos.results.scores import Evaluation, Losses, RunResult
    from synergos.results.table import Table
    from synergos.search.trials import SearchJob, Trial, Trials
    from synergos.track.round import Round
    from synergos.train.alignments import AlignmentTask
    from synergos.train.models import ModelTask
    from synergos.train.optimizations import OptimizationTask

logging.getLogger("synergos").addHandler(logging.NullHandler())

__all__ = [
    "AlignmentTask",
    "Alone",
    "BadRequest",
    "Busy",
    "Cancelled",
    "CollaborationTask",
    "Conflict",
    "Cycle",
    "Difference",
    "Driver",
    "Evaluation",
    "ExperimentTask",
    "Finding",
    "Forbidden",
    "InvalidArgument",
    "InvalidId",
    "Job",
    "LoadedModel",
    "Losses",
    "Manifest",
    "ModelTask",
    "Node",
    "NotAnswered",
    "NotFound",
    "NotReady",
    "OptimizationTask",
    "ParticipantTask",
    "PhaseError",
    "Picture",
    "PredictionTask",
    "ProjectTask",
    "RegistrationTask",
    "Rejected",
    "Reply",
    "Report",
    "Rerun",
    "Results",
    "Round",
    "RunResult",
    "RunTask",
    "SearchJob",
    "ServerFailure",
    "StatusError",
    "SynergosError",
    "Table",
    "TagTask",
    "TimedOut",
    "Trial",
    "Trials",
    "Unreachable",
    "Unreadable",
    "ValidationTask",
    "load_model",
    "space",
]

if not TYPE_CHECKING:
    # The classes of the contract that a task needs take time to import, so it is imported when it is first asked for.
    _MODULES = {
        "Alone": "synergos.alone",
        "AlignmentTask": "synergos.train.alignments",
        "CollaborationTask": "synergos.connect.collaborations",
        "Cycle": "synergos.cycle",
        "Difference": "synergos.manifest",
        "Evaluation": "synergos.results.scores",
        "ExperimentTask": "synergos.connect.experiments",
        "Finding": "synergos.preflight",
        "LoadedModel": "synergos.inference.model",
        "Losses": "synergos.results.scores",
        "Manifest": "synergos.manifest",
        "ModelTask": "synergos.train.models",
        "Node": "synergos.connect.registrations",
        "OptimizationTask": "synergos.train.optimizations",
        "ParticipantTask": "synergos.connect.participants",
        "Picture": "synergos.results.picture",
        "PredictionTask": "synergos.evaluate.predictions",
        "ProjectTask": "synergos.connect.projects",
        "RegistrationTask": "synergos.connect.registrations",
        "Report": "synergos.preflight",
        "Rerun": "synergos.rerun",
        "Results": "synergos.results.results",
        "Round": "synergos.track.round",
        "RunResult": "synergos.results.scores",
        "RunTask": "synergos.connect.runs",
        "SearchJob": "synergos.search.trials",
        "Table": "synergos.results.table",
        "TagTask": "synergos.connect.tags",
        "Trial": "synergos.search.trials",
        "Trials": "synergos.search.trials",
        "ValidationTask": "synergos.evaluate.validations",
        "load_model": "synergos.inference.loading",
    }

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(_MODULES[name]), name)

    def __dir__():
        return sorted(__all__)
