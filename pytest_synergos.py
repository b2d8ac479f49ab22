"""Fixtures for pytest: a sandbox that is as new in each test, and a driver on it.

Pytest imports this module wherever it is installed, so nothing of Synergos is imported before a fixture is used.
"""

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from synergos import Driver
    from synergos.sandbox import Sandbox


class _Lender(Protocol):
    def __call__(self, *, fragile: bool) -> "AbstractContextManager[Sandbox]": ...


@pytest.fixture(scope="session")
def _sandboxes() -> Iterator[_Lender]:
    """Lends a sandbox that is as new: one of a kind for all tests of a process."""
    started: dict[bool, Sandbox] = {}

    @contextmanager
    def lend(*, fragile: bool) -> "Generator[Sandbox]":
        ttp = started.get(fragile)
        # A test may have stopped it.
        if ttp is None or not ttp.is_running:
            ttp = started[fragile] = _sandbox(fragile).start()
        ttp.reset()
        yield ttp
        unmet = ttp.unmet
        if ttp.is_running:
            # Nothing that the test began goes on beside those that follow.
            ttp.reset()
        if unmet:
            pytest.fail(f"No request met what was to fail: {', '.join(unmet)}.", pytrace=False)

    yield lend
    for ttp in started.values():
        ttp.stop()


@pytest.fixture
def ttp(_sandboxes: _Lender) -> "Iterator[Sandbox]":
    """A Synergos sandbox without any records, which fails where it is asked to."""
    with _sandboxes(fragile=False) as ttp:
        yield ttp


@pytest.fixture
def fragile_ttp(_sandboxes: _Lender) -> "Iterator[Sandbox]":
    """A Synergos sandbox that passes for a real TTP, and counts the requests that would spoil one: `overlaps`."""
    with _sandboxes(fragile=True) as ttp:
        yield ttp


@pytest.fixture
def driver(ttp: "Sandbox") -> "Iterator[Driver]":
    """A Synergos driver on the sandbox `ttp`."""
    from synergos import Driver

    with Driver(url=ttp.url) as driver:
        yield driver


def _sandbox(fragile: bool) -> "Sandbox":
    try:
        from synergos.sandbox import Sandbox
    except ModuleNotFoundError as error:
        pytest.fail(str(error), pytrace=False)
    return Sandbox(fragile=fragile)
