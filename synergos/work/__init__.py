"""Long work: what a TTP was asked to train or evaluate, waited for, shown and picked up again."""
