"""What real TTPs were asked and what they answered: the driver asks the same, and reads every answer."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from recorder import Recorder
from synergos_client.types import UNSET

from synergos import Node

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "wire"
P, E, R = "test_project", "test_experiment", "test_run"
W1, W2 = "test_participant_1", "test_participant_2"
RUN = {"project_id": P, "expt_id": E, "run_id": R}
CRUD_RUN = {"project_id": "crud_project", "expt_id": "crud_expt", "run_id": "crud_run"}
CRUD_EXPT = {"project_id": "crud_project", "expt_id": "crud_expt"}
LAYER = {
    "activation": "sigmoid",
    "is_input": True,
    "l_type": "Linear",
    "structure": {"bias": True, "in_features": 15, "out_features": 1},
}
SECOND_LAYER = {
    "activation": "sigmoid",
    "is_input": False,
    "l_type": "Linear",
    "structure": {"bias": False, "in_features": 1, "out_features": 1},
}
# What the driver sends beyond what was sent then: fields of the contract at their defaults.
CONDENSED = {"is_condensed": True}
DETAILED = {"verbose": True, "log_msgs": True}
# The recorder has one answer for all, and no list of what else there is.
FORCE = {"force": True}


class Call(NamedTuple):
    """The call that makes a recorded request, and what the driver adds to its body."""

    verb: str
    arguments: dict[str, Any]
    added: Mapping[str, Any] = MappingProxyType({})


def pair(project_id: str, participant_id: str, **more: Any) -> dict[str, Any]:
    return {"project_id": project_id, "participant_id": participant_id, **more}


def worker(participant_id: str, number: int, talks: bool = True) -> dict[str, Any]:
    address = {"host": f"127.0.0.{number}", "port": 8020, "f_port": 15001}
    return {"participant_id": participant_id, **address, "log_msgs": talks, "verbose": talks}


CALLS = {
    "002-projects.create": Call(
        "projects.create",
        {"project_id": P, "action": "classify", "incentives": {"tier_1": [], "tier_2": [], "tier_3": []}},
    ),
    "004-experiments.create": Call("experiments.create", {"project_id": P, "expt_id": E, "model": [LAYER]}),
    "006-runs.create": Call(
        "runs.create",
        {**RUN, "rounds": 2, "epochs": 1, "base_lr": 0.0005, "max_lr": 0.005, "criterion": "NLLLoss"},
        CONDENSED,
    ),
    "008-participants.create-1": Call("participants.create", worker(W1, 2)),
    "010-participants.create-2": Call("participants.create", worker(W2, 3)),
    "011-registrations.create-1": Call("registrations.create", pair(P, W1, role="guest")),
    "012-registrations.create-2": Call("registrations.create", pair(P, W2, role="host")),
    "013-tags.create-1": Call("tags.create", pair(P, W1, train=[["non_iid_1"]], evaluate=[["iid_1"]])),
    "014-tags.create-2": Call("tags.create", pair(P, W2, train=[["non_iid_2"]])),
    "016-alignments.create": Call("alignments.create", {"project_id": P}),
    "018-alignments.read": Call("alignments.read", {"project_id": P}),
    "019-experiments.read-after-alignment": Call("experiments.read", {"project_id": P, "expt_id": E}),
    "020-models.create": Call("models.create", RUN),
    "021-models.read-run": Call("models.read", RUN),
    "022-models.read-expt": Call("models.read", {"project_id": P, "expt_id": E}),
    "024-models.read-project": Call("models.read", {"project_id": P}),
    "025-validations.create": Call("validations.create", RUN),
    "026-validations.read-participant": Call("validations.read", {**RUN, "participant_id": W1}),
    "027-validations.read-run": Call("validations.read", RUN),
    "028-validations.read-expt": Call("validations.read", {"project_id": P, "expt_id": E}),
    "030-validations.read-project": Call("validations.read", {"project_id": P}),
    "031-predictions.create": Call(
        "predictions.create", {"tags": {P: [["iid_1"]]}, "participant_id": W1, **RUN}, DETAILED
    ),
    "032-predictions.read-run": Call("predictions.read", {"participant_id": W1, **RUN}),
    "033-predictions.read-expt": Call("predictions.read", {"participant_id": W1, "project_id": P, "expt_id": E}),
    "034-predictions.read-project": Call("predictions.read", {"participant_id": W1, "project_id": P}),
    "036-predictions.read-participant": Call("predictions.read", {"participant_id": W1}),
    "037-projects.read-final": Call("projects.read", {"project_id": P}),
    "038-experiments.read-final": Call("experiments.read", {"project_id": P, "expt_id": E}),
    "039-runs.read-final": Call("runs.read", RUN),
    "040-participants.read-final": Call("participants.read", {"participant_id": W1}),
    "041-registrations.read-final": Call("registrations.read", pair(P, W1)),
    "042-tags.read-final": Call("tags.read", pair(P, W1)),
    "101-projects.read_all-empty": Call("projects.read_all", {}),
    "103-projects.create": Call(
        "projects.create",
        {"project_id": "crud_project", "action": "classify", "incentives": {"tier_1": [], "tier_2": ["a"]}},
    ),
    "105-experiments.read_all-empty": Call("experiments.read_all", {"project_id": "crud_project"}),
    "107-experiments.create": Call("experiments.create", {**CRUD_EXPT, "model": [LAYER]}),
    "109-runs.read_all-empty": Call("runs.read_all", CRUD_EXPT),
    "111-runs.create-defaults": Call("runs.create", CRUD_RUN, CONDENSED),
    "113-runs.create-full": Call(
        "runs.create",
        {
            **CRUD_RUN,
            "run_id": "crud_run2",
            "algorithm": "FedProx",
            "batch_size": 32,
            "rounds": 2,
            "epochs": 1,
            "lr": 0.001,
            "weight_decay": 0.001,
            "lr_decay": 0.001,
            "mu": 0.001,
            "l1_lambda": 0.001,
            "l2_lambda": 0.001,
            "optimizer": "SGD",
            "criterion": "NLLLoss",
            "lr_scheduler": "CyclicLR",
            "delta": 0.001,
            "patience": 10,
            "seed": 100,
            "is_snn": False,
            "precision_fractional": 7,
            "base_lr": 0.0001,
            "max_lr": 0.001,
        },
        CONDENSED,
    ),
    "115-participants.read_all-empty": Call("participants.read_all", {}),
    "117-participants.create-1": Call("participants.create", worker("crud_p1", 2)),
    "119-participants.create-2": Call("participants.create", worker("crud_p2", 3, talks=False)),
    "120-registrations.read_all-project-empty": Call("registrations.read_all", {"project_id": "crud_project"}),
    "121-registrations.create-1": Call("registrations.create", pair("crud_project", "crud_p1", role="guest")),
    "122-registrations.create-2": Call("registrations.create", pair("crud_project", "crud_p2", role="host")),
    "123-tags.create-1": Call(
        "tags.create", pair("crud_project", "crud_p1", train=[["a", "b"], ["c"]], evaluate=[["iid_1"]])
    ),
    "124-tags.create-2-driver-defaults": Call("tags.create", pair("crud_project", "crud_p2", train=[["non_iid_2"]])),
    "126-projects.read_all": Call("projects.read_all", {}),
    "127-projects.read": Call("projects.read", {"project_id": "crud_project"}),
    "129-experiments.read_all": Call("experiments.read_all", {"project_id": "crud_project"}),
    "130-experiments.read": Call("experiments.read", CRUD_EXPT),
    "132-runs.read_all": Call("runs.read_all", CRUD_EXPT),
    "133-runs.read": Call("runs.read", CRUD_RUN),
    "135-participants.read_all": Call("participants.read_all", {}),
    "136-participants.read": Call("participants.read", {"participant_id": "crud_p1"}),
    "137-registrations.read_all-project": Call("registrations.read_all", {"project_id": "crud_project"}),
    "138-registrations.read_all-participant": Call("registrations.read_all", {"participant_id": "crud_p1"}),
    "139-registrations.read": Call("registrations.read", pair("crud_project", "crud_p1")),
    "140-tags.read": Call("tags.read", pair("crud_project", "crud_p1")),
    "141-projects.update": Call(
        "projects.update", {"project_id": "crud_project", "incentives": {"tier_1": ["worker_1"]}}
    ),
    "142-experiments.update": Call("experiments.update", {**CRUD_EXPT, "model": [LAYER, SECOND_LAYER]}),
    "143-runs.update": Call("runs.update", {**CRUD_RUN, "rounds": 20, "lr": 0.009}),
    "144-participants.update": Call(
        "participants.update", {"participant_id": "crud_p1", "port": 8021, "verbose": False}
    ),
    "145-registrations.update": Call("registrations.update", pair("crud_project", "crud_p1", role="arbiter")),
    "146-tags.update": Call("tags.update", pair("crud_project", "crud_p1", predict=[["iid_1"]])),
    "147-tags.delete": Call("tags.delete", pair("crud_project", "crud_p2")),
    "148-registrations.delete": Call("registrations.delete", pair("crud_project", "crud_p2")),
    "149-runs.delete": Call("runs.delete", {**CRUD_RUN, **FORCE}),
    "150-experiments.delete": Call("experiments.delete", {**CRUD_EXPT, **FORCE}),
    "151-participants.delete": Call("participants.delete", {"participant_id": "crud_p2"}),
    "152-projects.delete": Call("projects.delete", {"project_id": "crud_project", **FORCE}),
    "153-participants.delete-1": Call("participants.delete", {"participant_id": "crud_p1"}),
    "155-projects.read_all-final": Call("projects.read_all", {}),
}

CYCLE = {"collab_id": "test_collaboration", "project_id": "test_project"}
CYCLE_RUN = {**CYCLE, "expt_id": E, "run_id": R}
DC, DP = {"collab_id": "dc"}, {"collab_id": "dc", "project_id": "dp"}
DE, DR, DREG = {**DP, "expt_id": "de"}, {**DP, "expt_id": "de", "run_id": "dr"}, {**DP, "participant_id": "dpart"}
TIERS = {"tier_1": [], "tier_2": []}
QUIET = {"dockerised": False, "verbose": False, "log_msgs": False}


def component(host: str, main: int, ui: int, **more: Any) -> dict[str, Any]:
    return {"host": host, "ports": {"main": main, "ui": ui, **more}, "secure": host == "10.0.0.2"}


LOGS = component("10.0.0.2", 9000, 9000, sysmetrics=9100, director=9200, ttp=9300, worker=9400)
COMPONENTS = {
    "catalogue": component("10.0.0.1", 1, 2),
    "logs": LOGS,
    "meter": component("10.0.0.3", 3, 4),
    "mlops": component("10.0.0.4", 5, 6),
    "mq": component("10.0.0.5", 5672, 15672),
}


def node(host: str, port: int = 8020, f_port: int = 5000, talks: bool = False) -> Node:
    return Node(host, port, f_port, talks, talks)


# Of the generation v8. The first Synergos sent more: a project's collaboration in its body, nulls of a profile.
IN_COLLABS = {
    "001-cycle_collab_create": Call("collaborations.create", {"collab_id": "test_collaboration"}),
    "002-cycle_project_create": Call("projects.create", {**CYCLE, "action": "regress", "incentives": TIERS}),
    "003-cycle_experiment_create": Call(
        "experiments.create",
        {
            **CYCLE,
            "expt_id": E,
            "model": [{**LAYER, "activation": "", "structure": {"bias": True, "in_features": 28, "out_features": 1}}],
        },
    ),
    "004-cycle_run_create": Call(
        "runs.create",
        {**CYCLE_RUN, "rounds": 2, "epochs": 1, "base_lr": 0.0005, "max_lr": 0.005, "criterion": "MSELoss"},
        CONDENSED,
    ),
    "005-cycle_participant_create_1": Call("participants.create", {"participant_id": "worker_1"}),
    "008-cycle_registration_create_1": Call(
        "registrations.create",
        {
            **CYCLE,
            "participant_id": "worker_1",
            "role": "host",
            "nodes": [node("127.0.0.1", 18811, 18801, talks=True)],
        },
    ),
    "011-cycle_tags_create_1": Call(
        "tags.create", {**CYCLE, "participant_id": "worker_1", "train": [["train"]], "evaluate": [["evaluate"]]}
    ),
    "013-cycle_project_read": Call("projects.read", CYCLE),
    "014-cycle_registrations_read_all": Call("registrations.read_all", CYCLE),
    "015-cycle_alignment_create": Call("alignments.create", CYCLE),
    "016-cycle_alignment_read": Call("alignments.read", CYCLE),
    "018-cycle_model_create": Call("models.create", {**CYCLE_RUN, **QUIET, "log_msgs": True}),
    "019-cycle_model_read": Call("models.read", CYCLE_RUN),
    "020-cycle_validation_create": Call("validations.create", {**CYCLE_RUN, **QUIET}),
    "022-cycle_prediction_create": Call(
        "predictions.create", {"tags": {P: [["predict"]]}, "participant_id": "worker_1", **CYCLE_RUN, **QUIET}
    ),
    "023-cycle_prediction_read": Call("predictions.read", {"participant_id": "worker_1", **CYCLE_RUN}),
    "026-cycle_collab_read_all_end": Call("collaborations.read_all", {}),
    "527-driver_collab_create_configured": Call("collaborations.create", {**DC, **COMPONENTS}),
    "529-driver_collab_read": Call("collaborations.read", DC),
    "530-driver_collab_update": Call(
        "collaborations.update", {**DC, "mlops": component("222.222.222.222", 9876, 9877)}
    ),
    "533-driver_project_read_all": Call("projects.read_all", DC),
    "535-driver_project_update": Call("projects.update", {**DP, "action": "regress"}),
    "537-driver_expt_read_all": Call("experiments.read_all", DP),
    "538-driver_expt_read": Call("experiments.read", DE),
    "541-driver_run_read_all": Call("runs.read_all", DE),
    "542-driver_run_read": Call("runs.read", DR),
    "543-driver_run_update": Call("runs.update", {**DR, "rounds": 5}),
    "544-driver_participant_create": Call(
        "participants.create",
        {
            "participant_id": "dpart",
            "category": ["a"],
            "summary": "sum",
            "phone": "123",
            "email": "x@y",
            "socials": {"linkedin": "l"},
        },
    ),
    "547-driver_participant_update": Call("participants.update", {"participant_id": "dpart", "summary": "new"}),
    "550-driver_reg_create": Call(
        "registrations.create", {**DREG, "role": "host", "nodes": [node("1.1.1.1"), node("2.2.2.2")]}
    ),
    "554-driver_reg_read": Call("registrations.read", DREG),
    "556-driver_reg_read_all_collab": Call("registrations.read_all", DC),
    "557-driver_reg_read_all_participant": Call("registrations.read_all", {"participant_id": "dpart"}),
    "559-driver_reg_update": Call("registrations.update", {**DREG, "role": "arbiter"}),
    "561-driver_tag_read": Call("tags.read", DREG),
    "562-driver_tag_update": Call("tags.update", {**DREG, "train": [["z"]]}),
    "563-driver_tag_delete": Call("tags.delete", DREG),
    "564-driver_reg_delete": Call("registrations.delete", DREG),
    "566-driver_run_delete": Call("runs.delete", {**DR, **FORCE}),
    "567-driver_expt_delete": Call("experiments.delete", {**DE, **FORCE}),
    "568-driver_project_delete": Call("projects.delete", {**DP, **FORCE}),
    "569-driver_collab_delete": Call("collaborations.delete", DC),
}
ALL = {
    **{f"v4/{name}": call for name, call in CALLS.items()},
    **{f"v8/{name}": call for name, call in IN_COLLABS.items()},
}

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the recordings are not here")


def recording(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def test_every_recorded_exchange_has_its_call() -> None:
    assert set(CALLS) == {path.stem for path in FOLDER.glob("v4/[0-9]*.json")}


@pytest.mark.parametrize("name", ALL)
def test_the_driver_sends_what_was_recorded(name: str, recorder: Recorder) -> None:
    recorded, call = recording(name), ALL[name]
    answer = recorded["response"]
    recorder.respond(answer["status"], content=json.dumps(answer["body"]))

    recorder.call(call.verb, call.arguments)

    # Before it registers or deletes, the driver looks; after it has registered, it sends the tags again.
    (sent,) = [one for one in recorder.sent if one[:2] == (recorded["request"]["method"], recorded["request"]["path"])]
    assert all(one.method == "GET" for one in recorder.sent if one != sent and not one.path.endswith("/tags"))
    if sent.body is None:
        return
    body = {key: value for key, value in recorded["request"]["body"].items() if value is not None}
    if call.verb == "projects.create":
        body.pop("collab_id", None)
    assert sent.body == {**body, **call.added}
    assert not call.added.keys() & body.keys()


@pytest.mark.parametrize("name", ALL)
def test_the_driver_reads_what_was_answered(name: str, recorder: Recorder) -> None:
    answer = recording(name)["response"]
    recorder.respond(answer["status"], content=json.dumps(answer["body"]))

    reply = recorder.call(ALL[name].verb, ALL[name].arguments)

    assert reply == answer["body"]
    assert reply.status == answer["status"]
    records = reply.data if isinstance(reply.data, list) else [reply.data]
    answered = reply["data"] if isinstance(reply["data"], list) else [reply["data"]]
    assert len(records) == len(answered)
    for record, raw in zip(records, answered, strict=True):
        assert record.kind == raw["kind"]
        # In typed data, keys always name the collaboration, relations are the record's own, and times are times.
        made = record.to_dict()
        others = ("key", "relations", "created_at")
        assert {key: value for key, value in made.items() if key not in others} == {
            key: value for key, value in raw.items() if key not in others
        }
        assert isinstance(record.created_at, datetime) == ("created_at" in raw)
        assert raw["key"].items() <= made["key"].items()
        assert record.key is not UNSET
