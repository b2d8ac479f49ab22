"""What a live TTP answers, held against the contract.

Reading asks for every list, and then for every item found in them, and changes nothing. Writing makes a project of its
own, does with it whatever can be done, and removes it. Either way there is one request at a time: a real TTP is spoiled
by two.
"""

import functools
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

from jsonschema import Draft202012Validator

from synergos.contract import wire
from synergos.contract.document import Operation, Unusable, shipped
from synergos.errors import TimedOut, Unreachable, Unreadable
from synergos.http import BaseTransport, Client, HTTPError, ReadTimeout, Response, Timeout

WORK_SECONDS = 1800.0
QUEUED_SECONDS = 900.0
POLL_SECONDS = 2.0
SETTLE_SECONDS = 1.0
SHOWN = 200

PHASE_1 = ("collaborations", "projects", "experiments", "runs", "participants", "registrations", "tags")
JOBS = ("alignments", "models", "optimizations", "validations", "predictions")
PROBES = {"v4": "/ttp/connect/projects/", "v8": "/ttp/connect/collaborations/"}
# A real TTP answers a wrong body of these with a 500 in place of a 417.
FAILS_ON_WRONG_BODY = {("v4", "experiments"), ("v8", "collaborations"), ("v8", "registrations")}
# What some deployments do not offer: a TTP of the generation v8 searches for hyperparameters only as a cluster.
REFUSED_BY_SOME = {("v8", "optimizations"): ["403"]}
# What every real grid was seen to train, of three classes or more; of two, with the other criterion.
TRAINS = {
    **{"algorithm": "FedProx", "mu": 0.1, "rounds": 1, "epochs": 1, "lr": 0.01, "base_lr": 0.005, "max_lr": 0.05},
    **{"optimizer": "SGD", "lr_scheduler": "CyclicLR", "criterion": "NLLLoss", "seed": 43},
}
CRITERION_OF_TWO = "BCELoss"

Ids = Mapping[str, str]


@dataclass(frozen=True)
class Deviation:
    """One answer, or one place in it, that is not what the contract says.

    Attributes:
        operation: The operation, by the contract's name.
        request: Method and path as they were sent.
        record: The record it is in, by kind and ids; empty when it is in none.
        pointer: The JSON pointer of the place in the answer; empty for the answer as a whole.
        text: What is wrong.
    """

    operation: str
    request: str
    record: str
    pointer: str
    text: str


@dataclass
class Report:
    """What a check found.

    Attributes:
        address: The TTP.
        generations: The generations of the TTP that it serves.
        requests: How many requests were sent.
        tried: The operations that were called.
        untried: The operations that there was nothing to call with.
        deviations: Where it is not what the contract says.
        left: What was made for the check and could not be removed.
        aborted: Why the check ended early; empty when it did not.
        cause: What ended it early, in kind: `KeyboardInterrupt`, or what a driver raises for the like of it.
    """

    address: str
    generations: tuple[str, ...]
    requests: int = 0
    tried: set[str] = field(default_factory=set)
    untried: set[str] = field(default_factory=set)
    deviations: list[Deviation] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    aborted: str = ""
    cause: type[BaseException] | None = None


@dataclass(frozen=True)
class DataSet:
    """A data set of a participant, to train on and to evaluate with.

    Attributes:
        participant: The participant's id.
        tags: The tags that lead to the data set.
    """

    participant: str
    tags: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "DataSet":
        """Read `PARTICIPANT=TAG,TAG`.

        Raises:
            ValueError: When it is not that.
        """
        participant, _, tags = text.partition("=")
        found = tuple(tag.strip() for tag in tags.split(","))
        if not participant or not all(found):
            raise ValueError(f"{text!r} is not PARTICIPANT=TAG,TAG")
        return cls(participant, found)


