from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.manifests_answer import ManifestsAnswer
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    collab_id: str | Unset = UNSET,
    project_id: str,
    expt_id: str | Unset = UNSET,
    run_id: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["collab_id"] = collab_id

    params["project_id"] = project_id

    params["expt_id"] = expt_id

    params["run_id"] = run_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/ttp/sandbox/manifests",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | ManifestsAnswer | None:
    if response.status_code == 200:
        response_200 = ManifestsAnswer.from_dict(response.json())

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
) -> Response[Error | ManifestsAnswer]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    collab_id: str | Unset = UNSET,
    project_id: str,
    expt_id: str | Unset = UNSET,
    run_id: str | Unset = UNSET,
) -> Response[Error | ManifestsAnswer]:
    """Read what models were made of

     For each model what it was made of and what came of it, as `manifest.json` beside its weights has
    it: all that is needed to train it once more and to compare. Models of an earlier sandbox have none.
    Real TTPs have no such route.

    Args:
        collab_id (str | Unset): Any text but the empty one, `.` and `..`, without `/`: these
            cannot be addressed.
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        expt_id (str | Unset): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        run_id (str | Unset): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | ManifestsAnswer]
    """

    kwargs = _get_kwargs(
        collab_id=collab_id,
        project_id=project_id,
        expt_id=expt_id,
        run_id=run_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    collab_id: str | Unset = UNSET,
    project_id: str,
    expt_id: str | Unset = UNSET,
    run_id: str | Unset = UNSET,
) -> Error | ManifestsAnswer | None:
    """Read what models were made of

     For each model what it was made of and what came of it, as `manifest.json` beside its weights has
    it: all that is needed to train it once more and to compare. Models of an earlier sandbox have none.
    Real TTPs have no such route.

    Args:
        collab_id (str | Unset): Any text but the empty one, `.` and `..`, without `/`: these
            cannot be addressed.
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        expt_id (str | Unset): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        run_id (str | Unset): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | ManifestsAnswer
    """

    return sync_detailed(
        client=client,
        collab_id=collab_id,
        project_id=project_id,
        expt_id=expt_id,
        run_id=run_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    collab_id: str | Unset = UNSET,
    project_id: str,
    expt_id: str | Unset = UNSET,
    run_id: str | Unset = UNSET,
) -> Response[Error | ManifestsAnswer]:
    """Read what models were made of

     For each model what it was made of and what came of it, as `manifest.json` beside its weights has
    it: all that is needed to train it once more and to compare. Models of an earlier sandbox have none.
    Real TTPs have no such route.

    Args:
        collab_id (str | Unset): Any text but the empty one, `.` and `..`, without `/`: these
            cannot be addressed.
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        expt_id (str | Unset): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        run_id (str | Unset): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | ManifestsAnswer]
    """

    kwargs = _get_kwargs(
        collab_id=collab_id,
        project_id=project_id,
        expt_id=expt_id,
        run_id=run_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    collab_id: str | Unset = UNSET,
    project_id: str,
    expt_id: str | Unset = UNSET,
    run_id: str | Unset = UNSET,
) -> Error | ManifestsAnswer | None:
    """Read what models were made of

     For each model what it was made of and what came of it, as `manifest.json` beside its weights has
    it: all that is needed to train it once more and to compare. Models of an earlier sandbox have none.
    Real TTPs have no such route.

    Args:
        collab_id (str | Unset): Any text but the empty one, `.` and `..`, without `/`: these
            cannot be addressed.
        project_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        expt_id (str | Unset): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        run_id (str | Unset): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | ManifestsAnswer
    """

    return (
        await asyncio_detailed(
            client=client,
            collab_id=collab_id,
            project_id=project_id,
            expt_id=expt_id,
            run_id=run_id,
        )
    ).parsed
