"""Alignments: one set of features over all participants."""

from synergos_client.api.alignments import create_alignments, read_alignments
from synergos_client.models.alignment import Alignment

from synergos.checks import Id, verb
from synergos.reply import Reply
from synergos.task import DerivedTask


class AlignmentTask(DerivedTask):
    """The alignments of a project, one for each participant."""

    _name = "alignments"

    @verb
    def create(self, *, project_id: Id, timeout: float | None = None) -> Reply[list[Alignment]]:
        """Align the data of a project's participants.

        Every participant reads its tagged data, and the features and classes of all are merged. This fits the project's
        experiments to them: the input size of the first layer, the output size of the last (1 for up to two classes),
        and softmax after the last for more than two. Do it after the tags are set and before training.

        Args:
            project_id: Id of the project.
            timeout: Seconds to wait for the answer; None waits until it comes.

        Returns:
            One alignment for each participant: the indexes of the features (`X`) and classes (`y`) that its data lack.

        Raises:
            NotFound: When there is no such project.
            Rejected: When data cannot be read or do not fit together; the message names the file and the reason. A
                real TTP answers with a `ServerFailure`.
            TimedOut: When no answer comes within `timeout`. The TTP goes on.

        Example:
            >>> alignments = driver.alignments.create(project_id="penguins").data
            >>> sorted(alignment.key.participant_id for alignment in alignments)
            ['biscoe', 'dream']
        """
        ids = {"project_id": project_id}
        return self._work(Alignment, "create", create_alignments._get_kwargs(**ids), ids, timeout)

    @verb
    def read(self, *, project_id: Id) -> Reply[list[Alignment]]:
        """Read the alignments of a project.

        Args:
            project_id: Id of the project.

        Returns:
            One alignment for each participant.

        Raises:
            NotFound: When the project is not aligned.

        Example:
            >>> len(driver.alignments.read(project_id="penguins").data)
            2
        """
        ids = {"project_id": project_id}
        return self._many(Alignment, "read", read_alignments._get_kwargs(**ids), ids)
