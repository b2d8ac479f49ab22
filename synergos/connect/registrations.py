"""Registrations: who takes part in which project, and as what."""

import functools
import typing
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from synergos_client.models.registration import Registration
from synergos_client.models.registration_in_collab_input import RegistrationInCollabInput
from synergos_client.models.registration_in_collab_update import RegistrationInCollabUpdate
from synergos_client.models.registration_input import RegistrationInput
from synergos_client.models.registration_update import RegistrationUpdate
from synergos_client.models.role import Role

from synergos.calls import restore
from synergos.calls.connection import Connection
from synergos.calls.task import Task
from synergos.common.checks import Id, Port, check, verb
from synergos.errors import InvalidArgument, InvalidId
from synergos.reply import Reply


@attrs.frozen
class Node:
    """Where one of a participant's workers listens.

    Attributes:
        host: Address under which the TTP reaches the worker.
        port: Port of the worker's data connection, from 1 to 65535.
        f_port: Port of the worker's REST interface, from 1 to 65535.
        log_msgs: Whether the worker logs its messages.
        verbose: Whether the worker logs in detail.
    """

    host: str
    port: Port
    f_port: Port
    log_msgs: bool = False
    verbose: bool = False


class RegistrationTask(Task[Registration]):
    """The registrations of participants in projects.

    On a TTP of the generation v8 a registration carries the participant's nodes. They can be given to `create` and
    `update` as an argument, or be added beforehand by `add_node`, as in the first Synergos: they hold until the next
    `create` or `update` that the TTP takes.
    """

    _name = "registrations"
    _kind = Registration

    def __init__(self, connection: Connection, scope: Mapping[str, str], *, returns_errors: bool) -> None:
        super().__init__(connection, scope, returns_errors=returns_errors)
        self._nodes: list[Node] = []

    @verb
    def add_node(self, host: str, port: Port, f_port: Port, log_msgs: bool = False, verbose: bool = False) -> Node:
        """Add a node, for the next `create` or `update`.

        Args:
            host: Address under which the TTP reaches the worker.
            port: Port of the worker's data connection, from 1 to 65535.
            f_port: Port of the worker's REST interface, from 1 to 65535.
            log_msgs: Whether the worker logs its messages.
            verbose: Whether the worker logs in detail.

        Returns:
            The node.

        Raises:
            InvalidArgument: When an argument cannot be right.

        Example:
            >>> driver.registrations.add_node(host="172.17.0.2", port=8020, f_port=5000).port
            8020
        """
        node = Node(host, port, f_port, log_msgs, verbose)
        self._nodes.append(node)
        return node

    def list_nodes(self) -> dict[str, Node]:
        """The nodes that the next `create` or `update` sends.

        Returns:
            The nodes by the names that they will have: "node_0", "node_1" and so on.

        Example:
            >>> node = driver.registrations.add_node(host="172.17.0.2", port=8020, f_port=5000)
            >>> list(driver.registrations.list_nodes())
            ['node_0']
        """
        return {f"node_{index}": node for index, node in enumerate(self._nodes)}

    @verb
    def remove_node(self, name: str) -> Node:
        """Remove a node that is not sent yet. Those after it move up.

        Args:
            name: Its name, "node_0" for example, as `list_nodes` tells. The first Synergos called it `node_id`.

        Returns:
            The node.

        Raises:
            InvalidArgument: When there is no such node.

        Example:
            >>> node = driver.registrations.add_node(host="172.17.0.2", port=8020, f_port=5000)
            >>> driver.registrations.remove_node("node_0") == node
            True
        """
        nodes = self.list_nodes()
        if name not in nodes:
            known = f"there are {', '.join(nodes)}" if nodes else "none was added"
            raise InvalidArgument(f"[registrations.remove_node] There is no node {name!r}: {known}.")
        del self._nodes[list(nodes).index(name)]
        return nodes[name]

    def count_nodes(self) -> int:
        """How many nodes the next `create` or `update` sends.

        Returns:
            Their number.

        Example:
            >>> driver.registrations.count_nodes()
            0
        """
        return len(self._nodes)

    @verb
    def create(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        participant_id: Id | None = None,
        role: Role,
        nodes: Sequence[Node] | None = None,
    ) -> Reply[Registration]:
        """Register a participant in a project.

        It is looked first whether the project and the participant are there: a real TTP takes a registration without
        them, and then fails on every list that holds it. Registering again replaces the role and the nodes. A real TTP
        cuts the participant's tags off by that, so they are read before and sent again after; when a step fails, what
        was there before is put back, and the error says so. It also cuts off the participant's alignment: align the
        project again, which `driver.check` reminds of.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            participant_id: Id of the participant.
            role: What the participant is: "guest" (holds labels), "host" (holds further data) or "arbiter" (neither).
            nodes: Where the participant's workers listen, at least one; v8 only. None takes those of `add_node`.

        Returns:
            The registration.

        Raises:
            InvalidArgument: When an argument cannot be right, or a registration in a collaboration has no node, or one
                outside of any has nodes; nothing was sent.
            NotFound: When there is no such project or participant; nothing was changed.

        Example:
            >>> reply = driver.registrations.create(project_id="penguins", participant_id="biscoe", role="guest")
            >>> reply.data.role
            'guest'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, participant_id=participant_id)
        sent = self._checked_nodes("create", ids, nodes)
        if "collab_id" in ids and not sent:
            raise InvalidArgument(
                "[registrations.create] A registration in a collaboration needs a node: give nodes=[Node(...)], or "
                "call add_node(host, port, f_port) before."
            )
        kind = RegistrationInCollabInput if sent else RegistrationInput
        request = self._request("create", ids, kind.from_dict({"role": role, **sent}))
        register = functools.partial(restore.register, self._connection, f"{self}.create", ids, request)
        return self._sent(self._reply(self._parsed(ids), register))

    @verb
    def read_all(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        participant_id: Id | None = None,
    ) -> Reply[list[Registration]]:
        """List the registrations in a project, those of a participant, or those in a collaboration.

        Args:
            collab_id: Id of the collaboration. With neither of the others, all its registrations.
            project_id: Id of the project. Give this or `participant_id`.
            participant_id: Id of the participant. Without `collab_id`, its registrations in every collaboration.

        Returns:
            The registrations; an empty list when there are none.

        Raises:
            InvalidId: When a project and a participant are given, or nothing at all; nothing was sent.

        Example:
            >>> driver.registrations.read_all(project_id="penguins").data[0].key.participant_id
            'biscoe'
            >>> driver.registrations.read_all(participant_id="biscoe").data[0].key.project_id
            'penguins'
        """
        if project_id is not None and participant_id is not None:
            raise InvalidId(
                "[registrations.read_all] Give project_id or participant_id, and not both: read() takes both for the "
                "one registration that they name."
            )
        # Of a scope that names both, the project is meant.
        ids = self._ids(collab_id=collab_id, project_id=project_id) if participant_id is None else {}
        if "project_id" not in ids:
            ids = self._ids(collab_id=collab_id, participant_id=participant_id)
        return self._many("read_all", ids)

    @verb
    def read(
        self, *, collab_id: Id | None = None, project_id: Id | None = None, participant_id: Id | None = None
    ) -> Reply[Registration]:
        """Read a registration.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            participant_id: Id of the participant.

        Returns:
            The registration, with its tags as `relations`.

        Raises:
            NotFound: When the participant is not registered in the project.

        Example:
            >>> driver.registrations.read(project_id="penguins", participant_id="biscoe").data.role
            'guest'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, participant_id=participant_id)
        return self._one("read", ids)

    @verb
    def update(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        participant_id: Id | None = None,
        role: Role | None = None,
        nodes: Sequence[Node] | None = None,
    ) -> Reply[Registration]:
        """Change the role of a participant in a project, or its nodes. Its tags stay.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            participant_id: Id of the participant.
            role: As in `create`.
            nodes: As in `create`; replaces all nodes.

        Returns:
            The registration as it is now.

        Raises:
            InvalidArgument: When an argument cannot be right, or none is given; nothing was sent.
            NotFound: When the participant is not registered in the project.

        Example:
            >>> reply = driver.registrations.update(project_id="penguins", participant_id="biscoe", role="host")
            >>> reply.data.role
            'host'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, participant_id=participant_id)
        sent = self._checked_nodes("update", ids, nodes)
        if "collab_id" not in ids:
            fields = self._changes(role=role)
            return self._one("update", ids, RegistrationUpdate.from_dict(fields))
        fields = self._changes(**{"role": role, "nodes": None, **sent})
        return self._sent(self._one("update", ids, RegistrationInCollabUpdate.from_dict(fields)))

    @verb
    def delete(
        self, *, collab_id: Id | None = None, project_id: Id | None = None, participant_id: Id | None = None
    ) -> Reply[Registration]:
        """Delete a registration, with its tags.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            participant_id: Id of the participant.

        Returns:
            The registration as it was.

        Raises:
            NotFound: When the participant is not registered in the project.

        Example:
            >>> driver.registrations.delete(project_id="penguins", participant_id="biscoe").data.key.project_id
            'penguins'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, participant_id=participant_id)
        return self._one("delete", ids)

    def _checked_nodes(self, verb: str, ids: Mapping[str, str], nodes: Sequence[Node] | None) -> dict[str, Any]:
        """The nodes as the TTP wants them: given as an argument, or added before."""
        operation = f"{self}.{verb}"
        found = self._nodes if nodes is None else nodes
        if found and "collab_id" not in ids:
            raise InvalidArgument(
                f"[{operation}] Only registrations in a collaboration carry nodes: give collab_id too."
            )
        if not found:
            return {}
        listed = {f"node_{index}": _checked(operation, f"nodes[{index}]", node) for index, node in enumerate(found)}
        return {"n_count": len(listed), **listed}

    def _sent(self, reply: Reply[Registration]) -> Reply[Registration]:
        """Forget the nodes that were added, once the TTP has them."""
        if "data" in reply:
            self._nodes = []
        return reply


def _checked(operation: str, name: str, node: Node) -> dict[str, Any]:
    if not isinstance(node, Node):
        raise InvalidArgument(f"[{operation}] {name}={node!r} is not allowed: it must be a Node(host, port, f_port).")
    hints = typing.get_type_hints(Node, include_extras=True)
    return {field: check(operation, f"{name}.{field}", getattr(node, field), hint) for field, hint in hints.items()}
