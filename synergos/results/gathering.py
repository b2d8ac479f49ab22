"""Results of what a TTP keeps: whoever has the records, a driver that asked for them or the TTP itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from synergos.common.records import Fields, as_mapping, id_in, own_fields, within
from synergos.results.results import Results
from synergos.results.scores import State

# A search for hyperparameters leaves the runs of its trials.
TRIAL = "optim_run_"
_WHAT = {"run_id": "run", "expt_id": "experiment", "project_id": "project"}


def gather(
    project: Fields,
    ids: Mapping[str, str],
    *,
    validations: object,
    trials: Iterable[Fields],
    losses: Sequence[Fields] | None,
    made_with: Callable[[Fields], Fields],
    is_local: bool = False,
) -> Results:
    """Make results of records.

    Args:
        project: The record of the project, with its relations.
        ids: What the results are below: a project, an experiment, or a run.
        validations: The records of the validations.
        trials: What is known of the trials of searches.
        losses: The records of the losses; None where the TTP does not tell them.
        made_with: Gives what is known of a run's hyperparameters besides what its record shows.
        is_local: Whether what the TTP keeps in files is on this machine.
    """
    relations = as_mapping(project.get("relations"))
    trained = {_key(model) for model in within(ids, relations.get("Model"))}
    told = {_key(trial): trial for trial in trials}
    fields: dict[tuple[str, str], Fields] = {}
    states: dict[tuple[str, str], State] = {}
    for run in within(ids, relations.get("Run")):
        key = _key(run)
        trial = told.get(key, {})
        fields[key] = own_fields({**as_mapping(trial.get("hyperparameters")), **made_with(run), **own_fields(run)})
        if trial.get("state") == "pruned":
            states[key] = "pruned"
        elif key not in trained:
            states[key] = "not trained"
    return Results.of(
        validations, subject=_subject(ids), runs=fields, states=states, losses=losses, ids=ids, is_local=is_local
    )


def _key(record: Fields) -> tuple[str, str]:
    return id_in(record, "expt_id"), id_in(record, "run_id")


def _subject(ids: Mapping[str, str]) -> str:
    own = next(name for name in _WHAT if name in ids)
    return f"{_WHAT[own]} {ids[own]!r}"
