"""The training engine: what the sandbox computes, without HTTP and without a database.

The order of a project's life: :func:`check_layers` and :func:`check_run` when an experiment and a run are made,
:func:`align` and :func:`fit_layers` before the first training, :func:`train`, and :func:`evaluate` for validations and
predictions. Importing this module imports torch and Flower, which takes seconds; :func:`warm_up` does the rest of the
loading that the first training would otherwise wait for.
"""

import hashlib
import pickle
import threading
from collections.abc import Callable, Collection, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Literal, TypedDict
from urllib.parse import quote

import numpy as np
import pandas as pd
import torch
from torch import nn

from synergos.learning import statistics, strict, target
from synergos.learning.alignment import Alignment, Participant, align, fit_layers
from synergos.learning.errors import Rejected
from synergos.learning.network import (
    MISFITS,
    Fields,
    Layer,
    Network,
    Objective,
    check_layers,
    first_line,
    optimizer,
    single_thread,
)
from synergos.participant import data_report, spreadsheet
from synergos.participant.data import encode_target
from synergos.participant.images import Room
from synergos.participant.reading import Reader, load
from synergos.participant.rows import Rows, parts
from synergos.participant.spelling import class_indices
from synergos.participant.table import CLASSIFY, PREDICTION, Table, TableReport
from synergos.ttp.federation import Outcome, RoundReport, Site, State, Task, check_run, federate

__all__ = [
    "Alignment",
    "Evaluation",
    "Participant",
    "Reader",
    "RoundReport",
    "State",
    "TrainedModel",
    "align",
    "check_layers",
    "check_run",
    "evaluate",
    "file_name",
    "fit_layers",
    "judge",
    "keep_report",
    "train",
    "warm_up",
]

GLOBAL_MODEL = "global_model.pt"
# Below what file systems take, and below the length of a name that is made of a longer one.
_LONGEST_NAME = 150


class TrainedModel(TypedDict):
    """One model of a training: whose it is, and where its weights and losses are kept."""

    origin: str
    path: str
    loss_history: str


class Evaluation(TypedDict):
    """What an evaluation found; no statistics and no path when there is no model yet."""

    statistics: statistics.Statistics
    res_path: str | None


def warm_up() -> None:
    """Load what torch puts off until the first optimizer is built and stepped, which takes it seconds."""
    weight = nn.Parameter(torch.zeros(1))
    subject = optimizer({}, [weight])
    weight.sum().backward()  # type: ignore[no-untyped-call]
    subject.step()


def train(
    *,
    data: Path | Reader,
    outputs: Path,
    action: str,
    model: Sequence[Layer],
    run: Fields,
    participants: Sequence[Participant],
    alignment: Alignment,
    strangers: Collection[str] = (),
    on_round: Callable[[RoundReport], bool | None] | None = None,
    cancelled: threading.Event | None = None,
) -> dict[str, TrainedModel]:
    """Train a model over the participants' data and keep it.

    Writes ``global_model.pt``, ``global_loss_history.json``, and ``local_model_<id>.pt`` and
    ``local_loss_history_<id>.json`` for every participant, and ``data_report.json``, all at the end and each one at
    once: a training that fails or is cancelled leaves what an earlier one had left.

    Args:
        data: The folder that holds all data, or who reads it for the whole of a job.
        outputs: The folder to write to; made if need be.
        action: ``classify`` or ``regress``.
        model: The experiment's layers, fitted.
        run: The run's fields.
        participants: Who trains; each needs tags to train with.
        alignment: The project's alignment.
        strangers: Participants who take no part. What is theirs is not read either.
        on_round: Called after every round; the training ends after this round when it returns True.
        cancelled: Ends the training when it is set; looked at before every batch.

    Returns:
        The record's own fields: ``global``, whose origin is ``ttp``, and ``local_1``, ``local_2``, ... in the order of
        the participants.

    Raises:
        Rejected: Data, layers or run cannot be trained with.
        Cancelled: ``cancelled`` was set.
    """
    check_run(run, classes=len(alignment.targets))
    task = Task(model=model, fields=run, classes=len(alignment.targets))
    if not participants:
        raise Rejected("there is nobody to train: no participant has tags")
    for participant in participants:
        if participant.participant_id not in alignment.spacers:
            raise Rejected(f"participant {participant.participant_id!r} is not aligned; align the project again")
    strangers = {*alignment.spacers, *strangers}
    room, scale = Room(), target.scale_for(model, run, alignment.target)
    reader = data if isinstance(data, Reader) else Reader(data)
    read: list[TableReport] = []
    sites = [
        _site(reader, participant, action, alignment, strangers, scale, room, read) for participant in participants
    ]
    outcome = federate(sites, task, on_round=on_round, cancelled=cancelled)
    kept = _keep(outcome, lambda weights: target.put_back(scale, model, weights), outputs, participants)
    keep_report(data_report.summarize(read, action), outputs)
    return kept


