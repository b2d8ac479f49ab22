"""The TTP: HTTP, records, jobs and rounds. It sees aggregates and weights, and never a participant's rows."""

from synergos import learning as learning  # Before Flower, for which it sets what Flower is to leave alone.
