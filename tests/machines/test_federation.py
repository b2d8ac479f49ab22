"""A TTP and two participants as processes of their own, with TLS and keys: the short form of `./scripts/federation`."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("synergos.machines.flower", reason="needs the extra sandbox")

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform != "linux", reason="it looks at processes and their ports in /proc")
@pytest.mark.timeout(900)
def test_a_federation_of_processes_works_and_cannot_be_attacked(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "federation.py"), "--short", "--keep", str(tmp_path / "kept")]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout
