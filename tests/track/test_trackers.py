"""What tracks a training has its rounds, as the real packages read them, and stops nothing whatever it fails with."""

import csv
import itertools
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from recorder import Recorder, envelope

from synergos import Driver, InvalidArgument, Round, SynergosError
from synergos.track.tracker import trackers_of

IDS = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "adam"}
ODD = 'a"<%\\:|?* é@'


def rounds(run_id: str = "adam", count: int = 3, **more: Any) -> Iterator[Round]:
    for number in range(1, count + 1):
        local = {"biscoe": 1.5 / number, ODD: None if number == 2 else 2.5 / number}
        ids = {"run_id": run_id, "expt_id": "one_layer", "project_id": "penguins", **more}
        yield Round(number, count, 2.0 / number, None if number == 1 else 1.0 / number, local, **ids)


def track(spec: str, told: Any) -> None:
    (tracker,) = trackers_of("train", spec)
    for done in told:
        tracker(done)
    tracker.close_as("done")


class TestCsv:
    def test_a_round_is_a_line_for_all_and_one_for_each(self, tmp_path: Path) -> None:
        path = tmp_path / "losses.csv"
        track(f"csv:{path}", rounds(ODD, 2, collab_id="=c"))
        with path.open(encoding="utf-8", newline="") as file:
            lines = [{name: value for name, value in row.items() if name != "time"} for row in csv.DictReader(file)]
        ids = {"collab_id": "=c", "project_id": "penguins", "expt_id": "one_layer", "run_id": ODD, "rounds": "2"}
        assert lines == [
            {**ids, "participant_id": name, "round": number, "train_loss": train, "evaluate_loss": evaluate}
            for name, number, train, evaluate in [
                ("", "1", "2.0", ""),
                ("biscoe", "1", "1.5", ""),
                (ODD, "1", "2.5", ""),
                ("", "2", "1.0", "0.5"),
                ("biscoe", "2", "0.75", ""),
                (ODD, "2", "", ""),
            ]
        ]

    def test_what_a_file_holds_stays(self, tmp_path: Path) -> None:
        path = tmp_path / "losses.csv"
        track(f"csv:{path}", rounds("adam", 1))
        before = path.read_bytes()
        track(f"csv:{path}", rounds("sgd", 1))
        assert path.read_bytes().startswith(before)
        assert path.read_text(encoding="utf-8").count("participant_id") == 1

    def test_a_last_line_that_was_left_open_stays_one(self, tmp_path: Path) -> None:
        path = tmp_path / "losses.csv"
        track(f"csv:{path}", rounds("adam", 1))
        path.write_bytes(path.read_bytes().rstrip())
        track(f"csv:{path}", rounds("sgd", 1))
        with path.open(encoding="utf-8", newline="") as file:
            found = [(row["run_id"], row["participant_id"], row.get(None)) for row in csv.DictReader(file)]  # type: ignore[call-overload]
        assert found == [(run_id, name, None) for run_id in ("adam", "sgd") for name in ("", "biscoe", ODD)]

    def test_a_round_that_found_no_room_is_an_error_and_spoils_no_other(self, tmp_path: Path) -> None:
        resource = pytest.importorskip("resource")
        path = tmp_path / "losses.csv"
        (tracker,) = trackers_of("train", f"csv:{path}")
        first, second, third = rounds("adam")
        tracker(first)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, hard))
        try:
            with pytest.raises(OSError, match=r"losses\.csv"):
                tracker(second)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        tracker(third)
        with path.open(encoding="utf-8", newline="") as file:
            whole = [row for row in csv.DictReader(file) if row["round"]]
        assert [row["round"] for row in whole] == ["1"] * 3 + ["3"] * 3

    def test_a_round_of_very_many_participants_is_written_at_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "losses.csv"
        (one,), (other,) = (trackers_of("train", f"csv:{path}") for _ in range(2))
        crowd = {f"participant {number}": 0.5 for number in range(2000)}
        ids = {"expt_id": "one_layer", "project_id": "penguins"}
        threads = [
            threading.Thread(
                target=lambda tracker, run_id: [
                    tracker(Round(number, 20, 1.0, 1.0, crowd, run_id, **ids)) for number in range(1, 21)
                ],
                args=(tracker, run_id),
            )
            for tracker, run_id in ((one, "adam"), (other, "sgd"))
        ]
        track(f"csv:{path}", rounds("first", 1))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with path.open(encoding="utf-8", newline="") as file:
            told = [(row["run_id"], row["round"]) for row in csv.DictReader(file)][3:]
        blocks = [(key, len(list(group))) for key, group in itertools.groupby(told)]
        assert all(count == 2001 for _, count in blocks)
        assert len(blocks) == 40

    def test_a_file_without_lines_is_not_read_to_its_end(self, tmp_path: Path) -> None:
        path = tmp_path / "zeros"
        with path.open("wb") as file:
            file.truncate(2**40)
        with pytest.raises(InvalidArgument, match="holds something else"):
            trackers_of("train", f"csv:{path}")

    def test_who_goes_to_another_folder_finds_all_in_the_first(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / "first")
        made = [*trackers_of("train", ["csv:losses.csv", "tensorboard:scalars"])]
        monkeypatch.chdir(tmp_path / "second")
        for tracker in made:
            tracker(next(rounds()))
            tracker.close_as("done")
        assert sorted(one.name for one in (tmp_path / "first").iterdir()) == ["losses.csv", "scalars"]
        assert list((tmp_path / "second").iterdir()) == []

    def test_each_round_is_there_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "losses.csv"
        (tracker,) = trackers_of("train", f"csv:{path}")
        tracker(next(rounds()))
        assert len(path.read_text(encoding="utf-8").splitlines()) == 4

    @pytest.mark.parametrize("content", ["a,b\n1,2\n", b"\xff\xfe", "time,run_id\n"], ids=repr)
    def test_a_file_of_something_else_is_left_alone(self, content: Any, tmp_path: Path) -> None:
        path = tmp_path / "data.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(InvalidArgument, match=r"^\[train\] track='csv:.*data\.csv' is not allowed: "):
            trackers_of("train", f"csv:{path}")
        assert path.read_bytes() == (content if isinstance(content, bytes) else content.encode())

    def test_a_folder_that_is_not_there_is_told_before_anything_is_done(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidArgument, match="there is no folder"):
            trackers_of("train", f"csv:{tmp_path}/none/losses.csv")
        with pytest.raises(InvalidArgument, match="is not allowed"):
            trackers_of("train", f"csv:{tmp_path}")


