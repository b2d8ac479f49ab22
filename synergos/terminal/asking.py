"""Questions to who sits before the terminal."""

import sys

from synergos.errors import InvalidArgument
from synergos.terminal.exits import Declined


def agreed(question: str) -> None:
    """Go on when the question is answered with yes.

    Args:
        question: The question, with its mark.

    Raises:
        InvalidArgument: When nobody is there to be asked.
        Declined: When the answer is no.
    """
    if not sys.stdin.isatty():
        raise InvalidArgument(f"{question} Nobody is there to be asked: give --yes. Nothing was changed.")
    print(question, "[y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Declined
