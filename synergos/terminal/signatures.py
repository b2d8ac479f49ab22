"""Options of a command, made of the signature of a method of the Driver."""

import argparse
import inspect
import json
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from synergos.common.checks import DataTags, allows
from synergos.errors import InvalidArgument

# Before the name of an argument in what argparse makes, so that it is never one of the command's own.
_OURS = "argument."
_FURTHER = "further arguments"
_HIDDEN = argparse.SUPPRESS


def parameters(method: Callable[..., object]) -> list[inspect.Parameter]:
    """What a bound method, or a function of a class, takes, without `self`."""
    return [one for one in inspect.signature(method).parameters.values() if one.name != "self"]


def add_options(
    command: argparse.ArgumentParser, method: Callable[..., object], *, without: Sequence[str] = ()
) -> None:
    """Give a command an option for each argument of a method: its name with dashes, its help, what it needs.

    Args:
        command: The command.
        method: The method.
        without: Names of arguments that the command has no option for.
    """
    told = described(method)
    for parameter in parameters(method):
        if parameter.name in without:
            continue
        text = told.get(parameter.name, "").replace("%", "%%")
        dest = f"{_OURS}{parameter.name}"
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            text = told.get(f"**{parameter.name}", "").replace("%", "%%")
            command.add_argument(
                "--set",
                dest=f"{_OURS}{_FURTHER}",
                action="append",
                metavar="NAME=VALUE",
                default=_HIDDEN,
                help=f"may be given several times. {text}",
            )
            continue
        option = f"--{parameter.name.replace('_', '-')}"
        is_needed = parameter.default is inspect.Parameter.empty
        if _is(parameter.annotation, bool):
            command.add_argument(
                option,
                dest=dest,
                action=argparse.BooleanOptionalAction,
                default=_HIDDEN,
                required=is_needed,
                help=f"{text} ({'yes' if parameter.default else 'no'})",
            )
            continue
        default = "" if parameter.default in (None, (), inspect.Parameter.empty) else f" ({parameter.default})"
        choices = _choices(parameter.annotation)
        several = _is_tags(parameter.annotation)
        command.add_argument(
            option,
            dest=dest,
            default=_HIDDEN,
            required=is_needed,
            action="append" if several else "store",
            choices=choices,
            metavar=None if choices else _metavar(parameter),
            help=f"{text}{default}".replace("\n", " "),
        )


def arguments(given: argparse.Namespace, method: Callable[..., object]) -> dict[str, Any]:
    """The arguments for a method, of the options that were given.

    Args:
        given: What argparse made of the command line.
        method: The method that the options were made of.

    Returns:
        The arguments by name. What cannot be read as its annotation wants is passed on as text, for the method says
        best what is allowed.

    Raises:
        InvalidArgument: When a file that is named cannot be read.
    """
    found = {name.removeprefix(_OURS): value for name, value in vars(given).items() if name.startswith(_OURS)}
    known = {one.name: one.annotation for one in parameters(method)}
    further = dict(_pair("--set", text) for text in found.pop(_FURTHER, ()))
    read = {name: _read(name, value, known[name]) for name, value in found.items()}
    return {**read, **{name: _value(value) for name, value in further.items()}}


def described(method: Callable[..., object]) -> dict[str, str]:
    """What the docstring of a method says of each argument."""
    text = inspect.getdoc(method) or ""
    section = re.search(r"^Args:\n(.*?)(?:^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    if section is None:
        return {}
    entries = re.findall(r"^ {4}(\*{0,2}\w+): (.*?)(?=^ {4}\*{0,2}\w+: |\Z)", section[1], re.MULTILINE | re.DOTALL)
    return {name: re.sub(r"\s+", " ", words).strip().removesuffix(".") for name, words in entries}


def summary(method: Callable[..., object]) -> str:
    """The first line of the docstring of a method."""
    return (inspect.getdoc(method) or "").partition("\n")[0].removesuffix(".")


def _read(name: str, value: object, annotation: Any) -> object:
    if isinstance(value, list):
        return _tags(name, value, annotation)
    if not isinstance(value, str) or _is(annotation, str):
        return value
    parsed = _value(_content(name, value))
    if isinstance(parsed, list) and _wants_nodes(annotation):
        from synergos.connect.registrations import Node

        try:
            return [Node(**one) for one in parsed]
        except TypeError as error:
            raise InvalidArgument(f"--nodes: each has host, port, f_port, log_msgs, verbose: {error}.") from None
    # An id may look like a number, and null is a text where a text is allowed.
    is_meant = isinstance(annotation, str) or allows(parsed, annotation)
    return parsed if is_meant and parsed is not None else value


def _tags(name: str, texts: Sequence[str], annotation: Any) -> object:
    """Data sets: each option one, its tags with commas between; or all of them as JSON."""
    if len(texts) == 1 and texts[0][:1] in ("[", "{", "@"):
        return _value(_content(name, texts[0]))
    if not _is_mapping(annotation):
        return [text.split(",") for text in texts]
    found: dict[str, list[list[str]]] = {}
    for text in texts:
        key, tags = _pair(f"--{name.replace('_', '-')}", text)
        found.setdefault(key, []).append(tags.split(","))
    return found


def _content(name: str, text: str) -> str:
    """A text, or the content of the file that it names: `@network.json`."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidArgument(f"--{name.replace('_', '-')}: the file cannot be read: {error}") from None


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _pair(option: str, text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not (name and mark):
        raise InvalidArgument(f"{option} {text!r} is not allowed: it must be NAME=VALUE.")
    return name, value


def _options(annotation: Any) -> Iterator[Any]:
    """What an annotation allows besides None, one by one."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _options(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from _options(part)
    elif annotation is not types.NoneType:
        yield annotation


def _is(annotation: Any, kind: type) -> bool:
    return list(_options(annotation)) == [kind]


def _choices(annotation: Any) -> list[str] | None:
    kinds = list(_options(annotation))
    if kinds and all(typing.get_origin(one) is Literal for one in kinds):
        return [str(value) for one in kinds for value in typing.get_args(one)]
    return None


def _is_mapping(annotation: Any) -> bool:
    return any(
        isinstance(origin := typing.get_origin(one), type) and issubclass(origin, Mapping)
        for one in _options(annotation)
    )


def _is_tags(annotation: Any) -> bool:
    """Whether data sets are meant, alone or by the name of something."""
    return any(DataTags in (one, *typing.get_args(one)[1:]) for one in _options(annotation))


def _wants_nodes(annotation: Any) -> bool:
    from synergos.connect.registrations import Node

    return any(Node in typing.get_args(one) for one in _options(annotation))


def _metavar(parameter: inspect.Parameter) -> str:
    kinds = list(_options(parameter.annotation))
    if _is_tags(parameter.annotation):
        return "NAME=TAG,TAG" if _is_mapping(parameter.annotation) else "TAG,TAG"
    if str not in kinds and any(typing.get_origin(one) is not None or typing.is_typeddict(one) for one in kinds):
        return "JSON"
    return parameter.name.rpartition("_")[2].upper()
