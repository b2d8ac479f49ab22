"""Participants on machines of their own."""

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from flwr.app import Context, Message, RecordDict
from wire import Apart, Wire, weights_of

from synergos import Cancelled, Driver, NotFound, ServerFailure
from synergos.learning.messages import WAIT
from synergos.participant import node
from synergos.sandbox import Sandbox

LAYERS = [
    {"is_input": True, "l_type": "Linear", "structure": {"in_features": 1, "out_features": 6}, "activation": "relu"},
    {
        "is_input": False,
        "l_type": "Linear",
        "structure": {"in_features": 6, "out_features": 3},
        "activation": "softmax",
    },
]
RUN = {"expt_id": "e", "run_id": "r"}
TAGS = {
    "biscoe": {"train": [["non_iid_1"], ["edge_test_missing_coecerable_vals"]], "evaluate": [["iid_1"]]},
    "dream": {"train": [["non_iid_2"]], "evaluate": [["iid_1"]]},
}


@pytest.fixture
def wire(tmp_path: Path) -> Wire:
    return Wire(tmp_path, TAGS)


def tell(driver: Driver, who: Iterable[str] = TAGS, **fields: object) -> None:
    """Phase 1, without any host or port of a worker."""
    driver.projects.create(project_id="p", action="classify", incentives={})
    driver.experiments.create(project_id="p", expt_id="e", model=LAYERS)
    settings: dict[str, Any] = {"rounds": 3, "epochs": 2, "batch_size": 16, "lr": 0.05, "optimizer": "Adam"}
    settings |= {"criterion": "NLLLoss", "lr_scheduler": "StepLR", "step_size": 10, "seed": 7}
    driver.runs.create(project_id="p", **RUN, **{**settings, **fields})
    for name in who:
        driver.participants.create(participant_id=name)
        driver.registrations.create(project_id="p", participant_id=name, role="guest")
        driver.tags.create(project_id="p", participant_id=name, **TAGS[name])


def cycle(driver: Driver) -> tuple[dict[str, Any], list[Any], list[Any]]:
    tell(driver)
    driver.alignments.create(project_id="p")
    model = driver.models.create(project_id="p", **RUN)["data"][0]
    validations = driver.validations.create(project_id="p", **RUN)["data"]
    predictions = driver.predictions.create({"p": [["iid_1"]]}, participant_id="biscoe", project_id="p", **RUN)
    return model, validations, predictions["data"]


class TestTheSame:
    @pytest.fixture(scope="class")
    @classmethod
    def both(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Any, Wire]]:
        wire = Wire(tmp_path_factory.mktemp("wire"), TAGS)
        with (
            Apart(wire) as apart,
            Sandbox() as together,
            Driver(apart.host, apart.port) as one,
            Driver(together.host, together.port) as other,
        ):
            outcomes = cycle(one), cycle(other)
            one.check(project_id="p", reach=True)
            yield *outcomes, wire

    def test_weights_and_losses_are_the_same_to_the_last_bit(self, both: tuple[Any, Any, Wire]) -> None:
        (apart, _, _), (together, _, _), _ = both
        one, other = weights_of(apart), weights_of(together)

        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)
        for part in ("global", "local_1", "local_2"):
            assert Path(apart[part]["loss_history"]).read_text() == Path(together[part]["loss_history"]).read_text()

    def test_statistics_are_the_same(self, both: tuple[Any, Any, Wire]) -> None:
        (_, apart, _), (_, together, _), _ = both

        assert [one["evaluate"]["statistics"] for one in apart] == [one["evaluate"]["statistics"] for one in together]
        assert len(apart) == 2

    def test_predictions_stay_with_the_participant(self, both: tuple[Any, Any, Wire]) -> None:
        (_, _, (found,)), _, wire = both
        path = Path(found["predict"]["res_path"])

        assert path.is_relative_to(wire.nodes["biscoe"].log.parent)
        assert path.read_text().startswith("file,row,prediction")

    def test_nothing_that_was_sent_has_a_value_of_a_row(self, both: tuple[Any, Any, Wire]) -> None:
        _, _, wire = both
        sent = wire.nodes["biscoe"].log.read_text()

        # The demo data have it in five places, and the sandbox tells where.
        assert "strays" in sent
        assert "not measured" not in sent

    def test_a_participant_keeps_a_log_of_all_that_it_sent(self, both: tuple[Any, Any, Wire]) -> None:
        _, _, wire = both
        lines = [json.loads(line) for line in wire.nodes["dream"].log.read_text().splitlines()]

        assert [line["asked"] for line in lines] == [
            *("query.describe", "query.measure", "query.prepare"),
            *("train", "train", "train", "evaluate"),
            "query.evaluate",
            *("query.about", "query.report"),
        ]
        rounds = [line for line in lines if line["asked"] in ("train", "evaluate")]
        assert [[name for name in ("metrics", "evaluation") if name in line] for line in rounds] == [
            ["metrics"],
            ["metrics", "evaluation"],
            ["metrics", "evaluation"],
            ["evaluation"],
        ]
        for line in rounds:
            assert all(set(line[name]) == {"loss", "rows"} for name in ("metrics", "evaluation") if name in line)

    def test_everything_that_was_sent_is_in_the_guides_table(self, both: tuple[Any, Any, Wire]) -> None:
        _, _, wire = both
        table, sent = guide(), set()
        for participant in wire.nodes.values():
            for line in map(json.loads, participant.log.read_text().splitlines()):
                question = line["asked"].startswith("query.")
                asked = line["asked"].removeprefix("query.") if question else f"{line['asked']} (a round)"
                for name in line.keys() - {"at", "asked", "job"}:
                    # What answers a question is one record; the weights of rounds are named as their layers are.
                    fields = line[name]["answer"] if name == "answer" else {name: line[name]}
                    for field, value in fields.items():
                        sent.add((asked, field))
                        assert field in table[asked], f"{asked}: {field}"
                        if field in ("metrics", "evaluation", "about"):
                            assert value.keys() <= table[asked][field], f"{asked}: {value}"

        told = {(asked, field) for asked, fields in table.items() for field in fields}
        # These are of images and of regressions, of what went wrong, and of what takes long.
        assert {field for _, field in told - sent} <= {"sizes", "target", "pixels", "largest", "error", "busy"}


