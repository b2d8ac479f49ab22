from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.registration_answer import RegistrationAnswer
from ...types import Response


def _get_kwargs(
    participant_id: str,
    collab_id: str,
    project_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/ttp/connect/participants/{participant_id}/collaborations/{collab_id}/projects/{project_id}/registration".format(
            participant_id=quote(str(participant_id), safe=""),
            collab_id=quote(str(collab_id), safe=""),
            project_id=quote(str(project_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | RegistrationAnswer | None:
    if response.status_code == 200:
        response_200 = RegistrationAnswer.from_dict(response.json())

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

    if response.status_code == 500:
        response_500 = Error.from_dict(response.json())

        return response_500

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | RegistrationAnswer]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    participant_id: str,
    collab_id: str,
    project_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[Error | RegistrationAnswer]:
    """Read a registration by its participant in a collaboration

     The registration with its tags. The same as the path that begins with the project.

    Args:
        participant_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | RegistrationAnswer]
    """

    kwargs = _get_kwargs(
        participant_id=participant_id,
        collab_id=collab_id,
        project_id=project_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    participant_id: str,
    collab_id: str,
    project_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Error | RegistrationAnswer | None:
    """Read a registration by its participant in a collaboration

     The registration with its tags. The same as the path that begins with the project.

    Args:
        participant_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | RegistrationAnswer
    """

    return sync_detailed(
        participant_id=participant_id,
        collab_id=collab_id,
        project_id=project_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    participant_id: str,
    collab_id: str,
    project_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[Error | RegistrationAnswer]:
    """Read a registration by its participant in a collaboration

     The registration with its tags. The same as the path that begins with the project.

    Args:
        participant_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | RegistrationAnswer]
    """

    kwargs = _get_kwargs(
        participant_id=participant_id,
        collab_id=collab_id,
        project_id=project_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    participant_id: str,
    collab_id: str,
    project_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Error | RegistrationAnswer | None:
    """Read a registration by its participant in a collaboration

     The registration with its tags. The same as the path that begins with the project.

    Args:
        participant_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | RegistrationAnswer
    """

    return (
        await asyncio_detailed(
            participant_id=participant_id,
            collab_id=collab_id,
            project_id=project_id,
            client=client,
        )
    ).parsed
