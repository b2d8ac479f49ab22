"""What of Flower's own insides the two ends of a grid use, and nothing else does.

Flower's processes are started with ``--isolation process``: they keep messages, and whoever shows their secret takes
tasks from them and does the work. So whose work is done is decided here, and never by the app that a run brings.
``tests/machines/test_flower.py`` names each of these internals, for Flower moves them from release to release.
"""

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Flower reads these when it is imported.
os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("FLWR_DISABLE_UPDATE_CHECK", "1")
os.environ.setdefault("FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION", "1")
# A proxy is for what is elsewhere; what Flower's processes say to each other stays on this machine.
os.environ["NO_PROXY"] = ",".join(
    filter(None, (os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), "127.0.0.1", "localhost", "::1"))
)
os.environ["no_proxy"] = os.environ["NO_PROXY"]

import httpx
from flwr.app import Context, Message
from flwr.common.constant import SubStatus
from flwr.common.serde import run_from_proto
from flwr.proto.fleet_pb2 import ActivateNodeResponse, DeactivateNodeRequest
from flwr.proto.runtime_pb2 import AcquireTaskRequest, PullTaskInputRequest, SendTaskHeartbeatRequest
from flwr.supercore.constant import TaskType
from flwr.supercore.interceptors import (
    RuntimeTokenHttpInterceptor,
    RuntimeVersionHttpInterceptor,
    SuperExecAuthHttpInterceptor,
)
from flwr.supercore.runtime import RuntimeHttpClient
from flwr.supercore.task_identity import TaskIdentity
from flwr.superlink.grid import HttpGrid
from flwr.supernode.runtime.run_clientapp import pull_task_input, push_message, push_task_output

from synergos.machines.keys import write_secret

__all__ = ["Failures", "HttpGrid", "Runtime", "TaskType", "deactivation", "free_port", "make_secret"]

# What Flower fails with when a process of its own does not answer, or no longer knows who asks.
Failures = (httpx.HTTPError, OSError, ValueError, RuntimeError)
_ACQUIRE = "/flwr.proto.Runtime/AcquireTask"
# Flower takes a task for lost when it hears nothing of it for 60 seconds, and at first for 30.
_HEARTBEAT = 10.0


@dataclass(frozen=True)
class Runtime:
    """Where one of Flower's processes hands out its tasks.

    Attributes:
        port: Its port on this machine.
        secret: The secret that it was started with.
        ca: The certificate by which it is known; ``None`` when it speaks no TLS.
    """

    port: int
    secret: bytes
    ca: bytes | None = None

    @property
    def address(self) -> str:
        """Its address."""
        return f"127.0.0.1:{self.port}"

    @contextmanager
    def seeker(self) -> Iterator[Callable[[TaskType], str | None]]:
        """Look for tasks.

        Returns:
            What gives the token of the next task of a kind, or None when there is none.
        """
        auth = SuperExecAuthHttpInterceptor(master_secret=self.secret, protected_methods={_ACQUIRE})
        client = self._client(RuntimeVersionHttpInterceptor(component_name="SuperExec"), auth)

        def seek(kind: TaskType) -> str | None:
            return client.AcquireTask(AcquireTaskRequest(supported_task_types=[kind])).token or None

        try:
            yield seek
        finally:
            client.close()

    def answer(self, token: str, handle: Callable[[Message, Context], Message]) -> None:
        """Do a participant's task: take its message, and send what is made of it.

        Args:
            token: The task's.
            handle: Makes the reply. The app that came with the message is neither unpacked nor run.
        """
        client = self._client(
            RuntimeVersionHttpInterceptor(component_name="flwr-clientapp"), RuntimeTokenHttpInterceptor(token)
        )
        try:
            with _alive(client):
                message, context, _, _ = pull_task_input(client)
                push_message(client, handle(message, context), context)
            push_task_output(client, context, SubStatus.COMPLETED, "")
        finally:
            client.close()

    @contextmanager
    def grid(self, token: str) -> Iterator[HttpGrid]:
        """Take over a server's task: for as long as it lasts, its grid sends messages to the nodes.

        Args:
            token: The task's.
        """
        grid = HttpGrid(runtime_api_address=self.address, root_certificates=self.ca, insecure=not self.ca, token=token)
        # Whether it is worth asking again is for the TTP to say.
        grid._retry_invoker.max_tries = 1
        client = grid._runtime_client
        try:
            with _alive(client):
                given = client.PullTaskInput(PullTaskInputRequest())
                TaskIdentity.task_id = given.task_id
                TaskIdentity.run_id = given.run.run_id
                TaskIdentity.node_id = given.context.node_id
                grid.set_run(run_from_proto(given.run))
                yield grid
        finally:
            grid.close()

    def _client(self, *interceptors: object) -> RuntimeHttpClient:
        return RuntimeHttpClient.from_server_address(
            server_address=self.address,
            insecure=self.ca is None,
            root_certificates=self.ca,
            interceptors=interceptors,  # type: ignore[arg-type]
        )


@contextmanager
def _alive(client: RuntimeHttpClient) -> Iterator[None]:
    """Say again and again that a task is being done. Whoever does not hear it is found out by the work itself."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(_HEARTBEAT):
            try:
                client.SendTaskHeartbeat(SendTaskHeartbeatRequest())
            except Failures:
                continue

    thread = threading.Thread(target=beat, name="synergos-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def deactivation(activated: bytes) -> bytes:
    """Write the request that takes back what a SuperNode was answered when it was let in."""
    node_id = ActivateNodeResponse.FromString(activated).node_id
    request: bytes = DeactivateNodeRequest(node_id=node_id).SerializeToString()
    return request


def make_secret(path: Path) -> bytes:
    """Make the secret by which tasks are taken, and write it for Flower's process to read."""
    secret = secrets.token_bytes(32)
    write_secret(path, secret)
    return secret


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
