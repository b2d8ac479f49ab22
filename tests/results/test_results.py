"""Results: what is averaged and how, the ranking, the tables, and what they say that a TTP does not tell."""

import json
import pickle
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from recorder import envelope
from validations import counts, validation

from synergos import Driver, InvalidArgument, InvalidId, NotFound, Results, SynergosError

RECORDINGS = Path(__file__).resolve().parents[2] / ".." / "shared" / "wire"


def test_the_best_is_first_and_runs_without_a_result_are_last() -> None:
    runs: dict[tuple[str, str], Any] = {("e", name): {} for name in ("bad", "none", "good")}
    results = Results.of([validation("bad", "a", R2=0.1), validation("good", "a", R2=0.9)], runs=runs)
    assert [run.run_id for run in results] == ["good", "bad", "none"]
    assert [run.state for run in results] == ["done", "done", "not validated"]
    assert results.best().run_id == "good"


def test_of_an_error_the_least_is_the_best() -> None:
    results = Results.of([validation("one", "a", R2=0.9, MSE=2.0), validation("two", "a", R2=0.1, MSE=1.0)])
    assert results.best().run_id == "one"
    assert results.best("MSE").run_id == "two"
    assert [run.run_id for run in results.by_metric("MSE")] == ["two", "one"]
    assert str(results.by_metric("MSE")).splitlines()[0] == "2 runs, best first by MSE"


def test_participants_count_by_their_rows() -> None:
    results = Results.of([validation("r", "a", MSE=1.0, rows=90), validation("r", "b", MSE=2.0, rows=10)])
    assert results.best("MSE").metric("MSE") == pytest.approx(1.1)
    assert "Averaged over the participants by their rows." in str(results)


@pytest.mark.parametrize("rows", [{}, {"rows": 90}], ids=["none", "one"])
def test_where_rows_are_not_told_participants_count_the_same_and_it_is_said(rows: dict[str, int]) -> None:
    results = Results.of([validation("r", "a", MSE=1.0, **rows), validation("r", "b", MSE=2.0)])
    assert results.best("MSE").metric("MSE") == 1.5
    assert "The rows of participants are not told: each participant counts the same" in str(results)


def test_the_accuracy_is_the_share_of_rows_that_are_given_their_class() -> None:
    # 10 rows of three classes, of which 5 are right; each class against the rest is right oftener.
    told = counts((3, 4, 2, 1), (1, 5, 2, 2), (1, 6, 1, 2))
    results = Results.of([validation("r", "a", accuracy=[0.7, 0.6, 0.7], **told)])
    assert results.best().metric("accuracy") == 0.5
    assert [row["accuracy"] for row in results.by("class")] == [0.7, 0.6, 0.7]
    assert "accuracy: the share of the rows that were given their class." in str(results)


@pytest.mark.parametrize(
    "told",
    [{}, {"TPs": [3, 1]}, counts((3, 4, 2, 1), (1, 5, 2, 2)), counts((3, 4, 2, 1), (9, 9, 9, 9), (1, 6, 1, 2))],
    ids=["none", "one count", "not of all classes", "of other rows"],
)
def test_without_whole_counts_the_mean_over_classes_stands_in_and_it_is_said(told: dict[str, Any]) -> None:
    results = Results.of([validation("r", "a", accuracy=[0.7, 0.6, 0.8], **told)])
    assert results.best().metric("accuracy") == pytest.approx(0.7)
    assert "it is higher than the share of the rows that were given their class" in str(results)


def test_of_a_single_class_against_the_rest_the_accuracy_is_its_own() -> None:
    results = Results.of([validation("r", "a", accuracy=[0.7], **counts((3, 4, 2, 1)))])
    assert results.best().metric("accuracy") == 0.7


