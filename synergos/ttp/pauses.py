"""What holds every thread up at once, kept short for as long as a sandbox runs in the process.

Reads are answered beside a thread that trains. They wait whenever Python's lock is not passed on, and while the garbage
collector goes through all that there is: with torch loaded, that is several hundred thousand objects, and takes a third
of a second.
"""

import contextlib
import gc
import sys
import threading
from collections.abc import Callable, Iterator

# Python's own is ten times as long, and a read needs several turns.
_TURN = 0.0005

_lock = threading.Lock()
_running = 0
_before = (0.0, 0)
_loaded: set[Callable[[], object]] = set()


@contextlib.contextmanager
def kept_short() -> Iterator[None]:
    """Pass Python's lock on sooner, and have the garbage collector leave alone what there is already.

    Both are as before when the last sandbox of the process has stopped.
    """
    global _running, _before
    with _lock:
        _running += 1
        if _running == 1:
            _before = sys.getswitchinterval(), gc.get_freeze_count()
            sys.setswitchinterval(min(_TURN, _before[0]))
            gc.freeze()
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            if _running == 0:
                turn, frozen = _before
                sys.setswitchinterval(turn)
                # What the program itself had frozen cannot be told from the rest.
                if not frozen:
                    gc.unfreeze()


def load(what: Callable[[], object]) -> None:
    """Load modules without collections in between, which would go through ever more of what stays anyway.

    Args:
        what: What loads them, once in a process. A sandbox runs meanwhile.
    """
    if what in _loaded:
        return
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        what()
        gc.freeze()
        _loaded.add(what)
    finally:
        if was_enabled:
            gc.enable()
