"""Pictures of charts: in a notebook, in a file, and as text in a terminal."""

import html
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from synergos.common.text import as_cell
from synergos.errors import InvalidArgument, SynergosError
from synergos.results.charts import Chart

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@attrs.frozen(repr=False)
class Picture:
    """A chart: a picture in a notebook and in a file, and a small chart of text in a terminal.

    A notebook shows it in its own colours of text, on a light page and on a dark one.

    Example:
        >>> picture = driver.results(project_id="penguins").plot.metric()
        >>> print(str(picture).splitlines()[0])
        accuracy
    """

    chart: Chart

    def save(self, path: str | Path, *, dark: bool = False) -> Path:
        """Write the chart into a file.

        Args:
            path: The file: "losses.png" or "losses.svg".
            dark: Whether it is for a dark page.

        Returns:
            The file.

        Raises:
            InvalidArgument: When the name ends in neither .png nor .svg.
            SynergosError: When matplotlib is not installed: `pip install 'synergos-driver[plots]'`.
        """
        file = Path(path)
        if file.suffix.lower() not in (".png", ".svg"):
            raise InvalidArgument(f"[plot] path={str(path)!r} is not allowed: it must end in .png or .svg.")
        self.figure(dark=dark).savefig(file, dpi=144)
        return file

    def figure(self, *, dark: bool = False) -> "Figure":
        """The chart as a figure of matplotlib, to go on with.

        Args:
            dark: Whether it is for a dark page.

        Raises:
            SynergosError: When matplotlib is not installed.
        """
        _require_matplotlib()
        from synergos.results.drawing import draw

        return draw(self.chart, "dark" if dark else "light")

    def __str__(self) -> str:
        return self.chart.as_text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        try:
            _require_matplotlib()
            from synergos.results.drawing import as_svg

            return as_svg(self.chart)
        except Exception as error:
            # Whatever a picture cannot be drawn for, the numbers can be shown.
            return f"<pre>{html.escape(str(self))}</pre><p>{html.escape(as_cell(str(error)))}</p>"


def _require_matplotlib() -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise SynergosError(
            "Pictures need matplotlib, which is not installed: `pip install 'synergos-driver[plots]'`. "
            "Without it, print(...) shows a small chart."
        ) from error
