"""What holds every thread up at once is kept short while a sandbox runs, and is as before after it."""

import subprocess
import sys

import pytest

from synergos import Driver, NotFound
from synergos.sandbox import Sandbox


def test_nothing_is_collected_while_the_engine_is_loaded_nor_is_it_gone_through_later() -> None:
    # In a process of its own, for the engine is loaded once in one.
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0", "True", "True", "True"]


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_garbage_later_is_collected_after_the_last_sandbox(count: int) -> None:
    program = f"""
import contextlib, gc, sys, weakref
from synergos.sandbox import Sandbox
class Own: pass
own, other = Own(), sys.getswitchinterval()
own.itself, seen = own, weakref.ref(own)
with contextlib.ExitStack() as stack:
    for _ in range({count}):
        stack.enter_context(Sandbox())
    short = sys.getswitchinterval()
del own
gc.collect()
print(seen() is None, short < other, sys.getswitchinterval() == other, gc.get_freeze_count() == 0, gc.isenabled())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["True"] * 5


def main() -> None:
    """Print how many collections there were while the engine was loaded, and what they left alone."""
    import gc
    import threading

    collecting: list[str] = []
    with Sandbox() as ttp, Driver(ttp.host, ttp.port) as driver:
        gc.callbacks.append(lambda phase, _: collecting.append(threading.current_thread().name))
        # Is answered when what is loaded in the background is there.
        with pytest.raises(NotFound):
            driver.alignments.create(project_id="nobody")
        print(collecting.count("synergos-sandbox-training_0"))
        print(gc.isenabled(), "torch._dynamo" in sys.modules, len(gc.get_objects()) < 20_000)


if __name__ == "__main__":
    main()
