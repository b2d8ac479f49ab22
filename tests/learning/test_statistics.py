import itertools
import math
import warnings

import numpy as np
import numpy.typing as npt
import pytest
import sklearn.metrics
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from synergos.learning.statistics import Numbers, class_scores, classification, predicted, regression

RATES = {"accuracy", "roc_auc_score", "pr_auc_score", "f_score", "TPRs", "TNRs", "PPVs", "NPVs", "FPRs", "FNRs", "FDRs"}
Indices = npt.NDArray[np.int64]

# Of the sizes that are met: from refractive indexes and densities to turnovers.
magnitudes = st.sampled_from([1e-9, 1e-6, 1e-3, 1.0, 1e3, 1e6, 1e12])
few_values = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
numbers = few_values | st.floats(-1, 1)


@st.composite
def judged_classes(draw: st.DrawFn) -> tuple[Numbers, Indices]:
    """Scores of two to five classes, among them ties and constants, and the truth, of which classes may lack."""
    rows, classes = draw(st.integers(1, 30)), draw(st.integers(2, 5))
    width = draw(st.sampled_from([1, 2])) if classes == 2 else classes
    kind = draw(st.sampled_from([few_values, st.floats(0, 1), numbers, st.just(draw(numbers))]))
    output = draw(arrays(np.float64, (rows, width), elements=kind)) * draw(magnitudes)
    present = st.sampled_from(draw(st.lists(st.integers(0, classes - 1), min_size=1, unique=True)))
    return output, np.array(draw(st.lists(present, min_size=rows, max_size=rows)))


@st.composite
def judged_values(draw: st.DrawFn) -> tuple[Numbers, Numbers]:
    """Values and the truth of one size, far from nought or near it, exact, constant, or neither."""
    rows, size, offset = draw(st.integers(1, 30)), draw(magnitudes), draw(st.sampled_from([0.0, 1.0, 1000.0]))
    kind = draw(st.sampled_from([numbers, few_values, st.just(draw(numbers))]))
    truth = (draw(arrays(np.float64, (rows, 1), elements=kind)) + offset) * size
    errors = draw(arrays(np.float64, (rows, 1), elements=numbers)) * draw(st.sampled_from([0.0, 1e-3, 1.0]))
    return truth + errors * size, truth


class TestAgainstScikitLearn:
    @settings(deadline=None, max_examples=50)
    @given(judged_classes())
    def test_every_statistic_of_a_classification(self, judged: tuple[Numbers, Indices]) -> None:
        output, target = judged
        found, chosen = classification(output, target), predicted(output)
        ranks = np.hstack([-output, output]) if output.shape[1] == 1 else output
        for index in range(ranks.shape[1]):
            truth, positive = target == index, chosen == index
            expected = one_against_the_rest(truth, positive, ranks[:, index])
            ours = {name: values[index] for name, values in found.items()}
            assert ours == pytest.approx(expected, rel=1e-9, abs=1e-12)

    # Measured on real tables: residuals below 1e-4 and a target that is far from nought.
    @example((np.full((4, 1), 0.0015), np.array([[0.001], [0.003], [0.001], [0.003]])))
    @example((np.array([[0.9905], [0.9942], [0.9921]]), np.array([[0.9901], [0.9945], [0.9920]])))
    @example((np.array([[2001.3], [2006.9], [2012.2]]), np.array([[2001.0], [2007.0], [2012.0]])))
    @settings(deadline=None)
    @given(judged_values())
    def test_every_statistic_of_a_regression(self, judged: tuple[Numbers, Numbers]) -> None:
        output, target = judged
        found = regression(output, target)
        assert found["MSE"] == pytest.approx(sklearn.metrics.mean_squared_error(target, output), rel=1e-9)
        assert found["MAE"] == pytest.approx(sklearn.metrics.mean_absolute_error(target, output), rel=1e-9)
        if len(target) == 1:
            assert math.isnan(found["R2"])
        elif np.ptp(target) == 0:
            # Where the mean of equal values is not that value, scikit-learn departs from what it documents.
            assert found["R2"] == float((output == target).all())
        else:
            # Of a target that hardly varies for its size neither is exact.
            variation = np.ptp(target) / np.abs(target).max()
            expected = sklearn.metrics.r2_score(target, output)
            assert found["R2"] == pytest.approx(expected, rel=1e-9 + 1e-15 / variation**2, abs=1e-9)

    def test_r2_of_a_single_row_and_of_a_constant(self) -> None:
        cases = [([3.0], [3.0]), ([3.0], [1.0]), ([2.0, 2.0], [2.0, 2.0]), ([2.0, 2.0], [2.0, 3.0])]
        for truth, values in cases:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", sklearn.exceptions.UndefinedMetricWarning)
                expected = sklearn.metrics.r2_score(truth, values)
            found = regression(np.array(values)[:, None], np.array(truth)[:, None])["R2"]
            assert found == pytest.approx(expected, nan_ok=True)

    @pytest.mark.parametrize("size", [1e-200, 1e-9, 1.0, 1e12, 1e100])
    def test_r2_is_of_no_unit(self, size: float) -> None:
        truth, values = np.array([[1.0], [3.0], [1.0], [3.0]]), np.array([[1.5], [2.5], [1.0], [3.5]])
        expected = sklearn.metrics.r2_score(truth, values)
        assert regression(values * size, truth * size)["R2"] == pytest.approx(expected)