def test_a_class_that_no_row_is_of_is_left_out_of_the_mean_and_it_is_said() -> None:
    told = counts((5, 5, 0, 0), (0, 10, 0, 0), (5, 5, 0, 0))
    results = Results.of([validation("r", "a", f_score=[1.0, 0.0, 1.0], PPVs=[1.0, 0.0, 1.0], **told)])
    assert results.best("f_score").metric("f_score") == 1.0
    assert results.best("PPVs").metric("PPVs") == pytest.approx(2 / 3)
    assert "f_score: up to 1 class of a participant left out" in str(results)


@pytest.mark.parametrize(
    "odd", [float("nan"), float("inf"), None, True, "high", {}, 10**400], ids=lambda one: repr(one)[:9]
)
def test_what_is_no_number_is_left_out(odd: Any) -> None:
    results = Results.of([validation("r", "a", R2=odd, MSE=1.0, rows=3), validation("r", "b", R2=0.5, MSE=2.0, rows=1)])
    assert results.best().metric("R2") == 0.5
    assert results.best().metric("MSE") == 1.25


@pytest.mark.parametrize("classes", [1, 2])
def test_counts_of_no_row_at_all_are_none(classes: int) -> None:
    results = Results.of(
        [
            validation("r", "a", accuracy=[0.0] * classes, **counts(*[(0, 0, 0, 0)] * classes)),
            validation("r", "b", accuracy=[0.5] * classes, **counts(*[(1, 1, 1, 1)] * classes)),
        ]
    )
    assert results.runs[0].rows is None
    assert results.best().metric("accuracy") == 0.25
    assert results._repr_html_()


def test_namesakes_in_two_experiments_are_two_runs() -> None:
    one, two = validation("r", "a", R2=0.25), validation("r", "b", R2=0.5)
    two["key"]["expt_id"] = "other"
    results = Results.of([one, two])
    assert [(run.expt_id, run.run_id) for run in results] == [("other", "r"), ("e", "r")]
    assert "Not all runs were validated by the same participants" in str(results)


def test_classes_have_their_names_or_are_numbers_and_called_so() -> None:
    named = validation("r", "a", accuracy=[0.5, 1.0], classes=["no", "yes"])
    unnamed = validation("r", "b", accuracy=[0.25, 0.5])
    assert [row["class"] for row in Results.of([named]).by("class")] == ["no", "yes"]
    assert [row["class_number"] for row in Results.of([unnamed]).by("class")] == [0, 1]
    both = Results.of([named, unnamed]).by("class")
    assert [row["class"] for row in both] == ["no", "yes", "number 0", "number 1"]
    # Names that are not as many as the classes are nobody's.
    odd = validation("r", "a", accuracy=[0.5, 1.0], classes=["no"])
    assert [row["class_number"] for row in Results.of([odd]).by("class")] == [0, 1]


def test_only_what_differs_is_a_column_and_the_rest_is_said_once() -> None:
    runs: dict[tuple[str, str], Any] = {("e", "a"): {"lr": 0.1, "rounds": 2}, ("e", "b"): {"lr": 0.2, "rounds": 2}}
    table = Results.of([], runs=runs).by("run")
    assert table.columns == ("expt_id", "run_id", "state", "lr")
    assert "The same in all runs: rounds=2." in table.notes
    assert "The names of algorithm, criterion, lr_scheduler and optimizer of a, b are not known" in str(table)


def test_runs_that_were_validated_elsewhere_are_told_apart() -> None:
    found = [validation("one", "a", R2=0.9), validation("two", "a", R2=0.1), validation("two", "b", R2=0.1)]
    assert "Not all runs were validated by the same participants" in str(Results.of(found))


def test_what_nobody_has_is_refused_with_what_there_is() -> None:
    results = Results.of([validation("r", "a", accuracy=[0.5], f_score=[0.5])])
    with pytest.raises(InvalidArgument, match=r"'f_scor': no run has it\. Did you mean 'f_score'\? There are: acc"):
        results.best("f_scor")
    with pytest.raises(InvalidArgument, match="level='clas' is not allowed: give run, participant, class"):
        results.by("clas")  # type: ignore[arg-type]
    with pytest.raises(SynergosError, match="nothing of these runs was validated"):
        Results.of([]).best()


