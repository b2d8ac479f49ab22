"""One request freezes nobody: what is too much is refused with its bound, and others are answered meanwhile."""

import contextlib
import http.client
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import whole

from synergos.learning import bounds
from synergos.learning.errors import Rejected
from synergos.learning.party import Participant
from synergos.sandbox import Sandbox
from synergos.ttp import contract
from synergos.ttp.strategies import check_run

EXPERIMENTS = "projects/p/experiments/"
RUNS = f"{EXPERIMENTS}e/runs/"
TAGS = "projects/p/participants/biscoe/registration/tags"
SEARCH = "/ttp/train/projects/p/models/e/optimizations/"
JSON = {"content-type": "application/json"}
LSTM = {"is_input": True, "l_type": "LSTM", "structure": {"input_size": 4, "hidden_size": 1}, "activation": None}
ENCODER = {"is_input": True, "l_type": "Transformer", "structure": {"d_model": 2, "nhead": 1}, "activation": None}


@pytest.fixture(scope="module")
def caller(caller_of: Any) -> Iterator[Any]:
    with Sandbox() as ttp:
        caller = caller_of(ttp.port)
        caller.connect()
        yield caller


def layered(layer: dict[str, Any], **more: object) -> dict[str, Any]:
    return {**layer, "structure": {**layer["structure"], **more}}


def too_much(caller: Any) -> dict[str, tuple[str, object, str]]:
    run, layer = {"run_id": "x", **caller.RUN}, caller.LAYER
    search = {
        **{"max_exec_duration": "1h", "optimize_mode": "max", "max_trial_num": 1, "metric": "accuracy"},
        **{"trial_concurrency": 1, "is_remote": True, "use_annotation": True, "auto_align": True, "dockerised": True},
        **{"verbose": False, "log_msgs": False, "tuner": "TPE"},
    }
    choices = {"lr": {"_type": "choice", "_value": [0.1 + index for index in range(1_001)]}}
    names = {f"lr{index}": {"_type": "choice", "_value": [1]} for index in range(101)}
    return {
        "layers": (EXPERIMENTS, {"expt_id": "x", "model": [layer] * 1_001}, "1,001 layers in all: at most 1,000"),
        "layers of layers": (
            EXPERIMENTS,
            {"expt_id": "x", "model": [layered(LSTM, num_layers=100)] * 10},
            "1,010 layers in all: at most 1,000",
        ),
        "layers of a layer": (
            EXPERIMENTS,
            {"expt_id": "x", "model": [layered(LSTM, num_layers=100_000)]},
            "num_layers is 100000: it may be at most 100",
        ),
        "other layers of a layer": (
            EXPERIMENTS,
            {"expt_id": "x", "model": [layered(ENCODER, num_decoder_layers=100_000)]},
            "num_decoder_layers is 100000: it may be at most 100",
        ),
        "steps": (RUNS, {**run, "optimizer": "LBFGS", "max_iter": 10**9}, "max_iter is 1000000000: it may be at most"),
        "evaluations": (RUNS, {**run, "optimizer": "LBFGS", "max_eval": 10**9}, "max_eval is 1000000000: it may be"),
        "weights": (RUNS, {**run, "weight": [1.0] * 10_001}, "weight has 10,001 values: at most 10,000"),
        "milestones": (RUNS, {**run, "milestones": [1] * 10_001}, "milestones has 10,001 values: at most 10,000"),
        "tags": (TAGS, {"train": [["a"]] * 10_001}, "train has 10,001 values: at most 10,000"),
        "a tag": (TAGS, {"train": [["a"] * 10_001]}, "train[0] has 10,001 values: at most 10,000"),
        "all together": (TAGS, {"train": [["a"] * 10_000] * 5}, "more than 50,000 values"),
        "fields": (RUNS, {**run, **{f"x{index}": 1 for index in range(1_001)}}, "fields: at most 1,000"),
        "depth": (EXPERIMENTS, {"expt_id": "x", "model": json.loads("[" * 65 + "]" * 65)}, "at most 64"),
        "choices": (SEARCH, {**search, "search_space": choices}, "1,001 choices: at most 1,000"),
        "names": (SEARCH, {**search, "search_space": names}, "101 names: at most 100"),
    }


@pytest.mark.parametrize(
    "what",
    [
        *(
            "layers",
            "layers of layers",
            "layers of a layer",
            "other layers of a layer",
            "steps",
            "evaluations",
            "weights",
            "milestones",
        ),
        *("tags", "a tag", "all together", "fields", "depth"),
    ],
)
def test_too_much_is_refused_with_the_bound(caller: Any, what: str) -> None:
    path, body, said = too_much(caller)[what]
    assert said in caller.refused(417, "POST", path, body)


