"""Participants: the parties of the grid."""

from synergos_client.api.participants import (
    create_participant,
    delete_participant,
    read_participant,
    read_participants,
    update_participant,
)
from synergos_client.models.participant import Participant
from synergos_client.models.participant_input import ParticipantInput
from synergos_client.models.participant_update import ParticipantUpdate

from synergos.checks import Id, Port, verb
from synergos.reply import Reply
from synergos.task import Task


class ParticipantTask(Task):
    """The participants of the grid."""

    _name = "participants"

    @verb
    def create(
        self,
        participant_id: Id,
        *,
        host: str,
        port: Port,
        f_port: Port,
        log_msgs: bool = False,
        verbose: bool = False,
    ) -> Reply[Participant]:
        """Tell the TTP of a participant.

        Where the TTP already has a participant of this id, it changes the fields.

        Args:
            participant_id: Id of the participant, the same in every project.
            host: Address under which the TTP reaches the participant's worker.
            port: Port of the worker's data connection, from 1 to 65535.
            f_port: Port of the worker's REST interface, from 1 to 65535.
            log_msgs: Whether the worker logs its messages.
            verbose: Whether the worker logs in detail.

        Returns:
            The participant.

        Raises:
            InvalidArgument: When an argument cannot be right; nothing was sent.
            Rejected: When the TTP refuses a field.

        Example:
            >>> driver.participants.create("biscoe", host="172.17.0.2", port=8020, f_port=5000).data.id
            'biscoe'
        """
        fields = {
            "id": participant_id,
            "host": host,
            "port": port,
            "f_port": f_port,
            "log_msgs": log_msgs,
            "verbose": verbose,
        }
        request = create_participant._get_kwargs(body=ParticipantInput.from_dict(fields))
        return self._one(Participant, "create", request, {"participant_id": participant_id})

    @verb
    def read_all(self) -> Reply[list[Participant]]:
        """List the participants of the grid.

        Returns:
            The participants; an empty list when there are none.

        Example:
            >>> [participant.id for participant in driver.participants.read_all().data]
            ['biscoe', 'dream']
        """
        return self._many(Participant, "read_all", read_participants._get_kwargs(), {})

    @verb
    def read(self, participant_id: Id) -> Reply[Participant]:
        """Read a participant.

        Args:
            participant_id: Id of the participant.

        Returns:
            The participant, with its registrations and tags as `relations`.

        Raises:
            NotFound: When there is no such participant.

        Example:
            >>> driver.participants.read("biscoe").data.id
            'biscoe'
        """
        ids = {"participant_id": participant_id}
        return self._one(Participant, "read", read_participant._get_kwargs(**ids), ids)

    @verb
    def update(
        self,
        participant_id: Id,
        *,
        host: str | None = None,
        port: Port | None = None,
        f_port: Port | None = None,
        log_msgs: bool | None = None,
        verbose: bool | None = None,
    ) -> Reply[Participant]:
        """Change a participant. Fields that are not given stay as they are.

        Args:
            participant_id: Id of the participant.
            host: As in `create`.
            port: As in `create`.
            f_port: As in `create`.
            log_msgs: As in `create`.
            verbose: As in `create`.

        Returns:
            The participant as it is now.

        Raises:
            InvalidArgument: When an argument cannot be right, or none is given; nothing was sent.
            NotFound: When there is no such participant.

        Example:
            >>> driver.participants.update("biscoe", port=8021).data.port
            8021
        """
        ids = {"participant_id": participant_id}
        fields = self._changes(host=host, port=port, f_port=f_port, log_msgs=log_msgs, verbose=verbose)
        request = update_participant._get_kwargs(**ids, body=ParticipantUpdate.from_dict(fields))
        return self._one(Participant, "update", request, ids)

    @verb
    def delete(self, participant_id: Id) -> Reply[Participant]:
        """Delete a participant, with its registrations and tags in every project.

        Args:
            participant_id: Id of the participant.

        Returns:
            The participant as it was.

        Raises:
            NotFound: When there is no such participant.

        Example:
            >>> driver.participants.delete("biscoe").data.id
            'biscoe'
        """
        ids = {"participant_id": participant_id}
        return self._one(Participant, "delete", delete_participant._get_kwargs(**ids), ids)
