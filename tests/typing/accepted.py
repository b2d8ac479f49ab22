"""What mypy accepts, and what it knows of the replies. It is checked and not run."""

from typing import Any, assert_type

import httpx
from synergos_client.models.alignment import Alignment
from synergos_client.models.experiment import Experiment
from synergos_client.models.model import Model
from synergos_client.models.model_file import ModelFile
from synergos_client.models.participant import Participant
from synergos_client.models.prediction import Prediction
from synergos_client.models.project import Project
from synergos_client.models.registration import Registration
from synergos_client.models.run import Run
from synergos_client.models.statistics import Statistics
from synergos_client.models.tag import Tag
from synergos_client.models.validation import Validation

from synergos import (
    Cycle,
    Driver,
    Finding,
    Job,
    NotFound,
    Picture,
    Reply,
    Report,
    Results,
    RunResult,
    StatusError,
    SynergosError,
    Table,
    Trial,
    Trials,
    space,
)
from synergos.sandbox import Sandbox

# Where the TTP is

Driver("localhost", 5000)
Driver("localhost", "5000", True)
Driver(host="localhost", port=5000, is_secured=False, timeout=0.5, errors="return")
Driver("localhost", 5000, timeout=None, errors=None, transport=httpx.MockTransport(lambda _: httpx.Response(200)))
with Driver("localhost", 5000) as driver:
    assert_type(driver, Driver)
with Sandbox() as ttp:
    assert_type(ttp, Sandbox)
    Driver(ttp.host, ttp.port)

# Before minutes are spent

assert_type(driver.check(project_id="p"), Report)
assert_type(driver.check(project_id="p", expt_id="e", run_id="r", criterion="NLLLoss", reach=True).ok, bool)
assert_type(driver.check(project_id="p").findings, tuple[Finding, ...])

# Phase 1

assert_type(driver.projects.create(project_id="p", action="classify"), Reply[Project])
assert_type(driver.projects.create(project_id="p", action="regress", incentives={"tier": ("w",)}), Reply[Project])
assert_type(driver.projects.read_all(), Reply[list[Project]])
assert_type(driver.projects.read(project_id="p"), Reply[Project])
assert_type(driver.projects.read(project_id="p").data, Project)
assert_type(driver.projects.read(project_id="p").data.key.project_id, str)
assert_type(driver.projects.update(project_id="p", universe_alignment=["x"]), Reply[Project])
assert_type(driver.projects.delete(project_id="p"), Reply[Project])

layer = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4}, "activation": None}
assert_type(driver.experiments.create(project_id="p", expt_id="e", model=[layer]), Reply[Experiment])
assert_type(driver.experiments.create(project_id="p", expt_id="e", model=()), Reply[Experiment])
assert_type(driver.experiments.read_all(project_id="p"), Reply[list[Experiment]])
assert_type(driver.experiments.read(project_id="p", expt_id="e").data.model[0].l_type, str)
assert_type(driver.experiments.update(project_id="p", expt_id="e", model=[layer]), Reply[Experiment])
assert_type(driver.experiments.delete(project_id="p", expt_id="e"), Reply[Experiment])

assert_type(driver.runs.create(project_id="p", expt_id="e", run_id="r"), Reply[Run])
assert_type(
    driver.runs.create(
        project_id="p", expt_id="e", run_id="r", lr=1, reduction="mean", momentum=0.9, betas=(0.9, 0.999), nesterov=True
    ),
    Reply[Run],
)
assert_type(driver.runs.read_all(project_id="p", expt_id="e"), Reply[list[Run]])
assert_type(driver.runs.read(project_id="p", expt_id="e", run_id="r"), Reply[Run])
assert_type(driver.runs.update(project_id="p", expt_id="e", run_id="r", rounds=5, step_size=5), Reply[Run])
assert_type(driver.runs.delete(project_id="p", expt_id="e", run_id="r"), Reply[Run])

assert_type(driver.participants.create("w", host="h", port=1, f_port=2), Reply[Participant])
assert_type(driver.participants.create(participant_id="w", host="h", port=1, f_port=2), Reply[Participant])
assert_type(driver.participants.read_all(), Reply[list[Participant]])
assert_type(driver.participants.read("w").data.id, str)
assert_type(driver.participants.update("w", port=1), Reply[Participant])
assert_type(driver.participants.delete("w"), Reply[Participant])

assert_type(driver.registrations.create(project_id="p", participant_id="w", role="guest"), Reply[Registration])
assert_type(driver.registrations.read_all(project_id="p"), Reply[list[Registration]])
assert_type(driver.registrations.read_all(participant_id="w"), Reply[list[Registration]])
assert_type(driver.registrations.read(project_id="p", participant_id="w"), Reply[Registration])
assert_type(driver.registrations.update(project_id="p", participant_id="w", role="host"), Reply[Registration])
assert_type(driver.registrations.delete(project_id="p", participant_id="w"), Reply[Registration])

