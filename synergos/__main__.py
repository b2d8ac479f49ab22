"""The command `synergos`."""

import argparse
import json
import logging
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Never

from synergos.http.endpoint import Environment
from synergos.terminal import exits

if TYPE_CHECKING:
    from synergos.contract.document import Unusable
    from synergos.sandbox import Sandbox


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: What stands after `synergos` on the command line; None takes it from there.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="synergos",
        description="Federated learning across parties who never share their data.",
        epilog=f"Exit codes: {'; '.join(f'{code} {meaning}' for code, meaning in exits.MEANINGS.items())}.",
    )
    parser.add_argument("--version", action="version", version=f"synergos {_version()}")
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
    sandbox.add_argument("--cluster", action="store_true", help="answer as a TTP that is deployed as a cluster")
    sandbox.add_argument("--fragile", action="store_true", help="count the requests that would spoil a real TTP")
    _add_token(sandbox)
    sandbox.add_argument("--certificate", type=Path, metavar="PEM", help="certificate to speak TLS with (none)")
    sandbox.add_argument("--key", type=Path, metavar="PEM", help="the certificate's key (in the same file)")
    sandbox.set_defaults(run=_serve)
    _add_machines(commands)
    _add_contract(commands)
    _add_data(commands)
    words = sys.argv[1:] if arguments is None else arguments
    if words[:2] in (["ttp", "certificate"], ["participant", "keygen"]):
        # Beside the name of a participant, a command of its own.
        words = [" ".join(words[:2]), *words[2:]]
    if not words or words[0] not in commands.choices:
        # All tasks are imported for it.
        from synergos.terminal.joined import add_terminal

        add_terminal(parser, commands)
    given = parser.parse_args(words)
    return exits.ended(lambda: given.run(given))


def _version() -> str:
    from importlib.metadata import version

    return version("synergos-driver")


_ADDRESS = (
    "address of the TTP, http://host:port or https://gateway/path (SYNERGOS_URL); SYNERGOS_TOKEN and SYNERGOS_CA say "
    "who asks and whose certificates are trusted"
)


def _add_token(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--token",
        default=Environment.read().token,
        help="what every request must show as 'Authorization: Bearer TOKEN' (SYNERGOS_TOKEN, else none); other users "
        "of this machine can see the command line, but not the variable",
    )


