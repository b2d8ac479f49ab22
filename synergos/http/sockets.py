"""The open sockets of a client: who waits at one can be released, and a forked process can let go of them."""

import contextlib
import socket
import threading
import weakref
from collections.abc import Mapping
from typing import Any


class Sockets:
    """The sockets, as the HTTP library tells of them, whatever transport of it carries the requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._is_shut_down = False

    def keep(self, event: str, found: Mapping[str, Any]) -> None:
        """Take note of a socket, when the client tells of a connection that it has made or secured."""
        if event.endswith(("connect_tcp.complete", "connect_unix_socket.complete", "start_tls.complete")):
            opened = found["return_value"].get_extra_info("socket")
            if opened is not None:
                self.add(opened)

    def add(self, opened: socket.socket) -> None:
        """Take note of a socket."""
        with self._lock:
            self._open.add(opened)
        if self._is_shut_down:
            shut_down(opened)

    def shut_down(self) -> None:
        """End all connections, so that every wait for one ends."""
        self._is_shut_down = True
        with self._lock:
            for opened in self._open:
                shut_down(opened)

    def drop(self) -> None:
        """Close what a fork has copied. The process that it comes from keeps its connections."""
        for opened in list(self._open):
            opened.close()


def shut_down(opened: socket.socket | None) -> None:
    """End a connection, whoever reads from it."""
    if opened is not None:
        # Not as encrypted sockets do it, which pulls the encryption from under who reads.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(opened, socket.SHUT_RDWR)
