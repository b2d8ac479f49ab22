from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.run_answer import RunAnswer
from ...models.run_update import RunUpdate
from ...types import Response


def _get_kwargs(
    project_id: str,
    expt_id: str,
    run_id: str,
    *,
    body: RunUpdate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/ttp/connect/projects/{project_id}/experiments/{expt_id}/runs/{run_id}".format(
            project_id=quote(str(project_id), safe=""),
            expt_id=quote(str(expt_id), safe=""),
            run_id=quote(str(run_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Error | RunAnswer | None:
    if response.status_code == 200:
        response_200 = RunAnswer.from_dict(response.json())

        return response_200

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Error | RunAnswer]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    project_id: str,
    expt_id: str,
    run_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: RunUpdate,
) -> Response[Error | RunAnswer]:
    """Change a run

     Replaces the fields that are sent, each as a whole. Real TTPs check nothing here: a wrong type is
    stored, and may break the reading of every list that holds the run.

    Args:
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        expt_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        run_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        body (RunUpdate):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | RunAnswer]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        expt_id=expt_id,
        run_id=run_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    project_id: str,
    expt_id: str,
    run_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: RunUpdate,
) -> Error | RunAnswer | None:
    """Change a run

     Replaces the fields that are sent, each as a whole. Real TTPs check nothing here: a wrong type is
    stored, and may break the reading of every list that holds the run.

    Args:
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        expt_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        run_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        body (RunUpdate):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | RunAnswer
    """

    return sync_detailed(
        project_id=project_id,
        expt_id=expt_id,
        run_id=run_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    project_id: str,
    expt_id: str,
    run_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: RunUpdate,
) -> Response[Error | RunAnswer]:
    """Change a run

     Replaces the fields that are sent, each as a whole. Real TTPs check nothing here: a wrong type is
    stored, and may break the reading of every list that holds the run.

    Args:
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        expt_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        run_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        body (RunUpdate):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | RunAnswer]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        expt_id=expt_id,
        run_id=run_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    project_id: str,
    expt_id: str,
    run_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: RunUpdate,
) -> Error | RunAnswer | None:
    """Change a run

     Replaces the fields that are sent, each as a whole. Real TTPs check nothing here: a wrong type is
    stored, and may break the reading of every list that holds the run.

    Args:
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        expt_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        run_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        body (RunUpdate):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | RunAnswer
    """

    return (
        await asyncio_detailed(
            project_id=project_id,
            expt_id=expt_id,
            run_id=run_id,
            client=client,
            body=body,
        )
    ).parsed
