"""The data report: what was read, used and left out, where it is seen, and that a real TTP is asked for nothing."""

import html
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from whole import look

from synergos import Driver, Rejected, Report
from synergos.__main__ import main
from synergos.learning.data_report import DataReport
from synergos.learning.party import Participant
from synergos.sandbox import Sandbox, check_data
from synergos.sandbox.server import demo_data

SCHEMA = {"age": "int64", "sex": "category", "target": "category"}
ROWS = "age,sex,target\n30,m,a\n40,f,b\n50,m,a\n60,f,b\n"
LAYER = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 2, "out_features": 1}, "activation": None}


def write(folder: Path, rows: str = ROWS, schema: dict[str, str] = SCHEMA) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metadata.json").write_text(json.dumps({"datatype": "tabular", "operations": {}}))
    (folder / "schema.json").write_text(json.dumps(schema))
    (folder / "data.csv").write_text(rows)


def report(data: Path, action: str = "classify", **participants: dict[str, list[list[str]]]) -> DataReport:
    return look(data, action, [Participant(name, **tags) for name, tags in participants.items()])


def said(found: DataReport | Report, level: str) -> str:
    return "\n".join(f"{one.where}: {one.what} {one.remedy}" for one in found.findings if one.level == level)


ONE = {"train": [["train"]]}


def test_nothing_is_said_of_clean_data(tmp_path: Path) -> None:
    write(tmp_path / "p" / "train")

    found = report(tmp_path, p=ONE)

    assert found.findings == ()
    assert found.can_be_trained_with
    (table,) = found.as_data()["tables"]
    assert (table["rows_read"], table["rows_used"], table["classes"]) == (4, 4, {"a": 2, "b": 2})
    assert [(one["name"], one["kind"], one["values"], one["categories"]) for one in table["columns"]] == [
        ("age", "number", 4, None),
        ("sex", "category", 4, 2),
    ]
    json.dumps(found.as_data())


def test_rows_that_are_left_out_are_counted_with_the_reason(tmp_path: Path) -> None:
    write(tmp_path / "p" / "train", f"{ROWS}70,m,\n")

    found = report(tmp_path, p=ONE)

    assert found.as_data()["tables"][0]["left_out"]["no target"] == 1
    assert "participant 'p', train ['train']: 1 of 5 rows left out: no target." in said(found, "warning")


def test_values_that_are_no_numbers_are_shown_with_file_and_row(tmp_path: Path) -> None:
    rows = "".join(f"{age},{'mf'[age % 2]},{'ab'[age % 2]}\n" for age in range(20, 50))
    write(tmp_path / "p" / "train", f"age,sex,target\n{rows}many,m,a\n")

    found = report(tmp_path, p=ONE)

    told = said(found, "warning")
    assert "Column 'age' has 1 value with no number in it: 'many' in row 31 of p/train/data.csv." in told
    column = found.as_data()["tables"][0]["columns"][0]
    assert (column["strays"], column["stray"]) == (1, {"file": "p/train/data.csv", "row": 31, "value": "many"})


def test_what_a_column_is_worth(tmp_path: Path) -> None:
    schema = {
        "id": "category",
        "empty": "float64",
        "sparse": "float64",
        "same": "category",
        "x": "float64",
        "target": "category",
    }
    rows = "".join(f"P{n},,{n if n % 3 == 0 else ''},k,{n / 7},{'ab'[n % 2]}\n" for n in range(40))
    write(tmp_path / "p" / "train", f"{','.join(schema)}\n{rows}", schema)

    found = report(tmp_path, p=ONE)

    told = said(found, "warning")
    assert "Column 'id' looks like an identifier." in told
    assert "Column 'empty' is not used: " in told
    assert "Column 'sparse' has no value in 26 of 40 rows." in told
    assert "Column 'same' has a single category." in said(found, "info")
    assert "'x'" not in told


