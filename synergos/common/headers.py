"""Headers of answers that both a TTP and a driver know."""

SIGNAL = "synergos-sandbox"
"""A sandbox's answers have it, so that a driver knows that it need not wait for its turn."""
