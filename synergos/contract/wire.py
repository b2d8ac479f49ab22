"""Requests to a live TTP as the contract commands send them: one at a time, with explicit timeouts, no retries."""

import json
import re
from urllib.parse import urlsplit

from synergos.contract.document import Unusable
from synergos.errors import InvalidArgument
from synergos.http import BaseTransport, Client, HTTPError, Response, Timeout
from synergos.http.address import address_of
from synergos.http.connection import Connection

READ_SECONDS = 60.0
CONNECT_SECONDS = 5.0


def is_address(source: str) -> bool:
    """Whether what was given is meant as the address of a TTP and not as a file, right or not."""
    return "://" in source or bool(re.fullmatch(r"[\w.-]+:\d+/?", source))


def open_client(address: str, transport: BaseTransport | None = None) -> Client:
    """A client for one TTP; nothing is sent yet.

    Args:
        address: Scheme, host and port, `http://localhost:5000` for example.
        transport: What carries the requests, in place of the network.

    Raises:
        Unusable: When it is no such address.
    """
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if is_whole and "@" in parts.netloc:
        # The address stands in what is printed, and a password must not.
        raise Unusable("Leave name and password out of the address: a TTP asks for none.")
    if not is_whole or parts.path.strip("/") or parts.query or parts.fragment:
        raise Unusable(f"{address!r} is not the address of a TTP: write scheme, host and port, http://localhost:5000.")
    try:
        connection = Connection.checked(address_of(address), transport=transport)
    except InvalidArgument as error:
        raise Unusable(str(error).removeprefix("[Driver] ")) from error
    return Client(
        transport=connection.carrier(),
        headers=connection.all_headers,
        auth=connection.auth,
        base_url=connection.url,
        timeout=Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        trust_env=False,
    )


def reach(client: Client, path: str) -> Response:
    """Send one GET.

    Raises:
        Unusable: When no answer comes.
    """
    try:
        return client.get(path)
    except HTTPError as error:
        reason = str(error) or type(error).__name__
        text = f"No TTP answers at {client.base_url}: {reason}. Is it running, are host and port right?"
        raise Unusable(text) from error


def read_json(response: Response) -> object:
    """The body as JSON; NaN is a number, as statistics need it.

    Raises:
        ValueError: When it is not JSON.
    """
    try:
        return json.loads(response.content)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
