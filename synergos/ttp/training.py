"""Trainings and evaluations as a TTP has them: weights in files, and everything else asked of the participants."""

import pickle
from collections.abc import Callable, Collection, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Literal, TypedDict

import torch

from synergos.learning import data_report, target
from synergos.learning.alignment import Alignment
from synergos.learning.data_report import DataReport
from synergos.learning.errors import Rejected
from synergos.learning.files import DATA_REPORT, file_name, write, write_json
from synergos.learning.network import MISFITS, Fields, Layer, Network
from synergos.learning.party import Dataset, Evaluation, Participant, Party, Prepared
from synergos.learning.signature import BEST_MODEL, Signature, chosen
from synergos.learning.statistics import Statistics
from synergos.learning.task import State, Task
from synergos.learning.versions import versions
from synergos.ttp.checkpoint import Checkpoint
from synergos.ttp.errors import Conflict
from synergos.ttp.manifests import write_manifest
from synergos.ttp.parties import Crew
from synergos.ttp.rounds import Node, Outcome, RoundReport, federate
from synergos.ttp.strategies import check_run


class TrainedModel(TypedDict):
    """One model of a training: whose it is, and where its weights and losses are kept."""

    origin: str
    path: str
    loss_history: str


def train(
    crew: Crew,
    *,
    outputs: Path,
    action: str,
    model: Sequence[Layer],
    run: Fields,
    participants: Sequence[Participant],
    alignment: Alignment,
    strangers: Collection[str] = (),
    on_round: Callable[[RoundReport], bool | None] | None = None,
    checkpoint: Checkpoint | None = None,
    key: Mapping[str, str] | None = None,
) -> dict[str, TrainedModel]:
    """Train a model over the participants' data and keep it.

    Writes ``global_model.pt``, ``global_loss_history.json``, ``best_model.pt`` of the round with the lowest evaluation
    loss, ``local_model_<id>.pt`` and ``local_loss_history_<id>.json`` for every participant, ``signature.json`` with
    what has to be known to use them, ``manifest.json`` with what has to be known to train them once more, and
    ``data_report.json``, all at the end and each one at once: a training that fails or is cancelled leaves what an
    earlier one had left.

    Args:
        crew: The participants.
        outputs: The folder to write to; made if need be.
        action: ``classify`` or ``regress``.
        model: The experiment's layers, fitted.
        run: The run's fields.
        participants: Who trains; each needs tags to train with.
        alignment: The project's alignment.
        strangers: Participants who take no part. What is theirs is not read either.
        on_round: Called after every round; the training ends after this round when it returns True.
        checkpoint: Where the training goes on, if it was begun, and what keeps how far it is.
        key: Which run it is, for the manifest; without it, none is written.

    Returns:
        The record's own fields: ``global``, whose origin is ``ttp``, and ``local_1``, ``local_2``, ... in the order of
        the participants.

    Raises:
        Rejected: Data, layers or run cannot be trained with.
        Conflict: The data are not those that the training was begun with.
        Cancelled: The job was called off.
    """
    check_run(run, classes=len(alignment.targets))
    task = Task(model=model, fields=run, classes=len(alignment.targets))
    if not participants:
        raise Rejected("there is nobody to train: no participant has tags")
    for participant in participants:
        if participant.participant_id not in alignment.spacers:
            raise Rejected(f"participant {participant.participant_id!r} is not aligned; align the project again")
    datasets = {one.participant_id: _dataset(one, action, alignment, strangers) for one in participants}
    shared = alignment.shared()
    asked = {name: {"dataset": dataset, "alignment": shared, "task": task} for name, dataset in datasets.items()}
    ready = crew.ask(Party.prepare, asked)
    if checkpoint is not None:
        _require_same_data(checkpoint, ready)
    is_called_off = False

    def report(done: RoundReport) -> bool:
        nonlocal is_called_off
        is_called_off = on_round is not None and bool(on_round(done))
        return is_called_off

    grid, node_ids = crew.grid(list(datasets))
    outcome = federate(
        grid,
        [Node(name, node_ids[name], dataset) for name, dataset in datasets.items()],
        task,
        shared,
        largest={name: one.largest for name, one in ready.items() if one.largest is not None} or None,
        on_round=report,
        checkpoint=checkpoint,
    )
    scale = target.scale_for(model, run, alignment.target)
    kept = _keep(outcome, lambda weights: target.put_back(scale, model, weights), outputs, list(datasets))
    Signature(model, action, run, shared, versions()).write(outputs)
    if key is not None:
        write_manifest(
            outputs,
            key=key,
            action=action,
            task=task,
            alignment=shared,
            participants=participants,
            ready=ready,
            outcome=outcome,
            is_pruned=is_called_off,
        )
    keep_report(data_report.summarize([table for one in ready.values() for table in one.tables], action), outputs)
    return kept


