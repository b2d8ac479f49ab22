"""What mypy refuses: each line is wrong in the way that is named behind it. It is checked and not run."""

from synergos import Driver, Reply

driver = Driver("localhost", 5000)

# Where the TTP is

# Host and port may be missing, for `url` stands in their place: which of them is, is seen at run time.

Driver("localhost", 5000.0)  # type: ignore[arg-type]
Driver("localhost", 5000, False, 60)  # type: ignore[call-arg,arg-type]
Driver("localhost", 5000, timeout="60")  # type: ignore[arg-type]
Driver("localhost", 5000, errors="ignore")  # type: ignore[arg-type]
Driver("localhost", 5000, secure=True)  # type: ignore[call-arg]

# Verbs that there are not

driver.models.read_all(project_id="p")  # type: ignore[attr-defined]
driver.models.update(project_id="p")  # type: ignore[attr-defined]
driver.models.delete(project_id="p")  # type: ignore[attr-defined]
driver.alignments.update(project_id="p")  # type: ignore[attr-defined]
driver.optimizations.delete(project_id="p", expt_id="e")  # type: ignore[attr-defined]
driver.validations.delete(project_id="p")  # type: ignore[attr-defined]
driver.predictions.update("w")  # type: ignore[attr-defined]
driver.tags.read_all()  # type: ignore[attr-defined]
driver.tasks  # type: ignore[attr-defined]  # noqa: B018

# Values that are not allowed

driver.projects.create(project_id="p", action="cluster")  # type: ignore[arg-type]
driver.projects.create(project_id=7, action="classify")  # type: ignore[arg-type]
driver.projects.create(project_id="p", action="classify", incentives=["tier_1"])  # type: ignore[arg-type]
driver.experiments.create(project_id="p", expt_id="e", model=["Linear"])  # type: ignore[list-item]
driver.runs.create(project_id="p", expt_id="e", run_id="r", rounds=2.5)  # type: ignore[arg-type]
driver.runs.create(project_id="p", expt_id="e", run_id="r", mode="square")  # type: ignore[arg-type]
driver.runs.create(project_id="p", expt_id="e", run_id="r", momentum=None)  # type: ignore[arg-type]
driver.participants.create("w", host="h", port=8020.0, f_port=5000)  # type: ignore[arg-type]
driver.participants.create("w", host="h", port="8020", f_port=5000)  # type: ignore[arg-type]
driver.registrations.create(project_id="p", participant_id="w", role="admin")  # type: ignore[arg-type]
driver.tags.create(project_id="p", participant_id="w", train=[[1]])  # type: ignore[list-item]
driver.models.create(project_id="p", verbose="yes")  # type: ignore[arg-type]
driver.models.create(project_id="p", timeout="60")  # type: ignore[arg-type]
driver.predictions.create([["a"]], "w")  # type: ignore[arg-type]

# Ids that are given by place where they have a name: those that are missing may come from a scope

driver.projects.read("p")  # type: ignore[call-arg]
driver.experiments.delete("p", "e")  # type: ignore[call-arg]
driver.runs.read("p", "e", "r")  # type: ignore[call-arg]
driver.tags.read("p", "w")  # type: ignore[call-arg]
driver.models.create("p")  # type: ignore[call-arg]
driver.validations.read("p")  # type: ignore[call-arg]

# Arguments that there are not, and those that are missing

driver.projects.read(project_id="p", expt_id="e")  # type: ignore[call-arg]
driver.projects.update(project_id="p", key={})  # type: ignore[call-arg]
driver.participants.create("w", host="h", port=1, fport=2)  # type: ignore[call-arg]
driver.registrations.create(project_id="p", participant_id="w")  # type: ignore[call-arg]
driver.projects.create(project_id="p")  # type: ignore[call-arg]
driver.experiments.create(project_id="p", expt_id="e")  # type: ignore[call-arg]
driver.scope(project="p")  # type: ignore[call-arg]
driver.collaborations.create("c", mq={"host": "h", "port": 1})  # type: ignore[arg-type]
driver.tags.create(project_id="p", participant_id="w")  # type: ignore[call-arg]
driver.models.read(project_id="p", timeout=60)  # type: ignore[call-arg]
driver.optimizations.create(project_id="p", expt_id="e", search_space={})  # type: ignore[call-arg]
driver.optimizations.create(
    project_id="p",
    expt_id="e",
    search_space={"lr": 0.1},  # type: ignore[dict-item]
    metric="R2",
    optimize_mode="max",
)

# Jobs

driver.models.submit(project_id="p", timeout=5)  # type: ignore[call-arg]
driver.models.job(project_id="p", verbose=True)  # type: ignore[call-arg]
driver.models.job(project_id="p").state = "done"  # type: ignore[misc]
driver.models.job(project_id="p").result("5")  # type: ignore[arg-type]
driver.projects.submit(project_id="p")  # type: ignore[attr-defined]
driver.train("p")  # type: ignore[call-arg]

# The reply

reply = driver.projects.read(project_id="p")
reply.dat  # type: ignore[attr-defined]  # noqa: B018
reply.data.id  # type: ignore[attr-defined]  # noqa: B018
reply.data = None  # type: ignore[misc,assignment]
driver.projects.read_all().data.key  # type: ignore[attr-defined]  # noqa: B018
other: Reply[int] = reply  # type: ignore[assignment]
