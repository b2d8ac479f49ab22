"""A participant on a machine of its own. It opens no port to anybody: it dials out to the TTP, and answers.

One process reads the data, trains and evaluates; it keeps torch and the data of a job ready between messages. Beside it
Flower's SuperNode fetches messages and delivers replies. What is done with a message is decided here: the app that a
run of Flower brings along is never unpacked, and no command of Flower's that could run it is ever started.
"""

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flwr.app import ConfigRecord, Context, Error, Message, RecordDict
from flwr.clientapp import ClientApp

from synergos.common.text import printable
from synergos.errors import InvalidArgument
from synergos.learning.errors import Rejected, SandboxError
from synergos.learning.messages import BUSY, STOP, WAIT, job_of
from synergos.learning.network import warm_up
from synergos.learning.party import Prepared
from synergos.learning.versions import versions
from synergos.machines.flower import Failures, Runtime, TaskType, free_port, make_secret
from synergos.machines.keys import public_of
from synergos.machines.processes import Child
from synergos.participant.client import client_app
from synergos.participant.discretion import reason
from synergos.participant.ledger import Ledger
from synergos.participant.outbox import Outbox
from synergos.participant.reading import Reader
from synergos.participant.worker import Worker

logger = logging.getLogger("synergos.sandbox")

# Who had a message lately is likely to get the next one soon.
_FIRST_LOOK, _LAST_LOOK = 0.08, 0.3
_LONGEST_PAUSE = 30.0
# What the TTP's SuperLink says to who comes back before it has noticed that the last connection is gone.
_STILL_OPEN = "could not be activated"
# What was read for a job is let go when nothing was asked for so long.
_KEEPS = 600.0
# Who is at work for longer says so, and can be told to stop.
_SAYS_SO_AFTER = 10.0
# What nobody waits for any more is not gone on with.
_GOES_ON_FOR = 120.0


@dataclass
class _Job:
    """What is kept for a job of the TTP between its messages."""

    app: ClientApp
    cancelled: threading.Event
    used: float
    work: "Future[RecordDict] | None" = None

    @property
    def is_at_work(self) -> bool:
        """Whether something is being done for it, or is done and was not told yet."""
        return self.work is not None

    @property
    def is_forgotten(self) -> bool:
        """Whether nobody has asked about it for so long that it is let go."""
        return time.monotonic() - self.used > (_GOES_ON_FOR if self.is_at_work else _KEEPS)


