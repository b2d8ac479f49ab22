"""Curves of true over false positive rates, of the scores that predictions hold."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from synergos.errors import InvalidArgument

_SCORE = "score_"
# So many points of a curve are drawn.
_MOST_POINTS = 400

Point = tuple[float, float]


def read_scores(paths: Iterable[Path]) -> list[Mapping[str, str]]:
    """The rows of files of predictions."""
    rows: list[Mapping[str, str]] = []
    for path in paths:
        with path.open(newline="", encoding="utf-8") as file:
            rows += csv.DictReader(file)
    return rows


def curves(rows: Sequence[Mapping[str, object]]) -> dict[str, tuple[list[Point], float]]:
    """The curve of each class against the rest, and the area under it.

    Rows whose target is none of the classes are left out, and classes that no row or every row is of.

    Args:
        rows: What predictions hold: `score_<class>` for each class, and `target`.

    Raises:
        InvalidArgument: When they have no scores or no targets.
    """
    names = [name.removeprefix(_SCORE) for name in (rows[0] if rows else {}) if name.startswith(_SCORE)]
    known = [row for row in rows if str(row.get("target")) in names]
    if not names or not known:
        raise InvalidArgument(
            "[plot.roc] There are no scores with targets: it takes the rows of predictions.csv, which have `target` "
            "and `score_<class>` for each class."
        )
    found = {}
    for name in names:
        scored = [(float(str(row[_SCORE + name])), str(row["target"]) == name) for row in known]
        if 0 < sum(is_own for _, is_own in scored) < len(scored):
            found[name] = _curve(scored)
    return found


def _curve(scored: list[tuple[float, bool]]) -> tuple[list[Point], float]:
    """From no row to all, by falling score; rows of the same score come together."""
    own = sum(is_own for _, is_own in scored)
    others = len(scored) - own
    points, right, wrong, area = [(0.0, 0.0)], 0, 0, 0.0
    ordered = sorted(scored, reverse=True)
    for index, (score, is_own) in enumerate(ordered):
        right, wrong = right + is_own, wrong + (not is_own)
        if index + 1 == len(ordered) or ordered[index + 1][0] != score:
            x, y = wrong / others, right / own
            area += (x - points[-1][0]) * (y + points[-1][1]) / 2
            points.append((x, y))
    step = -(-len(points) // _MOST_POINTS)
    return [*points[:-1:step], points[-1]], area
