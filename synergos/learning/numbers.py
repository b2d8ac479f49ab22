"""How numbers are written, and which texts are the same number."""

import math
import re
from decimal import Decimal
from typing import NamedTuple

# Written out, a number of a larger exponent is longer than anyone can read.
_LONGEST = 40


class NumberFormat(NamedTuple):
    """How numbers are written.

    Attributes:
        decimal: What is before the fraction.
        thousands: What is between groups of three digits; ``None`` when nothing is.
    """

    decimal: str
    thousands: str | None

    def parse(self, text: str) -> float | None:
        """Read one number.

        Args:
            text: The text of a field, without white space around it.

        Returns:
            The number; ``None`` when the text is none in this format, or one that is too large for a float.

        Example:
            >>> NumberFormat(",", ".").parse("1.234,5")
            1234.5
            >>> NumberFormat(".", ",").parse("0,5") is None
            True
        """
        if not self._pattern().fullmatch(text):
            return None
        number = float(self.plain(text))
        return number if math.isfinite(number) else None

    def plain(self, text: str) -> str:
        """Write a number of this format with a decimal point and no thousands."""
        return (text.replace(self.thousands, "") if self.thousands else text).replace(self.decimal, ".")

    def _pattern(self) -> re.Pattern[str]:
        if self not in _PATTERNS:
            whole = r"[0-9]+"
            if self.thousands:
                whole = rf"(?:[1-9][0-9]{{0,2}}(?:{re.escape(self.thousands)}[0-9]{{3}})+|{whole})"
            point = re.escape(self.decimal)
            _PATTERNS[self] = re.compile(rf"[+-]?(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?")
        return _PATTERNS[self]


_PATTERNS: dict[NumberFormat, re.Pattern[str]] = {}
PLAIN = NumberFormat(".", None)


def same_number(text: str) -> str:
    """Write a number in the one way that all its spellings share, exactly.

    Args:
        text: A number as :data:`PLAIN` takes it.

    Returns:
        The number without plus sign, needless noughts or exponent.

    Example:
        >>> [same_number(text) for text in ("+1", "01", "1.0", "1e0", "-0", "2.50")]
        ['1', '1', '1', '1', '0', '2.5']
    """
    number = Decimal(text)
    if not number:
        return "0"
    return f"{number.normalize():f}" if abs(number.adjusted()) < _LONGEST else str(number.normalize())
