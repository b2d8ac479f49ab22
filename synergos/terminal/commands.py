"""The verbs of the tasks and of the Driver as commands."""

import argparse
import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import attrs

from synergos.calls.task import Task
from synergos.cycle import Cycle
from synergos.driver import Driver
from synergos.errors import SynergosError
from synergos.findings import Report
from synergos.manifest import Manifest
from synergos.reply import Reply
from synergos.results.results import Results
from synergos.results.table import Table
from synergos.search.trials import Trials
from synergos.terminal import exits, output, signatures
from synergos.terminal.asking import agreed
from synergos.terminal.profiles import add_where, driver_of
from synergos.terminal.words import NO_COMMANDS, WORDS, in_shell
from synergos.work.job import Job


class Verb(NamedTuple):
    """A verb of a task.

    Attributes:
        resource: The name of the task.
        name: Of the verb.
        method: The method, of a driver that leads nowhere: for its signature and its help.
    """

    resource: str
    name: str
    method: Callable[..., Any]


def verbs() -> Iterator[Verb]:
    """Every verb of every task that asks the TTP for something."""
    driver = Driver("localhost", 1)
    for resource, part in vars(Driver).items():
        if not isinstance(part, functools.cached_property) or not isinstance(task := getattr(driver, resource), Task):
            continue
        for name in dir(task):
            method = getattr(task, name, None) if not name.startswith("_") else None
            if inspect.ismethod(method) and issubclass(_returned(method), Reply | Job):
                yield Verb(resource, name, method)


def driver_verbs() -> Iterator[Verb]:
    """Every verb of the Driver itself."""
    for name, part in vars(Driver).items():
        if inspect.isfunction(part) and not name.startswith("_") and name not in NO_COMMANDS:
            yield Verb("", name, part)


