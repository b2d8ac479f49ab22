"""The Driver: where it takes the TTP to be, what its arguments may be, and what its help says."""

import inspect
import json
import re
import socket
from collections.abc import Callable, Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from recorder import Recorder
from verbs import TASKS, VERBS

import synergos
from synergos import Driver, InvalidArgument, NotFound, Unreachable

if TYPE_CHECKING:
    from synergos.sandbox import Sandbox


@pytest.mark.parametrize(
    ("host", "port", "is_secured", "url"),
    [
        ("localhost", 5000, False, "http://localhost:5000/x"),
        ("localhost", "5000", False, "http://localhost:5000/x"),
        ("LocalHost", 5000, False, "http://localhost:5000/x"),
        ("0.0.0.0", 1, False, "http://0.0.0.0:1/x"),
        ("ttp.example", 65535, True, "https://ttp.example:65535/x"),
        ("ttp.example", 80, False, "http://ttp.example/x"),
        ("ttp.example", 443, True, "https://ttp.example/x"),
        ("ttp.example", 443, False, "http://ttp.example:443/x"),
        ("::1", 5000, False, "http://[::1]:5000/x"),
        ("[::1]", 5000, False, "http://[::1]:5000/x"),
        ("2001:db8::7", 5000, True, "https://[2001:db8::7]:5000/x"),
        ("bücher.example", 5000, False, "http://xn--bcher-kva.example:5000/x"),
        ("http://ttp.example", 5000, False, "http://ttp.example:5000/x"),
        ("http://ttp.example:5000/", 5000, False, "http://ttp.example:5000/x"),
        ("http://[::1]:5000", 5000, False, "http://[::1]:5000/x"),
        ("https://ttp.example:5000", 5000, True, "https://ttp.example:5000/x"),
        ("https://ttp.example", 443, False, "https://ttp.example/x"),
    ],
)
def test_host_and_port_make_the_address(
    host: str, port: int | str, is_secured: bool, url: str, recorder: Recorder
) -> None:
    driver = Driver(host, port, is_secured, transport=recorder.transport)

    driver.projects.read_all()

    assert str(recorder.requests[0].url.copy_with(path="/x")) == url
    assert driver.port == int(port)
    assert driver.is_secured == url.startswith("https")


