"""What is changed while the sandbox works on it, and what a sandbox that was killed left."""

import json
import logging
import resource
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from synergos.sandbox import Sandbox
from synergos.sandbox.server import demo_data
from synergos.ttp.store import Store
from synergos.ttp.work import Progress

RUNS = "projects/p/experiments/e/runs"
REGISTRATION = "projects/p/participants/biscoe/registration"
ALIGN = "/ttp/train/projects/p/alignments/"
MODEL = "/ttp/train/projects/p/models/e/r"
VALIDATE = "/ttp/evaluate/projects/p/validations/e/r"
PREDICT = "/ttp/evaluate/participants/biscoe/predictions/p/e/r"
SEARCH = "/ttp/train/projects/p/models/e/optimizations/"
JOB = {"auto_align": True, "dockerised": True, "verbose": False, "log_msgs": False}
TAGS = {"tags": {"p": [["iid_1"]]}, "auto_align": True, "dockerised": True}
SPACE = {
    "search_space": {"lr": {"_type": "uniform", "_value": [0.01, 0.1]}, "rounds": {"_type": "choice", "_value": [1]}},
    **{"metric": "accuracy", "optimize_mode": "max", "max_trial_num": 2, "backend": "tune"},
    **{"dockerised": True, "verbose": False, "log_msgs": False, "tuner": "TPE"},
}


