"""One of Flower's commands in a process of its own, which ends when the process that started it does."""

import os
import signal
import sys
import threading
import time
from importlib.metadata import entry_points

# How long a command may take to end by itself.
_SECONDS = 5.0


def main() -> object:
    """Run the command that the arguments name."""
    command, *_ = sys.argv[1:]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = sys.argv[1:]
    (entry,) = entry_points(group="console_scripts", name=command)
    run = entry.load()
    try:
        return run()
    finally:
        # A SuperNode that gave up leaves a server running, for which Python would wait for ever.
        threading.Thread(target=_end_soon, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the end of what the parent holds open for as long as it lives, even if it is killed."""
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    _end_soon()


def _end_soon() -> None:
    time.sleep(_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())  # type: ignore[arg-type]