assert_type(driver.tags.create(project_id="p", participant_id="w", train=[["a"]]), Reply[Tag])
assert_type(driver.tags.create(project_id="p", participant_id="w", train=(("a",),), evaluate=[("b",)]), Reply[Tag])
assert_type(driver.tags.read(project_id="p", participant_id="w").data.train, list[list[str]])
assert_type(driver.tags.update(project_id="p", participant_id="w", predict=[["a"]]), Reply[Tag])
assert_type(driver.tags.delete(project_id="p", participant_id="w"), Reply[Tag])

# Phase 2

assert_type(driver.alignments.create(project_id="p", timeout=600), Reply[list[Alignment]])
assert_type(driver.alignments.read(project_id="p").data[0].key.participant_id, str)

assert_type(driver.models.create(project_id="p"), Reply[list[Model]])
assert_type(driver.models.create(project_id="p", expt_id="e", run_id="r", verbose=False, timeout=0.5).data, list[Model])
assert_type(driver.models.create(project_id="p", expt_id=None, run_id=None), Reply[list[Model]])
assert_type(driver.models.read(project_id="p", expt_id="e").data[0].global_, ModelFile)

search_space = {"lr": {"_type": "uniform", "_value": [0.001, 0.1]}}
assert_type(
    driver.optimizations.create(
        project_id="p", expt_id="e", search_space=search_space, metric="accuracy", optimize_mode="max"
    ),
    Trials,
)
trials = driver.optimizations.create(
    project_id="p",
    expt_id="e",
    search_space={
        "lr": space.loguniform(0.001, 0.1),
        "batch_size": [16, None],
        "optimizer": ("Adam", "SGD", "Adagrad"),
    },
    fixed={"epochs": 2, "criterion": "NLLLoss"},
    metric="accuracy",
    optimize_mode="max",
)
assert_type(trials.data, list[Validation])
assert_type(trials.best, Trial)
assert_type(trials.trials, list[Trial])
assert_type(driver.optimizations.read(project_id="p", expt_id="e"), Trials)
assert_type(driver.optimizations.read(project_id="p", expt_id="e", metric="R2", optimize_mode="max").best, Trial)

# Phase 3

assert_type(driver.validations.create(project_id="p"), Reply[list[Validation]])
assert_type(
    driver.validations.create(project_id="p", expt_id="e", run_id="r", participant_id="w"), Reply[list[Validation]]
)
assert_type(driver.validations.read(project_id="p").data[0].evaluate.statistics, Statistics)

assert_type(driver.predictions.create({"p": [["a"]]}, "w"), Reply[list[Prediction]])
assert_type(driver.predictions.create({"p": [["a"]]}, "w", "p", "e", "r"), Reply[list[Prediction]])
assert_type(driver.predictions.create(tags={"p": (("a",),)}, participant_id="w", project_id="p").data, list[Prediction])
assert_type(driver.predictions.read("w", "p").data[0].predict.statistics, Statistics)

# Jobs

assert_type(driver.alignments.submit(project_id="p"), Job[list[Alignment]])
assert_type(driver.models.submit(project_id="p"), Job[list[Model]])
assert_type(driver.models.submit(project_id="p").result().data, list[Model])
assert_type(driver.models.submit(project_id="p").wait(timeout=5).result(60, poll=0.5), Reply[list[Model]])
assert_type(driver.validations.submit(project_id="p", verbose=False).result().data, list[Validation])
assert_type(driver.predictions.submit({"p": [["a"]]}, "w").result().data, list[Prediction])
assert_type(
    driver.optimizations.submit(
        project_id="p", expt_id="e", search_space=search_space, metric="accuracy", optimize_mode="max"
    ).result(),
    Trials,
)
assert_type(driver.models.job(project_id="p"), Job[list[Model]])
assert_type(driver.predictions.job("w").exception(), Exception | None)
assert_type(driver.models.create(project_id="p", wait=True).data, list[Model])
assert_type(driver.models.create(project_id="p", wait=600.0), Reply[list[Model]])
some_job: Job[object] = driver.models.job(project_id="p")
assert_type(some_job.cancel(), bool)
assert_type(some_job.elapsed, float)

assert_type(driver.train(project_id="p", expt_id="e", run_id="r", align=False, timeout=3600), Cycle)
assert_type(driver.train(project_id="p").models.data, list[Model])

# Results

assert_type(driver.results(project_id="p"), Results)
assert_type(driver.results(project_id="p").best("f_score"), RunResult)
assert_type(driver.results(project_id="p").best().metric("accuracy"), float | None)
assert_type(driver.results(project_id="p").by("class"), Table)
assert_type(driver.results(project_id="p").plot.losses(), Picture)
assert_type(driver.compare_alone(project_id="p", expt_id="e", run_id="r").alone["biscoe"], RunResult)

# The reply, as a dict and otherwise

reply = driver.projects.read(project_id="p")
assert_type(reply["data"]["key"], Any)
assert_type(reply.status, int)
assert_type(reply.params, dict[str, str])
plain: dict[str, Any] = reply
anything: Reply[object] = reply

# The errors

try:
    driver.projects.read(project_id="p")
except NotFound as error:
    assert_type(error.status, int)
    assert_type(error.ids, dict[str, str])
    found: LookupError = error
    also: StatusError = error
    root: SynergosError = error