class Meanwhile:
    """Does something once in the middle of the sandbox's work: when a file is opened or a round of training is done."""

    def __init__(self) -> None:
        self._when, self._do = "", lambda: None
        self._is_due = threading.Event()
        sys.addaudithook(self._watch)

    def when_reading(self, name: str, do: Callable[[], object]) -> None:
        """Do it when the first file of this name is opened."""
        self._when, self._do = name, do
        self._is_due.set()

    def in_training(self, do: Callable[[], object]) -> None:
        """Do it after the first round."""
        self.when_reading("", do)

    def __call__(self, _: Progress) -> None:
        if self._when == "":
            self._happen()

    def _watch(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and self._when and self._is_due.is_set() and Path(str(arguments[0])).name == self._when:
            self._happen()

    def _happen(self) -> None:
        if self._is_due.is_set():
            self._is_due.clear()
            self._do()

    @property
    def happened(self) -> bool:
        """Whether it was done."""
        return not self._is_due.is_set()


@pytest.fixture(scope="module")
def meanwhile() -> Meanwhile:
    return Meanwhile()


@pytest.fixture(scope="module")
def sandbox(meanwhile: Meanwhile) -> Iterator[Sandbox]:
    with Sandbox(on_round=meanwhile) as started:
        yield started


@pytest.fixture
def ttp(sandbox: Sandbox, caller_of: Any, meanwhile: Meanwhile) -> Iterator[Any]:
    caller = caller_of(sandbox.port)
    caller.connect()
    yield caller
    assert meanwhile.happened
    for name in ("p", "q"):
        caller.send("DELETE", f"projects/{name}")
    # What came of nothing left nothing.
    assert [path for path in sandbox.outputs.rglob("*") if path.is_file()] == []
    for record in caller.ok("GET", "participants/"):
        caller.ok("DELETE", f"participants/{record['key']['participant_id']}")
    caller.http.close()


@pytest.fixture
def trained(ttp: Any) -> Any:
    ttp.align()
    ttp.train()
    return ttp


def in_data(name: str = "non_iid_1") -> str:
    """The name of a file that is read when a participant's data are."""
    return next(path.name for path in sorted(next(demo_data().rglob(name)).glob("*.csv")))


def remade(ttp: Any, **fields: object) -> None:
    """Delete the run, and make one of the same name."""
    ttp.ok("DELETE", f"{RUNS}/r")
    ttp.ok("POST", f"{RUNS}/", {"run_id": "r", **ttp.RUN, **fields})


class TestAlignments:
    def test_an_experiment_that_is_deleted_meanwhile_stays_deleted(self, ttp: Any, meanwhile: Meanwhile) -> None:
        meanwhile.when_reading(in_data(), lambda: ttp.ok("DELETE", "projects/p/experiments/e"))
        ttp.align()
        ttp.refused(404, "GET", "projects/p/experiments/e")

    def test_layers_that_are_changed_meanwhile_are_kept_and_fitted(self, ttp: Any, meanwhile: Meanwhile) -> None:
        two = [
            {**ttp.LAYER, "structure": {"in_features": 4, "out_features": 7}, "activation": "relu"},
            {**ttp.LAYER, "is_input": False, "structure": {"in_features": 7, "out_features": 1}},
        ]
        # The layers are read after the data: what is changed when the last of these are read was not seen before.
        meanwhile.when_reading(in_data(), lambda: ttp.ok("PUT", "projects/p/experiments/e", {"model": two}))
        ttp.align()
        sizes = [layer["structure"] for layer in ttp.ok("GET", "projects/p/experiments/e")["model"]]
        assert sizes == [{"in_features": 6, "out_features": 7}, {"in_features": 7, "out_features": 3}]

    def test_tags_that_are_changed_meanwhile_are_those_that_count(self, ttp: Any, meanwhile: Meanwhile) -> None:
        meanwhile.when_reading(in_data(), lambda: ttp.ok("DELETE", f"{REGISTRATION}/tags"))
        assert [one["key"]["participant_id"] for one in ttp.align()] == ["dream"]
        assert len(ttp.ok("GET", ALIGN)) == 1

    def test_a_project_that_is_deleted_meanwhile_is_a_404_and_made_anew_a_409(
        self, ttp: Any, meanwhile: Meanwhile
    ) -> None:
        def make_anew() -> None:
            ttp.ok("DELETE", "projects/p")
            ttp.connect()

        meanwhile.when_reading(in_data(), make_anew)
        assert "made anew meanwhile" in ttp.refused(409, "POST", ALIGN)
        ttp.refused(404, "GET", ALIGN)
        meanwhile.when_reading(in_data(), lambda: ttp.ok("DELETE", "projects/p"))
        ttp.refused(404, "POST", ALIGN)
        ttp.refused(404, "GET", ALIGN)


class TestTraining:
    def change(self, ttp: Any, what: str) -> None:
        if what == "layers":
            ttp.ok("PUT", "projects/p/experiments/e", {"model": [ttp.LAYER]})
        elif what == "run":
            remade(ttp)
        elif what == "fields":
            ttp.ok("PUT", f"{RUNS}/r", {"lr": 0.2})
        elif what == "experiment":
            model = ttp.ok("GET", "projects/p/experiments/e")["model"]
            ttp.ok("DELETE", "projects/p/experiments/e")
            ttp.ok("POST", "projects/p/experiments/", {"expt_id": "e", "model": model})
            ttp.ok("POST", f"{RUNS}/", {"run_id": "r", **ttp.RUN})
        elif what == "action":
            ttp.ok("PUT", "projects/p", {"action": "regress"})
        elif what == "tags":
            ttp.ok("PUT", f"{REGISTRATION}/tags", {"train": [["iid_1"]]})

    @pytest.mark.parametrize("what", ["layers", "run", "fields", "experiment", "action", "tags"])
    def test_a_model_of_what_is_not_there_any_more_is_not_kept(self, ttp: Any, meanwhile: Meanwhile, what: str) -> None:
        ttp.align()
        meanwhile.in_training(lambda: self.change(ttp, what))
        message = ttp.refused(409, "POST", MODEL, ttp.JOB)
        assert "meanwhile" in message
        ttp.refused(404, "GET", MODEL)

    @pytest.mark.parametrize("path", [f"{RUNS}/r", "projects/p/experiments/e", "projects/p", REGISTRATION])
    def test_a_model_of_what_is_gone_is_not_kept(self, ttp: Any, meanwhile: Meanwhile, path: str) -> None:
        ttp.align()
        meanwhile.in_training(lambda: ttp.ok("DELETE", path))
        ttp.refused(404, "POST", MODEL, ttp.JOB)
        ttp.refused(404, "GET", MODEL)

    def test_what_does_not_matter_may_change(self, ttp: Any, meanwhile: Meanwhile) -> None:
        def change() -> None:
            ttp.ok("PUT", "projects/p", {"start_at": "now"})
            ttp.ok("PUT", "participants/biscoe", {"port": 1})
            ttp.ok("PUT", f"{REGISTRATION}/tags", {"predict": [["iid_1"]]})
            ttp.ok("POST", "projects/p/experiments/", {"expt_id": "f", "model": [ttp.LAYER]})

        ttp.align()
        meanwhile.in_training(change)
        assert ttp.train()


class TestResults:
    @pytest.mark.parametrize(("path", "body"), [(VALIDATE, {}), (PREDICT, TAGS)])
    @pytest.mark.parametrize("what", ["gone", "made anew"])
    def test_a_result_of_a_run_that_is_gone_is_not_kept(
        self, trained: Any, meanwhile: Meanwhile, path: str, body: object, what: str
    ) -> None:
        do = remade if what == "made anew" else lambda ttp: ttp.ok("DELETE", f"{RUNS}/r")
        meanwhile.when_reading(in_data("iid_1"), lambda: do(trained))
        trained.refused(409 if what == "made anew" else 404, "POST", path, body)
        trained.refused(404, "GET", path)
        assert "predict" not in trained.ok("GET", f"{REGISTRATION}/tags")

    @pytest.mark.parametrize("what", ["layers", "run", "alignment"])
    def test_a_model_is_used_with_nothing_but_what_it_was_made_of(self, trained: Any, what: str) -> None:
        if what == "layers":
            (layer,) = trained.ok("GET", "projects/p/experiments/e")["model"]
            trained.ok("PUT", "projects/p/experiments/e", {"model": [{**layer, "activation": "sigmoid"}]})
        elif what == "run":
            trained.ok("PUT", f"{RUNS}/r", {"criterion": "MSELoss"})
        else:
            trained.ok("PUT", f"{REGISTRATION}/tags", {"train": [["iid_1"]]})
            trained.align()
        for path, body in ((VALIDATE, {}), (PREDICT, TAGS)):
            message = trained.refused(409, "POST", path, body)
            assert f"its {what} changed: train it again" in message
        trained.train()
        assert trained.ok("POST", VALIDATE, {})

    def test_aligning_again_to_the_same_leaves_models_as_they_are(self, trained: Any) -> None:
        trained.align()
        assert all(one["evaluate"]["statistics"] for one in trained.ok("POST", VALIDATE, {}))

    def test_files_without_a_record_are_no_model(self, trained: Any, sandbox: Sandbox) -> None:
        folder = sandbox.outputs / "p" / "e"
        shutil.copytree(folder / "r", folder / "kept")
        remade(trained)
        shutil.copytree(folder / "kept", folder / "r")
        for one in trained.ok("POST", VALIDATE, {}):
            assert one["evaluate"] == {"statistics": {}, "res_path": None}
        shutil.rmtree(folder / "kept")

    def test_a_model_whose_file_is_gone_is_told_of(self, trained: Any) -> None:
        (model,) = trained.ok("GET", MODEL)
        Path(model["global"]["path"]).unlink()
        assert "train the run again" in trained.refused(417, "POST", VALIDATE, {})

    def test_what_is_made_again_leaves_one_folder(self, trained: Any, sandbox: Sandbox) -> None:
        for _ in range(2):
            trained.train()
            trained.ok("POST", VALIDATE, {})
            trained.ok("POST", PREDICT, TAGS)
        folders = list((sandbox.outputs / "p" / "e" / "r").iterdir())
        assert len(folders) == 1 + 2 + 1
        assert len([*(sandbox.outputs).rglob("predictions.csv")]) == 2 + 1


class TestTags:
    @pytest.mark.parametrize("tags", [[["nothing"]], [["iid_1"], ["nothing"]]])
    def test_a_prediction_that_is_refused_leaves_the_tags_as_they_were(self, trained: Any, tags: object) -> None:
        before = trained.ok("GET", f"{REGISTRATION}/tags")
        trained.refused(417, "POST", PREDICT, {**TAGS, "tags": {"p": tags}})
        assert trained.ok("GET", f"{REGISTRATION}/tags") == before
        assert trained.align()

    def test_tags_that_nobody_has_looked_for_are_not_kept(self, ttp: Any) -> None:
        ttp.align()
        before = ttp.ok("GET", f"{REGISTRATION}/tags")
        ttp.ok("POST", PREDICT, {**TAGS, "tags": {"p": [["nothing"]]}})
        assert ttp.ok("GET", f"{REGISTRATION}/tags") == before
        assert ttp.align()

    def test_a_registration_that_is_deleted_meanwhile_leaves_no_tags(self, trained: Any, meanwhile: Meanwhile) -> None:
        meanwhile.when_reading(in_data("iid_1"), lambda: trained.ok("DELETE", REGISTRATION))
        trained.refused(404, "POST", PREDICT, TAGS)
        assert len(trained.ok("GET", "projects/p")["relations"]["Tag"]) == 1
        assert [one["key"]["participant_id"] for one in trained.align()] == ["dream"]


class TestSearch:
    def test_a_search_whose_experiment_goes_leaves_nothing(self, ttp: Any, meanwhile: Meanwhile) -> None:
        ttp.align()
        meanwhile.in_training(lambda: ttp.ok("DELETE", "projects/p/experiments/e"))
        ttp.refused(404, "POST", SEARCH, SPACE)
        assert not any(ttp.ok("GET", "projects/p")["relations"][name] for name in ("Run", "Model", "Validation"))

    def test_a_trial_that_fails_leaves_no_run(self, ttp: Any) -> None:
        ttp.align()
        # It takes more participants than there are, which is seen when their models are brought together.
        values = {"algorithm": "Bulyan", "rounds": 1}
        space = {name: {"_type": "choice", "_value": [value]} for name, value in values.items()}
        ttp.refused(417, "POST", SEARCH, {**SPACE, "search_space": space})
        assert [one["key"]["run_id"] for one in ttp.ok("GET", f"{RUNS}/")] == ["r"]


class TestAfterAKill:
    def test_trials_that_were_not_done_are_gone_and_those_that_were_are_there(
        self, tmp_path: Path, caller_of: Any, meanwhile: Meanwhile
    ) -> None:
        killed = tmp_path / "killed"

        def copy() -> None:
            shutil.copytree(tmp_path / "grid", killed)

        (tmp_path / "grid").mkdir()
        with Sandbox(store=tmp_path / "grid" / "f", on_round=meanwhile) as ttp:
            caller = caller_of(ttp.port)
            caller.connect()
            caller.align()
            caller.ok("POST", SEARCH, {**SPACE, "max_trial_num": 1})
            # What stands on the disk in the middle of a trial is what a kill leaves.
            meanwhile.in_training(copy)
            caller.ok("POST", SEARCH, {**SPACE, "max_trial_num": 1})
        with Sandbox(store=killed / "f") as ttp:
            caller = caller_of(ttp.port)
            runs = caller.ok("GET", f"{RUNS}/")
            assert [bool(run["relations"]["Model"]) for run in runs] == [False, True]
            assert len(caller.ok("POST", "/ttp/train/projects/p/models/e", caller.JOB)) == 2

    def test_files_that_no_record_names_are_removed_and_all_others_kept(self, tmp_path: Path, caller_of: Any) -> None:
        store = tmp_path / "f"
        with Sandbox(store=store) as ttp:
            caller, outputs = caller_of(ttp.port), ttp.outputs
            caller.connect()
            caller.align()
            caller.train()
            caller.ok("POST", VALIDATE, {})
            caller.ok("POST", PREDICT, TAGS)
        kept = sorted(outputs.rglob("*"))
        for folder in ("p/e/r/0", "p/e/gone/0", "gone", "+deleted/0"):
            (outputs / folder).mkdir(parents=True)
            (outputs / folder / "global_model.pt").touch()
        with Sandbox(store=store) as ttp:
            assert sorted(outputs.rglob("*")) == kept
            assert caller_of(ttp.port).ok("POST", VALIDATE, {})

    def test_a_store_that_was_moved_keeps_its_models(self, tmp_path: Path, caller_of: Any) -> None:
        with Sandbox(store=tmp_path / "here" / "f") as ttp:
            caller = caller_of(ttp.port)
            caller.connect()
            caller.align()
            caller.train()
        (tmp_path / "here").rename(tmp_path / "there")
        with Sandbox(store=tmp_path / "there" / "f") as ttp:
            assert all(one["evaluate"]["statistics"] for one in caller_of(ttp.port).ok("POST", VALIDATE, {}))


def test_models_of_an_older_store_are_used_with_what_is_there(tmp_path: Path, caller_of: Any) -> None:
    with Sandbox(store=tmp_path / "f") as ttp:
        caller, outputs = caller_of(ttp.port), ttp.outputs
        caller.connect()
        caller.align()
        (model,) = caller.train()
    # As it was before models had folders of their own and were known by what they were made of.
    folder = Path(model["global"]["path"]).parent
    for file in folder.iterdir():
        file.rename(folder.parent / file.name)
    with Store(tmp_path / "f") as store:
        store.delete(["Origin"], {})
    with Sandbox(store=tmp_path / "f") as ttp:
        caller = caller_of(ttp.port)
        assert all(one["evaluate"]["statistics"] for one in caller.ok("POST", VALIDATE, {}))
        caller.ok("PUT", f"{RUNS}/r", {"criterion": "MSELoss"})
        caller.refused(409, "POST", VALIDATE, {})
    with Store(tmp_path / "f") as store:
        store._connection.execute("UPDATE records SET fields = '{' WHERE kind = 'Origin'")
    with Sandbox(store=tmp_path / "f") as ttp:
        caller_of(ttp.port).train()
        assert len([*outputs.rglob("global_model.pt")]) >= 1


class TestBrokenRecords:
    """What older sandboxes or other programs wrote into a store."""

    @pytest.fixture
    def broken(self, tmp_path: Path, caller_of: Any) -> Iterator[Callable[..., Any]]:
        started: list[Sandbox] = []

        def serve(kind: str, key: dict[str, str], fields: str) -> Any:
            with Sandbox(store=tmp_path / "f") as ttp:
                caller_of(ttp.port).connect()
            with Store(tmp_path / "f") as store:
                store.put(kind, key, {})
                store._connection.execute("UPDATE records SET fields = ? WHERE fields = '{}'", (fields,))
            started.append(Sandbox(store=tmp_path / "f").start())
            return caller_of(started[-1].port)

        yield serve
        for sandbox in started:
            sandbox.stop()

    @pytest.mark.parametrize(
        ("kind", "key", "path"),
        [
            ("Project", {"project_id": "x"}, "projects/"),
            ("Experiment", {"project_id": "p", "expt_id": "x"}, "projects/p/experiments/"),
            ("Run", {"project_id": "p", "expt_id": "e", "run_id": "x"}, f"{RUNS}/"),
            ("Participant", {"participant_id": "x"}, "participants/"),
        ],
    )
    @pytest.mark.parametrize("fields", ["{", "[]", "null", "[" * 100_000])
    def test_lists_pass_over_what_cannot_be_read_and_the_log_names_it(
        self,
        broken: Callable[..., Any],
        caplog: pytest.LogCaptureFixture,
        kind: str,
        key: dict[str, str],
        path: str,
        fields: str,
    ) -> None:
        ttp = broken(kind, key, fields)
        own_id = [*key][-1]
        named = f"{kind} {', '.join(f'{name}={value!r}' for name, value in key.items())} is broken"
        assert any(named in record.message for record in caplog.records)
        assert "x" not in [one["key"][own_id] for one in ttp.ok("GET", path)]
        assert named in ttp.refused(500, "GET", f"{path}x")
        assert ttp.align()
        assert ttp.ok("DELETE", f"{path}x")["key"] == key
        ttp.refused(404, "GET", f"{path}x")

    @pytest.mark.parametrize("fields", ['{"predict": [["iid_1"]]}', '{"train": null}', "nonsense"])
    def test_tags_that_say_nothing_to_train_with_are_named(self, broken: Callable[..., Any], fields: str) -> None:
        ttp = broken("Tag", {"project_id": "p", "participant_id": "x"}, fields)
        if fields == "nonsense":
            assert "participant_id='x'" in ttp.refused(417, "POST", ALIGN)
            return
        # They are left of somebody who is not registered.
        assert len(ttp.align()) == 2
        ttp.ok("POST", "participants/", {"id": "x", "host": "h", "port": 1, "f_port": 1})
        ttp.ok("POST", "projects/p/participants/x/registration", {"role": "guest"})
        message = ttp.refused(417, "POST", ALIGN)
        assert "participant_id='x'" in message
        assert "`train`" in message
        ttp.ok("POST", "projects/p/participants/x/registration/tags", {"train": [["iid_1"]]})
        assert len(ttp.align()) == 3

    @pytest.mark.parametrize("fields", ["{}", '{"model": 1}', '{"model": [1]}', '{"model": [{}]}'])
    def test_an_experiment_without_layers_is_passed_over(self, broken: Callable[..., Any], fields: str) -> None:
        ttp = broken("Experiment", {"project_id": "p", "expt_id": "x"}, fields)
        assert len(ttp.align()) == 2
        assert len(ttp.ok("GET", "projects/p/experiments/")) == 2


class TestFullDisk:
    @pytest.fixture
    def full(self) -> Iterator[Callable[[], None]]:
        """Lets no file of this process grow beyond a few bytes, until the test is over."""
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600, before[1]))
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    @pytest.mark.parametrize(("path", "body"), [(MODEL, JOB), (VALIDATE, {}), (PREDICT, TAGS)])
    def test_a_result_that_there_is_no_room_for_is_a_507_and_nothing_of_it_is_kept(
        self, trained: Any, sandbox: Sandbox, meanwhile: Meanwhile, full: Callable[[], None], path: str, body: object
    ) -> None:
        def kept() -> list[object]:
            files = [(file, file.read_bytes()) for file in sorted(sandbox.outputs.rglob("*")) if file.is_file()]
            return [trained.ok("GET", "projects/p"), files]

        before = kept()
        meanwhile.when_reading(in_data("iid_1"), full)
        assert "no room on the disk" in trained.refused(507, "POST", path, body)
        assert kept() == before
        assert trained.ok("GET", "/ttp/sandbox/progress?ended=true")[-1]["status"] == 507

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "projects/", {"project_id": "q", "incentives": {}}),
            ("PUT", "projects/p", {"start_at": "now"}),
            ("POST", f"{RUNS}/", {"run_id": "s", "lr_scheduler": ""}),
            ("DELETE", f"{RUNS}/r", None),
            ("POST", ALIGN, {}),
        ],
    )
    def test_a_record_that_there_is_no_room_for_is_a_507_and_all_is_as_it_was(
        self, ttp: Any, full: Callable[[], None], method: str, path: str, body: object
    ) -> None:
        before = ttp.ok("GET", "projects/")
        full()
        assert "no room on the disk for the records" in ttp.refused(507, method, path, body)
        assert ttp.ok("GET", "projects/") == before


