from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire


@_attrs_define(eq=False, repr=False)
class ResultsTables(_Record[Any]):
    """The leaderboard as `run`; of a single run also what it is at each `participant` and for each `class`. Each has a
    title, the names of its columns, rows of texts, and notes."""

    _wires: ClassVar[dict[str, Wire]] = {}
