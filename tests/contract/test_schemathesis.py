"""The sandbox answers every operation of the contract as the contract says, whatever it is sent.

The requests are made from the contract and are the same in every run; `scripts/fuzz.py` makes more of them.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import fuzz


def told(found: fuzz.Findings) -> str:
    return "\n\n".join(f"{text}\n{command}" for text, command in found.failures.items())


@pytest.mark.parametrize("resource", fuzz.resources())
def test_every_operation_of_a_resource_is_answered_as_the_contract_says(resource: str) -> None:
    found = fuzz.run(resource, cases=2)

    assert not found.failures, told(found)
    wanted = {
        f"{operation.method} {operation.path}"
        for operation in fuzz.contract.operations()
        if operation.resource == resource
    }
    assert found.requests.keys() == wanted
    assert {fuzz.original(label) for label in found.succeeding} == {fuzz.original(label) for label in wanted}
    assert not any(status >= 500 for statuses in found.requests.values() for status in statuses)


def test_what_is_made_can_be_read_changed_and_deleted_and_nothing_else() -> None:
    found, methods = fuzz.Findings(), {"GET", "POST", "PUT", "DELETE"}
    # What is drawn depends on what else is imported, so that it may take more than one seed to see every method.
    for seed in range(1, 6):
        found += fuzz.run(seed=seed, cases=6)
        if {label.split()[0] for label in found.succeeding} == methods:
            break

    assert not found.failures, told(found)
    assert {label.split()[0] for label in found.succeeding} == methods


def test_a_record_that_stays_after_it_was_deleted_is_found() -> None:
    ledger, by_name = fuzz.Ledger(), {operation.name: operation for operation in fuzz.contract.operations()}
    project = {"project_id": "p"}
    ledger.check(by_name["create_project"], {}, 201, {"data": {"key": project}})
    ledger.check(by_name["create_experiment"], project, 201, {"data": {"key": {**project, "expt_id": "e"}}})
    ledger.check(by_name["create_project_in_collab"], {"collab_id": "c"}, 201, {"data": {"key": project}})

    ledger.check(by_name["read_project"], project, 200, {})
    ledger.check(by_name["delete_project"], project, 200, {})
    ledger.check(by_name["read_project"], project, 404, {})
    ledger.check(by_name["read_project_in_collab"], {"collab_id": "c", **project}, 200, {})
    with pytest.raises(AssertionError, match="was deleted or never made"):
        ledger.check(by_name["read_experiment"], {**project, "expt_id": "e"}, 200, {})
    with pytest.raises(AssertionError, match="was made and not deleted"):
        ledger.check(by_name["read_project_in_collab"], {"collab_id": "c", **project}, 404, {})


def test_tags_go_with_their_registration_and_not_the_other_way() -> None:
    ledger, by_name = fuzz.Ledger(), {operation.name: operation for operation in fuzz.contract.operations()}
    pair = {"project_id": "p", "participant_id": "w"}
    ledger.check(by_name["create_registration"], pair, 201, {"data": {"key": pair}})
    ledger.check(by_name["create_tags"], pair, 201, {"data": {"key": pair}})

    ledger.check(by_name["delete_tags_by_participant"], pair, 200, {})
    ledger.check(by_name["read_tags"], pair, 404, {})
    ledger.check(by_name["read_registration"], pair, 200, {})
    ledger.check(by_name["create_tags"], pair, 201, {"data": {"key": pair}})
    ledger.check(by_name["delete_registration"], pair, 200, {})
    ledger.check(by_name["read_tags"], pair, 404, {})
