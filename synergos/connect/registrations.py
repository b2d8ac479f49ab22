"""Registrations: who takes part in which project, and as what."""

from synergos_client.api.registrations import (
    create_registration,
    delete_registration,
    read_registration,
    read_registrations_by_participant,
    read_registrations_by_project,
    update_registration,
)
from synergos_client.models.registration import Registration
from synergos_client.models.registration_input import RegistrationInput
from synergos_client.models.registration_update import RegistrationUpdate
from synergos_client.models.role import Role

from synergos.checks import Id, verb
from synergos.errors import InvalidId
from synergos.reply import Reply
from synergos.task import Task


class RegistrationTask(Task):
    """The registrations of participants in projects."""

    _name = "registrations"

    @verb
    def create(self, *, project_id: Id, participant_id: Id, role: Role) -> Reply[Registration]:
        """Register a participant in a project.

        Create the project and the participant first: a real TTP takes a registration without them, and then fails on
        every list that holds it. Registering again on a real TTP cuts the participant's tags off: create them anew.

        Args:
            project_id: Id of the project.
            participant_id: Id of the participant.
            role: What the participant is: "guest" (holds labels), "host" (holds further data) or "arbiter" (neither).

        Returns:
            The registration.

        Raises:
            InvalidArgument: When an argument cannot be right; nothing was sent.
            NotFound: When there is no such project or participant.

        Example:
            >>> reply = driver.registrations.create(project_id="penguins", participant_id="biscoe", role="guest")
            >>> reply.data.role
            'guest'
        """
        ids = {"project_id": project_id, "participant_id": participant_id}
        request = create_registration._get_kwargs(**ids, body=RegistrationInput(role=role))
        return self._one(Registration, "create", request, ids)

    @verb
    def read_all(self, *, project_id: Id | None = None, participant_id: Id | None = None) -> Reply[list[Registration]]:
        """List the registrations in a project, or those of a participant.

        Args:
            project_id: Id of the project. Give this or `participant_id`.
            participant_id: Id of the participant.

        Returns:
            The registrations; an empty list when there are none.

        Raises:
            InvalidId: When both ids are given, or neither; nothing was sent.

        Example:
            >>> driver.registrations.read_all(project_id="penguins").data[0].key.participant_id
            'biscoe'
            >>> driver.registrations.read_all(participant_id="biscoe").data[0].key.project_id
            'penguins'
        """
        if project_id is not None and participant_id is None:
            ids = {"project_id": project_id}
            return self._many(Registration, "read_all", read_registrations_by_project._get_kwargs(**ids), ids)
        if participant_id is not None and project_id is None:
            ids = {"participant_id": participant_id}
            return self._many(Registration, "read_all", read_registrations_by_participant._get_kwargs(**ids), ids)
        raise InvalidId(
            "[registrations.read_all] Give project_id or participant_id, and not both: read() takes both for the one "
            "registration that they name."
        )

    @verb
    def read(self, *, project_id: Id, participant_id: Id) -> Reply[Registration]:
        """Read a registration.

        Args:
            project_id: Id of the project.
            participant_id: Id of the participant.

        Returns:
            The registration, with its tags as `relations`.

        Raises:
            NotFound: When the participant is not registered in the project.

        Example:
            >>> driver.registrations.read(project_id="penguins", participant_id="biscoe").data.role
            'guest'
        """
        ids = {"project_id": project_id, "participant_id": participant_id}
        return self._one(Registration, "read", read_registration._get_kwargs(**ids), ids)

    @verb
    def update(self, *, project_id: Id, participant_id: Id, role: Role) -> Reply[Registration]:
        """Change the role of a participant in a project. Its tags stay.

        Args:
            project_id: Id of the project.
            participant_id: Id of the participant.
            role: As in `create`.

        Returns:
            The registration as it is now.

        Raises:
            InvalidArgument: When an argument cannot be right; nothing was sent.
            NotFound: When the participant is not registered in the project.

        Example:
            >>> reply = driver.registrations.update(project_id="penguins", participant_id="biscoe", role="host")
            >>> reply.data.role
            'host'
        """
        ids = {"project_id": project_id, "participant_id": participant_id}
        request = update_registration._get_kwargs(**ids, body=RegistrationUpdate(role=role))
        return self._one(Registration, "update", request, ids)

    @verb
    def delete(self, *, project_id: Id, participant_id: Id) -> Reply[Registration]:
        """Delete a registration, with its tags.

        Args:
            project_id: Id of the project.
            participant_id: Id of the participant.

        Returns:
            The registration as it was.

        Raises:
            NotFound: When the participant is not registered in the project.

        Example:
            >>> driver.registrations.delete(project_id="penguins", participant_id="biscoe").data.key.project_id
            'penguins'
        """
        ids = {"project_id": project_id, "participant_id": participant_id}
        return self._one(Registration, "delete", delete_registration._get_kwargs(**ids), ids)
