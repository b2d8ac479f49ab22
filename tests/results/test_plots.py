"""Pictures of results: in files, in notebooks, and in a terminal."""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from validations import counts, validation

from synergos import Driver, InvalidArgument, Picture, Results, SynergosError
from synergos.results.roc import curves

PICTURES = ("losses", "metric", "confusion", "roc")


def losses(run: str, origin: str, values: list[float | None], **more: Any) -> dict[str, Any]:
    return {"key": {"project_id": "p", "expt_id": "e", "run_id": run}, "origin": origin, "train": values, **more}


def many(number: int, participants: tuple[str, ...] = ("a", "b")) -> Results:
    """The results of so many runs, each a bit worse than the one before it."""
    names = [f"run {index}" for index in range(number)]
    told = counts((3, 4, 2, 1), (1, 5, 2, 2), (1, 6, 1, 2))
    found = [
        validation(run, one, R2=1 - index / 100, accuracy=[1 - index / 100] * 3, **told)
        for index, run in enumerate(names)
        for one in participants
    ]
    kept = [losses(run, "ttp", [3.0, 2.0, None, 1.0], evaluate=[3.5, 2.5, 1.5, 1.0]) for run in names]
    kept += [losses(run, one, [3.0, 2.0, 1.5, 1.0]) for run in names for one in participants]
    return Results.of(found, losses=kept)


