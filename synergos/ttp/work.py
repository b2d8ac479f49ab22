"""Phases 2 and 3 of the sandbox: what the participants do, and the records of what came of it."""

import contextlib
import hashlib
import json
import logging
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from synergos.learning import data_report
from synergos.learning.alignment import Alignment, fit_layers
from synergos.learning.errors import Cancelled, Rejected, SandboxError
from synergos.learning.network import Layer
from synergos.learning.party import Evaluation, Participant
from synergos.learning.statistics import Statistics
from synergos.learning.tables import TableReport
from synergos.learning.task import State
from synergos.manifest import MANIFEST
from synergos.search.score import mean_score
from synergos.ttp import search, training
from synergos.ttp.alignments import align, look
from synergos.ttp.checkpoint import Checkpoint
from synergos.ttp.errors import Conflict, Missing
from synergos.ttp.jobs import Jobs
from synergos.ttp.outputs import Outputs
from synergos.ttp.parties import Crew, Parties
from synergos.ttp.records import KINDS, Ids, Records, named
from synergos.ttp.rounds import RoundReport
from synergos.ttp.store import Record
from synergos.ttp.training import keep_report

logger = logging.getLogger("synergos.sandbox")


_BASIS = ("Project", "Experiment", "Run")
# How often an alignment begins anew when it finds the project changed.
_TRIES = 5


class Progress(NamedTuple):
    """One round of a training: which run, and how far it is."""

    project_id: str
    expt_id: str
    run_id: str
    round: RoundReport


class Basis(NamedTuple):
    """What a result is made of."""

    project: Record
    experiment: Record
    run: Record
    header: Record

    @property
    def action(self) -> str:
        """What the project does."""
        return _action(self.project)

    @property
    def layers(self) -> list[Layer]:
        """The layers of the experiment."""
        layers: list[Layer] | None = self.experiment.fields.get("model")
        if not isinstance(layers, list):
            raise Rejected(f"{named(self.experiment.key)} has no layers: update it with its `model`.")
        return layers

    @property
    def alignment(self) -> Alignment:
        """What the participants agreed on."""
        return Alignment.from_dict(self.header.fields)

    def prints(self) -> dict[str, str]:
        """What tells a model's basis from any other: of each part, a text that is another when the part is."""
        parts = {"run": [self.run.doc_id, self.run.fields], "layers": self.layers, "alignment": self.header.fields}
        parts["action"] = self.action
        return {
            name: hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest() for name, part in parts.items()
        }


