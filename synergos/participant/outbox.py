"""A participant's own log of what it sent, message by message."""

import json
import time
from pathlib import Path

from flwr.app import Message

from synergos.learning import strict
from synergos.learning.messages import job_of


class Outbox:
    """A file with one line of JSON for each message that was sent: everything in it, of weights their names and sizes.

    Args:
        path: The file; made if need be, for its owner's eyes alone.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)

    def keep(self, asked: Message, reply: Message) -> None:
        """Write down a reply.

        Args:
            asked: What it answers.
            reply: What is sent.
        """
        line: dict[str, object] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "asked": asked.metadata.message_type,
            "job": job_of(asked) or None,
        }
        if reply.has_error():
            line["error"] = reply.error.reason
        else:
            content = reply.content
            for name, record in content.config_records.items():
                line[name] = {key: _unpacked(value) for key, value in record.items()}
            for name, metrics in content.metric_records.items():
                line[name] = dict(metrics)
            for name, arrays in content.array_records.items():
                line[name] = {key: list(array.shape) for key, array in arrays.items()}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{strict.dumps(line)}\n")


def _unpacked(value: object) -> object:
    """Show what was packed as JSON as what it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
