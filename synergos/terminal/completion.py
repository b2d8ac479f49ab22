"""Completion in bash, zsh and fish: argcomplete asks the very parser, so that a verb that is new is completed."""

import argparse
import os
import sys

from synergos.terminal import exits

_LACKING = "Completion needs argcomplete: pip install 'synergos-driver[terminal]'"
_HOW = {
    "bash": 'in ~/.bashrc: eval "$(synergos completion bash)"',
    "zsh": 'in ~/.zshrc, after compinit: eval "$(synergos completion zsh)"',
    "fish": "once: synergos completion fish > ~/.config/fish/completions/synergos.fish",
}


def add_completion(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `synergos completion`."""
    command = commands.add_parser(
        "completion",
        help="print what completes commands in bash, zsh or fish",
        description="Print what completes commands and options in a shell. " + "; ".join(_HOW.values()) + ".",
    )
    command.add_argument("shell", choices=tuple(_HOW))
    command.set_defaults(run=_print)


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer a shell that asks what may come next, and end; do nothing when none does."""
    if "_ARGCOMPLETE" not in os.environ:
        return
    try:
        from argcomplete import autocomplete
    except ImportError:
        return
    autocomplete(parser)


def _print(given: argparse.Namespace) -> int:
    try:
        from argcomplete.shell_integration import shellcode
    except ImportError:
        print(_LACKING, file=sys.stderr)
        return exits.REFUSED
    print(shellcode(["synergos"], shell=given.shell))
    return exits.DONE
