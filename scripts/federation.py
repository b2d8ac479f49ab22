"""A TTP and two participants as processes of their own, with TLS and keys on loopback: the whole of it, tried.

    ./scripts/federation [--short] [--keep DIR] [--only TEXT ...]

It runs the README's own cycle over them and in one process, and compares weights; so it does with images, a regression
and a search. It kills each process once, and looks whether the others find each other again without anyone's doing and
no record is lost; calls a job off; and changes the file of participants. It attacks: with an unknown key, under
another's name, with a run of a stranger's app, at what only the TTP's machine may reach, at what participants might
listen on, and with connections that say nothing. Where this user may make network namespaces, all is done once more
with each in one of its own, which share nothing but the wire. Prints a table, and exits with 1 when any row of it
failed. `--short` leaves out what takes minutes.
"""

import argparse
import base64
import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import torch
from machines import (
    KEY,
    LONG,
    NAMES,
    PATIENCE,
    ROOT,
    RUN,
    Failed,
    Federation,
    Skipped,
    keygen,
    listening,
    memory,
    own_address,
    readme_cycle,
    results,
    until,
)
from namespaces import check_namespaces

from synergos import Cancelled, Driver, SynergosError
from synergos.machines.flower import TaskType
from synergos.machines.keys import as_flower_has_it
from synergos.sandbox import Sandbox

# The trainings of each kind are those of the tests.
sys.path.insert(0, str(ROOT / "tests"))


def check_same(federation: Federation) -> str:
    """Run the README's cycle here and in one process, and compare all that came of it."""
    begun = time.monotonic()
    readme_cycle("127.0.0.1", federation.port)
    seconds = time.monotonic() - begun
    with Sandbox() as together, Driver(together.host, together.port) as other, federation.driver() as driver:
        readme_cycle(together.host, together.port)
        (one, losses, found), (two, losses_2, found_2) = results(driver), results(other)
    if one.keys() != two.keys() or not all(torch.equal(one[name], two[name]) for name in one):
        raise Failed("the weights are not those of the run in one process")
    if losses != losses_2 or found != found_2:
        raise Failed("losses or statistics are not those of the run in one process")
    return f"{len(one)} tensors, all losses and statistics, to the last bit; the cycle took {seconds:.1f} s"


def check_kind(federation: Federation, kind: str) -> str:
    """Do all that participants are asked for with data of a kind, here and in one process, and compare."""
    from cases import CASES, cycle

    case, name = CASES[kind], kind.replace(" ", "_")
    case.write(federation.data / name)
    tags = {
        one: {"train": [[name, own]], "evaluate": [[name, "held"]]}
        for one, own in zip(NAMES, ("one", "two"), strict=True)
    }
    begun = time.monotonic()
    with federation.driver() as driver:
        url = f"http://127.0.0.1:{federation.port}"
        here = cycle(driver, url, case, tags, project_id=name, below=[name])
    seconds = time.monotonic() - begun
    with Sandbox(data=federation.data) as together, Driver(together.host, together.port) as driver:
        there = cycle(driver, together.url, case, tags, project_id=name, below=[name])
        predicted = Path(there.prediction["predict"]["res_path"]).read_text()
    if not all(torch.equal(tensor, there.weights[key]) for key, tensor in here.weights.items()):
        raise Failed("the weights are not those of the run in one process")
    for part in ("aligned", "losses", "validations", "trials"):
        if getattr(here, part) != getattr(there, part):
            raise Failed(f"{part}: {getattr(here, part)} here, and {getattr(there, part)} in one process")
    kept = Path(here.prediction["predict"]["res_path"])
    if not kept.is_relative_to(federation.folder / NAMES[-1]):
        raise Failed(f"predictions were kept at {kept}")
    if kept.read_text() != predicted:
        raise Failed("predictions are not those of the run in one process")
    found = f"{len(here.weights)} tensors, losses, statistics, predictions, {len(here.trials)} trials of a search"
    return f"{found}, to the last bit; {seconds:.0f} s"


def look(federation: Federation) -> None:
    """Have both participants read their data; nothing of it is kept."""
    url = f"http://127.0.0.1:{federation.port}/ttp/sandbox/data"
    answer = httpx.get(url, params={"project_id": KEY["project_id"]}, timeout=PATIENCE, trust_env=False)
    if answer.status_code != 200 or not answer.json()["data"]["tables"]:
        raise Failed(f"participants cannot be asked: {answer.text[:500]}")


