import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from synergos.ttp.errors import Broken, DiskFull, Missing
from synergos.ttp.records import KINDS, Records
from synergos.ttp.store import Record, Store, StoreInUse


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


def first_version(path: Path, fields: str = '{"x": 1}') -> sqlite3.Connection:
    """A store as the first version made it, still open."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(
        "CREATE TABLE records (kind TEXT NOT NULL, collab_id TEXT NOT NULL, project_id TEXT NOT NULL, "
        "expt_id TEXT NOT NULL, run_id TEXT NOT NULL, participant_id TEXT NOT NULL, doc_id INTEGER NOT NULL, "
        "fields TEXT NOT NULL, "
        "PRIMARY KEY (kind, collab_id, project_id, expt_id, run_id, participant_id)) WITHOUT ROWID"
    )
    connection.execute("INSERT INTO records VALUES ('Project', '', 'p', '', '', '', 7, ?)", (fields,))
    return connection


class TestNumbers:
    def test_a_number_is_never_given_again(self, tmp_path: Path) -> None:
        with Store(tmp_path / "f") as store:
            assert store.put("Run", run_key("p", "e", "r"), {}).doc_id == 1
            store.delete(["Run"], run_key("p", "e", "r"))
            assert store.put("Run", run_key("p", "e", "r"), {}).doc_id == 2
            store.delete(["Run"], {"project_id": "p"})
        with Store(tmp_path / "f") as store:
            assert store.put("Run", run_key("p", "e", "r"), {}).doc_id == 3

    def test_a_number_that_came_to_nothing_may_be_given(self, store: Store) -> None:
        with pytest.raises(RuntimeError, match="stop"), store.transaction():
            store.put("Project", {"project_id": "p"}, {})
            raise RuntimeError("stop")
        assert store.find("Project", {}) == []
        assert store.put("Project", {"project_id": "p"}, {}).doc_id == 1


class TestTransactions:
    def test_what_is_called_meanwhile_is_kept_as_a_whole(self, store: Store) -> None:
        store.put("Project", {"project_id": "old"}, {})
        with pytest.raises(RuntimeError, match="stop"), store.transaction():
            store.put("Project", {"project_id": "p"}, {})
            store.put_all([("Run", run_key("p", "e", "r"), {})])
            store.delete(["Project"], {"project_id": "old"})
            assert [one.key["project_id"] for one in store.find("Project", {})] == ["p"]
            raise RuntimeError("stop")
        assert [one.key["project_id"] for one in store.find("Project", {})] == ["old"]
        assert store.find("Run", {}) == []

    def test_nobody_sees_or_changes_half_of_it(self, store: Store) -> None:
        seen: list[int] = []
        inside, others = threading.Event(), []
        for look in (
            lambda: len(store.find("Project", {})),
            lambda: store.put("Project", {"project_id": "q"}, {}).doc_id,
        ):
            others.append(threading.Thread(target=lambda look=look: (inside.wait(), seen.append(look()))))
            others[-1].start()
        with store.transaction():
            store.put("Project", {"project_id": "a"}, {})
            inside.set()
            store.put("Project", {"project_id": "b"}, {})
            assert seen == []
        for thread in others:
            thread.join()
        assert min(seen) >= 2


class TestOwner:
    """Whose file it is that `--store` names."""

    def refused(self, path: Path, match: str) -> None:
        """The store is refused, and nothing in its folder is touched."""
        before = {file.name: file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith("-shm")}
        with pytest.raises(StoreInUse, match=match):
            Store(path)
        now = {file.name: file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith("-shm")}
        assert now == before

    @pytest.mark.parametrize("journal", ["DELETE", "WAL"])
    @pytest.mark.parametrize("setting", ["application_id=1", "application_id=0", "user_version=9"])
    def test_the_database_of_another_program_is_refused_untouched(
        self, tmp_path: Path, journal: str, setting: str
    ) -> None:
        connection = sqlite3.connect(tmp_path / "f", isolation_level=None)
        connection.execute(f"PRAGMA journal_mode={journal}")
        connection.execute(f"PRAGMA {setting}")
        connection.execute("CREATE TABLE records (letter TEXT)")
        connection.close()
        self.refused(tmp_path / "f", "is the database of another program, and is left as it is: name another file")

    def test_it_is_refused_untouched_too_while_that_has_it_open(self, tmp_path: Path) -> None:
        connection = sqlite3.connect(tmp_path / "f", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE letters (letter TEXT)")
        self.refused(tmp_path / "f", "another program")
        connection.execute("INSERT INTO letters VALUES ('a')")
        connection.execute("BEGIN EXCLUSIVE")
        self.refused(tmp_path / "f", "another program")
        connection.close()

    @pytest.mark.parametrize("is_open", [True, False])
    def test_an_older_store_is_brought_up_to_date(self, tmp_path: Path, is_open: bool) -> None:
        connection = first_version(tmp_path / "old" if is_open else tmp_path / "f")
        if is_open:
            # What a kill leaves: all of it is still in the journal.
            for end in ("", "-wal"):
                (tmp_path / f"f{end}").write_bytes((tmp_path / f"old{end}").read_bytes())
        connection.close()
        with Store(tmp_path / "f") as store:
            assert store.find("Project", {}) == [Record("Project", 7, {"project_id": "p"}, {"x": 1})]
            store.delete(["Project"], {"project_id": "p"})
            assert store.put("Project", {"project_id": "p"}, {}).doc_id == 8
        with Store(tmp_path / "f") as store:
            assert store.put("Project", {"project_id": "q"}, {}).doc_id == 9

    def test_numbers_that_are_none_in_an_older_store_are_read(self, tmp_path: Path, caplog: Any) -> None:
        first_version(tmp_path / "f", '{"x": [NaN, Infinity]}').close()
        with Store(tmp_path / "f") as store:
            assert len(store.find("Project", {})) == 1
        assert caplog.records == []

    def test_a_store_of_a_newer_version_is_refused_untouched(self, tmp_path: Path) -> None:
        Store(tmp_path / "f").close()
        connection = sqlite3.connect(tmp_path / "f", isolation_level=None)
        connection.execute("PRAGMA user_version=1000")
        connection.close()
        self.refused(tmp_path / "f", "was made by a newer Synergos: use that, or name another file")

    def test_a_store_of_ours_is_known_in_the_middle_of_being_made(self, tmp_path: Path) -> None:
        Store(tmp_path / "f").close()
        with sqlite3.connect(tmp_path / "f") as connection:
            connection.executescript("DROP TABLE records; DROP TABLE numbers; PRAGMA user_version=0")
        connection.close()
        with Store(tmp_path / "f") as store:
            assert store.put("Project", {"project_id": "p"}, {}).doc_id == 1


class TestBroken:
    def test_a_record_that_is_broken_is_named_when_the_store_is_opened(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        with Store(tmp_path / "f") as store:
            for run in "rst":
                store.put("Run", run_key("p", "e", run), {})
            store._connection.execute("UPDATE records SET fields = '{' WHERE run_id = 's'")
            store._connection.execute("UPDATE records SET fields = X'00FF' WHERE run_id = 't'")
        with Store(tmp_path / "f") as store:
            assert [record.message for record in caplog.records] == [
                f"The record of Run project_id='p', expt_id='e', run_id='{run}' is broken: delete it, or make it anew."
                for run in "st"
            ]
            assert keys(store.find("Run", {}), "run_id") == ["r"]
            with pytest.raises(Broken, match="run_id='s' is broken"):
                store.get("Run", run_key("p", "e", "s"))
            with pytest.raises(Broken, match="run_id='s' is broken"):
                store.find("Run", {}, complete=True)
            store.delete(["Run"], run_key("p", "e", "t"))
            assert store.put("Run", run_key("p", "e", "s"), {"x": 1}).doc_id == 2
            assert keys(store.find("Run", {}), "run_id") == ["r", "s"]

    def test_a_file_of_which_a_part_is_broken_is_refused_with_the_last_record_that_can_be_read(
        self, tmp_path: Path
    ) -> None:
        with Store(tmp_path / "f") as store:
            for number in range(200):
                store.put("Project", {"project_id": f"p{number:03}"}, {"text": "x" * 500})
        content = bytearray((tmp_path / "f").read_bytes())
        # Not the head, not the last pages: leaves of the records.
        for page in range(12, 16):
            content[page * 4096 : page * 4096 + 4096] = b"\xff" * 4096
        (tmp_path / "f").write_bytes(content)
        with pytest.raises(StoreInUse, match=r"f is broken \(.*\); .*record.* Put back a copy of it, or name another"):
            Store(tmp_path / "f")
        assert (tmp_path / "f").read_bytes() == content


class TestFullDisk:
    def test_a_full_disk_is_told_and_nothing_is_changed(self, store: Store) -> None:
        store.put("Project", {"project_id": "p"}, {"x": 1})
        store._connection.execute("PRAGMA max_page_count=10")
        big = {"text": "x" * 200_000}
        with pytest.raises(DiskFull, match="no room on the disk for the records") as raised:
            store.put_all([("Project", {"project_id": "q"}, {}), ("Project", {"project_id": "p"}, big)])
        assert raised.value.status == 507
        assert store.find("Project", {}) == [Record("Project", 1, {"project_id": "p"}, {"x": 1})]
        assert store.put("Project", {"project_id": "q"}, {}).doc_id == 2


def test_ids_are_named_without_reading_records(store: Store) -> None:
    for name in ("a", "b", "c"):
        store.put("Project", {"project_id": name}, {})
        store.put("Project", {"project_id": name, "collab_id": "c"}, {})
    assert sorted(store.names("Project", {}, "project_id")) == ["a", "b", "c"]
    assert len(store.names("Project", {}, "project_id", most=2)) == 2
    assert store.names("Project", {}, "project_id", among=["b", "x"]) == ["b"]
    assert store.names("Project", {"collab_id": "d"}, "project_id") == []


def test_a_misspelt_id_is_looked_up_among_many_and_not_compared_with_all(store: Store) -> None:
    records = Records(store)
    store.put_all(("Project", {"project_id": f"project-{number}"}, {}) for number in range(1000))
    statements: list[str] = []
    store._connection.set_trace_callback(statements.append)
    for wrong, meant in (
        ("projekt-77", "project-77"),
        ("project-99x", "project-99"),
        ("Project-5", "project-5"),
        ("poject-812", "project-812"),
        ("porject-812", "project-812"),
    ):
        with pytest.raises(Missing, match=f"Did you mean '{meant}'"):
            records.require(KINDS["Project"], {"project_id": wrong})
    store._connection.set_trace_callback(None)
    plans = [
        store._connection.execute(f"EXPLAIN QUERY PLAN {one}").fetchone()[3] for one in statements if "IN (" in one
    ]
    assert len(plans) == 5
    assert all("project_id=?" in plan for plan in plans)
