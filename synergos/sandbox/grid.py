"""What a TTP does: it keeps what it is told in phase 1, and has the participants work in phases 2 and 3.

The sandbox answers as a TTP does, less what a TTP does wrong: parents are checked, what belongs together follows the
key in full, a missing item is a 404 whatever is asked of it.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from synergos.checks import nearest
from synergos.sandbox import contract, engine
from synergos.sandbox.contract import Operation
from synergos.sandbox.errors import Missing, Rejected
from synergos.sandbox.store import IDS, Record, Store

logger = logging.getLogger("synergos.sandbox")

Ids = dict[str, str]


class Kind(NamedTuple):
    """A kind of record: the ids that make its key, what it needs, and what belongs to it."""

    name: str
    key: tuple[str, ...]
    needs: tuple[str, ...] = ()
    owns: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()

    @property
    def own_id(self) -> str:
        """The id that tells records of this kind below one parent apart."""
        return self.key[-1]


# `owns` are the relations that a TTP shows; `hides` goes with the record when it is deleted, and is not shown.
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "Project",
            ("project_id",),
            owns=("Experiment", "Run", "Registration", "Tag", "Model", "Validation", "Prediction"),
            hides=("Alignment", "Header"),
        ),
        Kind("Experiment", ("project_id", "expt_id"), ("Project",), ("Run", "Model", "Validation", "Prediction")),
        Kind("Run", ("project_id", "expt_id", "run_id"), ("Experiment",), ("Model", "Validation", "Prediction")),
        Kind("Participant", ("participant_id",), owns=("Registration", "Tag"), hides=("Alignment",)),
        Kind("Registration", ("project_id", "participant_id"), ("Project", "Participant"), ("Tag",), ("Alignment",)),
        Kind("Tag", ("project_id", "participant_id"), ("Registration",), hides=("Alignment",)),
        Kind("Alignment", ("project_id", "participant_id")),
        Kind("Model", ("project_id", "expt_id", "run_id")),
        Kind("Validation", ("project_id", "expt_id", "run_id", "participant_id")),
        Kind("Prediction", ("project_id", "expt_id", "run_id", "participant_id")),
        # What an alignment found in full, for training; no TTP shows it.
        Kind("Header", ("project_id",)),
    )
}
_OF_RESOURCE = {f"{name.lower()}s": kind for name, kind in KINDS.items()}
_ID_OF = {"Project": "project_id", "Experiment": "expt_id", "Run": "run_id", "Participant": "participant_id"}


class Progress(NamedTuple):
    """One round of a training: which run, and how far it is."""

    project_id: str
    expt_id: str
    run_id: str
    round: engine.RoundReport


class Grid:
    """The TTP and its participants, on this machine."""

    def __init__(
        self,
        store: Store,
        data: Path,
        outputs: Path,
        on_round: Callable[[Progress], None] | None = None,
    ) -> None:
        """Take charge of a store.

        Args:
            store: The records.
            data: The folder in which participants' data are found by their tags.
            outputs: The folder that models and results are written to.
            on_round: Called after each round of a training.
        """
        self.stopping = threading.Event()
        self._store = store
        self._data = data
        self._outputs = outputs
        self._on_round = on_round
        for leftover in outputs.rglob(".*.tmp"):
            leftover.unlink()

    def answer(self, operation: Operation, ids: Ids, body: Mapping[str, Any]) -> Any:
        """Do what an operation asks for.

        Args:
            operation: The operation.
            ids: The ids in its path.
            body: What was sent, already held against the contract.

        Returns:
            The data of the answer: a record, or a list of records.

        Raises:
            SandboxError: When it cannot be done; it knows the status.
        """
        if operation.resource in WORK:
            if operation.verb == "create":
                return [self._shown(record) for record in WORK[operation.resource](self, ids, body)]
            return self._read_results(operation.resource, ids)
        kind = _OF_RESOURCE[operation.resource]
        if operation.is_list:
            return self._read_all(kind, ids)
        act = {"create": self._create, "read": self._read, "update": self._update, "delete": self._delete}
        return act[operation.verb](kind, ids, body)

    # Phase 1

    def _create(self, kind: Kind, ids: Ids, body: Mapping[str, Any]) -> dict[str, Any]:
        key, fields = dict(ids), dict(body)
        if kind.own_id not in key:
            own_id = fields["id"] if kind.name == "Participant" else fields.pop(kind.own_id)
            key[kind.own_id] = own_id
        for parent in kind.needs:
            self._require(KINDS[parent], key)
        if kind.name == "Experiment":
            engine.check_layers(fields["model"])
        if kind.name == "Run":
            engine.check_run({**self._fields_of(kind, key), **fields})
        return self._shown_whole(self._store.put(kind.name, key, fields))

    def _read_all(self, kind: Kind, ids: Ids) -> list[dict[str, Any]]:
        records = self._store.find(kind.name, ids)
        related = {name: self._grouped(kind, self._store.find(name, ids)) for name in kind.owns}
        return [self._with_relations(record, related) for record in records]

    def _read(self, kind: Kind, ids: Ids, _: object) -> dict[str, Any]:
        return self._shown_whole(self._require(kind, ids))

    def _update(self, kind: Kind, ids: Ids, body: Mapping[str, Any]) -> dict[str, Any]:
        record = self._require(kind, ids)
        if kind.name == "Experiment":
            engine.check_layers(body["model"])
        if kind.name == "Run":
            engine.check_run({**record.fields, **body})
        return self._shown_whole(self._store.put(kind.name, record.key, body))

    def _delete(self, kind: Kind, ids: Ids, _: object) -> dict[str, Any]:
        record = self._require(kind, ids)
        shown = self._shown_whole(record)
        self._remove(kind, record.key)
        return shown

    def _remove(self, kind: Kind, key: Ids) -> None:
        """Delete a record with all that belongs to it, files too."""
        self._store.delete((kind.name, *kind.owns, *kind.hides), key)
        if kind.name in ("Project", "Experiment", "Run"):
            shutil.rmtree(self._folder(key), ignore_errors=True)

    # Phases 2 and 3

    def _read_results(self, resource: str, ids: Ids) -> list[dict[str, Any]]:
        # No trial ever ends in this generation of the TTP.
        found = [] if resource == "optimizations" else self._store.find(_OF_RESOURCE[resource].name, ids)
        if not found:
            raise Missing(f"There are no {resource} yet for {_named(ids)}.")
        return [self._shown(record) for record in found]

    def _align(self, ids: Ids, _: object) -> Iterator[Record]:
        project = self._require(KINDS["Project"], ids)
        action = _action(project)
        alignment = engine.align(self._data, action, self._participants(ids))
        # It may have been deleted in the meantime.
        self._require(KINDS["Project"], ids)
        experiments = self._store.find("Experiment", ids)
        fitted = [engine.fit_layers(experiment.fields["model"], alignment, action) for experiment in experiments]
        kept = self._store.put_all(
            [
                ("Header", project.key, alignment.to_dict()),
                *(("Experiment", one.key, {"model": model}) for one, model in zip(experiments, fitted, strict=True)),
                *(
                    ("Alignment", {**project.key, "participant_id": name}, spacers)
                    for name, spacers in alignment.spacers.items()
                ),
            ]
        )
        return (record for record in kept if record.kind == "Alignment")

    def _train(self, ids: Ids, _: object) -> Iterator[Record]:
        project = self._require(KINDS["Project"], ids)
        runs = self._runs(ids)
        alignment = self._alignment(project.key)
        participants = [participant for participant in self._participants(ids) if participant.train]
        if not any(participant.evaluate for participant in participants):
            raise Rejected("A training needs a participant with `evaluate` tags: set them and align again.")
        for run in runs:
            yield self._train_one(project, run, participants, alignment)

    def _train_one(
        self, project: Record, run: Record, participants: list[engine.Participant], alignment: engine.Alignment
    ) -> Record:
        def report(done: engine.RoundReport) -> None:
            if self._on_round is not None:
                self._on_round(Progress(run.key["project_id"], run.key["expt_id"], run.key["run_id"], done))

        logger.info("training %s", _named(run.key))
        trained = engine.train(
            data=self._data,
            outputs=self._folder(run.key),
            action=_action(project),
            model=self._require(KINDS["Experiment"], run.key).fields["model"],
            run=run.fields,
            participants=participants,
            alignment=alignment,
            on_round=report,
            cancelled=self.stopping,
        )
        return self._keep_result("Model", run, run.key, trained)

    def _optimize(self, ids: Ids, _: object) -> Iterator[Record]:
        self._require(KINDS["Experiment"], ids)
        raise Missing("The trials came to nothing: this generation of the TTP has no search for hyperparameters.")

    def _validate(self, ids: Ids, _: object) -> Iterator[Record]:
        project = self._require(KINDS["Project"], ids)
        participants = self._participants(ids)
        if "participant_id" in ids:
            self._require(KINDS["Registration"], ids)
            participants = [one for one in participants if one.participant_id == ids["participant_id"]]
        for run in self._runs(ids):
            for participant in participants:
                if participant.evaluate:
                    yield self._evaluate(project, run, participant, "evaluate")

    def _predict(self, ids: Ids, body: Mapping[str, Any]) -> Iterator[Record]:
        participant_id = ids["participant_id"]
        self._require(KINDS["Participant"], ids)
        tags = body["tags"]
        if "project_id" in ids and ids["project_id"] not in tags:
            raise Rejected(f"tags: there are none for the project {ids['project_id']!r}, only for {', '.join(tags)}.")
        wanted = [ids["project_id"]] if "project_id" in ids else list(tags)
        for project_id in tags:
            self._require(KINDS["Tag"], {"project_id": project_id, "participant_id": participant_id})
        work = [
            (project, run)
            for project_id in wanted
            for project in [self._require(KINDS["Project"], {"project_id": project_id})]
            for run in self._runs({**ids, "project_id": project_id})
        ]
        for project_id, data_tags in tags.items():
            key = {"project_id": project_id, "participant_id": participant_id}
            self._store.put("Tag", key, {"predict": data_tags})
        for project, run in work:
            (participant,) = (one for one in self._participants(project.key) if one.participant_id == participant_id)
            yield self._evaluate(project, run, participant, "predict")

    def _evaluate(
        self, project: Record, run: Record, participant: engine.Participant, meta: Literal["evaluate", "predict"]
    ) -> Record:
        found = engine.evaluate(
            data=self._data,
            outputs=self._folder(run.key),
            action=_action(project),
            model=self._require(KINDS["Experiment"], run.key).fields["model"],
            run=run.fields,
            participant=participant,
            alignment=self._alignment(project.key),
            meta=meta,
        )
        kind = "Validation" if meta == "evaluate" else "Prediction"
        return self._keep_result(kind, run, {**run.key, "participant_id": participant.participant_id}, {meta: found})

    def _keep_result(self, kind: str, run: Record, key: Ids, fields: Mapping[str, Any]) -> Record:
        """Keep what came of a run, in place of what came of it before."""
        result = self._store.put(kind, key, fields, replaces=True)
        try:
            self._require(KINDS["Run"], run.key)
        except Missing:
            # It was deleted in the meantime, and its result was not there yet to be deleted with it.
            self._remove(KINDS["Run"], run.key)
            raise
        return result

    def _alignment(self, project_key: Ids) -> engine.Alignment:
        header = self._store.get("Header", project_key)
        if header is None:
            raise Rejected(f"{_named(project_key)} is not aligned: create its alignments first.")
        return engine.Alignment.from_dict(header.fields)

    def _participants(self, ids: Ids) -> list[engine.Participant]:
        scope = _only(ids, "collab_id", "project_id")
        tags = {record.key["participant_id"]: record.fields for record in self._store.find("Tag", scope)}
        return [
            engine.Participant(
                participant_id=participant_id,
                train=tags[participant_id]["train"],
                evaluate=tags[participant_id].get("evaluate", []),
                predict=tags[participant_id].get("predict", []),
            )
            for participant_id in sorted(tags)
        ]

    def _runs(self, ids: Ids) -> list[Record]:
        """The runs below the ids, each of which has to be there."""
        scope = _only(ids, "collab_id", "project_id", "expt_id", "run_id")
        for parent in ("Project", "Experiment", "Run"):
            if _ID_OF[parent] in scope:
                self._require(KINDS[parent], scope)
        runs = self._store.find("Run", scope)
        if not runs:
            raise Missing(f"There are no runs yet for {_named(scope)}.")
        return runs

    def _folder(self, key: Mapping[str, str]) -> Path:
        """Where the files of a project, an experiment or a run are."""
        return self._outputs.joinpath(*(engine.file_name(key[name]) for name in IDS if name in key))

    # What is shown of a record

    def _shown(self, record: Record) -> dict[str, Any]:
        own = {name: value for name, value in record.fields.items() if contract.is_answered(record.kind, name)}
        if record.kind in ("Project", "Experiment", "Run", "Participant", "Registration"):
            own = _without_unset(own)
        key: dict[str, str | None] = dict(record.key)
        if record.kind == "Alignment":
            key["tag_id"] = None
        return {"doc_id": str(record.doc_id), "kind": record.kind, "key": key, **own}

    def _shown_whole(self, record: Record) -> dict[str, Any]:
        kind = KINDS[record.kind]
        return self._with_relations(
            record, {name: self._grouped(kind, self._store.find(name, record.key)) for name in kind.owns}
        )

    def _with_relations(self, record: Record, related: Mapping[str, Mapping[Any, list[Record]]]) -> dict[str, Any]:
        shown = self._shown(record)
        kind = KINDS[record.kind]
        if kind.owns:
            own_key = tuple(record.key[name] for name in kind.key)
            shown["relations"] = {
                name: [self._shown(child) for child in groups.get(own_key, [])] for name, groups in related.items()
            }
        if kind.name == "Registration":
            project = self._fields_of(KINDS["Project"], record.key)
            shown["project"] = {"incentives": project.get("incentives", {}), "start_at": project.get("start_at")}
            shown["participant"] = self._fields_of(KINDS["Participant"], record.key)
        return shown

    def _grouped(self, kind: Kind, children: Iterable[Record]) -> dict[tuple[str, ...], list[Record]]:
        groups: dict[tuple[str, ...], list[Record]] = {}
        for child in children:
            groups.setdefault(tuple(child.key[name] for name in kind.key), []).append(child)
        return groups

    def _fields_of(self, kind: Kind, ids: Ids) -> dict[str, Any]:
        record = self._store.get(kind.name, {name: ids[name] for name in kind.key})
        return record.fields if record else {}

    def _require(self, kind: Kind, ids: Ids) -> Record:
        """The record that the ids name, or a 404 with what was likely meant."""
        key = {name: ids[name] for name in kind.key}
        record = self._store.get(kind.name, key)
        if record is not None:
            return record
        if kind.name == "Registration":
            raise Missing(
                f"Participant {key['participant_id']!r} has not registered for Project {key['project_id']!r}!"
            )
        if kind.name == "Tag":
            text = f"Participant {key['participant_id']!r} has no tags in Project {key['project_id']!r}!"
            raise Missing(text)
        parent = {name: key[name] for name in kind.key[:-1]}
        near = nearest(key[kind.own_id], (other.key[kind.own_id] for other in self._store.find(kind.name, parent)))
        hint = f" Did you mean {near!r}?" if near else ""
        raise Missing(f"{kind.name} {key[kind.own_id]!r} does not exist!{hint}")


WORK: dict[str, Callable[[Grid, Ids, Mapping[str, Any]], Iterator[Record]]] = {
    "alignments": Grid._align,
    "models": Grid._train,
    "optimizations": Grid._optimize,
    "validations": Grid._validate,
    "predictions": Grid._predict,
}


def _action(project: Record) -> str:
    action = project.fields.get("action")
    if action is None:
        raise Rejected(f"{_named(project.key)} has no action: update it with 'classify' or 'regress'.")
    return str(action)


def _named(ids: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in ids.items()) or "the grid"


def _only(ids: Ids, *names: str) -> Ids:
    return {name: ids[name] for name in names if name in ids}


def _without_unset(value: Any) -> Any:
    """A value as a TTP shows it: what is null or an empty object is left out."""
    if isinstance(value, dict):
        shown = {name: _without_unset(part) for name, part in value.items()}
        return {name: part for name, part in shown.items() if part is not None and part != {}}
    if isinstance(value, list):
        return [_without_unset(part) for part in value]
    return value