def check_called_off(federation: Federation) -> str:
    """Call a job off in the middle of a round that would take for days, and have participants do something else."""
    with federation.driver() as driver:
        endless = {**KEY, "run_id": "endless_round"}
        more = {"optimizer": "Adam", "lr_scheduler": "", "criterion": "NLLLoss"}
        driver.runs.create(**endless, rounds=1, epochs=100_000_000, lr=0.01, seed=1, **more)
        job = driver.models.submit(**endless)
        for one in federation.participants.values():
            until(f"{one.name} is at work", lambda one=one: "answered query.wait" in one.said)
        begun = time.monotonic()
        job.cancel()
        with contextlib.suppress(Cancelled):
            job.result(timeout=PATIENCE)
            raise Failed("the training came to an end")
        told = time.monotonic() - begun
        driver.runs.delete(**endless)
        look(federation)
        seconds = time.monotonic() - begun
    return f"called off after {told:.1f} s; all did something else within {seconds:.0f} s"


def check_roster(federation: Federation) -> str:
    """Take a participant out of the TTP's file while all runs, and put it back."""
    name, whole = NAMES[1], federation.roster.read_text()
    process = federation.participants[name]
    refused, connected = process.said.count("refuses the key"), process.said.count("connected to the TTP")
    begun = time.monotonic()
    try:
        federation.roster.write_text("".join(line for line in whole.splitlines(True) if f'"{name}"' not in line))
        until("it is thrown out", lambda: process.said.count("refuses the key") > refused)
        seconds = time.monotonic() - begun
        with federation.driver() as driver:
            try:
                driver.alignments.create(project_id=KEY["project_id"])
            except SynergosError as error:
                said = str(error)
            else:
                raise Failed("it still takes part")
    finally:
        federation.roster.write_text(whole)
    if f"'{name}' is not in the TTP's file of participants" not in said:
        raise Failed(said)
    until("it is let in again", lambda: process.said.count("connected to the TTP") > connected)
    look(federation)
    return f"thrown out after {seconds:.1f} s, named, and back when it was put back"


def check_slow_strangers(federation: Federation) -> str:
    """Hold many connections to the door that say nothing, or half of something, and do some work meanwhile."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(federation.ca)
    with contextlib.ExitStack() as stack:
        for number in range(600):
            stranger = stack.enter_context(socket.create_connection(("127.0.0.1", federation.door), 60))
            if number % 20 == 0:
                with contextlib.suppress(OSError):
                    stranger = stack.enter_context(context.wrap_socket(stranger, server_hostname="127.0.0.1"))
                    stranger.sendall(b"POST /v1/fleet/pull-messages HTTP/1.1\r\nhost: x\r\nx-")
        with federation.driver() as driver:
            begun = time.monotonic()
            driver.validations.create(**RUN)
    return f"600 of them; validations took {time.monotonic() - begun:.1f} s meanwhile"


def check_speed(federation: Federation) -> str:
    """Take the time of a round."""
    rounds = 10
    with federation.driver() as driver:
        more = {"optimizer": "Adam", "lr_scheduler": "StepLR", "step_size": 5, "criterion": "NLLLoss"}
        driver.runs.create(**LONG, rounds=rounds, epochs=1, lr=0.01, batch_size=16, seed=1, **more)
        begun = time.monotonic()
        driver.models.create(**LONG)
    return f"{(time.monotonic() - begun) / rounds:.2f} s a round of {rounds}"


def check_memory(federation: Federation) -> str:
    """Look at what each process holds."""
    shown = []
    for process in (federation.ttp, *federation.participants.values()):
        shown.append(f"{process.name} {memory(process.pid)} + Flower {memory(process.child)} MB")
    return "; ".join(shown)


def check_unknown_key(federation: Federation) -> str:
    """Come with a key that is in no file."""
    keygen(federation.folder, "stranger")
    stranger = federation.participant("stranger")
    try:
        until("the stranger is refused", lambda: "the TTP refuses the key" in stranger.said)
    finally:
        stranger.stop()
    if "connected to the TTP" in stranger.said:
        raise Failed("who is in no file was let in")
    return "refused at the door"


def check_other_name(federation: Federation) -> str:
    """Come with a known key, and say another's name."""
    one, other = NAMES
    federation.participants[one].stop()
    # The second's key, the first's name.
    liar = federation.participant(one, key=other, folder="liar")
    federation.participants[other].stop()
    try:
        until("the liar is connected", lambda: "connected to the TTP" in liar.said)
        with federation.driver() as driver:
            try:
                driver.alignments.create(project_id=KEY["project_id"])
            except SynergosError as error:
                said = str(error)
            else:
                raise Failed("an alignment was made with it")
    finally:
        liar.stop()
        for name in NAMES:
            federation.participants[name].start()
        federation.wait()
    if f"'{one}' is not connected" not in said and f"calls itself '{one}'" not in said:
        raise Failed(said)
    return "not believed: the key says who it is"