def test_what_only_some_participants_have(tmp_path: Path) -> None:
    write(tmp_path / "p" / "train")
    write(tmp_path / "q" / "train", "age,target\n30,a\n40,b\n", {"age": "int64", "target": "category"})

    found = report(tmp_path, p=ONE, q=ONE)

    assert "Column 'sex' is at 'p' only, and not at 'q'." in said(found, "warning")
    assert [table["lacks"] for table in found.as_data()["tables"]] == [[], ["sex"]]
    assert found.can_be_trained_with


def test_classes_that_only_the_evaluation_has(tmp_path: Path) -> None:
    write(tmp_path / "p" / "train")
    write(tmp_path / "p" / "evaluate", f"{ROWS}70,m,c\n80,f,c\n")

    found = report(tmp_path, p={**ONE, "evaluate": [["evaluate"]]})

    assert "Only the evaluation has the class 'c', in 2 of its rows." in said(found, "warning")


def test_a_single_class_is_nothing_to_learn(tmp_path: Path) -> None:
    write(tmp_path / "p" / "train", "age,sex,target\n30,m,a\n40,f,a\n")

    assert "All rows to train on have the class 'a'." in said(report(tmp_path, p=ONE), "warning")


def test_what_cannot_be_read_is_an_error_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path / "p" / "train")
    write(tmp_path / "q" / "train", "age;sex;target\n30;m;a\n")
    write(tmp_path / "r" / "train", "age,sex,target\nx,1,a\ny,2,b\n", {**SCHEMA, "age": "category"})

    found = report(tmp_path, p=ONE, q=ONE, r={**ONE, "evaluate": [["none"]]})

    told = said(found, "error")
    assert "participant 'q', train ['train']: 'q/train/data.csv'" in told
    assert "participant 'r', evaluate ['none']: tag ['none'] of participant 'r' leads to no data folder" in told
    assert "the participants' data: column 'age' holds numbers at ['p'] and categories at ['r']" in told
    assert [table.participant_id for table in found.tables] == ["p", "r"]
    assert not found.can_be_trained_with


def test_each_tag_is_reported_by_itself(tmp_path: Path) -> None:
    write(tmp_path / "p" / "2020")
    write(tmp_path / "p" / "2021", f"{ROWS}70,m,b\n")

    found = report(tmp_path, p={"train": [["2020"], ["2021"]]})

    assert [(table.tags, table.rows_read) for table in found.tables] == [([["2020"]], 4), ([["2021"]], 5)]


def test_a_regression_has_no_classes(tmp_path: Path) -> None:
    write(tmp_path / "p" / "train", "age,sex,target\n30,m,1.5\n40,f,2.5\n", {**SCHEMA, "target": "float64"})
    write(tmp_path / "p" / "evaluate", "age,sex,target\n30,m,7.5\n", {**SCHEMA, "target": "float64"})

    found = report(tmp_path, "regress", p={**ONE, "evaluate": [["evaluate"]]})

    assert found.findings == ()
    assert [table["classes"] for table in found.as_data()["tables"]] == [{}, {}]


# A folder with a csv file and no metadata.json


def test_a_tag_that_leads_to_a_csv_alone_names_the_command(tmp_path: Path) -> None:
    (tmp_path / "st mary" / "2020").mkdir(parents=True)
    (tmp_path / "st mary" / "2020" / "raw.csv").write_text(ROWS)

    found = report(tmp_path, **{"st mary": {"train": [["2020"]]}})

    told = said(found, "error")
    assert "leads to 'st mary/2020', which holds raw.csv and no metadata.json: metadata.json is missing" in told
    assert f"synergos data prepare '{tmp_path}/st mary/2020/raw.csv' --to '{tmp_path}/st mary' --target COLUMN" in told


# On a sandbox


