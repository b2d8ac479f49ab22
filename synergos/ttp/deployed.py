"""A TTP whose participants are on machines of their own."""

import contextlib
import re
from pathlib import Path

from synergos.errors import InvalidArgument
from synergos.machines.keys import make_certificate
from synergos.ttp.front import Front
from synergos.ttp.gate import Gate
from synergos.ttp.guard import is_loopback
from synergos.ttp.machines import Machines
from synergos.ttp.parties import Parties
from synergos.ttp.roster import read_roster
from synergos.ttp.server import Server, listen, serve
from synergos.ttp.superlink import SuperLink


class Ttp(Server):
    """A TTP that participants on other machines come to. Drivers are answered at one address, participants at another.

    What drivers send may change everything, so their address is this machine's alone unless there is a token; then the
    certificate is for them too.

    Args:
        folder: What it keeps: records, models, results. A TTP that is started again with the same folder goes on.
        participants: The file of participants and their public keys; see :func:`~synergos.ttp.roster.read_roster`.
        door: Where participants come to, ``host:port``.
        certificate: The PEM file with the certificate to be known by. None makes one, for this machine alone.
        key: The PEM file with the certificate's key, when that is not in the same file.
        host: The address that drivers are answered at.
        port: The port that drivers are answered at; 0 takes a free one.
        token: What drivers must show as `Authorization: Bearer TOKEN`. None asks for nothing.
        patience: Seconds that a job waits for a participant that is not connected when it is needed.

    Raises:
        InvalidArgument: The file of participants, the addresses, the certificate or the token cannot be right together.
    """

    def __init__(
        self,
        folder: Path,
        *,
        participants: Path,
        door: str = "127.0.0.1:9443",
        certificate: Path | None = None,
        key: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 5000,
        token: str | None = None,
        patience: float = 30.0,
    ) -> None:
        match = re.fullmatch(r"\[?([^\[\]]+)\]?:(\d{1,5})", door)
        if match is None:
            raise InvalidArgument(f"door: {door!r} must be HOST:PORT, 0.0.0.0:9443 for example.")
        self._door = match[1], int(match[2])
        if certificate is None and not is_loopback(self._door[0]):
            raise InvalidArgument(
                f"certificate: participants at other machines must know the TTP by one, and come to {door}; make one: "
                "synergos ttp certificate"
            )
        if not is_loopback(host) and (token is None or certificate is None):
            raise InvalidArgument(f"host: drivers at other machines come to {host}; give a token and a certificate.")
        read_roster(participants)
        self.folder = folder.resolve()
        self.participants = participants.resolve()
        self.ca: Path | None = None
        if certificate is None:
            own = self.folder / "tls"
            if not (own / "ca.crt").exists():
                make_certificate(own, ["127.0.0.1", "localhost", "::1"])
            certificate, key, self.ca = own / "ttp.crt", own / "ttp.key", own / "ca.crt"
        self._door_certificate, self._door_key, self._patience = certificate, key, patience
        self.link = SuperLink(self.folder / "superlink", self.participants)
        is_open = not is_loopback(host)
        super().__init__(
            host,
            port,
            store=self.folder / "store.sqlite",
            token=token,
            certificate=certificate if is_open else None,
            key=key if is_open else None,
        )

    @property
    def door(self) -> str:
        """Where participants come to."""
        host, port = self._door
        return f"{f'[{host}]' if ':' in host else host}:{port}"

    def _parties(self, started: contextlib.ExitStack) -> Parties:
        gate = started.enter_context(Gate(listen(*self._door, "TTP")))
        self._door = self._door[0], gate.getsockname()[1]
        started.callback(self.link.stop)
        self.link.start()
        front = Front(
            lambda: self.link.port, str(self.link.ca), lambda: self.link.names.keys(), self.link.signals, gate
        )
        is_known_by = {"certificate": self._door_certificate, "key": self._door_key}
        serve(front, gate, started, name="door", **is_known_by, is_door=True)
        return Machines(self.link, self._patience)
