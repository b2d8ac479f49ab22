"""Say what changed between two versions of the contract, and what of it breaks the client's users.

    python scripts/spec_diff.py OLD [NEW]          files, or git revisions, v0.1.0 for example; NEW is the working copy
    python scripts/spec_diff.py --since-release    from the last release, the nearest tag v1.2.3, to the working copy

Exits with 1 when something breaks, and with 2 when a version cannot be read. Since a release, what breaks is allowed
once the project's version says so: the first number is higher than the release's, or the second while the first is 0.
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from synergos.contract.changes import Change, as_data, as_text, find_changes
from synergos.contract.document import Document, Unusable

ROOT = Path(__file__).resolve().parents[1]
SPEC = "spec/openapi.yaml"


def main() -> int:
    """Print the changes; 1 when there are breaking ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", nargs="?", metavar="OLD", help="the earlier version")
    parser.add_argument("new", nargs="?", metavar="NEW", default=str(ROOT / SPEC), help="the later version")
    parser.add_argument("--since-release", action="store_true", help="compare with the last release")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print (%(default)s)")
    given = parser.parse_args()
    if given.since_release == bool(given.old):
        parser.error("give OLD, or --since-release")

    old = given.old
    if given.since_release:
        old = last_release()
        if old is None:
            print(f"There is no release to compare with: no tag like v1.2.3 that has {SPEC} leads here.")
            return 0
    try:
        changes = find_changes(read(old).operations, read(given.new).operations)
    except Unusable as error:
        print(error, file=sys.stderr)
        return 2
    as_json = given.format == "json"
    print(json.dumps(as_data(changes), indent=2, ensure_ascii=False) if as_json else report(changes, old))
    if not any(change.breaking for change in changes):
        return 0
    if given.since_release and may_break_since(old):
        print(f"The version in pyproject.toml allows this after {old}.", file=sys.stderr)
        return 0
    return 1


def read(version: str) -> Document:
    """Read a version of the contract.

    Args:
        version: A file, YAML or JSON, or else a git revision of this repository.

    Raises:
        Unusable: When it is neither, or holds no contract.
    """
    if Path(version).is_file():
        text = Path(version).read_bytes()
    else:
        done = git("show", f"{version}:{SPEC}")
        if done.returncode:
            raise Unusable(
                f"{version} is no file, and no git revision with {SPEC}: write `HEAD` or `v0.1.0`, for example."
            )
        text = done.stdout
    try:
        return Document.of(YAML(typ="safe").load(text), version)
    except (YAMLError, ValueError) as error:
        raise Unusable(f"{version} is neither YAML nor JSON: {str(error).splitlines()[0]}.") from error


def report(changes: list[Change], old: str) -> str:
    """The changes as text: how many, then each on a line."""
    breaking = sum(change.breaking for change in changes)
    head = f"Since {old}: {breaking} breaking and {len(changes) - breaking} compatible changes"
    return f"{head}\n{as_text(changes)}" if changes else f"Since {old}: no change but of words and examples"


def last_release() -> str | None:
    """The nearest release before the working copy that has a contract, if there is one; v1.2.3rc1 is none."""
    done = git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "--exclude", "v*[!0-9.]*")
    tag = done.stdout.decode().strip()
    return tag if tag and git("cat-file", "-e", f"{tag}:{SPEC}").returncode == 0 else None


def may_break_since(release: str) -> bool:
    """Whether the project's version says that it breaks with a release."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    # A version of one number, v1, has a second one of 0.
    now, then = ([*map(int, re.findall(r"\d+", text)), 0][:2] for text in (version, release))
    return now[0] > then[0] or (now[0] == then[0] == 0 and now[1] > then[1])


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Ask git about this repository."""
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