def check_ttp(
    address: str,
    *,
    write: bool = False,
    data: Collection[DataSet] = (),
    transport: BaseTransport | None = None,
) -> Report:
    """Check a TTP.

    Args:
        address: Where the TTP is, as for `wire.open_client`.
        write: Whether to make a project of its own, to exercise the verbs that change something, and to remove it.
        data: With `write`, what to train on; with none, phases 2 and 3 are only read.
        transport: What carries the requests, in place of the network.

    Returns:
        What was found. When it is interrupted, or the TTP is gone, what was made is removed first.

    Raises:
        Unusable: When there is no TTP.
    """
    with wire.open_client(address, transport) as client:
        found = {generation: wire.reach(client, path) for generation, path in PROBES.items()}
        served = tuple(generation for generation, response in found.items() if _is_of_ttp(response))
        if not served:
            raise Unusable(
                f"{wire.shown(client)} answers, and not as a TTP does: are host, port and path right?", Unreadable
            )
        checker = _Checker(client, Report(wire.shown(client), served))
        try:
            _Reading(checker).run()
            if write:
                for generation in served:
                    _Writing(checker, generation, data).run()
        except KeyboardInterrupt:
            checker.report.aborted, checker.report.cause = "It was interrupted.", KeyboardInterrupt
        except Unusable as error:
            checker.report.aborted, checker.report.cause = str(error), error.kind
        wanted = [one for one in checker.operations(*served) if write or one.method == "GET"]
        checker.report.untried = {one.title for one in wanted} - checker.report.tried
        return checker.report


class _Answer(NamedTuple):
    """What came back: the status, empty when nothing came; and of a success the data."""

    status: str
    data: object = None


class _Checker:
    """Sends requests and holds each answer against the contract."""

    def __init__(self, client: Client, report: Report) -> None:
        self.report = report
        # Whether a write was not answered, so that the TTP may still be at it.
        self.is_busy = False
        # The message queue of a collaboration that is there: that of a cluster cannot be made up.
        self.queue: dict[str, Any] = {"host": "127.0.0.1", "ports": {"main": 5672, "ui": 15672}, "secure": False}
        self._client = client

    def operations(self, *generations: str) -> list[Operation]:
        """The operations of some generations: phase by phase, and what needs fewer ids first."""
        order = (*PHASE_1, *JOBS)
        found = [operation for operation in shipped().operations if operation.generations & set(generations)]
        return sorted(found, key=lambda one: (one.tag in JOBS, len(one.ids), order.index(one.tag)))

    def call(
        self,
        operation: Operation,
        ids: Ids,
        body: object = None,
        *,
        expected: Collection[str] = (),
        raw: bytes | None = None,
    ) -> _Answer:
        """Send one request and note every deviation of its answer.

        Args:
            operation: What to call.
            ids: The ids for its path; there may be others.
            body: What to send as JSON; None for nothing.
            expected: The statuses that are right here; none for the success.
            raw: What to send as it is, in place of JSON.

        Raises:
            Unusable: When the connection is lost, or a write of phase 1 is not answered in time.
        """
        expected = expected or (operation.success,)
        path = operation.path.format(**{name: quote(ids[name], safe="") for name in operation.ids})
        seconds = WORK_SECONDS if operation.tag in JOBS and operation.method == "POST" else wire.READ_SECONDS
        note = functools.partial(self._note, operation, f"{operation.method} {path}")
        self.report.requests += 1
        self.report.tried.add(operation.title)
        try:
            response = self._client.request(
                operation.method,
                path,
                content=raw,
                headers={"content-type": "application/json"} if raw is not None else None,
                json=body,
                timeout=Timeout(seconds, connect=wire.CONNECT_SECONDS),
            )
        except ReadTimeout as error:
            note(f"no answer within {seconds:g} s")
            self.is_busy = operation.method != "GET"
            if self.is_busy and operation.tag not in JOBS:
                raise Unusable(f"{operation.method} {path} was not answered within {seconds:g} s.", TimedOut) from error
            return _Answer("")
        except KeyboardInterrupt:
            # A write that is cut off goes on, and the next one must not come beside it.
            if operation.method != "GET":
                time.sleep(SETTLE_SECONDS)
            raise
        except HTTPError as error:
            reason = str(error) or type(error).__name__
            raise Unusable(f"The connection was lost at {operation.method} {path}: {reason}.", Unreachable) from error
        status = str(response.status_code)
        if status not in expected:
            note(f"{status}, where the contract has {' or '.join(expected)}: {_cut(response.text)}")
        answer = self._read(operation, response, note)
        is_success = status == operation.success and isinstance(answer, dict)
        return _Answer(status, answer.get("data") if is_success else None)

    def _read(self, operation: Operation, response: Response, note: Callable[..., None]) -> Any:
        status = str(response.status_code)
        if status not in operation.answers:
            if response.is_success:
                note(f"the status {status} is not in the contract")
            return None
        if not _is_json(response):
            note(f"the answer is {response.headers.get('content-type', 'of no type')} and not JSON")
        try:
            answer = wire.read_json(response)
        except ValueError as error:
            note(f"the answer cannot be read as JSON: {error}")
            return None
        for problem in _validator(operation, status).iter_errors(answer):
            steps = list(problem.absolute_path)
            note(_cut(problem.message), pointer=_pointer(steps), record=_record_at(answer, steps))
        said = answer.get("status") if isinstance(answer, dict) else None
        if isinstance(said, int) and response.is_success and said != response.status_code:
            note(f"says {said}, and the HTTP status is {status}", pointer="/status")
        return answer

    def _note(self, operation: Operation, request: str, text: str, pointer: str = "", record: str = "") -> None:
        self.report.deviations.append(Deviation(operation.title, request, record, pointer, text))


