"""Real tables, federated against centralised: each is trained on once by the sandbox and shown beside two others.

    python scripts/real_tables.py [NAME ...]

Each table is cut into three participants, and each of these into rows to train and to evaluate on. It goes the way of
a newcomer's: a csv file, `prepare_data`, folders, tags. Then the same network is trained by all participants together,
and by one who has all rows; and scikit-learn fits a linear model to the same rows. All are judged on the same rows: by
the share that is right, or by R2.

The tables come with packages of the dependency group `tables` (`pip install --group tables`); nothing is downloaded.
What is not installed is named and left out.
"""

import argparse
import importlib
import importlib.util
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from synergos import Driver, SynergosError
from synergos.participant.prepare import Preparation, prepare_data
from synergos.sandbox import Sandbox

PEOPLE = ("one", "two", "three")
EVALUATED = 0.25
RUN: Mapping[str, Any] = {
    "algorithm": "FedAvg",
    "mu": 0.0,
    "rounds": 20,
    "epochs": 2,
    "lr": 0.01,
    "optimizer": "Adam",
    "lr_scheduler": "StepLR",
    "step_size": 1000,
}
# By how much chance alone lets two trainings differ, on tables as small as most of these.
TOLERANCE = 0.05


@dataclass(frozen=True)
class Table:
    """A table and what is to be learned of it.

    Attributes:
        name: The package that holds it, and its name there.
        load: Reads it.
        target: The column to learn.
        action: `classify` or `regress`.
        drop: Columns that give the target away, or are names.
    """

    name: str
    load: Callable[[], pd.DataFrame]
    target: str
    action: str
    drop: tuple[str, ...] = ()


def sklearn(name: str, target: str, action: str) -> Table:
    """A table of scikit-learn."""

    def load() -> pd.DataFrame:
        module = importlib.import_module("sklearn.datasets")
        found = getattr(module, f"load_{name}")(as_frame=True)
        if action == "classify":
            return found.frame.assign(target=[str(found.target_names[one]) for one in found.target])
        return found.frame.drop(columns=[one for one in getattr(found.target, "columns", ()) if one != target])

    return Table(f"sklearn {name}", load, target, action)


def statsmodels(name: str, target: str, action: str, *drop: str) -> Table:
    """A table of statsmodels."""

    def load() -> pd.DataFrame:
        frame: pd.DataFrame = importlib.import_module(f"statsmodels.datasets.{name}").load_pandas().data
        return frame

    return Table(f"statsmodels {name}", load, target, action, drop)


def packaged(package: str, folder: str, name: str, target: str, action: str, *drop: str) -> Table:
    """A file in the folder of a package."""

    def load() -> pd.DataFrame:
        # Not imported: a package that brings data may need much that is not installed.
        place = importlib.util.find_spec(package)
        if place is None or not place.submodule_search_locations:
            raise ModuleNotFoundError(package, name=package)
        path = Path(place.submodule_search_locations[0]) / folder / name
        if path.suffix == ".json":
            return pd.DataFrame(json.loads(path.read_text()))
        return pd.read_csv(path, keep_default_na=False)

    return Table(f"{package} {name.partition('.')[0]}", load, target, action, drop)


def islp(name: str, target: str, action: str, *drop: str) -> Table:
    """A table of An Introduction to Statistical Learning."""
    return packaged("ISLP", "data", f"{name}.csv", target, action, *drop)


def vega(name: str, target: str, action: str, *drop: str) -> Table:
    """A table of vega_datasets."""
    return packaged("vega_datasets", "_data", name, target, action, *drop)


def expressions() -> Table:
    """6,830 gene expressions of 64 cells: by far more columns than rows."""
    labels = islp("NCI60labs", "label", "classify")

    def load() -> pd.DataFrame:
        place = importlib.util.find_spec("ISLP")
        found = labels.load()
        assert place is not None and place.submodule_search_locations
        values = np.load(Path(place.submodule_search_locations[0]) / "data" / "NCI60data.npy")
        frame = pd.DataFrame(values, columns=[f"gene_{number}" for number in range(values.shape[1])])
        frame = frame.assign(label=found["label"])
        common = frame["label"].value_counts().loc[lambda count: count >= 6].index
        return frame[frame["label"].isin(common)]

    return Table("ISLP NCI60", load, "label", "classify")