@pytest.mark.parametrize("what", ["choices", "names"])
def test_too_large_a_space_is_refused_with_the_bound(caller: Any, what: str) -> None:
    _, body, said = too_much(caller)[what]
    assert isinstance(body, dict)
    with pytest.raises(Rejected, match=said):
        bounds.check_space(body["search_space"])


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("path", [EXPERIMENTS, SEARCH])
def test_a_body_that_is_100_000_deep_is_refused(caller: Any, opening: str, path: str) -> None:
    path = path if path.startswith("/ttp") else f"/ttp/connect/{path}"
    for depth in (100, 900, 990, 100_000):
        closing = "]" if opening == "[" else "}"
        body = f'{{"model": {opening * depth}1{closing * depth}}}'
        answer = caller.http.post(path, content=body, headers=JSON)
        assert (answer.status_code, "nested too deeply" in answer.text) == (417, True)


@pytest.mark.parametrize("sent", ["[" * 100_000, "%7B%22a%22:" * 20_000, "9" * 5_000, "%00", "%ff", "%ed%a0%80"])
def test_whatever_stands_in_a_query_is_refused_and_nothing_fails(caller: Any, sent: str) -> None:
    asked = [(one, name) for one in contract.operations() for name in one.query]
    assert asked
    for operation, name in asked:
        others = "".join(f"{other}=x&" for other in operation.query if other != name)
        path = re.sub(r"{\w+}", "x", operation.path)
        # By hand, for the client sends none that is so long.
        connection = http.client.HTTPConnection(caller.http.base_url.host, caller.http.base_url.port)
        with contextlib.closing(connection):
            connection.request(operation.method, f"{path}?{others}{name}={sent}")
            answer = connection.getresponse()
            said = answer.read()
        assert answer.status in (400, 404, 417, 431), (operation.name, name, said[:200])
        assert len(said) < 10_000
    assert caller.http.get("/ttp/connect/projects/").status_code == 200


def test_of_many_unknown_fields_the_first_are_told(caller: Any) -> None:
    body = {"project_id": "x", "incentives": {}, **{f"incentive{index}": 1 for index in range(900)}}
    said = caller.refused(417, "POST", "projects/", body)
    assert "'incentive0' (did you mean 'incentives'?)" in said
    assert "nor the 895 others" in said
    assert len(said) < 500


@pytest.mark.parametrize(("path", "field"), [("projects/", "action"), (RUNS, "optimizer"), (RUNS, "criterion")])
def test_an_error_is_short_whatever_was_sent(caller: Any, path: str, field: str) -> None:
    body = {"project_id": "x", "incentives": {}} if path == "projects/" else {"run_id": "x", **caller.RUN}
    assert len(caller.refused(417, "POST", path, {**body, field: "x" * 500_000})) < 5_000


def test_what_an_optimizer_may_be_sent_is_bounded_in_all_its_steps() -> None:
    check_run({"optimizer": "LBFGS", "max_iter": 1_000, "line_search_fn": "strong_wolfe"})
    with pytest.raises(Rejected, match="history_size is 1000000: it may be at most 1,000"):
        check_run({"optimizer": "LBFGS", "history_size": 10**6})


def test_others_are_answered_while_a_body_is_looked_at(caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looking, goes_on = threading.Event(), threading.Event()
    check = contract.Operation.check

    def wait(operation: contract.Operation, body: object) -> dict[str, Any]:
        looking.set()
        assert goes_on.wait(60)
        return check(operation, body)

    monkeypatch.setattr(contract.Operation, "check", wait)
    answers: list[Any] = []
    body = {"project_id": "late", "incentives": {}}
    writer = threading.Thread(target=lambda: answers.append(caller.send("POST", "projects/", body)))
    writer.start()
    try:
        assert looking.wait(60)
        assert caller.ok("GET", "projects/p")["key"] == {"project_id": "p"}
        assert [one["key"]["project_id"] for one in caller.ok("GET", "projects/")] == ["p"]
        assert answers == []
    finally:
        goes_on.set()
        writer.join()
    assert answers[0].status_code == 201


def test_20_000_classes_are_refused_when_participants_are_aligned(tmp_path: Path) -> None:
    folder = tmp_path / "p" / "t"
    folder.mkdir(parents=True)
    (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
    (folder / "schema.json").write_text('{"x": "float64", "target": "category"}')
    (folder / "rows.csv").write_text("x,target\n" + "\n".join(f"{number},c{number}" for number in range(20_000)))
    with pytest.raises(Rejected, match=r"20,000 classes: at most 2,000"):
        whole.align(tmp_path, "classify", [Participant("p", train=[["t"]])])
