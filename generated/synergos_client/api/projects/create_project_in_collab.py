from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.project_answer import ProjectAnswer
from ...models.project_in_collab_input import ProjectInCollabInput
from ...types import Response


def _get_kwargs(
    collab_id: str,
    *,
    body: ProjectInCollabInput,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/ttp/connect/collaborations/{collab_id}/projects/".format(
            collab_id=quote(str(collab_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Error | ProjectAnswer | None:
    if response.status_code == 201:
        response_201 = ProjectAnswer.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = Error.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Error.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Error.from_dict(response.json())

        return response_404

    if response.status_code == 413:
        response_413 = Error.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Error.from_dict(response.json())

        return response_415

    if response.status_code == 417:
        response_417 = Error.from_dict(response.json())

        return response_417

    if response.status_code == 500:
        response_500 = Error.from_dict(response.json())

        return response_500

    if response.status_code == 507:
        response_507 = Error.from_dict(response.json())

        return response_507

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | ProjectAnswer]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    collab_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ProjectInCollabInput,
) -> Response[Error | ProjectAnswer]:
    """Create a project in a collaboration

     Starts a project: what its models are to do, and the incentives for taking part. A record of the
    same id that is already there keeps the fields that are not sent.

    Args:
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        body (ProjectInCollabInput):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | ProjectAnswer]
    """

    kwargs = _get_kwargs(
        collab_id=collab_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    collab_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ProjectInCollabInput,
) -> Error | ProjectAnswer | None:
    """Create a project in a collaboration

     Starts a project: what its models are to do, and the incentives for taking part. A record of the
    same id that is already there keeps the fields that are not sent.

    Args:
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        body (ProjectInCollabInput):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | ProjectAnswer
    """

    return sync_detailed(
        collab_id=collab_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    collab_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ProjectInCollabInput,
) -> Response[Error | ProjectAnswer]:
    """Create a project in a collaboration

     Starts a project: what its models are to do, and the incentives for taking part. A record of the
    same id that is already there keeps the fields that are not sent.

    Args:
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        body (ProjectInCollabInput):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | ProjectAnswer]
    """

    kwargs = _get_kwargs(
        collab_id=collab_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    collab_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ProjectInCollabInput,
) -> Error | ProjectAnswer | None:
    """Create a project in a collaboration

     Starts a project: what its models are to do, and the incentives for taking part. A record of the
    same id that is already there keeps the fields that are not sent.

    Args:
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        body (ProjectInCollabInput):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | ProjectAnswer
    """

    return (
        await asyncio_detailed(
            collab_id=collab_id,
            client=client,
            body=body,
        )
    ).parsed
