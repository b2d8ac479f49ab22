"""One request at a time: what a real TTP needs of its clients.

Two writers at once spoil its database for good, and two readers get each other's answers. So all drivers of a process
take turns at an address: short requests follow each other, and while the TTP trains or evaluates, reads pass and writes
wait. A TTP that can take requests at the same time says so in its answers, and the turns end.
"""

import contextlib
import logging
import threading
import weakref
from collections.abc import Iterator

from synergos.http import URL
from synergos.http.address import one_spelling

SIGNAL = "synergos-sandbox"

logger = logging.getLogger("synergos")


class Gate:
    """The turns at one address."""

    def __init__(self) -> None:
        self.is_open = False
        """Whether the TTP takes requests at the same time."""
        self._short = threading.Lock()
        self._writing = threading.Lock()
        self._writer = ""

    @contextlib.contextmanager
    def read(self) -> Iterator[None]:
        """A turn for a short request that changes nothing."""
        with contextlib.nullcontext() if self.is_open else self._short:
            yield

    @contextlib.contextmanager
    def write(self, operation: str) -> Iterator[None]:
        """A turn for a short request that changes something: nothing else writes meanwhile, and nothing reads.

        Args:
            operation: The verb, `projects.create` for example, for who has to wait.
        """
        with self.work(operation), self.read():
            yield

    @contextlib.contextmanager
    def work(self, operation: str) -> Iterator[None]:
        """A turn for a request that trains or evaluates: nothing else writes meanwhile.

        Args:
            operation: The verb, `models.create` for example, for who has to wait.
        """
        if self.is_open:
            yield
            return
        if not self._writing.acquire(timeout=1):
            logger.info("[%s] waits until [%s] is done: a TTP takes one change at a time", operation, self._writer)
            self._writing.acquire()
        try:
            self._writer = operation
            yield
        finally:
            self._writing.release()


_gates: "weakref.WeakValueDictionary[tuple[str, int | None, str], Gate]" = weakref.WeakValueDictionary()
_gates_lock = threading.Lock()


def gate_of(url: URL) -> Gate:
    """The turns at the address of a TTP, the same for all drivers of the process.

    Args:
        url: Where the TTP is.

    Returns:
        Its gate.
    """
    address = (one_spelling(url.host), url.port, url.path)
    with _gates_lock:
        gate = _gates.get(address)
        if gate is None:
            gate = _gates[address] = Gate()
        return gate
