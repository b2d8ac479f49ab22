"""A participant: what opens data folders, describes, trains, evaluates and predicts on rows.

It never imports the TTP. What it answers is what may leave a participant.
"""

from synergos import learning as learning  # Before Flower, for which it sets what Flower is to leave alone.