class _Reading:
    """Every GET: the lists first, then what was found in them."""

    def __init__(self, checker: _Checker) -> None:
        self._checker = checker
        self._keys: list[dict[str, str]] = []
        self._records: set[tuple[str, frozenset[tuple[str, str]]]] = set()

    def run(self) -> None:
        """Send them all."""
        for operation in self._checker.operations(*self._checker.report.generations):
            if operation.method != "GET":
                continue
            for ids in self._found(operation):
                answer = self._checker.call(operation, ids, expected=self._expected(operation, ids))
                self._learn(answer.data, ids)

    def _expected(self, operation: Operation, ids: Ids) -> list[str]:
        """A success, and a 404 too unless the very record was seen in a list."""
        is_known = (operation.tag, frozenset(ids.items())) in self._records
        refused = _refused(operation)
        return [operation.success, *refused] + ["404"] * (not is_known and "404" in operation.answers)

    def _found(self, operation: Operation) -> list[dict[str, str]]:
        """The ids to call an operation with: those of records that belong together."""
        keys = [key for key in self._keys if _generations_of(key) & operation.generations]
        found: list[dict[str, str]] = [{}]
        for name in operation.ids:
            having = [key for key in keys if name in key]
            found = [{**ids, name: value} for ids in found for value in _values(name, ids, having)]
        return found

    def _learn(self, data: object, ids: Ids) -> None:
        for record in _records_in(data):
            if record.get("kind") == "Collaboration" and isinstance(queue := record.get("mq"), dict):
                self._checker.queue = queue
            key = {name: value for name, value in record["key"].items() if isinstance(value, str)}
            if "collab_id" in ids:
                # Models and predictions do not name their collaboration.
                key.setdefault("collab_id", ids["collab_id"])
            if not all(map(_is_addressable, key.values())):
                continue
            self._records.add((f"{str(record.get('kind')).lower()}s", frozenset(key.items())))
            if key not in self._keys:
                self._keys.append(key)