def check_stranger_app(federation: Federation) -> str:
    """Begin a run as only who has the TTP's own secret could, with an app that would leave a mark where it runs."""
    mark = federation.folder / "mark"
    app = federation.folder / "stranger-app"
    (app / "evil").mkdir(parents=True, exist_ok=True)
    (app / "pyproject.toml").write_text(
        '[project]\nname = "evil"\nversion = "1.0.0"\nlicense = "Apache-2.0"\ndependencies = []\n'
        '[tool.hatch.build.targets.wheel]\npackages = ["."]\n'
        '[tool.flwr.app]\npublisher = "evil"\n'
        '[tool.flwr.app.components]\nserverapp = "evil.app:app"\nclientapp = "evil.app:app"\n'
    )
    (app / "evil" / "__init__.py").write_text("")
    (app / "evil" / "app.py").write_text(
        f"from pathlib import Path\nPath({str(mark)!r}).write_text('it ran')\nfrom flwr.clientapp import ClientApp\n"
        "app = ClientApp()\n\n@app.query()\ndef query(message, context):\n    return message\n"
    )
    home = federation.folder / "ttp" / "superlink" / "flower"
    command = [sys.executable, "-c", "from flwr.cli.app import app; app()", "run", str(app), "ttp", "--format", "json"]
    from flwr.app import ConfigRecord, Message, RecordDict

    done = subprocess.run(command, env={**os.environ, "FLWR_HOME": str(home)}, capture_output=True, text=True)
    if '"success": true' not in done.stdout:
        raise Failed(f"the attack could not be made: {done.stdout}{done.stderr}")
    with federation.superlink.seeker() as seek:
        token = until("the run has a task", lambda: seek(TaskType.SERVER_APP))
    with federation.superlink.grid(token) as grid:
        nodes = [node.node_id for node in grid.get_nodes()]
        messages = [
            Message(RecordDict({"c": ConfigRecord({"x": 1})}), dst_node_id=node, message_type=kind)
            for node in nodes
            for kind in ("query", "train")
        ]
        waiting, replies = set(grid.push_messages(messages)), []
        end = time.monotonic() + PATIENCE
        while waiting and time.monotonic() < end:
            for reply in grid.pull_messages(waiting):
                waiting.discard(reply.metadata.reply_to_message_id)
                replies.append(reply)
            time.sleep(0.2)
    if mark.exists():
        raise Failed("the stranger's app was run")
    if len(replies) != len(messages) or not all(reply.has_error() for reply in replies):
        raise Failed(f"{len(messages)} messages had {len(replies)} replies: {replies}")
    return f"its {len(messages)} messages were answered with errors, and its code was run nowhere"


