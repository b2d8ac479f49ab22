"""The TTP's file of participants."""

from pathlib import Path

import pytest

from synergos.errors import InvalidArgument
from synergos.machines.keys import make_key
from synergos.ttp.roster import read_roster


def test_a_file_says_whose_which_key_is(tmp_path: Path) -> None:
    keys = {name: make_key(tmp_path / name) for name in ("biscoe", "dream islands")}
    path = tmp_path / "participants.toml"
    path.write_text("[participants]\n" + "".join(f'"{name}" = "{key}"\n' for name, key in keys.items()))

    assert read_roster(path) == keys
    assert list(read_roster(path)) == list(keys)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no table"),
        ("participants = 3", "no table"),
        ("[participants]\nbiscoe = ", "is no TOML file"),
        ("[participants]\nbiscoe = 3", "must be a text"),
        ("[participants]\n'' = 'x'", "without a name"),
        ("[participants]\nbiscoe = 'ssh-rsa AAAA'", "the key of 'biscoe'"),
        ("[participants]\nbiscoe = ''", "the key of 'biscoe'"),
    ],
)
def test_what_is_no_such_file_is_refused_by_name(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "participants.toml"
    path.write_text(text)

    with pytest.raises(InvalidArgument, match=what):
        read_roster(path)


def test_a_key_is_one_participants(tmp_path: Path) -> None:
    key, path = make_key(tmp_path / "key"), tmp_path / "participants.toml"
    path.write_text(f"[participants]\nbiscoe = '{key}'\ndream = '{key} another comment'\n")

    with pytest.raises(InvalidArgument, match=r"'biscoe' and 'dream' .* have the same key"):
        read_roster(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"participants\.toml cannot be read"):
        read_roster(tmp_path / "participants.toml")
