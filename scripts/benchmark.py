"""Measure what the Driver and the sandbox cost, as ratios that hold on any machine.

    python scripts/benchmark.py    print each ratio with its target beside it; takes two minutes

Whatever is compared is measured in turns, so that a busy machine slows both sides down. What is printed are medians.
A benchmark prints and does not judge: it always exits with 0.
"""

import asyncio
import contextlib
import itertools
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pandas as pd
import requests
import torch
from federation import NAMES, Federation
from synergos_client.models.project import Project
from torch import nn

from synergos import Driver
from synergos.learning.alignment import Alignment, fit_layers
from synergos.learning.network import Layer
from synergos.learning.party import Participant
from synergos.participant.data import encode_target
from synergos.participant.reading import load
from synergos.participant.worker import encode
from synergos.sandbox import Sandbox
from synergos.sandbox.parties import LocalCrew
from synergos.sandbox.server import demo_data
from synergos.ttp.alignments import align
from synergos.ttp.store import Store
from synergos.ttp.training import train

PROJECT: dict[str, Any] = {
    "doc_id": "1",
    "kind": "Project",
    "key": {"project_id": "penguins"},
    "relations": {
        "Experiment": [
            {
                "doc_id": "1",
                "kind": "Experiment",
                "key": {"project_id": "penguins", "expt_id": "one_layer"},
                "model": [
                    {
                        "is_input": True,
                        "l_type": "Linear",
                        "structure": {"bias": True, "in_features": 15, "out_features": 1},
                        "activation": "sigmoid",
                    }
                ],
            }
        ],
        "Run": [
            {
                "doc_id": str(number),
                "kind": "Run",
                "key": {"project_id": "penguins", "expt_id": "one_layer", "run_id": f"run_{number}"},
                **{"rounds": 10, "epochs": 100, "lr": 0.001, "lr_decay": 0.1, "weight_decay": 0.0, "seed": 42},
                **{"precision_fractional": 5, "mu": 0.1, "l1_lambda": 0.0, "l2_lambda": 0.0, "patience": 10},
            }
            for number in (1, 2)
        ],
        **{kind: [] for kind in ("Registration", "Tag", "Model", "Validation", "Prediction")},
    },
    "action": "classify",
    "incentives": {"tier_1": [], "tier_2": ["biscoe"]},
}
ENVELOPE = {"apiVersion": "0.1.0", "success": 1, "status": 200, "method": "project.get", "params": {}}
READ, READ_ALL = "/ttp/connect/projects/penguins", "/ttp/connect/projects/"


class Line(NamedTuple):
    """One line of the table: a ratio, the times it is of, and at most how much it is to be."""

    what: str
    ratio: float
    times: tuple[float, float]
    target: float | None = None

    def __str__(self) -> str:
        mark = "" if self.target is None else "ok" if self.ratio <= self.target else "over"
        target = "" if self.target is None else f"{self.target:.2f}"
        first, second = (f"{seconds * 1000:.3f}" for seconds in self.times)
        return f"{self.what:<72} {self.ratio:>7.2f} {target:>7} {mark:<5} {first:>11} {second:>11}"


HEADER = f"{'':<72} {'ratio':>7} {'target':>7} {'':<5} {'ms':>11} {'against ms':>11}"


def main() -> int:
    """Measure everything and print the table."""
    print(HEADER)
    for measure in (
        measure_calls,
        measure_lists,
        measure_imports,
        measure_training,
        measure_rounds,
        measure_tables,
        measure_sandbox,
        measure_waiting,
        measure_start,
        measure_page,
        measure_crowd,
    ):
        for line in measure():
            print(line, flush=True)
    return 0


def medians(count: int, *subjects: Callable[[], object], warm_up: int = 3) -> list[float]:
    """Median seconds of each subject, measured in turns."""
    times: list[list[float]] = [[] for _ in subjects]
    for number in range(-warm_up, count):
        order = list(zip(subjects, times, strict=True))
        for subject, found in order if number % 2 else reversed(order):
            started = time.perf_counter()
            subject()
            if number >= 0:
                found.append(time.perf_counter() - started)
    return [statistics.median(found) for found in times]


