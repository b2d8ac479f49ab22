"""Records of answers: read when they are touched, shown without what is not set, and else plain objects and lists."""

import copy
import pickle
from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs
import pytest
from recorder import Recorder, envelope
from synergos_client.models.model_file import ModelFile
from synergos_client.models.project import Project
from synergos_client.models.project_incentives import ProjectIncentives
from synergos_client.models.project_key import ProjectKey
from synergos_client.models.relations import Relations
from synergos_client.models.run import Run
from synergos_client.models.run_input import RunInput
from synergos_client.models.statistics import Statistics
from synergos_client.types import UNSET

from synergos import NotAnswered, Unreadable
from synergos.common.record import Records, one, records

KEY = {"project_id": "p", "expt_id": "e", "run_id": "r"}
RUN = {"doc_id": "1", "kind": "Run", "key": KEY, "relations": {"Model": []}, "rounds": 2, "lr": 0.5, "momentum": 0.9}
# Would be markup in a notebook, and steers a terminal.
ODD = "<script>alert(1)</script>\x1b[2J\u202e\ud800"


def runs(count: int) -> Records[Run]:
    return records([{**RUN, "doc_id": str(number)} for number in range(count)], Run.from_dict, Run.check)


# One record


def test_a_record_is_made_by_hand_as_it_is_read() -> None:
    tiers = ProjectIncentives()
    made = Project("1", "Project", ProjectKey("p"), Relations(), "classify", tiers)
    assert made.start_at is None
    assert made == Project.from_dict(made.to_dict())
    assert made.to_dict() == {
        **{"doc_id": "1", "kind": "Project", "key": {"project_id": "p"}, "relations": {}},
        **{"action": "classify", "incentives": {}},
    }


def test_what_is_changed_in_a_record_is_in_what_it_gives() -> None:
    run = Run.from_dict(RUN)
    run.lr = 0.25
    run["momentum"] = 0.5
    run.key.run_id = "other"
    run.batch_size = 8
    changed = {**RUN, "lr": 0.25, "momentum": 0.5, "key": {**KEY, "run_id": "other"}, "batch_size": 8}
    assert run.to_dict() == changed
    assert run == Run.from_dict(changed) != Run.from_dict(RUN)
    assert RUN["lr"] == 0.5 and KEY["run_id"] == "r"


def test_what_a_record_gives_is_not_what_was_sent_itself() -> None:
    sent = copy.deepcopy(RUN)
    given = Run.from_dict(sent).to_dict()
    given["key"]["run_id"] = "other"
    assert sent == RUN


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_is_equal(duplicate: Callable[[Any], Any]) -> None:
    run = Run.from_dict(RUN)
    run.lr = 0.25
    found = duplicate(run)
    assert type(found) is Run
    assert found == run
    assert (found.lr, found.batch_size, found["momentum"]) == (0.25, None, 0.9)
    run.lr = 1.0
    assert found.lr == 0.25


def test_a_record_is_shown_without_what_is_not_set() -> None:
    shown = repr(Run.from_dict(RUN))
    for part in ("key=RunKey(project_id='p', expt_id='e', run_id='r')", "rounds=2", "lr=0.5", "momentum=0.9"):
        assert part in shown
    assert "UNSET" not in shown and "None" not in shown and "batch_size" not in shown
    assert repr(Statistics.from_dict({})) == "Statistics()"


def test_a_large_record_is_shown_in_a_few_lines() -> None:
    many = {"Run": [RUN] * 500, "Experiment": []}
    project = Project.from_dict({"doc_id": "1", "kind": "Project", "key": KEY, "relations": many, "note": "x" * 10_000})
    shown = repr(project)
    assert "relations=Relations(experiment=[], run=[500 Run])" in shown
    assert shown.count("\n") <= 4
    assert max(map(len, shown.splitlines())) <= 120


def test_what_is_not_set_in_what_is_sent_says_so() -> None:
    assert repr(UNSET) == "UNSET"
    for duplicate in (copy.copy(UNSET), copy.deepcopy(UNSET), pickle.loads(pickle.dumps(UNSET))):
        assert duplicate is UNSET
    assert copy.deepcopy(RunInput(run_id="r")).to_dict() == RunInput(run_id="r").to_dict()


def test_showing_escapes_and_never_raises() -> None:
    odd = {"doc_id": ODD, "kind": ODD, "key": {"project_id": ODD, ODD: ODD}, ODD: [ODD], "relations": ODD}
    for shown in (Project.from_dict(odd), records([odd], Project.from_dict), records([{"key": 7}], Project.from_dict)):
        text, html = repr(shown), shown._repr_html_()
        text.encode()
        assert all(line.isprintable() for line in text.split("\n"))
        assert html is None or ("<script>" not in html and all(line.isprintable() for line in html.split("\n")))


def test_showing_a_value_that_cannot_be_shown_does_not_raise() -> None:
    class Wrong:
        def __repr__(self) -> str:
            raise RuntimeError

    run = Run.from_dict(RUN)
    run.lr = Wrong()  # type: ignore[assignment]
    assert repr(run) == "<Run>"
    assert run._repr_html_() is None
    assert repr(Records([run])) == "<1 records>"


