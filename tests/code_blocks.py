"""The code of the README, of the guides and of the notebooks, as a reader would put it together."""

import json
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]

# What a page shows as `console` is not run where it stands: why, and where else it is.
NOT_RUN = {
    "./scripts/quickstart": "It installs; tests/scripts/test_pictures.py runs its cycle.",
    "./scripts/test": "It is what runs the tests.",
    "pip install '.[terminal]'": "It installs.",
    "synergos sandbox": "It serves until it is stopped: tests/sandbox/test_command.py.",
    'eval "$(synergos completion bash)"': "It is for the user's own shell: tests/terminal/test_completion.py.",
    'eval "$(synergos completion zsh)"': "It is for the user's own shell: tests/terminal/test_completion.py.",
    "synergos completion fish": "It is for the user's own shell: tests/terminal/test_completion.py.",
    "synergos ttp": "It serves other machines until it is stopped: tests/machines.",
    "synergos participant": "It serves the TTP until it is stopped: tests/machines.",
}


class Block(NamedTuple):
    """A block of code in a page."""

    language: str
    code: str


def blocks_of(page: Path) -> list[Block]:
    """The blocks of a page, in their order."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [Block(*one) for one in found]


def code_of(page: Path) -> str:
    """All Python of a page, from the top."""
    if page.suffix == ".ipynb":
        cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
        return "\n".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "code")
    return "\n".join(block.code for block in blocks_of(page) if block.language == "python")


def all_pages() -> list[Path]:
    """README and what is in docs/."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def pages() -> list[Path]:
    """The pages that have Python."""
    return [page for page in all_pages() if code_of(page)]


def notebooks() -> list[Path]:
    """The notebooks, in their order."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))