def measure_calls() -> Iterator[Line]:
    """One short call."""
    with started(__file__, "--serve") as port, Driver("127.0.0.1", port) as driver:
        url = f"http://127.0.0.1:{port}{READ}"
        with httpx.Client(trust_env=False) as client:
            called, bare, session = medians(
                600,
                lambda: driver.projects.read(project_id="penguins"),
                lambda: client.get(url).json(),
                lambda: new_session(url),
                warm_up=50,
            )
    yield Line("Driver per call / bare httpx.Client", called / bare, (called, bare), 1.10)
    yield Line("Driver per call / a new requests session per call", called / session, (called, session), 0.60)
    yield Line("a new requests session per call / bare httpx.Client", session / bare, (session, bare))


def new_session(url: str) -> object:
    """A call as without a client that is kept."""
    with requests.Session() as session:
        return session.get(url).json()


def measure_lists() -> Iterator[Line]:
    """A list of 1 MB."""
    with started(__file__, "--serve") as port, Driver("127.0.0.1", port) as driver:
        url = f"http://127.0.0.1:{port}{READ_ALL}"
        with httpx.Client(trust_env=False) as client:
            untouched, bare, typed, touched = medians(
                25,
                driver.projects.read_all,
                lambda: json.loads(client.get(url).content),
                lambda: driver.projects.read_all().data,
                lambda: touch_all(driver.projects.read_all().data),
            )
    yield Line(
        "1 MB list through Driver as a dict / json.loads of bare httpx", untouched / bare, (untouched, bare), 1.30
    )
    yield Line("1 MB list through Driver with typed .data / json.loads of bare httpx", typed / bare, (typed, bare), 2)
    yield Line("1 MB list, every record of it touched / json.loads of bare httpx", touched / bare, (touched, bare), 6)


def touch_all(projects: list[Project]) -> None:
    """Look at a field of each record, and of the records in it."""
    for project in projects:
        _ = project.key.project_id, project.action, project.incentives
        for experiment in project.relations.experiment:
            _ = experiment.key.expt_id, experiment.model[0].structure
        for run in project.relations.run:
            _ = run.key.run_id, run.lr, run.rounds