class _Writing:
    """The verbs that change something, on records that are made for it and removed."""

    def __init__(self, checker: _Checker, generation: str, data: Collection[DataSet]) -> None:
        self._checker = checker
        self._generation = generation
        self._data = data
        self._name = f"synergos-check-{secrets.token_hex(4)}"
        kinds = ("collab", "project", "expt", "run", "participant")
        # A TTP deletes by one id alone: what is made here must have ids that nothing else has.
        self._ids = {f"{kind}_id": f"{self._name}-{kind}" for kind in kinds}
        self._operations = checker.operations(generation)
        self._made: list[tuple[str, Ids]] = []
        self._is_working = False

    def run(self) -> None:
        """Make, change and remove; what is left when that is cut short is removed too."""
        try:
            kinds = [resource for resource in PHASE_1 if self._of(resource, "POST")]
            for resource in kinds:
                self._make(resource)
            self._read_no_results()
            for resource in ("tags", "registrations"):
                self._remove(resource)
            if self._data:
                self._work()
            if not self._is_working:
                for resource in reversed(kinds[:-2]):
                    self._remove(resource)
        finally:
            self._clean()

    def _of(self, resource: str, method: str) -> list[Operation]:
        return [one for one in self._operations if one.tag == resource and one.method == method]

    def _items(self, resource: str) -> list[Operation]:
        return [operation for operation in self._of(resource, "GET") if "404" in operation.answers]

    def _make(self, resource: str) -> None:
        """What is not there yet is not found, a wrong body is refused, a right one makes the record."""
        for operation in self._items(resource):
            self._checker.call(operation, self._ids, expected=["404"])
        for operation in self._of(resource, "POST"):
            self._refuse(operation)
        for operation in self._of(resource, "POST"):
            self._create(operation, self._ids, self._new(resource))
        for operation in (*self._of(resource, "GET"), *self._of(resource, "PUT"), *self._of(resource, "GET")):
            body = self._changed(resource) if operation.method == "PUT" else None
            self._checker.call(operation, self._ids, body)

    def _refuse(self, operation: Operation) -> None:
        resource = operation.tag
        own = _own_id(resource)
        # The id of a registration and of tags is in the path: what is refused then is made right after.
        is_own = resource not in ("registrations", "tags")
        ids = {**self._ids, own: f"{self._ids[own]}-refused"} if is_own else self._ids
        self._made.append((resource, ids))
        if resource == "projects":
            self._checker.call(operation, ids, raw=b"{", expected=["400"])
        expected = ["417"] + ["500"] * ((self._generation, resource) in FAILS_ON_WRONG_BODY)
        answer = self._checker.call(operation, ids, self._wrong(resource, ids), expected=expected)
        # A TTP may have kept what it then fails to read, and with it every list that it is in.
        if answer.status.startswith("4") or (is_own and self._is_gone(resource, ids)):
            self._made.remove((resource, ids))

    def _create(self, operation: Operation, ids: Ids, body: object) -> None:
        self._made.append((operation.tag, ids))
        self._checker.call(operation, ids, body)

    def _read_no_results(self) -> None:
        for resource in JOBS:
            for operation in self._of(resource, "GET"):
                self._checker.call(operation, self._ids, expected=["404", *_refused(operation)])

    def _remove(self, resource: str) -> None:
        """Every path to delete a record by; then it is missing for every verb."""
        (create, *_) = self._of(resource, "POST")
        left: list[str] = []
        for index, operation in enumerate(self._of(resource, "DELETE")):
            if index:
                self._create(create, self._ids, self._new(resource))
            self._checker.call(operation, self._ids)
            missing = ["404", "500"]
            for other in self._of(resource, "PUT"):
                self._checker.call(other, self._ids, self._changed(resource), expected=missing)
            self._checker.call(operation, self._ids, expected=missing)
            left = [self._checker.call(other, self._ids, expected=["404"]).status for other in self._items(resource)]
        if set(left) == {"404"}:
            self._made = [made for made in self._made if made != (resource, self._ids)]

    def _work(self) -> None:
        """Phases 2 and 3: align, train, search, validate and predict, each by its narrowest path."""
        sets: dict[str, list[list[str]]] = {}
        for one in self._data:
            sets.setdefault(one.participant, []).append(list(one.tags))
        for participant, tags in sets.items():
            self._register(participant, tags)
        first, tags = next(iter(sets.items()))
        ids = {**self._ids, "participant_id": first}
        for resource in JOBS:
            create = max(self._of(resource, "POST"), key=lambda operation: len(operation.ids))
            may_be_missing = ["403", "404"] if resource == "optimizations" else []
            body, expected = self._job(resource, tags), [create.success, *may_be_missing]
            self._is_working = True
            answer = self._checker.call(create, ids, body, expected=expected)
            # A cluster answers a search with a 404 while its trials wait in the queue.
            is_queued = answer.data == [] or (self._generation, resource, answer.status) == (
                "v8",
                "optimizations",
                "404",
            )
            self._is_working = not answer.status or (is_queued and not self._comes(resource, ids))
            if self._is_working:
                return
            is_there = answer.status == create.success or is_queued
            for operation in self._of(resource, "GET"):
                missing = ["404", *_refused(operation)]
                self._checker.call(operation, ids, expected=[operation.success] if is_there else missing)
            if not is_there and not may_be_missing:
                # All that follows stands on it, and would fail for no fault of its own.
                return
            if resource == "alignments":
                self._suit_the_criterion(ids)

    def _suit_the_criterion(self, ids: Ids) -> None:
        """Of two classes the alignment leaves one output, which another criterion takes."""
        (read,) = self._items("experiments")
        experiment = self._checker.call(read, ids).data
        layers = experiment.get("model") if isinstance(experiment, dict) else None
        last = layers[-1] if isinstance(layers, list) and layers else {}
        if isinstance(last, dict) and (last.get("structure") or {}).get("out_features") == 1:
            (update,) = self._of("runs", "PUT")
            self._checker.call(update, ids, {"criterion": CRITERION_OF_TWO})

    def _register(self, participant: str, tags: list[list[str]]) -> None:
        ids = {**self._ids, "participant_id": participant}
        (read,) = self._items("participants")
        # Only what is missing is made: a TTP takes the POST of a participant that is there for a change of it.
        if self._checker.call(read, ids, expected=["200", "404"]).status == "404":
            (create,) = self._of("participants", "POST")
            self._create(create, ids, {**self._new("participants"), "id": participant})
        registration = self._new("registrations")
        if self._generation == "v8":
            registration |= self._nodes(ids)
        # These go with the project: by themselves, a TTP might take others of the participant with them.
        self._checker.call(self._of("registrations", "POST")[0], ids, registration)
        self._checker.call(self._of("tags", "POST")[0], ids, {"train": tags, "evaluate": tags})

    def _nodes(self, ids: Ids) -> dict[str, Any]:
        """Where a participant's workers listen, as its other registrations say."""
        lists = [one for one in self._of("registrations", "GET") if one.ids == ("participant_id",)]
        for operation in lists:
            for record in _records_in(self._checker.call(operation, ids).data):
                if "node_0" in record:
                    return {name: value for name, value in record.items() if name.startswith(("node_", "n_count"))}
        return {}

    def _comes(self, resource: str, ids: Ids) -> bool:
        """Wait for the records of a job that a cluster has only queued; whether they have come."""
        read = max(self._of(resource, "GET"), key=lambda operation: len(operation.ids))
        until = time.monotonic() + QUEUED_SECONDS
        while time.monotonic() < until:
            if self._checker.call(read, ids, expected=["200", "404"]).status == "200":
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _clean(self) -> None:
        """Remove what is left, the last made first, and say what would not go."""
        try:
            # Work goes on when nobody waits for it, and a TTP is spoiled by what is written beside it.
            if self._is_working or self._checker.is_busy:
                raise Unusable("The TTP may still be at work: remove what was made when that has ended.", TimedOut)
            while self._made:
                resource, ids = self._made[-1]
                if not self._is_gone(resource, ids):
                    self._checker.report.left.append(f"{resource}: {_named(resource, ids)}")
                self._made = [made for made in self._made if made != (resource, ids)]
        except (KeyboardInterrupt, Unusable):
            left = dict.fromkeys(f"{resource}: {_named(resource, ids)}" for resource, ids in reversed(self._made))
            self._checker.report.left.extend(left)
            raise

    def _is_gone(self, resource: str, ids: Ids) -> bool:
        before = len(self._checker.report.deviations)
        (read, *_), (delete, *_) = self._items(resource), self._of(resource, "DELETE")
        status = self._checker.call(read, ids).status
        if status != "404":
            self._checker.call(delete, ids)
            status = self._checker.call(read, ids).status
        # Tidying up is no check: only what stays is told, and elsewhere.
        del self._checker.report.deviations[before:]
        return status == "404"

    def _new(self, resource: str) -> dict[str, Any]:
        is_v4 = self._generation == "v4"
        node = {"host": "127.0.0.1", "port": 8020, "f_port": 5000, "log_msgs": False, "verbose": False}
        layer = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4, "out_features": 1, "bias": True}}
        bodies: dict[str, dict[str, Any]] = {
            "collaborations": {"mq": self._checker.queue},
            "projects": {"action": "classify", "incentives": {"tier_1": []}},
            "experiments": {"model": [{**layer, "activation": "sigmoid"}]},
            "runs": TRAINS,
            "participants": node if is_v4 else {"category": ["check"], "summary": "Made by a check of the contract."},
            "registrations": {"role": "guest"} | ({} if is_v4 else {"n_count": 1, "node_0": node}),
            "tags": {"train": [[self._name]]},
        }
        return _with_id(resource, self._ids, bodies[resource])

    def _changed(self, resource: str) -> dict[str, Any]:
        bodies: dict[str, dict[str, Any]] = {
            "collaborations": {"mlops": {"host": "127.0.0.1", "ports": {"main": 5500, "ui": 0}, "secure": False}},
            "projects": {"incentives": {"tier_1": [], "tier_2": []}},
            "experiments": {"model": self._new("experiments")["model"]},
            "runs": {"rounds": 2, "lr": 0.02},
            "participants": {"port": 8021} if self._generation == "v4" else {"summary": "Changed by a check."},
            "registrations": {"role": "host"},
            "tags": {"evaluate": [[self._name]]},
        }
        return bodies[resource]

    def _wrong(self, resource: str, ids: Ids) -> dict[str, Any]:
        """A body that is to be refused, with an id of its own in case it is not."""
        right = self._new(resource)
        bodies: dict[str, dict[str, Any]] = {
            "collaborations": {**right, "mq": {"host": "127.0.0.1", "ports": {"ui": 0}}},
            "projects": {},
            "experiments": {},
            "runs": {**right, "rounds": "two"},
            "participants": {**right, **({"port": "none"} if self._generation == "v4" else {"summary": 5})},
            "registrations": {} if self._generation == "v4" else {"role": "guest"},
            "tags": {"train": "none"},
        }
        return _with_id(resource, ids, bodies[resource])

    def _job(self, resource: str, tags: list[list[str]]) -> dict[str, Any] | None:
        flags = {"auto_align": True, "dockerised": True, "verbose": False, "log_msgs": False}
        match resource:
            case "alignments":
                return None if self._generation == "v4" else {}
            case "optimizations":
                search = {"lr": {"_type": "choice", "_value": [0.01, 0.02]}}
                tuner = {"tuner": "TPE"} if self._generation == "v4" else {}
                goal = {"metric": "accuracy", "optimize_mode": "max", "max_trial_num": 1, "trial_concurrency": 1}
                return {"search_space": search, **goal, **tuner, **flags}
            case "predictions":
                return {"tags": {self._ids["project_id"]: tags}, "auto_align": True, "dockerised": True}
        return flags


