"""Phase 1 of the sandbox: the records of the grid, what belongs to what, and what of them is shown."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from synergos.checks import nearest
from synergos.sandbox import contract, engine
from synergos.sandbox.errors import Missing, Rejected
from synergos.sandbox.store import Record, Store

Ids = dict[str, str]


class Kind(NamedTuple):
    """A kind of record.

    Attributes:
        name: Its name.
        key: The ids that make its key, besides the collaboration's.
        needs: The kinds that must be there before it.
        owns: The kinds that belong to it and that a TTP shows as its relations.
        hides: The kinds that belong to it and are not shown.
        is_global: Whether it is the same for all collaborations, and in none.
    """

    name: str
    key: tuple[str, ...]
    needs: tuple[str, ...] = ()
    owns: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    is_global: bool = False

    def key_in(self, ids: Mapping[str, str]) -> Ids:
        """The key of a record of this kind, taken from ids that hold it."""
        names = self.key if self.is_global or "collab_id" not in ids else ("collab_id", *self.key)
        return {name: ids[name] for name in dict.fromkeys(names)}


_RESULTS = ("Model", "Validation", "Prediction")
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "Collaboration",
            ("collab_id",),
            owns=("Project", "Experiment", "Run", "Registration", "Tag", *_RESULTS),
            hides=("Alignment", "Header", "Trial"),
        ),
        Kind(
            "Project",
            ("project_id",),
            needs=("Collaboration",),
            owns=("Experiment", "Run", "Registration", "Tag", *_RESULTS),
            hides=("Alignment", "Header", "Trial"),
        ),
        Kind("Experiment", ("project_id", "expt_id"), needs=("Project",), owns=("Run", *_RESULTS), hides=("Trial",)),
        Kind("Run", ("project_id", "expt_id", "run_id"), needs=("Experiment",), owns=_RESULTS, hides=("Trial",)),
        Kind("Participant", ("participant_id",), owns=("Registration", "Tag"), hides=("Alignment",), is_global=True),
        Kind(
            "Registration",
            ("project_id", "participant_id"),
            needs=("Project", "Participant"),
            owns=("Tag",),
            hides=("Alignment",),
        ),
        Kind("Tag", ("project_id", "participant_id"), needs=("Registration",), hides=("Alignment",)),
        Kind("Alignment", ("project_id", "participant_id")),
        Kind("Model", ("project_id", "expt_id", "run_id")),
        Kind("Validation", ("project_id", "expt_id", "run_id", "participant_id")),
        Kind("Prediction", ("project_id", "expt_id", "run_id", "participant_id")),
        # What an alignment found in full, for training; no TTP shows it.
        Kind("Header", ("project_id",)),
        # What came of a trial besides its validations; shown by itself.
        Kind("Trial", ("project_id", "expt_id", "run_id")),
    )
}
OF_RESOURCE = {f"{name.lower()}s": kind for name, kind in KINDS.items()}
# Of these a TTP leaves out what is not set.
_OF_PHASE_1 = ("Collaboration", "Project", "Experiment", "Run", "Participant", "Registration")
# The keys of these hold no collaboration, on no TTP.
_WITHOUT_COLLAB = ("Model", "Prediction")
_COMPONENTS = ("catalogue", "logs", "meter", "mlops", "mq")


class Records:
    """The records of a grid."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def create(self, kind: Kind, ids: Ids, body: Mapping[str, Any]) -> Record:
        """Make a record, or change the one that has the same key.

        Args:
            kind: Its kind.
            ids: The ids in the path.
            body: Its fields, and its own id when that is not in the path.

        Returns:
            The record.

        Raises:
            Missing: When what it needs is not there.
            Rejected: When layers or hyperparameters are none that can be trained.
        """
        key, fields = dict(ids), dict(body)
        own_id = kind.key[-1]
        if own_id not in key:
            key[own_id] = fields["id"] if kind.name == "Participant" else fields.pop(own_id)
        if kind.name == "Project":
            fields.pop("collab_id", None)
        for parent in kind.needs:
            if parent != "Collaboration" or "collab_id" in key:
                self.require(KINDS[parent], key)
        return self._put(kind, key, fields)

    def read_all(self, kind: Kind, ids: Ids) -> Iterator[dict[str, Any]]:
        """The records of a kind below some ids, as they are shown: one by one, for there may be very many."""
        anywhere = kind.name == "Collaboration" or (kind.name == "Registration" and [*ids] == ["participant_id"])
        records = self.store.find(kind.name, ids, anywhere=anywhere)
        related = {
            name: self._grouped(kind, self.store.find(name, ids, anywhere=anywhere or kind.is_global))
            for name in kind.owns
        }
        return (self._with_relations(record, related) for record in records)

    def update(self, kind: Kind, ids: Ids, body: Mapping[str, Any]) -> Record:
        """Change the fields of a record that is there."""
        return self._put(kind, self.require(kind, ids).key, body)

    def delete(self, kind: Kind, key: Ids) -> None:
        """Delete a record and all that belongs to it."""
        self.store.delete((kind.name, *kind.owns, *kind.hides), key, anywhere=kind.is_global)

    def require(self, kind: Kind, ids: Mapping[str, str]) -> Record:
        """The record that the ids name.

        Raises:
            Missing: When it is not there. It says what was likely meant.
        """
        key = kind.key_in(ids)
        record = self.store.get(kind.name, key)
        if record is not None:
            return record
        if kind.name in ("Registration", "Tag"):
            lacks = "has not registered for" if kind.name == "Registration" else "has no tags in"
            raise Missing(f"Participant {key['participant_id']!r} {lacks} Project {key['project_id']!r}!")
        own_id = kind.key[-1]
        parent = {name: value for name, value in key.items() if name != own_id}
        others = self.store.find(kind.name, parent, anywhere=kind.name == "Collaboration")
        near = nearest(key[own_id], (other.key[own_id] for other in others))
        hint = f" Did you mean {near!r}?" if near else ""
        raise Missing(f"{kind.name} {key[own_id]!r} does not exist!{hint}")

    def shown(self, record: Record) -> dict[str, Any]:
        """A record as it is shown, without its relations."""
        own = {name: value for name, value in record.fields.items() if contract.is_answered(record.kind, name)}
        if record.kind in _OF_PHASE_1:
            own = _without_unset(own)
        key: dict[str, str | None] = dict(record.key)
        if record.kind in _WITHOUT_COLLAB:
            key.pop("collab_id", None)
        if record.kind == "Alignment" and "collab_id" not in key:
            key["tag_id"] = None
        return {"doc_id": str(record.doc_id), "kind": record.kind, "key": key, **own}

    def shown_whole(self, record: Record) -> dict[str, Any]:
        """A record as it is shown, with its relations."""
        kind = KINDS[record.kind]
        related = {
            name: self._grouped(kind, self.store.find(name, record.key, anywhere=kind.is_global)) for name in kind.owns
        }
        return self._with_relations(record, related)

    def _put(self, kind: Kind, key: Ids, fields: Mapping[str, Any]) -> Record:
        if kind.name == "Experiment":
            engine.check_layers(fields["model"])
        if kind.name == "Run":
            engine.check_run({**self._fields_of(kind, key), **fields})
        if kind.name != "Registration" or "n_count" not in fields:
            return self.store.put(kind.name, key, fields)
        # The nodes are one whole: where there were more of them before, none is left.
        names = {name for name in fields if _is_node(name)}
        if len(names) != fields["n_count"] or names != {f"node_{number}" for number in range(len(names))}:
            raise Rejected(f"n_count is {fields['n_count']}: send that many nodes, from node_0 on.")
        kept = {name: value for name, value in self._fields_of(kind, key).items() if not _is_node(name)}
        return self.store.put(kind.name, key, {**kept, **fields}, replaces=True)

    def _with_relations(self, record: Record, related: Mapping[str, Mapping[Any, list[Record]]]) -> dict[str, Any]:
        shown = self.shown(record)
        kind = KINDS[record.kind]
        if kind.owns:
            own_key = _full_key(kind, record)
            shown["relations"] = {
                name: [self.shown(child) for child in groups.get(own_key, [])] for name, groups in related.items()
            }
        if kind.name == "Registration":
            shown |= self._joined(record)
        return shown

    def _joined(self, registration: Record) -> dict[str, Any]:
        """What a registration shows of what it joins, as that is now."""
        project = self._fields_of(KINDS["Project"], registration.key)
        shown = {"incentives": project.get("incentives", {}), "start_at": project.get("start_at")}
        joined = {"project": shown, "participant": self._fields_of(KINDS["Participant"], registration.key)}
        if "collab_id" in registration.key:
            components = self._fields_of(KINDS["Collaboration"], registration.key)
            shown["action"] = project.get("action")
            joined["collaboration"] = {name: components.get(name, {}) for name in _COMPONENTS}
        return joined

    def _grouped(self, kind: Kind, children: Iterable[Record]) -> dict[tuple[str, ...], list[Record]]:
        groups: dict[tuple[str, ...], list[Record]] = {}
        for child in children:
            # What is in no collaboration belongs to none.
            if all(name in child.key for name in kind.key):
                groups.setdefault(_full_key(kind, child), []).append(child)
        return groups

    def _fields_of(self, kind: Kind, ids: Mapping[str, str]) -> dict[str, Any]:
        record = self.store.get(kind.name, kind.key_in(ids))
        return record.fields if record else {}


def named(ids: Mapping[str, str]) -> str:
    """Ids in the words of an error."""
    return ", ".join(f"{name}={value!r}" for name, value in ids.items()) or "the grid"


def _is_node(field: str) -> bool:
    return field.startswith("node_")


def _full_key(kind: Kind, record: Record) -> tuple[str, ...]:
    """The key of the record of a kind that a record belongs to, or is."""
    return tuple(kind.key_in(record.key).values())


def _without_unset(value: Any) -> Any:
    """A value as a TTP shows it: what is null or an empty object is left out."""
    if isinstance(value, dict):
        shown = {name: _without_unset(part) for name, part in value.items()}
        return {name: part for name, part in shown.items() if part is not None and part != {}}
    if isinstance(value, list):
        return [_without_unset(part) for part in value]
    return value
