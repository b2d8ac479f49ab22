"""The sandbox as a server on this machine, in a thread of its own."""

import contextlib
import importlib.resources
from collections.abc import Callable
from pathlib import Path

from synergos.common.checks import Id, check
from synergos.sandbox.parties import LocalParties
from synergos.ttp.failures import Failures, Method
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
        self._lost: set[str] = set()
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
        self._failures = self._on_demand = Failures()

    def __repr__(self) -> str:
        return f"<Sandbox at {self.url}>" if self.port else "<Sandbox that listens nowhere yet>"

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped since."""
        return self._forget is not None

    def reset(self) -> None:
        """Be as it was when it started, in milliseconds: no records, no files, no jobs, nothing that fails.

        What is being trained is called off, and what cannot be is waited for. Also what a `store` keeps is deleted.

        Raises:
            RuntimeError: When it is not running.

        Example:
            >>> with Sandbox() as ttp, Driver(ttp.host, ttp.port) as driver:
            ...     _ = driver.projects.create(project_id="p", action="classify", incentives={})
            ...     ttp.reset()
            ...     driver.projects.read_all().data
            []
        """
        if self._forget is None:
            raise RuntimeError("The sandbox is not running: start it first.")
        self._on_demand.forget()
        self._forget()
        self._lost.clear()
        if self._overlaps is not None:
            self._overlaps.count = 0

    def fail_next(
        self,
        status: int = 500,
        *,
        method: Method | None = None,
        path: str | None = None,
        times: int = 1,
        message: str | None = None,
        page: bool | None = None,
        done: bool = False,
    ) -> None:
        """Have the next request fail, as it does at a real TTP. Failures are met in the order in which they are asked.

        Args:
            status: The status of the answer: 400 to 599, or 200 with `page`.
            method: "POST" for example: only requests with this method. None for any.
            path: Part of the path, "/models/" for example: only requests that have it in theirs. None for any but the
                sandbox's own routes, which no real TTP has: `/ttp/sandbox/...`.
            times: How many of these requests fail.
            message: What the TTP says; None for the name of the status, which is all that real ones say of a 500.
            page: Whether the answer is a page of HTML, as of a gateway before the TTP. None has 502, 503 and 504
                answered by one.
            done: Whether the TTP does what it is asked, and only the answer is lost.

        Raises:
            InvalidArgument: When one of them cannot be.

        Example:
            >>> with Sandbox() as ttp, Driver(ttp.host, ttp.port) as driver:
            ...     ttp.fail_next(500, method="POST", path="/projects/")
            ...     try:
            ...         driver.projects.create(project_id="p", action="classify", incentives={})
            ...     except synergos.ServerFailure as error:
            ...         print(error.status, error.message)
            500 Internal Server Error
        """
        self._on_demand.ask(status, method=method, path=path, times=times, message=message, page=page, done=done)

    @property
    def unmet(self) -> list[str]:
        """The failures of `fail_next` that no request has met yet."""
        return self._on_demand.unmet()

    def lose_worker(self, participant_id: str) -> None:
        """Have a participant be unreachable, from now on and in what is being trained: its worker is down.

        What needs it in phases 2 and 3 fails with a 500 that says no more, as at a real TTP; phase 1 goes on.

        Args:
            participant_id: The participant. It need not be there yet.

        Raises:
            InvalidArgument: When no participant can have this id.
        """
        self._lost.add(check("lose_worker", "participant_id", participant_id, Id))

    def restore_worker(self, participant_id: str) -> None:
        """Have a participant be reachable that was lost.

        Args:
            participant_id: The participant.
        """
        self._lost.discard(participant_id)

    def slow(self, seconds: float) -> None:
        """Have every answer come later. What is asked for is done at once.

        Args:
            seconds: How much later, at most a day; 0 ends it, also for answers that are held up.

        Raises:
            InvalidArgument: When it is not a number from 0 to a day.

        Example:
            >>> with Sandbox() as ttp, Driver(ttp.host, ttp.port, timeout=0.2) as driver:
            ...     ttp.slow(30)
            ...     try:
            ...         driver.projects.read_all()
            ...     except synergos.TimedOut:
            ...         print("It is too slow.")
            It is too slow.
        """
        self._on_demand.slow(seconds)

    def _parties(self, started: contextlib.ExitStack) -> LocalParties:
        return LocalParties(self.data, self.outputs, self._lost)


def demo_data() -> Path:
    """The folder of the data that come with the package."""
    return Path(str(importlib.resources.files("synergos.sandbox"))) / "demo"
