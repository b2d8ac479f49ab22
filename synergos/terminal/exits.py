"""How a command ends: the exit codes, and what is said of an error."""

import os
import sys
from collections.abc import Callable

from synergos.errors import (
    Cancelled,
    InvalidArgument,
    NotFound,
    NotReady,
    ServerFailure,
    SynergosError,
    TimedOut,
    Unreachable,
    Unreadable,
)
from synergos.terminal.words import in_shell

# Those of all commands: of `sandbox`, `contract` and `data` too.
DONE, WANTING, WRONG, MISSING, REFUSED, FAILED, UNREACHABLE, LATE, CANCELLED, DIFFERENT = range(10)
INTERRUPTED = 130

MEANINGS = {
    DONE: "done; what serves, ended by Ctrl-C or a signal",
    WANTING: "looked at, and not as it should be: not ready to train, data that cannot be trained with, a difference "
    "from the contract, changes to make (apply --dry-run), or a no to a question",
    WRONG: "the command is wrong, or a file, a port or a package that it needs is not to be had; nothing was sent",
    MISSING: "there is nothing of that id, or nothing there yet",
    REFUSED: "the TTP refuses it, or cannot do it",
    FAILED: "the TTP failed, or what it answers cannot be read",
    UNREACHABLE: "no TTP was reached",
    LATE: "it did not answer in time, and may still be at work",
    CANCELLED: "the work was called off",
    DIFFERENT: "trained once more, and something differs (rerun)",
    INTERRUPTED: "Ctrl-C",
}


class Declined(Exception):
    """A question was answered with a no."""


_CODES: dict[type[BaseException], int] = {
    KeyboardInterrupt: INTERRUPTED,
    NotReady: WANTING,
    InvalidArgument: WRONG,
    NotFound: MISSING,
    ServerFailure: FAILED,
    Unreadable: FAILED,
    Unreachable: UNREACHABLE,
    TimedOut: LATE,
    Cancelled: CANCELLED,
    SynergosError: REFUSED,
}


def code_of(kind: type[BaseException]) -> int:
    """The exit code for a kind of error."""
    return next(code for known, code in _CODES.items() if issubclass(kind, known))


def ended(run: Callable[[], int]) -> int:
    """Run a command, say on stderr what went wrong, and return its exit code.

    Args:
        run: The command.
    """
    try:
        status = run()
        sys.stdout.flush()
    except SynergosError as error:
        said = str(error.report) if isinstance(error, NotReady) else str(error)
        print(f"synergos: {in_shell(said)}", *map(in_shell, getattr(error, "__notes__", ())), file=sys.stderr)
        return code_of(type(error))
    except Declined:
        print("Nothing was changed.", file=sys.stderr)
        return WANTING
    except KeyboardInterrupt as error:
        print("It was interrupted.", *map(in_shell, getattr(error, "__notes__", ())), file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Who read has seen enough; Python would complain once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "synergos":
            raise
        print(f"synergos: {error}", file=sys.stderr)
        return WRONG
    except OSError as error:
        file = f"{error.filename}: " if error.filename else ""
        print(f"synergos: {file}{error.strerror or error}", file=sys.stderr)
        return WRONG
    return status