def _refused(operation: Operation) -> list[str]:
    """The statuses by which some deployments say that they do not offer an operation."""
    return [status for one in operation.generations for status in REFUSED_BY_SOME.get((one, operation.tag), [])]


def _own_id(resource: str) -> str:
    names = {"collaborations": "collab_id", "experiments": "expt_id"}
    return names.get(resource, f"{resource.removesuffix('s')}_id")


def _with_id(resource: str, ids: Ids, body: dict[str, Any]) -> dict[str, Any]:
    """A body with the id of what it makes, unless the path has it."""
    if resource in ("registrations", "tags"):
        return body
    own = _own_id(resource)
    return {**body, "id" if own == "participant_id" else own: ids[own]}


def _named(resource: str, ids: Ids) -> str:
    own = ("project_id", "participant_id") if resource in ("registrations", "tags") else (_own_id(resource),)
    return ", ".join(ids[name] for name in own)


def _is_addressable(value: str) -> bool:
    """Whether an id can stand in a path: a TTP stores others too, and they would lead elsewhere."""
    return value not in ("", ".", "..") and "/" not in value


def _generations_of(key: Ids) -> set[str]:
    """The generations in which a record of this key can be asked for."""
    if key.keys() == {"participant_id"}:
        return {"v4", "v8"}
    return {"v8" if "collab_id" in key else "v4"}


