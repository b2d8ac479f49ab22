"""Validations as a TTP tells them."""

from typing import Any

COUNTS = ("TPs", "TNs", "FPs", "FNs")


def validation(run: str, participant: str, **statistics: Any) -> dict[str, Any]:
    key = {"project_id": "p", "expt_id": "e", "run_id": run, "participant_id": participant}
    return {"doc_id": "1", "kind": "Validation", "key": key, "evaluate": {"statistics": statistics, "res_path": None}}


def counts(*rows: tuple[int, int, int, int]) -> dict[str, list[int]]:
    """True positives, true negatives, false positives and false negatives of each class."""
    return {name: list(column) for name, column in zip(COUNTS, zip(*rows, strict=True), strict=True)}