def check_control(federation: Federation) -> str:
    """Ask the door for what only the TTP's machine may reach."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(federation.ca)
    public = (federation.folder / f"{NAMES[0]}.key.pub").read_text()
    shown = base64.b64encode(as_flower_has_it(public)).decode()
    tried = 0
    address = f"https://127.0.0.1:{federation.door}"
    with httpx.Client(base_url=address, verify=context, headers={"flwr-public-key": shown}, trust_env=False) as client:
        for path in ("control/start-run", "control/register-node", "control/list-runs", "runtime/acquire-task"):
            for way in (f"/v1/{path}", f"/v1/fleet/../{path}", f"/v1/fleet/%2e%2e/{path}", f"//v1/{path}"):
                answer = client.post("/", content=b"", extensions={"target": way.encode()})
                tried += 1
                if answer.status_code != 404:
                    raise Failed(f"{way} was answered with {answer.status_code}")
        protobuf = {"content-type": "application/protobuf", "accept": "application/protobuf"}
        with_known_key = client.post("/v1/fleet/pull-messages", content=b"", headers=protobuf).status_code
    if with_known_key != 401:
        raise Failed(f"a key without its signature was answered with {with_known_key}")
    return f"{tried} ways to Control and Runtime: 404; a known key without its signature: {with_known_key}"


def check_open_ports(federation: Federation) -> str:
    """Look at what every process listens on."""
    seen = 0
    for process in (federation.ttp, *federation.participants.values()):
        for pid in (process.pid, process.child):
            for address, port in listening(pid):
                seen += 1
                if not address.startswith("127."):
                    raise Failed(f"a process of {process.name} listens on {address}:{port}")
    address = own_address()
    if address is not None:
        port = federation.superlink.port
        with contextlib.suppress(OSError), socket.create_connection((address, port), 2):
            raise Failed(f"the SuperLink answers at {address}:{port}")
    return f"{seen} ports, all of them this machine's alone"


def check_killed(federation: Federation, what: str) -> str:
    """Kill a process, and see that work goes on and no record is lost."""
    name = NAMES[0]
    with federation.driver() as driver:
        before = records(driver)
    process = federation.ttp if what in ("SuperLink", "TTP") else federation.participants[name]
    begun = time.monotonic()
    if what in ("SuperLink", "SuperNode"):
        os.kill(process.child, signal.SIGKILL)
    else:
        flower = process.child
        process.kill()
        until(f"Flower's process of {process.name} ends with it", lambda: not Path(f"/proc/{flower}").exists())
        process.start()
        if what == "TTP":
            until("the TTP answers", lambda: "Ctrl-C stops it" in federation.ttp.said)

    def works() -> bool:
        with contextlib.suppress(SynergosError, Failed), federation.driver() as driver:
            look(federation)
            return len(driver.validations.create(**RUN).data) > 0
        return False

    until("work goes on", works)
    seconds = time.monotonic() - begun
    with federation.driver() as driver:
        if records(driver) != before:
            raise Failed("records were lost")
    return f"work went on after {seconds:.0f} s, no record lost"


def check_lost_in_the_middle(federation: Federation) -> str:
    """Kill a participant while it trains."""
    name = NAMES[1]
    with federation.driver() as driver:
        before = driver.models.read(**RUN)["data"]
        long = {**KEY, "run_id": "endless"}
        driver.runs.create(**long, rounds=500, epochs=1, lr=0.01, optimizer="Adam", lr_scheduler="", seed=1)
        job = driver.models.submit(**long)
        until("rounds are made", lambda: federation.participants[name].said.count("answered train") > 2)
        process = federation.participants[name]
        process.kill()
        process.start()
        try:
            job.result(timeout=PATIENCE)
        except SynergosError as error:
            said = str(error)
        else:
            raise Failed("the training came to an end without it")
        driver.runs.delete(**long)
        if f"'{name}' was lost in the middle" not in said:
            raise Failed(said)
        if driver.models.read(**RUN)["data"] != before:
            raise Failed("another model was changed")
        left = [path for path in (federation.folder / "ttp").rglob("*.pt") if "endless" in str(path)]
        if left:
            raise Failed(f"{left[0]} was left")
    federation.wait()
    return "named, the training ended, nothing of it kept"


def records(driver: Driver) -> dict[str, Any]:
    """All that phase 1 keeps, and which models there are."""
    kept: dict[str, Any] = {
        "projects": driver.projects.read_all(),
        "participants": driver.participants.read_all(),
        "experiments": driver.experiments.read_all(project_id=KEY["project_id"]),
        "runs": driver.runs.read_all(**KEY),
        "models": driver.models.read(**RUN),
    }
    # What relates to them is made anew by the work.
    return {name: [{**one, "relations": None} for one in reply["data"]] for name, reply in kept.items()}


ROWS: list[tuple[str, Callable[[Federation], str], bool]] = [
    ("the README's cycle is the same", check_same, True),
    ("speed", check_speed, False),
    ("memory", check_memory, False),
    ("a regression is the same", lambda federation: check_kind(federation, "a regression"), False),
    ("images are the same", lambda federation: check_kind(federation, "images"), False),
    ("a job called off", check_called_off, False),
    ("the file of participants changes", check_roster, True),
    ("slow strangers", check_slow_strangers, True),
    ("each in a network of its own", check_namespaces, False),
    ("an unknown key", check_unknown_key, True),
    ("another's name", check_other_name, False),
    ("a run of a stranger's app", check_stranger_app, True),
    ("Control from outside", check_control, True),
    ("open ports", check_open_ports, True),
    ("SuperLink killed", lambda federation: check_killed(federation, "SuperLink"), False),
    ("SuperNode killed", lambda federation: check_killed(federation, "SuperNode"), True),
    ("participant killed", lambda federation: check_killed(federation, "participant"), False),
    ("TTP killed", lambda federation: check_killed(federation, "TTP"), False),
    ("participant killed in a training", check_lost_in_the_middle, False),
]


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="leave out what takes minutes")
    parser.add_argument("--keep", type=Path, help="a new folder to leave all files and logs in")
    parser.add_argument(
        "--only", nargs="+", default=[""], metavar="TEXT", help="after the first, rows with this in their name"
    )
    given = parser.parse_args()
    # What it started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    failed = 0
    with contextlib.ExitStack() as stack:
        if given.keep:
            given.keep.mkdir(parents=True)
            folder = given.keep.resolve()
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="synergos-federation-")))
        begun = time.monotonic()
        federation = Federation(folder)
        stack.callback(federation.stop)
        print(f"{'a TTP and two participants':34}  ok      started within {time.monotonic() - begun:.0f} s", flush=True)
        for name, check, is_short in ROWS:
            if (given.short and not is_short) or (
                check is not check_same and not any(one in name for one in given.only)
            ):
                continue
            try:
                outcome, what = "ok", check(federation)
            except Skipped as reason:
                outcome, what = "skipped", str(reason)
            except Exception as error:
                outcome, what, failed = "FAILED", str(error) or repr(error), failed + 1
            print(f"{name:34}  {outcome:7} {what}", flush=True)
        if failed and not given.keep:
            for log in sorted(folder.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text()[-2000:]}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
