"""Data folders: where a tag leads, and what their small files say."""

import json
import os
import shlex
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from synergos.learning.errors import Rejected

Tag = Sequence[str]


def find(data: Path, participant_id: str, tag: Tag, strangers: Iterable[str] = ()) -> Path:
    """Find the folder that a tag names: below the participant's own folder, or else among the shared ones.

    Args:
        data: The folder that holds all data; ``data/<participant id>`` is a participant's own.
        participant_id: Whose tag it is.
        tag: Path tokens that must all occur in the folder's path, in any order.
        strangers: Other participants of the grid, whose own folders are not shared.

    Returns:
        The one folder, resolved.

    Raises:
        Rejected: No folder or several match, or the tag or the folder leads outside of the data or to what is another
            participant's.
    """
    if isinstance(tag, str):
        raise Rejected(f"a tag must be a list of path tokens, not {tag!r}")
    root = data.resolve()
    tokens = [check_name(token, f"tag {list(tag)}") for token in tag]
    if not tokens:
        raise Rejected("a tag must have at least one token")
    own = root / check_name(participant_id, "participant id")
    names = {_folded(name) for name in strangers}

    def is_closed(path: Path) -> bool:
        return path.parent == root and path != own and _folded(path.name) in names

    available: list[list[str]] = []
    unprepared: list[Path] = []
    for top in (own, root):
        everything = list(_folders(top, is_closed))
        folders = [folder for folder in everything if (folder / "metadata.json").exists()]
        matches = [folder for folder in folders if set(tokens) <= set(folder.relative_to(top).parts)]
        if len(matches) > 1:
            # A folder named exactly by the tag is meant, even if others lie below it.
            matches = [folder for folder in matches if folder.relative_to(top).parts == tuple(tokens)] or matches
        if len(matches) > 1:
            several = ", ".join(str(folder.relative_to(root)) for folder in matches)
            raise Rejected(f"tag {list(tag)} of participant {participant_id!r} matches several folders: {several}")
        if matches:
            found = inside(matches[0], root, f"tag {list(tag)}")
            for path, leads_to in [(matches[0], found), *_links_in(found)]:
                if any(map(is_closed, (leads_to, *leads_to.parents))):
                    where = path.relative_to(root)
                    raise Rejected(f"tag {list(tag)}: '{where}' is a link that leads to what is another participant's")
            return found
        available += [list(folder.relative_to(top).parts) for folder in folders if folder != top]
        unprepared += [
            folder
            for folder in everything
            if not folder.is_symlink()
            and folder not in folders
            and set(tokens) <= set(folder.relative_to(top).parts)
            and _csv_files(folder)
        ]
    if unprepared:
        raise Rejected(_how_to_prepare(unprepared[0], root, f"tag {list(tag)} of participant {participant_id!r}", own))
    known = ", ".join(map(str, sorted(available))) or "none"
    raise Rejected(
        f"tag {list(tag)} of participant {participant_id!r} leads to no data folder; "
        f"looked in {own} and {root}; available tags: {known}"
    )


def _csv_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.[cC][sS][vV]") if path.is_file())


def how_to_prepare(folder: Path) -> str:
    """What to do about a folder in which there is no data folder."""
    files = [file for path in (folder, *sorted(folder.rglob("*"))) if path.is_dir() for file in _csv_files(path)]
    if not files:
        return (
            f"{str(folder)!r} holds no data folder: metadata.json is missing, and there is no csv file to make one of"
        )
    return (
        f"{str(folder)!r} holds {files[0].name} and no metadata.json: metadata.json is missing. Make data folders "
        f"of it with: {_command(files[0], Path('DATA') / 'PARTICIPANT')}"
    )


def _command(file: Path, to: Path) -> str:
    return f"synergos data prepare {shlex.quote(str(file))} --to {shlex.quote(str(to))} --target COLUMN --evaluate 0.25"


def _how_to_prepare(folder: Path, root: Path, tag: str, own: Path) -> str:
    """What to do about a folder with a csv file and nothing that says what is in it."""
    where, file = folder.relative_to(root), _csv_files(folder)[0]
    return (
        f"{tag} leads to '{where}', which holds {file.name} and no metadata.json: metadata.json is missing. "
        f"Make data folders of the file with: {_command(file, own)}"
    )


def check_name(name: str, what: str) -> str:
    """Refuse a name that, as part of a path, would lead anywhere but to an entry of its folder.

    Args:
        name: A token or id, as sent.
        what: What it is, for the message.

    Returns:
        The name itself.

    Raises:
        Rejected: The name is empty, a step upwards, or holds a separator or NUL.
    """
    if not isinstance(name, str) or name in ("", ".", "..") or any(mark in name for mark in "/\\\0"):
        raise Rejected(f"{what}: {name!r} cannot be part of a path; use a plain name")
    return name


def _folded(name: str) -> str:
    """A name as file systems compare it that take no account of case or of how an accent is written."""
    return unicodedata.normalize("NFC", name.casefold())


def _folders(top: Path, is_closed: Callable[[Path], bool]) -> Iterator[Path]:
    """Walk the folders below and with the top one; symbolic links are listed and not entered."""
    for folder, below, _ in os.walk(top):
        path = Path(folder)
        below[:] = sorted(name for name in below if not is_closed(path / name))
        yield path
        yield from (path / name for name in below if (path / name).is_symlink())


def _links_in(folder: Path) -> Iterator[tuple[Path, Path]]:
    """The symbolic links among a folder's files, with where they lead."""
    with os.scandir(folder) as entries:
        # Unlike `Path.resolve`, this takes a link that leads to itself.
        yield from ((Path(entry), Path(os.path.realpath(entry))) for entry in entries if entry.is_symlink())


def inside(path: Path, root: Path, what: str) -> Path:
    """Follow a link, and refuse one that leads outside of the data.

    Args:
        path: A path below the root.
        root: The folder that holds all data, resolved.
        what: What the path is of, for the message.

    Returns:
        The path, resolved.

    Raises:
        Rejected: It leads outside.
    """
    resolved = path.resolve()
    if not resolved.is_relative_to(root):
        raise Rejected(f"{what}: '{path.relative_to(root)}' is a link that leads outside of the data folder")
    return resolved


def check_file(file: Path, root: Path, what: str) -> str:
    """Refuse what would block or never end when it is read, such as a pipe, and what lies outside of the data.

    Args:
        file: A path below the root.
        root: The folder that holds all data, resolved.
        what: What the file is, for messages.

    Returns:
        Its path below the root, in quotation marks.

    Raises:
        Rejected: There is no such file, it is not a regular one, or it is a link that leads outside.
    """
    where = f"'{file.relative_to(root)}'"
    if not inside(file, root, what).is_file():
        raise Rejected(f"{where} is {'not a file' if file.exists() else 'missing'}")
    return where


def read_json(folder: Path, name: str, root: Path) -> dict[str, object]:
    """Read one of a folder's files that describe it.

    Args:
        folder: The data folder.
        name: The file's name.
        root: The folder that holds all data, resolved.

    Returns:
        The object that it holds.

    Raises:
        Rejected: It is missing, is not JSON, holds anything but an object, or says one name twice.
    """
    file = folder / name
    where = check_file(file, root, name)
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"), object_pairs_hook=_without_repeats)
    except RecursionError as error:
        raise Rejected(f"{where} cannot be read as JSON: it is nested too deeply") from error
    except (ValueError, OSError) as error:
        raise Rejected(f"{where} cannot be read as JSON: {error}") from error
    if not isinstance(content, dict):
        raise Rejected(f"{where} must hold a JSON object")
    return content


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} is said twice")
    return content
