"""``manifest.json`` beside the weights of a model: what it was made of, and what came of it."""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from synergos.contract.document import shipped
from synergos.learning import strict
from synergos.learning.alignment import Alignment, fit_layers
from synergos.learning.errors import Rejected
from synergos.learning.files import write_json
from synergos.learning.party import Participant, Prepared
from synergos.learning.tables import EVALUATION, TRAINING
from synergos.learning.task import Task, whole_number
from synergos.learning.versions import versions
from synergos.manifest import FORMAT, MANIFEST, sealed
from synergos.ttp.rounds import Outcome


def write_manifest(
    folder: Path,
    *,
    key: Mapping[str, str],
    action: str,
    task: Task,
    alignment: Alignment,
    participants: Sequence[Participant],
    ready: Mapping[str, Prepared],
    outcome: Outcome,
    is_pruned: bool,
) -> None:
    """Write the manifest of a model beside its weights, which are there already.

    Args:
        folder: The folder of the weights.
        key: Which run it is.
        action: ``classify`` or ``regress``.
        task: What was trained.
        alignment: What all agree on, as participants are told it.
        participants: Who trained, in their places.
        ready: What each said before.
        outcome: What came of it.
        is_pruned: Whether a search ended the training, for nothing good was to be hoped of it.
    """
    content = {
        "format": FORMAT,
        "key": dict(key),
        "contract": shipped().tree["info"]["version"],
        "versions": versions(),
        "platform": f"{platform.system()} {platform.machine()}, {torch.backends.cpu.get_cpu_capability()}",
        "action": action,
        "seed": task.seed,
        "layers": list(task.model),
        "fitted": _is_fitted(task, alignment, action),
        "run": dict(task.fields),
        "participants": {one.participant_id: _part(one, ready[one.participant_id]) for one in participants},
        "alignment": {name: part for name, part in alignment.to_dict().items() if name != "spacers"},
        "rounds": {
            "done": len(outcome.train_losses),
            "best": outcome.best_round,
            "ended": _ended(task, outcome, is_pruned=is_pruned),
        },
        "losses": {
            "train": outcome.train_losses,
            "evaluate": outcome.evaluate_losses,
            "local": outcome.local_losses,
        },
        "weights": {path.name: _hashes(path) for path in sorted(folder.glob("*.pt"))},
    }
    # As it is read again: with names that are texts, and no number that is none.
    write_json(folder / MANIFEST, sealed(json.loads(strict.dumps(content))))


def _part(participant: Participant, ready: Prepared) -> dict[str, object]:
    return {
        "tags": {purpose: participant.tags(purpose) for purpose in (TRAINING, EVALUATION)},
        "rows": {table.purpose: table.rows_used for table in ready.tables},
        "digests": dict(ready.digests),
    }


def _is_fitted(task: Task, alignment: Alignment, action: str) -> bool:
    """Whether the layers are as an alignment fits them, and were not changed after it."""
    try:
        return fit_layers(task.model, alignment, action) == list(task.model)
    except (Rejected, LookupError, TypeError, AttributeError):
        return False


def _ended(task: Task, outcome: Outcome, *, is_pruned: bool) -> Literal["done", "early", "pruned"]:
    if is_pruned:
        return "pruned"
    return "done" if len(outcome.train_losses) == whole_number(task.fields, "rounds", 1) else "early"


def _hashes(path: Path) -> dict[str, str]:
    """Hash a file of weights, and what is in it whatever torch makes of it.

    The latter is the SHA-256 of, for each tensor in its order, a line of JSON with its name, dtype and shape, and its
    values, least byte first.
    """
    found = hashlib.sha256()
    weights: dict[str, Tensor] = torch.load(path, weights_only=True)
    for name, tensor in weights.items():
        values = tensor.contiguous().numpy()
        found.update(f"{json.dumps([name, str(values.dtype), list(values.shape)], separators=(',', ':'))}\n".encode())
        found.update(values.astype(values.dtype.newbyteorder("<")).tobytes())
    return {"values": found.hexdigest(), "file": hashlib.sha256(path.read_bytes()).hexdigest()}
