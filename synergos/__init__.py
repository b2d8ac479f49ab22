"""The Python client of a Synergos grid: federated learning across parties who never share their data.

from synergos import Driver

driver = Driver(host="localhost", port=5000)
driver.projects.create(project_id="penguins", action="classify", incentives={})
"""

import logging

from synergos.driver import Driver
from synergos.errors import (
    BadRequest,
    Forbidden,
    InvalidArgument,
    InvalidId,
    NotFound,
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

logging.getLogger("synergos").addHandler(logging.NullHandler())

__all__ = [
    "BadRequest",
    "Driver",
    "Forbidden",
    "InvalidArgument",
    "InvalidId",
    "NotFound",
    "PhaseError",
    "Rejected",
    "Reply",
    "ServerFailure",
    "StatusError",
    "SynergosError",
    "TimedOut",
    "Unreachable",
    "Unreadable",
]
