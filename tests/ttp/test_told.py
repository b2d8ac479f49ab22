"""What the sandbox tells besides what real TTPs do: names of classes and features, numbers of rows, and losses."""

import json
from pathlib import Path

from caller import Caller

from synergos import Driver
from synergos.sandbox import Sandbox

SPECIES = ["Adelie", "Chinstrap", "Gentoo"]


def test_an_alignment_names_what_it_counts(trained: Driver) -> None:
    for alignment in trained.alignments.read(project_id="penguins")["data"]:
        assert alignment["classes"] == SPECIES
        assert alignment["features"] == sorted(alignment["features"])
        missing = alignment["train"]["X"]
        assert max(missing, default=0) < len(alignment["features"])
        # Nobody saw a Gentoo on Dream, and nobody a Chinstrap on Biscoe.
        unseen = {"dream": ["Gentoo"], "biscoe": ["Chinstrap"]}[alignment["key"]["participant_id"]]
        assert [alignment["classes"][index] for index in alignment["train"]["y"]] == unseen


def test_statistics_name_their_classes_and_say_of_how_many_rows_they_are(trained: Driver) -> None:
    for validation in trained.validations.read(project_id="penguins").data:
        found = validation.evaluate.statistics
        assert found.classes == SPECIES
        counts = (found.t_ps, found.t_ns, found.f_ps, found.f_ns)
        assert found.rows == sum(one[0] for one in counts if one) > 0


def test_the_losses_are_those_of_the_files(trained: Driver) -> None:
    (model,) = trained.models.read(project_id="penguins")["data"]

    asked = "/ttp/sandbox/losses?project_id=penguins&expt_id=one_layer&run_id=adam"
    whole, *own = Caller(trained.port).ok("GET", asked)

    kept = json.loads(Path(model["global"]["loss_history"]).read_text())
    assert whole["key"] == {"project_id": "penguins", "expt_id": "one_layer", "run_id": "adam"}
    assert (whole["origin"], whole["train"], whole["evaluate"]) == (
        "ttp",
        list(kept["train"].values()),
        list(kept["evaluate"].values()),
    )
    assert len(whole["train"]) == 2
    assert [one["origin"] for one in own] == ["biscoe", "dream"]
    assert all(len(one["train"]) == 2 and "evaluate" not in one for one in own)


def test_the_losses_of_all_runs_come_at_once_and_what_is_not_there_is_said(trained: Driver) -> None:
    caller = Caller(trained.port)
    assert len(caller.ok("GET", "/ttp/sandbox/losses?project_id=penguins")) == 3
    assert "does not exist" in caller.refused(404, "GET", "/ttp/sandbox/losses?project_id=nothing")
    assert caller.refused(417, "GET", "/ttp/sandbox/losses") == "'project_id' must be given."


def test_losses_of_a_file_that_is_gone_are_empty(trained_ttp: Sandbox) -> None:
    with Driver(trained_ttp.host, trained_ttp.port) as driver:
        (model,) = driver.models.read(project_id="penguins")["data"]
        Path(model["local_1"]["loss_history"]).unlink()
        Path(model["global"]["loss_history"]).write_text("{")
        found = Caller(trained_ttp.port).ok("GET", "/ttp/sandbox/losses?project_id=penguins")
    assert [len(one["train"]) for one in found] == [0, 0, 2]
