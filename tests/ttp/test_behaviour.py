"""What a TTP does, seen over HTTP: statuses, envelopes, records, and nothing that a wrong request could break."""

import csv
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from synergos.sandbox import Sandbox

MISSING = "projects/nobody"
RUNS = "projects/p/experiments/e/runs"
MODELS = "/ttp/train/projects/p/models"
REGISTRATION = "projects/p/participants/biscoe/registration"
PREDICTIONS = "/ttp/evaluate/participants/biscoe/predictions"
PREDICT = {"tags": {"p": [["iid_1"]]}, "auto_align": True, "dockerised": True}
LONG = "x" * 300
JSON = {"content-type": "application/json"}
STRANGE = [
    *("...", "%", "a b", "..%2F", "Zürich 日本 🐧", "two\nlines", "\n", "a?b#c", "it's"),
    pytest.param(LONG, id="long"),
]


class Gate:
    """Holds a training after its first round, until it is let go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, _: object) -> None:
        self.reached.set()
        assert self.opened.wait(60)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox on the demo data, that each test finds empty."""
    with Sandbox() as ttp:
        yield ttp


@pytest.fixture
def ttp(sandbox: Sandbox, caller_of: Any) -> Iterator[Any]:
    caller = caller_of(sandbox.port)
    yield caller
    for kind, name in (("projects", "project_id"), ("participants", "participant_id")):
        for record in caller.ok("GET", f"{kind}/"):
            caller.ok("DELETE", f"{kind}/{quote(record['key'][name], safe='')}")
    assert list(sandbox.outputs.rglob("*.pt")) == []
    caller.http.close()


