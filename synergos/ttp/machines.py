"""Participants on other machines, reached by messages over Flower's SuperLink.

Who a node is, is told by the public key that it signs with, and never by what it says of itself.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from flwr.app import Message, RecordDict
from flwr.serverapp import Grid

from synergos.common.text import printable
from synergos.findings import Finding
from synergos.learning.errors import Cancelled, Rejected, SandboxError
from synergos.learning.messages import BUSY, STOP, WAIT, of_job
from synergos.learning.party import Description, Look, Prepared
from synergos.learning.questions import QUESTIONS, ask, read_answer
from synergos.learning.versions import versions
from synergos.machines.flower import Failures, HttpGrid
from synergos.ttp.parties import Answer
from synergos.ttp.superlink import SuperLink

logger = logging.getLogger("synergos.sandbox")

_FIRST_LOOK, _LAST_LOOK = 0.1, 0.5
# How often it is seen whether who is waited for is still there.
_ROLL_CALL = 2.0


class Gone(SandboxError):
    """A participant is not there, or was lost while it worked."""


@dataclass(frozen=True)
class Member:
    """A participant that is connected.

    Attributes:
        node_id: What Flower calls it at present.
        since: When it connected; another time is another connection.
    """

    node_id: int
    since: str


class Machines:
    """All participants of a TTP, on machines of their own.

    Args:
        link: The SuperLink that they come to.
        patience: Seconds that a job waits for a participant that is not connected when it is needed.
    """

    def __init__(self, link: SuperLink, patience: float = 30.0) -> None:
        self._link = link
        self._patience = patience

    def present(self) -> Mapping[str, bool]:
        """Say of each participant whose key is known whether it is connected."""
        here = members(self._link)
        return {name: name in here for name in self._link.names.values()}

    @contextmanager
    def open(self, cancelled: threading.Event) -> Iterator["RemoteCrew"]:
        """Begin a job."""
        yield RemoteCrew(self._link, self._patience, cancelled)


class RemoteCrew:
    """The participants for the length of one job.

    Args:
        link: The SuperLink that they come to.
        patience: Seconds to wait for one that is not connected.
        cancelled: Set when the job is called off.
    """

    def __init__(self, link: SuperLink, patience: float, cancelled: threading.Event) -> None:
        self._link = link
        self._patience = patience
        self._cancelled = cancelled
        self._job = uuid.uuid4().hex

    def ask(self, question: Callable[..., Answer], asked: Mapping[str, Mapping[str, object]]) -> dict[str, Answer]:
        """Ask participants one thing, all at once."""
        name = question.__name__
        assert name in QUESTIONS
        members_ = self.muster(asked)
        messages = [
            Message(ask(name, **arguments), dst_node_id=members_[one].node_id, message_type=f"query.{name}")
            for one, arguments in asked.items()
        ]
        replies = self.exchange(messages, members_) if messages else {}
        return {one: _answer(name, one, replies[one]) for one in asked}

    def grid(self, participant_ids: Sequence[str]) -> tuple[Grid, Mapping[str, int]]:
        """Reach several for a training."""
        members = self.muster(participant_ids)
        return RemoteGrid(self, members), {name: member.node_id for name, member in members.items()}

    def roll_call(self, participant_ids: Sequence[str]) -> list[Finding]:
        """Say who is connected and what runs there, and who is not."""
        present = members(self._link)
        here = {name: present[name] for name in participant_ids if name in present}
        messages = [
            Message(RecordDict(), dst_node_id=member.node_id, message_type="query.about") for member in here.values()
        ]
        replies = self.exchange(messages, here) if messages else {}
        return [_presence(name, replies.get(name)) for name in participant_ids]

    def muster(self, participant_ids: Collection[str]) -> dict[str, Member]:
        """Find participants, and wait for those that are not there.

        Raises:
            Gone: One is unknown, or does not come in time.
            Cancelled: The job was called off.
        """
        end = time.monotonic() + self._patience
        told = False
        while True:
            present = members(self._link)
            missing = [name for name in participant_ids if name not in present]
            if not missing:
                return {name: present[name] for name in participant_ids}
            who = " and ".join(repr(name) for name in missing)
            unknown = [name for name in missing if name not in self._link.names.values()]
            if unknown:
                raise Gone(
                    f"{unknown[0]!r} is not in the TTP's file of participants: add its public key there, or register "
                    "the participant under the name that it has there"
                )
            if time.monotonic() >= end:
                waited = f", and did not come within {self._patience:g} seconds" if self._patience else ""
                raise Gone(f"participant {who} is not connected{waited}: start `synergos participant` there")
            if not told:
                logger.info("participant %s is not connected: waiting up to %g s", who, self._patience)
                told = True
            self.pause(0.25)

    def exchange(self, messages: Sequence[Message], members_: Mapping[str, Member]) -> dict[str, Message]:
        """Send messages, and wait for all replies.

        Args:
            messages: One for each of some participants.
            members_: The participants that may be meant.

        Returns:
            The replies by participant, those that are errors too.

        Raises:
            Gone: A participant was lost.
            Cancelled: The job was called off.
        """
        names = {member.node_id: name for name, member in members_.items()}
        grid = self._link.grid
        if grid is None:
            raise Gone("the TTP's own Flower process is being started again: ask again in a moment")
        for message in messages:
            of_job(message, self._job)
        sent_to = [names[message.metadata.dst_node_id] for message in messages]
        waiting: dict[str, str] = {}
        replies: dict[str, Message] = {}
        try:
            waiting |= self._push(grid, messages, sent_to)
            pause, looked = _FIRST_LOOK, time.monotonic()
            while waiting:
                seen = self._link.signals.deliveries
                for reply in grid.pull_messages(list(waiting)):
                    name = waiting.pop(reply.metadata.reply_to_message_id)
                    if reply.has_error() and reply.metadata.src_node_id != members_[name].node_id:
                        raise _lost([name])
                    if not reply.has_error() and BUSY in reply.content:
                        waiting |= self._push(grid, [self._about_the_job(WAIT, members_[name])], [name])
                    else:
                        replies[name] = reply
                if not waiting:
                    break
                self._link.signals.wait(seen, pause)
                self.pause(0)
                pause = min(pause * 1.3, _LAST_LOOK)
                if time.monotonic() - looked >= _ROLL_CALL:
                    present, looked = members(self._link), time.monotonic()
                    lost = [name for name in waiting.values() if present.get(name) != members_[name]]
                    if lost:
                        raise _lost(lost)
        except (Cancelled, Gone):
            self._stop(grid, [members_[name] for name in waiting.values()])
            raise
        except Failures as error:
            raise Gone(
                f"the TTP's own Flower process was lost ({printable(str(error))[:200]}); it is started again. The work "
                "was ended, and nothing of it is kept"
            ) from error
        return replies

    def _push(self, grid: HttpGrid, messages: Sequence[Message], names: Sequence[str]) -> Iterable[tuple[str, str]]:
        """Send messages, each to one participant; return their ids, each with its participant."""
        ids = grid.push_messages(messages)
        self._link.signals.sent([key for key, name in self._link.names.items() if name in names])
        return zip(ids, names, strict=True)

    def _about_the_job(self, kind: str, member: Member) -> Message:
        message = Message(RecordDict(), dst_node_id=member.node_id, message_type=kind)
        of_job(message, self._job)
        return message

    def _stop(self, grid: HttpGrid, members_: Iterable[Member]) -> None:
        """Tell participants that nobody waits for them any more. Whether they hear it is not waited for."""
        with suppress(*Failures):
            grid.push_messages([self._about_the_job(STOP, member) for member in members_])

    def pause(self, seconds: float) -> None:
        """Wait, unless the job is called off.

        Raises:
            Cancelled: It is.
        """
        if self._cancelled.wait(seconds):
            raise Cancelled("the work was called off")


class RemoteGrid(Grid):
    """Some participants of a job, as Flower's strategies see them.

    Args:
        crew: The participants of the job.
        members_: Those that are meant.
    """

    def __init__(self, crew: RemoteCrew, members_: Mapping[str, Member]) -> None:
        self._crew = crew
        self._members = members_

    def get_node_ids(self) -> list[int]:
        """Return the ids of all nodes."""
        return [member.node_id for member in self._members.values()]

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> list[Message]:
        """Send messages to nodes, and return the replies; what a participant failed with is an error reply."""
        return list(self._crew.exchange(list(messages), self._members).values())

    def _unused(self, *_: object, **__: object) -> NoReturn:
        raise NotImplementedError("a training only sends and receives")

    set_run = create_message = push_messages = pull_messages = _unused
    run = property(_unused)


def members(link: SuperLink) -> dict[str, Member]:
    """Who is connected, by the keys that they signed with."""
    grid = link.grid
    if grid is None:
        return {}
    names = link.names
    try:
        nodes = list(grid.get_nodes())
    except Failures:
        return {}
    return {
        names[node.public_key]: Member(node.node_id, node.last_activated_at)
        for node in nodes
        if node.public_key in names
    }


def _answer(question: str, name: str, reply: Message) -> Any:
    """Read what a participant answered."""
    if reply.has_error():
        kind = Rejected if reply.error.code == Rejected.status else SandboxError
        raise kind(f"participant {name!r}: {printable(reply.error.reason or 'it failed')}")
    try:
        said = read_answer(question, reply.content)
    except Rejected as error:
        raise SandboxError(f"participant {name!r}: {error.message}") from error
    for own in _names_in(said):
        if own != name:
            raise SandboxError(
                f"participant {name!r} calls itself {own!r}: start it by the name that its key has in the TTP's file "
                "of participants"
            )
    return said


def _names_in(said: object) -> Iterator[str]:
    """What a participant calls itself in an answer."""
    if isinstance(said, Description | Look | Prepared):
        yield from (table.participant_id for table in said.tables)
    if isinstance(said, Description) and said.columns is not None:
        yield said.columns.participant_id


def _presence(name: str, about: Message | None) -> Finding:
    """Say whether a participant is connected, and whether what runs there is what runs here."""
    where = f"participant {name!r}"
    if about is None:
        why = "A job that needs it waits for it, and then ends without a result."
        return Finding(
            "error", "It is not connected.", where, why, "Start `synergos participant` there; its log tells."
        )
    if about.has_error() or "about" not in about.content.config_records:
        why = "Nobody knows what runs there."
        return Finding("error", "It does not say what it runs.", where, why, "Install the TTP's Synergos there.")
    there, here = about.content.config_records["about"], versions()
    shown = ", ".join(f"{part} {printable(str(there.get(part, 'unknown')))}" for part in here)
    if there.get("participant") != name:
        said = printable(repr(there.get("participant")))
        why = "The TTP knows it by its key, and refuses what it says under another name."
        return Finding("error", f"It calls itself {said}.", where, why, f"Start it as {name!r}.")
    others = [part for part in here if there.get(part) != here[part]]
    if others:
        why = f"The TTP has {', '.join(f'{part} {here[part]}' for part in others)}: results may differ by that."
        return Finding("warning", f"It is connected, with {shown}.", where, why, "Install the same on both sides.")
    return Finding("info", f"It is connected, with {shown}.", where, "The TTP has the same.", "Nothing.")


def _lost(names: Iterable[str]) -> Gone:
    who = " and ".join(repr(name) for name in names)
    return Gone(f"participant {who} was lost in the middle of the work, which was ended; nothing of it is kept")
