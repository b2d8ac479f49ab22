"""What a TTP tells of the work that it was given. Real TTPs tell nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from synergos.common.routes import routes
from synergos.errors import MISREADINGS, InvalidArgument, SynergosError, Unreadable
from synergos.http.transport import Transport
from synergos.track.round import Round
from synergos.work.memory import Memory
from synergos.work.plan import Record


class Work(NamedTuple):
    """What the sandbox says of one job."""

    number: int
    state: str
    status: int
    message: str
    run_id: str
    round: int
    rounds: int
    losses: tuple[float | None, float | None]


class Told:
    """What one TTP tells of its work."""

    def __init__(self, transport: Transport, memory: Memory) -> None:
        """Take note of the TTP; nothing is sent.

        Args:
            transport: What reaches it.
            memory: What was done there.
        """
        self._transport = transport
        self._memory = memory

    @property
    def is_sandbox(self) -> bool:
        """Whether it tells of its work."""
        return self._transport.is_sandbox

    @property
    def is_closed(self) -> bool:
        """Whether the driver was closed."""
        return self._transport.is_closed

    def note_cluster(self) -> None:
        """Keep that it only queues work."""
        self._memory.is_cluster = True

    def require_rounds(self, operation: str) -> None:
        """See that it tells of the rounds of a training.

        Args:
            operation: What is called; it stands in the error.

        Raises:
            InvalidArgument: When it does not.
        """
        if not self.is_sandbox:
            raise InvalidArgument(
                f"[{operation}] This TTP does not tell of the rounds of a training; only the sandbox does. Real TTPs "
                "keep the losses in files on their disk, whose paths models.read(...) gives as `loss_history`."
            )

    def everything(self) -> list[Record] | None:
        """All that it says of its work, that which has ended too; None where it does not tell."""
        [progress] = routes("progress", "read").values()
        status, answer = self._transport.ask("sandbox.read", progress.request({}, ended=True))
        return answer["data"] if status == 200 and isinstance(answer, dict) else None

    def works(self, resource: str | None = None, ids: Mapping[str, str] | None = None) -> list[Work]:
        """What it says of all work, or of that with some ids; nothing where it does not tell."""
        told = (self.everything() if self.is_sandbox else None) or []
        works = [(one["resource"], one["ids"], _work(one)) for one in told]
        return [work for made, its_ids, work in works if resource is None or (made, its_ids) == (resource, ids)]

    def rounds(self, operation: str, number: int, ids: Mapping[str, str], known: Sequence[Round]) -> Iterator[Round]:
        """The rounds that some work has trained by now.

        Args:
            operation: What is called; it stands in errors.
            number: The number of the work.
            ids: The ids that it was asked for with.
            known: Those of the rounds that are known already; the last of them is looked at again.

        Raises:
            SynergosError: When they cannot be read, or are known no more.
        """
        [route] = routes("rounds", "read").values()
        after, last = max(len(known) - 1, 0), list(known[-1:])
        while True:
            answer = self._transport.send(operation, route.request({}, number=number, after=after), {})
            try:
                found = [Round.of(one) for one in answer["data"]]
            except MISREADINGS as error:
                raise Unreadable(f"[{operation}] The answer has no rounds ({error!r}).", answer) from error
            is_another = any(getattr(done, name, value) != value for done in found for name, value in ids.items())
            if is_another or found[: len(last)] != last:
                # One that was started anew counts from 1 again.
                raise SynergosError(f"[{operation}] The TTP knows no more of this work: it has a new number {number}.")
            if not (new := found[len(last) :]):
                return
            yield from new
            after, last = after + len(found) - 1, found[-1:]

    def call_off(self, number: int) -> bool:
        """Have it call off some work; whether it did."""
        [training] = routes("training", "cancel").values()
        status, answer = self._transport.ask("sandbox.delete", training.request({}, number=number))
        return status == 200 and isinstance(answer, dict) and bool(answer.get("data"))


def _work(one: Record) -> Work:
    losses = (one.get("train_loss"), one.get("evaluate_loss"))
    run_id = one.get("key", {}).get("run_id", "")
    status, message = one.get("status", 0), one.get("message", "")
    return Work(one["number"], one["state"], status, message, run_id, one.get("round", 0), one.get("rounds", 0), losses)
