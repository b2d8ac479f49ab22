"""Collaborations: who works together, and with which components. Only TTPs of the generation v8 have them."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from synergos_client.models.collaboration import Collaboration
from synergos_client.models.collaboration_input import CollaborationInput
from synergos_client.models.collaboration_update import CollaborationUpdate

from synergos.calls.connection import Connection
from synergos.calls.task import Task, given
from synergos.common.checks import Id, OptionalPort, Port, verb
from synergos.reply import Reply


class Ports(TypedDict):
    """The ports of a component: the one that it is used by, and that of its web page, 0 for none."""

    main: Port
    ui: NotRequired[OptionalPort]


class Component(TypedDict):
    """Where a component of the deployment listens."""

    host: str
    ports: NotRequired[Ports]
    secure: NotRequired[bool]


class LogsPorts(TypedDict):
    """The ports of the logger: that of its web page, and one for each that logs to it."""

    main: Port
    ui: NotRequired[OptionalPort]
    sysmetrics: Port
    director: Port
    ttp: Port
    worker: Port


class Logs(TypedDict):
    """Where the logger listens."""

    host: str
    ports: NotRequired[LogsPorts]
    secure: NotRequired[bool]


class CollaborationTask(Task[Collaboration]):
    """The collaborations of the grid.

    Components can be given to `create` and `update` as arguments, or be told beforehand by the `configure_...` methods,
    as in the first Synergos: they hold until the next `create` or `update` that the TTP takes.
    """

    _name = "collaborations"
    _kind = Collaboration

    def __init__(self, connection: Connection, scope: Mapping[str, str], *, returns_errors: bool) -> None:
        super().__init__(connection, scope, returns_errors=returns_errors)
        self._configured: dict[str, dict[str, Any]] = {}

    @verb
    def configure_logger(
        self,
        host: str,
        port: Port,
        sysmetrics_port: Port,
        director_port: Port,
        ttp_port: Port,
        worker_port: Port,
        ui_port: OptionalPort = 0,
        secure: bool = False,
    ) -> dict[str, dict[str, Any]]:
        """Tell where the logger is, for the next `create` or `update`.

        Args:
            host: Its address.
            port: The port that it is used by, from 1 to 65535, as are the others.
            sysmetrics_port: The port that takes the figures of the machines.
            director_port: The port that takes the logs of the director.
            ttp_port: The port that takes the logs of the TTP.
            worker_port: The port that takes the logs of the workers.
            ui_port: The port of its web page; 0 for none.
            secure: Whether it is reached by TLS.

        Returns:
            The component as it will be sent, under its name.

        Raises:
            InvalidArgument: When an argument cannot be right.

        Example:
            >>> driver.collaborations.configure_logger("172.20.0.14", 9000, 9100, 9200, 9300, 9400)["logs"]["host"]
            '172.20.0.14'
        """
        ports = {
            "main": port,
            "ui": ui_port,
            "sysmetrics": sysmetrics_port,
            "director": director_port,
            "ttp": ttp_port,
            "worker": worker_port,
        }
        return self._configure("logs", host, ports, secure)

    @verb
    def configure_mlops(
        self, host: str, port: Port, ui_port: OptionalPort = 0, secure: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Tell where the record of experiments (MLflow) is, for the next `create` or `update`.

        Args:
            host: Its address.
            port: The port that it is used by, from 1 to 65535.
            ui_port: The port of its web page; 0 for none.
            secure: Whether it is reached by TLS.

        Returns:
            The component as it will be sent, under its name.

        Raises:
            InvalidArgument: When an argument cannot be right.

        Example:
            >>> driver.collaborations.configure_mlops("172.20.0.15", 5500)["mlops"]["ports"]["main"]
            5500
        """
        return self._configure("mlops", host, {"main": port, "ui": ui_port}, secure)

    @verb
    def configure_mq(
        self, host: str, port: Port, ui_port: OptionalPort = 0, secure: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Tell where the message queue is, for the next `create` or `update`. A cluster works only with one.

        Args:
            host: Its address.
            port: The port that it is used by, from 1 to 65535.
            ui_port: The port of its web page; 0 for none.
            secure: Whether it is reached by TLS.

        Returns:
            The component as it will be sent, under its name.

        Raises:
            InvalidArgument: When an argument cannot be right.

        Example:
            >>> driver.collaborations.configure_mq("172.20.0.16", 5672, ui_port=15672)["mq"]["ports"]["ui"]
            15672
        """
        return self._configure("mq", host, {"main": port, "ui": ui_port}, secure)

    @verb
    def configure_meter(
        self, host: str, port: Port, ui_port: OptionalPort = 0, secure: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Tell where the meter of contributions is, for the next `create` or `update`.

        Args:
            host: Its address.
            port: The port that it is used by, from 1 to 65535.
            ui_port: The port of its web page; 0 for none.
            secure: Whether it is reached by TLS.

        Returns:
            The component as it will be sent, under its name.

        Raises:
            InvalidArgument: When an argument cannot be right.

        Example:
            >>> driver.collaborations.configure_meter("172.20.0.17", 15790)["meter"]["secure"]
            False
        """
        return self._configure("meter", host, {"main": port, "ui": ui_port}, secure)

    @verb
    def configure_catalogue(
        self, host: str, port: Port, ui_port: OptionalPort = 0, secure: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Tell where the catalogue of data is, for the next `create` or `update`.

        Args:
            host: Its address.
            port: The port that it is used by, from 1 to 65535.
            ui_port: The port of its web page; 0 for none.
            secure: Whether it is reached by TLS.

        Returns:
            The component as it will be sent, under its name.

        Raises:
            InvalidArgument: When an argument cannot be right.

        Example:
            >>> driver.collaborations.configure_catalogue("172.20.0.18", 5000)["catalogue"]["host"]
            '172.20.0.18'
        """
        return self._configure("catalogue", host, {"main": port, "ui": ui_port}, secure)

    @verb
    def create(
        self,
        collab_id: Id | None = None,
        *,
        logs: Logs | None = None,
        mlops: Component | None = None,
        mq: Component | None = None,
        meter: Component | None = None,
        catalogue: Component | None = None,
    ) -> Reply[Collaboration]:
        """Start a collaboration.

        Where the TTP already has a collaboration of this id, it changes the components that are sent and keeps the
        others.

        Args:
            collab_id: Id of the collaboration.
            logs: The logger: `{"host": ..., "ports": {"main": ..., "ui": ..., "sysmetrics": ..., "director": ...,
                "ttp": ..., "worker": ...}, "secure": False}`. Ports are from 1 to 65535; without "ports" and "secure"
                the TTP takes its own.
            mlops: The record of experiments: `{"host": ..., "ports": {"main": ..., "ui": ...}, "secure": False}`.
            mq: The message queue, in the same form. A cluster works only with one.
            meter: The meter of contributions, in the same form.
            catalogue: The catalogue of data, in the same form.

        Returns:
            The collaboration.

        Raises:
            InvalidArgument: When an argument cannot be right; nothing was sent.
            NotFound: When the TTP is of the generation v4, which has no collaborations.
            Rejected: When the TTP refuses a component. A real TTP answers with a `ServerFailure`.

        Example:
            >>> reply = driver.collaborations.create("arctic", mq={"host": "172.20.0.16", "ports": {"main": 5672}})
            >>> reply.data.mq.host
            '172.20.0.16'
        """
        ids = self._ids(collab_id=collab_id)
        components = self._components(logs=logs, mlops=mlops, mq=mq, meter=meter, catalogue=catalogue)
        body = CollaborationInput.from_dict({"collab_id": ids.get("collab_id"), **components})
        return self._sent(self._one("create", ids, body))

    @verb
    def read_all(self) -> Reply[list[Collaboration]]:
        """List the collaborations of the grid.

        Returns:
            The collaborations, each with what belongs to it; an empty list when there are none.

        Raises:
            NotFound: When the TTP is of the generation v4, which has no collaborations.

        Example:
            >>> [collaboration.key.collab_id for collaboration in driver.collaborations.read_all().data]
            ['antarctica']
        """
        return self._many("read_all", {})

    @verb
    def read(self, collab_id: Id | None = None) -> Reply[Collaboration]:
        """Read a collaboration.

        Args:
            collab_id: Id of the collaboration.

        Returns:
            The collaboration, with its components, and with what belongs to it as `relations`.

        Raises:
            NotFound: When there is no such collaboration, or the TTP is of the generation v4, which has none.

        Example:
            >>> driver.collaborations.read("antarctica").data.key.collab_id
            'antarctica'
        """
        return self._one("read", self._ids(collab_id=collab_id))

    @verb
    def update(
        self,
        collab_id: Id | None = None,
        *,
        logs: Logs | None = None,
        mlops: Component | None = None,
        mq: Component | None = None,
        meter: Component | None = None,
        catalogue: Component | None = None,
    ) -> Reply[Collaboration]:
        """Change the components of a collaboration. Those that are not given stay as they are.

        Args:
            collab_id: Id of the collaboration.
            logs: As in `create`; replaces the whole component.
            mlops: As in `create`; replaces the whole component.
            mq: As in `create`; replaces the whole component.
            meter: As in `create`; replaces the whole component.
            catalogue: As in `create`; replaces the whole component.

        Returns:
            The collaboration as it is now.

        Raises:
            InvalidArgument: When an argument cannot be right, or none is given; nothing was sent.
            NotFound: When there is no such collaboration, or the TTP is of the generation v4, which has none.

        Example:
            >>> driver.collaborations.update("antarctica", meter={"host": "172.20.0.17"}).data.meter.host
            '172.20.0.17'
        """
        ids = self._ids(collab_id=collab_id)
        components = self._components(logs=logs, mlops=mlops, mq=mq, meter=meter, catalogue=catalogue)
        body = CollaborationUpdate.from_dict(self._changes(**{**dict.fromkeys(_COMPONENTS), **components}))
        return self._sent(self._one("update", ids, body))

    @verb
    def delete(self, collab_id: Id | None = None) -> Reply[Collaboration]:
        """Delete a collaboration and all that belongs to it: projects, experiments, runs, registrations and results.

        Args:
            collab_id: Id of the collaboration.

        Returns:
            The collaboration as it was.

        Raises:
            NotFound: When there is no such collaboration, or the TTP is of the generation v4, which has none.

        Example:
            >>> driver.collaborations.delete("antarctica").data.key.collab_id
            'antarctica'
        """
        return self._one("delete", self._ids(collab_id=collab_id))

    def _configure(self, name: str, host: str, ports: dict[str, int], secure: bool) -> dict[str, dict[str, Any]]:
        self._configured[name] = {"host": host, "ports": ports, "secure": secure}
        return {name: self._configured[name]}

    def _compile_configurations(self) -> dict[str, dict[str, Any]]:
        # Code written for the first Synergos shows by it what is going to be sent.
        return dict(self._configured)

    def _components(self, **components: Any) -> dict[str, Any]:
        return {**self._compile_configurations(), **given(**components)}

    def _sent(self, reply: Reply[Collaboration]) -> Reply[Collaboration]:
        """Forget what was configured, once the TTP has it."""
        if "data" in reply:
            self._configured = {}
        return reply


_COMPONENTS = ("logs", "mlops", "mq", "meter", "catalogue")
