"""A participant at work: it reads its own data and answers what a TTP asks of them.

It is the :class:`~synergos.learning.party.Party` that holds rows. What it has read and encoded it keeps for as long as
it lives, which is one job.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from synergos.findings import Finding
from synergos.learning import data_report
from synergos.learning.alignment import Alignment
from synergos.learning.errors import Rejected
from synergos.learning.files import DATA_REPORT, file_name, write, write_json
from synergos.learning.network import Network, single_thread
from synergos.learning.party import (
    PURPOSES,
    Agreed,
    Dataset,
    Description,
    Evaluation,
    Look,
    Measures,
    Prepared,
    Tags,
    Trained,
)
from synergos.learning.tables import CLASSIFY, EVALUATION, IMAGE, PREDICTION, TABULAR, TRAINING
from synergos.learning.target import Numbers, Scale, scale_for
from synergos.learning.task import State, Task, fitting, misfits, seeded
from synergos.participant import data, images, spreadsheet, target
from synergos.participant.digest import digest
from synergos.participant.predictions import check_finite, compare, output_of, predictions_of
from synergos.participant.reading import Reader, load
from synergos.participant.rows import Rows, held
from synergos.participant.spelling import check_truths
from synergos.participant.table import Table
from synergos.participant.training import Data, fit, loss_of, try_out, warn_of_parts


@dataclass
class _Encoded:
    """A table as a network takes it, and its target by each scale that it was trained with."""

    purpose: str
    dataset: Dataset
    alignment: Alignment
    table: Table
    rows: Rows
    targets: dict[Scale, Tensor] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """What tells the rows from any others."""
        return digest(self.table)


class Worker:
    """One participant, for the length of one job.

    Args:
        participant_id: Whose data they are.
        reader: Reads the data folders; several participants of one machine may share it.
        outputs: The folder below which predictions are kept.
        room: What decoded images may be kept in.
        cancelled: Looked at before every batch.
    """

    def __init__(
        self,
        participant_id: str,
        reader: Reader,
        outputs: Path,
        room: images.Room | None = None,
        cancelled: threading.Event | None = None,
    ) -> None:
        self.participant_id = participant_id
        self._reader = reader
        self._outputs = outputs
        self._room = room or images.Room()
        self._cancelled = cancelled
        self._loaded: dict[tuple[str, str, str], Table] = {}
        self._encoded: list[_Encoded] = []
        self._empty: tuple[Task, Network] | None = None

    def describe(self, dataset: Dataset) -> Description:
        """Say of the data what all have to agree on."""
        return self._described(dict(self._tables(dataset)), dataset.action)

    def measure(self, dataset: Dataset, agreed: Agreed) -> Measures:
        """Hold the data against what all agree on."""
        tables = dict(self._tables(dataset))
        for table in tables.values():
            check_truths(table, agreed.truths)
        if agreed.shape is not None:
            return Measures({}, images.measure(tables[TRAINING].features, agreed.shape))
        return Measures({name: data.lacking(one, agreed.columns, agreed.features) for name, one in tables.items()})

    def report(self, dataset: Dataset) -> Look:
        """Say how the data can be read, tag by tag."""
        reports, problems, training = [], [], None
        for purpose in PURPOSES:
            tags = dataset.tags.get(purpose, ())
            if not tags:
                continue
            try:
                table = self._load(dataset, purpose, tags)
            except Rejected as error:
                shown = ", ".join(str(list(tag)) for tag in tags)
                where = f"participant {self.participant_id!r}, {purpose} {shown}"
                why, remedy = "It cannot be read, and an alignment fails by it.", "Mend the data, or the tag."
                problems.append(Finding("error", f"{error.message}.", where, why, remedy))
                continue
            try:
                reports += [self._read(dataset, purpose, [tag]).report for tag in tags]
            except Rejected:
                # By itself a tag may lose too much of what it holds, which beside the others is little.
                reports.append(table.report)
            if purpose == TRAINING:
                training = self._described({purpose: table}, dataset.action)
        return Look(reports, problems, training)

    @single_thread()
    def prepare(self, dataset: Dataset, alignment: Alignment, task: Task) -> Prepared:
        """Read what to train and evaluate with, and see that the layers and the criterion take it."""
        network, training = task.network(), self._data(TRAINING, dataset, alignment, task)
        evaluates = bool(dataset.tags.get(EVALUATION))
        if evaluates:
            self._data(EVALUATION, dataset, alignment, task)
        try_out(network, task, self.participant_id, training)
        warn_of_parts(network, task, self.participant_id, training)
        purposes = [TRAINING, EVALUATION] if evaluates else [TRAINING]
        read = {purpose: self._encode(purpose, dataset, alignment) for purpose in purposes}
        return Prepared(
            [one.table.report for one in read.values()],
            None if task.classes else float(training[1].abs().max()),
            {purpose: one.digest for purpose, one in read.items()},
        )

    @single_thread()
    def train(
        self, dataset: Dataset, alignment: Alignment, task: Task, weights: State, *, mu: float, seed: int
    ) -> Trained:
        """Train for the epochs of one round."""
        own, network = self._data(TRAINING, dataset, alignment, task), self._network(task, weights)
        with seeded(seed), misfits("training"):
            loss = fit(network, task, own, mu, self._cancelled)
        return Trained(network.state_dict(), loss, len(own[0]))

    @single_thread()
    def loss(self, dataset: Dataset, alignment: Alignment, task: Task, weights: State) -> tuple[float, int]:
        """Evaluate a round's model: the mean loss, and over how many rows."""
        own = self._data(EVALUATION, dataset, alignment, task)
        return loss_of(self._network(task, weights), task, own), len(own[0])

    def evaluate(
        self, dataset: Dataset, alignment: Alignment, task: Task, weights: State, folder: str | None
    ) -> Evaluation:
        """Evaluate a model in the target's own unit; its predictions are kept in a folder, if one is named."""
        return self._evaluate(EVALUATION, dataset, alignment, task, weights, folder)

    def predict(
        self, dataset: Dataset, alignment: Alignment, task: Task, weights: State, folder: str | None
    ) -> Evaluation:
        """Predict with a model, where targets may be unknown."""
        return self._evaluate(PREDICTION, dataset, alignment, task, weights, folder)

    def _evaluate(
        self,
        purpose: str,
        dataset: Dataset,
        alignment: Alignment,
        task: Task,
        weights: State,
        folder: str | None,
    ) -> Evaluation:
        encoded, network = self._encode(purpose, dataset, alignment), Network(task.model)
        # As they are: the last layer of a regression may be in float64.
        network.load_state_dict(weights, assign=True)
        table, output = encoded.table, output_of(network.eval(), encoded.rows, task)
        check_finite(output, table)
        found = compare(output, table, dataset.action, alignment)
        if folder is None:
            return Evaluation(found, None)
        own = self._kept_in(folder) / purpose / file_name(self.participant_id)
        path, predictions = own / "predictions.csv", predictions_of(output, table, dataset.action, alignment)
        write(path, lambda file: file.write(spreadsheet.to_csv(predictions).encode()))
        write_json(own / f"inference_statistics_{purpose}.json", found)
        report = data_report.summarize([table.report], dataset.action)
        write_json(own / DATA_REPORT, report.as_data())
        if purpose == PREDICTION:
            report.warn()
        return Evaluation(found, str(path))

    def _kept_in(self, folder: str) -> Path:
        """A folder that a TTP names, which is below the participant's own whatever it says."""
        path = (self._outputs / folder).resolve()
        if not path.is_relative_to(self._outputs.resolve()):
            raise Rejected(f"folder {folder!r} leads outside of what participant {self.participant_id!r} keeps")
        return self._outputs / folder

    def _network(self, task: Task, weights: State) -> Network:
        """A network with these weights, made once for a task: making one takes as long as training a small one."""
        if self._empty is None or self._empty[0] != task:
            # Without memory of its own, so that no weights are drawn that the message's take the place of.
            with torch.device("meta"):
                self._empty = task, Network(task.model)
        network = self._empty[1]
        network.load_state_dict(fitting(weights, network), assign=True)
        return network

    def _data(self, purpose: str, dataset: Dataset, alignment: Alignment, task: Task) -> Data:
        encoded, scale = self._encode(purpose, dataset, alignment), scale_for(task.model, task.fields, alignment.target)
        if scale not in encoded.targets:
            encoded.targets[scale] = target.as_trained(encoded.table, alignment.targets, scale)
        return encoded.rows, encoded.targets[scale]

    def _encode(self, purpose: str, dataset: Dataset, alignment: Alignment) -> _Encoded:
        for one in self._encoded:
            if (one.purpose, one.dataset, one.alignment) == (purpose, dataset, alignment):
                # Next time it is likely the same object, which is told at once.
                one.dataset, one.alignment = dataset, alignment
                return one
        table = self._load(dataset, purpose, dataset.tags.get(purpose, ()))
        self._encoded.append(_Encoded(purpose, dataset, alignment, table, encode(table, alignment, self._room)))
        return self._encoded[-1]

    def _tables(self, dataset: Dataset) -> Iterator[tuple[str, Table]]:
        for purpose in PURPOSES:
            tags = dataset.tags.get(purpose, ())
            if tags or purpose == TRAINING:
                yield purpose, self._load(dataset, purpose, tags)

    def _load(self, dataset: Dataset, purpose: str, tags: Tags) -> Table:
        key = dataset.action, purpose, repr(list(tags))
        if key not in self._loaded:
            self._loaded[key] = self._read(dataset, purpose, tags)
        return self._loaded[key]

    def _read(self, dataset: Dataset, purpose: str, tags: Tags) -> Table:
        return load(
            self._reader,
            self.participant_id,
            tags,
            action=dataset.action,
            purpose=purpose,
            strangers=dataset.strangers,
        )

    def _described(self, tables: dict[str, Table], action: str) -> Description:
        training = tables[TRAINING]
        is_image = training.datatype == IMAGE
        return Description(
            tables=[table.report for table in tables.values()],
            columns=None if is_image else data.describe(training),
            sizes=images.describe(training.features) if is_image else None,
            target=None if action == CLASSIFY else target.describe(_numbers(training)),
        )


def encode(table: Table, alignment: Alignment, room: images.Room | None = None) -> Rows:
    """Turn a participant's rows into what a network takes.

    Args:
        table: The participant's rows, for any purpose.
        alignment: What all agree on.
        room: What decoded images may be kept in; none by default, for rows that are taken once.

    Returns:
        Rows of shape (rows, features), or (rows, channels, height, width) for images.

    Raises:
        Rejected: They are images and the project was aligned on tables, or the other way round, or broken images,
            or a column of truth values is declared otherwise.
    """
    aligned = TABULAR if alignment.image is None else IMAGE
    if table.datatype != aligned:
        raise Rejected(
            f"participant {table.participant_id!r}: {table.folders} has datatype {table.datatype!r}, "
            f"and the project was aligned on {aligned!r}; align it again"
        )
    check_truths(table, alignment.truths)
    if alignment.image is None:
        return held(data.encode(table, alignment.columns, alignment.features))
    return held(images.Images(table.features, alignment.image, room or images.Room(0)))


def _numbers(table: Table) -> Numbers:
    return np.asarray(table.target, np.float64)