class TestManifests:
    def test_hashes_of_the_data_stay_with_the_participants(self, tmp_path: Path) -> None:
        wire = Wire(tmp_path, TAGS)
        with (
            Apart(wire) as apart,
            Sandbox() as together,
            Driver(apart.host, apart.port) as one,
            Driver(together.host, together.port) as other,
        ):
            for driver in (one, other):
                tell(driver)
                driver.alignments.create(project_id="p")
                driver.models.create(project_id="p", **RUN)
            here, there = (driver.manifest(project_id="p", **RUN) for driver in (other, one))
            found = one.rerun(here)
            projects = one.projects.read_all().data

        assert found, found
        assert [project.key.project_id for project in projects] == ["p"]
        assert "biscoe, dream: whether the data are the same is not compared" in str(found)
        assert there.differences(here) == ()
        for name, part in here.content["participants"].items():
            assert there.content["participants"][name] == {**part, "digests": {}}
            sent, ledger = wire.nodes[name].log.read_text(), wire.nodes[name].log.with_name("data.jsonl")
            lines = [json.loads(line) for line in ledger.read_text().splitlines()]
            assert len(lines) == 2
            for purpose, digest in part["digests"].items():
                assert [line[purpose]["digest"] for line in lines] == [digest] * 2
                assert lines[0][purpose]["rows"] == part["rows"][purpose]
                assert lines[0][purpose]["tags"] == part["tags"][purpose]
                assert digest not in sent
                assert digest not in there.text
            assert ledger.stat().st_mode & 0o077 == 0


