"""The one interface by which a TTP asks a participant for anything that touches rows.

Each method takes and gives values that could travel: numbers, texts, lists of them, and weights. What it gives is all
that leaves a participant: column names and dtypes, extremes, medians with their counts, counts of categories, class
names, the count, mean and deviation of a target, image sizes and sums of pixels, weights, losses, row counts,
statistics, and the report of how the data were read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

from torch import Tensor

from synergos.findings import Finding
from synergos.learning.alignment import Alignment
from synergos.learning.columns import Column, Columns
from synergos.learning.pictures import Pixels, Sizes
from synergos.learning.statistics import Statistics
from synergos.learning.tables import EVALUATION, PREDICTION, TRAINING, TableReport
from synergos.learning.target import Spread
from synergos.learning.task import State, Task

PURPOSES = (TRAINING, EVALUATION, PREDICTION)
Tags = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Participant:
    """One registered participant of a project, with its tags (each a list of path tokens)."""

    participant_id: str
    train: Tags = ()
    evaluate: Tags = ()
    predict: Tags = ()

    def tags(self, purpose: str) -> Tags:
        """Return the tags for ``train``, ``evaluate`` or ``predict``."""
        return {TRAINING: self.train, EVALUATION: self.evaluate, PREDICTION: self.predict}[purpose]


@dataclass(frozen=True)
class Dataset:
    """Which of a participant's data a question is about.

    Attributes:
        action: ``classify`` or ``regress``.
        tags: The tags by purpose.
        strangers: Other participants, whose own folders are not read even where they can be.
    """

    action: str
    tags: Mapping[str, Tags]
    strangers: Sequence[str] = ()

    @classmethod
    def of(cls, participant: Participant, action: str, strangers: Iterable[str]) -> Self:
        """The data of a participant."""
        tags = {purpose: list(participant.tags(purpose)) for purpose in PURPOSES}
        return cls(action, tags, sorted(set(strangers)))

    def only(self, purpose: str) -> "Dataset":
        """What of it is for one purpose."""
        return replace(self, tags={purpose: self.tags[purpose]})


@dataclass(frozen=True)
class Description:
    """What a participant says of its data before all agree.

    Attributes:
        tables: How each purpose's data were read.
        columns: The columns that it trains on; ``None`` for images.
        sizes: The sizes of the images that it trains on; ``None`` for tables.
        target: Its target's spread; ``None`` for classes.
    """

    tables: Sequence[TableReport]
    columns: Columns | None = None
    sizes: Sizes | None = None
    target: Spread | None = None


@dataclass(frozen=True)
class Agreed:
    """What all agree on so far, for the second question.

    Attributes:
        columns: The columns by name; empty for images.
        features: The names of the encoded columns.
        truths: The columns that anyone declares to be true or false.
        shape: Channels, height and width of images; ``None`` for tables.
    """

    columns: Mapping[str, Column]
    features: Sequence[str]
    truths: Sequence[str]
    shape: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Measures:
    """What a participant answers to what all agree on.

    Attributes:
        lacks: By purpose, the positions of the encoded columns of which it has no value.
        pixels: The sums over its training images; ``None`` for tables.
    """

    lacks: Mapping[str, Sequence[int]]
    pixels: Pixels | None = None


@dataclass(frozen=True)
class Look:
    """How a participant's data can be read, whatever is wrong with them.

    Attributes:
        tables: How the data of each purpose and tag were read, as far as they could be.
        problems: What could not be read.
        training: What it says of its training data; ``None`` when there are none.
    """

    tables: Sequence[TableReport]
    problems: Sequence[Finding]
    training: Description | None


@dataclass(frozen=True)
class Prepared:
    """That a participant can train.

    Attributes:
        tables: How its data were read.
        largest: Its largest target in a regression, as it is trained with; ``None`` for classes.
        digests: By purpose, what tells its rows from any others. None of those on other machines: they stay there, for
            who guesses what the rows are could try it out.
    """

    tables: Sequence[TableReport]
    largest: float | None
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Trained:
    """What a participant sends of its part of a round: weights, mean loss, and of how many rows."""

    weights: Mapping[str, Tensor]
    loss: float
    rows: int


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        statistics: Over the rows whose target is known.
        res_path: Where the participant keeps its predictions; ``None`` when it does not.
    """

    statistics: Statistics
    res_path: str | None


class Party(Protocol):
    """A participant, as a TTP knows it. Every method may raise :class:`~synergos.learning.errors.Rejected`."""

    def describe(self, dataset: Dataset) -> Description:
        """Say of the data what all have to agree on."""

    def measure(self, dataset: Dataset, agreed: Agreed) -> Measures:
        """Hold the data against what all agree on."""

    def report(self, dataset: Dataset) -> Look:
        """Say how the data can be read, tag by tag."""

    def prepare(self, dataset: Dataset, alignment: Alignment, task: Task) -> Prepared:
        """Read what to train and evaluate with, and see that the layers and the criterion take it."""

    def train(
        self, dataset: Dataset, alignment: Alignment, task: Task, weights: State, *, mu: float, seed: int
    ) -> Trained:
        """Train for the epochs of one round."""

    def loss(self, dataset: Dataset, alignment: Alignment, task: Task, weights: State) -> tuple[float, int]:
        """Evaluate a round's model: the mean loss, and over how many rows."""

    def evaluate(
        self, dataset: Dataset, alignment: Alignment, task: Task, weights: State, folder: str | None
    ) -> Evaluation:
        """Evaluate a model in the target's own unit; its predictions are kept in a folder, if one is named."""

    def predict(
        self, dataset: Dataset, alignment: Alignment, task: Task, weights: State, folder: str | None
    ) -> Evaluation:
        """Predict with a model, where targets may be unknown."""