@pytest.fixture
def grid(tmp_path: Path) -> Iterator[tuple[Sandbox, Driver]]:
    rows = "".join(f"{age},{'mf'[age % 2]},{'ab'[age % 2]}\n" for age in range(20, 50))
    write(tmp_path / "data" / "p" / "train", f"age,sex,target\n{rows}many,m,a\n70,f,\n")
    write(tmp_path / "data" / "p" / "evaluate", f"{ROWS}70,m,c\n")
    with Sandbox(data=tmp_path / "data") as ttp, Driver(ttp.host, ttp.port) as driver:
        driver.projects.create(project_id="x", action="classify", incentives={})
        driver.experiments.create(project_id="x", expt_id="data_report.json", model=[LAYER])
        driver.runs.create(
            project_id="x", expt_id="data_report.json", run_id="r", rounds=1, epochs=1, criterion="BCELoss", lr=0.1
        )
        driver.participants.create("p", host="127.0.0.1", port=8020, f_port=5000)
        driver.registrations.create(project_id="x", participant_id="p", role="guest")
        driver.tags.create(project_id="x", participant_id="p", train=[["train"]], evaluate=[["evaluate"]])
        yield ttp, driver


def test_a_check_shows_it(grid: tuple[Sandbox, Driver]) -> None:
    found = grid[1].check(project_id="x")

    told = said(found, "warning")
    for text in ("with no number in it: 'many' in row 31", "1 of 32 rows left out: no target", "has the class 'c'"):
        assert text in told
    assert "'many'" in str(found)
    assert [(table.participant_id, table.purpose, table.rows_used) for table in found.data] == [
        ("p", "train", 31),
        ("p", "evaluate", 5),
    ]
    assert "p, train ['train']: 32 rows read, 31 used, 1 left out: no target." in str(found.data[0])
    assert "1, as 'many' in p/train/data.csv, row 31" in html.unescape(found._repr_html_())
    assert found._repr_html_().count("<details>") == 2


def test_a_check_finds_what_an_alignment_would_fail_by(grid: tuple[Sandbox, Driver]) -> None:
    _, driver = grid
    driver.tags.update(project_id="x", participant_id="p", train=[["nowhere"]])

    found = driver.check(project_id="x")

    assert not found
    assert "leads to no data folder" in said(found, "error")
    with pytest.raises(Rejected, match="leads to no data folder"):
        driver.alignments.create(project_id="x")


def test_an_alignment_and_a_training_leave_it_beside_their_outputs(
    grid: tuple[Sandbox, Driver], caplog: pytest.LogCaptureFixture
) -> None:
    ttp, driver = grid
    with caplog.at_level(logging.WARNING, "synergos.sandbox"):
        driver.alignments.create(project_id="x")
    told = [record.getMessage() for record in caplog.records if record.name == "synergos.sandbox"]
    assert any("'many' in row 31 of p/train/data.csv" in line for line in told)
    assert any("has the class 'c'" in line for line in told)
    assert all(record.levelno == logging.WARNING for record in caplog.records if record.name == "synergos.sandbox")

    model = driver.models.create(project_id="x", expt_id="data_report.json", run_id="r").data[0]
    assert model.global_ is not None
    driver.validations.create(project_id="x", expt_id="data_report.json", run_id="r")

    outputs = Path(str(model.global_.path)).parent
    assert [path.name for path in ttp.outputs.rglob("evaluate/p/*report.json")] == ["data_report.json"]
    for path in (ttp.outputs / "x" / "data_report.json", outputs / "data_report.json"):
        content = json.loads(path.read_text())
        assert [(table["purpose"], table["rows_used"]) for table in content["tables"]] == [
            ("train", 31),
            ("evaluate", 5),
        ]
        assert any("'many' in row 31" in finding["what"] for finding in content["findings"])


def test_a_project_that_cannot_be_reported_on(caller_of: Any) -> None:
    with Sandbox() as ttp:
        caller = caller_of(ttp.port)
        assert "'project_id' must be given" in caller.refused(417, "GET", "/ttp/sandbox/data")
        assert "'p' does not exist" in caller.refused(404, "GET", "/ttp/sandbox/data?project_id=p")
        caller.ok("POST", "projects/", {"project_id": "p", "action": "classify", "incentives": {}})
        assert caller.ok("GET", "/ttp/sandbox/data?project_id=p") == {"tables": [], "findings": []}


