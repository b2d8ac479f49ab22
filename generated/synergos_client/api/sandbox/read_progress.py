from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.progress_answer import ProgressAnswer
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    ended: bool | Unset = False,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["ended"] = ended

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/ttp/sandbox/progress",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Error | ProgressAnswer | None:
    if response.status_code == 200:
        response_200 = ProgressAnswer.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Error.from_dict(response.json())

        return response_403

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
) -> Response[Error | ProgressAnswer]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    ended: bool | Unset = False,
) -> Response[Error | ProgressAnswer]:
    """Read how far the work is

     The work of phases 2 and 3 that is under way or queued, in the order in which it was asked for. Real
    TTPs have no such route.

    Args:
        ended (bool | Unset):  Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | ProgressAnswer]
    """

    kwargs = _get_kwargs(
        ended=ended,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    ended: bool | Unset = False,
) -> Error | ProgressAnswer | None:
    """Read how far the work is

     The work of phases 2 and 3 that is under way or queued, in the order in which it was asked for. Real
    TTPs have no such route.

    Args:
        ended (bool | Unset):  Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | ProgressAnswer
    """

    return sync_detailed(
        client=client,
        ended=ended,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    ended: bool | Unset = False,
) -> Response[Error | ProgressAnswer]:
    """Read how far the work is

     The work of phases 2 and 3 that is under way or queued, in the order in which it was asked for. Real
    TTPs have no such route.

    Args:
        ended (bool | Unset):  Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | ProgressAnswer]
    """

    kwargs = _get_kwargs(
        ended=ended,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    ended: bool | Unset = False,
) -> Error | ProgressAnswer | None:
    """Read how far the work is

     The work of phases 2 and 3 that is under way or queued, in the order in which it was asked for. Real
    TTPs have no such route.

    Args:
        ended (bool | Unset):  Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | ProgressAnswer
    """

    return (
        await asyncio_detailed(
            client=client,
            ended=ended,
        )
    ).parsed
