"""Requests to a live TTP as the contract commands send them: one at a time, with explicit timeouts, no retries."""

import json
import re

from synergos.contract.document import Unusable
from synergos.errors import Forbidden, InvalidArgument, Unreachable
from synergos.http import BaseTransport, Client, HTTPError, Response, Timeout
from synergos.http.address import address_of
from synergos.http.endpoint import Endpoint, Environment
from synergos.http.faults import tls_fault_of

READ_SECONDS = 60.0
CONNECT_SECONDS = 5.0


def is_address(source: str) -> bool:
    """Whether what was given is meant as the address of a TTP and not as a file, right or not."""
    return "://" in source or bool(re.fullmatch(r"[\w.-]+:\d+/?", source))


def open_client(address: str, transport: BaseTransport | None = None) -> Client:
    """A client for one TTP, which is reached as by `Driver.from_env`; nothing is sent yet.

    Args:
        address: The URL, `https://gateway.example/grid1` for example; empty for that of `SYNERGOS_URL`. Who asks and
            whose certificates are trusted is said by `SYNERGOS_TOKEN` and `SYNERGOS_CA`.
        transport: What carries the requests, in place of the network.

    Raises:
        Unusable: When it is no such address, or a variable cannot be used.
    """
    told = Environment.read(but_for=("url",) if address else ())
    url = address or told.url
    if url is None:
        raise Unusable("Where is the TTP? Give its address, or set the environment variable SYNERGOS_URL.")
    try:
        with told.named():
            endpoint = Endpoint.checked(address_of(url), token=told.token, verify=told.verify, transport=transport)
    except InvalidArgument as error:
        raise Unusable(str(error).removeprefix("[Driver] ")) from error
    return Client(
        transport=endpoint.carrier(),
        headers=endpoint.all_headers,
        auth=endpoint.auth,
        base_url=endpoint.url,
        timeout=Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        trust_env=False,
    )


def shown(client: Client, path: str = "") -> str:
    """The address of a TTP, or of something at it, as it is printed: without a name or a password."""
    return f"{str(client.base_url).rstrip('/')}{path}"


def reach(client: Client, path: str) -> Response:
    """Send one GET.

    Raises:
        Unusable: When no answer comes, or one that asks who asks.
    """
    try:
        response = client.get(path)
    except HTTPError as error:
        reason = str(error) or type(error).__name__
        hint = " SYNERGOS_CA names the file of a CA to trust." if tls_fault_of(error) else ""
        text = f"No TTP answers at {shown(client)}: {reason}. Is it running, are host and port right?{hint}"
        raise Unusable(text, Unreachable) from error
    if response.status_code == 401:
        raise Unusable(
            f"{shown(client)} asks who you are, and was {'told another' if client.auth else 'not told'}: set "
            "SYNERGOS_TOKEN, or write name and password into SYNERGOS_URL.",
            Forbidden,
        )
    return response


def read_json(response: Response) -> object:
    """The body as JSON; NaN is a number, as statistics need it.

    Raises:
        ValueError: When it is not JSON.
    """
    try:
        return json.loads(response.content)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
