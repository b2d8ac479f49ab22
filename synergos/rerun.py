"""A training done once more, as its manifest says, and what is not the same."""

import contextlib
import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from synergos.calls.connection import Connection
from synergos.calls.own_project import Body, done, own_project
from synergos.calls.restore import Call
from synergos.common.records import as_list, as_mapping, id_in
from synergos.common.text import as_cell, one_line
from synergos.errors import SynergosError
from synergos.manifest import Difference, Manifest, sealed
from synergos.results.table import Table
from synergos.train.alignments import AlignmentTask
from synergos.train.models import ModelTask

logger = logging.getLogger("synergos")

_NO_SANDBOX = (
    "Only the sandbox and `synergos ttp` keep manifests. This TTP keeps none, and does not train to the same bits."
)
# What was made, and not what it was made with.
_RESULTS = ("alignment", "rounds", "losses", "weights")
_LONGEST = 60


@attrs.frozen(repr=False)
class Rerun:
    """What came of a training that was done once more. It is true when nothing differs; printed, it says what does.

    Attributes:
        then: The manifest that was given.
        now: That of the new training.
        differences: What is not the same.
        notes: What is to be known of it, a sentence each.
        project_id: The project in which it was trained.
    """

    then: Manifest
    now: Manifest
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]
    project_id: str

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    def __bool__(self) -> bool:
        return self.equal

    def table(self) -> Table:
        """A row for each difference: the part of the manifest, what in it, and what it was and is."""
        rows = tuple(
            {"part": one.part, "what": one.what, "then": _shown(one.then), "now": _shown(one.now)}
            for one in self.differences
        )
        return Table(("part", "what", "then", "now"), rows, self.title, self.notes)

    @property
    def title(self) -> str:
        """Whether it is equal, in one line."""
        which = "/".join(self.then.content["key"].values())  # type: ignore[arg-type]
        parts = list(dict.fromkeys(one.part for one in self.differences))
        if not parts:
            return f"{which}: equal. The same losses and the same weights, to the last bit."
        kept = "" if set(parts) & set(_RESULTS) else " The losses and the weights are the same all the same."
        return f"{which}: not equal. These differ: {', '.join(parts)}.{kept}"

    def __str__(self) -> str:
        return str(self.table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def read_manifest(operation: str, connection: Connection, ids: Mapping[str, str]) -> Manifest:
    """Read the manifest of the model of a run.

    Args:
        operation: What is called; it stands in errors.
        connection: What leads to the TTP.
        ids: The ids of the run.

    Raises:
        NotFound: When there is no such run.
        SynergosError: When the TTP keeps no manifests, or has none of this run.
    """
    call = Call(connection, operation)
    call.send("runs", "read", ids)
    _require_sandbox(operation, connection)
    from synergos_client.api.sandbox import read_manifests

    found = as_list(connection.send(operation, read_manifests._get_kwargs(**ids), ids).get("data"))
    own = [one for one in found if as_mapping(as_mapping(one).get("key")) == ids]
    if not own:
        raise SynergosError(
            f"[{operation}] There is no manifest of the run {ids['run_id']!r}: it is not trained, or was by an earlier "
            "Synergos. Train it."
        )
    return Manifest.of(own[0], "what the TTP answers")


def rerun(connection: Connection, then: Manifest, *, keep: bool, timeout: float | None) -> Rerun:
    """Train once more as a manifest says, in a project of its own, and compare.

    Args:
        connection: What leads to the TTP.
        then: The manifest.
        keep: Whether to leave the project, and participants that were made for it.
        timeout: Seconds for the alignment, and for the training.

    Raises:
        SynergosError: When the TTP keeps no manifests, or a step fails.
    """
    call, own = Call(connection, "rerun"), then.content
    there = {id_in(one, "participant_id") for one in as_list(call.send("participants", "read_all", {}).get("data"))}
    _require_sandbox("rerun", connection)
    again, fields = _as_far_as_it_came(then)
    ids = {"project_id": f"{own['key']['project_id']}__rerun_{uuid.uuid4().hex[:12]}"}
    run = {**ids, "expt_id": own["key"]["expt_id"], "run_id": own["key"]["run_id"]}
    logger.info("[rerun] It is trained in the project %r.", ids["project_id"])
    missing = [name for name in own["participants"] if name not in there]
    with _participants(call, missing, keep=keep) as left, own_project(call, ids, own["action"], keep=keep):
        experiment, layers = {**ids, "expt_id": run["expt_id"]}, {"model": own["layers"]}
        call.send("experiments", "create", experiment, Body({"expt_id": run["expt_id"], **layers}))
        call.send("runs", "create", run, Body({**fields, "run_id": run["run_id"]}))
        for name, part in own["participants"].items():
            key = {**ids, "participant_id": name}
            call.send("registrations", "create", key, Body({"role": "guest"}))
            call.send("tags", "create", key, Body(part["tags"]))
        title = ids["project_id"]
        done(AlignmentTask(connection, ids, returns_errors=False).submit(), timeout, f"{title}: alignments")
        if not own["fitted"]:
            # They were changed after the alignment, which has fitted them now.
            call.send("experiments", "update", experiment, Body(layers))
        done(ModelTask(connection, run, returns_errors=False).submit(), timeout, f"{title}: models")
        now = read_manifest("rerun", connection, run)
    notes = [*_notes(then, again, now), *([f"The project {title!r} is kept."] if keep else []), *left]
    return Rerun(then, now, again.differences(now), tuple(notes), title)


def _require_sandbox(operation: str, connection: Connection) -> None:
    if not connection.is_sandbox:
        raise SynergosError(f"[{operation}] {_NO_SANDBOX}")


def _as_far_as_it_came(then: Manifest) -> tuple[Manifest, dict[str, Any]]:
    """A manifest with what is to be compared, and the fields of the run: of a trial that was ended, of its rounds."""
    own = then.content
    if own["rounds"]["ended"] != "pruned":
        return then, dict(own["run"])
    fields = {**own["run"], "rounds": own["rounds"]["done"]}
    ended = {**own["rounds"], "ended": "done"}
    return Manifest.read(sealed({**own, "run": fields, "rounds": ended})), fields


def _notes(then: Manifest, again: Manifest, now: Manifest) -> Iterator[str]:
    if again != then:
        rounds = then.content["run"].get("rounds")
        yield f"A search had ended it after {then.content['rounds']['done']} of {rounds} rounds: it is trained so far."
    untold = [
        name
        for name, part in then.content["participants"].items()
        if not (part["digests"] and now.content["participants"].get(name, part)["digests"])
    ]
    if untold:
        yield (
            f"{', '.join(map(as_cell, untold))}: whether the data are the same is not compared, for their hashes stay "
            "on the participants' machines; each has them in its data.jsonl."
        )


@contextlib.contextmanager
def _participants(call: Call, names: Iterable[str], *, keep: bool) -> Iterator[list[str]]:
    """Make participants that are not there, and delete them in the end unless somebody else registered them.

    What it gives then says which are left.
    """
    made: list[str] = []
    left: list[str] = []
    try:
        for name in names:
            made.append(name)
            call.send("participants", "create", {"participant_id": name}, Body({"id": name}))
        yield left
    except BaseException as error:
        try:
            for text in _left(call, made, keep=keep):
                error.add_note(text)
        except KeyboardInterrupt:
            error.add_note(f"It was not seen to the end whether the participants made for it are deleted: {made}.")
        raise
    left += _left(call, made, keep=keep)


def _left(call: Call, made: Iterable[str], *, keep: bool) -> Iterator[str]:
    """Delete participants, and say which are left."""
    for name in made:
        ids = {"participant_id": name}
        try:
            found = call.read_if_any("participants", ids)
            if found is None:
                continue
            if not keep and not any(as_mapping(found.get("relations")).values()):
                call.send("participants", "delete", ids)
                continue
        except SynergosError:
            logger.debug("the participant %r was not deleted", name, exc_info=True)
        yield f"The participant {name!r}, which was made for it, is left on the TTP."


def _shown(value: object) -> str:
    text = "" if value is None else value if isinstance(value, str) else one_line(repr(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
