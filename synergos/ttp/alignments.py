"""An alignment: every participant is asked, and what they say is brought together."""

from collections.abc import Callable, Collection, Mapping, Sequence

from synergos.learning import bounds, columns, data_report, pictures, target
from synergos.learning.alignment import Alignment, Spacer
from synergos.learning.data_report import DataReport
from synergos.learning.errors import Rejected
from synergos.learning.party import PURPOSES, Agreed, Dataset, Description, Measures, Participant, Party
from synergos.learning.spelling import classes_of, places_of, truths_of
from synergos.learning.tables import CLASSIFY, PREDICTION, TRAINING, TableReport, check_same_datatype
from synergos.ttp.parties import Crew


def align(
    crew: Crew,
    action: str,
    participants: Sequence[Participant],
    strangers: Collection[str] = (),
    on_read: Callable[[Sequence[TableReport]], object] | None = None,
) -> Alignment:
    """Align all participants of a project.

    Features are those of the training data; classes those of the training and the evaluation data, for an evaluation
    may meet a class that nobody trained on.

    Args:
        crew: The participants.
        action: ``classify`` or ``regress``.
        participants: Everyone registered with the project; each needs tags to train with.
        strangers: Participants who take no part. What is theirs is not read either.
        on_read: Called with how the participants' data were read, before they are brought together.

    Returns:
        The alignment.

    Raises:
        Rejected: There are no participants, or their data cannot be read or brought together; among others because
            some are tables and some images.
    """
    if not participants:
        raise Rejected("the project has no participants with tags; register some and give them tags")
    datasets = _datasets(participants, action, strangers)
    said = crew.ask(Party.describe, {name: {"dataset": dataset} for name, dataset in datasets.items()})
    tables = [table for one in said.values() for table in one.tables]
    if on_read is not None:
        on_read(tables)
    check_same_datatype((one.datatype, one.where) for one in tables)
    sizes = [one.sizes for one in said.values() if one.sizes is not None]
    shape = pictures.agree_on_shape(sizes) if sizes else None
    agreed_columns = (
        columns.agree([one.columns for one in said.values() if one.columns is not None]) if not sizes else {}
    )
    agreed = Agreed(agreed_columns, columns.expand(agreed_columns), truths_of(tables), shape)
    classes = classes_of(one.classes for one in tables if one.purpose != PREDICTION) if action == CLASSIFY else []
    bounds.check_classes(len(classes))
    asked = {name: {"dataset": dataset, "agreed": agreed} for name, dataset in datasets.items()}
    measured = crew.ask(Party.measure, asked)
    pixels = [one.pixels for one in measured.values() if one.pixels is not None]
    spreads = [one.target for one in said.values() if one.target is not None]
    return Alignment(
        features=list(agreed.features),
        targets=classes,
        spacers={name: _spacers(said[name], measured[name], classes) for name in said},
        columns=agreed_columns,
        image=None if shape is None else pictures.agree(shape, pixels),
        target=target.agree(spreads) if spreads else None,
        truths=agreed.truths,
    )


def look(crew: Crew, action: str, participants: Sequence[Participant], strangers: Collection[str] = ()) -> DataReport:
    """Have participants read their data, and report what was read.

    Args:
        crew: The participants.
        action: ``classify`` or ``regress``.
        participants: Who takes part, with their tags.
        strangers: Participants who take no part. What is theirs is not read.

    Returns:
        The report. What cannot be read is a finding, and the rest is read all the same.
    """
    datasets = _datasets(participants, action, strangers)
    looks = crew.ask(Party.report, {name: {"dataset": dataset} for name, dataset in datasets.items()})

    def measure(agreed: Agreed) -> None:
        asked = {
            name: {"dataset": dataset.only(TRAINING), "agreed": agreed}
            for name, dataset in datasets.items()
            if looks[name].training is not None
        }
        crew.ask(Party.measure, asked)

    return data_report.look(list(looks.values()), action, measure)


def _datasets(participants: Sequence[Participant], action: str, strangers: Collection[str]) -> dict[str, Dataset]:
    others = [*strangers, *(one.participant_id for one in participants)]
    return {one.participant_id: Dataset.of(one, action, others) for one in participants}


def _spacers(said: Description, measured: Measures, classes: Sequence[str]) -> dict[str, Spacer]:
    """Say, by purpose, what a participant lacks of all that was agreed on."""
    own: Mapping[str, set[int]] = {one.purpose: set(places_of(one.classes, classes)) for one in said.tables}
    return {
        purpose: {
            "X": list(measured.lacks.get(purpose, ())),
            "y": [index for index in range(len(classes)) if purpose in own and index not in own[purpose]],
        }
        for purpose in PURPOSES
    }
