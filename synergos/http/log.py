"""What is said of requests to who asks: in the log, and as commands of curl. Never a secret."""

import logging
import os
import shlex

from synergos.common.text import printable
from synergos.errors import InvalidArgument
from synergos.http import BasicAuth, Request
from synergos.http.endpoint import BearerAuth, Endpoint

_LEVELS = ("debug", "info", "warning", "error")
# What a header holds besides these may be a secret.
_SHOWN = ("content-type", "accept", "user-agent")

logger = logging.getLogger("synergos")
curl_logger = logging.getLogger("synergos.curl")
# One asks for commands by name: who asks for all that the package says has not asked for them.
curl_logger.setLevel(logging.WARNING)


def follow_environment() -> None:
    """Write the log to stderr when the environment variable `SYNERGOS_LOG` asks for it.

    Raises:
        InvalidArgument: When it is neither a level nor "curl".
    """
    wish = os.environ.get("SYNERGOS_LOG", "").lower()
    if not wish:
        return
    if wish not in (*_LEVELS, "curl"):
        allowed = ", ".join((*_LEVELS, "curl"))
        raise InvalidArgument(f"[Driver] The environment variable SYNERGOS_LOG={wish!r} must be one of {allowed}.")
    if not any(isinstance(handler, _StderrHandler) for handler in logger.handlers):
        handler = _StderrHandler()
        handler.setFormatter(PrintableFormatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
    logger.setLevel("DEBUG" if wish == "curl" else wish.upper())
    curl_logger.setLevel(logging.DEBUG if wish == "curl" else logging.WARNING)


class PrintableFormatter(logging.Formatter):
    """Writes what others said, and a log repeats, without what steers a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one text; a traceback keeps its lines."""
        return printable(super().format(record))


class _StderrHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Ours, so that there is one of it."""


def log_as_curl(request: Request, endpoint: Endpoint) -> None:
    """Log a request as the command that sends it.

    Args:
        request: The request, before anyone has said who asks.
        endpoint: How the TTP is reached.
    """
    if not curl_logger.isEnabledFor(logging.DEBUG):
        return
    parts = ["curl", "-X", request.method]
    for name, value in request.headers.items():
        if name in _SHOWN or name in (other.lower() for other in endpoint.headers):
            parts += ["-H", f"{name}: {value if name in _SHOWN else '…'}"]
    command = shlex.join(parts)
    # The shell fills in the secrets.
    if isinstance(endpoint.auth, BearerAuth):
        command += ' -H "Authorization: Bearer $SYNERGOS_TOKEN"'
    elif isinstance(endpoint.auth, BasicAuth):
        command += ' -u "$SYNERGOS_LOGIN"'
    if request.content:
        command += f" --data {shlex.quote(request.content.decode('utf-8', errors='replace'))}"
    curl_logger.debug("%s %s", command, shlex.quote(str(request.url)))
