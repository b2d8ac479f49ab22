"""Whatever is trained, participants on machines of their own make of it what participants in one process do."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from cases import CASES, Came, cycle
from wire import Apart, Wire

from synergos import Driver
from synergos.sandbox import Sandbox

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "grid-of-machines.md"
TAGS: dict[str, Any] = {
    "biscoe": {"train": [["one"]], "evaluate": [["held"]]},
    "dream": {"train": [["two"]], "evaluate": [["held"], ["two"]]},
    "torgersen": {"train": [["three"]]},
}


@pytest.fixture(scope="module", params=CASES)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Came, Came, Wire]]:
    """The same cycle over machines and in one process, and the wire between the machines."""
    case, folder = CASES[request.param], tmp_path_factory.mktemp("same")
    case.write(folder / "data")
    wire = Wire(folder, TAGS, folder / "data")
    with (
        Apart(wire) as apart,
        Sandbox(data=folder / "data") as together,
        Driver(apart.host, apart.port) as one,
        Driver(together.host, together.port) as other,
    ):
        yield cycle(one, apart.url, case, TAGS), cycle(other, together.url, case, TAGS), wire


def test_alignments_weights_losses_and_statistics_are_the_same_to_the_last_bit(both: tuple[Came, Came, Wire]) -> None:
    apart, together, _ = both

    assert apart.aligned == together.aligned
    assert apart.weights.keys() == together.weights.keys()
    assert all(torch.equal(tensor, together.weights[name]) for name, tensor in apart.weights.items())
    assert (apart.losses, apart.validations) == (together.losses, together.validations)
    assert [name for name, _ in apart.validations] == ["biscoe", "dream"]


def test_a_search_draws_and_finds_the_same(both: tuple[Came, Came, Wire]) -> None:
    apart, together, _ = both

    assert apart.trials == together.trials
    assert [state for state, _, _ in apart.trials] == ["done", "done"]


def test_predictions_are_the_same_and_stay_with_the_participant(both: tuple[Came, Came, Wire]) -> None:
    apart, together, wire = both
    here, there = (Path(one.prediction["predict"]["res_path"]) for one in (apart, together))

    assert here.is_relative_to(wire.nodes["torgersen"].log.parent)
    assert here.read_text() == there.read_text()
    assert len(here.read_text().splitlines()) > 10
    assert apart.prediction["predict"]["statistics"] == together.prediction["predict"]["statistics"] != {}


def test_the_report_of_the_data_is_the_same_but_for_what_stays_with_the_participant(
    both: tuple[Came, Came, Wire],
) -> None:
    apart, together, _ = both

    assert without_own(apart.read["tables"]) == without_own(together.read["tables"])
    assert [one for one in apart.read["findings"] if "connected" in one["what"]] != []
    here = [about(one) for one in apart.read["findings"] if "connected" not in one["what"]]
    assert here == [about(one) for one in together.read["findings"]]


def about(finding: dict[str, str]) -> tuple[str, str, str]:
    """What a finding says, but for the example at its end."""
    return finding["level"], finding["where"], finding["what"].partition(":")[0].rstrip(".")


def without_own(value: Any) -> Any:
    """A report without the files and values that it quotes."""
    if isinstance(value, dict):
        return {name: without_own(one) for name, one in value.items() if name not in ("files", "stray", "cause")}
    return [without_own(one) for one in value] if isinstance(value, list) else value


def test_no_value_of_a_row_and_no_file_is_named_by_anything_that_was_sent(both: tuple[Came, Came, Wire]) -> None:
    _, _, wire = both
    for node in wire.nodes.values():
        sent = node.log.read_text()

        assert "not measured" not in sent
        assert ".png" not in sent
        assert {json.loads(line)["asked"] for line in sent.splitlines()} >= {"query.report", "train", "query.prepare"}


def test_the_guide_names_all_that_was_sent_where_it_was_asked_for(both: tuple[Came, Came, Wire]) -> None:
    _, _, wire = both
    named, asked = on_the_page(), set()
    for node in wire.nodes.values():
        for line in map(json.loads, node.log.read_text().splitlines()):
            kind = line["asked"].removeprefix("query.")
            asked.add(kind)
            sent = {name: line[name] for name in line if name not in ("at", "asked", "job")}
            # Weights are logged by their names and sizes, answers as what was packed in them.
            fields = {*sent.pop("answer", {}).get("answer", {}), *sent, *sent.get("metrics", {})}

            assert fields <= named[kind] | named["any"], line

    assert asked >= {"describe", "measure", "report", "prepare", "train", "evaluate", "predict"}


def on_the_page() -> dict[str, set[str]]:
    """What the guide names as sent, by what was asked for."""
    named: dict[str, set[str]] = {}
    kinds: list[str] = []
    table = PAGE.read_text(encoding="utf-8").partition("| asked | sent |")[2].partition("\n\n")[0]
    for row in table.splitlines()[2:]:
        asked, *rest = row.strip("|").split("|")
        kinds = re.findall(r"`?([a-z]+)`?(?:,|$)", re.sub(r"\(.*?\)", "", asked).replace(" ", "")) or kinds
        for kind in kinds:
            named.setdefault(kind, set()).update(re.findall(r"`([a-z_]+)`", "".join(rest)))
    return named