def pictures(results: Results) -> dict[str, Picture]:
    rows = [{"target": "x", "score_x": "0.9", "score_y": "0.1"}, {"target": "y", "score_x": "0.2", "score_y": "0.8"}]
    plot = results.plot
    return {
        "losses": plot.losses(),
        "metric": plot.metric("R2"),
        "confusion": plot.confusion(),
        "roc": plot.roc(scores=rows),
    }


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("number", [1, 10])
def test_a_picture_is_written_drawn_and_told(name: str, number: int, tmp_path: Path) -> None:
    picture = pictures(many(number))[name]
    assert picture.save(tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    faces = [picture.figure(dark=dark).get_facecolor() for dark in (False, True)]
    assert faces[0] > (0.9, 0.9, 0.9) > (0.2, 0.2, 0.2) > faces[1]
    assert ET.parse(picture.save(str(tmp_path / "x.svg"))).getroot().tag.endswith("svg")
    assert str(picture).splitlines()
    assert repr(picture) == str(picture)


@pytest.mark.parametrize("name", PICTURES)
def test_a_notebook_shows_it_in_the_page_s_own_colour_of_text(name: str) -> None:
    shown = pictures(many(2))[name]._repr_html_()
    assert ET.fromstring(shown).tag.endswith("svg")
    assert "currentColor" in shown
    assert "#010203" not in shown


def test_the_losses_are_a_panel_for_all_and_for_each_participant() -> None:
    figure = many(2).plot.losses().figure()
    titles = ["all: training", "all: evaluation", "a: training", "b: training"]
    assert [axes.get_title() for axes in figure.axes] == titles
    first = figure.axes[0].get_lines()[0]
    # A round without a loss is left out, not drawn as nought.
    assert list(zip(first.get_xdata(), first.get_ydata(), strict=True)) == [(1.0, 3.0), (2.0, 2.0), (4.0, 1.0)]


def test_of_more_than_ten_runs_the_others_stay_behind_and_are_counted() -> None:
    figure = many(13).plot.losses().figure()
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    assert names == [*(f"run {index}" for index in range(10)), "3 other runs"]


def test_of_more_participants_than_there_is_room_for_the_others_are_counted() -> None:
    picture = many(1, tuple(f"hospital {number}" for number in range(13))).plot.losses()
    figure = picture.figure()
    assert len(figure.axes) == 12
    assert figure.get_supxlabel() == "3 more participants are not drawn."
    assert str(picture).endswith("3 more participants are not drawn.")


def test_participants_are_told_apart_by_colour_and_mark() -> None:
    figure = many(1, tuple(f"hospital {number}" for number in range(25))).plot.metric().figure()
    looks = {(line.get_color(), line.get_marker()) for line in figure.axes[0].get_lines()}
    assert len(looks) == 26


@pytest.mark.parametrize("odd", ["_hidden", "$x^", r"\alpha$", "<b>&", "x" * 300, "a\x1b[2Jb", "日本"])
def test_names_are_shown_as_they_are(odd: str) -> None:
    found = [validation(odd, odd, accuracy=[0.5, 0.5], classes=[odd, "y"], **counts((1, 1, 1, 1), (1, 1, 1, 1)))]
    results = Results.of(found, losses=[losses(odd, odd, [1.0, 0.5]), losses(odd, "ttp", [1.0], evaluate=[1.0])])
    rows = [{"target": odd, f"score_{odd}": 0.9, "score_y": 0.1}, {"target": "y", f"score_{odd}": 0.1, "score_y": 0.9}]
    plot = results.plot
    for picture in (plot.losses(), plot.metric(), plot.confusion(), plot.roc(scores=rows)):
        assert "<svg" in picture._repr_html_()
        assert "\x1b" not in str(picture)
    (legend,) = plot.losses().figure().legends
    assert len(legend.get_texts()) == 1


def test_the_counts_are_those_of_all_or_of_one() -> None:
    found = [
        validation("r", "a", accuracy=[0.5, 0.5], **counts((3, 4, 2, 1), (4, 3, 1, 2))),
        validation("r", "b", accuracy=[0.5, 0.5], **counts((1, 1, 0, 0), (1, 1, 0, 0))),
        validation("r", "of other classes", accuracy=[0.5] * 3, **counts((1, 1, 0, 0), (1, 1, 0, 0), (0, 2, 0, 0))),
    ]
    results = Results.of(found)
    assert "class number 0  found         " in str(results.plot.confusion())
    told = [line.split()[-1] for line in str(results.plot.confusion()).splitlines()[1:]]
    assert told == ["4", "1", "2", "5", "2", "1"]
    assert "r: b" in str(results.plot.confusion(participant_id="b"))
    with pytest.raises(SynergosError, match="There are no counts of 'c' in the run 'r'"):
        results.plot.confusion(participant_id="c")


def test_the_area_under_a_curve_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import roc_auc_score

    scores = [0.1, 0.4, 0.4, 0.35, 0.8, 0.8, 0.9, 0.05]
    truth = [0, 0, 1, 1, 1, 0, 1, 0]
    rows: list[dict[str, object]] = [
        {"target": ["no", "yes"][own], "score_yes": score, "score_no": 1 - score}
        for own, score in zip(truth, scores, strict=True)
    ]
    rows.append({"target": "", "score_yes": 0.5, "score_no": 0.5})
    points, area = curves(rows)["yes"]
    assert area == pytest.approx(roc_auc_score(truth, scores))
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (1.0, 1.0)


def test_the_scores_of_a_sandbox_of_this_machine_are_at_hand(trained: Driver, tmp_path: Path) -> None:
    import pandas as pd

    results = trained.results(project_id="penguins")
    shown = str(results.plot.roc())
    assert [line.split()[0] for line in shown.splitlines()[1:]] == ["Adelie", "Chinstrap", "Gentoo"]
    # Both evaluate on the same rows, so the area is that of each.
    aucs = [row["roc_auc_score"] for row in results.by("class")][:3]
    assert [float(line.split()[-1]) for line in shown.splitlines()[1:]] == pytest.approx(aucs, abs=5e-4)
    path = results.best().evaluations[0].res_path
    assert str(results.plot.roc(scores=path)) == str(results.plot.roc(scores=pd.read_csv(path)))


def test_what_cannot_be_drawn_says_why(tmp_path: Path) -> None:
    regression = Results.of([validation("r", "a", R2=0.5)])
    with pytest.raises(SynergosError, match="This TTP does not tell the losses"):
        regression.plot.losses()
    with pytest.raises(SynergosError, match="a regression has none"):
        regression.plot.confusion()
    with pytest.raises(SynergosError, match="The scores are not at hand"):
        regression.plot.roc()
    with pytest.raises(InvalidArgument, match="There are no scores with targets"):
        regression.plot.roc(scores=[{"prediction": 1.0, "target": 2.0}])
    with pytest.raises(InvalidArgument, match=r"it must end in \.png or \.svg"):
        regression.plot.metric().save(tmp_path / "x.jpg")


def test_without_matplotlib_there_is_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    picture = many(1).plot.metric("R2")
    assert "0.9" in str(picture) or "1" in str(picture)
    assert picture._repr_html_().startswith("<pre>")
    with pytest.raises(SynergosError, match=r"pip install 'synergos-driver\[plots\]'"):
        picture.save(tmp_path / "x.png")
