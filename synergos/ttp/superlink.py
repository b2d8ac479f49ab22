"""Flower's SuperLink, by which the TTP reaches participants on other machines.

It runs as a process of its own that only this machine reaches, and is started again when it ends. The TTP itself does
the one task of the one run that there is: it holds the grid for as long as the SuperLink lives.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from synergos.common.text import printable
from synergos.errors import InvalidArgument
from synergos.machines.flower import Failures, HttpGrid, Runtime, TaskType, free_port, make_secret
from synergos.machines.keys import as_flower_has_it, make_certificate
from synergos.machines.processes import Child, run
from synergos.ttp.roster import read_roster
from synergos.ttp.signals import Signals

logger = logging.getLogger("synergos.sandbox")

_CONNECTION = "ttp"
_LOOKS_EVERY = 0.5
_STARTS_WITHIN = 60.0
_LONGEST_PAUSE = 30.0
_TRIES_EVERY = 5.0

# What `flwr run` needs to be told to begin a run; nothing of it is ever executed by anybody.
_APP = """\
[project]
name = "synergos"
version = "1.0.0"
description = "Nothing to execute: participants and TTP run the Synergos that they installed."
license = "Apache-2.0"
dependencies = []
[tool.hatch.build.targets.wheel]
packages = ["."]
[tool.flwr.app]
publisher = "synergos"
[tool.flwr.app.components]
serverapp = "synergos_app.none:app"
clientapp = "synergos_app.none:app"
"""


class SuperLink:
    """The SuperLink of a TTP. `start` starts it and watches over it, `stop` ends it.

    Args:
        folder: The folder for its files; made if need be.
        roster: The TTP's file of participants. What is changed in it counts from then on.
    """

    def __init__(self, folder: Path, roster: Path) -> None:
        self._folder = folder
        self._roster = roster
        self._read: object = ()
        self._tried_at = 0.0
        self._names: Mapping[bytes, str] = {}
        self._publics: Mapping[str, str] = {}
        self._registered: set[bytes] = set()
        self._lock = threading.Lock()
        self._grid: HttpGrid | None = None
        self._stack = ExitStack()
        self._child: Child | None = None
        self._stopped = threading.Event()
        self._ready = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="synergos-superlink", daemon=True)
        self._port = 0
        self._home = str(folder / "flower")
        self.ca = folder / "loopback" / "ca.crt"
        self.signals = Signals()

    @property
    def names(self) -> Mapping[bytes, str]:
        """The participants by public key, as Flower has it."""
        return self._names

    @property
    def port(self) -> int:
        """Where it listens on this machine; 0 while it is being started."""
        return self._port if self._ready.is_set() else 0

    @property
    def grid(self) -> HttpGrid | None:
        """What takes messages to the participants; ``None`` while it is being started."""
        return self._grid

    @property
    def pid(self) -> int | None:
        """The id of its process."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Start it, and return when participants can be reached.

        Raises:
            InvalidArgument: The file of participants is wrong.
            RuntimeError: It cannot be started.
        """
        self._read_roster()
        if not self.ca.exists():
            make_certificate(self.ca.parent, ["127.0.0.1"])
        self._write_app()
        try:
            self._connect()
        except BaseException:
            self._disconnect()
            raise
        self._watcher.start()

    def stop(self) -> None:
        """End it."""
        self._stopped.set()
        if self._watcher.is_alive():
            self._watcher.join()
        self._disconnect()

    def _connect(self) -> None:
        self._port = free_port()
        secret_file = self._folder / "secret"
        secret, certificate = make_secret(secret_file), self.ca.parent
        self._child = Child(
            [
                "flower-superlink",
                *("--host", "127.0.0.1", "--port", str(self._port)),
                *("--ssl-ca-certfile", str(self.ca)),
                *("--ssl-certfile", str(certificate / "ttp.crt"), "--ssl-keyfile", str(certificate / "ttp.key")),
                "--enable-supernode-auth",
                *("--isolation", "process", "--superexec-auth-secret-file", str(secret_file)),
                "--disable-runtime-dependency-installation",
            ],
            self._home,
        )
        self._write_connection()
        runtime = Runtime(self._port, secret, self.ca.read_bytes())
        with runtime.seeker() as seek:
            self._wait(lambda: seek(TaskType.SERVER_APP) is None, "answer")
            self._registered.clear()
            self._register()
            run(["flwr", "run", str(self._folder / "app"), _CONNECTION, "--format", "json"], self._home)
            tokens: list[str] = []

            def takes() -> bool:
                token = seek(TaskType.SERVER_APP)
                tokens.extend([token] if token else [])
                return bool(tokens)

            self._wait(takes, "begin a run")
        self._grid = self._stack.enter_context(runtime.grid(tokens[0]))
        self._ready.set()

    def _disconnect(self) -> None:
        self._ready.clear()
        self._grid = None
        stack, self._stack = self._stack, ExitStack()
        if self._child is not None:
            self._child.stop()
        stack.close()

    def _watch(self) -> None:
        """Start it again when it has ended, and follow the file of participants."""
        pause = 1.0
        while not self._stopped.wait(_LOOKS_EVERY):
            if self._child is not None and self._child.is_alive and self._ready.is_set():
                pause = 1.0
                self._follow_roster()
                continue
            if self._child is not None and self._ready.is_set():
                logger.warning("Flower's SuperLink has ended, and is started again: %s", self._child.last_words)
            self._disconnect()
            try:
                self._connect()
                logger.info("Flower's SuperLink runs again; participants are found as they come back")
            except (*Failures, InvalidArgument) as error:
                logger.warning("Flower's SuperLink cannot be started, tried again in %g s: %s", pause, error)
                self._disconnect()
                self._stopped.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _wait(self, is_done: Callable[[], bool], what: str) -> None:
        assert self._child is not None
        end, said = time.monotonic() + _STARTS_WITHIN, ""
        while time.monotonic() < end:
            if not self._child.is_alive:
                raise RuntimeError(f"Flower's SuperLink ended before it could {what}: {self._child.last_words}")
            if self._stopped.wait(0.1):
                raise RuntimeError("the TTP is being stopped")
            try:
                if is_done():
                    return
            except Failures as error:
                said = str(error)
        raise RuntimeError(f"Flower's SuperLink did not {what} within {_STARTS_WITHIN:g} s: {said}")

    def _follow_roster(self) -> None:
        try:
            self._read_roster()
            if self._names.keys() - self._registered and time.monotonic() > self._tried_at + _TRIES_EVERY:
                self._tried_at = time.monotonic()
                self._register()
        except (OSError, InvalidArgument, RuntimeError) as error:
            # Who was known stays known.
            logger.warning("%s", printable(str(error)))

    def _read_roster(self) -> None:
        now = self._roster.stat() if self._roster.exists() else None
        version = now and (now.st_mtime_ns, now.st_size, now.st_ino)
        if version == self._read:
            return
        self._read = version
        self._publics = read_roster(self._roster)
        self._names = {as_flower_has_it(public): name for name, public in self._publics.items()}
        logger.info("participants: %s", ", ".join(self._publics) or "none")

    def _register(self) -> None:
        """Tell the SuperLink whom to let in. Whom no longer, the door knows: no key can be registered there twice."""
        for key, name in self._names.items():
            if key not in self._registered:
                self._register_one(name, self._publics[name])
                self._registered.add(key)

    def _register_one(self, name: str, public: str) -> None:
        file = self._folder / "participant.pub"
        file.write_text(public, encoding="ascii")
        said = json.loads(
            run(["flwr", "supernode", "register", str(file), _CONNECTION, "--format", "json"], self._home)
        )
        if not said.get("success"):
            raise RuntimeError(f"the key of participant {name!r} was not taken: {said.get('error-message')}")

    def _write_connection(self) -> None:
        home = Path(self._home)
        home.mkdir(parents=True, exist_ok=True)
        text = f'[superlink]\ndefault = "{_CONNECTION}"\n[superlink.{_CONNECTION}]\n'
        text += f'address = "127.0.0.1:{self._port}"\nroot-certificates = {_quoted(str(self.ca))}\n'
        (home / "config.toml").write_text(text, encoding="utf-8")

    def _write_app(self) -> None:
        app = self._folder / "app"
        (app / "synergos_app").mkdir(parents=True, exist_ok=True)
        (app / "pyproject.toml").write_text(_APP, encoding="utf-8")
        (app / "synergos_app" / "__init__.py").write_text("", encoding="utf-8")
        (app / "synergos_app" / "none.py").write_text("app = None\n", encoding="utf-8")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
