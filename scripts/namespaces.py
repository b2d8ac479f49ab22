"""A TTP and two participants, each in a network of its own, with nothing between them but a wire for each participant.

Networks are Linux' namespaces: this user must be one who may make them. They are removed at the end, whatever happens.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch
from machines import DEMO, NAMES, Failed, Federation, Process, Skipped, keygen, readme_cycle, results, until

from synergos import Driver
from synergos.sandbox import Sandbox

DOOR, PORT = 9443, 5000
PORTS = 65536


def check_namespaces(federation: Federation) -> str:
    """Run the README's cycle there, compare, and look at what can be reached from where."""
    folder = federation.folder / "apart"
    folder.mkdir()
    with ExitStack() as stack:
        within = stack.enter_context(networks())
        (folder / "participants.toml").write_text(
            "\n".join(["[participants]", *(keygen(folder, one) for one in NAMES)])
        )
        certificate = [
            sys.executable,
            "-m",
            "synergos",
            "ttp",
            "certificate",
            *(ttp(one) for one in NAMES),
            "--to",
            "tls",
        ]
        subprocess.run(certificate, cwd=folder, capture_output=True, check=True)
        own = ("--certificate", folder / "tls" / "ttp.crt", "--key", folder / "tls" / "ttp.key", "--port", PORT)
        where = (
            "--folder",
            folder / "ttp",
            "--participants",
            folder / "participants.toml",
            "--door",
            f"0.0.0.0:{DOOR}",
        )
        processes = [Process(folder, "ttp", "ttp", *where, *own, within=within["ttp"])]
        stack.callback(processes[0].stop)
        for one in NAMES:
            to = ("--ttp", f"{ttp(one)}:{DOOR}", "--ca", folder / "tls" / "ca.crt", "--data", DEMO)
            more = ("--key", folder / f"{one}.key", "--folder", folder / one)
            processes.append(Process(folder, one, "participant", one, *to, *more, within=within[one]))
            stack.callback(processes[-1].stop)
        for process in processes[1:]:
            until(f"{process.name} is connected", lambda process=process: "connected to the TTP" in process.said)

        run(within["ttp"], "cycle", folder / "came.pt")
        came = torch.load(folder / "came.pt", weights_only=False)
        with Sandbox() as together, Driver(together.host, together.port) as driver:
            readme_cycle(together.host, together.port)
            weights, *others = results(driver)
        if list(came[1:]) != others or not all(torch.equal(tensor, weights[name]) for name, tensor in came[0].items()):
            raise Failed("weights, losses or statistics are not those of the run in one process")

        one, other = NAMES
        for network, address, expected in (
            (one, ttp(one), [DOOR]),
            (one, ttp(other), []),
            (one, participant(other), []),
            ("ttp", participant(one), []),
            ("ttp", participant(other), []),
        ):
            found = [int(port) for port in run(within[network], "scan", address).split()]
            if found != expected:
                raise Failed(f"{found} of {address} can be reached from the network of {network}, not {expected}")
    scanned = f"of {PORTS - 1:,} ports each participant reaches the door, and nobody any of a participant"
    return f"the cycle is the same to the last bit; {scanned}"


def ttp(name: str) -> str:
    """The TTP's address on the wire to a participant."""
    return f"10.83.{NAMES.index(name)}.1"


def participant(name: str) -> str:
    """A participant's address on its wire."""
    return f"10.83.{NAMES.index(name)}.2"


@contextmanager
def networks() -> Iterator[Mapping[str, Sequence[str]]]:
    """Make a network for the TTP and for each participant.

    Returns:
        For each, how a command is begun that is to run in it.
    """
    names = {one: f"synergos-{os.getpid()}-{number}" for number, one in enumerate(("ttp", *NAMES))}
    with ExitStack() as stack:
        for name in names.values():
            ip("netns", "add", name)
            stack.callback(ip, "netns", "del", name)
            ip("-n", name, "link", "set", "lo", "up")
        for number, one in enumerate(NAMES):
            # The ends of a wire are made where they belong: they are in no other network at any time.
            ends = {"ttp": (f"to-{number}", ttp(one)), one: ("to-ttp", participant(one))}
            (near, _), (far, _) = ends.values()
            ip("-n", names["ttp"], "link", "add", near, "type", "veth", "peer", "name", far, "netns", names[one])
            for side, (wire, address) in ends.items():
                ip("-n", names[side], "addr", "add", f"{address}/30", "dev", wire)
                ip("-n", names[side], "link", "set", wire, "up")
        yield {one: ("ip", "netns", "exec", name) for one, name in names.items()}


def ip(*arguments: str) -> None:
    """Run `ip`.

    Raises:
        Skipped: It is not there, or does not let this user.
    """
    try:
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    except OSError as error:
        raise Skipped(f"there is no command `ip` here: {error.strerror}") from error
    if done.returncode:
        raise Skipped(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def run(within: Sequence[str], *arguments: object) -> str:
    """Run a command of this file in a network, and return what it says."""
    command = [*within, sys.executable, __file__, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Failed(done.stderr[-1000:])
    return done.stdout


def scan(address: str) -> Iterator[int]:
    """Find the ports of an address that can be reached."""
    for port in range(1, PORTS):
        with socket.socket() as knock:
            knock.settimeout(5.0)
            if knock.connect_ex((address, port)) == 0:
                yield port


def cycle(path: Path) -> None:
    """Run the README's cycle on the TTP of this network, and write what came of it."""
    readme_cycle("127.0.0.1", PORT)
    with Driver("127.0.0.1", PORT) as driver:
        came: Any = results(driver)
    torch.save(came, path)


if __name__ == "__main__":
    what, argument = sys.argv[1:]
    if what == "scan":
        print(*scan(argument))
    else:
        cycle(Path(argument))
