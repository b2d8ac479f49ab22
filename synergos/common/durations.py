"""Durations as people write them."""

import re


def seconds_of(duration: object) -> float | None:
    """The seconds of a duration, such as "1h", "30m", "90s" or a number of seconds.

    Args:
        duration: What was passed.

    Returns:
        The seconds; None when it is no duration.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", str(duration).strip())
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]] if match else None