@pytest.fixture
def serve(caller_of: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Starts a sandbox for one test."""
    started: list[Sandbox] = []

    def start(**options: Any) -> Any:
        started.append(Sandbox(**options).start())
        return caller_of(started[-1].port)

    yield start
    for sandbox in started:
        sandbox.stop()


def project(ttp: Any, name: str = "p", **fields: object) -> Any:
    return ttp.ok("POST", "projects/", {"project_id": name, "incentives": {}, **fields})


def participant(ttp: Any, name: str = "biscoe", **fields: object) -> Any:
    return ttp.ok("POST", "participants/", {"id": name, "host": "h", "port": 1, "f_port": 2, **fields})


class TestEnvelope:
    def test_an_answer_tells_what_was_called_on_what(self, ttp: Any) -> None:
        response = ttp.send("POST", "projects/", {"project_id": "p", "action": "classify", "incentives": {}})
        assert response.status_code == 201
        answer = response.json()
        del answer["data"]
        assert answer == {"apiVersion": "0.1.0", "success": 1, "status": 201, "method": "projects.post", "params": {}}
        answer = ttp.send("GET", "projects/p").json()
        assert (answer["status"], answer["method"], answer["params"]) == (200, "project.get", {"project_id": "p"})

    def test_the_method_is_called_as_a_ttp_calls_it(self, ttp: Any) -> None:
        ttp.connect()
        called = {
            ("GET", "projects/"): "projects.get",
            ("PUT", f"{RUNS}/r"): "run.put",
            ("GET", "projects/p/registrations"): "registrations.get",
            ("POST", REGISTRATION): "registration.post",
            ("POST", f"{REGISTRATION}/tags"): "tags.post",
            ("GET", f"{REGISTRATION}/tags"): "tag.get",
            ("PUT", f"{REGISTRATION}/tags"): "tag.put",
        }
        bodies = {f"{RUNS}/r": {"rounds": 1}, REGISTRATION: {"role": "guest"}, f"{REGISTRATION}/tags": {"train": []}}
        for (method, path), name in called.items():
            response = ttp.send(method, path, None if method == "GET" else bodies[path])
            assert response.json()["method"] == name, (method, path)

    def test_text_is_sent_as_it_is(self, ttp: Any) -> None:
        project(ttp, "Zürich 日本", start_at="mañana")
        response = ttp.send("GET", "projects/")
        assert response.headers["content-type"] == "application/json"
        assert "Zürich 日本" in response.content.decode()
        assert response.json()["data"][0]["start_at"] == "mañana"


class TestPhase1:
    def test_a_record_of_the_same_id_is_changed_and_keeps_its_number(self, ttp: Any) -> None:
        first = project(ttp, action="classify", universe_alignment=["a"])
        project(ttp, "q")
        again = project(ttp, start_at="now")
        assert again["doc_id"] == first["doc_id"]
        assert (again["action"], again["universe_alignment"], again["start_at"]) == ("classify", ["a"], "now")
        assert [one["key"]["project_id"] for one in ttp.ok("GET", "projects/")] == ["p", "q"]

    def test_a_run_of_the_same_id_is_changed(self, ttp: Any) -> None:
        ttp.connect(seed=7)
        ttp.ok("POST", f"{RUNS}/", {"run_id": "r", "rounds": 9})
        run = ttp.ok("GET", f"{RUNS}/r")
        assert (run["rounds"], run["seed"]) == (9, 7)

    def test_tags_outlive_a_second_registration(self, ttp: Any) -> None:
        ttp.connect()
        again = ttp.ok("POST", REGISTRATION, {"role": "host"})
        assert again["role"] == "host"
        assert again["relations"]["Tag"][0]["train"] == [["non_iid_1"]]

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            (f"{MISSING}/experiments/", {"expt_id": "e", "model": []}),
            (f"{MISSING}/experiments/e/runs/", {"run_id": "r"}),
            ("projects/p/experiments/nothing/runs/", {"run_id": "r"}),
            (f"{MISSING}/participants/biscoe/registration", {"role": "guest"}),
            ("projects/p/participants/nobody/registration", {"role": "guest"}),
            ("participants/nobody/projects/p/registration", {"role": "guest"}),
            ("projects/p/participants/biscoe/registration/tags", {"train": []}),
        ],
    )
    def test_nothing_is_made_below_what_is_not_there(self, ttp: Any, path: str, body: object) -> None:
        project(ttp)
        participant(ttp)
        ttp.refused(404, "POST", path, body)
        found = ttp.ok("GET", "projects/p")["relations"]
        assert not any(found.values())
        assert not any(ttp.ok("GET", "participants/biscoe")["relations"].values())

    @pytest.mark.parametrize(
        "path",
        [
            f"{MISSING}/experiments/",
            f"{MISSING}/experiments/e/runs/",
            f"{MISSING}/registrations",
            "participants/nobody/registrations",
        ],
    )
    def test_a_list_below_what_is_not_there_is_empty(self, ttp: Any, path: str) -> None:
        assert ttp.ok("GET", path) == []

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            (MISSING, {"action": "classify"}),
            ("projects/p/experiments/nothing", {"model": []}),
            (f"{RUNS}/nothing", {"rounds": 1}),
            ("participants/nobody", {"port": 1}),
            ("projects/p/participants/nobody/registration", {"role": "host"}),
            ("projects/p/participants/nobody/registration/tags", {"train": []}),
        ],
    )
    def test_what_is_not_there_is_a_404_for_every_verb(self, ttp: Any, path: str, body: object) -> None:
        ttp.connect()
        before = ttp.ok("GET", "projects/")
        for method in ("GET", "DELETE"):
            ttp.refused(404, method, path)
        ttp.refused(404, "PUT", path, body)
        assert ttp.ok("GET", "projects/") == before

    def test_a_misspelt_id_is_answered_with_the_nearest(self, ttp: Any) -> None:
        project(ttp, "penguins")
        assert "Did you mean 'penguins'?" in ttp.refused(404, "GET", "projects/pengiuns")
        assert "Did you mean" not in ttp.refused(404, "GET", "projects/whales")

    @pytest.mark.parametrize("kind", ["projects", "experiments", "runs", "participants", "registrations", "tags"])
    def test_deleting_answers_with_the_record_as_it_was(self, ttp: Any, kind: str) -> None:
        ttp.connect()
        path = {
            "projects": "projects/p",
            "experiments": "projects/p/experiments/e",
            "runs": f"{RUNS}/r",
            "participants": "participants/biscoe",
            "registrations": REGISTRATION,
            "tags": f"{REGISTRATION}/tags",
        }[kind]
        record = ttp.ok("GET", path)
        assert ttp.ok("DELETE", path) == record
        ttp.refused(404, "GET", path)
        ttp.refused(404, "DELETE", path)

    def test_relations_show_what_is_below_without_relations_of_its_own(self, ttp: Any) -> None:
        ttp.connect()
        ttp.align()
        ttp.train()
        ttp.ok("POST", "/ttp/evaluate/projects/p/validations/", {})
        ttp.ok("POST", f"{PREDICTIONS}/", PREDICT)
        whole = {"Experiment": 1, "Run": 1, "Registration": 2, "Tag": 2, "Model": 1, "Validation": 2, "Prediction": 1}
        for path, kinds in {
            "projects/p": list(whole),
            "projects/p/experiments/e": ["Run", "Model", "Validation", "Prediction"],
            f"{RUNS}/r": ["Model", "Validation", "Prediction"],
        }.items():
            relations = ttp.ok("GET", path)["relations"]
            assert {kind: len(records) for kind, records in relations.items()} == {kind: whole[kind] for kind in kinds}
            assert not any("relations" in record for records in relations.values() for record in records)
        relations = ttp.ok("GET", "participants/biscoe")["relations"]
        assert {kind: len(records) for kind, records in relations.items()} == {"Registration": 1, "Tag": 1}
        assert list(ttp.ok("GET", REGISTRATION)["relations"]) == ["Tag"]
        assert "relations" not in ttp.ok("GET", MODELS + "/")[0]
        in_list = ttp.ok("GET", "projects/")[0]
        assert in_list == ttp.ok("GET", "projects/p")

    def test_relations_and_deletions_follow_the_key_in_full(self, ttp: Any) -> None:
        for name in ("p", "q"):
            ttp.connect(name)
            ttp.align(name)
            ttp.train(name)
            ttp.ok("POST", f"/ttp/evaluate/projects/{name}/validations/", {})
        other = ttp.ok("GET", "projects/q")
        for relations in (ttp.ok("GET", f"{RUNS}/r")["relations"], ttp.ok("GET", "projects/p")["relations"]):
            records = [record for records in relations.values() for record in records]
            assert records
            assert {record["key"]["project_id"] for record in records} == {"p"}
        ttp.ok("DELETE", f"{RUNS}/r")
        ttp.ok("DELETE", "projects/p/experiments/e")
        ttp.ok("DELETE", REGISTRATION)
        assert ttp.ok("GET", "projects/q") == other
        ttp.ok("DELETE", "projects/p")
        assert ttp.ok("GET", "projects/q") == other
        assert len(ttp.ok("GET", "/ttp/train/projects/q/alignments/")) == 2
        assert ttp.train("q")
        project(ttp, "p")
        assert not any(ttp.ok("GET", "projects/p")["relations"].values())

    def test_deleting_a_participant_ends_its_registrations_in_every_project(self, ttp: Any) -> None:
        for name in ("p", "q"):
            ttp.connect(name)
        ttp.ok("DELETE", "participants/biscoe")
        for name in ("p", "q"):
            (left,) = ttp.ok("GET", f"projects/{name}/registrations")
            assert left["key"]["participant_id"] == "dream"
            assert len(ttp.ok("GET", f"projects/{name}")["relations"]["Tag"]) == 1

    def test_a_registration_shows_the_project_and_the_participant_as_they_are_now(self, ttp: Any) -> None:
        ttp.connect()
        ttp.ok("PUT", "projects/p", {"incentives": {"tier": ["biscoe"]}})
        ttp.ok("PUT", "participants/biscoe", {"host": "10.0.0.7"})
        for record in (ttp.ok("GET", REGISTRATION), ttp.ok("GET", "projects/p/registrations")[0]):
            assert record["project"] == {"incentives": {"tier": ["biscoe"]}, "start_at": None}
            assert record["participant"] == {"id": "biscoe", "host": "10.0.0.7", "port": 8020, "f_port": 5000}

    def test_both_paths_to_a_registration_and_its_tags_lead_to_the_same(self, ttp: Any) -> None:
        ttp.connect()
        alias = "participants/biscoe/projects/p/registration"
        assert ttp.ok("GET", alias) == ttp.ok("GET", REGISTRATION)
        assert ttp.ok("PUT", f"{alias}/tags", {"predict": [["iid_1"]]}) == ttp.ok("GET", f"{REGISTRATION}/tags")
        ttp.ok("DELETE", alias)
        ttp.refused(404, "GET", REGISTRATION)
        ttp.refused(404, "GET", f"{REGISTRATION}/tags")

    def test_what_names_a_runs_parts_is_used_and_never_shown(self, ttp: Any) -> None:
        hidden = {
            "algorithm": "FedAvgM",
            "optimizer": "SGD",
            "criterion": "CrossEntropyLoss",
            "lr_scheduler": "StepLR",
            "is_snn": False,
            "step_size": 3,
            "server_momentum": 0.5,
        }
        ttp.connect()
        made = ttp.ok("POST", f"{RUNS}/", {"run_id": "s", "rounds": 2, "lr": 0.1, **hidden})
        for run in (made, ttp.ok("GET", f"{RUNS}/s"), ttp.ok("GET", f"{RUNS}/")[1]):
            assert not hidden.keys() & run.keys()
            assert (run["rounds"], run["lr"]) == (2, 0.1)
        # The scheduler needs its step size: it is there, or the run could not be changed.
        ttp.ok("PUT", f"{RUNS}/s", {"rounds": 3})
        assert "nearest" in ttp.refused(417, "PUT", f"{RUNS}/s", {"lr_scheduler": "StepLRR"})
        ttp.align()
        losses = []
        for changed in ({"server_momentum": 0.5}, {"server_momentum": 0.0}):
            ttp.ok("PUT", f"{RUNS}/s", changed)
            (model,) = ttp.train(run="s")
            losses.append(json.loads(Path(model["global"]["loss_history"]).read_text()))
        assert losses[0] != losses[1]

    def test_what_is_not_set_is_left_out(self, ttp: Any) -> None:
        layers = [
            {
                "is_input": True,
                "l_type": "Linear",
                "structure": {"in_features": 4, "out_features": 2},
                "activation": None,
            },
            {"is_input": False, "l_type": "ReLU", "structure": {}, "activation": None},
        ]
        assert "incentives" not in project(ttp)
        made = ttp.ok("POST", "projects/p/experiments/", {"expt_id": "e", "model": layers})
        for found in (made, ttp.ok("GET", "projects/p/experiments/e")):
            assert found["model"] == [
                {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4, "out_features": 2}},
                {"is_input": False, "l_type": "ReLU"},
            ]
        assert "incentives" not in ttp.ok("GET", "projects/p")

    def test_empty_lists_are_shown(self, ttp: Any) -> None:
        project(ttp, universe_alignment=[])
        participant(ttp)
        ttp.ok("POST", REGISTRATION, {"role": "guest"})
        tags = ttp.ok("POST", f"{REGISTRATION}/tags", {"train": [["non_iid_1"]], "evaluate": [], "predict": []})
        assert (tags["evaluate"], tags["predict"]) == ([], [])
        assert "model" not in tags
        assert ttp.ok("GET", "projects/p")["universe_alignment"] == []


class TestRefusals:
    def refuse(self, ttp: Any, path: str, body: object, *parts: str, method: str = "POST") -> None:
        """A refusal that names all of these, and leaves everything as it was."""
        before = ttp.ok("GET", "projects/"), ttp.ok("GET", "participants/")
        message = ttp.refused(417, method, path, body)
        assert [part for part in parts if part not in message] == [], message
        assert (ttp.ok("GET", "projects/"), ttp.ok("GET", "participants/")) == before

    @pytest.mark.parametrize(
        ("path", "body", "parts"),
        [
            ("projects/", {"incentives": {}}, ["'project_id' must be given"]),
            ("projects/", {"project_id": "", "incentives": {}}, ["project_id", '""', "not empty"]),
            ("projects/", {"project_id": "a/b", "incentives": {}}, ["project_id", '"a/b"']),
            ("projects/", {"project_id": "..", "incentives": {}}, ["project_id", '".."']),
            ("projects/", {"project_id": 1, "incentives": {}}, ["project_id", "1", "a text"]),
            ("projects/", {"project_id": "q", "incentives": {"t": "x"}}, ["incentives.t", '"x"', "a list"]),
            (
                "projects/",
                {"project_id": "q", "incentives": {}, "action": "clasify"},
                ["action", '"clasify"', "classify", "regress"],
            ),
            (
                "projects/",
                {"project_id": "q", "incentives": {}, "incentive": {}},
                ["'incentive'", "did you mean 'incentives'"],
            ),
            (
                "participants/",
                {"id": "x", "host": "h", "port": 70000, "f_port": 1},
                ["port", "70000", "at most 65535"],
            ),
            (
                "participants/",
                {"id": "x", "host": "h", "port": "8020", "f_port": 1},
                ["port", '"8020"', "whole number"],
            ),
            ("participants/", {"host": "h"}, ["'id' must be given"]),
            (f"{RUNS}/", {"run_id": "s", "rounds": 0}, ["rounds", "0", "at least 1"]),
            (f"{RUNS}/", {"run_id": "s", "rounds": 1.5}, ["rounds", "1.5", "whole number"]),
            (f"{RUNS}/", {"run_id": "s", "lr": None}, ["lr", "null", "a number"]),
            (f"{RUNS}/", {"run_id": "s", "is_condensed": 1}, ["is_condensed", "1", "true or false"]),
            (f"{RUNS}/", {"run_id": "s", "reduction": "max"}, ["reduction", '"max"', "mean", "sum"]),
            (f"{RUNS}/", {"run_id": "s", "own": None}, ["own", "null"]),
            (f"{RUNS}/", {"run_id": "s", "own": {"a": 1}}, ["own", '{"a": 1}']),
            (REGISTRATION, {"role": "boss"}, ["role", '"boss"', "host", "guest", "arbiter"]),
            (f"{REGISTRATION}/tags", {"train": "non_iid_1"}, ["train", '"non_iid_1"', "a list"]),
            (f"{REGISTRATION}/tags", {"train": ["non_iid_1"]}, ["train[0]", '"non_iid_1"', "a list"]),
            (f"{REGISTRATION}/tags", {"train": [[]]}, ["train[0]", "empty"]),
            (f"{REGISTRATION}/tags", {"train": [[1]]}, ["train[0][0]", "1", "a text"]),
            (f"{MODELS}/", {}, ["'auto_align'", "'dockerised'", "'verbose'", "'log_msgs'", "must be given"]),
            (f"{PREDICTIONS}/", {**PREDICT, "tags": {}}, ["tags", "empty"]),
        ],
    )
    def test_a_wrong_field_is_named_with_its_value_and_what_is_allowed(
        self, ttp: Any, path: str, body: object, parts: list[str]
    ) -> None:
        ttp.connect()
        self.refuse(ttp, path, body, *parts)

    @pytest.mark.parametrize(
        ("layer", "parts"),
        [
            ({"l_type": "Liner"}, ["model[0].l_type", "'Liner'", "nearest: Linear"]),
            ({"activation": "reluu"}, ["model[0].activation", "'reluu'", "nearest: relu"]),
            ({"structure": {"in_feature": 4, "out_features": 1}}, ["'in_feature'", "in_features"]),
            ({"structure": {"in_features": 4}}, ["model[0].structure", "out_features"]),
            ({"structure": {"in_features": "4", "out_features": 1}}, ["model[0].structure", "cannot be built"]),
            ({"structure": {"in_features": -1, "out_features": 1}}, ["model[0].structure", "cannot be built"]),
            ({"structure": {"in_features": [4], "out_features": 1}}, ["model[0].structure.in_features", "[4]"]),
            ({"is_input": "yes"}, ["model[0].is_input", '"yes"', "true or false"]),
            ({"is_inpt": True}, ["model[0]", "'is_inpt'", "did you mean 'is_input'"]),
        ],
    )
    def test_a_layer_that_cannot_be_built_is_named(self, ttp: Any, layer: dict[str, object], parts: list[str]) -> None:
        ttp.connect()
        model = [{**ttp.LAYER, **layer}]
        self.refuse(ttp, "projects/p/experiments/", {"expt_id": "f", "model": model}, *parts)
        self.refuse(ttp, "projects/p/experiments/e", {"model": model}, *parts, method="PUT")

    @pytest.mark.parametrize(
        ("fields", "parts"),
        [
            ({"algorithm": "FedAvgg"}, ["algorithm", "'FedAvgg'", "nearest: FedAvg"]),
            ({"algorithm": "FedGKT"}, ["'FedGKT'", "known", "FedProx"]),
            ({"is_snn": True}, ["is_snn"]),
            ({"optimizer": "Adamm"}, ["optimizer", "'Adamm'", "nearest: Adam"]),
            ({"criterion": "NLLoss"}, ["criterion", "'NLLoss'", "nearest: NLLLoss"]),
            ({"lr_scheduler": "CyclicLRs"}, ["lr_scheduler", "'CyclicLRs'", "nearest: CyclicLR"]),
            ({"lr_scheduler": "StepLR"}, ["lr_scheduler", "'StepLR'", "step_size"]),
            ({"lr": -1}, ["optimizer 'Adam'", "-1"]),
            ({"seed": 10**30}, ["seed"]),
            ({"mu": -1}, ["mu", "-1"]),
            ({"betas": [1, 2]}, ["optimizer 'Adam'"]),
            ({"mu": 10**400}, ["mu"]),
            ({"lr": 10**400}, ["lr"]),
            ({"own": "x" * 100_000, "rounds": 0}, ["rounds"]),
        ],
    )
    def test_a_run_that_cannot_be_trained_is_refused_when_it_is_made(
        self, ttp: Any, fields: dict[str, object], parts: list[str]
    ) -> None:
        ttp.connect()
        self.refuse(ttp, f"{RUNS}/", {"run_id": "s", "optimizer": "Adam", "lr_scheduler": "", **fields}, *parts)
        self.refuse(ttp, f"{RUNS}/r", fields, *parts, method="PUT")

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("projects/p", {"action": 1}),
            ("projects/p", {"key": {"project_id": "q"}}),
            ("projects/p", {"created_at": "now"}),
            ("projects/p", {"project_id": "q"}),
            ("projects/p", {}),
            ("projects/p/experiments/e", {"model": {}}),
            (f"{RUNS}/r", {"rounds": "many"}),
            ("participants/biscoe", {"port": "8020"}),
            ("participants/biscoe", {"id": "q"}),
            (REGISTRATION, {"role": None}),
            (f"{REGISTRATION}/tags", {"train": None}),
        ],
    )
    def test_a_wrong_change_changes_nothing(self, ttp: Any, path: str, body: object) -> None:
        ttp.connect()
        self.refuse(ttp, path, body, method="PUT")

    @pytest.mark.parametrize("content", [b"", b"{", b"nonsense", b'{"project_id": "\xff"}'])
    def test_a_body_that_is_no_json_is_a_400(self, ttp: Any, content: bytes) -> None:
        response = ttp.http.post("/ttp/connect/projects/", content=content, headers=JSON)
        assert response.status_code == 400
        assert response.json()["message"].startswith("Failed to decode JSON object: ")
        assert ttp.ok("GET", "projects/") == []

    @pytest.mark.parametrize("content", [b'{"project_id": "\\ud800", "incentives": {}}', b'{"\\udfff": 1}'])
    def test_half_a_character_is_a_400(self, ttp: Any, content: bytes) -> None:
        assert ttp.http.post("/ttp/connect/projects/", content=content, headers=JSON).status_code == 400
        assert ttp.ok("GET", "projects/") == []

    def test_a_path_that_is_not_there_is_a_404_in_json(self, ttp: Any) -> None:
        assert "/ttp/connect/nothing/" in ttp.refused(404, "GET", "nothing/")
        ttp.refused(404, "GET", "/")
        ttp.refused(404, "GET", "/ttp/connect/collaborations/c/nothing/")


class TestAlignments:
    def test_alignments_are_one_for_each_participant_and_fit_the_experiments(self, ttp: Any) -> None:
        ttp.connect()
        ttp.refused(404, "GET", "/ttp/train/projects/p/alignments/")
        made = ttp.align()
        assert [one["key"] for one in made] == [
            {"project_id": "p", "participant_id": name, "tag_id": None} for name in ("biscoe", "dream")
        ]
        assert made[0]["train"] == {"X": [], "y": [1]}
        assert made[1]["train"] == {"X": [], "y": [2]}
        assert made[0]["evaluate"] == {"X": [], "y": []}
        assert ttp.ok("GET", "/ttp/train/projects/p/alignments/") == made
        (layer,) = ttp.ok("GET", "projects/p/experiments/e")["model"]
        assert layer["structure"] == {"in_features": 6, "out_features": 3}
        assert layer["activation"] == "softmax"

    def test_whoever_has_left_is_left_out(self, ttp: Any) -> None:
        ttp.connect()
        ttp.align()
        ttp.ok("DELETE", f"{REGISTRATION}/tags")
        (made,) = ttp.align()
        assert made["key"]["participant_id"] == "dream"
        assert ttp.ok("GET", "/ttp/train/projects/p/alignments/") == [made]

    def test_a_project_without_an_action_says_so(self, ttp: Any) -> None:
        project(ttp)
        assert "'classify' or 'regress'" in ttp.refused(417, "POST", "/ttp/train/projects/p/alignments/")

    def test_a_project_without_participants_says_so(self, ttp: Any) -> None:
        project(ttp, action="classify")
        assert "no participants with tags" in ttp.refused(417, "POST", "/ttp/train/projects/p/alignments/")

    def test_what_is_sent_with_it_is_of_no_account(self, ttp: Any) -> None:
        ttp.connect()
        assert ttp.http.post("/ttp/train/projects/p/alignments/", content=b"{", headers=JSON).status_code == 201


class TestTraining:
    def test_models_are_lists_at_every_level(self, ttp: Any) -> None:
        ttp.connect()
        ttp.ok("POST", f"{RUNS}/", {**ttp.RUN, "run_id": "s"})
        ttp.align()
        levels = (f"{MODELS}/", f"{MODELS}/e", f"{MODELS}/e/s")
        for level in levels:
            ttp.refused(404, "GET", level)
        assert len(ttp.ok("POST", f"{MODELS}/e/s", ttp.JOB)) == 1
        for level in levels:
            (model,) = ttp.ok("GET", level)
            assert model["key"] == {"project_id": "p", "expt_id": "e", "run_id": "s"}
        ttp.refused(404, "GET", f"{MODELS}/e/r")
        for level in levels[:2]:
            assert len(ttp.ok("POST", level, ttp.JOB)) == 2
        assert len(ttp.ok("GET", f"{MODELS}/")) == 2

    def test_a_model_says_whose_each_part_is_and_where(self, ttp: Any, sandbox: Sandbox) -> None:
        ttp.connect()
        ttp.align()
        (model,) = ttp.train()
        parts = {name: model[name] for name in ("global", "local_1", "local_2")}
        assert {name: part["origin"] for name, part in parts.items()} == {
            "global": "ttp",
            "local_1": "biscoe",
            "local_2": "dream",
        }
        for part in parts.values():
            for path in (Path(part["path"]), Path(part["loss_history"])):
                assert path.is_file()
                assert path.is_relative_to(sandbox.outputs)
        losses = json.loads(Path(model["global"]["loss_history"]).read_text())
        assert list(losses["train"]) == list(losses["evaluate"]) == ["1", "2"]

    def test_a_training_needs_an_alignment(self, ttp: Any) -> None:
        ttp.connect()
        assert "not aligned" in ttp.refused(417, "POST", f"{MODELS}/e/r", ttp.JOB)

    def test_a_training_needs_somebody_to_evaluate(self, ttp: Any) -> None:
        ttp.connect(evaluate=())
        ttp.align()
        assert "`evaluate` tags" in ttp.refused(417, "POST", f"{MODELS}/e/r", ttp.JOB)
        ttp.refused(404, "GET", f"{MODELS}/e/r")

    @pytest.mark.parametrize("level", ["nobody/models/", "p/models/nothing", "p/models/e/nothing"])
    def test_a_training_of_what_is_not_there_is_a_404(self, ttp: Any, level: str) -> None:
        ttp.connect()
        ttp.align()
        ttp.refused(404, "POST", f"/ttp/train/projects/{level}", ttp.JOB)

    def test_whoever_came_after_the_alignment_is_named(self, ttp: Any) -> None:
        ttp.connect(train={"biscoe": [["non_iid_1"]]})
        ttp.align()
        participant(ttp, "dream")
        ttp.ok("POST", "projects/p/participants/dream/registration", {"role": "guest"})
        ttp.ok("POST", "projects/p/participants/dream/registration/tags", {"train": [["non_iid_2"]]})
        message = ttp.refused(417, "POST", f"{MODELS}/e/r", ttp.JOB)
        assert "'dream'" in message
        assert "align" in message

    def test_a_seed_gives_the_same_twice_whatever_else_is_done(self, ttp: Any) -> None:
        ttp.connect(rounds=4, batch_size=16)
        ttp.ok("POST", f"{RUNS}/", {**ttp.RUN, "run_id": "s", "rounds": 4, "batch_size": 16, "seed": 2})
        ttp.align()
        found = []
        for run in ("r", "s", "r"):
            (model,) = ttp.train(run=run)
            found.append(
                [Path(model["global"]["loss_history"]).read_text(), Path(model["global"]["path"]).read_bytes()]
            )
        assert found[0] == found[2]
        assert found[0] != found[1]

    def test_a_second_training_takes_the_place_of_the_first(self, ttp: Any) -> None:
        ttp.connect()
        ttp.align()
        (first,) = ttp.train()
        assert "local_2" in first
        ttp.ok("DELETE", REGISTRATION)
        ttp.align()
        (second,) = ttp.train()
        assert second["doc_id"] == first["doc_id"]
        assert second["local_1"]["origin"] == "dream"
        assert "local_2" not in second

    def test_a_regression_is_trained_and_validated(self, ttp: Any, serve: Callable[..., Any], tmp_path: Path) -> None:
        write(tmp_path / "data" / "all", "x,target\n" + "".join(f"{n},{2 * n}\n" for n in range(40)), x="float64")
        other = serve(data=tmp_path / "data")
        other.connect(train={"a": [["all"]], "b": [["all"]]}, evaluate=("all",), lr=0.5, rounds=20, epochs=5)
        other.ok("PUT", "projects/p", {"action": "regress"})
        other.align()
        other.train()
        for found in other.ok("POST", "/ttp/evaluate/projects/p/validations/", {}):
            assert set(found["evaluate"]["statistics"]) == {"R2", "MSE", "MAE", "rows"}
            assert found["evaluate"]["statistics"]["R2"] > 0.5


class TestEvaluation:
    def test_validations_are_lists_at_every_level(self, ttp: Any) -> None:
        ttp.connect()
        ttp.align()
        ttp.train()
        base = "/ttp/evaluate/projects/p/validations"
        ttp.refused(404, "GET", f"{base}/")
        (one,) = ttp.ok("POST", f"{base}/e/r/biscoe", {})
        assert one["key"] == {"project_id": "p", "expt_id": "e", "run_id": "r", "participant_id": "biscoe"}
        for level in ("/", "/e", "/e/r", "/e/r/biscoe"):
            assert ttp.ok("GET", base + level) == [one]
        ttp.refused(404, "GET", f"{base}/e/r/dream")
        for level in ("/", "/e", "/e/r"):
            assert len(ttp.ok("POST", base + level, {})) == 2
        ttp.refused(404, "POST", f"{base}/e/r/nobody", {})
        statistics = one["evaluate"]["statistics"]
        assert statistics.pop("rows") == 86
        assert {len(values) for values in statistics.values()} == {3}
        assert sum(statistics["TPs"]) + sum(statistics["FNs"]) == 86

    def test_what_is_not_trained_has_no_statistics(self, ttp: Any) -> None:
        ttp.connect()
        ttp.align()
        for found in ttp.ok("POST", "/ttp/evaluate/projects/p/validations/", {}):
            assert found["evaluate"] == {"statistics": {}, "res_path": None}
        (found,) = ttp.ok("POST", f"{PREDICTIONS}/p", PREDICT)
        assert found["predict"] == {"statistics": {}, "res_path": None}

    def test_predictions_are_one_line_for_each_row_of_data(self, ttp: Any, sandbox: Sandbox) -> None:
        ttp.connect()
        ttp.align()
        ttp.train()
        tags = [["edge_test_na_slices"], ["iid_1"]]
        (found,) = ttp.ok("POST", f"{PREDICTIONS}/p/e/r", {**PREDICT, "tags": {"p": tags}})
        path = Path(found["predict"]["res_path"])
        assert path.is_relative_to(sandbox.outputs)
        with path.open() as file:
            rows = [row["file"].partition("/")[0] for row in csv.DictReader(file)]
        assert rows == ["edge_test_na_slices"] * 20 + ["iid_1"] * 86
        assert ttp.ok("GET", f"{REGISTRATION}/tags")["predict"] == tags
        assert ttp.ok("GET", f"{REGISTRATION}/tags")["train"] == [["non_iid_1"]]
        for level in ("/", "/p", "/p/e", "/p/e/r"):
            assert ttp.ok("GET", PREDICTIONS + level) == [found]
        ttp.refused(404, "GET", "/ttp/evaluate/participants/dream/predictions/")
        for level in ("/", "/p", "/p/e"):
            assert len(ttp.ok("POST", PREDICTIONS + level, PREDICT)) == 1
        assert ttp.ok("GET", f"{REGISTRATION}/tags")["predict"] == [["iid_1"]]

    def test_predictions_go_by_the_tags_that_are_sent(self, ttp: Any) -> None:
        ttp.connect()
        project(ttp, "q", action="classify")
        ttp.ok("POST", "projects/q/experiments/", {"expt_id": "e", "model": [ttp.LAYER]})
        ttp.ok("POST", "projects/q/experiments/e/runs/", {"run_id": "r", **ttp.RUN})
        of_q = {**PREDICT, "tags": {"q": [["iid_1"]]}}
        assert "'p'" in ttp.refused(417, "POST", f"{PREDICTIONS}/p", of_q)
        assert "'q'" in ttp.refused(404, "POST", f"{PREDICTIONS}/", of_q)
        ttp.refused(404, "POST", f"{PREDICTIONS}/q", of_q)
        ttp.refused(404, "POST", "/ttp/evaluate/participants/nobody/predictions/", PREDICT)
        ttp.refused(404, "POST", f"{PREDICTIONS}/p/nothing", PREDICT)
        ttp.refused(404, "POST", f"{PREDICTIONS}/p/e/nothing", PREDICT)
        assert "predict" not in ttp.ok("GET", f"{REGISTRATION}/tags")
        assert "not aligned" in ttp.refused(417, "POST", f"{PREDICTIONS}/p", PREDICT)

    def test_deleting_a_run_removes_its_files(self, ttp: Any, sandbox: Sandbox) -> None:
        ttp.connect()
        ttp.ok("POST", f"{RUNS}/", {**ttp.RUN, "run_id": "s"})
        ttp.align()
        (gone,), (kept,) = ttp.train(run="r"), ttp.train(run="s")
        ttp.ok("POST", "/ttp/evaluate/projects/p/validations/", {})
        ttp.ok("POST", f"{PREDICTIONS}/", PREDICT)
        ttp.ok("DELETE", f"{RUNS}/r")
        assert not Path(gone["global"]["path"]).parent.exists()
        assert Path(kept["global"]["path"]).exists()
        ttp.ok("DELETE", "projects/p/experiments/e")
        assert not Path(kept["global"]["path"]).parent.parent.exists()


def write(folder: Path, rows: str, target: str = "float64", **schema: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
    (folder / "schema.json").write_text(json.dumps({**schema, "target": target}))
    (folder / "rows.csv").write_text(rows)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folders, most of them with something wrong."""
    data = tmp_path_factory.mktemp("grid") / "data"
    rows = "x,target\n" + "".join(f"{n},{'ab'[n % 2]}\n" for n in range(10))
    write(data / "good", rows, "category", x="float64")
    write(data / "biscoe" / "own", rows, "category", x="float64")
    write(data / "dream" / "secret", rows, "category", x="float64")
    write(data / "misfit", "x,y,target\n1,2,a\n", "category", x="float64")
    write(data / "unlabelled", "x\n1\n2\n", "category", x="float64")
    (data / "unlabelled" / "schema.json").write_text('{"x": "float64"}')
    write(data / "empty", "x,target\n", "category", x="float64")
    (data / "bare").mkdir()
    (data / "bare" / "metadata.json").write_text('{"datatype": "tabular"}')
    outside = write(data.parent / "outside", rows, "category", x="float64")
    (data / "link").symlink_to(outside)
    write(data / "linked_csv", rows, "category", x="float64")
    (data / "linked_csv" / "rows.csv").unlink()
    (data / "linked_csv" / "rows.csv").symlink_to(outside / "rows.csv")
    return data


@pytest.fixture(scope="module")
def grid(folder: Path, caller_of: Any) -> Iterator[Any]:
    """A sandbox on these folders, with one project that is trained."""
    with Sandbox(data=folder) as sandbox:
        caller = caller_of(sandbox.port)
        caller.connect("trained", train={"biscoe": [["good"]], "dream": [["good"]]}, evaluate=("good",))
        caller.align("trained")
        caller.train("trained")
        yield caller


BAD_TAGS = [
    (["nothing"], ["['nothing']", "'biscoe'", "good"]),
    (["misfit"], ["misfit/rows.csv", "'y'", "schema.json"]),
    (["empty"], ["empty", "no rows"]),
    (["bare"], ["bare/schema.json", "missing"]),
    ([".."], ["'..'", "cannot be part of a path"]),
    (["good", ".."], ["'..'"]),
    (["/etc"], ["'/etc'"]),
    (["../outside"], ["'../outside'"]),
    (["outside"], ["['outside']", "no data folder"]),
    (["link"], ["link", "outside of the data folder"]),
    (["linked_csv"], ["rows.csv", "outside of the data folder"]),
    (["secret"], ["['secret']", "no data folder"]),
    (["dream", "secret"], ["['dream', 'secret']", "no data folder"]),
    (["a\0b"], ["cannot be part of a path"]),
    ([LONG], ["no data folder"]),
]


def name_of(value: list[str]) -> str:
    return ascii("/".join(value)[:30]).replace("\\", "")


class TestData:
    @pytest.mark.parametrize(("tag", "parts"), BAD_TAGS, ids=[name_of(tag) for tag, _ in BAD_TAGS])
    def test_data_that_cannot_be_used_are_named_with_the_reason(
        self, grid: Any, tag: list[str], parts: list[str]
    ) -> None:
        grid.connect(train={"biscoe": [tag], "dream": [["good"]]}, evaluate=("good",))
        messages = [
            grid.refused(417, "POST", "/ttp/train/projects/p/alignments/"),
            grid.refused(417, "POST", f"{PREDICTIONS}/", {**PREDICT, "tags": {"trained": [tag]}}),
        ]
        for message in messages:
            assert [part for part in parts if part not in message] == [], message
        grid.refused(404, "GET", "/ttp/train/projects/p/alignments/")
        grid.ok("DELETE", "projects/p")

    def test_only_predictions_may_lack_the_target(self, grid: Any) -> None:
        grid.connect(train={"biscoe": [["unlabelled"]]}, evaluate=())
        message = grid.refused(417, "POST", "/ttp/train/projects/p/alignments/")
        assert "'unlabelled': column 'target' is missing" in message
        (found,) = grid.ok("POST", f"{PREDICTIONS}/", {**PREDICT, "tags": {"trained": [["unlabelled"]]}})
        assert found["predict"]["statistics"] == {}
        assert len(Path(found["predict"]["res_path"]).read_text().splitlines()) == 1 + 2
        grid.ok("DELETE", "projects/p")

    def test_own_data_are_found_first(self, grid: Any) -> None:
        grid.connect(train={"biscoe": [["own"]], "dream": [["secret"]]}, evaluate=("good",))
        assert len(grid.align()) == 2
        grid.ok("DELETE", "projects/p")


class TestStrangeIds:
    @pytest.mark.parametrize("own_id", STRANGE, ids=ascii)
    def test_an_id_may_hold_anything_but_a_slash(self, ttp: Any, sandbox: Sandbox, own_id: str) -> None:
        quoted = quote(own_id, safe="")
        path = f"projects/{quoted}"
        ttp.refused(404, "GET", path)
        ttp.connect(own_id, own_id, own_id)
        ttp.connect("other")
        assert ttp.ok("GET", path)["key"] == {"project_id": own_id}
        assert ttp.ok("PUT", path, {"start_at": "now"})["start_at"] == "now"
        run = ttp.ok("GET", f"{path}/experiments/{quoted}/runs/{quoted}")
        assert run["key"] == {"project_id": own_id, "expt_id": own_id, "run_id": own_id}
        ttp.align(own_id)
        (model,) = ttp.train(own_id, own_id, own_id)
        file = Path(model["global"]["path"])
        assert file.resolve().relative_to(sandbox.outputs.resolve()).parts[4:] == (file.name,)
        ttp.align("other")
        (other,) = ttp.train("other")
        assert ttp.ok("DELETE", path)["key"] == {"project_id": own_id}
        assert not file.exists()
        assert Path(other["global"]["path"]).exists()
        assert ttp.ok("GET", "projects/other")["relations"]["Model"]

    @pytest.mark.parametrize("own_id", [*STRANGE, pytest.param("ö" * 90, id="long in UTF-8")], ids=ascii)
    def test_a_participants_id_may_be_strange_too(self, ttp: Any, sandbox: Sandbox, own_id: str) -> None:
        ttp.connect(train={own_id: [["non_iid_1"]], "dream": [["non_iid_2"]]})
        quoted = quote(own_id, safe="")
        assert ttp.ok("GET", f"participants/{quoted}")["key"] == {"participant_id": own_id}
        ttp.align()
        response = ttp.send("POST", f"{MODELS}/e/r", ttp.JOB)
        assert response.status_code in (200, 417), response.text
        if response.status_code == 200:
            paths = [Path(part["path"]) for part in response.json()["data"][0].values() if "path" in part]
            (found,) = ttp.ok("POST", f"/ttp/evaluate/participants/{quoted}/predictions/p", PREDICT)
            paths.append(Path(found["predict"]["res_path"]))
            for path in paths:
                assert path.is_file()
                assert path.resolve().is_relative_to(sandbox.outputs.resolve() / "p" / "e" / "r")

    @pytest.mark.parametrize("own_id", ["..\\", "a\\b", "a\0b", "\0"], ids=ascii)
    def test_a_participant_who_cannot_have_a_folder_is_refused_at_the_latest_when_it_is_needed(
        self, ttp: Any, own_id: str
    ) -> None:
        ttp.connect(train={own_id: [["non_iid_1"]]})
        ttp.refused(417, "POST", "/ttp/train/projects/p/alignments/")

    @pytest.mark.parametrize("path", ["p%2Fexperiments%2Fe", "..%2F", "%2E%2E%2f", "a%2Fb", "p%2F", "%2F"])
    def test_an_encoded_slash_leads_nowhere(self, ttp: Any, path: str) -> None:
        ttp.connect()
        before = ttp.ok("GET", "projects/")
        for method in ("GET", "PUT", "DELETE"):
            for prefix in ("projects/", "projects/p/experiments/", f"{RUNS}/"):
                ttp.refused(404, method, prefix + path, {"start_at": "now"} if method == "PUT" else None)
        assert ttp.ok("GET", "projects/") == before

    def test_an_id_of_two_dots_is_an_id(self, ttp: Any) -> None:
        ttp.connect()
        for path in ("/ttp/connect/projects/%2E%2E", "/ttp/connect/projects/p/experiments/%2e%2e/runs/%2e"):
            url = httpx.URL(scheme="http", host="127.0.0.1", port=ttp.http.base_url.port, raw_path=path.encode())
            assert ttp.http.request("DELETE", url).status_code == 404
        assert len(ttp.ok("GET", "projects/")) == 1

    def test_a_newline_does_not_make_an_item_a_collection(self, ttp: Any) -> None:
        ttp.connect()
        for path in ("projects/%0A", "projects/p/experiments/%0A", f"{RUNS}/%0A"):
            ttp.refused(404, "GET", path)
        for path in ("projects/p/registrations%0A", f"{REGISTRATION}%0A", "projects/%0A/"):
            assert ttp.send("GET", path).status_code != 200


class TestDuringATraining:
    @pytest.fixture
    def gate(self) -> Iterator[Gate]:
        gate = Gate()
        yield gate
        gate.opened.set()

    @pytest.fixture
    def training(self, serve: Callable[..., Any], gate: Gate) -> Iterator[tuple[Any, list[httpx.Response]]]:
        """A training that is held after its first round, and where its answer will be."""
        ttp = serve(on_round=gate)
        ttp.connect(rounds=3)
        ttp.align()
        answers: list[httpx.Response] = []
        thread = threading.Thread(target=lambda: answers.append(ttp.send("POST", f"{MODELS}/e/r", ttp.JOB)))
        thread.start()
        assert gate.reached.wait(60)
        ttp.finish = lambda: (gate.opened.set(), thread.join())
        yield ttp, answers
        ttp.finish()

    def test_reads_and_writes_are_answered(self, training: tuple[Any, list[httpx.Response]]) -> None:
        ttp, answers = training
        for number in range(20):
            assert ttp.ok("GET", "projects/p")["relations"]["Run"]
            project(ttp, f"new-{number}")
            ttp.ok("POST", f"{RUNS}/", {"run_id": f"new-{number}", "optimizer": "Adam", "lr_scheduler": ""})
            ttp.ok("PUT", "participants/biscoe", {"port": 8021 + number})
            ttp.ok("DELETE", f"projects/new-{number}")
        ttp.refused(404, "GET", f"{MODELS}/e/r")
        assert answers == []
        ttp.finish()
        assert answers[0].status_code == 200
        assert ttp.ok("GET", f"{MODELS}/e/r") == answers[0].json()["data"]

    def test_what_is_done_meanwhile_does_not_change_the_result(
        self, training: tuple[Any, list[httpx.Response]]
    ) -> None:
        ttp, answers = training
        for number in range(5):
            ttp.ok("POST", "projects/p/experiments/", {"expt_id": f"new-{number}", "model": [ttp.LAYER] * 3})
            ttp.ok("POST", f"{RUNS}/", {"run_id": f"new-{number}", "seed": 99, "lr_scheduler": ""})
        ttp.finish()
        found = [json.loads(Path(answers[0].json()["data"][0]["global"]["loss_history"]).read_text())]
        (again,) = ttp.train()
        found.append(json.loads(Path(again["global"]["loss_history"]).read_text()))
        assert found[0] == found[1]

    def test_what_is_deleted_meanwhile_leaves_nothing(self, training: tuple[Any, list[httpx.Response]]) -> None:
        ttp, answers = training
        ttp.ok("DELETE", f"{RUNS}/r")
        ttp.finish()
        assert answers[0].status_code == 404
        ttp.refused(404, "GET", f"{MODELS}/")
        ttp.ok("POST", f"{RUNS}/", {"run_id": "r", **ttp.RUN})
        assert ttp.ok("GET", f"{RUNS}/r")["relations"] == {"Model": [], "Validation": [], "Prediction": []}
        for found in ttp.ok("POST", "/ttp/evaluate/projects/p/validations/", {}):
            assert found["evaluate"] == {"statistics": {}, "res_path": None}

    def test_a_second_training_waits_for_the_first(self, training: tuple[Any, list[httpx.Response]]) -> None:
        ttp, answers = training
        second: list[httpx.Response] = []
        thread = threading.Thread(target=lambda: second.append(ttp.send("POST", f"{MODELS}/e/r", ttp.JOB)))
        thread.start()
        ttp.ok("GET", "projects/")
        assert (answers, second) == ([], [])
        ttp.finish()
        thread.join()
        assert [response.status_code for response in answers + second] == [200, 200]

    def test_it_goes_on_when_nobody_waits_for_it(self, serve: Callable[..., Any], gate: Gate) -> None:
        ttp = serve(on_round=gate)
        ttp.connect()
        ttp.align()
        with pytest.raises(httpx.ReadTimeout):
            ttp.http.post(f"{MODELS}/e/r", json=ttp.JOB, timeout=httpx.Timeout(60, read=0.2))
        assert gate.reached.wait(60)
        ttp.refused(404, "GET", f"{MODELS}/e/r")
        gate.opened.set()
        while ttp.send("GET", f"{MODELS}/e/r").status_code != 200:
            time.sleep(0.01)

    def test_a_failing_listener_to_rounds_fails_the_training_and_no_more(self, serve: Callable[..., Any]) -> None:
        fails = [True]

        def listen(_: object) -> None:
            if fails.pop():
                raise RuntimeError("no ears")
            fails.append(False)

        ttp = serve(on_round=listen)
        ttp.connect()
        ttp.align()
        ttp.refused(500, "POST", f"{MODELS}/e/r", ttp.JOB)
        fails.append(False)
        assert ttp.train()

    def test_stopping_ends_it_and_answers_or_disconnects_who_waits(self, caller_of: Any) -> None:
        before = set(threading.enumerate())
        reached = threading.Event()
        sandbox = Sandbox(on_round=lambda _: reached.set()).start()
        ttp = caller_of(sandbox.port)
        ttp.connect(rounds=1_000_000)
        ttp.align()
        outcomes: list[object] = []

        def wait() -> None:
            try:
                outcomes.append(ttp.send("POST", f"{MODELS}/e/r", ttp.JOB).status_code)
            except httpx.TransportError as error:
                outcomes.append(error)

        waiting = [threading.Thread(target=wait) for _ in range(2)]
        for thread in waiting:
            thread.start()
        assert reached.wait(60)
        outputs = sandbox.outputs
        sandbox.stop()
        for thread in waiting:
            thread.join()
        assert len(outcomes) == 2
        assert all(outcome != 200 for outcome in outcomes)
        assert not outputs.exists()
        assert not sandbox.store.exists()
        assert [thread for thread in threading.enumerate() if thread not in before] == []