class Work:
    """The participants at work. Each method yields the records of what is done, as it is done."""

    def __init__(
        self,
        records: Records,
        parties: Parties,
        outputs: Path,
        jobs: Jobs,
        on_round: Callable[[Progress], None] | None,
    ) -> None:
        self._jobs = jobs
        self._records = records
        self._store = records.store
        self._parties = parties
        self.outputs = Outputs(outputs)
        self._on_round = on_round
        self._bring_up_to_date()
        self._clear()

    def align(self, ids: Ids, body: Mapping[str, Any]) -> Iterator[Record]:
        """Align a project's participants, and fit its experiments to their data unless `auto_fix` is off."""
        is_fitting = body.get("auto_fix", True)
        for _ in range(_TRIES):
            project, participants = self._records.require(KINDS["Project"], ids), self._participants(ids)
            action = _action(project)
            read: list[TableReport] = []
            try:
                with self._crew() as crew:
                    alignment = align(crew, action, participants, self._everyone(), read.extend)
            finally:
                report = data_report.summarize(read, action)
                report.warn()
            experiments = self._experiments(project) if is_fitting else []
            fitted = [fitted for one in experiments if (fitted := _fitted(one, alignment, action))]
            with self._store.transaction():
                now = self._require_made_once(project)
                is_same = (_action(now), self._participants(ids)) == (action, participants)
                if is_same and (not is_fitting or self._experiments(project) == experiments):
                    keep_report(report, self.outputs.of(project.key))
                    return iter(self._keep_alignment(project, alignment, fitted))
        raise Conflict(f"{named(project.key)} was changed again and again while it was aligned: align it again.")

    def report(self, ids: Ids) -> dict[str, Any]:
        """Read a project's data as an alignment would, and report what was read; nothing is kept."""
        project = self._records.require(KINDS["Project"], ids)
        participants = self._participants(ids)
        with self._crew() as crew:
            roll = crew.roll_call([one.participant_id for one in participants])
            if any(one.level == "error" for one in roll):
                # Who is not there is not waited for: it is what there is to report.
                return data_report.DataReport([], [], roll).as_data()
            report = look(crew, _action(project), participants, self._everyone())
        return replace(report, findings=[*roll, *report.findings]).as_data()

    def train(self, ids: Ids, body: Mapping[str, Any]) -> Iterator[Record]:
        """Train the runs below the ids, or go on with those that were begun and not ended."""
        with self._crew() as crew:
            for run in self.runs(ids):
                is_resumed = body.get("resume", False)
                yield (self._done(run) if is_resumed else None) or self._train(crew, run, resume=is_resumed)

    def validate(self, ids: Ids, _: object) -> Iterator[Record]:
        """Validate the runs below the ids on the data with `evaluate` tags."""
        participants = self._participants(ids)
        if "participant_id" in ids:
            self._records.require(KINDS["Registration"], ids)
            participants = [one for one in participants if one.participant_id == ids["participant_id"]]
        with self._crew() as crew:
            for run in self.runs(ids):
                yield from self._validate(crew, run, participants)

    def predict(self, ids: Ids, body: Mapping[str, Any]) -> Iterator[Record]:
        """Predict with the runs below the ids, on the data of the body's tags, which stay with the participant."""
        self._records.require(KINDS["Participant"], ids)
        tags = body["tags"]
        if "project_id" in ids and ids["project_id"] not in tags:
            raise Rejected(f"tags: there are none for the project {ids['project_id']!r}, only for {', '.join(tags)}.")
        for project_id in tags:
            self._records.require(KINDS["Tag"], {**ids, "project_id": project_id})
        wanted = [ids["project_id"]] if "project_id" in ids else list(tags)
        participants = {
            project_id: Participant(ids["participant_id"], predict=tags[project_id]) for project_id in wanted
        }
        runs = [run for project_id in wanted for run in self.runs({**ids, "project_id": project_id})]
        with self._crew() as crew:
            for run in runs:
                yield self._evaluate(crew, run, participants[run.key["project_id"]], "predict")

    def optimize(self, ids: Ids, body: Mapping[str, Any]) -> Iterator[Record]:
        """Search the hyperparameters of an experiment; every trial leaves its run, its model and its validations.

        A trial that cannot be trained leaves neither, for the runs of an experiment are also trained together; `trials`
        tells of it.
        """
        project = self._records.require(KINDS["Project"], ids)
        experiment = self._records.require(KINDS["Experiment"], ids)
        self._alignment(project.key)
        self._trainers(project)
        everyone = self._participants(project.key)
        search.check_space(body["search_space"])
        study = search.Study(body, is_classification=_action(project) == "classify")
        about = {"search": uuid.uuid4().hex, "metric": study.metric, "optimize_mode": body["optimize_mode"]}
        own: list[Record] = []

        def try_out(drawn: Mapping[str, object], is_hopeless: Callable[[int, float], bool]) -> list[Statistics]:
            fields = {name: value for name, value in drawn.items() if value is not None}
            key = {**experiment.key, "run_id": f"{search.TRIAL}{uuid.uuid4().hex}"}
            ended_at: list[int] = []

            def is_over(done: RoundReport) -> bool:
                is_last = done.stopped or done.number == done.rounds
                score = None if is_last else mean_score(judge(done.weights()), study.metric)
                if score is not None and is_hopeless(done.number, score):
                    ended_at.append(done.number)
                return bool(ended_at)

            def note(state: str, **more: object) -> None:
                with self._store.transaction():
                    self._records.require_same(experiment)
                    self._store.put("Trial", key, {**about, "state": state, "hyperparameters": fields, **more})
                    self._store.delete(["Unfinished"], key)

            try:
                search.check_run(fields)
                with self._store.transaction():
                    self._records.require_same(experiment)
                    run, _ = self._store.put_all([("Run", key, fields), ("Unfinished", key, {})])
                if study.ends_early:
                    judge = self._judge(crew, run, everyone)
                self._train(crew, run, is_over if study.ends_early else None)
                found = list(self._validate(crew, run, everyone))
                statistics = [validation.fields["evaluate"]["statistics"] for validation in found]
                end = {"state": "pruned", "rounds": ended_at[0]} if ended_at else {"state": "done"}
                note(**end, score=mean_score(statistics, study.metric))
            except BaseException as error:
                self._records.delete(KINDS["Run"], key)
                self.outputs.remove(self.outputs.of(key))
                if isinstance(error, SandboxError) and search.is_trials_own(error):
                    note("failed", message=error.message)
                raise
            own.extend(found)
            return statistics

        cancelled = self._jobs.cancelled
        with self._crew() as crew:
            study.run(try_out, cancelled)
        if cancelled.is_set():
            raise Cancelled("the search was cancelled")
        return iter(own)

    def trials(self, ids: Ids) -> list[Record]:
        """The validations of the trials of an experiment."""
        found = self._store.find("Validation", ids)
        return [record for record in found if record.key["run_id"].startswith(search.TRIAL)]

    def tried(self, ids: Ids) -> list[dict[str, Any]]:
        """What the trials of an experiment were, those that failed too, in the order in which they were made."""
        return [{"key": record.key, **record.fields} for record in self._store.find("Trial", ids)]

    def _crew(self) -> AbstractContextManager[Crew]:
        return self._parties.open(self._jobs.cancelled)

    def losses(self, ids: Ids) -> Iterator[dict[str, Any]]:
        """How the losses of the models below the ids went, one by one."""
        self._require_named(ids)
        return self._losses(ids)

    def _losses(self, ids: Ids) -> Iterator[dict[str, Any]]:
        for model in self._store.find("Model", ids):
            for name, about in model.fields.items():
                history = _history(about["loss_history"])
                losses = history if name == "global" else {"train": history}
                yield {"key": dict(model.key), "origin": about["origin"], **_by_round(losses)}

    def manifests(self, ids: Ids) -> Iterator[dict[str, Any]]:
        """What the models below the ids were made of, one by one."""
        self._require_named(ids)
        return self._manifests(ids)

    def _manifests(self, ids: Ids) -> Iterator[dict[str, Any]]:
        for origin in self._store.find("Origin", ids):
            # What an older store was trained with has none, nor has what is replaced at this moment.
            with contextlib.suppress(FileNotFoundError):
                yield json.loads((self.outputs.of_result(origin) / MANIFEST).read_bytes())

    def _experiments(self, project: Record) -> list[Record]:
        return self._store.find("Experiment", project.key)

    def runs(self, ids: Ids) -> list[Record]:
        """The runs below the ids, each of which has to be there."""
        scope = _only(ids, "collab_id", "project_id", "expt_id", "run_id")
        self._require_named(scope)
        runs = self._store.find("Run", scope)
        if not runs:
            raise Missing(f"There are no runs yet for {named(scope)}.")
        return runs

    def _require_named(self, ids: Ids) -> None:
        """See that the project, the experiment and the run are there that ids name."""
        for name in ("Project", "Experiment", "Run"):
            if KINDS[name].key[-1] in ids:
                self._records.require(KINDS[name], ids)

    def _train(
        self,
        crew: Crew,
        run: Record,
        is_over: Callable[[RoundReport], bool] | None = None,
        *,
        resume: bool = False,
    ) -> Record:
        basis = self._basis(run)
        participants = self._trainers(basis.project)
        checkpoint = self._begin(basis, participants, resume=resume)

        def report(done: RoundReport) -> bool:
            self._jobs.report(run.key, done)
            if self._on_round is not None:
                self._on_round(Progress(run.key["project_id"], run.key["expt_id"], run.key["run_id"], done))
            return is_over is not None and is_over(done)

        logger.info("training %s", named(run.key))
        with self._going_on(basis, checkpoint), self._results(basis) as folder:
            trained = training.train(
                crew,
                outputs=folder,
                action=basis.action,
                model=basis.layers,
                run=basis.run.fields,
                participants=participants,
                alignment=basis.alignment,
                strangers=self._everyone(),
                on_round=report,
                checkpoint=checkpoint,
                key=run.key,
            )
            with self._store.transaction():
                self._require_same(basis)
                self._require_same_tags(basis.project, participants)
                before = self._store.get("Origin", run.key)
                self._store.put("Origin", run.key, {"folder": folder.name, **basis.prints()}, replaces=True)
                model = self._store.put("Model", run.key, trained, replaces=True)
                self._store.delete(["Begun"], run.key)
        self.outputs.replaced(before)
        return model

    def _done(self, run: Record) -> Record | None:
        """The model of a run, when nothing is to be gone on with: it was trained to its end with what is there now."""
        basis = self._basis(run)
        origin, begun = self._store.get("Origin", run.key), self._store.get("Begun", run.key)
        is_same = origin is not None and all(origin.fields.get(name) == part for name, part in basis.prints().items())
        return self._store.get("Model", run.key) if is_same and begun is None else None

    def _begin(self, basis: Basis, participants: list[Participant], *, resume: bool) -> Checkpoint:
        """Say of what a training is made, so that it can be gone on with; without resume it is a new one.

        Raises:
            Conflict: When the one to be gone on with is made of something else than what is there now.
        """
        key, path = basis.run.key, self.outputs.checkpoint(basis.run.key)
        tags = json.dumps([asdict(replace(one, predict=())) for one in participants], sort_keys=True)
        parts = {**basis.prints(), "tags": hashlib.sha256(tags.encode()).hexdigest()}
        begun = self._store.get("Begun", key)
        if resume and begun is not None and path.is_file():
            changed = [name for name, part in parts.items() if begun.fields.get(name) != part]
            if changed:
                raise Conflict(
                    f"Since the training of {named(key)} was begun, its {' and its '.join(changed)} changed: "
                    "train it without resume."
                )
            return Checkpoint(path)
        path.unlink(missing_ok=True)
        with self._store.transaction():
            self._require_same(basis)
            self._store.put("Begun", key, parts, replaces=True)
        return Checkpoint(path)

    @contextlib.contextmanager
    def _going_on(self, basis: Basis, checkpoint: Checkpoint) -> Iterator[None]:
        """Keep a checkpoint until the training ends, after an error too, unless what it is of is gone."""
        try:
            yield
        except BaseException:
            if self._store.get("Begun", basis.run.key) is None:
                self.outputs.remove(checkpoint.path)
            raise
        checkpoint.remove()

    def _judge(self, crew: Crew, run: Record, participants: list[Participant]) -> Callable[[State], list[Statistics]]:
        basis = self._basis(run)
        return training.judge(
            crew,
            action=basis.action,
            model=basis.layers,
            run=basis.run.fields,
            participants=participants,
            alignment=basis.alignment,
            strangers=self._everyone(),
        )

    def _validate(self, crew: Crew, run: Record, participants: list[Participant]) -> Iterator[Record]:
        for participant in participants:
            if participant.evaluate:
                yield self._evaluate(crew, run, participant, "evaluate")

    def _evaluate(
        self, crew: Crew, run: Record, participant: Participant, meta: Literal["evaluate", "predict"]
    ) -> Record:
        basis = self._basis(run)
        origin = self._origin(basis)
        kind = "Validation" if meta == "evaluate" else "Prediction"
        key = {**run.key, "participant_id": participant.participant_id}
        tags = self._records.require(KINDS["Tag"], key)
        found = Evaluation({}, None)
        with self._results(basis) as folder:
            if origin is not None:
                found = training.evaluate(
                    crew,
                    trained=self.outputs.of_result(origin),
                    folder=self.outputs.below(folder),
                    action=basis.action,
                    model=basis.layers,
                    run=basis.run.fields,
                    participant=participant,
                    alignment=basis.alignment,
                    strangers=self._everyone(),
                    meta=meta,
                )
            with self._store.transaction():
                self._require_same(basis)
                if meta == "predict":
                    self._require_made_once(tags)
                    # Without a model, nobody has seen whether the tags lead anywhere.
                    if origin is not None:
                        self._store.put("Tag", tags.key, {meta: participant.predict})
                else:
                    self._require_same_tags(basis.project, [participant])
                before = self._store.get(kind, key)
                result = self._store.put(kind, key, {meta: asdict(found), "folder": folder.name}, replaces=True)
        self.outputs.replaced(before)
        return result

    @contextlib.contextmanager
    def _results(self, basis: Basis) -> Iterator[Path]:
        """A new folder for what comes of a run. After an error nothing of it is left.

        Raises:
            Missing: When it failed and what it was about is gone.
            Conflict: When it failed and what it was about was changed or made anew.
        """
        folder = self.outputs.new(basis.run.key)
        try:
            yield folder
        except BaseException as error:
            self.outputs.remove(folder)
            if isinstance(error, Exception) and not isinstance(error, Cancelled):
                # It may have failed because its run is gone, and the model with it.
                self._require_same(basis)
            raise

    def _basis(self, run: Record) -> Basis:
        """What a result of a run is made of, as it is now."""
        project, experiment, run = (self._records.require(KINDS[name], run.key) for name in _BASIS)
        return Basis(project, experiment, run, self._alignment(project.key))

    def _origin(self, basis: Basis) -> Record | None:
        """What the model of a run was made of, or None when there is no model.

        Raises:
            Conflict: When it was made of something else than what is there now.
        """
        key = basis.run.key
        origin = self._store.get("Origin", key)
        if self._store.get("Model", key) is None or origin is None:
            return None
        changed = [name for name, part in basis.prints().items() if origin.fields.get(name) != part]
        if changed:
            raise Conflict(f"Since {named(key)} was trained, its {' and its '.join(changed)} changed: train it again.")
        return origin

    def _require_same(self, basis: Basis) -> None:
        """See that what a result was made of is still there, and what it was.

        Raises:
            Missing: When some of it is gone.
            Conflict: When some of it was changed or made anew.
        """
        project = self._require_made_once(basis.project)
        if _action(project) != basis.action:
            raise Conflict(f"{named(project.key)} was given another action meanwhile: align it again.")
        self._records.require_same(basis.experiment, basis.run, basis.header)

    def _require_made_once(self, record: Record) -> Record:
        """A record as it is now. It may have been changed, but it is the same one."""
        now = self._records.require(KINDS[record.kind], record.key)
        if now.doc_id != record.doc_id:
            raise Conflict(f"{record.kind} {named(record.key)} was deleted and made anew meanwhile: do it again.")
        return now

    def _require_same_tags(self, project: Record, participants: Iterable[Participant]) -> None:
        """See that who takes part has not left, and that the data are the same."""
        now = {one.participant_id: one for one in self._participants(project.key)}
        for one in participants:
            key = {**project.key, "participant_id": one.participant_id}
            for name in ("Registration", "Tag"):
                self._records.require(KINDS[name], key)
            if (now[one.participant_id].train, now[one.participant_id].evaluate) != (one.train, one.evaluate):
                raise Conflict(f"The tags of {named(key)} were changed meanwhile: align the project again.")

    def _keep_alignment(
        self, project: Record, alignment: Alignment, fitted: Iterable[tuple[Record, list[Layer]]]
    ) -> list[Record]:
        names = {"features": alignment.features, "classes": alignment.targets}
        kept = self._store.put_all(
            [
                ("Header", project.key, alignment.to_dict()),
                *(("Experiment", one.key, {"model": layers}) for one, layers in fitted),
                *(
                    ("Alignment", {**project.key, "participant_id": name}, {**spacers, **names})
                    for name, spacers in alignment.spacers.items()
                ),
            ]
        )
        return [record for record in kept if record.kind == "Alignment"]

    def _alignment(self, project_key: Ids) -> Record:
        header = self._store.get("Header", project_key)
        if header is None:
            raise Rejected(f"{named(project_key)} is not aligned: create its alignments first.")
        return header

    def _trainers(self, project: Record) -> list[Participant]:
        """Who trains a project."""
        participants = [participant for participant in self._participants(project.key) if participant.train]
        if not any(participant.evaluate for participant in participants):
            raise Rejected("A training needs a participant with `evaluate` tags: set them and align again.")
        return participants

    def _participants(self, ids: Ids) -> list[Participant]:
        scope = _only(ids, "collab_id", "project_id")
        registered = {one.key["participant_id"] for one in self._store.find("Registration", scope)}
        tags = {one.key["participant_id"]: one for one in self._store.find("Tag", scope, complete=True)}
        for name in sorted(tags.keys() - registered):
            logger.warning("%s is passed over: it has tags and is not registered", named(tags[name].key))
        return [_participant(tags[name]) for name in sorted(tags.keys() & registered)]

    def _everyone(self) -> list[str]:
        """All participants of the grid, whether they take part in a project or not."""
        return self._store.names("Participant", {}, "participant_id")

    def _bring_up_to_date(self) -> None:
        """Say of the models of an older store that they were made of what is there now, as was taken for granted."""
        for model in self._store.find("Model", {}, anywhere=True):
            try:
                if self._store.get("Origin", model.key) is not None:
                    continue
                prints = self._basis(model).prints()
            except SandboxError as error:
                logger.warning("The model of %s cannot be used: %s", named(model.key), error.message)
                prints = {}
            self._store.put("Origin", model.key, {"folder": "", **prints})

    def _clear(self) -> None:
        """Remove what a sandbox that was killed left: trials that were not done, and files that no record names."""
        for trial in self._store.find("Unfinished", {}, anywhere=True):
            self._records.delete(KINDS["Run"], trial.key)
        self.outputs.clear(self._store)


