"""What the sandbox raises, and how it says that a name is unknown.

Every error knows the HTTP status it is answered with, so the server needs no table of its own.
"""

import contextlib
import errno
import sqlite3
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

# No room on the disk, none within a quota, a file beyond what one may write.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# An error in input or output is what a quota comes out as.
_FULL_OF_SQLITE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)

# Whatever was sent, an answer that refuses it can be read.
_LONGEST = 4_000


class SandboxError(Exception):
    """The sandbox failed.

    Attributes:
        status: The HTTP status to answer with.
        message: One sentence for whoever sent the request.
    """

    status: int = 500

    def __init__(self, message: str) -> None:
        if len(message) > _LONGEST:
            message = f"{message[:_LONGEST]}… ({len(message):,} characters)"
        super().__init__(message)
        self.message = message


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


class Cancelled(SandboxError):
    """The work was called off before it was done."""


class Forbidden(SandboxError):
    """The deployment does not allow it as it stands."""

    status = 403


class Rejected(SandboxError):
    """The request is understood and cannot be served as it stands."""

    status = 417


def unknown(what: str, name: object, known: Iterable[str]) -> Rejected:
    """Say that a name is unknown, with the names it may have been meant to be.

    Args:
        what: What the name is of, such as ``"optimizer"``.
        name: The name as it was sent.
        known: The names that would have been right.

    Returns:
        The error, to be raised by the caller.
    """
    choices, name = sorted(known), str(name)[:100]
    by_folded = {choice.casefold(): choice for choice in choices}
    near = get_close_matches(name.casefold(), by_folded, n=3, cutoff=0.5)
    hint = f"nearest: {', '.join(by_folded[n] for n in near)}" if near else f"known: {', '.join(choices)}"
    return Rejected(f"{what} {name!r} is unknown; {hint}")


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
