"""Where the TTP is: an address, a variable of the environment, or a profile that the user keeps."""

import argparse
import getpass
import importlib
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

from synergos.common.misspelt import nearest
from synergos.driver import Driver
from synergos.errors import InvalidArgument
from synergos.http.address import address_of
from synergos.http.endpoint import Environment
from synergos.results.table import Table
from synergos.terminal import exits, output

_KEYRING = "synergos"


class Profile(TypedDict, total=False):
    """Where a TTP is, and where its token is to be found; no token."""

    url: str
    ca: str
    collab_id: str
    token_env: str
    token_file: str
    token_keyring: bool


def add_where(command: argparse.ArgumentParser) -> None:
    """Give a command the options that say where the TTP is."""
    group = command.add_argument_group(
        "where the TTP is", "--url, --profile, SYNERGOS_URL, SYNERGOS_PROFILE, or the profile of 'synergos profile use'"
    )
    either = group.add_mutually_exclusive_group()
    either.add_argument(
        "--url",
        help="http://host:port or https://gateway/path; SYNERGOS_TOKEN says who asks, "
        "and SYNERGOS_CA whose certificates are trusted",
    )
    either.add_argument("--profile", metavar="NAME", help="a profile of 'synergos profile add'")


def driver_of(given: argparse.Namespace) -> Driver:
    """The driver on the TTP that the command line, the environment or a profile names.

    Raises:
        InvalidArgument: When none does, or what is named cannot be right.
    """
    if given.url:
        told = Environment.read(but_for=("url",))
        with told.named():
            return Driver(url=given.url, token=told.token, verify=told.verify, errors="raise")
    if not given.profile and Environment.read().url:
        return Driver.from_env(errors="raise")
    kept = _read()
    name = given.profile or os.environ.get("SYNERGOS_PROFILE") or kept["default"]
    if not name:
        raise InvalidArgument(
            "Where is the TTP? Give --url, set SYNERGOS_URL, or keep it: synergos profile add NAME URL."
        )
    profile = _named(kept["profiles"], name)
    return Driver(
        url=profile["url"],
        token=_token_of(name, profile),
        verify=profile.get("ca") or True,
        collab_id=profile.get("collab_id"),
        errors="raise",
    )