def evaluate(
    *,
    data: Path | Reader,
    trained: Path,
    outputs: Path,
    action: str,
    model: Sequence[Layer],
    run: Fields,
    participant: Participant,
    alignment: Alignment,
    strangers: Collection[str] = (),
    meta: Literal["evaluate", "predict"],
) -> Evaluation:
    """Evaluate the global model on one participant's data.

    Writes, below ``outputs/<meta>/<participant id>``, ``predictions.csv`` with one line per row of data (the file it
    is from and its number there, the prediction, each class's score, and the target if known), the statistics as
    ``inference_statistics_<meta>.json``, and ``data_report.json``. The statistics are over the rows whose target
    is known, and of predictions, one of the classes; ``rows`` among them says how many they are if there are others.

    Args:
        data: The folder that holds all data, or who reads it for the whole of a job.
        trained: The folder that :func:`train` wrote to.
        outputs: The folder to write to; made if need be.
        action: ``classify`` or ``regress``.
        model: The experiment's layers, fitted.
        run: The run's fields.
        participant: Whose data to evaluate on, with the tags to use for ``meta``.
        alignment: The project's alignment.
        strangers: Participants who take no part. What is theirs is not read either.
        meta: ``evaluate`` for a validation, ``predict`` for predictions, where targets may be unknown.

    Returns:
        The statistics and the path of the csv.

    Raises:
        Rejected: The data cannot be evaluated on, or the model is gone or was trained with other layers.
    """
    if not (trained / GLOBAL_MODEL).exists():
        raise Rejected(f"{trained / GLOBAL_MODEL} is gone; train the run again")
    name, strangers = participant.participant_id, {*alignment.spacers, *strangers}
    table = load(data, name, participant.tags(meta), action=action, purpose=meta, strangers=strangers)
    network = _trained(model, trained / GLOBAL_MODEL).eval()
    output = _output(network, alignment.encode(table), run, len(alignment.targets))
    _check_finite(output, table)
    found = _compare(output, table, action, alignment)

    folder = outputs / meta / file_name(name)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "predictions.csv"
    predictions = _predictions(output, table, action, alignment)
    _write(path, lambda file: file.write(spreadsheet.to_csv(predictions).encode()))
    _write_json(folder / f"inference_statistics_{meta}.json", found)
    report = data_report.summarize([table.report], action)
    keep_report(report, folder)
    if meta == PREDICTION:
        report.warn()
    return {"statistics": found, "res_path": str(path)}


def judge(
    *,
    data: Path | Reader,
    action: str,
    model: Sequence[Layer],
    run: Fields,
    participants: Sequence[Participant],
    alignment: Alignment,
    strangers: Collection[str] = (),
) -> Callable[[State], list[statistics.Statistics]]:
    """Read what participants evaluate with, to judge a model by it while it is trained.

    Args:
        data: The folder that holds all data, or who reads it for the whole of a job.
        action: ``classify`` or ``regress``.
        model: The experiment's layers, fitted.
        run: The run's fields.
        participants: Whose data to judge by; those without evaluation data are left out.
        alignment: The project's alignment.
        strangers: Participants who take no part. What is theirs is not read either.

    Returns:
        What gives the statistics of each participant from the weights of a round: the same that :func:`evaluate` gives.

    Raises:
        Rejected: The data cannot be evaluated on.
    """
    scale = target.scale_for(model, run, alignment.target)
    evaluating = [one for one in participants if one.evaluate]
    tables = [
        load(
            data,
            one.participant_id,
            one.tags("evaluate"),
            action=action,
            purpose="evaluate",
            strangers={*alignment.spacers, *strangers},
        )
        for one in evaluating
    ]
    encoded = [(table, alignment.encode(table)) for table in tables]

    def found(weights: State) -> list[statistics.Statistics]:
        network = Network(model)
        network.load_state_dict(target.put_back(scale, model, weights), assign=True)
        network.eval()
        judged = []
        for table, rows in encoded:
            output = _output(network, rows, run, len(alignment.targets))
            _check_finite(output, table)
            judged.append(_compare(output, table, action, alignment))
        return judged

    return found


def file_name(own_id: str) -> str:
    """Write an id as the name of a file or a folder, whatever it holds; two ids never give the same.

    Args:
        own_id: The id.

    Returns:
        The name.
    """
    name = quote(own_id, safe=" ")
    if len(name) > _LONGEST_NAME:
        return f"{name[:100]}~{hashlib.sha256(name.encode()).hexdigest()}"
    is_taken = name.strip(". ") == "" or name == data_report.FILE_NAME
    return name.replace(".", "%2E") if is_taken else name


