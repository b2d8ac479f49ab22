"""The sandbox as a server on this machine, in a thread of its own."""

import contextlib
import errno
import importlib.resources
import re
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from synergos.errors import InvalidArgument
from synergos.learning.network import warm_up
from synergos.sandbox import pauses
from synergos.sandbox.parties import LocalParties
from synergos.ttp.app import Hands, Overlaps, make_app
from synergos.ttp.grid import Grid
from synergos.ttp.guard import Guard
from synergos.ttp.store import Store
from synergos.ttp.work import Progress


class Sandbox:
    """A TTP with its participants on this machine. It trains for real and makes no connection to anywhere.

    While one runs, threads of the process take shorter turns (`sys.setswitchinterval`), and the garbage collector
    leaves alone what there was when it started (`gc.freeze`), so that reads are not held up. Then both are as before.

    Example:
        >>> with Sandbox() as ttp:
        ...     driver = Driver(ttp.host, ttp.port)
        ...     driver.projects.read_all()["data"]
        []
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        data: str | Path | None = None,
        store: str | Path | None = None,
        cluster: bool = False,
        fragile: bool = False,
        token: str | None = None,
        certificate: str | Path | None = None,
        key: str | Path | None = None,
        on_round: Callable[[Progress], None] | None = None,
    ) -> None:
        """Say where to listen and what to work with. `start()` or a `with` statement starts it.

        Args:
            host: The address to listen on. Beyond this machine, anyone who reaches it can use the sandbox, unless it
                has a `token`. No web page can: the header `Host` must be this machine's, or `host`.
            port: The port to listen on; 0 takes a free one.
            data: The folder in which participants' data are found by their tags: first below the participant's id, then
                in what is shared. None takes the penguins that come with the package.
            store: The SQLite file that keeps the records, with models and results in a folder beside it. None keeps
                both until the sandbox stops.
            cluster: Whether to answer as a TTP of the generation v8 that is deployed as a cluster: what phases 2 and 3
                are asked for in a collaboration is queued and answered at once with no records, which come later, and
                a collaboration needs a message queue (`mq`).
            fragile: Whether to pass for a real TTP, which requests at the same time spoil: `overlaps` counts them, and
                drivers are not told that it is the sandbox.
            token: What every request must show as `Authorization: Bearer TOKEN`, as `Driver(token=...)` does. None asks
                for nothing.
            certificate: The PEM file with the certificate to speak TLS with. None speaks none.
            key: The PEM file with the certificate's key, when that is not in the same file.
            on_round: Called in the training's thread after each round.

        Raises:
            InvalidArgument: When the token is empty or cannot be sent, or there is a key and no certificate.
            NotADirectoryError: When `data` is not a folder.
        """
        self.host = host
        self.port = port
        self.data = Path(data).resolve() if data is not None else demo_data()
        if not self.data.is_dir():
            raise NotADirectoryError(f"data={str(data)!r} is not a folder: name one that holds participants' data.")
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
        self._cleanup = contextlib.ExitStack()

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
            listener = started.enter_context(_listen(self.host, self.port))
            started.enter_context(pauses.kept_short())
            if self._temporary:
                folder = tempfile.mkdtemp(prefix="synergos-sandbox-")
                started.callback(shutil.rmtree, folder, ignore_errors=True)
                self.store = Path(folder) / "store.sqlite"
            self.store.parent.mkdir(parents=True, exist_ok=True)
            store = started.enter_context(Store(self.store))
            worker = started.enter_context(ThreadPoolExecutor(1, "synergos-sandbox-training"))
            queue = worker if self._cluster else None
            grid = Grid(
                store, LocalParties(self.data, self.outputs), self.outputs, queue=queue, on_round=self._on_round
            )
            worker.submit(pauses.load, warm_up)
            self._serve(grid, worker, listener, started)
            # First of all that stops, so that a request that waits for a training is still answered.
            started.callback(grid.stop)
            self.port = listener.getsockname()[1]
            self._cleanup = started.pop_all()
        return self

    def stop(self) -> None:
        """Stop listening, call off what is being trained, and remove what was kept only until now."""
        self._cleanup.close()

    def _serve(
        self, grid: Grid, worker: ThreadPoolExecutor, listener: socket.socket, started: contextlib.ExitStack
    ) -> None:
        hands = Hands()
        started.callback(hands.stop)
        config = uvicorn.Config(
            Guard(make_app(grid, worker, hands, self._overlaps), host=self.host, token=self._token),
            ssl_certfile=self._certificate,
            ssl_keyfile=self._key,
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        try:
            config.load()
        except OSError as error:
            raise OSError(f"The sandbox cannot use the certificate {self._certificate}: {error}.") from error
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="synergos-sandbox", daemon=True
        )
        thread.start()

        def stop() -> None:
            server.should_exit = True
            thread.join()

        started.callback(stop)
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("The sandbox did not start: its log says why.")
            time.sleep(0.005)


def demo_data() -> Path:
    """The folder of the data that come with the package."""
    return Path(str(importlib.resources.files("synergos.sandbox"))) / "demo"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        # `create_server` adds the address, which is named already.
        reason = str((isinstance(error, OSError) and error.strerror) or error).partition(" (while")[0]
        text = f"The sandbox cannot listen on {host} port {port}: {reason}. Port 0 takes a free one."
        raise OSError(error.errno if isinstance(error, OSError) else errno.EINVAL, text) from error
