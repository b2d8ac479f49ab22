"""Participants in the process of the TTP: one machine holds the data of all of them."""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from flwr.app import Context, Error, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid

from synergos.findings import Finding
from synergos.learning.errors import Cancelled, SandboxError
from synergos.learning.network import first_line
from synergos.participant.client import client_app
from synergos.participant.images import Room
from synergos.participant.reading import Reader
from synergos.participant.worker import Worker
from synergos.ttp.parties import Answer

log = logging.getLogger("synergos.sandbox")


class Lost(SandboxError):
    """A participant that was lost. As a real TTP, it says no more than that something failed."""

    def __init__(self, participant_id: str) -> None:
        super().__init__("Internal Server Error")
        log.warning("participant %r is lost: what needs it fails", participant_id)


class LocalGrid(Grid):
    """A grid whose nodes are called in this process, in the order of their ids.

    Args:
        app: What every node runs.
        contexts: The nodes' contexts by node id.
    """

    def __init__(self, app: ClientApp, contexts: Mapping[int, Context]) -> None:
        _identify()
        self._app = app
        self._contexts = contexts

    def get_node_ids(self) -> list[int]:
        """Return the ids of all nodes."""
        return sorted(self._contexts)

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> list[Message]:
        """Hand each message to its node and return the replies, sorted by node; failures are error replies."""
        return [self._reply(message) for message in sorted(messages, key=lambda one: one.metadata.dst_node_id)]

    def _reply(self, message: Message) -> Message:
        try:
            return self._app(message, self._contexts[message.metadata.dst_node_id])
        except (Cancelled, Lost):
            raise
        except Exception as error:
            log.debug("a participant failed", exc_info=True)
            status = error.status if isinstance(error, SandboxError) else SandboxError.status
            return Message(Error(code=status, reason=first_line(error)), reply_to=message)

    def _unused(self, *_: object, **__: object) -> NoReturn:
        raise NotImplementedError("a grid in one process only sends and receives")

    set_run = create_message = push_messages = pull_messages = _unused
    run = property(_unused)


class LocalCrew:
    """The participants for the length of one job. What several of them share is read once.

    Args:
        data: The folder that holds all data.
        outputs: The folder below which predictions are kept.
        cancelled: Set when the job is called off.
        lost: Those that cannot be reached, as long as they are in it.
    """

    def __init__(
        self, data: Path, outputs: Path, cancelled: threading.Event | None = None, lost: Collection[str] = ()
    ) -> None:
        self._reader, self._room = Reader(data), Room()
        self._outputs = outputs
        self._cancelled = cancelled
        self._lost = lost
        self._workers: dict[str, Worker] = {}

    def party(self, participant_id: str) -> Worker:
        """Reach one participant.

        Raises:
            Lost: When it cannot be reached.
        """
        if participant_id in self._lost:
            raise Lost(participant_id)
        if participant_id not in self._workers:
            self._workers[participant_id] = Worker(
                participant_id, self._reader, self._outputs, self._room, self._cancelled
            )
        return self._workers[participant_id]

    def ask(self, question: Callable[..., Answer], asked: Mapping[str, Mapping[str, object]]) -> dict[str, Answer]:
        """Ask participants one thing, one after another."""
        return {name: getattr(self.party(name), question.__name__)(**arguments) for name, arguments in asked.items()}

    def roll_call(self, participant_ids: Sequence[str]) -> Sequence[Finding]:
        """Say who is lost; all others are here."""
        why, remedy = "What needs it fails.", "It was lost on demand: restore_worker brings it back."
        return [
            Finding("error", "It cannot be reached.", f"participant {name!r}", why, remedy)
            for name in participant_ids
            if name in self._lost
        ]

    def grid(self, participant_ids: Sequence[str]) -> tuple[Grid, Mapping[str, int]]:
        """Reach several for a training; each node is called by its place."""
        nodes = {name: place for place, name in enumerate(participant_ids, start=1)}
        app = client_app(lambda context: self.party(str(context.node_config["participant-id"])))
        return LocalGrid(app, {place: _context(place, name) for name, place in nodes.items()}), nodes


class LocalParties:
    """All participants whose data are on this machine.

    Args:
        data: The folder that holds all data.
        outputs: The folder below which predictions are kept.
        lost: Those that cannot be reached, as long as they are in it.
    """

    def __init__(self, data: Path, outputs: Path, lost: Collection[str] = ()) -> None:
        self._data = data
        self._outputs = outputs
        self._lost = lost

    def present(self) -> None:
        """Say nothing: they are all here."""

    @contextmanager
    def open(self, cancelled: threading.Event) -> Iterator[LocalCrew]:
        """Begin a job; what was read for it is let go when it ends."""
        yield LocalCrew(self._data, self._outputs, cancelled, self._lost)


def _context(node_id: int, participant_id: str) -> Context:
    return Context(
        run_id=1,
        node_id=node_id,
        node_config={"participant-id": participant_id},
        state=RecordDict(),
        run_config={},
    )


def _identify() -> None:
    """Say who makes messages here, which Flower wants to know, unless it is told already."""
    try:
        from flwr.supercore.task_identity import TaskIdentity
    except ImportError:  # Flower had no such thing before 1.38, and may have none again.
        return
    for name in ("task_id", "run_id", "node_id"):
        try:
            getattr(TaskIdentity, name)
        except RuntimeError:
            setattr(TaskIdentity, name, 1)