def _participant(tags: Record) -> Participant:
    if not isinstance(tags.fields.get("train"), list):
        raise Rejected(f"The tags of {named(tags.key)} are broken, they have no `train`: create them again.")
    return Participant(
        participant_id=tags.key["participant_id"],
        train=tags.fields["train"],
        evaluate=tags.fields.get("evaluate", []),
        predict=tags.fields.get("predict", []),
    )


def _fitted(experiment: Record, alignment: Alignment, action: str) -> tuple[Record, list[Layer]] | None:
    """An experiment with its layers fitted. One whose layers cannot be is named and passed over."""
    try:
        return experiment, fit_layers(experiment.fields["model"], alignment, action)
    except (Rejected, LookupError, TypeError, AttributeError) as error:
        logger.warning("The layers of %s are not fitted: %s", named(experiment.key), error)
        return None


def _action(project: Record) -> str:
    action = project.fields.get("action")
    if action is None:
        raise Rejected(f"{named(project.key)} has no action: update it with 'classify' or 'regress'.")
    return str(action)


def _history(path: str) -> dict[str, Any]:
    """The losses of a model as they are kept; none when the file is gone."""
    try:
        kept: dict[str, Any] = json.loads(Path(path).read_bytes())
    except (OSError, ValueError):
        return {}
    return kept


def _by_round(losses: Mapping[str, Mapping[str, float]]) -> dict[str, list[float | None]]:
    """Losses by the number of the round as lists, with none for a round that has none."""
    rounds = max((int(number) for part in losses.values() for number in part), default=0)
    numbers = [str(number) for number in range(1, rounds + 1)]
    return {"train": [], **{name: [part.get(number) for number in numbers] for name, part in losses.items()}}


def _only(ids: Ids, *names: str) -> Ids:
    return {name: ids[name] for name in names if name in ids}
