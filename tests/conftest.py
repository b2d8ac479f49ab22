"""What the tests of the driver share: sandboxes in several states, and a TTP that keeps what it is asked."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from caller import Caller
from recorder import Recorder

from synergos import Driver

if TYPE_CHECKING:
    # Importing the sandbox takes seconds: only the tests that use it wait for it.
    from synergos.sandbox import Sandbox

LAYER = {
    "is_input": True,
    "l_type": "Linear",
    "structure": {"in_features": 4, "out_features": 3},
    "activation": "softmax",
}
TRAIN = {"biscoe": [["non_iid_1"]], "dream": [["non_iid_2"]]}

# Lock files of the tests are not those of the user's drivers.
LOCKS = tempfile.TemporaryDirectory(prefix="synergos-tests-")
os.environ["SYNERGOS_LOCK"] = LOCKS.name

# A shell has what runs in its background ignore Ctrl-C, and with it all that the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def recorder() -> Recorder:
    """A TTP that answers what it is told to, with a driver on it."""
    return Recorder()


@pytest.fixture(scope="session")
def trained_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a sandbox, now stopped, where one run is trained, validated and predicted with."""
    from synergos.sandbox import Sandbox

    store = tmp_path_factory.mktemp("trained") / "grid.sqlite"
    with Sandbox(store=store) as sandbox, Driver(sandbox.host, sandbox.port) as driver:
        driver.collaborations.create("antarctica")
        driver.projects.create(project_id="penguins", action="classify", incentives={"tier_1": []})
        driver.experiments.create(project_id="penguins", expt_id="one_layer", model=[LAYER])
        driver.runs.create(
            project_id="penguins",
            expt_id="one_layer",
            run_id="adam",
            rounds=2,
            epochs=2,
            batch_size=32,
            lr=0.03,
            optimizer="Adam",
            criterion="NLLLoss",
            lr_scheduler="StepLR",
            step_size=50,
        )
        for name, train in TRAIN.items():
            driver.participants.create(name, host="127.0.0.1", port=8020, f_port=5000)
            driver.registrations.create(project_id="penguins", participant_id=name, role="guest")
            driver.tags.create(project_id="penguins", participant_id=name, train=train, evaluate=[["iid_1"]])
        driver.alignments.create(project_id="penguins")
        driver.models.create(project_id="penguins", expt_id="one_layer", run_id="adam")
        driver.validations.create(project_id="penguins", expt_id="one_layer", run_id="adam")
        for name in TRAIN:
            driver.predictions.create({"penguins": [["iid_1"]]}, name, "penguins", "one_layer", "adam")
    return store


@pytest.fixture(scope="session")
def trained(trained_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """A driver on a trained sandbox that all tests share: to read from, not to change."""
    from synergos.sandbox import Sandbox

    store = _copy(trained_store, tmp_path_factory.mktemp("shared"))
    with Sandbox(store=store) as sandbox, Driver(sandbox.host, sandbox.port) as driver:
        yield driver


@pytest.fixture
def trained_ttp(trained_store: Path, tmp_path: Path) -> "Iterator[Sandbox]":
    """A sandbox on a copy of the trained store: to do anything with."""
    from synergos.sandbox import Sandbox

    with Sandbox(store=_copy(trained_store, tmp_path)) as sandbox:
        yield sandbox


@pytest.fixture
def trained_driver(trained_ttp: "Sandbox") -> Iterator[Driver]:
    """A driver on a trained sandbox of its own."""
    with Driver(trained_ttp.host, trained_ttp.port) as driver:
        yield driver


@pytest.fixture(scope="session")
def copy_store() -> Callable[[Path, Path], Path]:
    """Copies the store of a stopped sandbox into a folder."""
    return _copy


def _copy(store: Path, folder: Path) -> Path:
    """Copy a store that no sandbox has open, with the models and results beside it."""
    from synergos.sandbox import Sandbox

    outputs = Sandbox(store=store).outputs
    shutil.copytree(outputs, folder / outputs.name)
    shutil.copyfile(store, folder / store.name)
    return folder / store.name


@pytest.fixture(scope="session")
def caller_of() -> type[Caller]:
    """Calls a sandbox over HTTP without a driver; the class, for tests that start a sandbox of their own."""
    return Caller
