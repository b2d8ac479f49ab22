"""A sandbox whose trainings can be held up after each round, with two runs that are aligned."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from caller import Caller

from synergos import Driver
from synergos.ttp.work import Progress

IDS = {"project_id": "p", "expt_id": "e", "run_id": "r"}


class Gate:
    """Lets a training go on, always or round by round."""

    def __init__(self) -> None:
        self.is_open = True
        self.came, self._may_go = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, _: Progress) -> None:
        if not self.is_open:
            self.came.release()
            assert self._may_go.acquire(timeout=60)

    def shut(self) -> None:
        """Hold every training up after its next round."""
        self.is_open = False

    def await_round(self) -> None:
        """Wait until a training is held up."""
        assert self.came.acquire(timeout=60)

    def let_go(self) -> None:
        """Have the training go on to its next round."""
        self._may_go.release()

    def open(self) -> None:
        """Hold nothing up any more."""
        self.is_open = True
        self._may_go.release(100)


@pytest.fixture(scope="session")
def _stage() -> Iterator[tuple[Any, Gate]]:
    from synergos.sandbox import Sandbox

    held: list[Gate] = []
    with Sandbox(on_round=lambda done: held[-1](done)) as sandbox:
        caller = Caller(sandbox.port)
        caller.connect(rounds=3)
        caller.ok("POST", "projects/p/experiments/e/runs/", {"run_id": "s", **Caller.RUN, "rounds": 2})
        caller.align()
        yield sandbox, held  # type: ignore[misc]


@pytest.fixture
def gate(_stage: Any) -> Iterator[Gate]:
    """What holds up the trainings of `stage`."""
    gate = Gate()
    _stage[1].append(gate)
    yield gate
    gate.open()


@pytest.fixture
def stage(_stage: Any, gate: Gate) -> Iterator[Driver]:
    """A driver on the sandbox."""
    with Driver(_stage[0].host, _stage[0].port) as driver:
        yield driver
