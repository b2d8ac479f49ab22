"""Build the demo data of the sandbox from the Palmer penguins.

    python scripts/make_demo_data.py [PENGUINS_CSV] [--out FOLDER]

Without a path the csv of the package ``palmerpenguins`` is read. The same csv always gives the same files.
The target is the species; the island is left out, for it would give the species away. One folder per tag:

* ``iid_1``: a quarter of each species on each island, held out of all the others. All three species.
* ``non_iid_1``: Biscoe, clean rows. Adelie and Gentoo.
* ``non_iid_2``: Dream, clean rows. Adelie and Chinstrap.
* ``edge_test_missing_coecerable_vals``: Biscoe, with gaps, numbers as padded text and text where numbers belong.
* ``edge_test_misalign``: Biscoe, columns in another order, without ``sex`` and with a ``year`` that no one else has.
* ``edge_test_na_slices``: Biscoe, one column wholly empty and runs of rows with empty bills.
"""

import argparse
import json
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

DEMO = Path(__file__).resolve().parent.parent / "synergos" / "sandbox" / "demo"
BILL = ["bill_length_mm", "bill_depth_mm"]
BODY = [*BILL, "flipper_length_mm", "body_mass_g"]
COLUMNS = [*BODY, "sex", "target"]
DTYPES = {**dict.fromkeys(BODY, "float64"), "sex": "category", "target": "category", "year": "int64"}

README = """# Demo data: the Palmer penguins

Measurements of three species of penguins on three islands of the Palmer Archipelago, Antarctica, collected by
Dr. Kristen Gorman and the Palmer Station LTER, and published for free use under CC0 1.0
(<https://creativecommons.org/publicdomain/zero/1.0/>). The files here are derived from them: the rows are divided
among folders by island, the column `species` is named `target`, and the folders `edge_test_*` are damaged on purpose.
`scripts/make_demo_data.py` builds them and says what each folder holds.

* Gorman KB, Williams TD, Fraser WR (2014). Ecological sexual dimorphism and environmental variability within a
  community of Antarctic penguins (genus *Pygoscelis*). PLoS ONE 9(3): e90081. <https://doi.org/10.1371/journal.pone.0090081>
* Horst AM, Hill AP, Gorman KB (2020). palmerpenguins: Palmer Archipelago (Antarctica) penguin data. R package
  version 0.1.0. <https://allisonhorst.github.io/palmerpenguins/>
"""


def main() -> None:
    """Read the arguments and write every folder."""
    parser = argparse.ArgumentParser(description="Build the demo data of the sandbox.")
    parser.add_argument("penguins", nargs="?", type=Path, help="penguins.csv of palmerpenguins")
    parser.add_argument("--out", type=Path, default=DEMO, help="folder to write to")
    arguments = parser.parse_args()
    source = arguments.penguins or Path(str(files("palmerpenguins"))) / "data" / "penguins.csv"

    penguins = pd.read_csv(source).rename(columns={"species": "target"}).dropna(subset=BODY)
    penguins = penguins.sample(frac=1, random_state=2020).reset_index(drop=True)
    held_out = penguins.groupby(["island", "target"]).sample(frac=0.25, random_state=2020).sort_index()
    rest = penguins.drop(held_out.index)
    biscoe, dream = rest[rest.island == "Biscoe"], rest[rest.island == "Dream"]
    clean, gaps, misaligned, slices = (biscoe[start:end] for start, end in pairwise([0, 60, 80, 105, None]))

    write(arguments.out, "iid_1", held_out[COLUMNS])
    write(arguments.out, "non_iid_1", clean[COLUMNS])
    write(arguments.out, "non_iid_2", dream[COLUMNS])
    write(arguments.out, "edge_test_missing_coecerable_vals", with_gaps(gaps[COLUMNS]))
    write(arguments.out, "edge_test_misalign", misaligned[["target", "year", *reversed(BODY)]])
    write(arguments.out, "edge_test_na_slices", with_slices(slices[COLUMNS]))
    (arguments.out / "README.md").write_text(README, encoding="utf-8")


def with_gaps(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out some values and write others as text: every one of them can be coerced or imputed."""
    damaged = rows.astype(object).reset_index(drop=True)
    for number, column in enumerate(BODY):
        damaged.loc[number::7, column] = np.nan
        damaged.loc[number + 1 :: 7, column] = damaged.loc[number + 1 :: 7, column].map(lambda value: f" {value} ")
        damaged.loc[number + 2 :: 14, column] = "not measured"
    damaged.loc[3::9, "sex"] = np.nan
    return damaged


def with_slices(rows: pd.DataFrame) -> pd.DataFrame:
    """Empty the sex of all rows and the bill of the first third."""
    damaged = rows.reset_index(drop=True)
    damaged["sex"] = np.nan
    damaged.loc[: len(damaged) // 3, BILL] = np.nan
    return damaged


def write(out: Path, tag: str, rows: pd.DataFrame) -> None:
    """Write one folder: metadata.json, schema.json and the rows."""
    folder = out / tag
    folder.mkdir(parents=True, exist_ok=True)
    metadata = {"datatype": "tabular", "operations": {}}
    schema = {column: DTYPES[column] for column in rows.columns}
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")
    (folder / "schema.json").write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
    rows.to_csv(folder / "penguins.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