class TestGoingAway:
    """A client that does not wait for its answer."""

    def leave(self, sandbox: Sandbox, sent: str) -> None:
        with socket.create_connection((sandbox.host, sandbox.port)) as connection:
            connection.sendall(f"{sent}\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n".encode())
            connection.sendall(b'Content-Length: 1000\r\n\r\n{"project_id": ')

    def test_in_the_middle_of_what_it_sends(self, ttp: Any, sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
        for method, path in (("POST", "projects/"), ("PUT", "projects/p"), ("POST", "/ttp/train/projects/p/models/")):
            self.leave(sandbox, f"{method} {path if path.startswith('/') else '/ttp/connect/' + path} HTTP/1.1")
        for _ in range(20):
            assert len(ttp.ok("GET", "projects/")) == 1
        assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []

    def test_while_its_answer_is_made(
        self, trained: Any, meanwhile: Meanwhile, caplog: pytest.LogCaptureFixture
    ) -> None:
        reached, going_on = threading.Event(), threading.Event()

        def wait() -> None:
            reached.set()
            assert going_on.wait(60)

        meanwhile.in_training(wait)
        with pytest.raises(httpx.ReadTimeout):
            trained.http.post(MODEL, json=JOB, timeout=httpx.Timeout(60, read=0.2))
        assert reached.wait(60)
        going_on.set()
        assert trained.train()
        assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


class TestNumbers:
    @pytest.mark.parametrize("text", ["Infinity", "-Infinity", "NaN", "1e999"])
    @pytest.mark.parametrize("field", ["lr", "mu", "gamma", "delta", "l2_lambda", "momentum", "own"])
    def test_a_run_is_made_of_finite_numbers(self, ttp: Any, text: str, field: str) -> None:
        for method, path, own in (("POST", f"{RUNS}/", '"run_id": "s", '), ("PUT", f"{RUNS}/r", "")):
            body = f'{{{own}"{field}": {text}}}'
            response = ttp.http.request(
                method, f"/ttp/connect/{path}", content=body, headers={"content-type": "application/json"}
            )
            assert response.status_code == 417
            assert response.json()["message"].startswith(f"{field}: ")
        assert len(ttp.ok("GET", f"{RUNS}/")) == 1

    def test_what_is_deep_inside_is_named(self, ttp: Any) -> None:
        body = json.dumps({**SPACE, "search_space": {"lr": {"_type": "uniform", "_value": [0.1, 0]}}})
        response = ttp.http.post(
            SEARCH, content=body.replace("[0.1, 0]", "[0.1, NaN]"), headers={"content-type": "application/json"}
        )
        assert response.status_code == 417
        assert response.json()["message"].startswith("search_space.lr._value[1]: NaN is not a number")

    def test_answers_are_strict_json(self, tmp_path: Path, caller_of: Any) -> None:
        for name, count in (("all", 20), ("one", 1)):
            folder = tmp_path / name
            folder.mkdir()
            (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
            (folder / "schema.json").write_text('{"x": "float64", "target": "float64"}')
            (folder / "rows.csv").write_text("x,target\n" + "".join(f"{n},{n}\n" for n in range(count)))
        with Sandbox(data=tmp_path) as ttp:
            caller = caller_of(ttp.port)
            caller.connect(train={"a": [["all"]]}, evaluate=("one",))
            caller.ok("PUT", "projects/p", {"action": "regress"})
            caller.align()
            caller.train()
            for method in ("POST", "GET"):
                text = caller.send(method, VALIDATE, {} if method == "POST" else None).text
                (found,) = json.loads(text, parse_constant=pytest.fail)["data"]
                assert found["evaluate"]["statistics"]["R2"] is None
                assert found["evaluate"]["statistics"]["MSE"] >= 0


class TestStrangers:
    def test_nobody_reads_what_is_named_like_another_participant_of_the_grid(
        self, tmp_path: Path, caller_of: Any
    ) -> None:
        shutil.copytree(next(demo_data().rglob("non_iid_1")), tmp_path / "torgersen" / "own")
        shutil.copytree(next(demo_data().rglob("non_iid_1")), tmp_path / "shared")
        (tmp_path / "alias").symlink_to(tmp_path / "torgersen" / "own")
        with Sandbox(data=tmp_path) as ttp:
            caller = caller_of(ttp.port)
            # It is in the grid and takes no part in the project.
            caller.ok("POST", "participants/", {"id": "torgersen", "host": "h", "port": 1, "f_port": 1})
            caller.connect(train={"biscoe": [["shared"]]}, evaluate=("shared",))
            caller.align()
            caller.train()
            for tag in (["own"], ["torgersen", "own"], ["alias"]):
                refused = [caller.refused(417, "POST", PREDICT, {**TAGS, "tags": {"p": [tag]}})]
                caller.ok("PUT", f"{REGISTRATION}/tags", {"evaluate": [tag]})
                refused.append(caller.refused(417, "POST", VALIDATE, {}))
                refused.append(caller.refused(417, "POST", ALIGN))
                refused.append(caller.refused(417, "POST", MODEL, caller.JOB))
                assert all(str(tag[-1]) in message for message in refused)
