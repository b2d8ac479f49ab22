"""How a command ends: the exit codes, and what is said of an error."""

import ast
import os
import re
import shlex
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

DONE, WANTING, WRONG, MISSING, REFUSED, FAILED, UNREACHABLE, LATE, CANCELLED = range(9)
INTERRUPTED = 130

MEANINGS = {
    DONE: "done",
    WANTING: "looked at, and not as it should be: not ready to train, changes to make (apply --dry-run), or a no "
    "to a question",
    WRONG: "the command is wrong; nothing was sent",
    MISSING: "there is nothing of that id, or nothing there yet",
    REFUSED: "the TTP refuses it, or cannot do it",
    FAILED: "the TTP failed, or what it answers cannot be read",
    UNREACHABLE: "no TTP was reached",
    LATE: "it did not answer in time; it may still be at work",
    CANCELLED: "the work was called off",
    INTERRUPTED: "Ctrl-C",
}


class Declined(Exception):
    """A question was answered with a no."""


_CODES: dict[type[Exception], int] = {
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


def code_of(error: Exception) -> int:
    """The exit code for an error."""
    return next(code for kind, code in _CODES.items() if isinstance(error, kind))


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
        print(f"synergos: {in_shell(said)}", file=sys.stderr)
        return code_of(error)
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
    except OSError as error:
        print(f"synergos: {error}", file=sys.stderr)
        return WRONG
    return status


def in_shell(text: str) -> str:
    """A text in which the call that picks a job up is the command that does so."""
    return re.sub(r"job = driver\.(\w+)\.job\((.*?)\)(?=[. ]|$)(?: job\.cancel\(\) calls it off\.)?", _command, text)


def _command(match: re.Match[str]) -> str:
    try:
        call = ast.parse(f"f({match[2]})", mode="eval").body
        assert isinstance(call, ast.Call)
        options = {str(one.arg): str(ast.literal_eval(one.value)) for one in call.keywords}
    except (SyntaxError, ValueError):
        return match[0]
    words = (f"--{name.replace('_', '-')} {shlex.quote(value)}" for name, value in options.items())
    return " ".join([f"synergos jobs follow {match[1]}", *words])
