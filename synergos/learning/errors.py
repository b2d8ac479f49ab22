"""What the sandbox raises, and how it says that a name is unknown.

Every error knows the HTTP status it is answered with, so the server needs no table of its own.
"""

from collections.abc import Iterable

from synergos.common.misspelt import resembling

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


class Cancelled(SandboxError):
    """The work was called off before it was done."""


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
    near = resembling(name, choices)
    hint = f"nearest: {', '.join(near)}" if near else f"known: {', '.join(choices)}"
    return Rejected(f"{what} {name!r} is unknown; {hint}")