TABLES = (
    sklearn("iris", "target", "classify"),
    sklearn("wine", "target", "classify"),
    sklearn("breast_cancer", "target", "classify"),
    sklearn("digits", "target", "classify"),
    sklearn("diabetes", "target", "regress"),
    sklearn("linnerud", "Weight", "regress"),
    statsmodels("anes96", "vote", "classify"),
    statsmodels("anes96", "PID", "classify", "vote"),
    statsmodels("fair", "affairs", "regress"),
    statsmodels("ccard", "AVGEXP", "regress"),
    statsmodels("longley", "TOTEMP", "regress"),
    statsmodels("star98", "NABOVE", "regress", "NBELOW"),
    statsmodels("copper", "WORLDCONSUMPTION", "regress"),
    statsmodels("engel", "foodexp", "regress"),
    statsmodels("cancer", "cancer", "regress"),
    statsmodels("grunfeld", "invest", "regress"),
    statsmodels("modechoice", "mode", "classify", "individual", "choice"),
    statsmodels("randhie", "mdvis", "regress"),
    statsmodels("spector", "GRADE", "classify"),
    statsmodels("statecrime", "murder", "regress"),
    islp("Auto", "mpg", "regress", "name"),
    islp("Boston", "medv", "regress"),
    islp("Carseats", "Sales", "regress"),
    islp("College", "Apps", "regress"),
    islp("Credit", "Balance", "regress", "ID"),
    islp("Default", "default", "classify"),
    islp("Hitters", "Salary", "regress"),
    islp("Wage", "wage", "regress", "logwage"),
    islp("Bikeshare", "bikers", "regress", "casual", "registered"),
    islp("OJ", "Purchase", "classify"),
    islp("Caravan", "Purchase", "classify"),
    islp("Smarket", "Direction", "classify", "Today"),
    islp("Weekly", "Direction", "classify", "Today"),
    islp("BrainCancer", "status", "classify", "time"),
    islp("Publication", "status", "classify", "time"),
    expressions(),
    packaged("palmerpenguins", "data", "penguins.csv", "species", "classify"),
    packaged(
        "palmerpenguins",
        "data",
        "penguins-raw.csv",
        "Species",
        "classify",
        "Individual ID",
        "Sample Number",
        "Comments",
    ),
    vega("cars.json", "Miles_per_Gallon", "regress", "Name"),
    vega("seattle-weather.csv", "weather", "classify"),
    vega("barley.json", "yield", "regress"),
    vega("iris.json", "species", "classify"),
    vega("airports.csv", "longitude", "regress", "name", "city", "iata"),
)


@dataclass
class Result:
    """What came of a table; a score that is not there is NaN."""

    name: str
    action: str
    rows: int = 0
    used: int = 0
    floor: float = np.nan
    federated: float = np.nan
    centralised: float = np.nan
    linear: float = np.nan
    seconds: float = 0.0
    verdict: str = ""


def try_out(table: Table, driver: Driver, data: Path) -> Result:
    """Train on a table in all three ways."""
    result = Result(table.name, table.action)
    begun = time.monotonic()
    frame = table.load().drop(columns=[*table.drop]).reset_index(drop=True)
    result.rows = len(frame)
    trained, judged = _cut(frame, table)
    try:
        made = [
            _prepare(part[part["participant"] == name], table, data / f"{result.name}-{name}" / purpose)
            for name in PEOPLE
            for purpose, part in (("fit", trained), ("judge", judged))
        ]
        for purpose, part in (("fit", trained), ("judge", judged)):
            _prepare(part, table, data / f"{result.name}-all" / purpose)
        result.used = sum(one.rows["train"] for one in made)
        result.federated, truth = _train(
            table, frame, driver, [f"{result.name}-{name}" for name in PEOPLE], "federated"
        )
        result.centralised, same = _train(table, frame, driver, [f"{result.name}-all"], "centralised")
        result.linear = _linear(table, trained, judged)
        result.floor = _floor(table, trained, judged)
        result.verdict = _verdict(result, len(truth), len(same), len(judged.dropna(subset=[table.target])))
    except (SynergosError, ValueError) as error:
        result.verdict = f"refused: {error}"
    result.seconds = time.monotonic() - begun
    return result