def measure_imports() -> Iterator[Line]:
    """Fresh interpreters."""

    def importing(code: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-c", code], check=True)

    from_driver, whole, bare, nothing = medians(
        21,
        importing("from synergos import Driver"),
        importing("import synergos"),
        importing("import httpx, attrs"),
        importing(""),
        warm_up=2,
    )
    yield Line("from synergos import Driver / import httpx, attrs", from_driver / bare, (from_driver, bare), 1.30)
    yield Line("import synergos / import httpx, attrs", whole / bare, (whole, bare), 1.30)
    yield Line(
        "the same less the interpreter's own start",
        (from_driver - nothing) / (bare - nothing),
        (from_driver - nothing, bare - nothing),
    )


ROUNDS, EPOCHS, BATCH, RATE, SEED, HIDDEN = 10, 2, 16, 0.01, 7, 16
LAYERS: list[Layer] = [
    {
        "is_input": True,
        "l_type": "Linear",
        "structure": {"in_features": 1, "out_features": HIDDEN},
        "activation": "relu",
    },
    {
        "is_input": False,
        "l_type": "Linear",
        "structure": {"in_features": HIDDEN, "out_features": 1},
        "activation": None,
    },
]
RUN = {
    **{"algorithm": "FedAvg", "rounds": ROUNDS, "epochs": EPOCHS, "batch_size": BATCH, "lr": RATE, "seed": SEED},
    **{"optimizer": "Adam", "criterion": "CrossEntropyLoss", "lr_scheduler": ""},
}
PARTICIPANTS = [
    Participant("biscoe", train=[["non_iid_1"]], evaluate=[["iid_1"]]),
    Participant("dream", train=[["non_iid_2"]], evaluate=[["iid_1"]]),
]


def measure_training() -> Iterator[Line]:
    """Federated training against the same in plain torch, from the participants' files to the last model."""
    data = demo_data()
    alignment = align(LocalCrew(data, data), "classify", PARTICIPANTS)
    model = fit_layers(LAYERS, alignment, "classify")
    losses: dict[str, list[float]] = {"federated": [], "plain": []}

    def federated(outputs: Path) -> None:
        losses["federated"] = []
        train(
            LocalCrew(data, outputs),
            outputs=outputs,
            action="classify",
            model=model,
            run=RUN,
            participants=PARTICIPANTS,
            alignment=alignment,
            on_round=lambda report: losses["federated"].append(float(report.evaluate_loss or 0)),
        )

    def plain(outputs: Path) -> None:
        losses["plain"] = train_plainly(data, alignment, outputs)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = medians(11, lambda: federated(Path(folder) / "a"), lambda: plain(Path(folder) / "b"), warm_up=1)
    torch.set_num_threads(threads)
    yield Line("sandbox training / the same loop in plain torch", ours / theirs, (ours, theirs), 1.50)
    apart = abs(losses["federated"][-1] - losses["plain"][-1])
    print(f"    (evaluate losses {losses['federated'][-1]:.3f} and {losses['plain'][-1]:.3f}, {apart:.3f} apart)")


def train_plainly(data: Path, alignment: Alignment, outputs: Path) -> list[float]:
    """FedAvg as one would write it by hand; the loss of the last model on the evaluation data, by round."""

    def rows(participant: Participant, purpose: str) -> tuple[torch.Tensor, torch.Tensor]:
        name = participant.participant_id
        table = load(
            data, name, participant.tags(purpose), action="classify", purpose=purpose, strangers=alignment.spacers
        )
        features = encode(table, alignment)[:]
        return features, torch.from_numpy(encode_target(table, alignment.targets))

    sites = [(rows(participant, "train"), rows(participant, "evaluate")) for participant in PARTICIPANTS]
    total = sum(len(train[0]) for train, _ in sites)
    criterion = nn.CrossEntropyLoss()
    torch.manual_seed(SEED)
    network = nn.Sequential(
        nn.Linear(len(alignment.features), HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, len(alignment.targets))
    )
    weights = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    found = []
    local = [weights for _ in sites]
    for _ in range(ROUNDS):
        for number, ((features, target), _) in enumerate(sites):
            network.load_state_dict(weights)
            optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
            for _ in range(EPOCHS):
                for batch in torch.randperm(len(features)).split(BATCH):
                    optimizer.zero_grad()
                    criterion(network(features[batch]), target[batch]).backward()
                    optimizer.step()
            local[number] = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        weights = {
            name: sum(one[name] * (len(train[0]) / total) for one, (train, _) in zip(local, sites, strict=True))  # type: ignore[misc]
            for name in weights
        }
        network.load_state_dict(weights)
        with torch.no_grad():
            losses = [(float(criterion(network(features), target)), len(target)) for _, (features, target) in sites]
        found.append(sum(loss * size for loss, size in losses) / sum(size for _, size in losses))
    outputs.mkdir(exist_ok=True)
    for name, state in {"global": weights, **{str(number): one for number, one in enumerate(local)}}.items():
        torch.save(state, outputs / f"{name}.pt")
    return found


COLUMNS, IDS = 4_000, 4_000


def measure_rounds() -> Iterator[Line]:
    """One round of the same training in one process, and over Flower's SuperLink: processes of their own, TLS, keys."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        together = stack.enter_context(Sandbox())
        apart = Federation(Path(folder))
        stack.callback(apart.stop)
        here, there = (seconds_of_a_round(one.port) for one in (together, apart))
    yield Line("a round over SuperLink, two participants / 4 seconds", there / 4, (there, 4.0), 1.00)
    yield Line("a round over SuperLink / in one process", there / here, (there, here))


def seconds_of_a_round(port: int) -> float:
    """How long a round takes in the middle of a training."""
    seconds = {}
    with Driver("127.0.0.1", port) as driver:
        driver.projects.create(project_id="p", action="classify", incentives={})
        driver.experiments.create(project_id="p", expt_id="e", model=LAYERS)
        for name, tag in zip(NAMES, ("non_iid_1", "non_iid_2"), strict=True):
            driver.participants.create(participant_id=name)
            driver.registrations.create(project_id="p", participant_id=name, role="guest")
            driver.tags.create(project_id="p", participant_id=name, train=[[tag]], evaluate=[["iid_1"]])
        driver.alignments.create(project_id="p")
        for rounds in (2, 12):
            run = {**RUN, "rounds": rounds, "epochs": 1}
            driver.runs.create(project_id="p", expt_id="e", run_id=f"of_{rounds}", **run)
            begun = time.perf_counter()
            driver.models.create(project_id="p", expt_id="e", run_id=f"of_{rounds}")
            seconds[rounds] = time.perf_counter() - begun
    return (seconds[12] - seconds[2]) / 10


def measure_tables() -> Iterator[Line]:
    """Tables with many columns, and with a category for every row."""
    sides = [Participant(name, train=[["train"]], evaluate=[["evaluate"]]) for name in ("one", "two")]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        names = [f"g{number}" for number in range(COLUMNS)]
        rows = [[str(row * number % 97) for number in range(COLUMNS)] + ["ab"[row % 2]] for row in range(20)]
        for one, tag in itertools.product(("one", "two"), ("train", "evaluate")):
            write_table(data / one / tag, dict.fromkeys(names, "float64"), rows)
        files = list(data.rglob("*.csv"))
        aligning, read = medians(
            3,
            lambda: align(LocalCrew(data, data), "classify", sides),
            lambda: [pd.read_csv(file) for file in files],
            warm_up=1,
        )
    yield Line(f"align four tables of {COLUMNS:,} columns / pd.read_csv of them", aligning / read, (aligning, read), 5)
    many, few = (
        float(subprocess.run([sys.executable, __file__, "--ids", str(ids)], check=True, capture_output=True).stdout)
        for ids in (IDS, 10)
    )
    yield Line(f"{IDS:,} ids at each of two / 10, most memory (in MB)", many / few, (many / 1e6, few / 1e6), 1.5)


def write_table(folder: Path, dtypes: Mapping[str, str], rows: Iterable[Sequence[str]]) -> None:
    """A data folder with a table of some columns and classes."""
    folder.mkdir(parents=True)
    (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
    (folder / "schema.json").write_text(json.dumps({**dtypes, "target": "category"}))
    (folder / "data.csv").write_text("\n".join(map(",".join, [[*dtypes, "target"], *rows])))


def train_with_ids(count: int) -> None:
    """Train two participants on 4,000 rows each, with so many categories at each, and print the most memory taken."""
    layers = [{**LAYERS[0], "structure": {"in_features": 1, "out_features": 1}, "activation": "sigmoid"}]
    run = {"rounds": 1, "batch_size": 32, "lr": RATE, "criterion": "BCELoss", "lr_scheduler": ""}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        for name in ("one", "two"):
            rows = [[f"{name}{row % count}", str(row % 7), "ab"[row % 7 > 3]] for row in range(4_000)]
            write_table(data / name / "train", {"customer": "category", "x": "float64"}, rows)
        sides = [Participant(name, train=[["train"]], evaluate=[["train"]]) for name in ("one", "two")]
        alignment = align(LocalCrew(data, data), "classify", sides)
        train(
            LocalCrew(data, data / "outputs"),
            outputs=data / "outputs",
            action="classify",
            model=fit_layers(layers, alignment, "classify"),
            run=run,
            participants=sides,
            alignment=alignment,
        )
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


SIZES = (10, 1_000, 10_000)


class Costs(NamedTuple):
    """Seconds that requests take a sandbox with so many projects."""

    create: float
    read_all: float
    read_some: float
    misspelt: float


def measure_sandbox() -> Iterator[Line]:
    """What many records cost."""
    costs = {size: measure_store(size) for size in SIZES}
    few, some, many = costs.values()
    for size, found in list(costs.items())[1:]:
        label = f"sandbox: create a project among {size:,} / among 10"
        yield Line(label, found.create / few.create, (found.create, few.create), 1.50)
    yield Line(
        "sandbox: list 10,000 projects / ten times 1,000",
        many.read_all / some.read_all / 10,
        (many.read_all, some.read_all * 10),
        1.50,
    )
    yield Line(
        "sandbox: experiments of one project among 10,000 / among 10",
        many.read_some / few.read_some,
        (many.read_some, few.read_some),
        1.50,
    )
    yield Line(
        "sandbox: a misspelt id among 10,000 / among 10",
        many.misspelt / few.misspelt,
        (many.misspelt, few.misspelt),
        10.00,
    )


def measure_store(size: int) -> Costs:
    """Start a sandbox on a store of so many projects with an experiment each, and ask it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "grid.sqlite"
        with Store(file) as store:
            ids = [{"project_id": f"project-{number}"} for number in range(size)]
            store.put_all(("Project", key, {"action": "classify", "incentives": {}}) for key in ids)
            store.put_all(("Experiment", {**key, "expt_id": "one"}, {"model": LAYERS}) for key in ids)
        with (
            started("-m", "synergos", "sandbox", "--port", "0", "--store", str(file)) as port,
            httpx.Client(base_url=f"http://127.0.0.1:{port}/ttp", trust_env=False, timeout=60) as client,
        ):
            # Trains nothing, and is answered when what is loaded in the background is there.
            client.post("train/projects/project-0/alignments/")
            body = {"action": "classify", "incentives": {}}
            new = itertools.count(size)
            create, read_some, misspelt = medians(
                100,
                lambda: client.post("connect/projects/", json={"project_id": f"project-{next(new)}", **body}),
                lambda: client.get("connect/projects/project-1/experiments/"),
                lambda: client.get("connect/projects/projekt-1"),
            )
            (read_all,) = medians(7, lambda: client.get("connect/projects/"), warm_up=1)
    return Costs(create, read_all, read_some, misspelt)


def measure_waiting() -> Iterator[Line]:
    """What a read takes while another client sends as much as may be sent."""
    layers, tags = [LAYERS[0]] * 1_000, [["a"]] * 10_000
    registration = "projects/p/participants/one/registration"
    heavy = {
        "1,000 layers": ("projects/p/experiments/", {"expt_id": "one", "model": layers}),
        "10,000 tags": (f"{registration}/tags", {"train": tags}),
        "10,000 wrong tags": (f"{registration}/tags", {"train": [[1]] * 10_000}),
    }
    with (
        started("-m", "synergos", "sandbox", "--port", "0") as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}/ttp/connect", trust_env=False, timeout=60) as client,
    ):
        client.post("projects/", json={"project_id": "p", "action": "classify", "incentives": {}})
        client.post("participants/", json={"id": "one", "host": "h", "port": 1, "f_port": 2})
        client.post(registration, json={"role": "guest"})
        client.post("/ttp/train/projects/p/alignments/")
        for what, (path, body) in heavy.items():
            content, is_over = json.dumps(body).encode(), threading.Event()

            def send(path: str = path, content: bytes = content, is_over: threading.Event = is_over) -> None:
                while not is_over.is_set():
                    client.post(path, content=content, headers={"content-type": "application/json"})

            sender = threading.Thread(target=send)
            sender.start()
            found = []
            for _ in range(200):
                begun = time.perf_counter()
                client.get("participants/")
                found.append(time.perf_counter() - begun)
                time.sleep(0.005)
            is_over.set()
            sender.join()
            worst = statistics.quantiles(found, n=100)[-1]
            yield Line(f"sandbox: p99 of a list read while {what} are sent / 100 ms", worst / 0.1, (worst, 0.1), 1.00)


