"""The command `synergos`."""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Never

if TYPE_CHECKING:
    from synergos.sandbox import Sandbox


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: What stands after `synergos` on the command line; None takes it from there.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="synergos", description="Federated learning across parties who never share their data."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    sandbox = commands.add_parser(
        "sandbox",
        help="serve a TTP with its participants on this machine",
        description="Serve a TTP with its participants on this machine. It trains for real; Ctrl-C stops it.",
    )
    sandbox.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    sandbox.add_argument("--port", type=int, default=5000, help="port to listen on, 0 for a free one (%(default)s)")
    sandbox.add_argument("--data", type=Path, metavar="DIR", help="folder of the participants' data (the penguins)")
    sandbox.add_argument("--store", type=Path, metavar="FILE", help="SQLite file that keeps the records (none)")
    given = parser.parse_args(arguments)
    return _serve(given)


def _serve(given: argparse.Namespace) -> int:
    # A sandbox that is told to end, ends as with Ctrl-C.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _run_sandbox(given)
    except KeyboardInterrupt:
        print("The sandbox has stopped.", flush=True)
        return 0


def _run_sandbox(given: argparse.Namespace) -> int:
    try:
        from synergos.sandbox import Sandbox
        from synergos.sandbox.store import StoreInUse
    except ModuleNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    log = logging.getLogger("synergos.sandbox")
    log.addHandler(logging.StreamHandler())
    log.setLevel(logging.INFO)
    try:
        with Sandbox(given.host, given.port, data=given.data, store=given.store) as ttp:
            print(_greeting(ttp, kept=given.store is not None), flush=True)
            threading.Event().wait()
    except StoreInUse as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(error if error.filename else error.strerror or error, file=sys.stderr)
        return 1
    return 0


def _greeting(ttp: "Sandbox", *, kept: bool) -> str:
    records = f"{ttp.store}, files in {ttp.outputs}" if kept else "until it stops (--store FILE keeps them)"
    return (
        f"A TTP listens on http://{ttp.host}:{ttp.port}\n"
        f"  data      {ttp.data}\n"
        f"  records   {records}\n"
        f"  driver    Driver(host={ttp.host!r}, port={ttp.port})\n"
        "Ctrl-C stops it."
    )


def _interrupt(*_: object) -> Never:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