def _cut(frame: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Deal the rows, class by class, to participants and to training and evaluation."""
    shuffled = frame.sample(frac=1, random_state=0)
    if table.action == "classify":
        shuffled = shuffled.sort_values(table.target, key=lambda column: column.astype(str), kind="stable")
    place = np.arange(len(shuffled))
    is_judged = place % 4 == 3
    shuffled = shuffled.assign(participant=[PEOPLE[one] for one in place // 4 % len(PEOPLE)])
    return shuffled[~is_judged], shuffled[is_judged]


def _prepare(part: pd.DataFrame, table: Table, folder: Path) -> Preparation:
    with tempfile.TemporaryDirectory() as raw:
        path = Path(raw) / "raw.csv"
        part.drop(columns="participant").to_csv(path, index=False)
        return prepare_data(path, folder, target=table.target)


def _train(
    table: Table, frame: pd.DataFrame, driver: Driver, people: Sequence[str], what: str
) -> tuple[float, pd.DataFrame]:
    """The score of a training over the rows of all its participants, and their predictions."""
    project = f"{table.name} {table.target} {what}"
    classes = frame[table.target].nunique() if table.action == "classify" else 0
    width = classes if classes > 2 else 1
    activation, criterion = {0: (None, "MSELoss"), 2: ("sigmoid", "BCELoss")}.get(classes, ("softmax", "NLLLoss"))
    first = {
        "is_input": True,
        "l_type": "Linear",
        "structure": {"in_features": 1, "out_features": 16},
        "activation": "relu",
    }
    last = {"l_type": "Linear", "structure": {"in_features": 16, "out_features": width}, "activation": activation}
    its = driver.scope(project_id=project, expt_id=project, run_id=project)
    its.projects.create(action=table.action, incentives={})
    its.experiments.create(model=[first, {**last, "is_input": False}])
    # Large tables learn as much by fewer steps.
    its.runs.create(**{**RUN, "criterion": criterion}, batch_size=32 if len(frame) < 2000 else 256)
    for name in people:
        driver.participants.create(name, host="127.0.0.1", port=8020, f_port=5000)
        its.registrations.create(participant_id=name, role="guest")
        its.tags.create(participant_id=name, train=[["fit"]], evaluate=[["judge"]])
    its.alignments.create()
    its.models.create()
    found = [one.evaluate.res_path for one in its.validations.create().data]
    read = [pd.read_csv(path, keep_default_na=False, na_values={"target": [""]}) for path in found if path]
    rows = pd.concat(read).dropna(subset=["target"])
    return _score(table, rows["prediction"], rows["target"]), rows


def _score(table: Table, predicted: Any, target: Any) -> float:
    from sklearn.metrics import accuracy_score, r2_score

    if table.action == "classify":
        return float(accuracy_score(pd.Series(target).astype(str), pd.Series(predicted).astype(str)))
    return float(r2_score(pd.Series(target).astype(float), pd.Series(predicted).astype(float)))


def _numbers(column: pd.Series) -> pd.Series:
    """A column as numbers where all that it holds are numbers."""
    if pd.api.types.is_numeric_dtype(column):
        return column
    text = column.astype(object).where(lambda values: ~values.isin(["", "NA", "?"]))
    found = pd.to_numeric(text, errors="coerce")
    return found if found.notna().sum() == text.notna().sum() else text.astype(object)


def _linear(table: Table, trained: pd.DataFrame, judged: pd.DataFrame) -> float:
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    def parts(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
        columns = frame.drop(columns="participant").apply(_numbers).dropna(subset=[table.target])
        return columns.drop(columns=table.target), columns[table.target]

    rows, target = parts(trained)
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    texts = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    prepared = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (texts, make_column_selector(dtype_exclude="number")),
    )
    judge, truth = parts(judged)
    is_class = table.action == "classify"
    model = make_pipeline(prepared, LogisticRegression(max_iter=1000) if is_class else Ridge())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(rows, target.astype(str) if is_class else target)
        return _score(table, model.predict(judge), truth)


def _floor(table: Table, trained: pd.DataFrame, judged: pd.DataFrame) -> float:
    """What who always says the most frequent class, or the mean, would reach."""
    if table.action == "regress":
        return 0.0
    return float((judged[table.target].astype(str) == trained[table.target].astype(str).mode()[0]).mean())


def _verdict(result: Result, federated: int, centralised: int, judged: int) -> str:
    notes = []
    if federated != centralised:
        notes.append(f"judged on {federated} rows, and centralised on {centralised}")
    if result.used < result.rows:
        notes.append(f"{result.rows - result.used} rows without a target")
    if result.federated < result.centralised - TOLERANCE:
        notes.append("below centralised")
    if result.federated < result.linear - TOLERANCE:
        notes.append("below linear")
    if result.federated <= result.floor:
        notes.append("no better than guessing")
    return "; ".join(notes) or "alike"


def show(results: Sequence[Result]) -> None:
    """Print the results side by side."""
    head = "table                            kind       rows   used  guess federated  central  linear  verdict"
    print(head, "-" * len(head), sep="\n")
    for one in results:
        scores = f"{one.floor:6.3f} {one.federated:9.3f} {one.centralised:8.3f} {one.linear:7.3f}"
        print(f"{one.name:32} {one.action:8} {one.rows:6} {one.used:6} {scores}  {one.verdict}")


def main() -> None:
    """Try the tables that are asked for, or all."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("names", nargs="*", metavar="NAME", help="a part of a table's name")
    asked.add_argument("--json", type=Path, help="write the results to this file too")
    arguments = asked.parse_args()
    tables = [one for one in TABLES if not arguments.names or any(name in one.name for name in arguments.names)]
    results, absent = [], set()
    for table in tables:
        with (
            tempfile.TemporaryDirectory() as folder,
            Sandbox(data=Path(folder)) as ttp,
            Driver(ttp.host, ttp.port) as driver,
        ):
            try:
                results.append(try_out(table, driver, Path(folder)))
            except ModuleNotFoundError as error:
                absent.add(error.name or str(error))
                continue
        last = results[-1]
        print(f"{last.name}: {last.verdict} ({last.seconds:.0f} s)", file=sys.stderr, flush=True)
        if arguments.json:
            arguments.json.write_text(json.dumps([vars(one) for one in results], indent=1))
    show(results)
    if absent:
        print(f"\nNot installed, and left out: {', '.join(sorted(absent))}")


if __name__ == "__main__":
    main()
