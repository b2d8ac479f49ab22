"""The TTP's file of participants: who may take part, and by which public key each is known."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from synergos.errors import InvalidArgument
from synergos.machines.keys import as_flower_has_it


def read_roster(path: Path) -> Mapping[str, str]:
    """Read the file of participants.

    Args:
        path: A TOML file with a table ``participants``, each line of which says whose a public key is, as
            ``synergos participant keygen`` prints it: ``biscoe = "ecdsa-sha2-nistp384 AAAA..."``.

    Returns:
        The public keys by participant, in the order of the file.

    Raises:
        InvalidArgument: It cannot be read, or is not such a file; or two participants have the same key.
    """
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text).get("participants")
    except OSError as error:
        raise InvalidArgument(f"participants: {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidArgument(f"participants: {path} is no TOML file: {error}.") from error
    if not isinstance(found, dict):
        raise InvalidArgument(
            f"participants: {path} has no table [participants] with a line NAME = 'PUBLIC KEY' for each."
        )
    owners: dict[bytes, str] = {}
    for name, public in found.items():
        if not name.strip():
            raise InvalidArgument(f"participants: {path} has a key without a name.")
        if not isinstance(public, str):
            raise InvalidArgument(f"participants: the key of {name!r} in {path} must be a text.")
        try:
            key = as_flower_has_it(public)
        except ValueError as error:
            raise InvalidArgument(
                f"participants: the key of {name!r} in {path} is none: {error}. Take the line that "
                "`synergos participant keygen` prints."
            ) from error
        if key in owners:
            raise InvalidArgument(f"participants: {owners[key]!r} and {name!r} in {path} have the same key.")
        owners[key] = name
    return found
