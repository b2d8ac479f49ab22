"""Processes of Flower's commands: that they end."""

import subprocess
import sys
import textwrap

import pytest

pytest.importorskip("synergos.machines.flower", reason="needs the extra sandbox")

# A command, with something that goes on in its process when it is done.
COMMAND = """
    import sys, threading, time
    from types import SimpleNamespace
    from synergos.machines import child

    def command():
        threading.Thread(target=time.sleep, args=(600,)).start()
        {does}

    child._SECONDS = 0.2
    child.entry_points = lambda **_: [SimpleNamespace(load=lambda: command)]
    sys.argv = ["child", "command"]
    sys.exit(child.main())
"""


@pytest.mark.parametrize(
    "does",
    ["return 3", "raise RuntimeError('it gave up')", "sys.exit(3)", "print('said', flush=True); time.sleep(600)"],
)
def test_a_command_ends_when_it_is_done_or_its_parent_is_gone_whatever_it_left_running(does: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(COMMAND).replace("{does}", does)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        if "said" in does:
            assert process.stdout.readline() == b"said\n"
            # As when whoever started it is killed.
            process.stdin.close()

        assert process.wait(120) != 0
    finally:
        process.kill()
        process.stdout.close()
        process.stdin.close()
