import os
from pathlib import Path

import pytest
from tables import ROWS, read, write

from synergos.learning.errors import Rejected
from synergos.participant.folders import find


def test_own_folder_comes_before_a_shared_one(tmp_path: Path) -> None:
    shared, own = write(tmp_path / "iid"), write(tmp_path / "p" / "iid")
    assert find(tmp_path, "p", ["iid"]) == own
    assert find(tmp_path, "q", ["iid"], strangers=["p"]) == shared


def test_all_tokens_must_occur_in_any_order(tmp_path: Path) -> None:
    folder = write(tmp_path / "heart" / "2020" / "train")
    write(tmp_path / "heart" / "2020" / "test")
    assert find(tmp_path, "p", ["train", "heart"]) == folder


def test_folders_of_others_are_never_read(tmp_path: Path) -> None:
    write(tmp_path / "q" / "secret")
    with pytest.raises(Rejected, match="leads to no data folder"):
        find(tmp_path, "p", ["secret"], strangers=["p", "q"])


def test_unknown_tag_names_the_tag_the_places_and_what_there_is(tmp_path: Path) -> None:
    write(tmp_path / "shared" / "a")
    write(tmp_path / "p" / "b")
    with pytest.raises(Rejected) as caught:
        find(tmp_path, "p", ["c"])
    for part in ("['c']", str(tmp_path), str(tmp_path / "p"), "['b']", "['shared', 'a']"):
        assert part in caught.value.message
    assert caught.value.status == 417


def test_several_matches_are_listed(tmp_path: Path) -> None:
    write(tmp_path / "a" / "x")
    write(tmp_path / "b" / "x")
    with pytest.raises(Rejected, match="a/x, b/x"):
        find(tmp_path, "p", ["x"])


def test_the_exact_folder_wins_over_those_below_it(tmp_path: Path) -> None:
    exact = write(tmp_path / "x")
    write(tmp_path / "x" / "more")
    assert find(tmp_path, "p", ["x"]) == exact


@pytest.mark.parametrize("token", ["..", ".", "", "/etc", "a/b", "a\\b", "a\0b"])
def test_tokens_cannot_lead_elsewhere(tmp_path: Path, token: str) -> None:
    with pytest.raises(Rejected, match="cannot be part of a path"):
        find(tmp_path, "p", [token])
    with pytest.raises(Rejected, match="cannot be part of a path"):
        find(tmp_path, token, ["iid"])


@pytest.mark.parametrize("tag", [[], "iid"])
def test_a_tag_is_a_list_of_tokens(tmp_path: Path, tag: list[str]) -> None:
    with pytest.raises(Rejected, match="a tag must"):
        find(tmp_path, "p", tag)


def test_links_that_lead_outside_are_refused(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside")
    data = tmp_path / "data"
    data.mkdir()
    (data / "iid").symlink_to(outside)
    (data / "p").symlink_to(tmp_path)
    with pytest.raises(Rejected, match="outside of the data folder"):
        find(data, "q", ["iid"])
    with pytest.raises(Rejected, match="outside of the data folder"):
        find(data, "p", ["outside"])


@pytest.mark.parametrize("name", ["more.csv", "data.csv", "schema.json", "metadata.json"])
@pytest.mark.parametrize("own", ["p/iid", "iid"])
def test_linked_files_that_lead_to_another_participant_are_refused(tmp_path: Path, own: str, name: str) -> None:
    folder, other = write(tmp_path / own), write(tmp_path / "Q" / "secret")
    (folder / name).unlink(missing_ok=True)
    (other / "more.csv").write_text(ROWS)
    # By way of another link, and in another case than the participant's id.
    (tmp_path / "way").symlink_to(other)
    (folder / name).symlink_to(Path(os.path.relpath(tmp_path / "way", folder)) / name)
    with pytest.raises(Rejected, match=f"'{own}/{name}' is a link that leads to what is another participant's"):
        find(tmp_path, "p", ["iid"], ["p", "q"])
    (folder / name).unlink()
    write(tmp_path / "shared" / "more")
    (tmp_path / "shared" / "more.csv").write_text(ROWS)
    (folder / name).symlink_to(tmp_path / "shared" / ("more.csv" if name == "more.csv" else f"more/{name}"))
    assert find(tmp_path, "p", ["iid"], ["p", "q"]) == folder


def test_linked_files_that_lead_outside_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "data" / "iid")
    (tmp_path / "secret.csv").write_text(ROWS)
    (folder / "more.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(Rejected, match="outside of the data folder"):
        read(tmp_path / "data", "iid")
