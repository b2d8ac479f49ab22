"""What goes wrong between a data scientist and a TTP, each as a class of its own.

Every error is a `SynergosError`, and also the built-in error that fits it best: `except LookupError` catches a missing
project, `except TimeoutError` a TTP that does not answer.
"""

import re
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synergos.common.text import one_line, printable

if TYPE_CHECKING:
    from synergos.findings import Report

# Where the frames are that are not the user's own: of this package, and of Python.
_OURS, _PYTHON = Path(__file__).parent, Path(traceback.__file__).parent
# How much of a page is looked at for what it says, and how much of a tag for its name.
_PAGE_READ, _TAG_READ = 64 * 1024, 20


MISREADINGS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What Python raises where an answer is not of the form that it is read in."""


class SynergosError(Exception):
    """The root of all errors of this package.

    What a server said in it can be printed: characters that would steer a terminal, or that none can show, stand there
    as Python writes them.
    """

    def __str__(self) -> str:
        return printable(super().__str__())

    def full_traceback(self) -> str:
        """All frames that led here, as Python writes them; a notebook shows only the lines that are your own.

        Returns:
            The text. In a notebook, `print(sys.last_value.full_traceback())` shows that of the last error.
        """
        return printable("".join(traceback.format_exception(self)))

    def _render_traceback_(self) -> list[str]:
        """What IPython and notebooks show: the lines of who called, and what went wrong."""
        # Not asked of what is in a package: an error in a notebook is of the line that called one.
        own = [frame for frame in traceback.extract_tb(self.__traceback__) if not _is_installed(frame.filename)]
        lines = [f"{'->' if frame is own[-1] else '  '} {frame.lineno}: {printable(frame.line or '')}" for frame in own]
        notes = [printable(note) for note in getattr(self, "__notes__", ())]
        hint = "(All frames: import sys; print(sys.last_value.full_traceback()))"
        return [*lines, "", f"{type(self).__name__}: {self}", *notes, hint]


def _is_installed(file: str) -> bool:
    path = Path(file)
    return "site-packages" in path.parts or _OURS in path.parents or _PYTHON in path.parents


class InvalidArgument(SynergosError, ValueError):
    """An argument that cannot be right. Nothing was sent."""


class InvalidId(InvalidArgument):
    """An id that cannot be addressed, or one that is given without the id above it. Nothing was sent."""


class PhaseError(SynergosError, AttributeError, NotImplementedError):
    """A verb that the phase does not have: what phases 2 and 3 hold is made by the grid and cannot be edited."""


class NotReady(SynergosError):
    """A training that cannot work, as a check found before it. It was not started.

    Attributes:
        operation: What was called, `models.create` for example.
        report: What was found.
    """

    def __init__(self, operation: str, report: "Report") -> None:
        super().__init__(operation, report)
        self.operation = operation
        self.report = report

    def __str__(self) -> str:
        first = self.report.errors[0]
        text = f"[{self.operation}] {self.report.headline} First {first.where}: {first.what} {first.remedy}"
        return f"{one_line(text)} All are in the error's `report`."


class Unreachable(SynergosError, ConnectionError):
    """No TTP was reached, or the connection to it was lost."""


class TimedOut(SynergosError, TimeoutError):
    """The TTP was reached and did not answer in time. It may still be at work."""


class Busy(TimedOut):
    """It was not this call's turn in time: other work at the TTP was not done. Nothing was sent."""


class Cancelled(SynergosError):
    """Work that was called off before it was done."""


class Unreadable(SynergosError):
    """An answer that is not what the contract says.

    Attributes:
        body: What the TTP sent: the text, or what of it could be read.
    """

    def __init__(self, message: str, body: object = "") -> None:
        super().__init__(message, body)
        self.message = printable(message)
        self.body = body

    def __str__(self) -> str:
        return f"{self.message} It sent: {one_line(str(self.body))}"


# What it means that there is nothing in an object of a class.
_EMPTY = {
    "Statistics": "The run is untrained, and so there are no statistics: train it with models.create, then validate.",
}