def add_profiles(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `synergos profile`."""
    profile = commands.add_parser(
        "profile",
        help="keep where TTPs are",
        description="Keep where TTPs are, in profiles.json of the user's configuration folder: addresses, and where "
        "the token of each is found. No token is written there.",
    )
    asked = profile.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add = asked.add_parser("add", help="keep an address by a name; the first one is used where none is named")
    add.add_argument("name", metavar="NAME")
    add.add_argument("url", metavar="URL", help="http://host:port or https://gateway/path")
    add.add_argument("--ca", metavar="PEM", help="file or folder of the CA whose certificates are trusted")
    add.add_argument("--collab-id", metavar="ID", help="collaboration that is meant where none is named")
    token = add.add_mutually_exclusive_group()
    token.add_argument("--token-env", metavar="VARIABLE", help="variable of the environment that holds the token")
    token.add_argument(
        "--token-file", metavar="FILE", help="file that holds the token; only you should be able to read it"
    )
    token.add_argument(
        "--token-keyring", action="store_true", help="ask for the token, and keep it in the system's keyring"
    )
    add.set_defaults(run=_add)
    show = asked.add_parser("list", help="list the profiles")
    show.add_argument("--format", choices=("table", "json", "csv"), default="table", help="how to print (%(default)s)")
    show.set_defaults(run=_list)
    for word, text, what in (
        ("use", "use a profile where none is named", _use),
        ("remove", "forget a profile, and its token in the keyring", _remove),
    ):
        command = asked.add_parser(word, help=text)
        command.add_argument("name", metavar="NAME")
        command.set_defaults(run=what)


def folder() -> Path:
    """The user's configuration folder for this program, as the system wants it."""
    if home := os.environ.get("XDG_CONFIG_HOME"):
        return Path(home) / "synergos"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "synergos"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "synergos"
    return Path.home() / ".config" / "synergos"


def _add(given: argparse.Namespace) -> int:
    if not re.fullmatch(r"[\w.-]+", given.name):
        raise InvalidArgument(f"The name {given.name!r} is not allowed: letters, digits, '.', '_' and '-' are.")
    if re.match(r"\w+://[^/]*@", given.url):
        raise InvalidArgument(
            "The address holds a name or a password, which would be kept in plain text: give the address without, "
            "and --token-env, --token-file or --token-keyring."
        )
    address_of(given.url, None, None, False)
    profile: Profile = {"url": given.url}
    if given.ca:
        profile["ca"] = _existing("--ca", given.ca)
    if given.collab_id:
        profile["collab_id"] = given.collab_id
    if given.token_env:
        profile["token_env"] = given.token_env
    if given.token_file:
        profile["token_file"] = _existing("--token-file", given.token_file)
        if os.name == "posix" and Path(profile["token_file"]).stat().st_mode & 0o077:
            output.note(f"Others of this machine can open {profile['token_file']}: chmod 600 keeps it yours.")
    if given.token_keyring:
        _keyring().set_password(_KEYRING, given.name, getpass.getpass(f"Token of {given.name}: "))
        profile["token_keyring"] = True
    kept = _read()
    kept["profiles"][given.name] = profile
    kept["default"] = kept["default"] or given.name
    _write(kept)
    used = "It is used where none is named." if kept["default"] == given.name else "Use it with --profile."
    output.note(f"Kept {given.name} in {_path()}. {used}")
    return exits.DONE


def _list(given: argparse.Namespace) -> int:
    kept = _read()
    rows = tuple(
        {
            "name": name,
            "url": profile.get("url"),
            "used": "where none is named" if name == kept["default"] else None,
            "token": _where_token(profile),
            "ca": profile.get("ca"),
            "collab_id": profile.get("collab_id"),
        }
        for name, profile in kept["profiles"].items()
    )
    output.table(Table(("name", "url", "used", "token", "ca", "collab_id"), rows), given.format)
    return exits.DONE


def _use(given: argparse.Namespace) -> int:
    kept = _read()
    _named(kept["profiles"], given.name)
    kept["default"] = given.name
    _write(kept)
    return exits.DONE


def _remove(given: argparse.Namespace) -> int:
    kept = _read()
    if _named(kept["profiles"], given.name).get("token_keyring"):
        _keyring().delete_password(_KEYRING, given.name)
    del kept["profiles"][given.name]
    if kept["default"] == given.name:
        kept["default"] = ""
    _write(kept)
    return exits.DONE


class _Kept(TypedDict):
    default: str
    profiles: dict[str, Profile]


def _path() -> Path:
    return folder() / "profiles.json"


def _read() -> _Kept:
    try:
        text = _path().read_text(encoding="utf-8")
    except FileNotFoundError:
        return {"default": "", "profiles": {}}
    try:
        found = json.loads(text)
        return {"default": str(found.get("default", "")), "profiles": {**found["profiles"]}}
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise InvalidArgument(f"{_path()} is not a file of profiles ({error!r}): mend it, or remove it.") from None


def _write(kept: _Kept) -> None:
    _path().parent.mkdir(parents=True, exist_ok=True)
    new = _path().with_suffix(f".{os.getpid()}.new")
    new.write_text(f"{json.dumps(kept, indent=2)}\n", encoding="utf-8")
    new.replace(_path())


def _named(profiles: Mapping[str, Profile], name: str) -> Profile:
    if name in profiles:
        return profiles[name]
    near = nearest(name, list(profiles))
    known = f"did you mean {near!r}?" if near else f"there are {', '.join(profiles) or 'none'}."
    raise InvalidArgument(f"There is no profile {name!r}: {known}")


def _existing(option: str, name: str) -> str:
    path = Path(name).expanduser().resolve()
    if not path.exists():
        raise InvalidArgument(f"{option} {name!r}: there is no such file.")
    return str(path)


def _token_of(name: str, profile: Profile) -> str | None:
    if variable := profile.get("token_env"):
        found = os.environ.get(variable)
        if not found:
            raise InvalidArgument(f"The profile {name!r} takes its token from {variable}, which is not set.")
        return found
    if file := profile.get("token_file"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidArgument(f"The profile {name!r} takes its token from a file: {error}") from None
    if profile.get("token_keyring"):
        token = _keyring().get_password(_KEYRING, name)
        if not token:
            raise InvalidArgument(f"The keyring has no token of the profile {name!r}: add the profile again.")
        return str(token)
    return None


def _where_token(profile: Profile) -> str | None:
    if profile.get("token_keyring"):
        return "keyring"
    return profile.get("token_env") or profile.get("token_file")


def _keyring() -> Any:
    try:
        return importlib.import_module("keyring")
    except ImportError:
        raise InvalidArgument(
            "There is no keyring: `pip install keyring`, or give --token-env or --token-file."
        ) from None