def measure_start() -> Iterator[Line]:
    """What a read takes while the engine is loaded, which is when the sandbox has just started."""
    with (
        started("-m", "synergos", "sandbox", "--port", "0") as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}/ttp", trust_env=False, timeout=60) as client,
    ):
        # Is answered when all is loaded.
        loading = threading.Thread(target=client.post, args=("train/projects/p/alignments/",))
        loading.start()
        found = []
        while loading.is_alive():
            begun = time.perf_counter()
            client.get("connect/projects/")
            found.append(time.perf_counter() - begun)
            time.sleep(0.005)
    worst = statistics.quantiles(found, n=100)[-1]
    yield Line("sandbox: p99 of a list read while the engine is loaded / 100 ms", worst / 0.1, (worst, 0.1), 1.00)


def measure_page() -> Iterator[Line]:
    """What a read takes while the page is open, which asks every second while something is trained; with none, too."""
    ids = {"project_id": "p", "expt_id": "e"}
    with started("-m", "synergos", "sandbox", "--port", "0") as port, Driver("127.0.0.1", port) as driver:
        driver.projects.create(project_id="p", action="classify", incentives={})
        driver.experiments.create(project_id="p", expt_id="e", model=LAYERS)
        for number in range(10):
            driver.runs.create(**ids, run_id=f"run_{number}", **{**RUN, "rounds": 20})
        driver.runs.create(**ids, run_id="endless", **{**RUN, "rounds": 1_000_000, "patience": 1_000_000})
        for one in PARTICIPANTS:
            who = {"project_id": "p", "participant_id": one.participant_id}
            driver.participants.create(one.participant_id, host="h", port=1, f_port=2)
            driver.registrations.create(**who, role="guest")
            driver.tags.create(**who, train=one.train, evaluate=one.evaluate)
        driver.alignments.create(project_id="p")
        for number in range(10):
            driver.models.create(**ids, run_id=f"run_{number}")
            driver.validations.create(**ids, run_id=f"run_{number}")
        job = driver.models.submit(**ids, run_id="endless")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/ttp", trust_env=False, timeout=60) as client:
            alone, beside = reads(client), reads(client, is_open=True)
        job.cancel()
    first, second = (statistics.quantiles(found, n=100)[-1] for found in (alone, beside))
    yield Line(
        "sandbox: p99 of a read while it trains and the page is open / 100 ms", second / 0.1, (second, 0.1), 1.00
    )
    yield Line("sandbox: p99 of a read while it trains, page open / not open", second / first, (second, first))


