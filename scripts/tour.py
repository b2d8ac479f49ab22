"""The whole cycle of a grid on this machine, and what it is worth: run by `./scripts/quickstart`.

Two participants hold penguins of one island each, Biscoe and Dream. Neither has seen all three species, so neither can
tell them apart alone; together they can, and no penguin leaves its island.
"""

import functools
import sys
from collections.abc import Callable
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from synergos_client.models.validation import Validation

from synergos import Driver
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
SPECIES = ("Adelie", "Chinstrap", "Gentoo")
MODEL = [
    {"is_input": True, "l_type": "Linear", "structure": {"in_features": 7, "out_features": 16}, "activation": "relu"},
    {
        "is_input": False,
        "l_type": "Linear",
        "structure": {"in_features": 16, "out_features": 3},
        "activation": "softmax",
    },
]
# A project's id -> who takes part in it.
PROJECTS = {"penguins": ("biscoe", "dream"), "biscoe_alone": ("biscoe",), "dream_alone": ("dream",)}

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
    lines = {project: bar.add_task(f"{project}: waits", total=ROUNDS, loss="", start=False) for project in PROJECTS}

    def on_round(done: RoundDone) -> None:
        loss = f"loss {done.round.train_loss:.3f}"
        bar.update(lines[done.project_id], completed=done.round.number, loss=loss)

    try:
        with Sandbox(store=STORE, on_round=on_round) as ttp, Driver(host=ttp.host, port=ttp.port) as driver, bar:
            console.print(f"A TTP listens on http://{ttp.host}:{ttp.port}. Its participants are biscoe and dream.")
            found = {}
            for project, participants in PROJECTS.items():
                bar.start_task(lines[project])
                found[project] = run_cycle(driver, project, participants, functools.partial(bar.update, lines[project]))
                bar.stop_task(lines[project])
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    say = functools.partial(console.print, highlight=False, soft_wrap=True)
    say()
    say(statistics_table(found["penguins"]))
    say("Both participants evaluate on the same penguins of all islands, so their lines agree.\n")
    say(comparison_table(found))
    say(f"Models, losses and predictions are in {ttp.outputs}")
    say(f"To go on from here, in .venv/bin/python:\n{next_steps()}", markup=False, end="")
    return 0


def run_cycle(
    driver: Driver, project: str, participants: tuple[str, ...], show: Callable[..., None]
) -> list[Validation]:
    """Connect, train and evaluate one project; the validations at the end."""
    show(description=f"{project}: connect")
    driver.projects.create(project_id=project, action="classify", incentives={})
    driver.experiments.create(project_id=project, expt_id="two_layers", model=MODEL)
    driver.runs.create(
        project_id=project,
        expt_id="two_layers",
        run_id="adam",
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
    for name in participants:
        driver.participants.create(name, host="127.0.0.1", port=8020, f_port=5000)
        driver.registrations.create(project_id=project, participant_id=name, role="guest")
        driver.tags.create(project_id=project, participant_id=name, train=TRAIN[name], evaluate=EVALUATE)

    show(description=f"{project}: train")
    driver.alignments.create(project_id=project)
    driver.models.create(project_id=project, expt_id="two_layers", run_id="adam")

    show(description=f"{project}: evaluate")
    for name in participants:
        driver.predictions.create({project: EVALUATE}, name, project, "two_layers", "adam")
    validations = driver.validations.create(project_id=project, expt_id="two_layers", run_id="adam").data
    show(description=f"{project}: done")
    return validations


def accuracy(validation: Validation) -> float:
    """The share of rows that are given their species."""
    statistics = validation.evaluate.statistics
    rows = sum(counts[0] for counts in (statistics.t_ps, statistics.t_ns, statistics.f_ps, statistics.f_ns))
    return sum(statistics.t_ps) / rows


def statistics_table(validations: list[Validation]) -> Table:
    """The statistics of the federated model, by participant and class."""
    table = Table(title="The federated model: each species against the rest", **STYLE)
    for heading in ("participant", "species"):
        table.add_column(heading, no_wrap=True)
    for heading in ("accuracy", "precision", "recall", "F", "AUC", "TP", "FN", "FP"):
        table.add_column(heading, justify="right", no_wrap=True)
    for validation in validations:
        found = validation.evaluate.statistics
        for index, species in enumerate(SPECIES):
            shares = (found.accuracy, found.pp_vs, found.tp_rs, found.f_score, found.roc_auc_score)
            counts = (found.t_ps, found.f_ns, found.f_ps)
            table.add_row(
                validation.key.participant_id if index == 0 else "",
                species,
                *(f"{values[index]:.2f}" for values in shares),
                *(str(values[index]) for values in counts),
            )
    return table


def comparison_table(found: dict[str, list[Validation]]) -> Table:
    """What each participant reaches alone, beside what they reach together."""
    table = Table(title="Share of these penguins that are given their species", **STYLE)
    table.add_column("trained by", no_wrap=True)
    table.add_column("accuracy", justify="right")
    for project, participants in PROJECTS.items():
        together = len(participants) > 1
        name = " and ".join(participants) if together else f"{participants[0]} alone"
        table.add_row(name, f"{accuracy(found[project][0]):.2f}", style="bold green" if together else "")
    return table


def next_steps() -> str:
    """Five lines that open the records again."""
    return f"""
    from synergos import Driver
    from synergos.sandbox import Sandbox
    ttp = Sandbox(store="{STORE.relative_to(ROOT)}").start()
    driver = Driver(host=ttp.host, port=ttp.port)
    driver.validations.read(project_id="penguins").data[0].evaluate.statistics.accuracy
"""


if __name__ == "__main__":
    sys.exit(main())
