from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.rounds_answer import RoundsAnswer
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    number: int,
    after: int | Unset = 0,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["number"] = number

    params["after"] = after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/ttp/sandbox/rounds",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Error | RoundsAnswer | None:
    if response.status_code == 200:
        response_200 = RoundsAnswer.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Error.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Error.from_dict(response.json())

        return response_404

    if response.status_code == 417:
        response_417 = Error.from_dict(response.json())

        return response_417

    if response.status_code == 500:
        response_500 = Error.from_dict(response.json())

        return response_500

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | RoundsAnswer]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    number: int,
    after: int | Unset = 0,
) -> Response[Error | RoundsAnswer]:
    """Read the rounds of a training

     The rounds that one piece of work has trained, in the order in which they were done, those of all
    its runs: of a search those of each trial. Whoever asks again for what is `after` those that are
    known is told each once. An answer holds 1000 at most. They are known as long as the work is listed.
    Real TTPs have no such route.

    Args:
        number (int):
        after (int | Unset):  Default: 0.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | RoundsAnswer]
    """

    kwargs = _get_kwargs(
        number=number,
        after=after,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    number: int,
    after: int | Unset = 0,
) -> Error | RoundsAnswer | None:
    """Read the rounds of a training

     The rounds that one piece of work has trained, in the order in which they were done, those of all
    its runs: of a search those of each trial. Whoever asks again for what is `after` those that are
    known is told each once. An answer holds 1000 at most. They are known as long as the work is listed.
    Real TTPs have no such route.

    Args:
        number (int):
        after (int | Unset):  Default: 0.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | RoundsAnswer
    """

    return sync_detailed(
        client=client,
        number=number,
        after=after,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    number: int,
    after: int | Unset = 0,
) -> Response[Error | RoundsAnswer]:
    """Read the rounds of a training

     The rounds that one piece of work has trained, in the order in which they were done, those of all
    its runs: of a search those of each trial. Whoever asks again for what is `after` those that are
    known is told each once. An answer holds 1000 at most. They are known as long as the work is listed.
    Real TTPs have no such route.

    Args:
        number (int):
        after (int | Unset):  Default: 0.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | RoundsAnswer]
    """

    kwargs = _get_kwargs(
        number=number,
        after=after,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    number: int,
    after: int | Unset = 0,
) -> Error | RoundsAnswer | None:
    """Read the rounds of a training

     The rounds that one piece of work has trained, in the order in which they were done, those of all
    its runs: of a search those of each trial. Whoever asks again for what is `after` those that are
    known is told each once. An answer holds 1000 at most. They are known as long as the work is listed.
    Real TTPs have no such route.

    Args:
        number (int):
        after (int | Unset):  Default: 0.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | RoundsAnswer
    """

    return (
        await asyncio_detailed(
            client=client,
            number=number,
            after=after,
        )
    ).parsed
