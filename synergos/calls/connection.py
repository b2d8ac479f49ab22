"""The connection of a driver to its TTP."""

from collections.abc import Callable, Mapping
from typing import Any

from synergos.http import URL
from synergos.http.transport import Transport
from synergos.work.jobs import Jobs
from synergos.work.memory import Memory


class Connection:
    """What leads to one TTP, what was done over it, and the jobs that are under way there.

    Attributes:
        transport: What sends requests, each in its turn.
        memory: What was done and the TTP never tells.
        jobs: The jobs.
    """

    def __init__(self, transport: Transport, memory: Memory | None = None) -> None:
        """Make the connection; nothing is sent.

        Args:
            transport: What sends requests.
            memory: What was done before, over the connection that this one is a copy of.
        """
        self.transport = transport
        self.memory = memory or Memory()
        self.jobs = Jobs(transport, self.memory)

    def __reduce__(self) -> "tuple[Callable[[Transport, Memory], Connection], tuple[Transport, Memory]]":
        return type(self), (self.transport, self.memory)

    @property
    def url(self) -> URL:
        """Where the TTP is."""
        return self.transport.url

    @property
    def is_sandbox(self) -> bool:
        """Whether the TTP has said that it is the sandbox."""
        return self.transport.is_sandbox

    def send(self, operation: str, request: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
        """Send a short request and read its answer, as `Transport.send` does."""
        answer = self.transport.send(operation, request, ids)
        if request["method"] != "get":
            self.memory.wrote()
        return answer