class TestTensorBoard:
    def read(self, folder: Path) -> dict[str, dict[str, list[tuple[int, float]]]]:
        """The scalars below a folder, as TensorBoard itself reads them: by run, tag and step."""
        from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
        from tensorboard.util.tensor_util import make_ndarray

        found = EventMultiplexer().AddRunsFromDirectory(str(folder)).Reload()
        return {
            run: {
                tag: [
                    (event.step, round(float(make_ndarray(event.tensor_proto)), 4)) for event in found.Tensors(run, tag)
                ]
                for tag in tags["tensors"]
            }
            for run, tags in found.Runs().items()
        }

    def test_a_run_has_its_curves(self, tmp_path: Path) -> None:
        # As in a search, the runs may take turns.
        told = itertools.chain(*zip(rounds("adam"), rounds(ODD), strict=True))
        track(f"tensorboard:{tmp_path / 'runs'}", told)
        found = self.read(tmp_path / "runs")
        assert len(found) == 2
        for curves in found.values():
            assert curves == {
                "train_loss": [(1, 2.0), (2, 1.0), (3, 0.6667)],
                "evaluate_loss": [(2, 0.5), (3, 0.3333)],
                "local_loss/biscoe": [(1, 1.5), (2, 0.75), (3, 0.5)],
                f"local_loss/{ODD}": [(1, 2.5), (3, 0.8333)],
            }
        assert sorted(run.split("/")[:3] for run in found) == [
            ["penguins", "one_layer", "a%22%3C%25%5C%3A%7C%3F%2A é@"],
            ["penguins", "one_layer", "adam"],
        ]

    def test_a_run_that_is_trained_again_has_curves_of_its_own(self, tmp_path: Path) -> None:
        for _ in range(2):
            track(f"tensorboard:{tmp_path}", rounds(count=1))
        assert len(self.read(tmp_path)) == 2

    def test_what_is_no_folder_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(InvalidArgument, match="is not allowed: it is no folder"):
            trackers_of("train", f"tensorboard:{tmp_path / 'file'}")


