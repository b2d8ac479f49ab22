from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.registration_answer import RegistrationAnswer
from ...models.registration_in_collab_input import RegistrationInCollabInput
from ...types import Response


def _get_kwargs(
    collab_id: str,
    project_id: str,
    participant_id: str,
    *,
    body: RegistrationInCollabInput,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/ttp/connect/collaborations/{collab_id}/projects/{project_id}/participants/{participant_id}/registration".format(
            collab_id=quote(str(collab_id), safe=""),
            project_id=quote(str(project_id), safe=""),
            participant_id=quote(str(participant_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | RegistrationAnswer | None:
    if response.status_code == 201:
        response_201 = RegistrationAnswer.from_dict(response.json())

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
) -> Response[Error | RegistrationAnswer]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    collab_id: str,
    project_id: str,
    participant_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: RegistrationInCollabInput,
) -> Response[Error | RegistrationAnswer]:
    """Register a participant in a collaboration

     Gives the participant its role in the project. Real TTPs store a registration under a project or
    participant that does not exist, which breaks every list it is in; and a second registration cuts
    the tags off until they are sent again.

    Args:
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        participant_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        body (RegistrationInCollabInput):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | RegistrationAnswer]
    """

    kwargs = _get_kwargs(
        collab_id=collab_id,
        project_id=project_id,
        participant_id=participant_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    collab_id: str,
    project_id: str,
    participant_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: RegistrationInCollabInput,
) -> Error | RegistrationAnswer | None:
    """Register a participant in a collaboration

     Gives the participant its role in the project. Real TTPs store a registration under a project or
    participant that does not exist, which breaks every list it is in; and a second registration cuts
    the tags off until they are sent again.

    Args:
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        participant_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        body (RegistrationInCollabInput):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | RegistrationAnswer
    """

    return sync_detailed(
        collab_id=collab_id,
        project_id=project_id,
        participant_id=participant_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    collab_id: str,
    project_id: str,
    participant_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: RegistrationInCollabInput,
) -> Response[Error | RegistrationAnswer]:
    """Register a participant in a collaboration

     Gives the participant its role in the project. Real TTPs store a registration under a project or
    participant that does not exist, which breaks every list it is in; and a second registration cuts
    the tags off until they are sent again.

    Args:
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        participant_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        body (RegistrationInCollabInput):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | RegistrationAnswer]
    """

    kwargs = _get_kwargs(
        collab_id=collab_id,
        project_id=project_id,
        participant_id=participant_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    collab_id: str,
    project_id: str,
    participant_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: RegistrationInCollabInput,
) -> Error | RegistrationAnswer | None:
    """Register a participant in a collaboration

     Gives the participant its role in the project. Real TTPs store a registration under a project or
    participant that does not exist, which breaks every list it is in; and a second registration cuts
    the tags off until they are sent again.

    Args:
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        participant_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        body (RegistrationInCollabInput):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | RegistrationAnswer
    """

    return (
        await asyncio_detailed(
            collab_id=collab_id,
            project_id=project_id,
            participant_id=participant_id,
            client=client,
            body=body,
        )
    ).parsed