def _values(name: str, ids: Ids, keys: list[dict[str, str]]) -> list[str]:
    """The values of an id in the keys that tell most of what it belongs to, and agree with the ids so far."""
    closest = max((len(key.keys() & ids.keys()) for key in keys), default=0)
    return list(
        dict.fromkeys(
            key[name]
            for key in keys
            if len(key.keys() & ids.keys()) == closest
            and all(key[other] == ids[other] for other in key.keys() & ids.keys())
        )
    )


def _records_in(data: object) -> Iterator[dict[str, Any]]:
    """The records in an answer, and those in their relations."""
    for record in data if isinstance(data, list) else [data]:
        if not isinstance(record, dict):
            continue
        if isinstance(record.get("key"), dict):
            yield record
        if isinstance(relations := record.get("relations"), dict):
            for related in relations.values():
                yield from _records_in(related)


def _record_at(answer: object, steps: Iterable[str | int]) -> str:
    """The innermost record on the way to a place."""
    name, node = "", answer
    for step in (None, *steps):
        if step is not None:
            # The place may be one that is missing.
            try:
                node = node[step]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                break
        if isinstance(node, dict) and "kind" in node:
            key = node.get("key")
            ids = ", ".join(map(str, key.values())) if isinstance(key, dict) else f"doc_id {node.get('doc_id')}"
            name = f"{node['kind']} {ids}"
    return name


def _pointer(steps: Iterable[str | int]) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def _is_json(response: Response) -> bool:
    kind: str = response.headers.get("content-type", "")
    return kind.partition(";")[0].strip() == "application/json"


def _is_of_ttp(response: Response) -> bool:
    """Whether it is what a TTP answers for a list: the records, or a failure when one of them is spoiled."""
    name = {200: "data", 500: "message"}.get(response.status_code)
    try:
        answer = wire.read_json(response)
    except ValueError:
        return False
    return _is_json(response) and isinstance(answer, dict) and name in answer


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"


@functools.cache
def _validator(operation: Operation, status: str) -> Draft202012Validator:
    place = operation.answers[status]
    schema = place.schema if place else {}
    return Draft202012Validator({**schema, "components": shipped().tree["components"]})
