"""Charts drawn by matplotlib: as figures of their own, so that nothing of the user's pyplot is touched."""

import io
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from synergos.common.text import as_cell
from synergos.results.charts import Bars, Chart, Dots, Line, Lines, short

# Told apart from each other, and from a light and a dark page.
COLORS = (
    *("#3b82c4", "#e07b39", "#2f9e62", "#d1495b", "#8e6bbf"),
    *("#9a7648", "#d36ba6", "#2aa5b5", "#9c9a2b", "#6c7a89"),
)
_BEHIND = "#8a8a8a"
_MARKERS = "os^Dvp<>Xh"
_PAGES = {"light": ("#ffffff", "#222222"), "dark": ("#1c1f24", "#dddddd")}
# What stands for the page's own colour of text until the picture is written.
_OWN = "#010203"

Page = Literal["light", "dark", "own"]


def draw(chart: Chart, page: Page) -> Figure:
    """Draw a chart.

    Args:
        chart: What to draw.
        page: What it is to stand on; "own" leaves the colour of text to the page.
    """
    background, ink = ("none", _OWN) if page == "own" else _PAGES[page]
    if isinstance(chart, Lines):
        figure = _lines(chart, ink)
    elif isinstance(chart, Dots):
        figure = _dots(chart, ink)
    else:
        figure = _bars(chart)
    figure.set_facecolor(background)
    for axes in figure.axes:
        axes.set_facecolor("none")
        axes.grid(True, color=ink, alpha=0.14, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(colors=ink, labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(ink)
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        text.set_color(ink)
        # Names are no formulas.
        text.set_parse_math(False)
        text.set_usetex(False)
    return figure


def as_svg(chart: Chart) -> str:
    """A chart as an element of a page, in the page's own colour of text."""
    file = io.StringIO()
    draw(chart, "own").savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    svg = file.getvalue()
    return svg[svg.index("<svg") :].replace(_OWN, "currentColor")


def _lines(chart: Lines, ink: str) -> Figure:
    columns = 2 if len(chart.panels) == 4 else min(3, len(chart.panels))
    rows = -(-len(chart.panels) // columns)
    figure = Figure(figsize=(3.0 * columns + 2.2, (3.0 if chart.is_square else 2.5) * rows + 0.5), layout="constrained")
    panes = list(figure.subplots(rows, columns, squeeze=False, sharex=chart.is_square, sharey=True).flat)
    handles: dict[str, Line2D] = {}
    for axes, panel in zip(panes, chart.panels, strict=False):
        for line in panel.lines:
            # What stays behind is one entry.
            handles.setdefault(_label(line), _line(axes, line))
        axes.set_title(short(panel.title), fontsize=9)
        axes.set_xlabel(chart.x_name, fontsize=8)
        axes.set_ylabel(chart.y_name, fontsize=8)
        if chart.is_square:
            axes.plot([0, 1], [0, 1], color=ink, alpha=0.35, linewidth=0.8, linestyle=":")
            axes.set_aspect("equal")
        else:
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            axes.set_xlim(0.5, max((x for line in panel.lines for x, _ in line.points), default=1) + 0.5)
    if chart.note:
        figure.supxlabel(chart.note, fontsize=8)
    for axes in panes[len(chart.panels) :]:
        axes.set_axis_off()
    figure.legend(
        list(handles.values()), list(handles), loc="outside right upper", fontsize=8, frameon=False, borderaxespad=0.5
    )
    return figure


def _line(axes: Axes, line: Line) -> Line2D:
    x, y = zip(*line.points, strict=True) if line.points else ((), ())
    is_behind = line.group is None
    color = _BEHIND if line.group is None else COLORS[line.group % len(COLORS)]
    (drawn,) = axes.plot(
        x,
        y,
        color=color,
        alpha=0.35 if is_behind else 1.0,
        linewidth=0.8 if is_behind else 1.5,
        zorder=1 if is_behind else 2,
        marker="o" if len(line.points) <= 12 else "",
        markersize=3,
    )
    return drawn


def _label(line: Line) -> str:
    return f"{short(line.name)}  {line.remark}".rstrip()


def _dots(chart: Dots, ink: str) -> Figure:
    figure = Figure(figsize=(7.0, 0.34 * len(chart.rows) + 1.3), layout="constrained")
    axes = figure.subplots()
    places = range(len(chart.rows))
    handles = []
    for number, (name, values) in enumerate(zip(chart.series, zip(*chart.values, strict=True), strict=True)):
        known = [(value, place) for place, value in zip(places, values, strict=True) if value is not None]
        x, y = zip(*known, strict=True) if known else ((), ())
        (drawn,) = axes.plot(
            x,
            y,
            linestyle="",
            # Of more than there are colours, each has another mark in its colour.
            marker=_MARKERS[(number + number // len(COLORS)) % len(_MARKERS)],
            color=COLORS[number % len(COLORS)],
            markersize=6,
            alpha=0.9,
        )
        handles.append((drawn, short(name)))
    known_means = [(value, place) for place, value in zip(places, chart.means, strict=True) if value is not None]
    x, y = zip(*known_means, strict=True) if known_means else ((), ())
    (mean,) = axes.plot(x, y, linestyle="", marker="|", markersize=14, markeredgewidth=1.6, color=ink)
    handles.append((mean, "average"))
    axes.set_yticks(list(places), [short(name) for name in chart.rows])
    axes.set_ylim(len(chart.rows) - 0.5, -0.5)
    if chart.is_share:
        axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel(chart.x_name, fontsize=8)
    figure.legend(
        [drawn for drawn, _ in handles],
        [name for _, name in handles],
        loc="outside right upper",
        fontsize=8,
        frameon=False,
    )
    return figure


def _bars(chart: Bars) -> Figure:
    figure = Figure(figsize=(7.5, 0.45 * len(chart.classes) + 1.4), layout="constrained")
    axes = figure.subplots()
    places = list(range(len(chart.classes)))
    parts = (
        ("found", chart.found, [0] * len(places), COLORS[2]),
        ("missed", chart.missed, list(chart.found), COLORS[1]),
        ("others taken for it", [-count for count in chart.taken], [0] * len(places), COLORS[3]),
    )
    most = max((*(a + b for a, b in zip(chart.found, chart.missed, strict=True)), *chart.taken, 1))
    for name, widths, left, color in parts:
        bars = axes.barh(places, widths, left=left, color=color, height=0.62, label=name)
        # A number that its bar has no room for would stand on another's.
        labels = [str(abs(width)) if abs(width) > most * 0.04 else "" for width in widths]
        axes.bar_label(bars, labels, label_type="center", fontsize=8)
    axes.axvline(0, color=_BEHIND, linewidth=0.8)
    axes.set_yticks(places, [short(name) for name in chart.classes])
    axes.set_ylim(len(places) - 0.5, -0.5)
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axes.set_title(as_cell(chart.title), fontsize=9)
    axes.set_xlabel("rows", fontsize=8)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper", fontsize=8, frameon=False)
    return figure
