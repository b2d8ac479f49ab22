"""What may have been meant by an id that there is not."""

from synergos.calls.connection import Connection
from synergos.common.misspelt import nearest
from synergos.common.routes import own_id, routes
from synergos.errors import NotFound, SynergosError
from synergos.http.transport import NO_ROUTE


def with_suggestion(connection: Connection, resource: str, error: NotFound) -> NotFound:
    """A "not found" that names the nearest id there is, when one is near and the TTP did not say so itself.

    Args:
        connection: What leads to the TTP, which is asked for what there is.
        resource: What was looked for, `projects` for example.
        error: What it said.
    """
    own = own_id(error.ids)
    above = {name: value for name, value in error.ids.items() if name != own}
    listed = routes(resource, "read_all").get(frozenset(above))
    if listed is None or "did you mean" in error.message.lower() or error.message.startswith(NO_ROUTE):
        return error
    try:
        answer = connection.send(f"{resource}.read_all", listed.request(above), above)
        near = nearest(error.ids[own], [record["key"][own] for record in answer["data"]])
    except (SynergosError, KeyError, TypeError):
        return error
    if near is None or near == error.ids[own]:
        return error
    message = f"{error.message} Did you mean {near!r}?"
    return NotFound(error.operation, error.status, message, error.ids, error.body)
