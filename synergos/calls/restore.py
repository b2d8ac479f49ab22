"""What a call costs a participant on a real TTP, and how it is given back: its tags and its registration."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from synergos_client.models.registration_in_collab_input import RegistrationInCollabInput
from synergos_client.models.registration_input import RegistrationInput
from synergos_client.models.tag_input import TagInput
from synergos_client.models.tag_update import TagUpdate

from synergos.calls.connection import Connection
from synergos.common import routes
from synergos.errors import Forbidden, NotFound, ServerFailure, StatusError, SynergosError, with_more
from synergos.http.answers import readable
from synergos.work.advice import may_be_at_work

Ids = Mapping[str, str]
Answer = dict[str, Any]

logger = logging.getLogger("synergos")


class Call(NamedTuple):
    """A call that is under way, for which more is asked of the TTP than the call itself.

    Attributes:
        connection: The way to the TTP.
        operation: What was called, `registrations.create` for example; it stands in the errors.
    """

    connection: Connection
    operation: str

    def send(self, resource: str, verb: str, ids: Ids, body: routes.Body | None = None) -> Answer:
        """Ask for a record, or write one."""
        return self.connection.send(self.operation, routes.request(self.operation, resource, verb, ids, body), ids)

    def read_if_any(self, resource: str, ids: Ids) -> Answer | None:
        """What the TTP has; None where there is nothing."""
        try:
            answer = self.send(resource, "read", ids)
        except NotFound:
            return None
        with readable(self.operation):
            return dict(answer["data"])


def register(connection: Connection, operation: str, ids: Ids, request: Mapping[str, Any]) -> Answer:
    """Register a participant, but not under parents that are missing, and not at the cost of its tags.

    Args:
        connection: The way to the TTP.
        operation: What was called.
        ids: The ids of the registration.
        request: What is sent.

    Returns:
        The TTP's answer to the registration.

    Raises:
        NotFound: When there is no such project or participant; nothing was changed.
        SynergosError: When a step fails. Where it registered before, its message says how far that was put back.
    """
    call = Call(connection, operation)
    for resource, names in (("projects", ("collab_id", "project_id")), ("participants", ("participant_id",))):
        call.send(resource, "read", {name: ids[name] for name in names if name in ids})
    before = call.read_if_any("registrations", ids)
    tags = call.read_if_any("tags", ids) if before else None
    if not tags or "train" not in tags:
        tags = None
    try:
        answer = connection.send(operation, request, ids)
        if before and not connection.is_sandbox:
            _cut_off(connection, ids, "It registered again after the project was aligned.")
            logger.info("[%s] If project %r was aligned, align it again.", operation, ids["project_id"])
        if tags is not None:
            call.send("tags", "create", ids, _tags(tags))
    except SynergosError as error:
        if not before:
            raise
        raise with_more(error, _put_back(call, ids, before, tags)) from error.__cause__
    return answer


def predict(
    connection: Connection, operation: str, ids: Ids, project_ids: Iterable[str], work: Callable[[], Answer]
) -> Answer:
    """Have predictions made, and give the participant its tags back when they fail.

    Args:
        connection: The way to the TTP.
        operation: What was called.
        ids: The ids of the predictions.
        project_ids: The projects whose tags they replace.
        work: Asks for the predictions.

    Returns:
        What the work returns.

    Raises:
        SynergosError: When there are no tags to begin with, or the work fails; its message says how far the tags were
            put back.
    """
    if connection.is_sandbox:
        return work()
    call = Call(connection, operation)
    own = {name: ids[name] for name in ("collab_id", "participant_id") if name in ids}
    projects = [{**own, "project_id": name} for name in project_ids]
    before = [call.send("tags", "read", project).get("data") for project in projects]
    try:
        return work()
    except StatusError as error:
        if not isinstance(error, ServerFailure | Forbidden) or may_be_at_work(error):
            raise
        said = [_put_predict_back(call, *one) for one in zip(projects, before, strict=True)]
        if isinstance(error, Forbidden):
            # The generation v8 fits the alignment to data of other columns, and then says no.
            for project in projects:
                _cut_off(connection, project, "A prediction on data of other columns has rewritten its alignment.")
        raise with_more(error, " ".join(said)) from error.__cause__


def _cut_off(connection: Connection, ids: Ids, why: str) -> None:
    """A real TTP goes on telling an alignment that is no longer good: so it is remembered here."""
    project = {name: value for name, value in ids.items() if name != "participant_id"}
    connection.memory.cut_off(project, ids["participant_id"], why)


def _put_back(call: Call, ids: Ids, before: Answer, tags: Answer | None) -> str:
    """Restore what was there before a registration failed, and say how far that went."""
    fields = {name: before[name] for name in before if name in ("role", "n_count") or name.startswith("node_")}
    kind = RegistrationInCollabInput if "n_count" in fields else RegistrationInput
    steps: list[tuple[str, str, Answer, routes.Body]] = [
        ("registration", "registrations", fields, kind.from_dict(fields))
    ]
    if tags is not None:
        steps.append(("tags", "tags", tags, _tags(tags)))
    said = []
    for what, resource, content, body in steps:
        try:
            call.send(resource, "create", ids, body)
            said.append(f"The {what} of before had to be put back, which was done.")
        except SynergosError as error:
            said.append(f"The {what} of before could not be put back ({error}): {content}.")
    return " ".join(said)


def _put_predict_back(call: Call, ids: Ids, tags: object) -> str:
    """Give a participant the tags to predict on that it had, and say how far that went."""
    which = f"Its predict tags in {ids['project_id']!r}"
    if not isinstance(tags, Mapping):
        return f"{which} before could not be read: look at them."
    before = tags.get("predict") or []
    try:
        call.send("tags", "update", ids, TagUpdate.from_dict({"predict": before}))
    except SynergosError as error:
        return f"{which} could not be put back ({error}): they were {before}."
    return f"{which} were put back."


def _tags(tags: Mapping[str, Any]) -> TagInput:
    names = ("train", "evaluate", "predict", "model", "hyperparameters")
    return TagInput.from_dict({name: tags[name] for name in names if name in tags})
