"""`synergos apply` and `synergos export`: a grid in one file."""

import argparse
import sys
from pathlib import Path

from synergos.common.text import printable
from synergos.gridfile import Plan, export_grid, plan_changes, read_grid, schema, write_grid
from synergos.gridfile.files import as_text
from synergos.terminal import exits, output
from synergos.terminal.asking import agreed
from synergos.terminal.profiles import add_where, driver_of

_COLOURS = {"+": 32, "~": 33, "-": 31}


def add_files(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `synergos apply` and `synergos export`."""
    apply = commands.add_parser(
        "apply",
        help="bring a TTP to what a file says, after asking",
        description="Show what is to be changed so that a TTP is as a file says, ask, and change only that.",
    )
    apply.add_argument("file", type=Path, metavar="FILE", help="grid.yaml or grid.json")
    add_where(apply)
    apply.add_argument("--dry-run", action="store_true", help="change nothing; exit with 1 when there is something to")
    apply.add_argument("--prune", action="store_true", help="also delete what the file does not name")
    apply.add_argument("--yes", action="store_true", help="do not ask")
    apply.add_argument("--format", choices=("table", "json"), default="table", help="how to print the plan (table)")
    apply.set_defaults(run=_apply)
    export = commands.add_parser(
        "export",
        help="write down what phase 1 of a TTP holds, in one file",
        description="Write down what phase 1 of a TTP holds. Models and results are not in it, nor is what TTPs never "
        "tell: the algorithm, criterion, scheduler and optimizer of runs.",
    )
    add_where(export)
    export.add_argument("--to", type=Path, metavar="FILE", help="file to write, .json or .yaml (stdout)")
    export.add_argument("--format", choices=("yaml", "json"), help="the form on stdout (json)")
    export.add_argument("--schema", action="store_true", help="print the JSON schema of such files instead")
    export.set_defaults(run=_export)


def _apply(given: argparse.Namespace) -> int:
    grid = read_grid(given.file)
    with driver_of(given) as driver:
        plan = plan_changes(driver, grid, prune=given.prune)
        _show(plan, given.format)
        for text in plan.notes:
            output.note(text)
        if given.dry_run:
            return exits.WANTING if plan else exits.DONE
        if plan:
            if not given.yes:
                agreed(f"Make {len(plan.changes)} change{'' if len(plan.changes) == 1 else 's'}?")
            plan.apply()
            output.note("Done.")
    return exits.DONE


def _show(plan: Plan, form: str) -> None:
    if form == "json":
        changes = [
            {"action": one.action, "kind": one.item.kind, "ids": dict(one.item.ids), "fields": one.fields}
            | ({"before": one.before} if one.action == "update" else {})
            for one in plan.changes
        ]
        print(output.as_json({"changes": changes, "notes": plan.notes}))
        return
    colour = output.coloured(sys.stdout)
    for line in printable(str(plan)).splitlines():
        print(colour(line, _COLOURS[line[0]]) if line[:1] in _COLOURS else line)


def _export(given: argparse.Namespace) -> int:
    if given.schema:
        print(output.as_json(schema()))
        return exits.DONE
    with driver_of(given) as driver:
        grid = export_grid(driver)
    output.note(grid["$comment"])
    if given.to is None:
        print(as_text(grid, is_json=given.format != "yaml"), end="")
    else:
        write_grid(grid, given.to)
    return exits.DONE