def _add_machines(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    ttp = commands.add_parser(
        "ttp",
        help="serve a TTP whose participants are on machines of their own",
        description="Serve a TTP whose participants are on machines of their own and come to its door; Ctrl-C stops "
        "it. On this machine alone it needs no certificate.",
    )
    ttp.add_argument(
        "--folder", type=Path, required=True, metavar="DIR", help="what it keeps: records, models, results"
    )
    ttp.add_argument(
        "--participants",
        type=Path,
        required=True,
        metavar="FILE",
        help="TOML file: below [participants], a line NAME = 'PUBLIC KEY' for each. Changes count at once",
    )
    ttp.add_argument("--door", default="127.0.0.1:9443", help="HOST:PORT that participants come to (%(default)s)")
    ttp.add_argument("--certificate", type=Path, metavar="PEM", help="certificate that the TTP is known by")
    ttp.add_argument("--key", type=Path, metavar="PEM", help="the certificate's key (in the same file)")
    ttp.add_argument("--host", default="127.0.0.1", help="address that drivers are answered at (%(default)s)")
    ttp.add_argument("--port", type=int, default=5000, help="its port, 0 for a free one (%(default)s)")
    _add_token(ttp)
    ttp.add_argument(
        "--patience",
        type=float,
        default=30.0,
        metavar="SECONDS",
        help="how long a job waits for a participant that is not there (%(default)g)",
    )
    ttp.set_defaults(run=_ttp)
    certificate = commands.add_parser(
        "ttp certificate",
        help="make a CA of your own and a certificate that the TTP is known by",
        description="Make ca.crt, which participants are given, and ttp.crt with ttp.key, which stay with the TTP.",
    )
    certificate.add_argument("hosts", nargs="+", metavar="HOST", help="name or address that the TTP is reached at")
    certificate.add_argument("--to", type=Path, required=True, metavar="DIR", help="the folder to write to")
    certificate.set_defaults(run=_make_certificate)
    participant = commands.add_parser(
        "participant",
        help="take part in a grid with data that stay on this machine",
        description="Take part in a grid with data that stay on this machine. It opens no port: it dials out to the "
        "TTP, comes back when the connection was lost, and runs nothing but what is installed here. Ctrl-C stops it.",
    )
    participant.add_argument("name", metavar="NAME", help="what the TTP knows it as")
    participant.add_argument("--ttp", required=True, metavar="HOST:PORT", help="the TTP's door")
    participant.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the participant's data")
    participant.add_argument("--key", type=Path, required=True, metavar="FILE", help="its private key, of keygen")
    participant.add_argument("--ca", type=Path, required=True, metavar="PEM", help="the TTP's ca.crt")
    participant.add_argument(
        "--folder", type=Path, metavar="DIR", help="what it keeps: predictions, and sent.jsonl, its log (NAME.synergos)"
    )
    participant.set_defaults(run=_participant)
    keygen = commands.add_parser(
        "participant keygen",
        help="make a participant's key pair",
        description="Make a participant's key pair, and print the line for the TTP's file of participants.",
    )
    keygen.add_argument("name", metavar="NAME", help="what the TTP is to know it as")
    keygen.add_argument("--to", type=Path, metavar="FILE", help="file of the private key (NAME.key)")
    keygen.set_defaults(run=_keygen)


def _keygen(given: argparse.Namespace) -> int:
    from synergos.machines.keys import make_key

    path = given.to or Path(f"{given.name}.key")
    public = make_key(path)
    print(f"The private key is in {path}, and stays here. For the TTP's file of participants, below [participants]:")
    print(f"{json.dumps(given.name, ensure_ascii=False)} = {json.dumps(public)}")
    return exits.DONE


def _make_certificate(given: argparse.Namespace) -> int:
    from synergos.machines.keys import make_certificate

    make_certificate(given.to, given.hosts)
    print(f"Give {given.to / 'ca.crt'} to the participants: synergos participant --ca")
    print(f"Start the TTP with --certificate {given.to / 'ttp.crt'} --key {given.to / 'ttp.key'}")
    return exits.DONE


def _ttp(given: argparse.Namespace) -> int:
    return _until_stopped("TTP", lambda: _run_ttp(given))


def _run_ttp(given: argparse.Namespace) -> int:
    from synergos.ttp.deployed import Ttp
    from synergos.ttp.store import StoreInUse

    _log_to_stderr()
    named = {name: value for name, value in vars(given).items() if name not in ("run", "folder")}
    try:
        with Ttp(given.folder, **named) as ttp:
            secured = f"url={ttp.url!r}" if ttp.url.startswith("https") else f"host={ttp.reachable!r}, port={ttp.port}"
            token = ", token=..." if given.token else ""
            ca = "" if ttp.ca is None else f" --ca {ttp.ca}"
            print(f"A TTP listens on {ttp.url}")
            print(f"  page          {ttp.url}/ in a browser")
            print(f"  driver        Driver({secured}{token})")
            print(f"  participants  synergos participant NAME --ttp {ttp.door}{ca} --key NAME.key --data DIR")
            print(f"  records       {ttp.store}, files in {ttp.outputs}")
            print("Ctrl-C stops it.", flush=True)
            threading.Event().wait()
    except (StoreInUse, RuntimeError) as error:
        return _not_started(error)
    return exits.DONE


def _not_started(error: Exception) -> int:
    print(f"synergos: {error}", file=sys.stderr)
    return exits.FAILED if isinstance(error, RuntimeError) else exits.WRONG


def _participant(given: argparse.Namespace) -> int:
    return _until_stopped("participant", lambda: _run_participant(given))


def _run_participant(given: argparse.Namespace) -> int:
    from synergos.participant.node import Node

    _log_to_stderr()
    folder = given.folder or Path(f"{given.name}.synergos")
    node = Node(given.name, given.ttp, given.data, given.key, given.ca, folder)
    print(f"Participant {node.name!r} answers the TTP at {given.ttp}")
    print(f"  data        {given.data.resolve()}")
    print(f"  public key  {node.public}")
    print(f"  sent        {node.log}")
    print("Ctrl-C stops it.", flush=True)
    node.run()
    return exits.DONE


def _log_to_stderr() -> None:
    from synergos.http.log import PrintableFormatter

    handler = logging.StreamHandler()
    handler.setFormatter(PrintableFormatter("%(asctime)s %(message)s"))
    for name in ("synergos.sandbox", "synergos.flower"):
        log = logging.getLogger(name)
        log.addHandler(handler)
        if log.level == logging.NOTSET:
            log.setLevel(logging.INFO)


def _add_contract(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    contract = commands.add_parser("contract", help="hold a TTP against the contract that this client is made from")
    asked = contract.add_subparsers(title="commands", required=True, metavar="COMMAND")
    diff = asked.add_parser(
        "diff",
        help="compare what a TTP publishes about itself with the contract",
        description="Compare what a TTP publishes about itself with the contract: routes, methods, fields of requests. "
        "What its documents are known to be wrong about is listed apart. Exits with 1 on drift.",
    )
    diff.add_argument(
        "source",
        nargs="*",
        metavar="SOURCE",
        help=f"{_ADDRESS}; or files with the OpenAPI or Swagger documents of one, as JSON",
    )
    diff.set_defaults(run=_diff)
    check = asked.add_parser(
        "check",
        help="call a TTP and hold its answers against the contract",
        description="Ask a TTP for every list and for all that is found in them, one request at a time, and hold each "
        "answer against the contract. Nothing is changed without --write. Exits with 1 on a deviation.",
    )
    check.add_argument("address", nargs="?", default="", metavar="ADDRESS", help=_ADDRESS)
    check.add_argument(
        "--write",
        action="store_true",
        help="also make, change and remove a project of its own with all that belongs to one in phase 1, with wrong "
        "bodies and missing ids; what was made is removed whatever happens",
    )
    check.add_argument(
        "--data",
        action="append",
        default=[],
        metavar="PARTICIPANT=TAG,TAG",
        help="with --write: train and evaluate on this data set in phases 2 and 3, which takes minutes on a real grid; "
        "may be given several times. A participant that is not there is made, and removed again",
    )
    check.set_defaults(run=_check, error=check.error)
    for command in (diff, check):
        command.add_argument("--format", choices=("table", "json"), default="table", help="how to print (%(default)s)")


def _add_data(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    data = commands.add_parser("data", help="make data folders of a csv file, and look at those that there are")
    asked = data.add_subparsers(title="commands", required=True, metavar="COMMAND")
    prepare = asked.add_parser(
        "prepare",
        help="make a participant's data folders of a csv file",
        description="Make a participant's data folders of a csv file: train and, with --evaluate, evaluate, each with "
        "metadata.json, schema.json and data.csv. How the file is written and what its columns hold is inferred, and "
        "all that was decided is printed. Exits with 2 when the file cannot be prepared; nothing is written then.",
    )
    prepare.add_argument("source", type=Path, metavar="CSV", help="the csv file")
    prepare.add_argument(
        "--to", type=Path, required=True, metavar="DIR", help="the participant's folder: DATA/PARTICIPANT"
    )
    prepare.add_argument("--target", required=True, metavar="COLUMN", help="the column that is to be learned")
    prepare.add_argument("--evaluate", type=float, metavar="SHARE", help="share of the rows to evaluate on (none)")
    prepare.add_argument("--seed", type=int, default=0, help="decides which rows those are (%(default)s)")
    prepare.add_argument("--stratify", action="store_true", help="take the same share of each class")
    prepare.add_argument(
        "--drop", action="append", default=[], metavar="COLUMN", help="leave a column out; may be given several times"
    )
    prepare.add_argument(
        "--missing",
        action="append",
        default=[],
        metavar="VALUE",
        help="a value that stands for a gap in any column, besides the empty one; may be given several times",
    )
    prepare.add_argument("--sep", metavar="MARK", help="the separator (found: comma, semicolon, tab or bar)")
    prepare.add_argument("--encoding", metavar="NAME", help="the encoding (found: UTF-8, UTF-16 or Windows-1252)")
    prepare.add_argument("--decimal", choices=(".", ","), help="the decimal mark (found)")
    prepare.add_argument("--dates", choices=("ymd", "dmy", "mdy"), help="the order of year, month and day (found)")
    prepare.add_argument("--force", action="store_true", help="replace the folders train and evaluate that are there")
    prepare.set_defaults(run=_prepare)
    check = asked.add_parser(
        "check",
        help="read data folders as a training would, without any TTP",
        description="Read a data folder, or all that are in a folder, as a training would, and print what is read and "
        "left out, and what stands against a training. Exits with 1 when the data cannot be trained with, and with "
        "2 when there are none. Nothing is sent anywhere.",
    )
    check.add_argument("folder", type=Path, metavar="DIR", help="a data folder, or a folder of several")
    check.add_argument(
        "--action",
        choices=("classify", "regress"),
        help="what the project does (told from the targets: numbers with a fraction, or many, are a regression)",
    )
    check.add_argument("--format", choices=("table", "json"), default="table", help="how to print (%(default)s)")
    check.set_defaults(run=_check_data)


def _prepare(given: argparse.Namespace) -> int:
    from synergos.sandbox import prepare_data

    named = {name: value for name, value in vars(given).items() if name not in ("run", "source", "to")}
    print(prepare_data(given.source, given.to, **named))
    return exits.DONE


def _check_data(given: argparse.Namespace) -> int:
    from synergos.sandbox import check_data

    found = check_data(given.folder, action=given.action)
    print(_json(found.as_data()) if given.format == "json" else found)
    return exits.DONE if found else exits.WANTING


def _diff(given: argparse.Namespace) -> int:
    from synergos.contract import document, report
    from synergos.contract.diff import find_drift

    try:
        difference = find_drift(given.source)
    except document.Unusable as error:
        return _unusable(error)
    as_json = given.format == "json"
    print(_json(report.difference_as_data(difference)) if as_json else report.difference_as_text(difference))
    return exits.WANTING if difference.drift else exits.DONE


def _check(given: argparse.Namespace) -> int:
    from synergos.contract import document, report
    from synergos.contract.check import DataSet, check_ttp

    # What was made for the check is removed when the process is told to end, as with Ctrl-C.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        data = [DataSet.parse(text) for text in given.data]
    except ValueError as error:
        given.error(str(error))
    if data and not given.write:
        given.error("--data needs --write")
    try:
        found = check_ttp(given.address, write=given.write, data=data)
    except document.Unusable as error:
        return _unusable(error)
    print(_json(report.check_as_data(found)) if given.format == "json" else report.check_as_text(found))
    if found.cause is not None:
        return exits.code_of(found.cause)
    if found.left:
        return exits.FAILED
    return exits.WANTING if found.deviations else exits.DONE


def _unusable(error: "Unusable") -> int:
    print(f"synergos: {error}", file=sys.stderr)
    return exits.code_of(error.kind)


def _json(data: object) -> str:
    text = json.dumps(data, indent=2, ensure_ascii=False)
    return "".join(mark if mark.isprintable() or mark == "\n" else json.dumps(mark)[1:-1] for mark in text)


def _serve(given: argparse.Namespace) -> int:
    return _until_stopped("sandbox", lambda: _run_sandbox(given))


def _until_stopped(what: str, run: Callable[[], int]) -> int:
    # What is told to end, ends as with Ctrl-C; told again, the system ends it, whatever it is doing.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt_once)
    try:
        return run()
    except KeyboardInterrupt:
        print(f"The {what} has stopped.", flush=True)
        return exits.DONE


def _run_sandbox(given: argparse.Namespace) -> int:
    from synergos.http.log import PrintableFormatter
    from synergos.sandbox import Sandbox
    from synergos.ttp.store import StoreInUse

    log = logging.getLogger("synergos.sandbox")
    handler = logging.StreamHandler()
    handler.setFormatter(PrintableFormatter())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        with Sandbox(
            given.host,
            given.port,
            data=given.data,
            store=given.store,
            cluster=given.cluster,
            fragile=given.fragile,
            token=given.token,
            certificate=given.certificate,
            key=given.key,
        ) as ttp:
            print(_greeting(ttp, given), flush=True)
            try:
                threading.Event().wait()
            finally:
                if given.fragile:
                    print(f"Requests that would have spoiled a real TTP: {ttp.overlaps}", flush=True)
    except (StoreInUse, RuntimeError) as error:
        return _not_started(error)
    return exits.DONE


def _greeting(ttp: "Sandbox", given: argparse.Namespace) -> str:
    from synergos.ttp.guard import is_loopback

    kept = given.store is not None
    records = f"{ttp.store}, files in {ttp.outputs}" if kept else "until it stops (--store FILE keeps them)"
    driver = f"host={ttp.reachable!r}, port={ttp.port}" if given.certificate is None else f"url={ttp.url!r}"
    token = ", token=..." if given.token else ""
    lines = [
        f"A TTP listens on {ttp.url}",
        f"  page      {ttp.url}/ in a browser",
        f"  data      {ttp.data}",
        f"  records   {records}",
        f"  driver    Driver({driver}{token})",
    ]
    if not is_loopback(ttp.host):
        lines.append(f"  network   anyone who reaches this machine reaches it, on {ttp.host} port {ttp.port}")
        if not given.token:
            lines.append("Warning: whoever reaches it can read, change and delete everything: give it a --token.")
        elif given.certificate is None:
            lines.append("Warning: the token and all data travel unencrypted: give it a --certificate.")
    return "\n".join([*lines, "Ctrl-C stops it."])


def _interrupt_once(*_: object) -> Never:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    raise KeyboardInterrupt


def _interrupt(*_: object) -> Never:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