class TestGone:
    def test_who_is_not_connected_is_named(self, wire: Wire) -> None:
        del wire.connected["dream"]
        with Apart(wire, patience=0.3) as ttp, Driver(ttp.host, ttp.port) as driver:
            tell(driver)

            with pytest.raises(ServerFailure, match=r"participant 'dream' is not connected, .* within 0.3 seconds"):
                driver.alignments.create(project_id="p")

    def test_who_comes_in_time_is_waited_for(self, wire: Wire) -> None:
        since = wire.connected.pop("dream")
        with Apart(wire, patience=60.0) as ttp, Driver(ttp.host, ttp.port) as driver:
            tell(driver)
            comes = threading.Timer(0.5, lambda: wire.connected.update(dream=since))
            comes.start()

            assert driver.alignments.create(project_id="p").data
            comes.join()

    def test_who_is_in_no_file_is_not_waited_for(self, wire: Wire) -> None:
        with Apart(wire, patience=60.0) as ttp, Driver(ttp.host, ttp.port) as driver:
            tell(driver)
            driver.participants.create(participant_id="torgersen")
            driver.registrations.create(project_id="p", participant_id="torgersen", role="guest")
            driver.tags.create(project_id="p", participant_id="torgersen", train=[["non_iid_1"]])

            with pytest.raises(ServerFailure, match="'torgersen' is not in the TTP's file of participants"):
                driver.alignments.create(project_id="p")

    @pytest.mark.parametrize("how", ["ended", "started anew"])
    def test_who_is_lost_in_the_middle_is_named_and_nothing_is_kept(self, wire: Wire, how: str) -> None:
        with Apart(wire) as ttp, Driver(ttp.host, ttp.port) as driver:
            tell(driver, rounds=1000)
            driver.alignments.create(project_id="p")
            job = driver.models.submit(project_id="p", **RUN)
            until(lambda: wire.asked.count("train") > 6)
            # It took a message, and will not reply.
            wire.silent.add("dream")
            if how == "ended":
                del wire.connected["dream"]
            else:
                wire.connected["dream"] = "later"

            with pytest.raises(ServerFailure, match=r"'dream' was lost in the middle .* nothing of it is kept"):
                job.result(timeout=60)
            with pytest.raises(NotFound):
                driver.models.read(project_id="p", **RUN)
            assert not [one for one in ttp.outputs.rglob("*") if one.is_file() and "model" in one.name]

    def test_work_goes_on_with_who_comes_back(self, wire: Wire) -> None:
        with Apart(wire) as ttp, Driver(ttp.host, ttp.port) as driver:
            tell(driver)
            driver.alignments.create(project_id="p")
            wire.connected["dream"] = "later"

            assert driver.models.create(project_id="p", **RUN).data


