"""All commands of this room, as they join those that serve and check a TTP."""

import argparse

from synergos.terminal import commands as of_driver
from synergos.terminal.again import add_rerun
from synergos.terminal.completion import add_completion, complete
from synergos.terminal.files import add_files
from synergos.terminal.profiles import add_profiles
from synergos.terminal.tree import add_tree


def add_terminal(
    parser: argparse.ArgumentParser, commands: "argparse._SubParsersAction[argparse.ArgumentParser]"
) -> None:
    """Add the commands to the command line.

    Args:
        parser: The command `synergos`.
        commands: What its commands are added to.
    """
    of_driver.add_verbs(commands)
    add_tree(commands)
    add_rerun(commands)
    add_files(commands)
    add_profiles(commands)
    add_completion(commands)
    complete(parser)
