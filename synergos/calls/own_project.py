"""A project of one's own on a sandbox, to train in, of which nothing is left in the end."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from synergos.calls.restore import Call
from synergos.errors import NotFound, SynergosError
from synergos.reply import Reply
from synergos.work.job import Job

T = TypeVar("T")


class Body(NamedTuple):
    """What is sent."""

    fields: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Make a JSON object of it."""
        return dict(self.fields)


@contextlib.contextmanager
def own_project(call: Call, ids: Mapping[str, str], action: object, *, keep: bool = False) -> Iterator[None]:
    """Make a project, and delete it in the end with all that was made in it, also after an error or Ctrl-C.

    An error of a project that cannot be deleted, or is kept, says that it is left.

    Args:
        call: What it is made for.
        ids: The ids of the project, which is not there yet.
        action: What it is to learn.
        keep: Whether to leave it.
    """
    collab = {name: value for name, value in ids.items() if name == "collab_id"}
    made = {"project_id": ids["project_id"], "action": action, "incentives": {}}
    try:
        call.send("projects", "create", {**collab, "project_id": ids["project_id"]}, Body(made))
        yield
    except BaseException as error:
        if keep:
            error.add_note(f"The project {ids['project_id']!r} is kept on the TTP.")
        else:
            _delete_after(error, call, ids)
        raise
    if not keep:
        call.send("projects", "delete", ids)


def done(job: Job[T], timeout: float | None, title: str) -> Reply[T]:
    """Wait for work, and call it off when it is not waited for any more."""
    try:
        return job.result(timeout, title=title)
    except BaseException:
        with contextlib.suppress(SynergosError):
            job.cancel()
        raise


def _delete_after(error: BaseException, call: Call, ids: Mapping[str, str]) -> None:
    try:
        call.send("projects", "delete", ids)
    except NotFound:
        return
    except BaseException as second:
        error.add_note(f"The project {ids['project_id']!r} is left on the TTP, and is to be deleted.")
        if not isinstance(second, SynergosError):
            raise error from second