class TestWork:
    def test_a_job_is_called_off(self, wire: Wire) -> None:
        with Apart(wire) as ttp, Driver(ttp.host, ttp.port) as driver:
            tell(driver, rounds=1000)
            driver.alignments.create(project_id="p")
            job = driver.models.submit(project_id="p", **RUN)
            until(lambda: wire.asked.count("train") > 6)
            wire.silent.add("dream")

            job.cancel()

            with pytest.raises(Cancelled):
                job.result(timeout=60)
            with pytest.raises(NotFound):
                driver.models.read(project_id="p", **RUN)

    @pytest.mark.parametrize("ends", ["called off", "lost"])
    def test_participants_stop_what_nobody_waits_for_any_more(
        self, wire: Wire, monkeypatch: pytest.MonkeyPatch, ends: str
    ) -> None:
        monkeypatch.setattr(node, "_SAYS_SO_AFTER", 0.05)
        with Apart(wire) as ttp, Driver(ttp.host, ttp.port) as driver:
            # One round, which would take for days.
            tell(driver, rounds=1, epochs=100_000_000)
            driver.alignments.create(project_id="p")
            job = driver.models.submit(project_id="p", **RUN)
            until(lambda: "train" in wire.asked and wire.asked[-1] == "query.wait")
            if ends == "lost":
                del wire.connected["biscoe"]
                with pytest.raises(ServerFailure, match="'biscoe' was lost in the middle"):
                    job.result(timeout=60)
                wire.connected["biscoe"] = "later"
                # It was started anew.
                wire.nodes["biscoe"]._let_go(list(wire.nodes["biscoe"]._jobs))
            else:
                job.cancel()
                with pytest.raises(Cancelled):
                    job.result(timeout=60)

            # Each does one thing after another.
            assert driver.alignments.create(project_id="p", timeout=60).data

    def test_what_takes_long_comes_to_the_same(self, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
        with Apart(wire) as ttp, Driver(ttp.host, ttp.port) as driver:
            # Two in one process would draw from the same random numbers.
            tell(driver, ["biscoe"])
            driver.alignments.create(project_id="p")
            quick = weights_of(driver.models.create(project_id="p", **RUN)["data"][0])
            assert "query.wait" not in wire.asked
            monkeypatch.setattr(node, "_SAYS_SO_AFTER", 0.0)
            slow = weights_of(driver.models.create(project_id="p", **RUN)["data"][0])

        assert "query.wait" in wire.asked
        assert quick.keys() == slow.keys()
        assert all(torch.equal(quick[name], slow[name]) for name in quick)

    def test_who_was_started_again_is_asked_for_nothing_that_it_does_not_know(self, wire: Wire) -> None:
        waits = Message(RecordDict(), dst_node_id=1, message_type=WAIT)

        reply = wire.nodes["biscoe"].handle(waits, Context(1, 1, {}, RecordDict(), {}))

        assert reply.error.reason == "nothing is being done there for this job: the participant was started again"

    def test_a_check_disturbs_no_training(self, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(node, "_SAYS_SO_AFTER", 0.05)
        with Apart(wire) as ttp, Driver(ttp.host, ttp.port) as driver:
            tell(driver, rounds=20)
            driver.alignments.create(project_id="p")
            job = driver.models.submit(project_id="p", **RUN)
            until(lambda: wire.asked.count("train") > 2)

            assert driver.check(project_id="p", reach=True).data is not None
            assert job.result(timeout=120).data

    def test_a_search_and_a_report_work(self, wire: Wire) -> None:
        with Apart(wire) as ttp, Driver(ttp.host, ttp.port) as driver:
            tell(driver)
            driver.alignments.create(project_id="p")
            trials = driver.optimizations.create(
                project_id="p",
                expt_id="e",
                search_space={"lr": {"_type": "choice", "_value": [0.01, 0.1]}},
                fixed={"rounds": 2, "epochs": 1, "optimizer": "Adam", "criterion": "NLLLoss", "lr_scheduler": ""},
                metric="accuracy",
                optimize_mode="max",
                max_trial_num=2,
            )
            report = driver.check(project_id="p", **RUN)

        assert len(trials.data) == 4
        assert report.data is not None

    def test_a_check_says_who_is_connected_and_with_which_versions(self, wire: Wire) -> None:
        with Apart(wire, patience=60.0) as ttp, Driver(ttp.host, ttp.port) as driver:
            tell(driver)
            both = driver.check(project_id="p", reach=True)
            del wire.connected["dream"]
            one = driver.check(project_id="p", reach=True)

        said = {finding.where: finding.what for finding in both.findings if "connected" in finding.what}
        assert set(said) == {"participant 'biscoe'", "participant 'dream'"}
        assert all("synergos" in what and "torch" in what for what in said.values())
        assert ("error", "It is not connected.", "participant 'dream'") in [
            (finding.level, finding.what, finding.where) for finding in one.findings
        ]
        assert not one.ok

    def test_what_a_participant_fails_with_is_told_without_its_values(self, tmp_path: Path) -> None:
        folder = tmp_path / "data" / "broken"
        folder.mkdir(parents=True)
        (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
        (folder / "schema.json").write_text('{"x": "float64", "target": "category"}')
        (folder / "rows.csv").write_text("x,target\n" + "a secret,1\n" * 20)
        wire = Wire(tmp_path, ["biscoe"], tmp_path / "data")
        with Apart(wire) as ttp, Driver(ttp.host, ttp.port) as driver:
            driver.projects.create(project_id="p", action="classify", incentives={})
            driver.participants.create(participant_id="biscoe")
            driver.registrations.create(project_id="p", participant_id="biscoe", role="guest")
            driver.tags.create(project_id="p", participant_id="biscoe", train=[["broken"]])

            with pytest.raises(Exception, match=r"'biscoe'.* own log says why") as failure:
                driver.alignments.create(project_id="p")

        assert "secret" not in str(failure.value)
        assert "secret" not in wire.nodes["biscoe"].log.read_text()


def test_a_participant_is_who_its_key_is_and_not_who_it_says(tmp_path: Path) -> None:
    wire = Wire(tmp_path, TAGS, dream="biscoe")
    with Apart(wire) as ttp, Driver(ttp.host, ttp.port) as driver:
        tell(driver)

        with pytest.raises(ServerFailure, match="participant 'dream' calls itself 'biscoe'"):
            driver.alignments.create(project_id="p")


def guide() -> dict[str, dict[str, set[str]]]:
    """What the guide says is sent: by what is asked, each field, and the names that its row says it holds."""
    text = (Path(__file__).parents[2] / "docs" / "guides" / "grid-of-machines.md").read_text(encoding="utf-8")
    table: dict[str, dict[str, set[str]]] = {}
    asked: list[str] = []
    for row in text.partition("| asked | sent |")[2].partition("\n\n")[0].splitlines()[2:]:
        first, fields, what, *_ = (cell.strip() for cell in row.strip("|").split("|"))
        if first:
            suffix = " (a round)" if "(a round)" in first else ""
            asked = [f"{name}{suffix}" for name in re.findall(r"`(\w+)`", first)] or [first]
        for name in asked:
            for field in re.findall(r"`(\w+)`", fields):
                table.setdefault(name, {})[field] = set(re.findall(r"`(\w+)`", what))
    return table


def until(is_so: Callable[[], bool]) -> None:
    for _ in range(6000):
        if is_so():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not come to be")
