from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.prediction_in_collab_input import PredictionInCollabInput
from ...models.predictions_answer import PredictionsAnswer
from ...types import Response


def _get_kwargs(
    participant_id: str,
    collab_id: str,
    *,
    body: PredictionInCollabInput,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/ttp/evaluate/participants/{participant_id}/collaborations/{collab_id}/predictions/".format(
            participant_id=quote(str(participant_id), safe=""),
            collab_id=quote(str(collab_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | PredictionsAnswer | None:
    if response.status_code == 200:
        response_200 = PredictionsAnswer.from_dict(response.json())

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

    if response.status_code == 409:
        response_409 = Error.from_dict(response.json())

        return response_409

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
) -> Response[Error | PredictionsAnswer]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    participant_id: str,
    collab_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: PredictionInCollabInput,
) -> Response[Error | PredictionsAnswer]:
    """Predict for a participant with every run of the tagged projects in a collaboration

     Replaces the participant's `predict` tags by those sent, predicts on these data and answers when it
    is done.

    Args:
        participant_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        body (PredictionInCollabInput):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | PredictionsAnswer]
    """

    kwargs = _get_kwargs(
        participant_id=participant_id,
        collab_id=collab_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    participant_id: str,
    collab_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: PredictionInCollabInput,
) -> Error | PredictionsAnswer | None:
    """Predict for a participant with every run of the tagged projects in a collaboration

     Replaces the participant's `predict` tags by those sent, predicts on these data and answers when it
    is done.

    Args:
        participant_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        body (PredictionInCollabInput):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | PredictionsAnswer
    """

    return sync_detailed(
        participant_id=participant_id,
        collab_id=collab_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    participant_id: str,
    collab_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: PredictionInCollabInput,
) -> Response[Error | PredictionsAnswer]:
    """Predict for a participant with every run of the tagged projects in a collaboration

     Replaces the participant's `predict` tags by those sent, predicts on these data and answers when it
    is done.

    Args:
        participant_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        body (PredictionInCollabInput):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | PredictionsAnswer]
    """

    kwargs = _get_kwargs(
        participant_id=participant_id,
        collab_id=collab_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    participant_id: str,
    collab_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: PredictionInCollabInput,
) -> Error | PredictionsAnswer | None:
    """Predict for a participant with every run of the tagged projects in a collaboration

     Replaces the participant's `predict` tags by those sent, predicts on these data and answers when it
    is done.

    Args:
        participant_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot
            be addressed.
        collab_id (str): Any text but the empty one, `.` and `..`, without `/`: these cannot be
            addressed.
        body (PredictionInCollabInput):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | PredictionsAnswer
    """

    return (
        await asyncio_detailed(
            participant_id=participant_id,
            collab_id=collab_id,
            client=client,
            body=body,
        )
    ).parsed