def test_a_comparison_has_the_best_and_every_run_of_either() -> None:
    here = Results.of([validation("one", "a", R2=0.5), validation("two", "a", R2=0.25)])
    there = Results.of([validation("one", "a", R2=0.25), validation("three", "a", R2=1.0)])
    table = here.compare(there)
    assert [(row["run_id"], row["R2"], row["R2 (other)"], row["difference"]) for row in table] == [
        ("(best)", 0.5, 1.0, -0.5),
        ("one", 0.5, 0.25, 0.25),
        ("two", 0.25, None, None),
        ("three", None, 1.0, None),
    ]


@pytest.mark.parametrize("data", [None, "text", [None], [{}], [{"key": 3}], [{"key": {}, "evaluate": []}]], ids=repr)
def test_showing_what_is_outside_the_contract_never_fails(data: Any) -> None:
    results = Results.of(data, losses=data)
    assert str(results)
    assert results._repr_html_()
    assert str(results.losses) is not None


def test_a_notebook_shows_everything_escaped() -> None:
    shown = Results.of([validation("<r>", "<a>", accuracy=[0.5], classes=["<c>"])], subject="<s>")._repr_html_()
    assert all(f"&lt;{name}&gt;" in shown for name in "racs")
    assert not any(f"<{name}>" in shown for name in "racs")


def test_a_frame_has_the_rows_and_says_so_when_there_is_no_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    results = Results.of([validation("r", "a", R2=0.5, rows=4)])
    assert results.to_frame("participant")["rows"].tolist() == [4]
    assert list(results.to_frame("class")) == ["expt_id", "run_id", "participant_id", "R2"]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(SynergosError, match="A frame needs pandas, which is not installed"):
        results.to_frame()


def test_what_a_sandbox_tells_is_all_there(trained: Driver) -> None:
    results = trained.results(project_id="penguins")
    (run,) = results
    assert str(results).splitlines()[0] == "project 'penguins': 1 run, by accuracy"
    assert run.hyperparameters["rounds"] == 2
    assert [one.participant_id for one in run.losses] == [None, "biscoe", "dream"]
    assert len(results.losses) == 6
    assert results.losses.notes == ()
    assert [row["class"] for row in results.by("class")] == ["Adelie", "Chinstrap", "Gentoo"] * 2
    assert str(pickle.loads(pickle.dumps(results))) == str(results)


def test_the_scope_says_of_what(trained: Driver) -> None:
    scoped = trained.scope(project_id="penguins", expt_id="one_layer", run_id="adam", participant_id="biscoe")
    assert scoped.results().subject == "run 'adam'"
    assert trained.scope(project_id="penguins").results(expt_id="one_layer").subject == "experiment 'one_layer'"


def test_what_is_not_there_is_said(trained: Driver) -> None:
    with pytest.raises(NotFound, match="Did you mean 'penguins'"):
        trained.results(project_id="penguin")
    with pytest.raises(NotFound, match="Did you mean 'one_layer'"):
        trained.results(project_id="penguins", expt_id="one_laye")
    with pytest.raises(NotFound, match="Did you mean 'adam'"):
        trained.results(project_id="penguins", expt_id="one_layer", run_id="adm")
    with pytest.raises(InvalidId, match="project_id is missing"):
        trained.results()


