"""Phases 2 and 3 of the sandbox: what the participants do, and the records of what came of it."""

import logging
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from synergos.sandbox import engine, search
from synergos.sandbox.errors import Cancelled, Missing, Rejected, SandboxError
from synergos.sandbox.jobs import Jobs
from synergos.sandbox.records import KINDS, Ids, Records, named
from synergos.sandbox.statistics import Statistics
from synergos.sandbox.store import IDS, Record
from synergos.train.trials import mean_score

logger = logging.getLogger("synergos.sandbox")


class Progress(NamedTuple):
    """One round of a training: which run, and how far it is."""

    project_id: str
    expt_id: str
    run_id: str
    round: engine.RoundReport


class Work:
    """The participants at work. Each method yields the records of what is done, as it is done."""

    def __init__(
        self,
        records: Records,
        data: Path,
        outputs: Path,
        jobs: Jobs,
        on_round: Callable[[Progress], None] | None,
    ) -> None:
        self._jobs = jobs
        self._records = records
        self._store = records.store
        self._data = data
        self._outputs = outputs
        self._on_round = on_round
        for leftover in outputs.rglob(".*.tmp"):
            leftover.unlink()

    def align(self, ids: Ids, body: Mapping[str, Any]) -> Iterator[Record]:
        """Align a project's participants, and fit its experiments to their data unless `auto_fix` is off."""
        project = self._records.require(KINDS["Project"], ids)
        action = _action(project)
        alignment = engine.align(self._data, action, self._participants(ids))
        # It may have been deleted in the meantime.
        self._records.require(KINDS["Project"], ids)
        experiments = self._store.find("Experiment", project.key) if body.get("auto_fix", True) else []
        fitted = [engine.fit_layers(experiment.fields["model"], alignment, action) for experiment in experiments]
        kept = self._store.put_all(
            [
                ("Header", project.key, alignment.to_dict()),
                *(("Experiment", one.key, {"model": model}) for one, model in zip(experiments, fitted, strict=True)),
                *(
                    ("Alignment", {**project.key, "participant_id": name}, spacers)
                    for name, spacers in alignment.spacers.items()
                ),
            ]
        )
        return (record for record in kept if record.kind == "Alignment")

    def train(self, ids: Ids, _: object) -> Iterator[Record]:
        """Train the runs below the ids."""
        project, runs = self._records.require(KINDS["Project"], ids), self.runs(ids)
        crew = self._crew(project)
        for run in runs:
            yield self._train(project, run, *crew)

    def validate(self, ids: Ids, _: object) -> Iterator[Record]:
        """Validate the runs below the ids on the data with `evaluate` tags."""
        project = self._records.require(KINDS["Project"], ids)
        participants = self._participants(ids)
        if "participant_id" in ids:
            self._records.require(KINDS["Registration"], ids)
            participants = [one for one in participants if one.participant_id == ids["participant_id"]]
        for run in self.runs(ids):
            yield from self._validate(project, run, participants)

    def predict(self, ids: Ids, body: Mapping[str, Any]) -> Iterator[Record]:
        """Predict with the runs below the ids, on the data of the body's tags, which stay with the participant."""
        self._records.require(KINDS["Participant"], ids)
        tags = body["tags"]
        if "project_id" in ids and ids["project_id"] not in tags:
            raise Rejected(f"tags: there are none for the project {ids['project_id']!r}, only for {', '.join(tags)}.")
        for project_id in tags:
            self._records.require(KINDS["Tag"], {**ids, "project_id": project_id})
        wanted = [ids["project_id"]] if "project_id" in ids else list(tags)
        work = [
            (project, run)
            for project_id in wanted
            for project in [self._records.require(KINDS["Project"], {**ids, "project_id": project_id})]
            for run in self.runs({**ids, "project_id": project_id})
        ]
        for project_id, data_tags in tags.items():
            key = KINDS["Tag"].key_in({**ids, "project_id": project_id})
            self._store.put("Tag", key, {"predict": data_tags})
        for project, run in work:
            everyone = self._participants(project.key)
            (participant,) = (one for one in everyone if one.participant_id == ids["participant_id"])
            yield self._evaluate(project, run, participant, "predict")

    def optimize(self, ids: Ids, body: Mapping[str, Any]) -> Iterator[Record]:
        """Search the hyperparameters of an experiment; every trial leaves its run, its model and its validations.

        A trial that cannot be trained leaves neither, for the runs of an experiment are also trained together; `trials`
        tells of it.
        """
        project = self._records.require(KINDS["Project"], ids)
        experiment = self._records.require(KINDS["Experiment"], ids)
        crew, everyone = self._crew(project), self._participants(project.key)
        search.check_space(body["search_space"])
        study = search.Study(body, is_classification=_action(project) == "classify")
        about = {"search": uuid.uuid4().hex, "metric": study.metric, "optimize_mode": body["optimize_mode"]}
        own: list[Record] = []

        def try_out(drawn: Mapping[str, object], is_hopeless: Callable[[int, float], bool]) -> list[Statistics]:
            fields = {name: value for name, value in drawn.items() if value is not None}
            key = {**experiment.key, "run_id": f"{search.TRIAL}{uuid.uuid4().hex}"}
            ended_at: list[int] = []

            def is_over(number: int, loss: float) -> bool:
                if is_hopeless(number, loss):
                    ended_at.append(number)
                return bool(ended_at)

            def note(state: str, **more: object) -> None:
                self._store.put("Trial", key, {**about, "state": state, "hyperparameters": fields, **more})

            try:
                search.check_run(fields)
                run = self._store.put("Run", key, fields)
                self._train(project, run, *crew, is_over)
                found = list(self._validate(project, run, everyone))
            except SandboxError as error:
                self._records.delete(KINDS["Run"], key)
                self.remove_files(key)
                if search.is_trials_own(error):
                    note("failed", message=error.message)
                raise
            own.extend(found)
            statistics = [validation.fields["evaluate"]["statistics"] for validation in found]
            end = {"state": "pruned", "rounds": ended_at[0]} if ended_at else {"state": "done"}
            note(**end, score=mean_score(statistics, study.metric))
            return statistics

        cancelled = self._jobs.cancelled
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

    def runs(self, ids: Ids) -> list[Record]:
        """The runs below the ids, each of which has to be there."""
        scope = _only(ids, "collab_id", "project_id", "expt_id", "run_id")
        for name in ("Project", "Experiment", "Run"):
            if KINDS[name].key[-1] in scope:
                self._records.require(KINDS[name], scope)
        runs = self._store.find("Run", scope)
        if not runs:
            raise Missing(f"There are no runs yet for {named(scope)}.")
        return runs

    def remove_files(self, key: Mapping[str, str]) -> None:
        """Remove the files of what a key names: a collaboration, a project, an experiment or a run."""
        shutil.rmtree(self._folder(key), ignore_errors=True)

    def _crew(self, project: Record) -> tuple[list[engine.Participant], engine.Alignment]:
        """Who trains a project, and what they agreed on."""
        alignment = self._alignment(project.key)
        participants = [participant for participant in self._participants(project.key) if participant.train]
        if not any(participant.evaluate for participant in participants):
            raise Rejected("A training needs a participant with `evaluate` tags: set them and align again.")
        return participants, alignment

    def _train(
        self,
        project: Record,
        run: Record,
        participants: list[engine.Participant],
        alignment: engine.Alignment,
        is_hopeless: Callable[[int, float], bool] | None = None,
    ) -> Record:
        def report(done: engine.RoundReport) -> bool:
            self._jobs.report(run.key, done)
            if self._on_round is not None:
                self._on_round(Progress(run.key["project_id"], run.key["expt_id"], run.key["run_id"], done))
            loss = done.train_loss if done.evaluate_loss is None else done.evaluate_loss
            return is_hopeless is not None and is_hopeless(done.number, loss)

        logger.info("training %s", named(run.key))
        trained = engine.train(
            data=self._data,
            outputs=self._folder(run.key),
            action=_action(project),
            model=self._records.require(KINDS["Experiment"], run.key).fields["model"],
            run=run.fields,
            participants=participants,
            alignment=alignment,
            on_round=report,
            cancelled=self._jobs.cancelled,
        )
        return self._keep("Model", run, run.key, trained)

    def _validate(self, project: Record, run: Record, participants: list[engine.Participant]) -> Iterator[Record]:
        for participant in participants:
            if participant.evaluate:
                yield self._evaluate(project, run, participant, "evaluate")

    def _evaluate(
        self, project: Record, run: Record, participant: engine.Participant, meta: Literal["evaluate", "predict"]
    ) -> Record:
        found = engine.evaluate(
            data=self._data,
            outputs=self._folder(run.key),
            action=_action(project),
            model=self._records.require(KINDS["Experiment"], run.key).fields["model"],
            run=run.fields,
            participant=participant,
            alignment=self._alignment(project.key),
            meta=meta,
        )
        kind = "Validation" if meta == "evaluate" else "Prediction"
        return self._keep(kind, run, {**run.key, "participant_id": participant.participant_id}, {meta: found})

    def _keep(self, kind: str, run: Record, key: Ids, fields: Mapping[str, Any]) -> Record:
        """Keep what came of a run, in place of what came of it before."""
        result = self._store.put(kind, key, fields, replaces=True)
        try:
            self._records.require(KINDS["Run"], run.key)
        except Missing:
            # It was deleted in the meantime, and its result was not there yet to be deleted with it.
            self._records.delete(KINDS["Run"], run.key)
            self.remove_files(run.key)
            raise
        return result

    def _alignment(self, project_key: Ids) -> engine.Alignment:
        header = self._store.get("Header", project_key)
        if header is None:
            raise Rejected(f"{named(project_key)} is not aligned: create its alignments first.")
        return engine.Alignment.from_dict(header.fields)

    def _participants(self, ids: Ids) -> list[engine.Participant]:
        tags = self._store.find("Tag", _only(ids, "collab_id", "project_id"))
        by_name = {record.key["participant_id"]: record.fields for record in tags}
        return [
            engine.Participant(
                participant_id=name,
                train=by_name[name]["train"],
                evaluate=by_name[name].get("evaluate", []),
                predict=by_name[name].get("predict", []),
            )
            for name in sorted(by_name)
        ]

    def _folder(self, key: Mapping[str, str]) -> Path:
        # No id's own name begins like that of a collaboration: it is never the folder of a project outside of any.
        names = {name: engine.file_name(key[name]) for name in IDS if name in key}
        return self._outputs.joinpath(*(f"@{one}" if name == "collab_id" else one for name, one in names.items()))


def _action(project: Record) -> str:
    action = project.fields.get("action")
    if action is None:
        raise Rejected(f"{named(project.key)} has no action: update it with 'classify' or 'regress'.")
    return str(action)


def _only(ids: Ids, *names: str) -> Ids:
    return {name: ids[name] for name in names if name in ids}