def test_a_field_of_another_shape_tells_and_the_others_are_there() -> None:
    run = Run.from_dict({**RUN, "relations": 7})
    with pytest.raises(Unreadable, match="relations of this Run is not what the contract says"):
        _ = run.relations
    assert run.lr == 0.5


def test_a_time_is_one_where_it_reads_as_one() -> None:
    times = [Run.from_dict({**RUN, "created_at": text}).created_at for text in ("2026-11-24T03:49:56+00:00", "soon")]
    assert isinstance(times[0], datetime)
    assert times[1] == "soon"


def test_an_error_of_what_is_not_told_can_be_pickled() -> None:
    with pytest.raises(NotAnswered) as raised:
        _ = Statistics.from_dict({"R2": 0.5}).accuracy
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)
    assert str(raised.value) == "The TTP has told no accuracy of this Statistics. It has told: r2."


# Lists


def test_the_records_of_a_list_are_made_when_they_are_touched() -> None:
    made: list[object] = []

    def make(sent: dict[str, Any]) -> Run:
        made.append(sent["doc_id"])
        return Run.from_dict(sent)

    found = records([{**RUN, "doc_id": number} for number in range(100)], make)
    assert (len(found), bool(found), made) == (100, True, [])
    assert (found[7].doc_id, found[-1].doc_id, found[7]) == (7, 99, found[7])
    assert made == [7, 99]
    assert [run.doc_id for run in found[:2]] == [0, 1]
    assert made == [7, 99, 0, 1]
    assert len(list(found)) == len(made) == 100


LISTS: dict[str, Callable[[list[Run]], object]] = {
    "iterate": list,
    "unpack": lambda found: [*found],
    "tuple": tuple,
    "slice": lambda found: found[1:],
    "reversed": lambda found: list(reversed(found)),
    "sorted": lambda found: sorted(found, key=lambda run: str(run.doc_id), reverse=True),
    "in": lambda found: Run.from_dict({**RUN, "doc_id": "1"}) in found,
    "index": lambda found: found.index(Run.from_dict({**RUN, "doc_id": "1"})),
    "count": lambda found: found.count(Run.from_dict({**RUN, "doc_id": "1"})),
    "add": lambda found: found + [1],  # type: ignore[operator]  # noqa: RUF005
    "radd": lambda found: [1] + found,  # type: ignore[operator]  # noqa: RUF005
    "times": lambda found: found * 2,
    "equal": lambda found: [found == list(found), found != list(found), found == [], list(found) == found],
    "pop": lambda found: (found.pop(), len(found)),
    "sort": lambda found: (found.sort(key=lambda run: str(run.doc_id), reverse=True), found),
    "reverse": lambda found: (found.reverse(), found),
    "extend": lambda found: (found.extend(list(found)), found),
    "set": lambda found: (found.__setitem__(0, found[1]), found),
    "delete": lambda found: (found.__delitem__(slice(1)), found),
    "copy": lambda found: found.copy(),
    "deepcopy": copy.deepcopy,
    "shallow": copy.copy,
    "pickle": lambda found: pickle.loads(pickle.dumps(found)),
    "map": lambda found: [run.doc_id for run in map(copy.copy, found)],
    "zip": lambda found: list(zip(found, found, strict=True)),
    "max": lambda found: max(found, key=lambda run: str(run.doc_id)),
    "match": lambda found: [first.doc_id for first, *_ in [found]],
    "instance": lambda found: isinstance(found, list),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_records_is_a_list(name: str) -> None:
    lazy, plain = LISTS[name](runs(3)), LISTS[name](list(runs(3)))
    assert lazy == plain
    assert plain == lazy
    for part in lazy if isinstance(lazy, list | tuple) else ():
        assert not isinstance(part, dict)


def test_every_method_of_a_list_knows_of_records_that_are_not_made() -> None:
    own = {name for name in vars(list) if callable(getattr(list, name))} - vars(object).keys()
    assert own - vars(Records).keys() <= {"__len__", "__class_getitem__", "__sizeof__"}


def test_a_record_of_a_list_that_is_none_is_told_when_it_is_touched() -> None:
    found = records([RUN, {"kind": "Run"}], one("Run"))
    assert found[0].lr == 0.5
    with pytest.raises(Unreadable, match="Record 1 of this list is not what the contract says"):
        found[1]


def test_a_list_is_shown_as_its_beginning() -> None:
    lines = repr(runs(200)).splitlines()
    assert len(lines) <= 11
    assert lines[-1] == " … and 190 more]"
    html = runs(200)._repr_html_() or ""
    assert html.count("<tr>") == 51
    assert "… and 150 more" in html
    assert "<th>run_id</th><th>rounds</th><th>lr</th><th>momentum</th>" in html
    assert (repr(runs(0)), runs(0)._repr_html_()) == ("[]", "<p>None.</p>")


def test_the_list_of_a_reply_is_shown_as_a_table(recorder: Recorder) -> None:
    recorder.respond(200, json=envelope([RUN]))
    data = recorder.driver.runs.read_all(project_id="p", expt_id="e").data
    assert "<th>run_id</th>" in data._repr_html_()  # type: ignore[attr-defined]


def test_records_are_classes_of_attrs() -> None:
    assert {field.name for field in attrs.fields(ModelFile)} == {"origin", "path", "loss_history"}
