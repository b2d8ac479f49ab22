import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from synergos.sandbox.store import Record, Store, StoreInUse


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "grid.sqlite") as opened:
        yield opened


def run_key(project: str, expt: str, run: str, **more: str) -> dict[str, str]:
    return {"project_id": project, "expt_id": expt, "run_id": run, **more}


def keys(records: list[Record], name: str) -> list[str]:
    return [record.key[name] for record in records]


def test_a_record_is_what_was_put(store: Store) -> None:
    put = store.put("Project", {"project_id": "p"}, {"action": "classify", "incentives": {"a": [1.5, None, True]}})
    assert put == Record(
        "Project", 1, {"project_id": "p"}, {"action": "classify", "incentives": {"a": [1.5, None, True]}}
    )
    assert store.get("Project", {"project_id": "p"}) == put
    assert store.find("Project", {}) == [put]


def test_what_is_not_there_is_none_and_an_empty_list(store: Store) -> None:
    assert store.get("Project", {"project_id": "p"}) is None
    assert store.find("Run", {"project_id": "p"}) == []


def test_putting_again_merges_at_the_top_and_keeps_the_number(store: Store) -> None:
    store.put("Project", {"project_id": "a"}, {"x": 1})
    first = store.put("Project", {"project_id": "p"}, {"kept": 1, "incentives": {"a": 1}})
    store.put("Project", {"project_id": "z"}, {})
    again = store.put("Project", {"project_id": "p"}, {"incentives": {"b": 2}})
    assert (first.doc_id, again.doc_id) == (2, 2)
    assert again.fields == {"kept": 1, "incentives": {"b": 2}}
    assert store.get("Project", {"project_id": "p"}) == again
    assert keys(store.find("Project", {}), "project_id") == ["a", "p", "z"]


def test_each_kind_counts_for_itself(store: Store) -> None:
    assert store.put("Project", {"project_id": "p"}, {}).doc_id == 1
    assert store.put("Run", run_key("p", "e", "r"), {}).doc_id == 1
    assert store.put("Run", run_key("p", "e", "s"), {}).doc_id == 2


def test_records_are_found_by_some_of_their_ids_in_the_order_of_their_making(store: Store) -> None:
    made = [("q", "e", "z"), ("p", "f", "b"), ("p", "e", "c"), ("p", "e", "a"), ("q", "e", "a")]
    for ids in made:
        store.put("Run", run_key(*ids), {})
    store.put("Run", run_key("p", "e", "c"), {"changed": 1})
    found = [tuple(record.key.values()) for record in store.find("Run", {})]
    assert found == made
    assert keys(store.find("Run", {"project_id": "p"}), "run_id") == ["b", "c", "a"]
    assert keys(store.find("Run", {"project_id": "p", "expt_id": "e"}), "run_id") == ["c", "a"]
    assert keys(store.find("Run", {"expt_id": "e"}), "run_id") == ["z", "c", "a", "a"]


def test_get_takes_the_key_in_full(store: Store) -> None:
    store.put("Run", run_key("p", "e", "r"), {})
    assert store.get("Run", {"project_id": "p", "expt_id": "e"}) is None


def test_the_generations_never_meet(store: Store) -> None:
    store.put("Project", {"project_id": "p"}, {"of": "v4"})
    store.put("Project", {"collab_id": "c", "project_id": "p"}, {"of": "v8"})
    store.put("Project", {"collab_id": "d", "project_id": "p"}, {"of": "another"})
    assert [record.fields["of"] for record in store.find("Project", {})] == ["v4"]
    assert [record.fields["of"] for record in store.find("Project", {"collab_id": "c"})] == ["v8"]
    assert store.find("Project", {"collab_id": "c"})[0].key == {"collab_id": "c", "project_id": "p"}
    store.delete(["Project"], {"project_id": "p"})
    assert store.get("Project", {"project_id": "p"}) is None
    assert store.get("Project", {"collab_id": "c", "project_id": "p"}) is not None


def test_deleting_takes_the_kinds_that_are_named_below_the_ids_and_no_others(store: Store) -> None:
    for project in ("p", "q"):
        for run in ("r", "s"):
            for kind in ("Run", "Model", "Validation"):
                store.put(kind, run_key(project, "e", run), {})
    store.delete(["Run", "Model"], run_key("p", "e", "r"))
    assert [tuple(one.key.values()) for one in store.find("Run", {})] == [
        ("p", "e", "s"),
        ("q", "e", "r"),
        ("q", "e", "s"),
    ]
    assert len(store.find("Model", {})) == 3
    assert len(store.find("Validation", {})) == 4


def test_deleting_nothing_is_no_error(store: Store) -> None:
    store.delete(["Project"], {"project_id": "p"})


def test_a_number_is_not_given_to_two_records_that_are_there(store: Store) -> None:
    for name in "abc":
        store.put("Project", {"project_id": name}, {})
    store.delete(["Project"], {"project_id": "b"})
    store.put("Project", {"project_id": "d"}, {})
    numbers = [record.doc_id for record in store.find("Project", {})]
    assert len(set(numbers)) == 3
    assert keys(store.find("Project", {}), "project_id") == ["a", "c", "d"]