class NotAnswered(SynergosError, AttributeError):
    """A field of a record that the TTP has not told.

    Attributes:
        record: The record.
        name: The name of the field.
    """

    def __init__(self, record: Any, name: str) -> None:
        super().__init__(record, name)
        self.record = record
        self.name = name

    def __str__(self) -> str:
        # Made when it is read: who asks whether there is a field has no need of it.
        kind, told = type(self.record).__name__, self.record._told()
        if not told and kind in _EMPTY:
            return _EMPTY[kind]
        there = ", ".join(name for name in told if name != self.name) or "nothing"
        more = " Records inside others have no relations: read it by itself." if self.name == "relations" else ""
        return f"The TTP has told no {self.name} of this {kind}. It has told: {there}.{more}"


class StatusError(SynergosError):
    """An answer that says no. The subclass says why.

    Attributes:
        operation: What was called, `projects.read` for example.
        status: The HTTP status.
        message: What the TTP said.
        ids: The ids of the call.
        body: The answer in full, as text; of a failure no more than a megabyte of it.
        advice: What may be behind it and what to do, when there is more to say than the TTP said.
    """

    def __init__(
        self, operation: str, status: int, message: str, ids: Mapping[str, str], body: str, advice: str = ""
    ) -> None:
        super().__init__(operation, status, message, ids, body, advice)
        self.operation = operation
        self.status = status
        self.message = printable(message)
        self.ids = dict(ids)
        self.body = body
        self.advice = advice

    def __str__(self) -> str:
        ids = ", ".join(f"{name}={value!r}" for name, value in self.ids.items())
        said = one_line(self.message)
        # Pages repeat the status, and some do so twice.
        without = re.sub(
            rf"^(?:(?:(?:HTTP(?:/[.\d]+)?|Status|Error|Code)[ :]+)*{self.status}\b[ :,.–-]*)+", "", said, flags=re.I
        )
        parts = (f"[{self.operation}] {self.status} {without or said}", f"({ids})" if ids else "", self.advice)
        return " ".join(part for part in parts if part)


class BadRequest(StatusError):
    """400: the TTP could not read what was sent."""


class Forbidden(StatusError):
    """403: this deployment of the TTP does not offer it, or does not allow it in the state it is in."""


class NotFound(StatusError, LookupError):
    """404: there is nothing of that id, or nothing there yet."""


class Conflict(StatusError):
    """409: what the call was about was changed meanwhile, or since it was trained; the message says what to do."""


class Rejected(StatusError, ValueError):
    """417: the TTP refuses what was sent; the message says which field and why."""


class ServerFailure(StatusError):
    """5xx: the TTP failed. A real TTP also answers so to much that it should have refused."""


_CLASSES: dict[int, type[StatusError]] = {400: BadRequest, 403: Forbidden, 404: NotFound, 409: Conflict, 417: Rejected}


def status_error(operation: str, status: int, message: str, ids: Mapping[str, str], body: str) -> StatusError:
    """The error for an answer, by its status.

    Args:
        operation: What was called, `projects.read` for example.
        status: The HTTP status, any that is not a success.
        message: What the TTP said; may be empty.
        ids: The ids of the call.
        body: The answer in full, as text. An HTML page gives the message when there is none.

    Returns:
        An instance of the subclass of `StatusError` for the status, or of `StatusError` itself.
    """
    kind = _CLASSES.get(status, ServerFailure if status >= 500 else StatusError)
    return kind(operation, status, message or _text_of(body) or "The TTP gave no reason.", ids, body)


def with_more(error: SynergosError, more: str) -> SynergosError:
    """An error that says more.

    Args:
        error: The error.
        more: What it is to say after what it says already.

    Returns:
        An error of the same class, with the same attributes.
    """
    if isinstance(error, StatusError):
        advice = f"{error.advice} {more}".strip()
        return type(error)(error.operation, error.status, error.message, error.ids, error.body, advice)
    if isinstance(error, Unreadable):
        return Unreadable(f"{error.message} {more}", error.body)
    return type(error)(f"{error} {more}")


def _text_of(body: str) -> str:
    """What a page says to its reader. One look at each character, and not at all of them, for a page may be a trap."""
    first, *parts = body[:_PAGE_READ].split("<")
    texts, hidden = [first], ""
    for part in parts:
        tag, is_tag, text = part.partition(">")
        name = tag[:_TAG_READ].partition(" ")[0].strip().lower()
        if hidden:
            hidden = "" if name == f"/{hidden}" else hidden
        elif name in ("head", "style", "script") and is_tag:
            hidden = name
        if not hidden:
            texts.append(text if is_tag else f"<{part}")
    return " ".join(" ".join(texts).split())