def test_it_is_read_while_a_training_is_under_way(grid: tuple[Sandbox, Driver]) -> None:
    _, driver = grid
    driver.alignments.create(project_id="x")
    driver.runs.update(project_id="x", expt_id="data_report.json", run_id="r", rounds=1_000_000)
    job = driver.models.submit(project_id="x", expt_id="data_report.json", run_id="r")
    try:
        assert len(driver.check(project_id="x").data) == 2
        assert job.state == "running"
    finally:
        job.cancel()


# Without any TTP


def test_a_folder_is_checked_without_any_ttp(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "p" / "train")
    write(tmp_path / "p" / "evaluate", f"{ROWS}70,m,c\n")

    assert main(["data", "check", str(tmp_path / "p")]) == 0
    out = capsys.readouterr().out
    assert f"{tmp_path / 'p'} can be trained with, to classify." in out
    assert "p, train ['train']: 4 rows read, 4 used." in out
    assert "p, evaluate ['evaluate']: 5 rows read, 5 used." in out
    assert "has the class 'c'" in " ".join(out.split())

    assert main(["data", "check", str(tmp_path / "p" / "train"), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["action"], len(found["tables"])) == (True, "classify", 1)


def test_what_cannot_be_trained_with_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "p" / "train", "age,sex\n30,m\n", {"age": "int64", "sex": "category"})

    assert main(["data", "check", str(tmp_path / "p")]) == 1
    assert "column 'target' is missing" in " ".join(capsys.readouterr().out.split())
    assert main(["data", "check", str(tmp_path / "p"), "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_where_there_are_no_data_it_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder, text in ((tmp_path / "no", "is not a folder"), (tmp_path, "metadata.json is missing")):
        assert main(["data", "check", str(folder)]) == 2
        assert text in capsys.readouterr().err
    (tmp_path / "raw.csv").write_text(ROWS)
    assert main(["data", "check", str(tmp_path)]) == 2
    assert f"synergos data prepare {tmp_path}/raw.csv --to DATA/PARTICIPANT" in capsys.readouterr().err


def test_a_csv_beside_data_folders_is_named(tmp_path: Path) -> None:
    write(tmp_path / "p" / "train")
    (tmp_path / "p" / "raw.csv").write_text(ROWS)

    assert "'raw.csv' is in no data folder" in "".join(one.what for one in check_data(tmp_path / "p").findings)


@pytest.mark.parametrize(
    ("targets", "action"),
    [("ab", "classify"), ("01", "classify"), (["1.5", "2.5"], "regress"), (map(str, range(30)), "regress")],
)
def test_the_action_is_told_from_the_targets(tmp_path: Path, targets: Any, action: str) -> None:
    rows = "".join(f"{n},m,{target}\n" for n, target in enumerate(targets))
    write(
        tmp_path / "p", f"age,sex,target\n{rows}", {**SCHEMA, "target": "object" if action == "classify" else "float64"}
    )

    assert check_data(tmp_path / "p").action == action
    assert check_data(tmp_path / "p", action="classify").action == "classify"


def test_the_shipped_data_can_be_trained_with() -> None:
    assert check_data(demo_data() / "iid_1")


def test_the_command_prepares_what_the_other_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "raw.csv").write_text(
        "Age;Weight;Readmitted?\n" + "".join(f"{n};{n},5;{'YN'[n % 2]}\n" for n in range(20))
    )
    to = str(tmp_path / "data" / "st_mary")
    prepare = [
        "data",
        "prepare",
        str(tmp_path / "raw.csv"),
        "--to",
        to,
        "--target",
        "Readmitted?",
        "--evaluate",
        "0.25",
    ]

    assert main([*prepare, "--stratify", "--drop", "Age"]) == 0
    out = capsys.readouterr().out
    assert "Prepared raw.csv: 16 rows to" in out or "Prepared raw.csv: 15 rows to" in out
    assert "Its decimal mark is ','" in out
    assert main(["data", "check", to]) == 0
    assert "Age" not in capsys.readouterr().out
    assert main(prepare) == 2
    assert "is there already, and nothing was written" in capsys.readouterr().err
    assert main([*prepare, "--force"]) == 0
