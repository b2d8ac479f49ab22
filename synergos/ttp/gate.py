"""Who may stay connected to the door: those who have shown whose key they hold, and a few strangers for a short while.

Whoever connects and says nothing, or says it slowly, costs a connection. So strangers have some seconds to show a key,
from the moment at which they connect, whatever they do meanwhile: shake hands, send headers, send nothing. When too
many of them wait, the one that has waited longest goes. Participants are not kept out by them.
"""

import asyncio
import contextlib
import socket
from typing import Any

MOST_STRANGERS = 200
SECONDS = 20.0
# A SuperNode has up to five at a time.
MOST_OF_ONE = 16

Address = tuple[str, int]


class Gate(socket.socket):
    """A socket that listens, and keeps count of who is connected by it. For one event loop of asyncio.

    Args:
        listener: The socket that listens; it is taken over.
        most: How many strangers may be connected at a time.
        seconds: How long a stranger may be.
    """

    def __init__(self, listener: socket.socket, most: int = MOST_STRANGERS, seconds: float = SECONDS) -> None:
        super().__init__(listener.family, listener.type, listener.proto, fileno=listener.detach())
        self._most, self._seconds = most, seconds
        self._strangers: dict[Address, _Visitor] = {}
        self._guests: dict[Address, bytes] = {}

    def accept(self) -> tuple[socket.socket, Any]:
        """Let somebody in, as a stranger."""
        taken, peer = super().accept()
        visitor = _Visitor(taken, self)
        if len(self._strangers) >= self._most:
            self._turn_away(next(iter(self._strangers)))
        self._strangers[visitor.address] = visitor
        asyncio.get_running_loop().call_later(self._seconds, self._turn_away, visitor.address, visitor)
        return visitor, peer

    def welcome(self, address: Address, key: bytes) -> bool:
        """Have somebody stay who holds a key.

        Returns:
            Whether that is so: not when too many of the same key are here.
        """
        if self._guests.get(address) == key:
            return True
        if list(self._guests.values()).count(key) >= MOST_OF_ONE:
            return False
        if self._strangers.pop(address, None):
            self._guests[address] = key
        return True

    def left(self, address: Address) -> None:
        """Hear that a connection is closed."""
        self._strangers.pop(address, None)
        self._guests.pop(address, None)

    def _turn_away(self, address: Address, visitor: "_Visitor | None" = None) -> None:
        if visitor is None or self._strangers.get(address) is visitor:
            # Whoever serves it sees its end, and closes it.
            with contextlib.suppress(OSError):
                self._strangers.pop(address).shutdown(socket.SHUT_RDWR)


class _Visitor(socket.socket):
    """A connection that says when it is closed."""

    def __init__(self, taken: socket.socket, gate: Gate) -> None:
        super().__init__(taken.family, taken.type, taken.proto, fileno=taken.detach())
        self._gate = gate
        try:
            self.address: Address = self.getpeername()[:2]
        except OSError:
            self.address = "", self.fileno()

    def close(self) -> None:
        """Close it."""
        self._gate.left(self.address)
        super().close()
