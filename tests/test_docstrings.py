"""The examples in the help: each is run, on a sandbox where the run that they speak of is trained."""

import doctest
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from verbs import verbs

import synergos
from synergos import Alone, Cycle, Driver, Job, Picture, Reply, Report, Results, SearchJob, Trials

if TYPE_CHECKING:
    from synergos.sandbox import Sandbox


def run_example(name: str, subject: object, ttp: "Sandbox", driver: Driver) -> None:
    from synergos.sandbox import Sandbox

    names = {"driver": driver, "ttp": ttp, "Driver": Driver, "Sandbox": Sandbox, "synergos": synergos}
    names |= {"load_model": synergos.load_model}
    example = doctest.DocTestParser().get_doctest(inspect.getdoc(subject) or "", names, name, None, None)
    said: list[str] = []

    result = doctest.DocTestRunner(optionflags=doctest.FAIL_FAST).run(example, out=said.append)

    assert result.attempted > 0, f"{name} has no example"
    assert result.failed == 0, "".join(said)


@pytest.mark.parametrize(("name", "verb"), verbs().items(), ids=verbs())
def test_the_example_of_a_verb_is_right(
    name: str, verb: Callable[..., Any], trained_ttp: "Sandbox", trained_driver: Driver
) -> None:
    run_example(name, verb, trained_ttp, trained_driver)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Alone",
            "Cycle",
            "Driver",
            "Driver.check",
            "Driver.compare_alone",
            "Driver.jobs",
            "Driver.results",
            "Driver.scope",
            "Driver.train",
        ),
        *("Job", "Job.result", "Job.wait", "Picture", "Reply", "Report", "Results", "Trials"),
        *("Sandbox", "Sandbox.fail_next", "Sandbox.reset", "Sandbox.slow"),
    ],
)
def test_the_example_of_a_class_is_right(name: str, trained_ttp: "Sandbox", trained_driver: Driver) -> None:
    from synergos.sandbox import Sandbox

    kind, _, method = name.partition(".")
    known = (Alone, Cycle, Driver, Job, Picture, Reply, Report, Results, Sandbox, SearchJob, Trials)
    classes = {one.__name__: one for one in known}
    run_example(name, getattr(classes[kind], method) if method else classes[kind], trained_ttp, trained_driver)


@pytest.mark.parametrize("name", ["choice", "uniform", "loguniform", "randint", "lograndint", "randn"])
def test_the_example_of_a_range_is_right(name: str, trained_ttp: "Sandbox", trained_driver: Driver) -> None:
    run_example(name, getattr(synergos.space, name), trained_ttp, trained_driver)


def test_the_example_of_loading_a_model_is_right(trained_ttp: "Sandbox", trained_driver: Driver) -> None:
    run_example("load_model", synergos.load_model, trained_ttp, trained_driver)
