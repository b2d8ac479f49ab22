"""The whole cycle of a grid on this machine, and what it is worth: run by `./scripts/quickstart`.

Two participants hold penguins of one island each, Biscoe and Dream. Neither has seen all three species, so neither can
tell them apart alone; together they can, and no penguin leaves its island.
"""

import functools
import sys
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from synergos import Alone, Driver, Results
from synergos.sandbox import Sandbox
from synergos.ttp.work import Progress as RoundDone

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / "quickstart" / "grid.sqlite"
ROUNDS = 40
TRAIN = {
    "biscoe": [
        ["non_iid_1"],
        ["edge_test_missing_coecerable_vals"],
        ["edge_test_misalign"],
        ["edge_test_na_slices"],
    ],
    "dream": [["non_iid_2"]],
}
EVALUATE = [["iid_1"]]
MODEL = [
    {"is_input": True, "l_type": "Linear", "structure": {"in_features": 7, "out_features": 16}, "activation": "relu"},
    {
        "is_input": False,
        "l_type": "Linear",
        "structure": {"in_features": 16, "out_features": 3},
        "activation": "softmax",
    },
]
IDS = {"project_id": "penguins", "expt_id": "two_layers", "run_id": "adam"}

STYLE = {"box": SIMPLE_HEAD, "title_justify": "left", "padding": (0, 1, 0, 0)}

console = Console()


def main() -> int:
    """Run the cycle for both participants together and for each alone, and print what came out."""
    bar = Progress(
        TextColumn("{task.description:28}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} rounds  {task.fields[loss]}"),
        TimeElapsedColumn(),
        console=console,
    )
    names = {IDS["run_id"]: "together", **{f"{name} alone": f"{name} alone" for name in TRAIN}}
    lines = {run: bar.add_task(f"{name}: waits", total=ROUNDS, loss="", start=False) for run, name in names.items()}

    def on_round(done: RoundDone) -> None:
        line, is_last = lines[done.run_id], done.round.number == ROUNDS
        bar.start_task(line)
        state = "trained" if is_last else "trains"
        loss = f"loss {done.round.train_loss:.3f}"
        bar.update(line, completed=done.round.number, loss=loss, description=f"{names[done.run_id]}: {state}")
        if is_last:
            bar.stop_task(line)

    try:
        with Sandbox(store=STORE, on_round=on_round) as ttp, Driver(host=ttp.host, port=ttp.port) as driver:
            console.print(f"A TTP listens on http://{ttp.host}:{ttp.port}. Its participants are biscoe and dream.")
            with bar:
                results = run_cycle(driver)
                alone = driver.compare_alone(**IDS)
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    say = functools.partial(console.print, highlight=False, soft_wrap=True)
    say()
    say(statistics_table(results))
    say("Both participants evaluate on the same penguins of all islands, so their lines agree.\n")
    say(comparison_table(alone))
    say(f"Models, losses and predictions are in {ttp.outputs}")
    say(f"To go on from here, in .venv/bin/python:\n{next_steps()}", markup=False, end="")
    return 0


def run_cycle(driver: Driver) -> Results:
    """Connect, train and evaluate; what came of it."""
    driver.projects.create(project_id=IDS["project_id"], action="classify", incentives={})
    penguins = driver.scope(**IDS)
    penguins.experiments.create(model=MODEL)
    penguins.runs.create(
        algorithm="FedProx",
        rounds=ROUNDS,
        epochs=2,
        batch_size=16,
        lr=0.03,
        optimizer="Adam",
        criterion="NLLLoss",
        lr_scheduler="StepLR",
        step_size=10,
        patience=ROUNDS,
    )
    for name, train in TRAIN.items():
        penguins.participants.create(name, host="127.0.0.1", port=8020, f_port=5000)
        penguins.registrations.create(participant_id=name, role="guest")
        penguins.tags.create(participant_id=name, train=train, evaluate=EVALUATE)

    penguins.alignments.create()
    penguins.models.create()
    penguins.validations.create()
    for name in TRAIN:
        penguins.predictions.create({IDS["project_id"]: EVALUATE}, name)
    return penguins.results()


def statistics_table(results: Results) -> Table:
    """The statistics of the federated model, by participant and class."""
    table = Table(title="The federated model: each species against the rest", **STYLE)
    shown = {"accuracy": "accuracy", "PPVs": "precision", "TPRs": "recall", "f_score": "F", "roc_auc_score": "AUC"}
    for heading in ("participant", "species"):
        table.add_column(heading, no_wrap=True)
    for heading in shown.values():
        table.add_column(heading, justify="right", no_wrap=True)
    for row in results.by("class"):
        table.add_row(str(row["participant_id"]), str(row["class"]), *(f"{row[name]:.2f}" for name in shown))
    return table


def comparison_table(alone: Alone) -> Table:
    """What each participant reaches alone, beside what they reach together."""
    table = Table(title="Share of these penguins that are given their species", **STYLE)
    table.add_column("trained by", no_wrap=True)
    table.add_column("accuracy", justify="right")
    *by_itself, together = alone.table()
    for row in by_itself:
        table.add_row(str(row["trained_by"]), f"{row['accuracy']:.2f}")
    table.add_row(str(together["trained_by"]), f"{together['accuracy']:.2f}", style="bold green")
    return table


def next_steps() -> str:
    """Five lines that open the records again."""
    return f"""
    from synergos import Driver
    from synergos.sandbox import Sandbox
    ttp = Sandbox(store="{STORE.relative_to(ROOT)}").start()
    driver = Driver(host=ttp.host, port=ttp.port)
    driver.results(project_id="penguins")
"""


if __name__ == "__main__":
    sys.exit(main())
