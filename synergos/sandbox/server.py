"""The sandbox as a server on this machine, in a thread of its own."""

import contextlib
import importlib.resources
from collections.abc import Callable
from pathlib import Path

from synergos.sandbox.parties import LocalParties
from synergos.ttp.server import Server
from synergos.ttp.work import Progress


class Sandbox(Server):
    """A TTP with its participants on this machine. It trains for real and makes no connection to anywhere.

    While one runs, threads of the process take shorter turns (`sys.setswitchinterval`), and the garbage collector
    leaves alone what there was when it started (`gc.freeze`), so that reads are not held up. Then both are as before.

    Example:
        >>> with Sandbox() as ttp:
        ...     driver = Driver(ttp.host, ttp.port)
        ...     driver.projects.read_all()["data"]
        []
    """

    kind = "sandbox"

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
        self.data = Path(data).resolve() if data is not None else demo_data()
        if not self.data.is_dir():
            raise NotADirectoryError(f"data={str(data)!r} is not a folder: name one that holds participants' data.")
        super().__init__(
            host,
            port,
            store=store,
            cluster=cluster,
            fragile=fragile,
            token=token,
            certificate=certificate,
            key=key,
            on_round=on_round,
        )

    def __repr__(self) -> str:
        return f"<Sandbox at {self.url}>" if self.port else "<Sandbox that listens nowhere yet>"

    def _parties(self, started: contextlib.ExitStack) -> LocalParties:
        return LocalParties(self.data, self.outputs)


def demo_data() -> Path:
    """The folder of the data that come with the package."""
    return Path(str(importlib.resources.files("synergos.sandbox"))) / "demo"
