"""How a TTP reaches the participants: it asks for one thing after another, for the length of a job."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from flwr.serverapp import Grid

from synergos.findings import Finding

Answer = TypeVar("Answer")


class Crew(Protocol):
    """The participants for the length of one job; what they read for it they may keep until it ends."""

    def ask(self, question: Callable[..., Answer], asked: Mapping[str, Mapping[str, object]]) -> dict[str, Answer]:
        """Ask participants one thing; those on machines of their own are asked all at once.

        Args:
            question: The method of :class:`~synergos.learning.party.Party`, such as ``Party.describe``.
            asked: What to ask it with, by participant.

        Returns:
            The answers by participant, in the same order.

        Raises:
            SandboxError: A participant failed; of several, the first one's.
        """

    def roll_call(self, participant_ids: Sequence[str]) -> Sequence[Finding]:
        """Say who is connected and what runs there, and who is not; nothing of participants in this process."""

    def grid(self, participant_ids: Sequence[str]) -> tuple[Grid, Mapping[str, int]]:
        """Reach several for a training.

        Returns:
            The grid, and what each participant is called on it.
        """


class Parties(Protocol):
    """All participants there are."""

    def present(self) -> Mapping[str, bool] | None:
        """Say of each participant that may come whether it is connected; None when all are in this process."""

    def open(self, cancelled: threading.Event) -> AbstractContextManager[Crew]:
        """Begin a job.

        Args:
            cancelled: Set when the job is called off.
        """
