"""What is agreed on of each participant's aggregates is what was computed of all their rows, to the last bit."""

import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from tables import read, write

from synergos.learning import columns, pictures, spelling, target
from synergos.learning.columns import Columns
from synergos.learning.pictures import Pixels, Sizes
from synergos.learning.target import Numbers, Spread
from synergos.participant import data
from synergos.participant import target as own_target

SCHEMA = {"x": "float64", "y": "float64", "c": "category", "target": "float64"}


def write_rows(folder: Path, seed: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    lines = ["x,y,c,target"]
    for _ in range(rows):
        x = "" if random.random() < 0.2 else repr(random.normal(100, 30))
        lines.append(f"{x},{random.normal() * 1e-7!r},{random.choice(list('abcde'))},{random.normal(1e5, 3)!r}")
    write(folder, "\n".join(lines), SCHEMA)


@pytest.mark.parametrize("seed", range(5))
def test_columns_and_target_of_three_participants(tmp_path: Path, seed: int) -> None:
    names = ("one", "two", "three")
    for index, name in enumerate(names):
        write_rows(tmp_path / name / "t", 10 * seed + index, 11 + 7 * index)
    tables = [read(tmp_path, "t", action="regress", who=name) for name in names]

    # After a journey, as another machine would have it.
    said = [Columns(**json.loads(json.dumps(asdict(data.describe(table))))) for table in tables]
    found = columns.agree(said)

    for name in ("x", "y"):
        values = [table.features[name].to_numpy() for table in tables]
        known = [one[~np.isnan(one)] for one in values]
        medians, counts = np.array([np.median(one) for one in known]), np.array([float(len(one)) for one in known])
        assert found[name].minimum == min(one.min() for one in known)
        assert found[name].maximum == max(one.max() for one in known)
        assert found[name].fill == float((medians * counts).sum() / counts.sum())
    texts = np.concatenate([table.features["c"].to_numpy(object) for table in tables])
    categories, often = np.unique(texts.astype(str), return_counts=True)
    assert found["c"].categories == tuple(categories)
    assert found["c"].fill == categories[often.argmax()]

    targets = [np.asarray(table.target, np.float64) for table in tables]
    spreads = [Spread(*json.loads(json.dumps(own_target.describe(one)))) for one in targets]
    assert target.agree(spreads) == by_all_rows(targets)


def by_all_rows(targets: list[Numbers]) -> target.Scale:
    """The scale as it was computed where all rows were at hand."""
    about = []
    for one in targets:
        distances = one - one[0]
        mean = float(distances.mean())
        about.append((len(one), float(one[0]) + mean, math.hypot(*((distances - mean) / math.sqrt(len(one))))))
    counts, means, deviations = zip(*about, strict=True)
    mean = means[0] + float(np.average(np.array(means) - means[0], weights=counts))
    shares = [math.sqrt(count / sum(counts)) for count in counts]
    within = [share * own for share, own in zip(shares, deviations, strict=True)]
    between = [share * (own - mean) for share, own in zip(shares, means, strict=True)]
    return target.Scale(mean, math.hypot(*within, *between))


def test_a_format_is_the_same_however_images_are_shared_out() -> None:
    random = np.random.default_rng(1)
    images = random.integers(0, 256, (6, 3, 4, 5))

    def said(some: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]") -> Pixels:
        by_channel = some.transpose(1, 0, 2, 3).reshape(3, -1)
        return Pixels(by_channel.shape[1], by_channel.sum(axis=1).tolist(), (by_channel**2).sum(axis=1).tolist())

    at_once = pictures.agree((3, 4, 5), [said(images)])
    shared_out = pictures.agree((3, 4, 5), [said(images[4:]), said(images[:1]), said(images[1:4])])

    assert at_once == shared_out
    flat = images.transpose(1, 0, 2, 3).reshape(3, -1)
    assert at_once.means == pytest.approx(flat.mean(axis=1), rel=1e-15)
    assert at_once.deviations == pytest.approx(flat.std(axis=1), rel=1e-14)


def test_a_channel_that_is_the_same_everywhere_has_the_deviation_one() -> None:
    assert pictures.agree((1, 1, 3), [Pixels(3, [600], [120_000])]).deviations == (1.0,)


def test_the_most_frequent_size_counts_and_what_a_folder_asks_for_comes_first() -> None:
    one = Sizes(1, [(4, 4, 3), (8, 8, 2)], [])
    two = Sizes(3, [(8, 8, 2)], [])
    assert pictures.agree_on_shape([one, two]) == (3, 8, 8)
    assert pictures.agree_on_shape([one, two, Sizes(1, [(5, 6, 1)], [(5, 6, "f")])]) == (3, 6, 5)


@pytest.mark.parametrize("names", [["01", "2", "x"], ["01", "2", "1"], []])
def test_places_of_names(names: list[str]) -> None:
    classes = spelling.classes_of([["1", "2"], ["01"]])
    assert classes == ["1", "2"]
    assert spelling.places_of(names, classes) == [{"01": 0, "1": 0, "2": 1}.get(name, -1) for name in names]