def test_mlflow_has_a_run_with_its_metrics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlflow import MlflowClient

    # The store in files is quick to make; a database takes MLflow seconds.
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = f"file:{tmp_path}"
    told = itertools.chain(*zip(rounds("adam"), rounds(ODD), strict=True))
    track(f"mlflow:{uri}", told)

    client = MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("penguins")
    assert experiment is not None
    found = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert sorted(found) == [f"one_layer/{ODD}", "one_layer/adam"]
    for name, run in found.items():
        assert run.info.status == "FINISHED"
        assert run.data.params == {"rounds": "3"}
        assert run.data.tags["synergos.run_id"] == name.removeprefix("one_layer/")
        assert run.data.tags["synergos.project_id"] == "penguins"

        def history(metric: str, run_id: str = run.info.run_id) -> list[tuple[int, float]]:
            return [(one.step, round(one.value, 4)) for one in client.get_metric_history(run_id, metric)]

        assert history("train_loss") == [(1, 2.0), (2, 1.0), (3, 0.6667)]
        assert history("evaluate_loss") == [(2, 0.5), (3, 0.3333)]
        assert history("local_loss/biscoe") == [(1, 1.5), (2, 0.75), (3, 0.5)]
        assert sorted(run.data.metrics) == [
            "evaluate_loss",
            "local_loss/a_22__3c__25__5c__3a__7c__3f__2a_ é_40_",
            "local_loss/biscoe",
            "train_loss",
        ]


