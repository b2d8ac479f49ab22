"""Participants: the parties of the grid."""

from collections.abc import Mapping, Sequence

from synergos_client.models.participant import Participant
from synergos_client.models.participant_input import ParticipantInput
from synergos_client.models.participant_update import ParticipantUpdate

from synergos.calls.task import Task, given
from synergos.common.checks import Id, Port, verb
from synergos.errors import InvalidArgument
from synergos.reply import Reply


class ParticipantTask(Task[Participant]):
    """The participants of the grid."""

    _name = "participants"
    _kind = Participant

    @verb
    def create(
        self,
        participant_id: Id | None = None,
        *,
        host: str | None = None,
        port: Port | None = None,
        f_port: Port | None = None,
        log_msgs: bool = False,
        verbose: bool = False,
        category: Sequence[str] | None = None,
        summary: str | None = None,
        phone: str | None = None,
        email: str | None = None,
        socials: Mapping[str, str] | None = None,
    ) -> Reply[Participant]:
        """Add a participant to the grid.

        On a TTP of the generation v4 a participant has one worker, and `host`, `port` and `f_port` say where. On one of
        the generation v8 it has a profile, and its workers are the nodes of its registrations. Only what is given is
        sent, and with a worker also `log_msgs` and `verbose`. Where the TTP already has a participant of this id, it
        changes the fields that are sent.

        Args:
            participant_id: Id of the participant, the same in every project.
            host: Address under which the TTP reaches the participant's worker; v4.
            port: Port of the worker's data connection, from 1 to 65535; v4.
            f_port: Port of the worker's REST interface, from 1 to 65535; v4.
            log_msgs: Whether the worker logs its messages; v4.
            verbose: Whether the worker logs in detail; v4.
            category: What kinds of party it is, a list of texts; v8.
            summary: The participant in a few words; v8.
            phone: Its telephone number; v8.
            email: Its address for mail; v8.
            socials: Name of a network to the participant's name or page there; v8.

        Returns:
            The participant.

        Raises:
            InvalidArgument: When an argument cannot be right; nothing was sent.
            Rejected: When the TTP refuses a field.

        Example:
            >>> driver.participants.create("biscoe", host="172.17.0.2", port=8020, f_port=5000).data.id
            'biscoe'
            >>> driver.participants.create("torgersen", summary="The third island").data.summary
            'The third island'
        """
        ids = self._ids(participant_id=participant_id)
        node = given(host=host, port=port, f_port=f_port)
        if (node or log_msgs or verbose) and len(node) < 3:
            missing = " and ".join(name for name in ("host", "port", "f_port") if name not in node)
            raise InvalidArgument(f"[participants.create] A worker needs host, port and f_port: give {missing} too.")
        fields = given(
            id=ids.get("participant_id"),
            **({**node, "log_msgs": log_msgs, "verbose": verbose} if node else {}),
            category=category,
            summary=summary,
            phone=phone,
            email=email,
            socials=socials,
        )
        body = ParticipantInput.from_dict({"id": None, **fields})
        return self._one("create", ids, body)

    @verb
    def read_all(self) -> Reply[list[Participant]]:
        """List the participants of the grid.

        Returns:
            The participants; an empty list when there are none.

        Example:
            >>> [participant.id for participant in driver.participants.read_all().data]
            ['biscoe', 'dream']
        """
        return self._many("read_all", {})

    @verb
    def read(self, participant_id: Id | None = None) -> Reply[Participant]:
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
        ids = self._ids(participant_id=participant_id)
        return self._one("read", ids)

    @verb
    def update(
        self,
        participant_id: Id | None = None,
        *,
        host: str | None = None,
        port: Port | None = None,
        f_port: Port | None = None,
        log_msgs: bool | None = None,
        verbose: bool | None = None,
        category: Sequence[str] | None = None,
        summary: str | None = None,
        phone: str | None = None,
        email: str | None = None,
        socials: Mapping[str, str] | None = None,
    ) -> Reply[Participant]:
        """Change a participant. Fields that are not given stay as they are.

        Args:
            participant_id: Id of the participant.
            host: As in `create`.
            port: As in `create`.
            f_port: As in `create`.
            log_msgs: As in `create`.
            verbose: As in `create`.
            category: As in `create`; replaces the whole list.
            summary: As in `create`.
            phone: As in `create`.
            email: As in `create`.
            socials: As in `create`; replaces all of them.

        Returns:
            The participant as it is now.

        Raises:
            InvalidArgument: When an argument cannot be right, or none is given; nothing was sent.
            NotFound: When there is no such participant.

        Example:
            >>> driver.participants.update("biscoe", port=8021).data.port
            8021
        """
        ids = self._ids(participant_id=participant_id)
        fields = self._changes(
            host=host,
            port=port,
            f_port=f_port,
            log_msgs=log_msgs,
            verbose=verbose,
            category=category,
            summary=summary,
            phone=phone,
            email=email,
            socials=socials,
        )
        return self._one("update", ids, ParticipantUpdate.from_dict(fields))

    @verb
    def delete(self, participant_id: Id | None = None) -> Reply[Participant]:
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
        ids = self._ids(participant_id=participant_id)
        return self._one("delete", ids)
