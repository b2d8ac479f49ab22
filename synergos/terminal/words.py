"""The words of the commands, and advice in them: what is said of a call is said of the command that does the same."""

import ast
import functools
import inspect
import json
import re
import shlex

from synergos.driver import Driver

# Words of a shell for verbs of the Driver; other verbs are called as they are.
WORDS = {"read_all": "ls", "read": "show"}
# What the Driver does before or after it asks, and what has a command made by hand.
NO_COMMANDS = ("close", "from_env", "rerun", "scope")
# A command waits until its work is done, and picks it up by another word.
_NO_WORDS = ("submit", "job")

_JOB = re.compile(r"job = driver\.(\w+)\.job\((.*?)\)(?=[. ]|$)(?: job\.cancel\(\) calls it off\.)?")
# A command has no connection on which ids are named once.
_SCOPE = ", or name it once with driver.scope(...)"
_CALL = re.compile(r"driver\.(?:(\w+)\.)?(\w+)\(([^()]*)\)")


def in_shell(text: str) -> str:
    """A text in which a call of the Driver is the command that does the same, where there is one."""
    text = text.replace(_SCOPE, "")
    text = _JOB.sub(lambda match: _command(f"jobs follow {match[1]}", match[2]) or match[0], text)
    return _CALL.sub(lambda match: ((said := _said(match[1], match[2])) and _command(said, match[3])) or match[0], text)


def _said(resource: str | None, verb: str) -> str | None:
    """What a verb is called in a shell; None when it is no command."""
    part = vars(Driver).get(resource or verb)
    if resource is None:
        return verb if inspect.isfunction(part) and verb not in NO_COMMANDS else None
    is_task = isinstance(part, functools.cached_property)
    return f"{WORDS.get(verb, verb)} {resource}" if is_task and verb not in _NO_WORDS else None


def _command(said: str, arguments: str) -> str | None:
    """A command with the arguments of a call as options; None when one is more than texts and numbers."""
    try:
        call = ast.parse(f"f({arguments})", mode="eval").body
        assert isinstance(call, ast.Call)
        left_out = [ast.literal_eval(one) for one in call.args]
        options = [_option(one.arg, ast.literal_eval(one.value)) for one in call.keywords if one.arg is not None]
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        # A TTP may have written it.
        return None
    if any(one is not ... for one in left_out) or len(options) < len(call.keywords):
        return None
    command = " ".join(["synergos", said, *("..." for _ in left_out), *options])
    # What Python writes with a backslash, a shell would print as it is.
    return command if command.isprintable() else None


def _option(name: str, value: object) -> str:
    option = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return option if value else option.replace("--", "--no-", 1)
    if "Ellipsis" in repr(value):
        return f"{option} ..."
    return f"{option} {shlex.quote(value if isinstance(value, str) else json.dumps(value))}"
