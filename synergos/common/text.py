"""Text that came from elsewhere, as it may be printed."""

import unicodedata

BODY_SHOWN = 500


def one_line(text: str) -> str:
    """A text as it stands in a message: its lines in one, and no more of it than one can read."""
    text = printable(" ".join(line.strip() for line in text.splitlines()))
    return text if len(text) <= BODY_SHOWN else f"{text[:BODY_SHOWN]}… ({len(text)} characters)"


def printable(text: str) -> str:
    r"""A text without what steers a terminal, turns the direction of writing, or cannot be shown or encoded.

    Args:
        text: The text.

    Returns:
        The text in which such characters stand as Python writes them, `\x1b` for example; ends of lines, tabs and
        spaces of all kinds stay.
    """
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    return "".join(mark if _is_plain(mark) else mark.encode("unicode_escape").decode() for mark in text)


def as_cell(text: str) -> str:
    """A text as it stands in a table or beside other texts of one line: printable, and of one line itself."""
    return printable(text).replace("\n", r"\n").replace("\t", r"\t")


def _is_plain(mark: str) -> bool:
    return mark.isprintable() or mark in "\n\t" or unicodedata.category(mark) == "Zs"
