"""What may be behind it when work goes wrong at a real TTP, which says no more than a number, and how to go on.

The causes are those that were seen on grids of both generations, the likeliest first.
"""

from collections.abc import Mapping

from synergos.errors import (
    Forbidden,
    NotFound,
    ServerFailure,
    SynergosError,
    TimedOut,
    Unreachable,
    Unreadable,
    with_more,
)
from synergos.http.faults import NEVER_SENT

_DOWN = "a worker that is down"
_STALE = "an alignment that is missing, or cut off since a participant registered again"
_STUCK = "an earlier training that failed and left its workers connected, until they are restarted"
_QUEUE = "on a cluster another project's job that fails and stands at the head of the queue, until its worker is back"
_LEFT_TAGS = "tags that lead nowhere, such as those that a failed prediction leaves"

_OF_A_FAILURE: Mapping[str, tuple[str, ...]] = {
    "alignments": (_LEFT_TAGS, _DOWN, "a participant without tags or data", "a layer without out_features"),
    "models": (_DOWN, _STALE, "a run or a network that the grid does not train", _LEFT_TAGS, _STUCK),
    "optimizations": (_DOWN, _STALE, "values in the search space that the grid does not train"),
    "validations": ("a run that is not trained", _DOWN, _STALE),
    "predictions": ("tags that lead nowhere", "a run that is not trained", _DOWN, _STALE),
}
_OF_A_SILENCE: Mapping[str, tuple[str, ...]] = {
    "alignments": ("a data tag that leads nowhere, on which the generation v8 hangs for ever", _QUEUE),
    "models": (_STUCK, _QUEUE),
    "optimizations": (_QUEUE, _STUCK),
    "validations": (_STUCK, _QUEUE),
    "predictions": (_STUCK, _QUEUE),
}
_OF_A_CHECK = ("collab_id", "project_id", "expt_id", "run_id")
# A gateway's word, which has lost patience with the TTP or the line to it.
_GATEWAY = (502, 504)


def explained(error: SynergosError, resource: str, ids: Mapping[str, str], how_to_go_on: str) -> SynergosError:
    """An error of work at a real TTP that says what may be behind it.

    Args:
        error: What the work ended in.
        resource: What was to be made, `models` for example.
        ids: The ids of the call.
        how_to_go_on: How to pick the work up.

    Returns:
        The error, with the likely causes in their order and what to do; as it was when nothing is known of it.
    """
    if isinstance(error, ServerFailure):
        causes = _OF_A_SILENCE if error.status in _GATEWAY else _OF_A_FAILURE
        start = "The gateway has lost patience. " if error.status in _GATEWAY else ""
        more = f"{start}Likely, in this order: {'; '.join(causes[resource])}. {_look(ids)} {how_to_go_on}"
    elif isinstance(error, Forbidden) and resource == "predictions":
        more = (
            "If the data have other columns than the project was aligned on, a TTP of the generation v8 says so, and "
            f"leaves the alignment fitted to them: put the tags right, and align again. {_look(ids)}"
        )
    elif isinstance(error, NotFound) and resource == "optimizations" and "collab_id" in ids:
        more = f"If the TTP is a cluster, the search is queued all the same. {how_to_go_on}"
    elif isinstance(error, TimedOut) and may_be_at_work(error):
        more = f"{silence(resource)} {_look(ids)} {how_to_go_on}"
    elif may_be_at_work(error):
        more = how_to_go_on
    else:
        return error
    told = with_more(error, more)
    told.__cause__ = error.__cause__
    return told


def silence(resource: str) -> str:
    """Why work may come to no end, in one sentence."""
    return f"If it never ends, the cause is likely, in this order: {'; '.join(_OF_A_SILENCE[resource])}."


def may_be_at_work(error: Exception) -> bool:
    """Whether the TTP may have received a request that ended in an error, and be at work."""
    if isinstance(error, ServerFailure):
        return error.status in _GATEWAY
    is_fault = isinstance(error, Unreachable | TimedOut) and error.__cause__ is not None
    return isinstance(error, Unreadable) or (is_fault and not isinstance(error.__cause__, NEVER_SENT))


def _look(ids: Mapping[str, str]) -> str:
    named = ", ".join(f"{name}={ids[name]!r}" for name in _OF_A_CHECK if name in ids)
    return f"driver.check({named}, reach=True) tells what it can." if "project_id" in ids else ""
