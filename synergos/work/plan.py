"""What a TTP will have made when it is through with a job, told from what the project holds."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import attrs

from synergos.common.durations import seconds_of
from synergos.common.routes import request
from synergos.http.transport import Transport

# The values of the ids that tell the records of one job apart, in the order of the plan's names.
Combination = tuple[str, ...]
Record = Mapping[str, Any]

_TELLING_APART = {
    "alignments": ("participant_id",),
    "models": ("expt_id", "run_id"),
    "validations": ("expt_id", "run_id", "participant_id"),
    "predictions": ("project_id", "expt_id", "run_id"),
    "optimizations": ("run_id", "participant_id"),
}


@attrs.frozen
class Plan:
    """The records that a job is to produce.

    Attributes:
        ids: The ids of the call, which all of them share.
        names: The ids that tell them apart.
        wanted: The records, by these ids.
    """

    ids: Mapping[str, str]
    names: tuple[str, ...]
    wanted: frozenset[Combination]

    @property
    def size(self) -> int:
        """How many there are to be."""
        return len(self.wanted)

    def sorted_out(self, records: Iterable[Record]) -> dict[Combination, str]:
        """The records of the plan among those that were read, each as a text that changes when it does."""
        # A real TTP that is read twice at once may answer with what the other reader asked for.
        own = (record for record in records if _is_within(record, self.ids))
        # Not compared as objects, for a statistic that is no number differs from itself.
        texts = {self._combination(record): json.dumps(record, sort_keys=True) for record in own}
        return {combination: text for combination, text in texts.items() if self._is_meant(combination)}

    def is_complete(self, produced: Collection[Combination], seconds: float) -> bool:
        """Whether all is there.

        Args:
            produced: What is there that was not there before.
            seconds: How long the job has taken.
        """
        return self.wanted <= set(produced)

    def count(self, produced: Collection[Combination]) -> int:
        """How much of `size` is there."""
        return len(produced)

    def missing(self, produced: Collection[Combination]) -> list[str]:
        """What is not there, in words."""
        return [self.named(combination) for combination in sorted(self.wanted - set(produced))]

    def named(self, combination: Combination) -> str:
        """One record in words."""
        return ", ".join(f"{name}={value!r}" for name, value in zip(self.names, combination, strict=True))

    def _combination(self, record: Record) -> Combination:
        return tuple(str(record["key"].get(name)) for name in self.names)

    def _is_meant(self, combination: Combination) -> bool:
        return combination in self.wanted


@attrs.frozen
class Search(Plan):
    """The trials of an optimization: the TTP names them, so only their number is known.

    Attributes:
        trials: How many there are to be.
        participants: Who validates each.
        seconds: After how long no further one is started; None for never.
        can_be_made: Whether the experiment is there.
    """

    trials: int
    participants: frozenset[str]
    seconds: float | None
    can_be_made: bool = True

    @property
    def size(self) -> int:
        """How many trials there are to be."""
        return self.trials

    def is_complete(self, produced: Collection[Combination], seconds: float) -> bool:
        """Whether all trials are there, or time is up and some are."""
        found = self.count(produced)
        return found >= self.trials or (found > 0 and self.seconds is not None and seconds > self.seconds)

    def count(self, produced: Collection[Combination]) -> int:
        """How many trials are there, validated by all."""
        validations = Counter(run_id for run_id, _ in produced)
        return sum(number >= len(self.participants) for number in validations.values())

    def missing(self, produced: Collection[Combination]) -> list[str]:
        """How many trials are not there, in words."""
        number = self.trials - self.count(produced)
        return [f"{number} of {self.trials} trials"] if number > 0 else []

    def _is_meant(self, combination: Combination) -> bool:
        return True


def make_plan(transport: Transport, resource: str, ids: Mapping[str, str], body: Mapping[str, Any]) -> Plan:
    """Find out what a job is to produce, by one look at the project.

    Args:
        transport: The way to the TTP.
        resource: What is made, `models` for example.
        ids: The ids of the call.
        body: What is sent with it.

    Returns:
        The plan.

    Raises:
        SynergosError: When the project cannot be read.
    """
    names = _TELLING_APART[resource]
    if resource == "predictions":
        projects = _predicted(transport, ids, body)
        runs = [key for name in projects for key in _Project(transport, {**ids, "project_id": name}).runs()]
        return Plan(ids, names, frozenset(tuple(key[name] for name in names) for key in runs))
    project = _Project(transport, ids)
    if resource == "alignments":
        return Plan(ids, names, frozenset((name,) for name in project.tagged("train")))
    evaluating = [ids["participant_id"]] if "participant_id" in ids else project.tagged("evaluate")
    if resource == "optimizations":
        seconds = seconds_of(body.get("max_exec_duration"))
        trials = int(body.get("max_trial_num", 1))
        return Search(ids, names, frozenset(), trials, frozenset(evaluating), seconds, project.has_experiment())
    runs = project.runs()
    if resource == "models":
        return Plan(ids, names, frozenset((key["expt_id"], key["run_id"]) for key in runs))
    return Plan(ids, names, frozenset((key["expt_id"], key["run_id"], name) for key in runs for name in evaluating))


class _Project:
    """A project as the TTP holds it now, as far as it lies below some ids."""

    def __init__(self, transport: Transport, ids: Mapping[str, str]) -> None:
        self._ids = {name: value for name, value in ids.items() if name != "participant_id"}
        own = {name: ids[name] for name in ("collab_id", "project_id") if name in ids}
        self._record = transport.send("projects.read", request("projects.read", "projects", "read", own), own)["data"]

    def runs(self) -> list[Mapping[str, str]]:
        """The keys of the runs below the ids."""
        return [record["key"] for record in _related(self._record, "Run", self._ids)]

    def has_experiment(self) -> bool:
        """Whether the experiment of the ids is there."""
        return bool(_related(self._record, "Experiment", self._ids))

    def tagged(self, purpose: str) -> list[str]:
        """The registered participants with data of a purpose."""
        above = {name: value for name, value in self._ids.items() if name in ("collab_id", "project_id")}
        registered = {record["key"]["participant_id"] for record in _related(self._record, "Registration", above)}
        tags = [record for record in _related(self._record, "Tag", above) if record.get(purpose)]
        return [name for name in (record["key"]["participant_id"] for record in tags) if name in registered]


def _predicted(transport: Transport, ids: Mapping[str, str], body: Mapping[str, Any]) -> list[str]:
    """The projects that are predicted with."""
    if "project_id" in ids:
        return [ids["project_id"]]
    if "tags" in body:
        return list(body["tags"])
    own = {"participant_id": ids["participant_id"]}
    read = request("participants.read", "participants", "read", own)
    participant = transport.send("participants.read", read, own)["data"]
    tags = _related(participant, "Tag", {name: ids[name] for name in ids if name == "collab_id"})
    return [record["key"]["project_id"] for record in tags if record.get("predict")]


def _related(record: Record, kind: str, ids: Mapping[str, str]) -> list[Record]:
    """What belongs to a record, without what a real TTP mixes in of others whose ids are partly the same."""
    related: list[Record] = record.get("relations", {}).get(kind) or []
    return [one for one in related if _is_within(one, ids)]


def _is_within(record: Record, ids: Mapping[str, str]) -> bool:
    return all(record["key"].get(name, value) == value for name, value in ids.items())
