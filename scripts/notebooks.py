"""Runs the notebooks and keeps what comes out of them.

    python scripts/notebooks.py [NOTEBOOK ...]

Runs those in `notebooks/`, or some of them, each in a process of its own, and writes what they show into them. Lines of
progress are left out: they are for who watches.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
# What a cell may take on a loaded machine.
SECONDS = 300


def run(path: Path, folder: str) -> nbformat.NotebookNode:
    """Run a notebook.

    Args:
        path: The notebook.
        folder: Where it runs: what it writes beside itself is there.

    Returns:
        The notebook with what came out.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell failed.
    """
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=SECONDS, record_timing=False, resources={"metadata": {"path": folder}}).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
    # Which Python it was, and where, is of no use to who reads it.
    notebook.metadata.language_info = {"name": "python"}
    return nbformat.reads(nbformat.writes(notebook).replace(f"{folder}/", ""), as_version=4)


def main() -> int:
    """Run notebooks, and write them."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, default=sorted(NOTEBOOKS.glob("*.ipynb")))
    for path in parser.parse_args().notebooks:
        with tempfile.TemporaryDirectory() as folder:
            nbformat.write(run(path, folder), path)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
