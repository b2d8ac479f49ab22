"""What only a TTP raises: of records, and of the disk that they are on."""

import contextlib
import errno
import sqlite3
from collections.abc import Iterator

from synergos.learning.errors import SandboxError

# No room on the disk, none within a quota, a file beyond what one may write.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# An error in input or output is what a quota comes out as.
_FULL_OF_SQLITE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


class Missing(SandboxError):
    """What the request names does not exist."""

    status = 404


class Conflict(SandboxError):
    """What was worked on is no longer what it was."""

    status = 409


class Broken(SandboxError):
    """A record that cannot be read."""


class DiskFull(SandboxError):
    """There is no room for what was to be written; nothing of it was kept."""

    status = 507


class Forbidden(SandboxError):
    """The deployment does not allow it as it stands."""

    status = 403


@contextlib.contextmanager
def disk_is_full(what: str) -> Iterator[None]:
    """Turn the errors of a full disk into one that says so.

    Args:
        what: What is written meanwhile.

    Raises:
        DiskFull: When there is no room.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        is_full = (
            error.errno in _FULL
            if isinstance(error, OSError)
            else (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _FULL_OF_SQLITE
        )
        if not is_full:
            raise
        raise DiskFull(f"There is no room on the disk for {what} ({error}). Nothing was changed; make room.") from error