class Node:
    """A participant.

    Args:
        name: What the TTP knows it as.
        ttp: The TTP's address for participants, ``host:port``.
        data: The folder in which its data are found by their tags.
        key: The file of its private key.
        ca: The certificate of the CA by which the TTP is known.
        folder: Where it keeps what it predicts, its log of what it sent, and which data it trained with.

    Raises:
        InvalidArgument: The address, the key, the certificate or the data are not what they must be.
    """

    def __init__(self, name: str, ttp: str, data: Path, key: Path, ca: Path, folder: Path) -> None:
        host, _, port = ttp.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise InvalidArgument(f"ttp: {ttp!r} must be HOST:PORT, as the TTP prints it for participants.")
        if not data.is_dir():
            raise InvalidArgument(f"data: {data} is not a folder: name one that holds the participant's data.")
        if not ca.is_file():
            raise InvalidArgument(f"ca: {ca} is not a file: take the ca.crt that the TTP gave you.")
        self.name = name
        self.public = public_of(key)
        self._ttp, self._key, self._ca = ttp, key.resolve(), ca.resolve()
        self._data, self._folder = data.resolve(), folder.resolve()
        self._outbox = Outbox(self._folder / "sent.jsonl")
        self._ledger = Ledger(self._folder / "data.jsonl")
        self._jobs: dict[str, _Job] = {}
        self._hands = ThreadPoolExecutor(1, "synergos-participant")
        self._child: Child | None = None
        self._runtime: Runtime | None = None
        self._stopped = threading.Event()

    @property
    def log(self) -> Path:
        """The log of what it sent."""
        return self._outbox.path

    @property
    def pid(self) -> int | None:
        """The id of the process of Flower's SuperNode."""
        return self._child.pid if self._child else None

    def run(self) -> None:
        """Answer the TTP until `stop` is called, and come back to it whenever the connection was lost."""
        warm_up()
        with ExitStack() as stack:
            watcher = threading.Thread(target=self._watch, name="synergos-supernode", daemon=True)
            watcher.start()
            stack.callback(watcher.join)
            stack.callback(self._stopped.set)
            stack.callback(lambda: self._let_go(list(self._jobs)))
            while not self._stopped.is_set():
                runtime = self._runtime
                if runtime is None:
                    self._stopped.wait(0.1)
                    continue
                try:
                    self._work(runtime)
                except Failures as error:
                    logger.debug("Flower's SuperNode does not answer: %s", error)
                    self._stopped.wait(0.3)

    def stop(self) -> None:
        """Have `run` return when the message that is being answered is."""
        self._stopped.set()

    def handle(self, message: Message, context: Context) -> Message:
        """Answer one message; whatever goes wrong is an answer too, and none has a value of a row in it.

        What takes long is answered with that it is being done, so that who asked can wait for it, or have it stopped.
        """
        kind, begun = message.metadata.message_type, time.monotonic()
        try:
            reply = Message(self._answer(kind, message, context), reply_to=message)
        except Exception as error:
            status = error.status if isinstance(error, SandboxError) else SandboxError.status
            logger.warning("%s failed: %s", kind, error, exc_info=status == 500)
            reply = Message(Error(code=status, reason=reason(error)), reply_to=message)
        else:
            logger.info("answered %s in %.2f s", kind, time.monotonic() - begun)
        self._outbox.keep(message, reply)
        return reply

    def _answer(self, kind: str, message: Message, context: Context) -> RecordDict:
        if kind == "query.about":
            return RecordDict({"about": ConfigRecord({"participant": self.name, **versions()})})
        name = job_of(message)
        if kind == STOP:
            self._let_go([name])
            return RecordDict()
        if kind == WAIT:
            job = self._jobs.get(name)
        else:
            job = self._job(name)
            job.work = self._hands.submit(self._do, job.app, message, context)
        if job is None or job.work is None:
            raise Rejected("nothing is being done there for this job: the participant was started again")
        wait([job.work], _SAYS_SO_AFTER)
        job.used = time.monotonic()
        if not job.work.done():
            return RecordDict({BUSY: ConfigRecord()})
        work, job.work = job.work, None
        return work.result()

    def _do(self, app: ClientApp, message: Message, context: Context) -> RecordDict:
        return app(message, context).content

    def _job(self, name: str) -> _Job:
        """What is kept for a job; that of others is let go, unless they are at work."""
        self._let_go([other for other, job in self._jobs.items() if other != name and not job.is_at_work])
        if name not in self._jobs:
            cancelled = threading.Event()
            worker = Worker(self.name, Reader(self._data), self._folder, cancelled=cancelled)

            def remember(asked: Mapping[str, Any], said: object) -> None:
                if isinstance(said, Prepared):
                    self._ledger.keep(name, asked["dataset"], said)

            self._jobs[name] = _Job(client_app(lambda _: worker, remember), cancelled, time.monotonic())
        return self._jobs[name]

    def _let_go(self, names: Iterable[str]) -> None:
        """Let go of jobs, and stop what is being done for them."""
        for name in names:
            if job := self._jobs.pop(name, None):
                job.cancelled.set()

    def _work(self, runtime: Runtime) -> None:
        last = time.monotonic()
        with runtime.seeker() as seek:
            while not self._stopped.is_set() and runtime is self._runtime:
                token = seek(TaskType.CLIENT_APP)
                if token is not None:
                    runtime.answer(token, self.handle)
                    last = time.monotonic()
                    continue
                self._let_go([name for name, job in self._jobs.items() if job.is_forgotten])
                self._stopped.wait(min(max(_FIRST_LOOK, (time.monotonic() - last) / 60), _LAST_LOOK))

    def _watch(self) -> None:
        """Keep a SuperNode running, and say how it goes."""
        pause, said = 1.0, ""
        while not self._stopped.is_set():
            port = free_port()
            secret_file = self._folder / "flower" / "secret"
            secret = make_secret(secret_file)
            self._child = child = Child(
                [
                    "flower-supernode",
                    *("--superlink", self._ttp, "--root-certificates", str(self._ca)),
                    *("--auth-supernode-private-key", str(self._key)),
                    *("--host", "127.0.0.1", "--port", str(port)),
                    *("--isolation", "process", "--superexec-auth-secret-file", str(secret_file)),
                ],
                str(self._folder / "flower"),
            )
            self._runtime = Runtime(port, secret)
            connected = False
            while child.is_alive and not self._stopped.wait(0.2):
                if not connected and child.has_said("SuperNode ID:"):
                    connected, pause, said = True, 1.0, ""
                    logger.info("connected to the TTP at %s", self._ttp)
            self._runtime = None
            if not self._stopped.is_set():
                words = _in_plain_words(child, connected)
                if words != said:
                    logger.warning("%s", words)
                    said = words
            child.stop()
            self._stopped.wait(pause)
            pause = 2.0 if child.has_said(_STILL_OPEN) else min(2 * pause, _LONGEST_PAUSE)


def _in_plain_words(child: Child, connected: bool) -> str:
    """Say why Flower's SuperNode ended."""
    last = child.last_words
    if connected:
        return "the connection to the TTP was lost, and is made again"
    if child.has_said("handshake") or "CERTIFICATE" in last.upper():
        return "the TTP is not who it should be: its certificate is not by the CA that was given; tried again"
    if child.has_said(_STILL_OPEN):
        return "the TTP takes the connection that was cut off for open, for some seconds; tried again until then"
    if child.has_said("terminated gracefully") and not child.has_said("Failed to initialize"):
        # Nobody told it to: it ends so when it is told that it is not let in.
        return (
            "the TTP refuses the key: see that the public key is in the TTP's file of participants, and that the "
            "clocks of both machines agree; tried again"
        )
    return f"Flower's SuperNode ended, and is started again: {printable(last)}"
