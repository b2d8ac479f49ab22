"""Where the TTP is, and the tasks that it can be asked."""

import functools
import ipaddress
import os
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import urlsplit

import httpx

from synergos.checks import Port, check, check_timeout
from synergos.errors import InvalidArgument
from synergos.transport import Transport

if TYPE_CHECKING:
    from synergos.connect.experiments import ExperimentTask
    from synergos.connect.participants import ParticipantTask
    from synergos.connect.projects import ProjectTask
    from synergos.connect.registrations import RegistrationTask
    from synergos.connect.runs import RunTask
    from synergos.connect.tags import TagTask
    from synergos.evaluate.predictions import PredictionTask
    from synergos.evaluate.validations import ValidationTask
    from synergos.train.alignments import AlignmentTask
    from synergos.train.models import ModelTask
    from synergos.train.optimizations import OptimizationTask

ErrorMode = Literal["raise", "return"]


class Driver:
    """The grid, driven through its TTP.

    One driver holds one HTTP client, which is built at once and kept; nothing is sent before a task is asked. Close it
    with `close()`, or use it in a `with` statement.

    Example:
        >>> driver = Driver(host=ttp.host, port=ttp.port)
        >>> driver.projects.read_all().status
        200
    """

    def __init__(
        self,
        host: str,
        port: int | str,
        is_secured: bool = False,
        *,
        timeout: float | None = 60.0,
        errors: ErrorMode | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Say where the TTP is. No connection is made.

        Args:
            host: Name or address of the machine that the TTP runs on: "localhost", "10.0.0.7", "::1". A URL is
                understood when it says the same as `port` and `is_secured`.
            port: The port that the TTP listens on, from 1 to 65535.
            is_secured: Whether the TTP is reached by https.
            timeout: Seconds to wait for the answer to a short call; None waits for ever. A call that trains or
                evaluates waits until it is answered; its own `timeout` argument changes that. A connection is waited
                for five seconds.
            errors: "raise" raises what the TTP refuses. "return" is for code written for the first Synergos: the
                call then returns `{"message": ..., "status": ...}`. None takes the environment variable
                `SYNERGOS_ERRORS`, and "raise" when that is not set.
            transport: What carries the requests in place of the network: `httpx.MockTransport` in tests.

        Raises:
            InvalidArgument: When the address or another argument cannot be right.
        """
        url = _url(host, port, is_secured)
        check_timeout("Driver", timeout)
        mode = errors if errors is not None else os.environ.get("SYNERGOS_ERRORS") or "raise"
        returns_errors = check("Driver", "errors", mode, ErrorMode) == "return"
        self.host = url.host
        self.port = url.port or (443 if url.scheme == "https" else 80)
        self.is_secured = url.scheme == "https"
        self._transport = Transport(url, timeout, transport)
        self._returns_errors = returns_errors

    def __repr__(self) -> str:
        return f"Driver(host={self.host!r}, port={self.port}, is_secured={self.is_secured})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the TTP. The driver is of no use afterwards."""
        self._transport.close()

    # Each task is imported when it is first asked for: so a script pays only for the part of the contract that it uses.

    @functools.cached_property
    def projects(self) -> "ProjectTask":
        """Phase 1: what is to be learned together."""
        from synergos.connect.projects import ProjectTask

        return ProjectTask(self._transport, self._returns_errors)

    @functools.cached_property
    def experiments(self) -> "ExperimentTask":
        """Phase 1: networks to try in a project."""
        from synergos.connect.experiments import ExperimentTask

        return ExperimentTask(self._transport, self._returns_errors)

    @functools.cached_property
    def runs(self) -> "RunTask":
        """Phase 1: sets of hyperparameters to try in an experiment."""
        from synergos.connect.runs import RunTask

        return RunTask(self._transport, self._returns_errors)

    @functools.cached_property
    def participants(self) -> "ParticipantTask":
        """Phase 1: the parties of the grid."""
        from synergos.connect.participants import ParticipantTask

        return ParticipantTask(self._transport, self._returns_errors)

    @functools.cached_property
    def registrations(self) -> "RegistrationTask":
        """Phase 1: who takes part in which project, and as what."""
        from synergos.connect.registrations import RegistrationTask

        return RegistrationTask(self._transport, self._returns_errors)

    @functools.cached_property
    def tags(self) -> "TagTask":
        """Phase 1: which of its data a participant brings to a project."""
        from synergos.connect.tags import TagTask

        return TagTask(self._transport, self._returns_errors)

    @functools.cached_property
    def alignments(self) -> "AlignmentTask":
        """Phase 2: one set of features over all participants."""
        from synergos.train.alignments import AlignmentTask

        return AlignmentTask(self._transport, self._returns_errors)

    @functools.cached_property
    def models(self) -> "ModelTask":
        """Phase 2: training."""
        from synergos.train.models import ModelTask

        return ModelTask(self._transport, self._returns_errors)

    @functools.cached_property
    def optimizations(self) -> "OptimizationTask":
        """Phase 2: the search for hyperparameters."""
        from synergos.train.optimizations import OptimizationTask

        return OptimizationTask(self._transport, self._returns_errors)

    @functools.cached_property
    def validations(self) -> "ValidationTask":
        """Phase 3: how well the models do on the participants' data."""
        from synergos.evaluate.validations import ValidationTask

        return ValidationTask(self._transport, self._returns_errors)

    @functools.cached_property
    def predictions(self) -> "PredictionTask":
        """Phase 3: what the models say of a participant's data."""
        from synergos.evaluate.predictions import PredictionTask

        return PredictionTask(self._transport, self._returns_errors)


def _url(host: str, port: int | str, is_secured: bool) -> httpx.URL:
    """The address as a URL, of what may itself be one."""
    check("Driver", "host", host, str)
    check("Driver", "is_secured", is_secured, bool)
    number = int(port) if isinstance(port, str) and port.isascii() and port.isdigit() else port
    check("Driver", "port", number, Port)
    scheme = "https" if is_secured else "http"
    if "://" in host:
        host, scheme = _taken_apart(host, int(number), is_secured)
    host = host.removeprefix("[").removesuffix("]")
    is_address = ":" in host and _is_ipv6(host)
    if not is_address and (not host or any(mark in host for mark in ":/?#@[] \t\n")):
        raise InvalidArgument(
            f"[Driver] host={host!r} is not a host: write a name or an address, 'localhost' for example."
        )
    try:
        url = httpx.URL(scheme=scheme, host=host, port=int(number))
        # What this cannot encode, the system's resolver refuses with an error of its own once a request is sent.
        url.host.encode("idna")
    except (httpx.InvalidURL, UnicodeError) as error:
        raise InvalidArgument(f"[Driver] host={host!r} is not a host: {error}.") from error
    return url


def _taken_apart(address: str, port: int, is_secured: bool) -> tuple[str, str]:
    """Host and scheme of a URL that was given as the host."""
    try:
        url = httpx.URL(address)
        own_port = urlsplit(address).port or port
    except (httpx.InvalidURL, ValueError) as error:
        raise InvalidArgument(f"[Driver] host={address!r} is neither a host nor a URL: {error}.") from error
    fitting = f"Driver(host={url.host!r}, port={own_port}{', is_secured=True' if url.scheme == 'https' else ''})"
    is_bare = url.path in ("", "/") and not url.query and not url.fragment and not url.userinfo
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidArgument("[Driver] The host is a URL of another kind than http: write the name of the host alone.")
    if not is_bare or own_port != port or (is_secured and url.scheme == "http"):
        raise InvalidArgument(
            f"[Driver] The host is a URL that says more than a host, or other than the rest: write {fitting}."
        )
    return url.host, url.scheme


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