@pytest.mark.parametrize("wrong", [object(), float])
def test_all_records_are_put_or_none(store: Store, wrong: object) -> None:
    store.put("Project", {"project_id": "old"}, {"x": 1})
    records = [
        ("Project", {"project_id": "old"}, {"x": 2}),
        ("Project", {"project_id": "new"}, {}),
        ("Project", {"project_id": "wrong"}, {"x": wrong}),
    ]
    with pytest.raises(TypeError):
        store.put_all(records)
    assert [(one.key["project_id"], one.fields) for one in store.find("Project", {})] == [("old", {"x": 1})]


def test_none_are_put_when_the_records_cannot_be_made(store: Store) -> None:
    def records() -> Iterator[tuple[str, dict[str, str], dict[str, object]]]:
        yield "Project", {"project_id": "new"}, {}
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        store.put_all(records())
    assert store.find("Project", {}) == []
    assert store.put("Project", {"project_id": "p"}, {}).doc_id == 1


def test_records_are_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    with Store(tmp_path / "f") as store:
        kept = [store.put("Project", {"project_id": name}, {"n": name}) for name in ("p", "q")]
    with Store(tmp_path / "f") as store:
        assert store.find("Project", {}) == kept
        assert store.put("Project", {"project_id": "r"}, {}).doc_id == 3


def test_a_file_in_use_says_what_to_do_and_is_free_again_when_closed(tmp_path: Path) -> None:
    with Store(tmp_path / "f") as store:
        store.put("Project", {"project_id": "p"}, {})
        with pytest.raises(StoreInUse, match=r"f is in use by another sandbox: stop that, or name another file"):
            Store(tmp_path / "f")
        assert store.put("Project", {"project_id": "q"}, {}).doc_id == 2
    with Store(tmp_path / "f") as store:
        assert len(store.find("Project", {})) == 2


def test_a_file_that_nothing_was_put_into_is_in_use_too(tmp_path: Path) -> None:
    with Store(tmp_path / "f"), pytest.raises(StoreInUse, match="in use"):
        Store(tmp_path / "f")
    with Store(tmp_path / "f"), pytest.raises(StoreInUse, match="in use"):
        Store(tmp_path / "f")


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("a letter to someone, " * 100)
    with pytest.raises(StoreInUse, match=r"f cannot be used as a store: file is not a database"):
        Store(tmp_path / "f")
    assert (tmp_path / "f").read_text() == "a letter to someone, " * 100


def test_a_folder_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(StoreInUse, match=f"{tmp_path.name} cannot be used as a store: "):
        Store(tmp_path)


def test_writers_at_once_lose_nothing(store: Store) -> None:
    start = threading.Barrier(8)

    def write(writer: int) -> None:
        start.wait()
        for count in range(25):
            store.put("Project", {"project_id": f"{writer}-{count}"}, {"of": writer})
            store.put("Project", {"project_id": "shared"}, {f"{writer}-{count}": True})
            store.find("Project", {"project_id": "shared"})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = store.find("Project", {})
    assert len(found) == 8 * 25 + 1
    assert sorted(record.doc_id for record in found) == list(range(1, 8 * 25 + 2))
    shared = store.get("Project", {"project_id": "shared"})
    assert shared is not None
    assert len(shared.fields) == 8 * 25


@pytest.mark.parametrize(
    "own_id",
    [
        "it's",
        '"quoted"',
        "a;DROP TABLE records;--",
        "100%",
        "_",
        "Zürich 日本 🐧",
        "two\nlines",
        "\n",
        "\0",
        " ",
        "x" * 5000,
    ],
)
def test_an_id_may_hold_anything(store: Store, own_id: str) -> None:
    store.put("Project", {"project_id": "other"}, {})
    put = store.put("Project", {"project_id": own_id}, {"text": own_id, own_id: 1})
    assert store.get("Project", {"project_id": own_id}) == put
    assert store.find("Project", {"project_id": own_id}) == [put]
    store.delete(["Project"], {"project_id": own_id})
    assert keys(store.find("Project", {}), "project_id") == ["other"]


def test_the_file_is_a_sound_database_afterwards(tmp_path: Path) -> None:
    with Store(tmp_path / "f") as store:
        for number in range(200):
            store.put("Project", {"project_id": str(number)}, {"text": "x" * 500})
    connection = sqlite3.connect(tmp_path / "f")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_putting_in_place_of_a_record_keeps_its_number_and_nothing_else(store: Store) -> None:
    store.put("Model", run_key("p", "e", "r"), {"global": 1, "local_2": 1})
    store.put("Model", run_key("p", "e", "r"), {"global": 2}, replaces=True)
    assert store.find("Model", {}) == [Record("Model", 1, run_key("p", "e", "r"), {"global": 2})]


@pytest.mark.parametrize("ids", [{"project_id": "p"}, {"project_id": "p", "expt_id": "e"}, {"participant_id": "b"}])
def test_what_is_below_an_id_is_looked_up_and_not_searched_for_among_all(store: Store, ids: dict[str, str]) -> None:
    statements: list[str] = []
    store._connection.set_trace_callback(statements.append)
    store.find("Validation", ids)
    store._connection.set_trace_callback(None)
    first = store._connection.execute(f"EXPLAIN QUERY PLAN {statements[-1]}").fetchone()
    assert all(f"{name}=?" in first[3] for name in ids), first[3]
