"""What a model says of a participant's rows: the statistics, which leave, and the predictions, which stay."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from synergos.learning import statistics
from synergos.learning.alignment import Alignment
from synergos.learning.errors import Rejected
from synergos.learning.network import MISFITS, Network, Objective, first_line, single_thread
from synergos.learning.tables import CLASSIFY, PREDICTION
from synergos.learning.task import Task
from synergos.participant.data import encode_target
from synergos.participant.rows import Rows, parts
from synergos.participant.spelling import class_indices
from synergos.participant.table import Table


def output_of(network: Network, rows: Rows, task: Task) -> statistics.Numbers:
    """What the network gives for each row."""
    objective = Objective(task.fields, task.classes)
    with torch.no_grad(), single_thread():
        try:
            outputs = [objective.predict(network, rows[part]) for part in parts(rows)]
        except MISFITS as error:
            raise Rejected(f"model: the layers cannot take the data: {first_line(error)}; align the project") from error
    found: statistics.Numbers = torch.cat(outputs).numpy()
    return found


def check_finite(output: statistics.Numbers, table: Table) -> None:
    """See that there is a number for every row, before anything is computed of it."""
    broken = np.unique(np.argwhere(~np.isfinite(output))[:, 0])
    if broken.size:
        file, row = table.origin.iloc[broken[0]]
        raise Rejected(
            f"participant {table.participant_id!r}: the model gives no finite number for {broken.size} of "
            f"{len(output)} rows, the first of them row {row} of '{file}'; look for a value there that is far beyond "
            "those of the training"
        )


def compare(output: statistics.Numbers, table: Table, action: str, alignment: Alignment) -> statistics.Statistics:
    """Compute the statistics over the rows whose target is known; say of how many they are, and of which classes."""
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
    named = {"classes": list(alignment.targets)} if action == CLASSIFY else {}
    return {**found, "rows": int(known.sum()), **named}


def predictions_of(output: statistics.Numbers, table: Table, action: str, alignment: Alignment) -> pd.DataFrame:
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