def evaluate(
    crew: Crew,
    *,
    trained: Path,
    folder: str,
    action: str,
    model: Sequence[Layer],
    run: Fields,
    participant: Participant,
    alignment: Alignment,
    strangers: Collection[str] = (),
    meta: Literal["evaluate", "predict"],
) -> Evaluation:
    """Evaluate the global model, or with ``keep="best"`` among the run's fields the best one, on a participant's data.

    The participant keeps, below ``<meta>/<participant id>`` in the folder, ``predictions.csv`` with one line per row of
    data (the file it is from and its number there, the prediction, each class's score, and the target if known), the
    statistics as ``inference_statistics_<meta>.json``, and ``data_report.json``. The statistics are over the rows whose
    target is known, and of predictions, one of the classes; ``rows`` among them says how many they are if there are
    others.

    Args:
        crew: The participants.
        trained: The folder that :func:`train` wrote to.
        folder: Where the participant keeps what it predicts, below all that it keeps.
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
    weights = _trained(model, trained / chosen(run))
    asked = {
        "dataset": _dataset(participant, action, alignment, strangers),
        "alignment": alignment.shared(),
        "task": Task(model, run, len(alignment.targets)),
        "weights": weights,
        "folder": folder,
    }
    question = Party.evaluate if meta == "evaluate" else Party.predict
    (found,) = crew.ask(question, {participant.participant_id: asked}).values()
    return found


def judge(
    crew: Crew,
    *,
    action: str,
    model: Sequence[Layer],
    run: Fields,
    participants: Sequence[Participant],
    alignment: Alignment,
    strangers: Collection[str] = (),
) -> Callable[[State], list[Statistics]]:
    """Judge a model while it is trained, by what participants evaluate with.

    Args:
        crew: The participants.
        action: ``classify`` or ``regress``.
        model: The experiment's layers, fitted.
        run: The run's fields.
        participants: Whose data to judge by; those without evaluation data are left out.
        alignment: The project's alignment.
        strangers: Participants who take no part. What is theirs is not read either.

    Returns:
        What gives the statistics of each participant from the weights of a round: the same that :func:`evaluate` gives.
    """
    scale, task = target.scale_for(model, run, alignment.target), Task(model, run, len(alignment.targets))
    datasets = {one.participant_id: _dataset(one, action, alignment, strangers) for one in participants if one.evaluate}
    asked = {"alignment": alignment.shared(), "task": task, "folder": None}

    def found(weights: State) -> list[Statistics]:
        whole = {**asked, "weights": target.put_back(scale, model, weights)}
        answers = crew.ask(Party.evaluate, {name: {**whole, "dataset": one} for name, one in datasets.items()})
        return [one.statistics for one in answers.values()]

    return found


def keep_report(report: DataReport, folder: Path) -> None:
    """Write a data report beside outputs.

    Args:
        report: The report.
        folder: The folder of the outputs; made if need be.
    """
    write_json(folder / DATA_REPORT, report.as_data())


def _require_same_data(checkpoint: Checkpoint, ready: Mapping[str, Prepared]) -> None:
    """See that a training goes on with the rows that it was begun with, as far as participants tell."""
    before = checkpoint.load().get("digests", {})
    checkpoint.digests = {name: one.digests for name, one in ready.items()}
    for name, digests in checkpoint.digests.items():
        changed = [purpose for purpose, one in digests.items() if before.get(name, digests).get(purpose, one) != one]
        if changed:
            raise Conflict(
                f"Since the training was begun, the data of participant {name!r} to {' and '.join(changed)} with "
                "changed: train it without resume."
            )


def _dataset(participant: Participant, action: str, alignment: Alignment, strangers: Collection[str]) -> Dataset:
    return Dataset.of(participant, action, {*alignment.spacers, *strangers})


def _trained(model: Sequence[Layer], path: Path) -> State:
    """Read weights, and see that they are those of the layers."""
    if not path.exists():
        raise Rejected(f"{path} is gone; train the run again")
    try:
        weights: State = torch.load(path, weights_only=True)
        with torch.device("meta"):
            Network(model).load_state_dict(weights, assign=True)
    except (pickle.UnpicklingError, EOFError, OSError, *MISFITS) as error:
        raise Rejected(f"{path.name} does not have the experiment's layers; train the run again") from error
    return weights


def _keep(
    outcome: Outcome, finished: Callable[[State], State], outputs: Path, names: Sequence[str]
) -> dict[str, TrainedModel]:
    history: dict[str, object] = {"train": outcome.train_losses, "evaluate": outcome.evaluate_losses}
    kept = {"global": _keep_one(outputs, "global", "", "ttp", finished(outcome.weights), history)}
    if outcome.best_weights is not None:
        _write_weights(outputs / BEST_MODEL, finished(outcome.best_weights))
    for number, name in enumerate(names, start=1):
        # With a fraction of the participants a round, some may never have had their turn.
        weights = outcome.local_weights.get(name, outcome.weights)
        suffix = f"_{file_name(name)}"
        kept[f"local_{number}"] = _keep_one(
            outputs, "local", suffix, name, finished(weights), outcome.local_losses[name]
        )
    return kept


def _keep_one(outputs: Path, scope: str, suffix: str, origin: str, weights: State, history: object) -> TrainedModel:
    path, loss_history = outputs / f"{scope}_model{suffix}.pt", outputs / f"{scope}_loss_history{suffix}.json"
    _write_weights(path, weights)
    write_json(loss_history, history)
    return {"origin": origin, "path": str(path), "loss_history": str(loss_history)}


def _write_weights(path: Path, weights: State) -> None:
    content = BytesIO()
    # Not into the file: torch does not say why it cannot be written.
    torch.save(weights, content)
    write(path, lambda file: file.write(content.getbuffer()))