def reads(client: httpx.Client, *, is_open: bool = False) -> list[float]:
    """Seconds that each of many reads takes, with what the page asks for when something changed in between, or not."""
    is_over = threading.Event()

    def look() -> None:
        with httpx.Client(base_url=client.base_url, trust_env=False, timeout=60) as page:
            while not is_over.wait(1.0):
                page.get("sandbox/overview")
                page.get("sandbox/results", params={"project_id": "p"})

    looking = threading.Thread(target=look)
    if is_open:
        looking.start()
    found = []
    for _ in range(600):
        begun = time.perf_counter()
        client.get("connect/projects/p")
        found.append(time.perf_counter() - begun)
        time.sleep(0.01)
    is_over.set()
    if is_open:
        looking.join()
    return found


CROWD = 200


def measure_crowd() -> Iterator[Line]:
    """What the slowest request takes of 200 clients that come at once and write and read, three times each."""
    with started("-m", "synergos", "sandbox", "--port", "0") as port:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/ttp", trust_env=False, timeout=60) as client:
            client.post("train/projects/p/alignments/")
        found = asyncio.run(crowd(port))
    worst, usual = max(found), statistics.median(found)
    yield Line(f"sandbox: the slowest request of {CROWD} clients at once / 1 s", worst, (worst, 1), 1.00)
    yield Line(f"sandbox: the median request of {CROWD} clients at once / 1 s", usual, (usual, 1))


