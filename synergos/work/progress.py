"""How far a job is, shown while somebody waits for it: in a terminal and in a notebook, and nowhere else."""

import importlib
import sys
import time
import warnings
from types import TracebackType
from typing import Any, Self

from synergos.common.text import as_cell


class Display:
    """One line of progress, drawn by tqdm where that is installed and someone is looking."""

    def __init__(self, title: str) -> None:
        """Take note of the title; nothing is drawn before the first `show`.

        Args:
            title: What stands before everything else.
        """
        self._title = title
        self._started = time.time()
        self._tqdm = _tqdm() if _is_watched() else None
        self._bar: Any = None

    @property
    def is_shown(self) -> bool:
        """Whether anything is drawn at all."""
        return self._tqdm is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, what: str, done: int, total: int, unit: str, remark: str = "") -> None:
        """Draw how far the job is.

        Args:
            what: What is being done now.
            done: How much of it is done.
            total: How much there is to do.
            unit: What is counted.
            remark: What else there is to say.
        """
        if self._tqdm is None:
            return
        text, remark = as_cell(f"{self._title} {what}".strip()), as_cell(remark)
        if self._bar is None:
            form = "{desc} |{bar}| {n_fmt}/{total_fmt} {unit} [{elapsed}{postfix}]"
            self._bar = self._tqdm(desc=text, initial=min(done, total), total=total, unit=unit, bar_format=form)
        if self._bar.total != total and hasattr(self._bar, "container"):
            # The only way by which the widget of a notebook learns of it.
            self._bar.reset(total)
        self._bar.start_t = self._started
        self._bar.n, self._bar.total, self._bar.unit = min(done, total), total, unit
        self._bar.set_description_str(text, refresh=False)
        self._bar.set_postfix_str(remark, refresh=False)
        self._bar.refresh()


def _is_watched() -> bool:
    if sys.stderr is not None and sys.stderr.isatty():
        return True
    # Asked only when a notebook has imported it.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and "IPKernelApp" in getattr(shell, "config", {})


def _tqdm() -> Any:
    """The class of tqdm that fits where this runs; None when there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module("tqdm.auto").tqdm
    except ImportError:
        return None
