"""What was done over a connection and TTPs never tell: what runs were made of, and who registered again since."""

from collections.abc import Mapping
from typing import Any

Key = frozenset[tuple[str, str]]


class Memory:
    """What one connection remembers of what went over it. Nothing of it is sent."""

    def __init__(self) -> None:
        self._runs: dict[Key, dict[str, Any]] = {}
        self._cut_off: dict[Key, dict[str, str]] = {}
        self._writes = 0
        self._made_at: dict[tuple[str, Key], int] = {}
        self.is_cluster = False
        """Whether the TTP was seen to queue work and to answer before it is done."""

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

    def cut_off(self, project: Mapping[str, str], participant_id: str, why: str) -> None:
        """Keep that a participant's alignment is no longer good, which a real TTP does not tell.

        Args:
            project: The ids of the project, all of them.
            participant_id: Whose alignment it is.
            why: What has been done since, in one sentence.
        """
        self._cut_off.setdefault(_key(project), {})[participant_id] = why

    def who_is_cut_off(self, project: Mapping[str, str]) -> dict[str, str]:
        """Whose alignment is no longer good, and why."""
        return dict(self._cut_off.get(_key(project), {}))

    def aligned(self, project: Mapping[str, str]) -> None:
        """Keep that a project is being aligned: whoever was cut off is not any more."""
        self._cut_off.pop(_key(project), None)

    def wrote(self) -> None:
        """Count a change of phase 1."""
        self._writes += 1

    def made(self, resource: str, ids: Mapping[str, str]) -> None:
        """Keep that work was done, of what there is now.

        Args:
            resource: What was made, `models` for example.
            ids: The ids of the call.
        """
        self._made_at[resource, _key(ids)] = self._writes

    def is_as_made(self, resource: str, ids: Mapping[str, str]) -> bool:
        """Whether work was done over this connection and nothing was changed over it since."""
        return self._made_at.get((resource, _key(ids))) == self._writes


def _key(ids: Mapping[str, str]) -> Key:
    return frozenset(ids.items())
