"""Processes that are started, watched and stopped by their ids."""

import logging
import os
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence

from synergos.common.text import printable

logger = logging.getLogger("synergos.flower")

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Flower reads these when it starts: nothing is told to anybody, nothing is installed, what it says is plain text.
_QUIET = {
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
    "PYTHONUNBUFFERED": "1",
    "NO_COLOR": "1",
}
# A notebook's kernel sets one of these; each puts colours into what is to be read as JSON.
_COLOURED = ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
_STOPS_WITHIN = 8.0


class Child:
    """One of Flower's commands, running. What it says goes to the log ``synergos.flower`` at the level debug.

    Args:
        command: The command and its arguments.
        home: The folder that Flower keeps its own files in.
    """

    def __init__(self, command: Sequence[str], home: str) -> None:
        self.name = command[0]
        self._said: deque[str] = deque(maxlen=40)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "synergos.machines.child", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(home),
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def last_words(self) -> str:
        """What it said last, in one line."""
        self._reader.join(1.0)
        return " ".join(line for line in list(self._said)[-6:] if line)[-600:]

    def has_said(self, text: str) -> bool:
        """Whether a text is among its last lines."""
        return any(text in line for line in list(self._said))

    def stop(self) -> None:
        """Have it end, and wait until it has."""
        if self.is_alive:
            self._process.terminate()
            try:
                self._process.wait(_STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._reader.join(1.0)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                text = printable(_COLOURS.sub("", line.decode(errors="replace")).strip())
                self._said.append(text)
                logger.debug("%s: %s", self.name, text)


def run(command: Sequence[str], home: str, timeout: float = 120.0) -> str:
    """Run one of Flower's commands to its end.

    Args:
        command: The command and its arguments.
        home: The folder that Flower keeps its own files in.
        timeout: Seconds until it is given up.

    Returns:
        What it wrote to its standard output.

    Raises:
        RuntimeError: It failed, or did not end in time.
    """
    code = (
        "import sys; from importlib.metadata import entry_points; "
        "(one,) = entry_points(group='console_scripts', name=sys.argv[1]); sys.argv = sys.argv[1:]; "
        "sys.exit(one.load()())"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment(home),
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{' '.join(command[:2])} did not end within {timeout:g} seconds") from error
    if done.returncode:
        said = _COLOURS.sub("", (done.stdout + done.stderr).decode(errors="replace"))
        raise RuntimeError(f"{' '.join(command[:3])} failed: {' '.join(said.split())[-600:]}")
    return done.stdout.decode()


def environment(home: str) -> Mapping[str, str]:
    """The environment of Flower's commands."""
    own = {name: value for name, value in os.environ.items() if name not in _COLOURED}
    return {**own, **_QUIET, "FLWR_HOME": home}
