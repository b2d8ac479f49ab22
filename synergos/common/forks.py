"""What a process that was forked must not share with the one it comes from.

A fork copies everything and runs one thread: connections are then shared, so that answers reach the wrong process, and
locks that another thread held are held for ever. What has any of these makes them anew in the new process.
"""

import contextlib
import functools
import os
import threading
import weakref
from typing import Protocol, TypeVar


class Renewable(Protocol):
    """Something that holds locks, connections or open files."""

    def renew(self) -> None:
        """Make them anew, without waiting for any of the old ones: who held them is not in this process."""


T = TypeVar("T")

_kinds: list[type] = []
_living: "weakref.WeakSet[Renewable]" = weakref.WeakSet()


def renew_after_fork(thing: Renewable) -> None:
    """Have something renewed in every process that is forked from here on, for as long as it lives.

    Args:
        thing: What holds locks, connections or open files.
    """
    _living.add(thing)


def renew_cached_properties(kind: type[T]) -> type[T]:
    """Have nobody at the cached properties of a class in a forked process: Python 3.11 locks them for all its objects.

    Args:
        kind: The class.

    Returns:
        The class.
    """
    _kinds.append(kind)
    return kind


def _renew_all() -> None:
    for thing in list(_living):
        # One that cannot be renewed must not keep the others from it; a fork prints and ignores what is raised here.
        with contextlib.suppress(OSError):
            thing.renew()
    for kind in _kinds:
        for part in vars(kind).values():
            if isinstance(part, functools.cached_property) and hasattr(part, "lock"):
                part.lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
