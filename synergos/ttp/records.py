"""Phase 1 of the sandbox: the records of the grid, what belongs to what, and what of them is shown."""

import contextlib
import string
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from synergos.common.misspelt import nearest
from synergos.learning.errors import Rejected
from synergos.learning.network import check_layers
from synergos.ttp import contract
from synergos.ttp.errors import Broken, Conflict, Missing
from synergos.ttp.store import Record, Row, Store, ids_of, readable
from synergos.ttp.strategies import check_run

Ids = dict[str, str]
Groups = dict[tuple[str, ...], list[Row]]


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

    @property
    def full_key(self) -> tuple[str, ...]:
        """The ids that make its key, with the collaboration's where it may be in one."""
        return self.key if self.is_global or "collab_id" in self.key else ("collab_id", *self.key)

    def key_in(self, ids: Mapping[str, str]) -> Ids:
        """The key of a record of this kind, taken from ids that hold it."""
        names = self.key if self.is_global or "collab_id" not in ids else ("collab_id", *self.key)
        return {name: ids[name] for name in dict.fromkeys(names)}


_RESULTS = ("Model", "Validation", "Prediction")
_OF_RUNS = ("Origin", "Begun", "Trial", "Unfinished")
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "Collaboration",
            ("collab_id",),
            owns=("Project", "Experiment", "Run", "Registration", "Tag", *_RESULTS),
            hides=("Alignment", "Header", *_OF_RUNS),
        ),
        Kind(
            "Project",
            ("project_id",),
            needs=("Collaboration",),
            owns=("Experiment", "Run", "Registration", "Tag", *_RESULTS),
            hides=("Alignment", "Header", *_OF_RUNS),
        ),
        Kind("Experiment", ("project_id", "expt_id"), needs=("Project",), owns=("Run", *_RESULTS), hides=_OF_RUNS),
        Kind("Run", ("project_id", "expt_id", "run_id"), needs=("Experiment",), owns=_RESULTS, hides=_OF_RUNS),
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
        # What a model was made of and which folder it is in, so that it is not used with anything else.
        Kind("Origin", ("project_id", "expt_id", "run_id")),
        # What a training that has not ended is made of, and where it is.
        Kind("Begun", ("project_id", "expt_id", "run_id")),
        # The run of a trial that is not done yet.
        Kind("Unfinished", ("project_id", "expt_id", "run_id")),
    )
}
OF_RESOURCE = {f"{name.lower()}s": kind for name, kind in KINDS.items()}
# Of these a TTP leaves out what is not set.
_OF_PHASE_1 = ("Collaboration", "Project", "Experiment", "Run", "Participant", "Registration")
# The keys of these hold no collaboration, on no TTP.
_WITHOUT_COLLAB = ("Model", "Prediction")
# Up to so many ids are compared with one that is not there, and up to so long ones.
_COMPARED, _LONGEST_COMPARED = 200, 60
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
        while True:
            self._require_parents(kind, key)
            before = self._readable(kind, key)
            merged = _merged(kind, before, fields)
            with self.store.transaction():
                self._require_parents(kind, key)
                # When it was changed while it was checked, it is checked again.
                if self._readable(kind, key) == before:
                    return self.store.put(kind.name, key, merged, replaces=True)

    def read_all(self, kind: Kind, ids: Ids) -> Iterator[dict[str, Any]]:
        """The records of a kind below some ids, as they are shown: one by one, for there may be very many."""
        anywhere = kind.name == "Collaboration" or (kind.name == "Registration" and [*ids] == ["participant_id"])
        rows = self.store.rows(kind.name, ids, anywhere=anywhere)
        related = {
            name: _grouped(kind, self.store.rows(name, ids, anywhere=anywhere or kind.is_global)) for name in kind.owns
        }
        return (self._with_relations(record, related) for record in readable(kind.name, rows))

    def update(self, kind: Kind, ids: Ids, body: Mapping[str, Any]) -> Record:
        """Change the fields of a record that is there."""
        while True:
            before = self.require(kind, ids)
            merged = _merged(kind, before, body)
            with self.store.transaction():
                if self.require(kind, ids) == before:
                    return self.store.put(kind.name, before.key, merged, replaces=True)

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
        others = self.store.names(kind.name, key, own_id, most=_COMPARED)
        if len(others) == _COMPARED:
            # So many take too long to compare: only those that differ by one letter are looked up.
            others = self.store.names(kind.name, key, own_id, most=_COMPARED, among=slips(key[own_id]))
        near = nearest(key[own_id], others)
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
            name: _grouped(kind, self.store.rows(name, record.key, anywhere=kind.is_global)) for name in kind.owns
        }
        return self._with_relations(record, related)

    def require_same(self, *records: Record) -> None:
        """See that records are there, and still those that were read.

        Raises:
            Missing: When one is not there.
            Conflict: When one was made anew or changed.
        """
        for record in records:
            now = self.require(KINDS[record.kind], record.key)
            if now != record:
                what = "changed" if now.doc_id == record.doc_id else "deleted and made anew"
                raise Conflict(f"{record.kind} {named(record.key)} was {what} meanwhile: do it again.")

    def _require_parents(self, kind: Kind, key: Ids) -> None:
        for parent in kind.needs:
            if parent != "Collaboration" or "collab_id" in key:
                self.require(KINDS[parent], key)

    def _readable(self, kind: Kind, key: Ids) -> Record | None:
        """The record of a key, or None when it is not there or cannot be read."""
        with contextlib.suppress(Broken):
            return self.store.get(kind.name, key)
        return None

    def _with_relations(self, record: Record, related: Mapping[str, Groups]) -> dict[str, Any]:
        shown = self.shown(record)
        kind = KINDS[record.kind]
        if kind.owns:
            own_key = tuple(record.key.get(name, "") for name in kind.full_key)
            shown["relations"] = {
                name: [self.shown(child) for child in readable(name, groups.get(own_key, []))]
                for name, groups in related.items()
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

    def _fields_of(self, kind: Kind, ids: Mapping[str, str]) -> dict[str, Any]:
        record = self._readable(kind, kind.key_in(ids))
        return record.fields if record else {}


def slips(own_id: str) -> set[str]:
    """What an id may have been meant to be: all that differ by one letter, by two that are swapped, or by case."""
    own_id = own_id[:_LONGEST_COMPARED]
    letters = sorted({*string.ascii_lowercase, *string.digits, "_", "-", ".", " ", *own_id})
    halves = [(own_id[:cut], own_id[cut:]) for cut in range(len(own_id) + 1)]
    return {
        *(own_id.lower(), own_id.upper(), own_id.capitalize()),
        *(front + letter + rest for front, rest in halves for letter in letters),
        *(front + letter + rest[1:] for front, rest in halves for letter in ("", *letters) if rest),
        *(front + rest[1] + rest[0] + rest[2:] for front, rest in halves if len(rest) > 1),
    }


def named(ids: Mapping[str, str]) -> str:
    """Ids in the words of an error."""
    return ", ".join(f"{name}={value!r}" for name, value in ids.items()) or "the grid"


def _merged(kind: Kind, before: Record | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record as they are to be, when that can be.

    Raises:
        Rejected: When they cannot.
    """
    kept = dict(before.fields) if before else {}
    if kind.name == "Registration" and "n_count" in fields:
        # The nodes are one whole: where there were more of them before, none is left.
        names = {name for name in fields if _is_node(name)}
        if len(names) != fields["n_count"] or names != {f"node_{number}" for number in range(len(names))}:
            raise Rejected(f"n_count is {fields['n_count']}: send that many nodes, from node_0 on.")
        kept = {name: value for name, value in kept.items() if not _is_node(name)}
    kept |= fields
    if kind.name == "Experiment" and "model" in fields:
        check_layers(fields["model"])
    if kind.name == "Run":
        check_run(kept)
    return kept


def _is_node(field: str) -> bool:
    return field.startswith("node_")


def _grouped(kind: Kind, rows: Iterable[Row]) -> Groups:
    """What belongs to records of a kind, by the keys of these."""
    groups: Groups = {}
    for row in rows:
        groups.setdefault(ids_of(row, kind.full_key), []).append(row)
    return groups


def _without_unset(value: Any) -> Any:
    """A value as a TTP shows it: what is null or an empty object is left out."""
    if isinstance(value, dict):
        shown = {name: _without_unset(part) for name, part in value.items()}
        return {name: part for name, part in shown.items() if part is not None and part != {}}
    if isinstance(value, list):
        return [_without_unset(part) for part in value]
    return value
