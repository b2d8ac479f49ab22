"""How the ids of a call lead to an operation of the contract, and that no other operation is loaded for it."""

import json
import subprocess
import sys

import pytest

from synergos import InvalidId
from synergos.common.routes import request, routes


@pytest.mark.parametrize(
    ("ids", "url"),
    [
        ({"project_id": "p"}, "/ttp/train/projects/p/models/"),
        ({"project_id": "p", "expt_id": "e"}, "/ttp/train/projects/p/models/e"),
        ({"collab_id": "c", "project_id": "p"}, "/ttp/train/collaborations/c/projects/p/models/"),
    ],
)
def test_the_ids_of_a_call_lead_to_its_operation(ids: dict[str, str], url: str) -> None:
    assert request("models.read", "models", "read", ids) == {"method": "get", "url": url}


@pytest.mark.parametrize(
    ("resource", "verb", "ids", "words"),
    [
        ("models", "read", {}, "project_id is missing: give it"),
        ("models", "read", {"collab_id": "c"}, "collab_id='c' is given without project_id: give that too"),
        ("runs", "read_all", {"project_id": "p"}, "project_id='p' is given without expt_id"),
        ("registrations", "read_all", {"project_id": "p", "participant_id": "w"}, "cannot be given together"),
    ],
)
def test_ids_that_lead_nowhere_are_refused(resource: str, verb: str, ids: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidId, match=rf"^\[x\.y\] .*{words}"):
        request("x.y", resource, verb, ids)


def test_a_verb_that_the_contract_lacks_has_no_routes() -> None:
    assert routes("models", "update") == {}


def test_an_operation_is_imported_when_it_is_first_asked_for() -> None:
    code = """
import json, sys
from synergos import Driver
from synergos.http import MockTransport, Response

data = {"doc_id": "1", "kind": "Run", "key": {"project_id": "p", "expt_id": "e", "run_id": "r"}}
envelope = {"apiVersion": "1", "success": 1, "status": 200, "method": "m", "params": {}, "data": data}
runs = Driver("ttp", 5000, transport=MockTransport(lambda _: Response(200, json=envelope))).runs
loaded = lambda: sorted(name for name in sys.modules if name.startswith("synergos_client.api.runs."))
before = loaded()
runs.read(project_id="p", expt_id="e", run_id="r")
print(json.dumps([before, loaded()]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[], ["synergos_client.api.runs.read_run"]]