def test_what_mlflow_fails_with_begins_no_second_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlflow import MlflowClient

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = f"file:{tmp_path}"
    (tracker,) = trackers_of("train", f"mlflow:{uri}")
    first, *others = rounds()
    with monkeypatch.context() as broken:
        broken.setattr(MlflowClient, "log_param", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tracker(first)
    for done in others:
        tracker(done)
    tracker.close_as("done")

    client = MlflowClient(tracking_uri=uri)
    (run,) = client.search_runs([client.get_experiment_by_name("penguins").experiment_id])
    assert run.info.status == "FINISHED"


@pytest.mark.parametrize("name", ["tensorboard:x", "mlflow"])
def test_a_package_that_is_missing_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = name.partition(":")[0]
    for module in (kind, "tensorboard.summary"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(
        SynergosError, match=rf"^\[train\] track='{name}' needs .*pip install 'synergos-driver\[{kind}\]'"
    ):
        trackers_of("train", name)


@pytest.mark.parametrize("wrong", ["", "csv", "csv:", "losses.csv", "tensorboard", "wandb:x", 3, ["csv:"], [None], {}])
def test_what_is_no_tracker_is_refused_before_anything_is_sent(wrong: Any, recorder: Recorder) -> None:
    for verb in ("models.create", "models.submit", "train"):
        resource, _, method = verb.rpartition(".")
        asked = getattr(recorder.driver, resource) if resource else recorder.driver
        with pytest.raises(InvalidArgument, match=r"track=.* is not allowed: it must be 'csv:FILE', "):
            getattr(asked, method)(project_id="p", track=wrong)
    assert recorder.sent == []


class TestTraining:
    def test_all_of_several_have_each_round_before_the_call_returns(
        self, trained_driver: Driver, tmp_path: Path
    ) -> None:
        told: list[Round] = []
        path = tmp_path / "losses.csv"
        cycle = trained_driver.train(**IDS, track=[told.append, f"csv:{path}"])
        assert [(done.run_id, done.number) for done in told] == [("adam", 1), ("adam", 2)]
        assert len(path.read_text(encoding="utf-8").splitlines()) == 1 + 2 * 3
        assert cycle.tracking_error is None

        told.clear()
        reply = trained_driver.models.create(**IDS, track=told.append)
        assert reply.data[0].key.run_id == "adam"
        assert len(told) == 2

        trials = trained_driver.optimizations.create(
            project_id="penguins",
            expt_id="one_layer",
            search_space={"lr": [0.01, 0.02]},
            fixed={"rounds": 1, "epochs": 1},
            metric="accuracy",
            optimize_mode="max",
            track=f"csv:{path}",
        )
        text = path.read_text(encoding="utf-8")
        assert all(trial.run_id in text for trial in trials.trials)

    def test_what_it_raises_stops_nothing_and_is_told_once(
        self, trained_driver: Driver, caplog: pytest.LogCaptureFixture
    ) -> None:
        trained_driver.runs.update(**IDS, rounds=5)
        called: list[int] = []

        def fail(done: Round) -> None:
            called.append(done.number)
            if done.number in (1, 3):
                raise ValueError(f"no room for {done.number}")

        with pytest.warns(UserWarning, match=r"2 rounds were not tracked; ValueError: no room for 1$") as told:
            cycle = trained_driver.train(**IDS, track=fail)

        assert called == [1, 2, 3, 4, 5]
        assert len(cycle.models.data) == 1
        assert isinstance(cycle.tracking_error, ValueError)
        assert len(told) == 1
        (logged,) = [record for record in caplog.records if "not tracked" in record.getMessage()]
        assert logged.exc_info is not None
        assert logged.exc_info[1] is cycle.tracking_error

    def test_one_that_fails_again_and_again_is_given_up(self, trained_driver: Driver) -> None:
        trained_driver.runs.update(**IDS, rounds=6)
        called: list[int] = []

        def fail(done: Round) -> None:
            called.append(done.number)
            raise OSError("gone")

        job = trained_driver.models.submit(**IDS, track=fail)
        with pytest.warns(UserWarning, match=r"^\[models\.submit\] .*fail: 6 rounds were not tracked; OSError: gone$"):
            job.result(60)
        assert called == [1, 2, 3]
        assert isinstance(job.tracking_error, OSError)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            job.result()

    def test_one_that_is_slow_does_not_hold_up_who_waits_no_longer(self, trained_driver: Driver) -> None:
        may_go_on = threading.Event()
        job = trained_driver.models.submit(**IDS, track=lambda _: may_go_on.wait(60))
        while not job.done():
            pass
        with pytest.warns(UserWarning, match="it has not taken all rounds yet, and goes on"):
            assert job.result(0.01).data
        may_go_on.set()
        assert job.result(60).data
        assert job.tracking_error is None

    def test_several_may_ask_for_what_came_of_it(self, trained_driver: Driver) -> None:
        trained_driver.runs.update(**IDS, rounds=2)
        found: list[str] = []

        def ask(done: Round) -> None:
            if done.number == done.rounds:
                found.append(trained_driver.models.job(**IDS).result(60).data[0].key.run_id)

        job = trained_driver.models.submit(**IDS, track=[ask, ask])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert job.result(60).data
        assert found == ["adam", "adam"]
        assert job.tracking_error is None

    @pytest.mark.parametrize(
        "kind", [SystemExit, KeyboardInterrupt, pytest.fail.Exception], ids=lambda one: one.__name__
    )
    def test_what_is_to_end_a_process_is_kept_too(self, kind: type[BaseException], trained_driver: Driver) -> None:
        trained_driver.runs.update(**IDS, rounds=2)
        called: list[int] = []

        def fail(done: Round) -> None:
            called.append(done.number)
            if done.number == 1:
                raise kind("enough")

        with pytest.warns(UserWarning, match=rf"1 round was not tracked; {kind.__name__}: enough$"):
            cycle = trained_driver.train(**IDS, track=fail)
        assert called == [1, 2]
        assert isinstance(cycle.tracking_error, kind)

    @pytest.mark.parametrize("verb", ["create", "submit"])
    def test_a_real_ttp_is_not_asked_to_train(self, verb: str) -> None:
        sent: list[str] = []

        def answer(request: httpx.Request) -> httpx.Response:
            sent.append(request.method)
            is_project = request.url.path.endswith("/projects/p")
            data: Any = {"key": {"project_id": "p"}, "relations": {}} if is_project else []
            return httpx.Response(200, json=envelope(data))

        driver = Driver("ttp.example", 5000, transport=httpx.MockTransport(answer))
        with pytest.raises(InvalidArgument, match=rf"^\[models\.{verb}\] This TTP does not tell of the rounds"):
            getattr(driver.models, verb)(project_id="p", track=print)
        assert set(sent) == {"GET"}