def test_names_are_those_that_were_sent_or_that_the_sandbox_drew(trained_driver: Driver) -> None:
    ids = {"project_id": "penguins", "expt_id": "one_layer"}
    trained_driver.runs.create(**ids, run_id="later", rounds=1, optimizer="SGD")
    trained_driver.optimizations.create(
        **ids,
        search_space={"optimizer": ["Adam"]},
        fixed={"rounds": 2, "epochs": 1, "criterion": "NLLLoss", "lr_scheduler": "StepLR", "step_size": 9},
        metric="accuracy",
        optimize_mode="max",
        max_trial_num=1,
    )
    with Driver(trained_driver.host, trained_driver.port) as elsewhere:
        found = {run.run_id: run for run in elsewhere.results(project_id="penguins")}
    made_here = {run.run_id: run for run in trained_driver.results(project_id="penguins")}

    (trial,) = (run for name, run in found.items() if name.startswith("optim_run_"))
    assert trial.hyperparameters["optimizer"] == "Adam"
    assert found["later"].state == "not trained"
    assert "optimizer" not in found["later"].hyperparameters
    assert made_here["later"].hyperparameters["optimizer"] == "SGD"
    assert "run_id" not in made_here["later"].hyperparameters


def recorded(generation: str) -> Driver:
    """A driver on a TTP that answers reads as a real one was recorded to."""
    answers = {}
    for path in sorted((RECORDINGS / generation).glob("[0-9]*.json")):
        told = json.loads(path.read_text())
        if told["request"]["method"] == "GET" and told["response"]["status"] == 200:
            answers[told["request"]["path"]] = told["response"]["body"]

    def answer(request: httpx.Request) -> httpx.Response:
        body = answers.get(request.url.path)
        return httpx.Response(404, json={"message": "no"}) if body is None else httpx.Response(200, json=body)

    return Driver("ttp.example", 5000, transport=httpx.MockTransport(answer))


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")
def test_a_real_ttp_of_v4_tells_counts_and_neither_names_nor_losses() -> None:
    ids = {"project_id": "test_project", "expt_id": "test_experiment", "run_id": "test_run"}
    results = recorded("v4").results(**ids)
    (run,) = results
    assert run.rows == 771
    assert run.metric("accuracy") == pytest.approx(316 / 771)
    assert [row["class_number"] for row in results.by("class")] == [0, 1, 2, 3, 4]
    assert run.hyperparameters["rounds"] == 2
    assert len(results.losses) == 0
    assert "does not tell the losses" in str(results.losses)


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")
def test_a_real_ttp_of_v8_tells_of_a_regression_no_rows() -> None:
    ids = {"project_id": "test_project", "expt_id": "test_experiment", "run_id": "test_run"}
    results = recorded("v8").results(collab_id="test_collaboration", **ids)
    (run,) = results
    assert run.rows is None
    assert run.metric("MAE") == pytest.approx((9.929195417415931 + 9.73960860303246) / 2)
    assert "The rows of participants are not told" in str(results)
    assert results.metric == "R2"


@pytest.mark.parametrize("collab", [{}, {"collab_id": "c"}], ids=["v4", "v8"])
def test_records_of_namesakes_elsewhere_are_not_taken(collab: dict[str, str]) -> None:
    """A real TTP relates what has one id in common."""
    key = {**collab, "project_id": "p", "expt_id": "e", "run_id": "r"}
    other = {**key, "project_id": "q"}
    project: dict[str, Any] = {"kind": "Project", "key": {**collab, "project_id": "p"}, "action": "regress"}
    project["relations"] = {
        "Run": [{"kind": "Run", "key": key, "lr": 0.5}, {"kind": "Run", "key": other, "lr": 0.1}],
        "Experiment": [{"kind": "Experiment", "key": {**project["key"], "expt_id": "e"}, "model": []}],
        "Model": [{"kind": "Model", "key": key}],
    }
    found = [{**validation("r", "a", R2=0.5), "key": {**key, "participant_id": "a"}}]

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=envelope(found if "/validations" in request.url.path else project))

    with Driver("ttp.example", 5000, transport=httpx.MockTransport(answer)) as driver:
        (run,) = driver.results(**collab, project_id="p")
    assert run.hyperparameters == {"lr": 0.5}
    assert [one.participant_id for one in run.evaluations] == ["a"]