async def crowd(port: int) -> list[float]:
    """Seconds that each request takes, from connecting on: by hand, for real clients take longer than the sandbox."""

    async def one(name: str) -> list[float]:
        new, change = json.dumps({"project_id": name, "incentives": {}}), json.dumps({"incentives": {"a": []}})
        path, times = f"{READ_ALL}{name}", []
        begun = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for method, where, body in 3 * (
            ("POST", READ_ALL, new),
            ("GET", path, ""),
            ("PUT", path, change),
            ("GET", f"{path}/experiments/", ""),
        ):
            head = f"{method} {where} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            answer = (await reader.readuntil(b"\r\n\r\n")).lower()
            if not answer.startswith(b"http/1.1 20"):
                raise RuntimeError(f"{method} {where}: {answer!r}")
            await reader.readexactly(int(answer.partition(b"content-length:")[2].split()[0]))
            times.append(time.perf_counter() - begun)
            begun = time.perf_counter()
        writer.close()
        return times

    return [each for times in await asyncio.gather(*(one(f"p{index}") for index in range(CROWD))) for each in times]


@contextmanager
def started(*arguments: str) -> Iterator[int]:
    """A server in a process of its own, so that it takes no time from who measures; its port."""
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        yield int(said.rsplit(":", 1)[-1])
    finally:
        process.terminate()
        process.communicate()


async def serve() -> None:
    """Answer every request with a project, or with a list of 1 MB, as fast as can be."""
    project = json.dumps({**ENVELOPE, "data": PROJECT}).encode()
    each = len(json.dumps(PROJECT)) + 2
    projects = json.dumps({**ENVELOPE, "data": [PROJECT] * (1_000_000 // each + 1)}).encode()
    answers: Mapping[bytes, bytes] = {
        path.encode(): b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        % (len(body), body)
        for path, body in ((READ, project), (READ_ALL, projects))
    }

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(answers[head.split(b" ", 2)[1]])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        asyncio.run(serve())
    elif sys.argv[1:2] == ["--ids"]:
        train_with_ids(int(sys.argv[2]))
        sys.exit()
    sys.exit(main())
