"""Alignments: one set of features over all participants."""

from collections.abc import Mapping

from synergos_client.models.alignment import Alignment
from synergos_client.models.alignment_input import AlignmentInput

from synergos.calls.task import DerivedTask
from synergos.common.checks import Id, verb
from synergos.reply import Reply
from synergos.work.job import Job


class AlignmentTask(DerivedTask[Alignment]):
    """The alignments of a project, one for each participant."""

    _name = "alignments"
    _kind = Alignment

    @verb
    def create(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        auto_align: bool = True,
        auto_fix: bool = True,
        verbose: bool = False,
        log_msgs: bool = False,
        timeout: float | None = None,
        wait: bool | float = False,
    ) -> Reply[list[Alignment]]:
        """Align the data of a project's participants.

        Every participant reads its tagged data, and the features and classes of all are merged. This fits the project's
        experiments to them: the input size of the first layer, the output size of the last (1 for up to two classes),
        and softmax after the last for more than two. Do it after the tags are set and before training.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            auto_align: Whether the data are brought to one set of features; v8. The sandbox always does that.
            auto_fix: Whether the experiments are fitted to the data; v8.
            verbose: Not sent: no TTP has a use for it. It is there for code written for the first Synergos.
            log_msgs: Not sent, like `verbose`.
            timeout: Seconds to wait for the answer; None waits until it comes.
            wait: True or a number of seconds returns what was made also when the TTP only queues the work, and shows
                progress until then: `submit(...).result(...)` in one.

        Returns:
            One alignment for each participant: the indexes of the features (`X`) and classes (`y`) that its data lack.

        Raises:
            NotFound: When there is no such project.
            Rejected: When data cannot be read or do not fit together; the message names the file and the reason. A
                real TTP answers with a `ServerFailure`.
            TimedOut: When no answer comes within `timeout`, or it is not done within `wait`. The TTP goes on.

        Example:
            >>> alignments = driver.alignments.create(project_id="penguins").data
            >>> sorted(alignment.key.participant_id for alignment in alignments)
            ['biscoe', 'dream']
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id)
        body = _input(ids, auto_align=auto_align, auto_fix=auto_fix)
        reply = self._create(ids, body, wait, timeout)
        if "data" in reply:
            self._connection.memory.aligned(ids)
        return reply

    @verb
    def submit(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        auto_align: bool = True,
        auto_fix: bool = True,
        verbose: bool = False,
        log_msgs: bool = False,
    ) -> Job[list[Alignment]]:
        """Align the data of a project's participants, and return a job at once.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            auto_align: As in `create`.
            auto_fix: As in `create`.
            verbose: Not sent: no TTP has a use for it. It is there for code written for the first Synergos.
            log_msgs: Not sent, like `verbose`.

        Returns:
            The job. `result()` waits for it and returns what `create` does.

        Raises:
            NotFound: When there is no such project.

        Example:
            >>> job = driver.alignments.submit(project_id="penguins")
            >>> len(job.result().data)
            2
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id)
        body = _input(ids, auto_align=auto_align, auto_fix=auto_fix)
        job = self._submit(ids, body)
        self._connection.memory.aligned(ids)
        return job

    @verb
    def job(self, *, collab_id: Id | None = None, project_id: Id | None = None) -> Job[list[Alignment]]:
        """Pick up an alignment that was submitted earlier, by anyone.

        It is the very job as long as this driver has one with these ids under way. Otherwise it is done when all its
        records are there; on the sandbox, when that is through with the last that was submitted with these ids.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.

        Returns:
            The job.

        Raises:
            NotFound: When there is no such project.

        Example:
            >>> driver.alignments.job(project_id="penguins").done()
            True
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id)
        return self._pick_up(ids)

    @verb
    def read(self, *, collab_id: Id | None = None, project_id: Id | None = None) -> Reply[list[Alignment]]:
        """Read the alignments of a project.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.

        Returns:
            One alignment for each participant.

        Raises:
            NotFound: When the project is not aligned.

        Example:
            >>> len(driver.alignments.read(project_id="penguins").data)
            2
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id)
        return self._many("read", ids)


def _input(ids: Mapping[str, str], *, auto_align: bool, auto_fix: bool) -> AlignmentInput | None:
    return AlignmentInput(auto_align=auto_align, auto_fix=auto_fix) if "collab_id" in ids else None