@pytest.mark.parametrize(
    ("host", "port", "is_secured", "instead"),
    [
        ("http://ttp.example:5001", 5000, False, "Driver(host='ttp.example', port=5001)"),
        ("http://ttp.example:80", 5000, False, "Driver(host='ttp.example', port=80)"),
        ("http://ttp.example:5000/ttp/connect", 5000, False, "Driver(host='ttp.example', port=5000)"),
        ("http://ttp.example?a=1", 5000, False, "Driver(host='ttp.example', port=5000)"),
        ("http://user:secret@ttp.example", 5000, False, "Driver(host='ttp.example', port=5000)"),
        ("http://ttp.example", 5000, True, "Driver(host='ttp.example', port=5000)"),
        ("https://ttp.example:5001", 5000, True, "Driver(host='ttp.example', port=5001, is_secured=True)"),
    ],
)
def test_a_url_that_says_other_than_the_rest_is_refused_with_what_to_write(
    host: str, port: int, is_secured: bool, instead: str
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        Driver(host, port, is_secured)

    assert instead in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "a b",
        "ttp/x",
        "ttp:5000",
        "user@ttp",
        "ttp?x",
        "ttp#x",
        "1::2::3",
        "256.1.1.1",
        "a..b",
        "a" * 64,
        "ttp\x00",
        "ttp\n",
        "ftp://ttp",
        "http://",
        "http://ttp:99999",
        None,
        5000,
        b"ttp",
        ["ttp"],
    ],
)
def test_what_is_no_host_is_refused(host: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^\[Driver\] .*host"):
        Driver(host, 5000)


@pytest.mark.parametrize(
    "port", [0, -1, 65536, "", "http", " 5000", "-1", "5e3", "٥٠", 5000.0, True, None, b"5000", [5000]]
)
def test_what_is_no_port_is_refused(port: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^\[Driver\] port=.* from 1 to 65535"):
        Driver("localhost", port)


@pytest.mark.parametrize("is_secured", [None, 1, "yes"])
def test_is_secured_is_a_bool(is_secured: Any) -> None:
    with pytest.raises(InvalidArgument, match="is_secured"):
        Driver("localhost", 5000, is_secured)


@pytest.mark.parametrize("timeout", [0, -1, 0.0, float("nan"), float("inf"), "60", True, [60]])
def test_a_timeout_that_is_no_number_of_seconds_is_refused(timeout: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^\[Driver\] timeout="):
        Driver("localhost", 5000, timeout=timeout)


@pytest.mark.parametrize("timeout", [0.5, 7, 3600, None])
def test_the_timeout_is_that_of_short_calls(timeout: float | None, recorder: Recorder) -> None:
    Driver("localhost", 5000, timeout=timeout, transport=recorder.transport).projects.read_all()

    assert recorder.timeout["read"] == timeout


def test_making_a_driver_and_asking_for_its_tasks_sends_nothing(recorder: Recorder) -> None:
    recorder.fail(AssertionError("sent"))
    driver = Driver("localhost", 5000, transport=recorder.transport)

    for task in TASKS:
        repr(getattr(driver, task))

    assert recorder.requests == []


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_the_same_object_each_time(task: str) -> None:
    driver, other = Driver("localhost", 5000), Driver("localhost", 5000)

    assert getattr(driver, task) is getattr(driver, task)
    assert getattr(driver, task) is not getattr(other, task)


@pytest.mark.parametrize(("task", "verbs"), TASKS.items())
def test_a_task_has_its_verbs_and_no_others(task: str, verbs: set[str]) -> None:
    public = {name for name in dir(getattr(Driver("localhost", 5000), task)) if not name.startswith("_")}

    assert public == verbs | {"address"}


def test_repr_shows_the_address() -> None:
    driver = Driver("http://ttp.example", "5000")

    assert repr(driver) == "Driver(host='ttp.example', port=5000, is_secured=False)"
    assert "http://ttp.example:5000" in repr(driver.projects)
    assert "projects" in repr(driver.projects)


def test_errors_raise_by_default(recorder: Recorder) -> None:
    recorder.respond(404, json={"message": "Project 'p' does not exist!"})

    with pytest.raises(NotFound):
        recorder.driver.projects.read(project_id="p")


@pytest.mark.parametrize(("mode", "environment"), [("return", None), ("return", "raise"), (None, "return")])
def test_errors_can_be_returned(
    mode: Any, environment: str | None, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    if environment is not None:
        monkeypatch.setenv("SYNERGOS_ERRORS", environment)
    recorder.respond(404, json={"message": "Project 'p' does not exist!"})
    driver = Driver("localhost", 5000, errors=mode, transport=recorder.transport)

    assert driver.projects.read(project_id="p") == {"message": "Project 'p' does not exist!", "status": 404}


@pytest.mark.parametrize(("mode", "environment"), [("raise", "return"), (None, "")])
def test_the_argument_decides_over_the_environment(
    mode: Any, environment: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNERGOS_ERRORS", environment)
    recorder.respond(404, json={"message": "no"})

    with pytest.raises(NotFound):
        Driver("localhost", 5000, errors=mode, transport=recorder.transport).projects.read(project_id="p")


def test_returned_errors_are_those_that_the_ttp_gives_or_would_give(recorder: Recorder) -> None:
    driver = Driver("localhost", 5000, errors="return", transport=recorder.transport)
    recorder.fail(httpx.ConnectError("refused"))

    with pytest.raises(Unreachable):
        driver.projects.read(project_id="p")
    assert driver.projects.read(project_id="")["status"] == 404


@pytest.mark.parametrize("mode", ["Raise", "ignore", True, 1])
def test_an_error_mode_that_there_is_not_is_refused(mode: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"errors=.*'raise', 'return'"):
        Driver("localhost", 5000, errors=mode)


def test_an_error_mode_in_the_environment_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNERGOS_ERRORS", "log")

    with pytest.raises(InvalidArgument, match=r"errors='log'"):
        Driver("localhost", 5000)


def test_a_driver_that_is_closed_sends_nothing_and_says_so(recorder: Recorder) -> None:
    driver = recorder.driver
    driver.projects.read_all()
    driver.close()
    driver.close()

    with pytest.raises(Unreachable, match=r"^\[projects.read_all\] .*closed"):
        driver.projects.read_all()
    assert len(recorder.requests) == 1


def test_with_closes_the_driver(recorder: Recorder) -> None:
    with Driver("localhost", 5000, transport=recorder.transport) as driver:
        driver.projects.read_all()

    with pytest.raises(Unreachable, match="closed"):
        driver.projects.read_all()


def test_with_lets_errors_through(recorder: Recorder) -> None:
    with pytest.raises(RuntimeError, match="mine"), Driver("localhost", 5000, transport=recorder.transport):
        raise RuntimeError("mine")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_a_proxy_in_the_environment_does_not_hinder_what_is_on_this_machine(
    host: str, ttp: "Sandbox", monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dead = f"http://127.0.0.1:{listener.getsockname()[1]}"
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, dead)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    with Driver(host, ttp.port) as driver:
        assert driver.projects.read_all().data == []


# The help


def method_of(verb: str) -> Callable[..., Any]:
    task, name = verb.split(".")
    method: Callable[..., Any] = getattr(type(getattr(Driver("localhost", 5000), task)), name)
    return method


def described_arguments(doc: str) -> list[str]:
    """The names below `Args:` of a Google docstring."""
    section = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", doc, re.MULTILINE | re.DOTALL)
    return re.findall(r"^ {4}\**(\w+):", section[1], re.MULTILINE) if section else []


def parameters(method: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(method).parameters if name != "self"]


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_describes_each_argument_and_shows_an_example(verb: str) -> None:
    method = method_of(verb)
    doc = inspect.getdoc(method) or ""

    assert described_arguments(doc) == parameters(method)
    assert "\nReturns:\n" in doc
    assert re.search(r"\nExample:\n {4}>>> ", doc)


@pytest.mark.parametrize(
    "verb", [verb for verb in VERBS if verb.split(".")[1] not in ("read_all", "list_nodes", "count_nodes")]
)
def test_the_help_of_a_verb_says_what_it_raises(verb: str) -> None:
    raised = re.findall(r"^ {4}(\w+): ", (inspect.getdoc(method_of(verb)) or "").partition("\nRaises:\n")[2], re.M)

    assert raised
    assert all(hasattr(synergos, name) for name in raised)


def test_the_help_of_the_driver_describes_each_argument_and_shows_an_example() -> None:
    assert described_arguments(inspect.getdoc(Driver.__init__) or "") == parameters(Driver.__init__)
    assert re.search(r"\nExample:\n {4}>>> ", inspect.getdoc(Driver) or "")


@pytest.mark.parametrize("task", TASKS)
def test_the_help_of_a_task_says_its_phase(task: str) -> None:
    assert re.match(r"Phase [123]: ", inspect.getdoc(inspect.getattr_static(Driver, task)) or "")


# The hyperparameters

DEFAULTS = {
    "algorithm": "FedProx",
    "batch_size": None,
    "rounds": 10,
    "epochs": 100,
    "lr": 0.001,
    "weight_decay": 0.0,
    "lr_decay": 0.1,
    "mu": 0.1,
    "l1_lambda": 0.0,
    "l2_lambda": 0.0,
    "optimizer": "SGD",
    "criterion": "BCELoss",
    "lr_scheduler": "CyclicLR",
    "delta": 0.0,
    "patience": 10,
    "seed": 42,
    "is_condensed": True,
    "is_snn": False,
    "precision_fractional": 5,
}


@pytest.fixture(scope="module")
def run_fields() -> Mapping[str, Any]:
    text = resources.files("synergos_client").joinpath("openapi.json").read_text(encoding="utf-8")
    fields: Mapping[str, Any] = json.loads(text)["components"]["schemas"]["RunFields"]["properties"]
    return fields


@pytest.mark.parametrize("verb", ["runs.create", "runs.update"])
def test_the_keywords_of_a_run_are_the_fields_of_the_contract(verb: str, run_fields: Mapping[str, Any]) -> None:
    keywords = {
        parameter.name
        for parameter in inspect.signature(method_of(verb)).parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }

    assert keywords - {"collab_id"} == {"project_id", "expt_id", "run_id", *run_fields}


def test_a_run_has_the_defaults_that_it_always_had() -> None:
    found = {
        parameter.name: parameter.default
        for parameter in inspect.signature(method_of("runs.create")).parameters.values()
        if parameter.default not in (None, inspect.Parameter.empty) or parameter.name == "batch_size"
    }

    assert found == DEFAULTS


def test_an_update_of_a_run_has_no_defaults(run_fields: Mapping[str, Any]) -> None:
    signature = inspect.signature(method_of("runs.update"))

    assert {signature.parameters[name].default for name in run_fields} == {None}
