"""What many participants cost in one process: time of the processor and memory, by participants and by model.

    .venv/bin/python scripts/sizes.py [--participants 10 100 1000] [--megabytes 0.1 1 10] [--rounds 2]

Each line is a process of its own: a sandbox with so many participants, who share a table of 200 rows, and a model of
three layers with so many megabytes of weights. Prints what a round costs, and the most memory that the process held.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

FEATURES = 4
ROWS = 200


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--participants", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--megabytes", type=float, nargs="+", default=[0.1, 1, 10])
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    print("participants  model MB  CPU s before rounds  CPU s a round  peak MB  MB on disk", flush=True)
    for megabytes in given.megabytes:
        for participants in given.participants:
            code = f"import sizes; print(sizes.measure({participants}, {megabytes}, {given.rounds}))"
            done = subprocess.run(
                [sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, text=True
            )
            line = (
                done.stdout.splitlines()[-1]
                if done.returncode == 0
                else (done.stderr.splitlines() or [f"ended with {done.returncode}"])[-1]
            )
            print(f"{participants:12}  {megabytes:8g}  {line}", flush=True)
    return 0


def measure(participants: int, megabytes: float, rounds: int) -> str:
    """Measure one size, in this process."""
    from synergos import Driver
    from synergos.sandbox import Sandbox

    begun: list[float] = []

    with tempfile.TemporaryDirectory(prefix="synergos-sizes-") as temporary:
        folder = Path(temporary)
        write_rows(folder / "data" / "rows")
        sandbox = Sandbox(data=folder / "data", store=folder / "store.sqlite", on_round=lambda _: begun.append(cpu()))
        with sandbox, Driver(sandbox.host, sandbox.port) as driver:
            run = {"project_id": "p", "expt_id": "e", "run_id": "r"}
            driver.projects.create(project_id="p", action="classify", incentives={})
            driver.experiments.create(project_id="p", expt_id="e", model=layers(megabytes))
            settings: dict[str, Any] = {
                "optimizer": "SGD",
                "criterion": "BCEWithLogitsLoss",
                "lr_scheduler": "",
                "seed": 1,
            }
            driver.runs.create(**run, rounds=rounds, epochs=1, batch_size=100, lr=0.01, **settings)
            for number in range(participants):
                name = f"participant_{number}"
                driver.participants.create(participant_id=name)
                driver.registrations.create(project_id="p", participant_id=name, role="guest")
                driver.tags.create(project_id="p", participant_id=name, train=[["rows"]], evaluate=[["rows"]])
            driver.alignments.create(project_id="p", timeout=3600.0)
            before = cpu()
            driver.models.create(**run, timeout=7200.0)
            end = cpu()
        kept = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # Between the rounds: what is before the first and after the last is not theirs.
    a_round = (begun[-1] - begun[0]) / (rounds - 1)
    return f"{end - before - a_round * rounds:19.1f}  {a_round:13.2f}  {peak:7.0f}  {kept:10.0f}"


def cpu() -> float:
    """Seconds of the processor that this process took, which do not depend on what else runs."""
    return time.process_time()


def layers(megabytes: float) -> list[dict[str, Any]]:
    """Three layers with so many megabytes of weights."""
    width = max(1, round(math.sqrt(megabytes * 1e6 / 4)))
    sizes = [(FEATURES, width, "relu"), (width, width, "relu"), (width, 1, "")]
    return [
        {
            "is_input": number == 0,
            "l_type": "Linear",
            "structure": {"in_features": into, "out_features": out},
            "activation": activation,
        }
        for number, (into, out, activation) in enumerate(sizes)
    ]


def write_rows(folder: Path) -> None:
    """Write a table."""
    folder.mkdir(parents=True)
    (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
    schema = {**{f"x{number}": "float64" for number in range(FEATURES)}, "target": "category"}
    (folder / "schema.json").write_text(json.dumps(schema))
    rows = [[math.sin(row * (number + 1)) for number in range(FEATURES)] for row in range(ROWS)]
    lines = [",".join([*(f"{one:.4f}" for one in row), "yes" if row[0] > 0 else "no"]) for row in rows]
    (folder / "rows.csv").write_text("\n".join([",".join(schema), *lines]) + "\n")


if __name__ == "__main__":
    sys.exit(main())
