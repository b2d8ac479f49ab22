"""What was done over a connection and TTPs never tell: what runs were made of, and who registered again since."""

from collections.abc import Mapping
from typing import Any

Key = frozenset[tuple[str, str]]


class Memory:
    """What one connection remembers of what went over it. Nothing of it is sent."""

    def __init__(self) -> None:
        self._runs: dict[Key, dict[str, Any]] = {}
        self._cut_off: dict[Key, set[str]] = {}

    def remember(self, run: Mapping[str, str], fields: Mapping[str, Any]) -> None:
        """Keep what was sent of a run: TTPs keep the names of its criterion, optimizer and so on and never tell them.

        Args:
            run: Its ids, all of them.
            fields: What was sent and taken, to be kept besides what was sent before.
        """
        self._runs[_key(run)] = {**self.recall(run), **fields}

    def recall(self, run: Mapping[str, str]) -> dict[str, Any]:
        """What was sent of a run; nothing when it was made elsewhere."""
        return dict(self._runs.get(_key(run), {}))

    def forget(self, run: Mapping[str, str]) -> None:
        """Forget what was sent of a run, which is no more."""
        self._runs.pop(_key(run), None)

    def cut_off(self, project: Mapping[str, str], participant_id: str) -> None:
        """Keep that a participant registered again: a real TTP cuts its alignment off and goes on telling it.

        Args:
            project: The ids of the project, all of them.
            participant_id: Who registered.
        """
        self._cut_off.setdefault(_key(project), set()).add(participant_id)

    def who_is_cut_off(self, project: Mapping[str, str]) -> frozenset[str]:
        """Who registered again since the project was last aligned over this connection."""
        return frozenset(self._cut_off.get(_key(project), ()))

    def aligned(self, project: Mapping[str, str]) -> None:
        """Keep that a project is being aligned: whoever was cut off is not any more."""
        self._cut_off.pop(_key(project), None)


def _key(ids: Mapping[str, str]) -> Key:
    return frozenset(ids.items())
