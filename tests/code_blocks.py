"""The code of the README and of the guides, as a reader would put it together."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def code_of(page: Path) -> str:
    """All Python of a page, from the top."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))


def pages() -> list[Path]:
    """The pages that have some."""
    return [page for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if code_of(page)]