def add_verbs(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `synergos VERB RESOURCE` for each verb of a task, and `synergos VERB` for each of the Driver."""
    by_word: dict[str, list[Verb]] = {}
    for verb in verbs():
        # Work that is submitted ends its turn with this process, and others would come between: see the page.
        if verb.name not in ("job", "submit"):
            by_word.setdefault(WORDS.get(verb.name, verb.name.replace("_", "-")), []).append(verb)
    # What phases 2 and 3 made is listed by their read, which gives a list.
    listed = {verb.resource for verb in by_word["ls"]}
    by_word["ls"] += [verb for verb in by_word["show"] if verb.resource not in listed and _gives_list(verb.method)]
    by_word["show"] = [verb for verb in by_word["show"] if not _gives_list(verb.method)]
    for word, found in by_word.items():
        group = commands.add_parser(word, help=_HELP.get(word, f"{word} what is named"))
        asked = group.add_subparsers(title="of what", required=True, metavar="RESOURCE")
        for verb in found:
            _add_verb(asked, verb.resource, verb)
    predict = next(verb for verb in by_word["create"] if verb.resource == "predictions")
    _add_verb(commands, "predict", predict)
    for verb in driver_verbs():
        if verb.name != "jobs":
            _add_driver_verb(commands, verb.name.replace("_", "-"), verb)
    _add_jobs(commands)


_HELP = {
    "ls": "list what there is",
    "show": "show one item",
    "create": "make an item; of phases 2 and 3, start the work and wait for it",
    "update": "change an item",
    "delete": "delete an item, after asking",
}


def add_format(command: argparse.ArgumentParser) -> None:
    """Give a command the option that says how it prints."""
    command.add_argument("--format", choices=("table", "json", "csv"), default="table", help="how to print (table)")


def _command(commands: Any, name: str, method: Callable[..., Any]) -> argparse.ArgumentParser:
    text = signatures.summary(method).replace("%", "%%")
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=f"{text}.")
    add_where(command)
    return command


def _add_verb(commands: Any, called: str, verb: Verb) -> None:
    # A TTP that only queues work is waited for like any other.
    fixed = {"wait": True} if any(one.name == "wait" for one in signatures.parameters(verb.method)) else {}
    command = _command(commands, called, verb.method)
    signatures.add_options(command, verb.method, without=tuple(fixed))
    add_format(command)
    if verb.name == "delete":
        command.add_argument("--yes", action="store_true", help="do not ask")

    def run(given: argparse.Namespace) -> int:
        with driver_of(given) as driver:
            task = getattr(driver, verb.resource)
            arguments = {**signatures.arguments(given, verb.method), **fixed}
            if verb.name == "delete" and not given.yes:
                _ask(task, arguments, given)
            return _show(getattr(task, verb.name)(**arguments), given)

    command.set_defaults(run=run)


def _ask(task: Any, arguments: dict[str, Any], given: argparse.Namespace) -> None:
    """Ask before something is deleted, and say what goes with it."""
    ids = {name: value for name, value in arguments.items() if name.endswith("_id")}
    found = task.read(**ids)["data"]
    below = {kind: len(ones) for kind, ones in (found.get("relations") or {}).items() if ones}
    what = ", ".join(f"{name}={value}" for name, value in ids.items())
    with_it = f", with {', '.join(f'{kind}: {count}' for kind, count in below.items())}" if below else ""
    agreed(f"Delete from {task}: {what}{with_it}?")


def _add_driver_verb(commands: Any, called: str, verb: Verb) -> None:
    command = _command(commands, called, verb.method)
    signatures.add_options(command, verb.method)
    add_format(command)
    if verb.name == "results":
        command.add_argument("--metric", help="what to rank by (the first of those that tell most)")
        command.add_argument(
            "--by", choices=("run", "participant", "class"), default="run", help="one line for each (%(default)s)"
        )
        command.add_argument("--csv", dest="format", action="store_const", const="csv", help="the same as --format csv")

    def run(given: argparse.Namespace) -> int:
        with driver_of(given) as driver:
            return _show(getattr(driver, verb.name)(**signatures.arguments(given, verb.method)), given)

    command.set_defaults(run=run)


def _add_jobs(commands: Any) -> None:
    jobs = commands.add_parser(
        "jobs",
        help="look after work: list, follow, cancel",
        description="Look after the work that the TTP was given, by this shell or by anyone.",
    )
    asked = jobs.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_driver_verb(asked, "list", Verb("", "jobs", Driver.jobs))
    for word, text in (
        ("follow", "wait until work is done, and print what came of it; Ctrl-C stops the waiting and not the work"),
        ("cancel", "call work off, which the sandbox can; real TTPs cannot"),
    ):
        group = asked.add_parser(word, help=text, description=text)
        resources = group.add_subparsers(title="of what", required=True, metavar="RESOURCE")
        for verb in verbs():
            if verb.name == "job":
                _add_job(resources, word, verb)


def _add_job(resources: Any, word: str, verb: Verb) -> None:
    command = _command(resources, verb.resource, verb.method)
    signatures.add_options(command, verb.method)
    add_format(command)
    if word == "follow":
        command.add_argument("--timeout", type=float, metavar="SECONDS", help="how long to wait (as long as it takes)")

    def run(given: argparse.Namespace) -> int:
        with driver_of(given) as driver:
            # Only a TTP that was asked something is known to be a sandbox, which alone tells of jobs.
            job = getattr(driver, verb.resource).job(**signatures.arguments(given, verb.method))
            if word == "follow":
                return _show(job.result(given.timeout), given)
            if not job.cancel():
                is_over = f"it is {job.state}." if job.state != "running" else "the TTP cannot do that."
                raise SynergosError(f"[{verb.resource}] It was not called off: {is_over}")
            output.note("It was called off.")
            return exits.DONE

    command.set_defaults(run=run)


def _show(found: object, given: argparse.Namespace) -> int:
    """Print what a verb returned; whether that is as it should be."""
    form: output.Format = given.format
    if isinstance(found, Results):
        metric = getattr(given, "metric", None)
        ranked = found if metric is None else found.by_metric(metric)
        output.table(ranked.by(getattr(given, "by", "run")), form)
    elif isinstance(found, Cycle):
        if form == "json":
            replies = {"alignments": found.alignments, "models": found.models, "validations": found.validations}
            print(output.as_json({name: reply["data"] for name, reply in replies.items()}))
        else:
            output.table(Results.of(found.validations.get("data")).by("class"), form)
    elif isinstance(found, Report):
        _show_report(found, form)
        return exits.DONE if found else exits.WANTING
    elif isinstance(found, Manifest):
        _show_manifest(found, form)
    elif isinstance(found, Trials):
        output.records([dict(row) for row in found.table()], form)
    elif isinstance(found, Reply):
        data = found["data"]
        if isinstance(data, list):
            output.records(data, form)
        else:
            output.record(data, form)
    elif isinstance(table := found.table() if hasattr(found, "table") else found, Table):
        output.table(table, form)
    else:
        print(output.as_json(found) if form == "json" else found)
    return exits.DONE


def _show_report(found: Report, form: output.Format) -> None:
    in_words = [dataclasses.replace(one, remedy=in_shell(one.remedy)) for one in found.findings]
    found = attrs.evolve(found, findings=in_words)
    rows = [
        {name: getattr(one, name) for name in ("level", "where", "what", "why", "remedy")} for one in found.findings
    ]
    if form == "json":
        print(output.as_json({"ok": found.ok, "subject": found.subject, "findings": rows}))
    elif form == "csv":
        output.table(Table(("level", "where", "what", "why", "remedy"), tuple(rows)), form)
    else:
        print(found)


def _show_manifest(found: Manifest, form: output.Format) -> None:
    if form == "table":
        print(found)
    else:
        output.record({**found.content}, form)


def _returned(method: Callable[..., Any]) -> type:
    kind = inspect.signature(method).return_annotation
    found = typing.get_origin(kind) or kind
    return found if isinstance(found, type) else object


def _gives_list(method: Callable[..., Any]) -> bool:
    kind = inspect.signature(method).return_annotation
    return kind is Trials or any(typing.get_origin(one) is list for one in typing.get_args(kind))
