"""A participant's own book of the data that it trained with. It stays with the participant."""

import time
from pathlib import Path

from synergos.learning import strict
from synergos.learning.party import Dataset, Prepared


class Ledger:
    """A file with a line of JSON for each training: its data by their tags, with rows and digest.

    Two trainings with the same digests had the same data, and the participant alone can say so.

    Args:
        path: The file; made if need be, for its owner's eyes alone.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)

    def keep(self, job: str, dataset: Dataset, prepared: Prepared) -> None:
        """Write down what a training is done with.

        Args:
            job: The job, as the log of what is sent has it.
            dataset: Which data were asked for.
            prepared: What was found.
        """
        line: dict[str, object] = {"at": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "job": job}
        for table in prepared.tables:
            line[table.purpose] = {
                "tags": [list(tag) for tag in dataset.tags.get(table.purpose, ())],
                "rows": table.rows_used,
                "digest": prepared.digests.get(table.purpose),
            }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{strict.dumps(line)}\n")
