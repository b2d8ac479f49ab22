"""Draws the pictures of README: who is in a grid, and what it is worth.

`python scripts/pictures.py` runs the quickstart's cycle and writes docs/pictures. The numbers are those of that run. A
picture has a ground of its own, and is light or dark as the reader's system is.
"""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import tour

from synergos import Driver
from synergos.results.scores import RunResult
from synergos.sandbox import Sandbox

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
# Narrow, so that a phone need not make the letters small.
WIDTH = 568
STYLE = """
  .ground { fill: #ffffff; stroke: #d1d9e0 }
  .box { fill: #f6f8fa; stroke: #d1d9e0 }
  .strong { fill: #0f766e }
  .weak { fill: #afb8c1 }
  .line { stroke: #59636e; stroke-width: 1.5; fill: none }
  .frame { stroke: #0f766e; stroke-width: 1.5; stroke-dasharray: 5 5; fill: none }
  .head { fill: #59636e }
  text { fill: #1f2328; font: 15px system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif }
  .title { font-size: 17px; font-weight: 600 }
  .small { font-size: 14px; fill: #59636e }
  .accent { fill: #0f766e; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d }
    .box { fill: #151b23; stroke: #3d444d }
    .strong { fill: #2dd4bf }
    .weak { fill: #656c76 }
    .line { stroke: #9198a1 }
    .frame { stroke: #2dd4bf }
    .head, .small { fill: #9198a1 }
    text { fill: #f0f6fc }
    .accent { fill: #2dd4bf }
  }
"""


class Trained(NamedTuple):
    """Who trained, what they had seen, and the share of the rows that they give their class."""

    by: str
    seen: str
    accuracy: float
    is_together: bool


class Cycle(NamedTuple):
    """What came of the quickstart's cycle."""

    rows: int
    trained: tuple[Trained, ...]


def main() -> None:
    """Run the cycle and write the pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, picture in pictures(run_cycle()).items():
        (FOLDER / name).write_text(picture, encoding="utf-8")


def run_cycle() -> Cycle:
    """Train together and alone, as the quickstart does."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(store=Path(folder) / "grid.sqlite") as ttp,
        Driver(ttp.host, ttp.port) as driver,
    ):
        tour.run_cycle(driver)
        run = driver.scope(**tour.IDS)
        found, tables = run.compare_alone(), run.check().data or ()
    seen = {table.participant_id: list(table.classes) for table in tables if table.purpose == "train"}
    (rows,) = {table.rows_used for table in tables if table.purpose == "evaluate"}
    alone = [
        Trained(f"{name} alone", f"saw {', '.join(seen[name])}", _accuracy(run), is_together=False)
        for name, run in found.alone.items()
    ]
    return Cycle(rows, (*alone, Trained("together", "no row was shared", _accuracy(found.together), is_together=True)))


def pictures(cycle: Cycle) -> Mapping[str, str]:
    """Each picture as SVG, by the name of its file."""
    return {"grid.svg": draw_grid(), "alone-and-together.svg": draw_comparison(cycle)}


def draw_grid() -> str:
    """Who is in a grid, and what goes from whom to whom."""
    parts = [
        *_box(14, 92, 130, 106, "You", "Python, a shell,", "a notebook:", accent="driver.train()"),
        *_box(234, 92, 138, 106, "TTP", "third party,", "leads, averages,", accent="sees no row"),
        *_box(442, 36, 104, 100, "biscoe", "trains here,", "its penguins", accent="stay here"),
        *_box(442, 154, 104, 100, "dream", "trains here,", "its penguins", accent="stay here"),
        *_both_ways((144, 145), (234, 145)),
        *_both_ways((372, 130), (442, 96)),
        *_both_ways((372, 160), (442, 194)),
        *_centred(183, 132, "REST", css="small"),
        *_centred(183, 170, "tasks,", "results", css="small"),
        *_centred(406, 66, "weights,", "statistics", css="small"),
        '<rect class="frame" x="222" y="20" width="336" height="250" rx="12"/>',
        _text(14, 301, "The sandbox plays all that is in the frame, on your laptop,"),
        _text(14, 322, "and trains for real. On a grid each party is elsewhere,"),
        _text(14, 343, "and your code stays the same."),
    ]
    return _picture(362, "You drive a TTP by REST. It trains with two parties, whose data never leave them.", parts)


def draw_comparison(cycle: Cycle) -> str:
    """What each participant reaches alone, beside what all reach together."""
    left, full = 206, 290
    parts = [
        _text(14, 34, "Share of penguins that are recognised", css="title"),
        _text(14, 56, f"the same {cycle.rows} for all, of three species", css="small"),
    ]
    for number, one in enumerate(cycle.trained):
        top = 76 + 58 * number
        css = "strong" if one.is_together else "weak"
        width = round(full * round(one.accuracy, 2))
        parts += [
            _text(14, top + 17, one.by, css="title accent" if one.is_together else "title"),
            _text(14, top + 37, one.seen, css="small"),
            f'<rect class="{css}" x="{left}" y="{top + 4}" width="{width}" height="32" rx="3"/>',
            _text(left + width + 10, top + 26, f"{one.accuracy:.2f}", css="title"),
        ]
    said = ", ".join(f"{one.by} {one.accuracy:.2f}" for one in cycle.trained)
    return _picture(58 * len(cycle.trained) + 84, f"Accuracy: {said}.", parts)


def _accuracy(run: RunResult) -> float:
    found = run.metric("accuracy")
    assert found is not None
    return found


def _picture(height: int, says: str, parts: Iterable[str]) -> str:
    lines = "\n".join(f"  {part}" for part in parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(says)}">\n'
        f"  <title>{escape(says)}</title>\n  <style>{STYLE}  </style>\n"
        f'  <rect class="ground" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10"/>\n{lines}\n</svg>\n'
    )


def _text(x: int, y: int, text: str, css: str = "", anchor: str = "start") -> str:
    return f'<text class="{css}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _centred(x: int, y: int, *lines: str, css: str) -> Iterable[str]:
    return [_text(x, y + 18 * number, line, css, anchor="middle") for number, line in enumerate(lines)]


def _box(x: int, y: int, width: int, height: int, title: str, *lines: str, accent: str = "") -> Iterable[str]:
    middle = x + width // 2
    yield f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>'
    yield _text(middle, y + 27, title, "title", anchor="middle")
    yield from _centred(middle, y + 49, *lines, css="small")
    if accent:
        yield from _centred(middle, y + 49 + 18 * len(lines), accent, css="small accent")


def _both_ways(start: tuple[int, int], end: tuple[int, int]) -> Iterable[str]:
    """A line with a head at either end."""
    (x, y), (to_x, to_y) = start, end
    yield f'<path class="line" d="M{x + 8} {y} L{to_x - 8} {to_y}"/>'
    for tip_x, tip_y, back in ((x + 3, y, 1), (to_x - 3, to_y, -1)):
        yield f'<path class="head" d="M{tip_x} {tip_y} l{9 * back} -5 l0 10 z"/>'


if __name__ == "__main__":
    main()
