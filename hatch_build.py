"""The description of the package: README in words alone, since a package is shown without its pictures and pages."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Description(MetadataHookInterface):
    """Makes the description when the package is built."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Put what a picture says in its place, and leave of links within the repository their words."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        text = re.sub(r"^!\[(.+)\]\(.+\)$", r"*\1*", text, flags=re.MULTILINE)
        text = re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]+\)", r"\1", text)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
