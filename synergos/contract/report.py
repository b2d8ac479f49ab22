"""What the contract commands found, as text for people and as data for JSON."""

import dataclasses
import io
import re
import shutil
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from synergos.common.text import as_cell, printable
from synergos.contract.check import Deviation, Report
from synergos.contract.diff import Difference

NAMED = 3


def difference_as_data(difference: Difference) -> dict[str, Any]:
    """A difference for JSON."""
    return dataclasses.asdict(difference)


def difference_as_text(difference: Difference) -> str:
    """A difference as tables: drift first, then what only the TTP's documents are wrong about."""
    generations = _generations([one for one in difference.generations if one != "sandbox"])
    what = "sandbox" if "sandbox" in difference.generations else "TTP"
    head = (
        f"Read: {', '.join(difference.sources)}\n"
        f"It is a {what} of the {generations}; {_also(difference.compared)} also in the contract."
    )
    parts = [head]
    if difference.drift:
        rows = ((one.kind, _listed(one.operations), one.where, one.contract, one.ttp) for one in difference.drift)
        table = _table(("drift", "operation", "where", "contract", "TTP"), rows)
        parts.append(f"{_count(len(difference.drift), 'difference')} from the contract\n{table}")
    else:
        parts.append("No drift: in all that can be compared it is as the contract says.")
    if difference.faults:
        faults = ((one.name, f"{len(one.where)}: {_listed(one.where)}", one.reason) for one in difference.faults)
        table = _table(("fault", "where", "why it is no drift"), faults)
        parts.append(f"Known of the TTP and its documents, and no drift\n{table}")
    return printable("\n\n".join(parts))


def check_as_data(report: Report) -> dict[str, Any]:
    """A check for JSON."""
    found = {**dataclasses.asdict(report), "tried": sorted(report.tried), "untried": sorted(report.untried)}
    del found["cause"]
    return found


def check_as_text(report: Report) -> str:
    """A check as text: each deviation once, however many records it is in, then what was not tried or not removed."""
    parts = [
        f"{report.address} is a TTP of the {_generations(report.generations)}: "
        f"{_count(report.requests, 'request')} to {_count(len(report.tried), 'operation')}."
    ]
    if report.deviations:
        table = _table(("operation", "record", "pointer", "deviation"), _deviations(report.deviations))
        parts.append(f"{_count(len(report.deviations), 'deviation')} from the contract\n{table}")
    elif not report.aborted:
        parts.append("Every answer is what the contract says.")
    if report.untried:
        untried = sorted(report.untried)
        parts.append(
            "Not tried, for want of records or of --data, or because another does the same work: "
            f"{_listed(untried)} (--format json names them all)."
        )
    if report.left:
        parts.append(f"Made for the check and still there, remove it by hand: {'; '.join(report.left)}.")
    if report.aborted:
        parts.append(f"The check ended early. {report.aborted}")
    return printable("\n\n".join(parts))


def _deviations(deviations: Iterable[Deviation]) -> Iterable[Sequence[str]]:
    """One row for what differs only by the record or the place in a list."""
    alike: dict[tuple[str, str, str], list[Deviation]] = {}
    for one in deviations:
        place = re.sub(r"/\d+", "/*", one.pointer)
        alike.setdefault((one.operation, place, re.sub(r"\d+", "0", one.text)), []).append(one)
    for (operation, *_), group in alike.items():
        first = group[0]
        more = f" (and {len(group) - 1} more like it)" if len(group) > 1 else ""
        yield operation, first.record or first.request, first.pointer, first.text + more


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rows = [tuple(map(as_cell, row)) for row in rows]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for index, head in enumerate(heads):
        if any(row[index] for row in rows):
            table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(cell for index, cell in enumerate(row) if any(other[index] for other in rows)))
    width = shutil.get_terminal_size((120, 24)).columns
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False, no_color=True)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _generations(names: Sequence[str]) -> str:
    return f"generation{'' if len(names) == 1 else 's'} {' and '.join(names)}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _also(number: int) -> str:
    return f"{_count(number, 'operation')} {'is' if number == 1 else 'are'}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
