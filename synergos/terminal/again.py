"""`synergos rerun`: a training done once more, as its manifest says."""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

from synergos.common.text import printable
from synergos.driver import Driver
from synergos.errors import InvalidArgument, SynergosError
from synergos.manifest import Manifest
from synergos.rerun import Rerun
from synergos.results.table import Table
from synergos.terminal import exits, output
from synergos.terminal.profiles import add_where, driver_of


def add_rerun(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `synergos rerun`."""
    command = commands.add_parser(
        "rerun",
        help="train once more as a manifest says, and compare",
        description="Train once more as a manifest says, and say that all is equal, or what differs: versions, data, "
        "alignment, losses, weights. It is done in a project of its own, which is deleted in the end. Exits with "
        f"{exits.DIFFERENT} when something differs.",
    )
    command.add_argument("manifest", type=Path, metavar="MANIFEST", help="manifest.json, or the folder of the model")
    add_where(command)
    command.add_argument(
        "--data",
        nargs="?",
        const="",
        metavar="DIR",
        help="train in a sandbox of its own on this folder of data, in place of a TTP; without DIR, on the penguins",
    )
    command.add_argument("--keep", action="store_true", help="leave the project on the TTP")
    command.add_argument("--timeout", type=float, metavar="SECONDS", help="for the alignment, and for the training")
    command.add_argument("--format", choices=("table", "json", "csv"), default="table", help="how to print (table)")
    command.set_defaults(run=lambda given: exits.ended(lambda: _run(given)))


def _run(given: argparse.Namespace) -> int:
    then = Manifest.read(given.manifest)
    with _driver(given) as driver:
        found = driver.rerun(then, keep=given.keep, timeout=given.timeout)
    _show(found, given.format)
    return exits.DONE if found else exits.DIFFERENT


@contextlib.contextmanager
def _driver(given: argparse.Namespace) -> Iterator[Driver]:
    """The driver on the TTP that is named, or on a sandbox that is there as long as it is needed."""
    if given.data is None:
        with driver_of(given) as driver:
            yield driver
        return
    if given.url or given.profile or given.keep:
        other = "--keep" if given.keep else "--url" if given.url else "--profile"
        raise InvalidArgument(f"--data trains in a sandbox that ends with the command: it does not go with {other}.")
    try:
        from synergos.sandbox import Sandbox
    except ModuleNotFoundError as error:
        raise SynergosError(str(error)) from None
    with Sandbox(data=given.data or None) as ttp, Driver(ttp.host, ttp.port, errors="raise") as driver:
        yield driver


def _show(found: Rerun, form: output.Format) -> None:
    rows = tuple(one._asdict() for one in found.differences)
    if form == "json":
        told = {"equal": found.equal, "project_id": found.project_id, "differences": rows, "notes": found.notes}
        print(output.as_json(told))
    elif form == "csv":
        output.table(Table(("part", "what", "then", "now"), rows), form)
    else:
        print(printable(str(found)))
