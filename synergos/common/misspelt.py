"""What a name was likely meant to be."""

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a name is likely a misspelling of, or None.

    Names whose lengths differ by more than two are taken for different words: `step_size` is not `step_size_up`.
    """
    near = _near((other for other in known if abs(len(other) - len(name)) <= 2), name, 1, 0.76)
    return near[0] if near else None


def resembling(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known names that are most like a name, whatever their lengths."""
    return _near(known, name, most, 0.5)


def _near(known: Iterable[str], name: str, most: int, least: float) -> list[str]:
    # For names that are right, the most, it is never needed.
    from difflib import get_close_matches

    by_letters = {other.casefold(): other for other in known}
    return [by_letters[one] for one in get_close_matches(name.casefold(), by_letters, most, least)]
