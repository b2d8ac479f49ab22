"""Locks that processes take in turn, one file each: the system releases what a process holds when it ends.

The locks are advisory: they bind who takes them and hinder nobody else. Who holds one stands in its file.
"""

import contextlib
import os
import re
import stat
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import NamedTuple

from synergos.errors import InvalidArgument

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

VARIABLE = "SYNERGOS_LOCK"
# Where Windows locks: far behind what is written, for there a locked part of a file cannot be read.
_LOCKED_BYTE = 1 << 20
_LINE = 200


class Holder(NamedTuple):
    """Who has a lock.

    Attributes:
        pid: The process.
        since: When it was taken, in seconds since 1970.
        operation: For what, `models.create` for example.
    """

    pid: int
    since: float
    operation: str

    def __str__(self) -> str:
        where = "this process" if self.pid == os.getpid() else f"process {self.pid}"
        return f"begun at {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(self.since))} by {where}"


class FileLock:
    """A lock of one file, for one thread of a process at a time; whoever waits longest among processes is next."""

    def __init__(self, path: Path) -> None:
        """Take note of the file; it is opened when the lock is first taken.

        Args:
            path: The file. Another one stands beside it, for the queue of those who wait.
        """
        self.path = path
        self._queue_path = path.with_name(f"{path.name}.queue")
        self._file = self._queue = -1
        self._is_next = self._has_it = False

    def __del__(self) -> None:
        self.close()

    def take(self, operation: str) -> bool:
        """Take the lock if nobody has it. Who was refused is the next to get it, until `leave`.

        Args:
            operation: For what.

        Returns:
            Whether it was taken.

        Raises:
            OSError: When the file cannot be opened or locked at all.
        """
        if self._file < 0:
            self._file, self._queue = _opened(self.path), _opened(self._queue_path)
        self._is_next = self._is_next or _locked(self._queue)
        if not self._is_next or not _locked(self._file):
            return False
        self.leave()
        if os.fstat(self._file).st_nlink == 0:
            # Somebody has tidied it away: others lock the file that has taken its place.
            self.close()
            return self.take(operation)
        self._has_it = True
        with contextlib.suppress(OSError):
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, f"{os.getpid()} {time.time():.0f} {operation}\n".encode()[:_LINE])
        return True

    def leave(self) -> None:
        """Leave the queue, if it was waited there."""
        if self._is_next:
            self._is_next = False
            _unlock(self._queue)

    def release(self) -> None:
        """Give the lock back, if it was taken and not closed meanwhile."""
        if self._has_it:
            self._has_it = False
            _unlock(self._file)

    def close(self) -> None:
        """Close the files. What a forked process has of them it shares, and closing them there takes no lock away."""
        for number in (self._file, self._queue):
            if number >= 0:
                with contextlib.suppress(OSError):
                    os.close(number)
        self._file = self._queue = -1
        self._is_next = self._has_it = False

    def holder(self) -> Holder | None:
        """Who has the lock; None when that cannot be told."""
        try:
            with self.path.open(encoding="utf-8", errors="replace") as file:
                pid, since, operation = file.readline(_LINE).split(maxsplit=2)
            return Holder(int(pid), float(since), operation.strip())
        except (OSError, ValueError):
            return None


def lock_folder() -> Path | None:
    """Where the files are: the same for all processes of a user on a machine, whatever their environment.

    It is not the folder for what runs, `$XDG_RUNTIME_DIR`, nor that of `$TMPDIR`: a job that a clock starts has not
    those of a session, and would not be waited for.

    Returns:
        The folder, made if it was not there; None when the environment variable `SYNERGOS_LOCK` is "off".

    Raises:
        InvalidArgument: When that variable names what cannot be the folder.
        OSError: When there is no folder that could be used, and the variable names none.
    """
    named = os.environ.get(VARIABLE, "")
    if named.lower() == "off":
        return None
    if named:
        return _named_folder(named)
    if sys.platform == "win32":
        folder = Path(tempfile.gettempdir()) / "synergos"
        folder.mkdir(exist_ok=True)
        return folder
    top = Path("/tmp") if os.access("/tmp", os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    folder = top / f"synergos-{os.geteuid()}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(f"{folder} is not a folder of yours")
    if found.st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def lock_name(host: str, port: int | None, path: str) -> str:
    """The name of an address as that of a file.

    Args:
        host: Name or address of the machine.
        port: The port; None for the usual one.
        path: What stands before the TTP's own paths.

    Returns:
        A name, readable, and different for every address.
    """
    address = f"{host}:{port or ''}{path}"
    return f"{re.sub(r'[^A-Za-z0-9.-]+', '_', address)[:80]}-{zlib.crc32(address.encode()):08x}"


def _named_folder(named: str) -> Path:
    folder = Path(named).expanduser()
    try:
        if not folder.is_absolute():
            raise ValueError("it must be 'off', or the absolute path of a folder")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError("nothing can be written there")
    except (OSError, ValueError, RuntimeError) as error:
        raise InvalidArgument(
            f"[Driver] The environment variable {VARIABLE}={named!r} cannot be used: {error}."
        ) from error
    return folder


def _opened(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    # Python has it closed in whatever is run from here.
    return os.open(path, flags, 0o600)


if sys.platform == "win32":

    def _locked(number: int) -> bool:
        os.lseek(number, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(number: int) -> None:
        os.lseek(number, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(number, msvcrt.LK_UNLCK, 1)

else:

    def _locked(number: int) -> bool:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_UN)
