"""A TTP as a server, in a thread of its own."""

import contextlib
import errno
import re
import shutil
import socket
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from synergos.errors import InvalidArgument
from synergos.learning.network import warm_up
from synergos.ttp import page, pauses
from synergos.ttp.app import Hands, Overlaps, make_app
from synergos.ttp.failures import Failures
from synergos.ttp.grid import Grid
from synergos.ttp.guard import Guard
from synergos.ttp.parties import Parties
from synergos.ttp.store import Store
from synergos.ttp.work import Progress


class Server(ABC):
    """A TTP that answers over HTTP. Which participants it has, a class below says.

    While one runs, threads of the process take shorter turns (`sys.setswitchinterval`), and the garbage collector
    leaves alone what there was when it started (`gc.freeze`), so that reads are not held up. Then both are as before.
    """

    kind = "TTP"

    def __init__(
        self,
        host: str,
        port: int,
        *,
        store: str | Path | None,
        cluster: bool = False,
        fragile: bool = False,
        token: str | None = None,
        certificate: str | Path | None = None,
        key: str | Path | None = None,
        on_round: Callable[[Progress], None] | None = None,
    ) -> None:
        """Say where to listen and what to work with; the arguments are those of the sandbox."""
        self.host = host
        self.port = port
        if token is not None and not re.fullmatch(r"[!-~]+", token):
            raise InvalidArgument("token: it must be a text of ASCII characters without spaces or line ends.")
        if key is not None and certificate is None:
            raise InvalidArgument("key: there is no certificate that it belongs to; give `certificate` too.")
        self._token = token
        self._certificate = certificate
        self._key = key
        self._temporary = store is None
        self.store = Path(store).resolve() if store is not None else Path()
        self._cluster = cluster
        self._overlaps = Overlaps() if fragile else None
        self._on_round = on_round
        self._failures: Failures | None = None
        self._forget: Callable[[], None] | None = None
        self._cleanup = contextlib.ExitStack()

    @abstractmethod
    def _parties(self, started: contextlib.ExitStack) -> Parties:
        """The participants, when the store is open; what has to end with the server is put on the stack."""

    @property
    def outputs(self) -> Path:
        """The folder that models and results are written to."""
        return self.store.with_name(f"{self.store.name}.outputs")

    @property
    def overlaps(self) -> int:
        """How many requests came at a time at which they would have spoiled a real TTP; 0 unless it is fragile."""
        return self._overlaps.count if self._overlaps else 0

    @property
    def url(self) -> str:
        """The address to call it at, `http://127.0.0.1:5000` for example."""
        scheme = "http" if self._certificate is None else "https"
        return f"{scheme}://{f'[{self.reachable}]' if ':' in self.reachable else self.reachable}:{self.port}"

    @property
    def reachable(self) -> str:
        """The host to call it at from this machine: `host`, unless that stands for all addresses."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Listen, and return when requests are answered.

        Returns:
            The sandbox; `port` is now the port that it listens on.

        Raises:
            OSError: When the port is taken, or the address is not this machine's.
            StoreInUse: When another sandbox uses the store.
        """
        with contextlib.ExitStack() as started:
            listener = started.enter_context(listen(self.host, self.port, self.kind))
            started.enter_context(pauses.kept_short())
            if self._temporary:
                folder = tempfile.mkdtemp(prefix="synergos-sandbox-")
                started.callback(shutil.rmtree, folder, ignore_errors=True)
                self.store = Path(folder) / "store.sqlite"
            self.store.parent.mkdir(parents=True, exist_ok=True)
            store = started.enter_context(Store(self.store))
            worker = started.enter_context(ThreadPoolExecutor(1, "synergos-sandbox-training"))
            queue = worker if self._cluster else None
            grid = Grid(store, self._parties(started), self.outputs, queue=queue, on_round=self._on_round)
            worker.submit(pauses.load, warm_up)
            hands = Hands()
            started.callback(hands.stop)
            app = make_app(grid, worker, hands, self._overlaps, self._failures)
            guarded = Guard(app, host=self.host, token=self._token, public=[page.PATH])
            serve(guarded, listener, started, name=self.kind, certificate=self._certificate, key=self._key)
            # First of all that stops, so that a request that waits for a training is still answered.
            started.callback(grid.stop)
            self.port = listener.getsockname()[1]

            def settle() -> None:
                worker.submit(lambda: None).result()
                hands.settle()

            self._forget = lambda: grid.reset(settle)
            self._cleanup = started.pop_all()
        return self

    def stop(self) -> None:
        """Stop listening, call off what is being trained, and remove what was kept only until now."""
        self._forget = None
        self._cleanup.close()


def serve(
    app: ASGIApp,
    listener: socket.socket,
    started: contextlib.ExitStack,
    *,
    name: str,
    certificate: str | Path | None = None,
    key: str | Path | None = None,
    is_door: bool = False,
) -> None:
    """Answer requests in a thread, from now until the stack is left.

    Args:
        app: What answers.
        listener: Where to listen.
        started: What ends it.
        name: What it is, for messages.
        certificate: The PEM file with the certificate to speak TLS with. None speaks none.
        key: The PEM file with the certificate's key, when that is not in the same file.
        is_door: Whether strangers may come here. Then headers are at most 64 KB, and Python itself accepts connections.

    Raises:
        OSError: When the certificate cannot be used.
    """
    config = uvicorn.Config(
        app,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        http="h11" if is_door else "auto",
        loop="asyncio" if is_door else "auto",
    )
    try:
        config.load()
    except OSError as error:
        raise OSError(f"The {name} cannot use the certificate {certificate}: {error}.") from error
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name=f"synergos-{name}", daemon=True)
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join()

    started.callback(stop)
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError(f"The {name} did not start: its log says why.")
        time.sleep(0.005)


def listen(host: str, port: int, name: str) -> socket.socket:
    """Listen on an address.

    Args:
        host: The address.
        port: The port; 0 takes a free one.
        name: What listens, for messages.

    Raises:
        OSError: When the port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        # `create_server` adds the address, which is named already.
        reason = str((isinstance(error, OSError) and error.strerror) or error).partition(" (while")[0]
        text = f"The {name} cannot listen on {host} port {port}: {reason}. Port 0 takes a free one."
        raise OSError(error.errno if isinstance(error, OSError) else errno.EINVAL, text) from error