def one_against_the_rest(
    truth: npt.NDArray[np.bool_], positive: npt.NDArray[np.bool_], scores: Numbers
) -> dict[str, float]:
    """The statistics of one class, by scikit-learn; what it leaves undefined is nought."""
    tn, fp, fn, tp = (int(n) for n in sklearn.metrics.confusion_matrix(truth, positive, labels=[False, True]).ravel())
    precision, recall, _ = sklearn.metrics.precision_recall_curve(truth, scores) if truth.any() else ([0, 0], [0, 1], 0)
    tpr = sklearn.metrics.recall_score(truth, positive, zero_division=0)
    tnr = sklearn.metrics.recall_score(~truth, ~positive, zero_division=0)
    ppv = sklearn.metrics.precision_score(truth, positive, zero_division=0)
    return {
        "accuracy": sklearn.metrics.accuracy_score(truth, positive),
        "roc_auc_score": sklearn.metrics.roc_auc_score(truth, scores) if 0 < truth.sum() < len(truth) else 0.0,
        "pr_auc_score": sklearn.metrics.auc(recall, precision),
        "f_score": sklearn.metrics.f1_score(truth, positive, zero_division=0),
        "TPRs": tpr,
        "TNRs": tnr,
        "PPVs": ppv,
        "NPVs": sklearn.metrics.precision_score(~truth, ~positive, zero_division=0),
        "FPRs": 1 - tnr if tn + fp else 0.0,
        "FNRs": 1 - tpr if tp + fn else 0.0,
        "FDRs": 1 - ppv if tp + fp else 0.0,
        "TPs": tp,
        "TNs": tn,
        "FPs": fp,
        "FNs": fn,
    }


@settings(deadline=None)
@given(judged_classes())
def test_the_area_under_precision_and_recall_is_the_trapezoid(judged: tuple[Numbers, Indices]) -> None:
    output, target = judged
    scores, truth = class_scores(output)[:, -1], target == class_scores(output).shape[1] - 1
    if not truth.any():
        return
    points = [(0.0, 1.0)]
    for threshold in sorted(set(scores), reverse=True):
        taken = scores >= threshold
        points.append((truth[taken].sum() / truth.sum(), truth[taken].mean()))
    area = sum((r2 - r1) * (p1 + p2) / 2 for (r1, p1), (r2, p2) in itertools.pairwise(points))
    assert classification(output, target)["pr_auc_score"][-1] == pytest.approx(area)


def test_it_is_not_the_average_precision() -> None:
    output, target = np.array([[0.9], [0.8], [0.7]]), np.array([0, 1, 0])
    found = classification(output, target)["pr_auc_score"][1]
    assert found == 0.25
    assert sklearn.metrics.average_precision_score(target, output[:, 0]) == 0.5


def test_three_classes_against_the_rest() -> None:
    output = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1]])
    found = classification(output, np.array([0, 1, 1, 2]))
    assert set(found) == RATES | {"TPs", "TNs", "FPs", "FNs"}
    assert found["TPs"] == [1, 1, 0]
    assert found["FPs"] == [1, 1, 0]
    assert found["FNs"] == [0, 1, 1]
    assert found["TNs"] == [2, 1, 3]
    assert found["accuracy"] == [0.75, 0.5, 0.75]
    assert found["roc_auc_score"] == pytest.approx([1.0, 0.5, 0.5])
    # Points (recall, precision) of class 1: (0, 1), (0, 0), (1/2, 1/2), (1, 2/3), (1, 1/2).
    assert found["pr_auc_score"][1] == pytest.approx(0.25 * 0.5 + 0.5 * (0.5 + 2 / 3) / 2)


def test_two_classes_have_two_entries() -> None:
    found = classification(np.array([[0.5], [0.51], [0.9], [0.2]]), np.array([0, 0, 1, 0]))
    assert found["TPs"] == [2, 1]
    assert found["FPs"] == [0, 1]
    assert found["roc_auc_score"] == [1.0, 1.0]
    assert all(len(entries) == 2 for entries in found.values())


@pytest.mark.parametrize("size", [1e-18, 1.0, 1e12])
def test_two_classes_are_ranked_alike_from_either_side(size: float) -> None:
    output, target = np.array([[0.1], [0.3], [0.2], [0.4]]) * size, np.array([0, 0, 1, 1])
    assert classification(output, target)["roc_auc_score"] == [0.75, 0.75]


def test_a_class_that_does_not_occur_has_noughts() -> None:
    found = classification(np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1]]), np.array([0, 1]))
    assert found["roc_auc_score"] == [1.0, 1.0, 0.0]
    assert found["pr_auc_score"][2] == found["TPRs"][2] == found["PPVs"][2] == 0.0
    assert found["accuracy"] == [1.0, 1.0, 1.0]


def test_types_are_plain() -> None:
    found = classification(np.array([[0.3], [0.6]]), np.array([0, 1]))
    assert all(type(entry) is int for name in ("TPs", "TNs", "FPs", "FNs") for entry in found[name])
    assert all(type(entry) is float for name in RATES for entry in found[name])
    assert all(type(value) is float for value in regression(np.ones((2, 1)), np.zeros((2, 1))).values())


def test_scores_and_predictions_of_a_single_output() -> None:
    output = np.array([[0.25], [0.75]])
    assert class_scores(output).tolist() == [[0.75, 0.25], [0.25, 0.75]]
    assert predicted(output).tolist() == [0, 1]
