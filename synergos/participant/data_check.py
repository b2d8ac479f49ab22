"""A look at data folders without any TTP: what a training would read of them, and whether it could."""

import html
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from synergos.common.checks import check
from synergos.errors import InvalidArgument
from synergos.findings import DataTable, Finding, findings_as_html, findings_as_text, ordered
from synergos.learning.data_report import DataReport, look
from synergos.learning.errors import Rejected
from synergos.learning.party import Dataset, Participant
from synergos.learning.tables import EVALUATION, PREDICTION, TRAINING
from synergos.participant.folders import how_to_prepare
from synergos.participant.reading import Reader, load
from synergos.participant.worker import Worker

# What of a path says that its rows are to evaluate on, or to predict.
_PURPOSES = {"evaluate": EVALUATION, "eval": EVALUATION, "test": EVALUATION, "predict": PREDICTION}
# A regression has more values than this in its target.
_MOST_CLASSES = 20


@dataclass(frozen=True, repr=False)
class DataCheck:
    """What a training would read of data folders. It is true when it could; it prints as a report.

    Attributes:
        folder: The folder that was looked at.
        action: What the targets are taken for: "classify" or "regress".
        tables: What was read, by data folder.
        findings: What stands against a training, or is good to know before it, the worst first.
    """

    folder: Path
    action: str
    tables: tuple[DataTable, ...]
    findings: tuple[Finding, ...]
    _report: DataReport

    def __bool__(self) -> bool:
        return self._report.can_be_trained_with

    def as_data(self) -> dict[str, Any]:
        """The check for JSON."""
        return {"folder": str(self.folder), "action": self.action, "ok": bool(self), **self._report.as_data()}

    def __str__(self) -> str:
        findings = [findings_as_text(self.findings)] if self.findings else []
        return "\n\n".join([self._headline, *map(str, self.tables), *findings])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        tables = "".join(table._repr_html_() for table in self.tables)
        return f"<div><p><b>{html.escape(self._headline)}</b></p>{findings_as_html(self.findings)}{tables}</div>"

    @property
    def _headline(self) -> str:
        outcome = "can be trained with" if self else "cannot be trained with"
        return f"{self.folder} {outcome}, to {self.action}."


def check_data(folder: str | Path, *, action: Literal["classify", "regress"] | None = None) -> DataCheck:
    """Read data folders as a training would, without any TTP.

    Folders whose path has `evaluate`, `eval` or `test` in it are read as rows to evaluate on, those with `predict` as
    rows to predict, and all others as rows to train on. They are taken for those of one participant.

    Args:
        folder: A data folder, or a folder with several in it.
        action: What the project does; None tells it from the targets.

    Returns:
        What was read, and what stands against a training.

    Raises:
        InvalidArgument: When there is no data folder.
        NotADirectoryError: When it is not a folder.

    Example:
        >>> found = check_data(demo_data() / "iid_1")
        >>> bool(found), found.action
        (True, 'classify')
    """
    check("check_data", "action", action, Literal["classify", "regress"] | None)
    top = Path(folder).resolve()
    if not top.is_dir():
        raise NotADirectoryError(f"{str(folder)!r} is not a folder.")
    found = sorted(Path(path) for path, _, files in os.walk(top) if "metadata.json" in files)
    if not found:
        raise InvalidArgument(f"[check_data] {how_to_prepare(top)}")
    # Its name is the participant's, unless it is a data folder itself.
    data, name = (top.parent.parent, top.parent.name) if found[0] == top else (top.parent, top.name)
    tags: dict[str, list[list[str]]] = {TRAINING: [], EVALUATION: [], PREDICTION: []}
    for path in found:
        parts = list(path.relative_to(data / name).parts)
        purpose = next((_PURPOSES[part] for part in parts if part in _PURPOSES), TRAINING)
        tags[purpose].append(parts)
    if not tags[TRAINING]:
        # Whatever they are called, they are all there is to train on.
        tags = {**tags, TRAINING: tags[EVALUATION], EVALUATION: []}
    participant = Participant(name, tags[TRAINING], tags[EVALUATION], tags[PREDICTION])
    action = action or _likely_action(data, participant)
    worker, dataset = Worker(name, Reader(data), data), Dataset.of(participant, action, [name])
    report = look([worker.report(dataset)], action, partial(worker.measure, dataset.only(TRAINING)))
    report = replace(report, findings=ordered([*report.findings, *_unprepared(top, found)]))
    tables = tuple(DataTable.from_record(table) for table in report.as_data()["tables"])
    return DataCheck(top, action, tables, tuple(report.findings), report)


def _unprepared(top: Path, found: Sequence[Path]) -> list[Finding]:
    """What lies beside the data folders and is none."""
    return [
        Finding(
            "warning",
            f"'{file.relative_to(top)}' is in no data folder.",
            "the folder",
            "A tag that leads there is refused, for want of metadata.json.",
            how_to_prepare(file.parent),
        )
        for file in sorted(top.rglob("*.[cC][sS][vV]"))
        if not any(file.is_relative_to(path) for path in found)
    ]


def _likely_action(data: Path, participant: Participant) -> Literal["classify", "regress"]:
    """What the targets are for: numbers with a fraction, or many different ones, are a regression's."""
    for tag in participant.train:
        try:
            table = load(data, participant.participant_id, [tag], action="regress", purpose=TRAINING)
        except Rejected:
            continue
        values = table.target.dropna()
        if table.report.target is not None and table.report.target.strays == 0 and len(values):
            is_whole = bool((values.astype(float) % 1 == 0).all())
            return "classify" if is_whole and values.nunique() <= _MOST_CLASSES else "regress"
    return "classify"
