"""Rows to train on and rows to evaluate on."""

import numpy as np
import numpy.typing as npt
import pandas as pd

Mask = npt.NDArray[np.bool_]


def split(target: "pd.Series[str]", share: float, seed: int, *, stratify: bool) -> Mask:
    """Draw the rows to evaluate on.

    Args:
        target: The targets, none of them a gap.
        share: The share of the rows, above 0 and below 1.
        seed: The same seed draws the same rows of the same table.
        stratify: Whether to draw from each class by itself; of two or more, at least one is drawn and one is left.

    Returns:
        Which rows are drawn: some, and not all, of two or more.
    """
    random = np.random.default_rng(seed)
    groups = (
        [np.flatnonzero(target == name) for name in sorted(target.unique())] if stratify else [np.arange(len(target))]
    )
    drawn = np.zeros(len(target), np.bool_)
    for rows in groups:
        if len(rows) > 1:
            number = min(max(round(len(rows) * share), 1), len(rows) - 1)
            drawn[random.permutation(rows)[:number]] = True
    return drawn
