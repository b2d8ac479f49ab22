"""One request at a time: what a real TTP needs of its clients.

Two writers at once spoil its database for good, and two readers get each other's answers. So all drivers of a user on
one machine, in whatever process, take turns at an address: short requests follow each other, and while the TTP trains
or evaluates, reads pass and writes wait. A TTP that can take requests at the same time says so in its answers, and the
turns end.
"""

import contextlib
import logging
import math
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from synergos.common.forks import renew_after_fork
from synergos.errors import Busy, SynergosError, Unreachable
from synergos.http import URL
from synergos.http.address import one_spelling
from synergos.http.lockfile import VARIABLE, FileLock, Holder, lock_folder, lock_name

# When the log first tells of waiting, in seconds, and when it first warns; then each time twice as much has passed.
_FIRST_WORD, _FIRST_WARNING = 1.0, 10.0
# How often who waits looks whether its driver was closed.
_LOOK = 0.1
# Seconds between two tries for what another process has: at first, as part of what was waited for already, at most.
_PAUSES = (0.0005, 0.1, 0.05)

logger = logging.getLogger("synergos")


class Waiter(Protocol):
    """Who takes turns."""

    @property
    def turn_timeout(self) -> float | None:
        """Seconds to wait for a turn; None for as long as it takes."""

    @property
    def is_closed(self) -> bool:
        """Whether it waits no longer."""


class Gate:
    """The turns at one address."""

    def __init__(self, files: Path | None = None) -> None:
        """Open the gate.

        Args:
            files: How the files begin by which processes take turns; None when only those of this process do.
        """
        self.is_open = False
        """Whether the TTP takes requests at the same time."""
        self._files = files
        self._short, self._long = _Turn(files, "turn"), _Turn(files, "work")
        renew_after_fork(self)

    def renew(self) -> None:
        """Forget who had a turn: after a fork it is not in this process."""
        for turn in (self._short, self._long):
            turn.drop()
        self._short, self._long = _Turn(self._files, "turn"), _Turn(self._files, "work")

    def read(self, operation: str, waiter: Waiter) -> contextlib.AbstractContextManager[None]:
        """A turn for a short request that changes nothing.

        Args:
            operation: The verb, `projects.read` for example, for who has to wait.
            waiter: Who takes the turn.

        Raises:
            Busy: When it takes too long.
            Unreachable: When the waiter is closed meanwhile.
        """
        return contextlib.nullcontext() if self.is_open else self._short.taken(operation, waiter)

    @contextlib.contextmanager
    def write(self, operation: str, waiter: Waiter) -> Iterator[None]:
        """As `read`, for a short request that changes something: nothing else writes meanwhile, and nothing reads."""
        with self.work(operation, waiter), self.read(operation, waiter):
            yield

    def work(self, operation: str, waiter: Waiter) -> contextlib.AbstractContextManager[None]:
        """As `read`, for a request that trains or evaluates: nothing else writes meanwhile."""
        return contextlib.nullcontext() if self.is_open else self._long.taken(operation, waiter)


class _Turn:
    """What one thread at a time has, over all processes."""

    def __init__(self, files: Path | None, kind: str) -> None:
        self._lock = threading.Lock()
        self._file = None if files is None else FileLock(files.with_name(f"{files.name}.{kind}"))
        self._holder: Holder | None = None

    def drop(self) -> None:
        """Let go of what is shared with the process that this one was forked from."""
        if self._file is not None:
            self._file.close()

    @contextlib.contextmanager
    def taken(self, operation: str, waiter: Waiter) -> Iterator[None]:
        """Have the turn."""
        if not self._lock.acquire(blocking=False):
            _wait(operation, waiter, lambda _: self._lock.acquire(timeout=_LOOK), lambda: self._holder)
        try:
            self._take_file(operation, waiter)
            self._holder = Holder(os.getpid(), time.time(), operation)
            yield
        finally:
            if self._file is not None:
                self._file.release()
            self._lock.release()

    def _take_file(self, operation: str, waiter: Waiter) -> None:
        file = self._file
        if file is None:
            return
        try:
            if not file.take(operation):
                _wait(operation, waiter, lambda waited: _is_taken_later(file, operation, waited), file.holder)
        except SynergosError:
            raise
        except OSError as error:
            _warn_of(error)
            self._file = None
        finally:
            file.leave()


def _is_taken_later(file: FileLock, operation: str, waited: float) -> bool:
    first, part, longest = _PAUSES
    time.sleep(min(first + part * waited, longest))
    return file.take(operation)


def _wait(
    operation: str, waiter: Waiter, is_taken: Callable[[float], bool], holder: Callable[[], Holder | None]
) -> None:
    """Try until it is taken, and say whose turn it is: once in a while in the log, and at the end in the error."""
    started = time.monotonic()
    limit = math.inf if waiter.turn_timeout is None else waiter.turn_timeout
    next_word = _FIRST_WORD
    while not is_taken(waited := time.monotonic() - started):
        if waiter.is_closed:
            raise Unreachable(f"[{operation}] This Driver was closed while it waited for its turn. Nothing was sent.")
        if waited >= limit:
            raise Busy(
                f"[{operation}] It was not its turn within {limit:g} s, for {_named(holder())} is not done, and a TTP "
                "takes one change at a time. Nothing was sent. If that hangs, close its driver or end its process. "
                "Driver(..., turn_timeout=...) says how long to wait."
            )
        if waited >= next_word:
            level = logging.INFO if waited < _FIRST_WARNING else logging.WARNING
            next_word = max(_FIRST_WARNING, 2 * waited)
            text = "[%s] waits until %s is done: a TTP takes one change at a time. It has waited for %.0f s."
            logger.log(level, text, operation, _named(holder()), waited)


def _named(holder: Holder | None) -> str:
    return "what another began" if holder is None else f"[{holder.operation}], {holder},"


def _warn_of(error: OSError) -> None:
    logger.warning(
        "Drivers of other processes are not waited for, for there can be no lock file (%s). The environment variable "
        "%s names a folder for them; %s=off says that none are needed.",
        error,
        VARIABLE,
        VARIABLE,
    )


class _Gates:
    """The gates of this process, each as long as a driver has it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gates: weakref.WeakValueDictionary[tuple[str, int | None, str, bool], Gate] = (
            weakref.WeakValueDictionary()
        )
        renew_after_fork(self)

    def renew(self) -> None:
        self._lock = threading.Lock()

    def at(self, host: str, port: int | None, path: str, *, is_local: bool) -> Gate:
        with self._lock:
            gate = self._gates.get((host, port, path, is_local))
            if gate is None:
                files = None if is_local else _files(lock_name(host, port, path))
                gate = self._gates[host, port, path, is_local] = Gate(files)
            return gate


_gates = _Gates()


def gate_of(url: URL, *, is_local: bool = False) -> Gate:
    """The turns at the address of a TTP, the same for all drivers of a user on this machine.

    Args:
        url: Where the TTP is.
        is_local: Whether it is within this process, so that no other can reach it.

    Returns:
        Its gate.

    Raises:
        InvalidArgument: When the environment variable `SYNERGOS_LOCK` cannot be used.
    """
    return _gates.at(one_spelling(url.host), url.port, url.path.rstrip("/"), is_local=is_local)


def _files(name: str) -> Path | None:
    try:
        folder = lock_folder()
    except OSError as error:
        _warn_of(error)
        return None
    return None if folder is None else folder / name