def keep_report(report: data_report.DataReport, folder: Path) -> None:
    """Write a data report beside outputs.

    Args:
        report: The report.
        folder: The folder of the outputs; made if need be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / data_report.FILE_NAME, report.as_data())


def _site(
    reader: Reader,
    participant: Participant,
    action: str,
    alignment: Alignment,
    strangers: Collection[str],
    scale: target.Scale,
    room: Room,
    read: list[TableReport],
) -> Site:
    """Read what a participant trains and evaluates with, and keep how it was read."""
    name = participant.participant_id

    def rows(purpose: str) -> tuple[Rows, torch.Tensor]:
        table = load(reader, name, participant.tags(purpose), action=action, purpose=purpose, strangers=strangers)
        read.append(table.report)
        return alignment.encode(table, room), target.as_trained(table, alignment.targets, scale)

    return Site(name, rows("train"), rows("evaluate") if participant.evaluate else None)


def _trained(model: Sequence[Layer], path: Path) -> Network:
    network = Network(model)
    try:
        # As they are: the last layer of a regression may be in float64.
        network.load_state_dict(torch.load(path, weights_only=True), assign=True)
    except (pickle.UnpicklingError, EOFError, OSError, *MISFITS) as error:
        raise Rejected(f"{path.name} does not have the experiment's layers; train the run again") from error
    return network


def _output(network: Network, rows: Rows, run: Fields, classes: int) -> statistics.Numbers:
    """What the network gives for each row."""
    objective = Objective(run, classes)
    with torch.no_grad(), single_thread():
        try:
            outputs = [objective.predict(network, rows[part]) for part in parts(rows)]
        except MISFITS as error:
            raise Rejected(f"model: the layers cannot take the data: {first_line(error)}; align the project") from error
    found: statistics.Numbers = torch.cat(outputs).numpy()
    return found


def _check_finite(output: statistics.Numbers, table: Table) -> None:
    """See that there is a number for every row, before anything is computed of it."""
    broken = np.unique(np.argwhere(~np.isfinite(output))[:, 0])
    if broken.size:
        file, row = table.origin.iloc[broken[0]]
        raise Rejected(
            f"participant {table.participant_id!r}: the model gives no finite number for {broken.size} of "
            f"{len(output)} rows, the first of them row {row} of '{file}'; look for a value there that is far beyond "
            "those of the training"
        )


def _compare(output: statistics.Numbers, table: Table, action: str, alignment: Alignment) -> statistics.Statistics:
    """Compute the statistics over the rows whose target is known; say of how many they are if it is not of all."""
    known = table.target.notna().to_numpy(copy=True)
    if action == CLASSIFY and table.report.purpose == PREDICTION:
        # A label that nobody trained on, such as "pending", is not known yet.
        known = class_indices(table.target, alignment.targets) >= 0
    if not known.any():
        return {}
    truth = encode_target(table.only(known), alignment.targets)
    found: statistics.Statistics
    if action == CLASSIFY:
        found = statistics.classification(output[known], truth.astype(np.int64))
    else:
        found = statistics.regression(output[known], truth.astype(np.float64))
    return found if known.all() else {**found, "rows": int(known.sum())}


def _predictions(output: statistics.Numbers, table: Table, action: str, alignment: Alignment) -> pd.DataFrame:
    """Write each row's prediction beside where the row came from."""
    if action == CLASSIFY:
        classes = np.array([*alignment.targets, "another class"])
        scores = statistics.class_scores(output)
        values = {"prediction": classes[statistics.predicted(output)]}
        values |= {f"score_{name}": scores[:, index] for index, name in enumerate(alignment.targets)}
        return table.origin.assign(**values, target=_named(table.target, alignment.targets))
    return table.origin.assign(prediction=output[:, 0], target=table.target)


def _named(target: "pd.Series[str] | pd.Series[float]", classes: Sequence[str]) -> "pd.Series[str] | pd.Series[float]":
    """Write targets like the classes that they are, and others as they are."""
    indices = class_indices(target, classes)
    names = np.array([*classes, ""], object)[indices]
    return pd.Series(np.where(indices >= 0, names, target.to_numpy(object)))


def _keep(
    outcome: Outcome, finished: Callable[[State], State], outputs: Path, participants: Sequence[Participant]
) -> dict[str, TrainedModel]:
    outputs.mkdir(parents=True, exist_ok=True)
    history: dict[str, object] = {"train": outcome.train_losses, "evaluate": outcome.evaluate_losses}
    kept = {"global": _keep_one(outputs, "global", "", "ttp", finished(outcome.weights), history)}
    for number, participant in enumerate(participants, start=1):
        name = participant.participant_id
        # With a fraction of the participants a round, some may never have had their turn.
        weights = outcome.local_weights.get(name, outcome.weights)
        suffix = f"_{file_name(name)}"
        kept[f"local_{number}"] = _keep_one(
            outputs, "local", suffix, name, finished(weights), outcome.local_losses[name]
        )
    return kept


def _keep_one(
    outputs: Path, scope: str, suffix: str, origin: str, weights: dict[str, torch.Tensor], history: object
) -> TrainedModel:
    path, loss_history = outputs / f"{scope}_model{suffix}.pt", outputs / f"{scope}_loss_history{suffix}.json"
    content = BytesIO()
    # Not into the file: torch does not say why it cannot be written.
    torch.save(weights, content)
    _write(path, lambda file: file.write(content.getbuffer()))
    _write_json(loss_history, history)
    return {"origin": origin, "path": str(path), "loss_history": str(loss_history)}


def _write_json(path: Path, content: object) -> None:
    _write(path, lambda file: file.write(strict.dumps(content, indent=2).encode()))


def _write(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file at once: whoever reads it finds the old content or the new."""
    with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".tmp", delete=False) as file:
        try:
            write(file)
            file.flush()
        except BaseException:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(path)
