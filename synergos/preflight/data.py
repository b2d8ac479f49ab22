"""What the participants' data hold, which only the sandbox tells."""

from collections.abc import Iterator, Mapping
from typing import Any

from synergos.calls.connection import Connection
from synergos.common.routes import routes
from synergos.findings import DataTable, Finding


def read(connection: Connection, ids: Mapping[str, str]) -> Mapping[str, Any]:
    """Ask the sandbox for the data report of a project.

    Args:
        connection: What reaches the TTP.
        ids: The ids of what is to be trained.

    Returns:
        The report; nothing on other TTPs, which are not asked, and when it cannot be made.
    """
    if not connection.is_sandbox:
        return {}
    [data] = routes("data", "read").values()
    project: dict[str, Any] = {name: value for name, value in ids.items() if name in ("collab_id", "project_id")}
    # It reads the data, which takes as long as they are large.
    status, answer = connection.transport.ask("sandbox.read", data.request({}, **project), timeout=None)
    found = answer.get("data") if status == 200 and isinstance(answer, dict) else None
    return found if isinstance(found, dict) else {}


def findings(report: Mapping[str, Any]) -> Iterator[Finding]:
    """What stands against a training in the data, or is good to know of them."""
    return (Finding(**finding) for finding in report.get("findings", ()))


def tables(report: Mapping[str, Any]) -> tuple[DataTable, ...]:
    """What was read, by participant, purpose and tag."""
    return tuple(DataTable.from_record(table) for table in report.get("tables", ()))
