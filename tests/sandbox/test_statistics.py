import math

import pytest
import torch

from synergos.sandbox.statistics import class_scores, classification, predicted, regression

RATES = {"accuracy", "roc_auc_score", "pr_auc_score", "f_score", "TPRs", "TNRs", "PPVs", "NPVs", "FPRs", "FNRs", "FDRs"}


def test_three_classes_against_the_rest() -> None:
    output = torch.tensor([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1]])
    found = classification(output, torch.tensor([0, 1, 1, 2]))
    assert set(found) == RATES | {"TPs", "TNs", "FPs", "FNs"}
    assert found["TPs"] == [1, 1, 0]
    assert found["FPs"] == [1, 1, 0]
    assert found["FNs"] == [0, 1, 1]
    assert found["TNs"] == [2, 1, 3]
    assert found["accuracy"] == [0.75, 0.5, 0.75]
    assert found["f_score"] == pytest.approx([2 / 3, 0.5, 0.0])
    assert found["TPRs"] == [1.0, 0.5, 0.0]
    assert found["FNRs"] == [0.0, 0.5, 1.0]
    assert found["FPRs"] == pytest.approx([1 / 3, 0.5, 0.0])
    assert found["PPVs"] == [0.5, 0.5, 0.0]
    assert found["FDRs"] == [0.5, 0.5, 0.0]
    assert found["NPVs"] == [1.0, 0.5, 0.75]
    assert found["roc_auc_score"] == pytest.approx([1.0, 0.5, 0.5])
    # Points (recall, precision) of class 1: (0, 1), (0, 0), (1/2, 1/2), (1, 2/3), (1, 1/2).
    assert found["pr_auc_score"][1] == pytest.approx(0.25 * 0.5 + 0.5 * (0.5 + 2 / 3) / 2)


def test_two_classes_have_two_entries() -> None:
    found = classification(torch.tensor([[0.5], [0.51], [0.9], [0.2]]), torch.tensor([[0.0], [0.0], [1.0], [0.0]]))
    assert found["TPs"] == [2, 1]
    assert found["FPs"] == [0, 1]
    assert found["roc_auc_score"] == [1.0, 1.0]
    assert all(len(entries) == 2 for entries in found.values())


def test_a_class_that_does_not_occur_has_noughts() -> None:
    output = torch.tensor([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1]])
    found = classification(output, torch.tensor([0, 1]))
    assert found["roc_auc_score"] == [1.0, 1.0, 0.0]
    assert found["pr_auc_score"][2] == found["TPRs"][2] == found["PPVs"][2] == 0.0
    assert found["accuracy"] == [1.0, 1.0, 1.0]


def test_types_are_plain() -> None:
    found = classification(torch.tensor([[0.3], [0.6]]), torch.tensor([0, 1]))
    assert all(type(entry) is int for name in ("TPs", "TNs", "FPs", "FNs") for entry in found[name])
    assert all(type(entry) is float for name in RATES for entry in found[name])


def test_scores_and_predictions_of_a_single_output() -> None:
    output = torch.tensor([[0.25], [0.75]])
    assert class_scores(output).tolist() == [[0.75, 0.25], [0.25, 0.75]]
    assert predicted(output).tolist() == [0, 1]


def test_regression() -> None:
    found = regression(torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([[1.0], [2.0], [3.0]]))
    assert found == {"R2": pytest.approx(0.5), "MSE": pytest.approx(1 / 3), "MAE": pytest.approx(1 / 3)}


def test_one_row_has_no_r2() -> None:
    found = regression(torch.tensor([[1.0]]), torch.tensor([[3.0]]))
    assert math.isnan(found["R2"])
    assert (found["MSE"], found["MAE"]) == (4.0, 2.0)
