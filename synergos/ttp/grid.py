"""What a TTP does: it keeps what it is told in phase 1, and has the participants work in phases 2 and 3.

The sandbox answers as a TTP does, less what a TTP does wrong: parents are checked, what belongs together follows the
key in full, a missing item is a 404 whatever is asked of it.
"""

import contextlib
import functools
import logging
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from synergos.learning.errors import Rejected, SandboxError
from synergos.ttp.contract import Operation
from synergos.ttp.errors import Broken, Forbidden, Missing, disk_is_full
from synergos.ttp.jobs import Job, Jobs
from synergos.ttp.overview import Overview
from synergos.ttp.parties import Parties
from synergos.ttp.records import KINDS, OF_RESOURCE, Ids, Kind, Records, named
from synergos.ttp.store import Record, Store
from synergos.ttp.work import Progress, Work

logger = logging.getLogger("synergos.sandbox")


class Grid:
    """The TTP, with the participants that it reaches."""

    def __init__(
        self,
        store: Store,
        parties: Parties,
        outputs: Path,
        *,
        queue: Executor | None = None,
        on_round: Callable[[Progress], None] | None = None,
    ) -> None:
        """Take charge of a store.

        Args:
            store: The records.
            parties: The participants.
            outputs: The folder that models and results are written to.
            queue: What works off the jobs of a cluster. With one, the work of phases 2 and 3 in a collaboration is
                queued and answered at once, as by a TTP deployed as a cluster.
            on_round: Called after each round of a training.
        """
        self._records = Records(store)
        self._jobs = Jobs()
        self._work = Work(self._records, parties, outputs, self._jobs, on_round)
        self._overview = Overview(self._records, self._work, self._jobs, parties, is_cluster=queue is not None)
        self._queue = queue
        self._resetting = threading.Lock()
        self._verbs: dict[str, Callable[[Kind, Ids, Mapping[str, Any]], dict[str, Any]]] = {
            "create": lambda kind, ids, body: self._whole(self._records.create(kind, ids, body)),
            "read": lambda kind, ids, _: self._whole(self._records.require(kind, ids)),
            "update": lambda kind, ids, body: self._whole(self._records.update(kind, ids, body)),
            "delete": lambda kind, ids, _: self._delete(kind, ids),
        }
        self._makers: dict[str, Callable[[Ids, Mapping[str, Any]], Iterator[Record]]] = {
            "alignments": self._work.align,
            "models": self._work.train,
            "optimizations": self._work.optimize,
            "validations": self._work.validate,
            "predictions": self._work.predict,
        }

    def stop(self) -> None:
        """Call off what is being trained and what is queued."""
        self._jobs.stop()

    def reset(self, settle: Callable[[], None]) -> None:
        """Call everything off, and forget all records and what they name.

        Args:
            settle: Returns when nothing is done any more that was begun before.
        """
        # One that is done must not let begin what another still has to forget.
        with self._resetting:
            self._jobs.stop()
            settle()
            self._records.store.clear()
            shutil.rmtree(self._work.outputs.root, ignore_errors=True)
            self._jobs.restart()

    def takes_long(self, operation: Operation) -> bool:
        """Whether an operation must not be done where requests are answered."""
        is_queued = self._queue is not None and "{collab_id}" in operation.path
        return self._is_job(operation) and not is_queued

    def begin(self, operation: Operation, ids: Ids, body: Mapping[str, Any]) -> Callable[[], list[dict[str, Any]]]:
        """Put what takes long into the queue.

        Returns:
            What does it when its turn has come, and returns the data of the answer.
        """
        return functools.partial(self._do, self._jobs.add(operation.resource, ids), body)

    def answer(self, operation: Operation, ids: Ids, body: Mapping[str, Any]) -> Any:
        """Do what an operation asks for that does not take long.

        Args:
            operation: The operation.
            ids: The ids in its path.
            body: What was sent, already held against the contract.

        Returns:
            The data of the answer: a record, or records.

        Raises:
            SandboxError: When it cannot be done; it knows the status.
        """
        if operation.name.startswith("read_trials"):
            return self._work.tried(ids)
        if operation.name == "read_losses":
            return self._work.losses(_of_project(ids))
        if operation.name == "read_overview":
            return self._overview.read()
        if operation.name == "read_results":
            return self._overview.results(*_ids_and_metric(ids))
        if operation.name == "read_rounds":
            return self._jobs.rounds(_number(ids, "number"), _number(ids, "after", "0"))
        if operation.name == "read_manifests":
            return self._work.manifests(_of_project(ids))
        if operation.resource == "sandbox":
            return self._show_or_call_off(operation, ids)
        if self._is_job(operation):
            return self._queue_up(operation, ids, body)
        if operation.resource in self._makers:
            return self._read_results(operation.resource, ids)
        kind = OF_RESOURCE[operation.resource]
        if operation.is_list:
            return self._records.read_all(kind, ids)
        return self._verbs[operation.verb](kind, ids, body)

    def _is_job(self, operation: Operation) -> bool:
        return operation.resource in self._makers and operation.verb == "create"

    def _do(self, job: Job, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        with self._jobs.doing(job), _refusing_broken(), disk_is_full(f"the {job.resource}"):
            return [self._records.shown(record) for record in self._makers[job.resource](job.ids, body)]

    def _queue_up(self, operation: Operation, ids: Ids, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        collaboration = self._records.require(KINDS["Collaboration"], ids)
        if not collaboration.fields.get("mq"):
            raise Forbidden(f"{named(collaboration.key)} has no message queue: update it with `mq`.")
        assert self._queue is not None
        do = self.begin(operation, ids, body)
        self._queue.submit(self._do_queued, do, f"{operation.resource} of {named(ids)}")
        # A cluster answers a search with the trials that there are, which are those of earlier ones if there are any.
        return self._read_results(operation.resource, ids) if operation.resource == "optimizations" else []

    def _do_queued(self, do: Callable[[], object], name: str) -> None:
        """Work off a job. As in a cluster, nobody is told when it fails; the list of jobs knows."""
        try:
            do()
        except SandboxError as error:
            logger.warning("%s failed: %s", name, error.message)
        except Exception:
            logger.exception("%s failed", name)

    def _show_or_call_off(self, operation: Operation, ids: Ids) -> list[dict[str, Any]] | dict[str, Any]:
        if operation.name == "read_data":
            return self._work.report(_of_project(ids))
        if operation.verb == "read":
            ended = ids.get("ended", "false")
            if ended not in ("true", "false"):
                raise Rejected(f"ended: {ended!r} must be true or false.")
            return self._jobs.shown(ended=ended == "true")
        return self._jobs.call_off(_number(ids, "number") if "number" in ids else None)

    def _read_results(self, resource: str, ids: Ids) -> list[dict[str, Any]]:
        if resource == "optimizations":
            found = self._work.trials(ids)
        else:
            found = self._records.store.find(OF_RESOURCE[resource].name, ids)
        if not found:
            raise Missing(f"There are no {resource} yet for {named(ids)}.")
        return [self._records.shown(record) for record in found]

    def _delete(self, kind: Kind, ids: Ids) -> dict[str, Any]:
        store = self._records.store
        with store.alone():
            try:
                record = self._records.require(kind, ids)
            except Broken:
                # It is shown with what is known of it, and can be got rid of.
                record = Record(kind.name, 0, kind.key_in(ids), {})
            shown = self._whole(record)
            self._records.delete(kind, record.key)
            # Before anybody makes it anew and has files in the same place.
            has_files = kind.name in ("Collaboration", "Project", "Experiment", "Run")
            aside = self._work.outputs.put_aside(record.key) if has_files else None
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
        return shown

    def _whole(self, record: Record) -> dict[str, Any]:
        return self._records.shown_whole(record)


def _of_project(ids: Ids) -> Ids:
    """Ids in a query, among which there has to be that of a project."""
    if "project_id" not in ids:
        raise Rejected("'project_id' must be given.")
    if "run_id" in ids and "expt_id" not in ids:
        raise Rejected("'expt_id' must be given, for 'run_id' is.")
    return ids


def _ids_and_metric(ids: Ids) -> tuple[Ids, str | None]:
    below = {name: value for name, value in _of_project(ids).items() if name != "metric"}
    return below, ids.get("metric")


def _number(ids: Ids, name: str, default: str | None = None) -> int:
    """A whole number in a query."""
    number = ids.get(name, default)
    if number is None:
        raise Rejected(f"{name!r} must be given.")
    # Python reads no number of thousands of digits.
    if not re.fullmatch(r"[0-9]{1,19}", number):
        raise Rejected(f"{name}: {number!r} must be a whole number.")
    return int(number)


@contextlib.contextmanager
def _refusing_broken() -> Iterator[None]:
    """Refuse work on a record that cannot be read; it is not the work that fails."""
    try:
        yield
    except Broken as error:
        raise Rejected(error.message) from error
