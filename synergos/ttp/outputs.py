"""Where the files of results are: a folder for every collaboration, project, experiment and run."""

import contextlib
import logging
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

from synergos.learning.files import DATA_REPORT, file_name
from synergos.ttp.store import IDS, Record, Store

logger = logging.getLogger("synergos.sandbox")

# Until they are removed, the files of what was deleted are here; no id is the name of such a folder.
_ASIDE = "+deleted"


class Outputs:
    """The files of results.

    Args:
        root: The folder that all of them are below.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def of(self, key: Mapping[str, str]) -> Path:
        """The folder of what a key names."""
        # No id's own name begins like that of a collaboration: it is never the folder of a project outside of any.
        names = {name: file_name(key[name]) for name in IDS if name in key}
        return self.root.joinpath(*(f"@{one}" if name == "collab_id" else one for name, one in names.items()))

    def of_result(self, result: Record) -> Path:
        """Where the files of a result of a run are; in an older store they are in the run's own folder."""
        folder: str = result.fields.get("folder", "")
        names = ("collab_id", "project_id", "expt_id", "run_id")
        return self.of({name: result.key[name] for name in names if name in result.key}) / folder

    def new(self, key: Mapping[str, str]) -> Path:
        """A folder for a new result of a run; it is not made yet."""
        return self.of(key) / uuid.uuid4().hex

    def checkpoint(self, key: Mapping[str, str]) -> Path:
        """The file of where the training of a run is."""
        return self.of(key) / "checkpoint.pt"

    def below(self, folder: Path) -> str:
        """A folder as a participant is told it: its path below all outputs."""
        return folder.relative_to(self.root).as_posix()

    def put_aside(self, key: Mapping[str, str]) -> Path:
        """Take away the files of what a key names: a collaboration, a project, an experiment or a run.

        Returns:
            Where they are, to be removed.
        """
        aside = self.root / _ASIDE / uuid.uuid4().hex
        aside.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            self.of(key).replace(aside)
        return aside

    def replaced(self, before: Record | None) -> None:
        """Remove the files of a result that another has taken the place of."""
        if before is not None and before.fields.get("folder"):
            self.remove(self.of_result(before))

    def remove(self, path: Path) -> None:
        """Remove a file or a folder, and the folders around it that are empty then."""
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self.root:
                return
            try:
                folder.rmdir()
            except OSError:
                return

    def clear(self, store: Store) -> None:
        """Remove the files that no record names, which a sandbox that was killed left."""
        kept = {
            self.of_result(record)
            for kind in ("Origin", "Validation", "Prediction")
            for record in store.find(kind, {}, anywhere=True)
        }
        kept |= {self.of(header.key) / DATA_REPORT for header in store.find("Header", {}, anywhere=True)}
        kept |= {self.checkpoint(begun.key) for begun in store.find("Begun", {}, anywhere=True)}
        ways = {folder for one in kept for folder in one.parents}
        todo = [self.root] if self.root.is_dir() else []
        while todo:
            for path in todo.pop().iterdir():
                if path in ways:
                    todo.append(path)
                elif path not in kept:
                    logger.warning("%s is removed: it belongs to no record", path)
                    self.remove(path)
