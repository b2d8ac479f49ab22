"""A job in a notebook: a table of what is known of it, escaped, and never an error."""

from typing import Any

import pytest
from recorder import Recorder

from synergos import Driver, Job
from synergos.work.job import Job as JobOfWork

IDS = {"project_id": "p", "expt_id": "e", "run_id": "r"}


def cells(job: Job[Any]) -> dict[str, str]:
    """The rows of what a notebook shows, by their names."""
    shown = job._repr_html_()
    assert shown is not None
    rows = [line.split("</td><td>") for line in shown.splitlines() if line.startswith("<tr><td>")]
    return {name.removeprefix("<tr><td>"): value.removesuffix("</td></tr>") for name, value in rows}


def test_it_shows_how_far_the_training_is(stage: Driver, gate: Any) -> None:
    gate.shut()
    job = stage.models.submit(**IDS)
    gate.await_round()

    shown = cells(job)

    first = next(job.rounds(60))
    assert {name: shown[name] for name in ("project_id", "run_id", "state", "run", "rounds")} == {
        "project_id": "p",
        "run_id": "r",
        "state": "running",
        "run": "r",
        "rounds": "1 of 3",
    }
    assert shown["train_loss"] == f"{first.train_loss:.4g}"
    assert "<th>job</th><th>models.submit</th>" in str(job._repr_html_())
    gate.open()
    job.wait(60)
    assert (cells(job)["state"], cells(job)["rounds"]) == ("done", "3 of 3")


def test_it_shows_what_failed_and_is_escaped(stage: Driver) -> None:
    job = stage.models.submit(project_id="p", expt_id="<b>").wait(60)
    shown = cells(job)
    assert shown["expt_id"] == "&lt;b&gt;"
    assert shown["state"] == "failed"
    assert shown["error"].startswith("[models.submit] 404")
    assert "<b>" not in shown["error"]


def test_it_shows_what_is_not_tracked(stage: Driver) -> None:
    def fail(_: object) -> None:
        raise ValueError("<i>")

    job = stage.models.submit(**IDS, track=fail)
    with pytest.warns(UserWarning, match="not tracked"):
        job.wait(60)
    assert cells(job)["tracking"].endswith("3 rounds were not tracked; ValueError: &lt;i&gt;")


def test_at_a_ttp_that_does_not_tell_it_shows_what_is_known_and_asks_nothing(recorder: Recorder) -> None:
    recorder.answer({"key": {"project_id": "p"}, "relations": {}})
    job = recorder.driver.models.job(project_id="p")
    before = len(recorder.sent)
    assert cells(job) == {"project_id": "p", "state": "running", "seconds": "0", "records": "0 of 0"}
    assert len(recorder.sent) == before


def test_showing_it_never_raises(stage: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    job = stage.models.job(**IDS)
    stage.close()
    assert cells(job)["error"].startswith("[models.job] The Driver was closed")

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(JobOfWork, "_work", fail)
    assert job._repr_html_() is None
