"""A participant: what opens data folders, describes, trains, evaluates and predicts on rows.

It never imports the TTP. What it answers is what may leave a participant.
"""
