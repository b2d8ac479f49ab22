"""What a training needs of its project and of those who take part."""

import ipaddress
import socket
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from synergos.common.misspelt import nearest
from synergos.findings import Finding
from synergos.preflight.facts import Facts, Node, Registration

CONNECT_SECONDS = 2.0


def has_action(facts: Facts) -> Iterator[Finding]:
    """The project says what its models do."""
    if facts.action not in ("classify", "regress"):
        yield Finding(
            "error",
            f"The project's action is {facts.action!r}." if facts.action else "The project has no action.",
            facts.project,
            "It decides how targets are read, which statistics are computed and what the network has to give.",
            "Update the project with action='classify' or action='regress'.",
        )


def has_runs(facts: Facts) -> Iterator[Finding]:
    """What is to be trained is there."""
    expt_id, run_id = facts.ids.get("expt_id"), facts.ids.get("run_id")
    if not facts.experiments:
        what = "The project has no experiment." if expt_id is None else f"There is no experiment {expt_id!r}."
        yield Finding(
            "error",
            what,
            facts.project,
            "An experiment holds the network that is trained.",
            _meant(expt_id, facts.known_experiments) or "Create it with driver.experiments.create(...).",
        )
    elif not any(experiment.runs for experiment in facts.experiments):
        where = facts.project if expt_id is None else facts.experiments[0].where
        yield Finding(
            "error",
            "There is no run to train." if run_id is None else f"There is no run {run_id!r}.",
            where,
            "A run holds the hyperparameters that the network is trained with.",
            _meant(run_id, facts.known_runs) or "Create it with driver.runs.create(...).",
        )


def has_participants(facts: Facts) -> Iterator[Finding]:
    """Somebody takes part."""
    if not facts.registrations:
        yield Finding(
            "error",
            "No participant is registered.",
            facts.project,
            "It is the participants who hold the data and train.",
            "Register them with driver.registrations.create(...).",
        )


def has_data_to_train_on(facts: Facts) -> Iterator[Finding]:
    """Everyone who holds data has tagged some to train on."""
    anyone = any(registration.train for registration in facts.registrations)
    for registration in facts.registrations:
        if registration.train or registration.role == "arbiter":
            continue
        # The sandbox goes on without those who have none.
        is_passed_over = facts.is_sandbox and anyone
        yield Finding(
            "warning" if is_passed_over else "error",
            "It has no data tagged to train on.",
            registration.where,
            "The sandbox trains without it." if is_passed_over else "The alignment and the training fail without.",
            "Tag some with driver.tags.create(..., train=[[...]]). Another client that registers it again cuts them.",
        )


def has_data_to_evaluate_on(facts: Facts) -> Iterator[Finding]:
    """Somebody has tagged data to evaluate on."""
    if facts.registrations and not any(registration.evaluate for registration in facts.registrations):
        yield Finding(
            "error",
            "No participant has data tagged to evaluate on.",
            facts.project,
            "Each round ends with an evaluation, which needs at least one participant's data.",
            "Tag some with driver.tags.update(..., evaluate=[[...]]), and align again.",
        )


def is_aligned(facts: Facts, *, has_to_be: bool) -> Iterator[Finding]:
    """The networks are fitted to the data, and so is every participant."""
    align = f"Call {facts.how_to_align}."
    if not facts.is_aligned:
        yield Finding(
            "error" if has_to_be else "info",
            "The project is not aligned.",
            facts.project,
            "The alignment fits the networks to the data: the inputs of the first layer, the outputs of the last.",
            align if has_to_be else f"{align} It has to be done before training; check again then.",
        )
        return
    for registration in facts.registrations:
        if why := facts.cut_off.get(registration.participant_id):
            yield Finding(
                "error" if has_to_be else "warning",
                why,
                registration.where,
                "A real TTP goes on telling its alignment, which is good no longer, and fails on the training.",
                align,
            )
        elif registration.train and registration.participant_id not in facts.spacers:
            yield Finding(
                "error",
                "It is not in the alignment.",
                registration.where,
                "It was registered or tagged after the others were aligned, so its data fit no network.",
                align,
            )


def says_where_workers_are(facts: Facts) -> Iterator[Finding]:
    """The TTP knows how to reach every participant."""
    if facts.is_sandbox:
        return
    in_collab = facts.generation == "v8"
    for registration in facts.registrations:
        if not registration.nodes:
            yield Finding(
                "error",
                "Its registration has no node." if in_collab else "It has no host, port and f_port.",
                registration.where,
                "The TTP does not know where its worker listens.",
                "Update its registration with nodes=[Node(host, port, f_port)]."
                if in_collab
                else "Update the participant with host, port and f_port.",
            )


def workers_answer(facts: Facts) -> Iterator[Finding]:
    """Every worker answers, as far as that can be told from this machine: at its REST port, for the other is closed."""
    if facts.is_sandbox:
        yield Finding(
            "info",
            "No worker was tried.",
            facts.project,
            "The sandbox plays all participants itself, and participants on machines of their own come to their TTP, "
            "which says who is connected.",
            "Nothing: it matters on a real TTP.",
        )
        return
    workers = [(registration, node) for registration in facts.registrations for node in registration.nodes]
    on_the_ttp = [worker for worker in workers if _is_loopback(worker[1].host) and not _is_loopback(facts.ttp_host)]
    yield from _elsewhere(facts, on_the_ttp)
    yield from _silent([worker for worker in workers if worker not in on_the_ttp])


def _elsewhere(facts: Facts, workers: Iterable[tuple[Registration, Node]]) -> Iterator[Finding]:
    for registration, node in workers:
        yield Finding(
            "info",
            f"Its worker at {node.host} was not tried.",
            registration.where,
            f"The address means the machine of the TTP, {facts.ttp_host}, which is not this one.",
            "Check there that the worker listens.",
        )


def _silent(workers: list[tuple[Registration, Node]]) -> Iterator[Finding]:
    addresses = {(node.host, port) for _, node in workers for port in (node.port, node.f_port)}
    with ThreadPoolExecutor(max_workers=32) as pool:
        problems = dict(zip(addresses, pool.map(_problem_with, addresses), strict=True))
    for registration, node in workers:
        if problem := problems[node.host, node.f_port]:
            yield Finding(
                "error",
                f"Nothing answers at f_port {node.f_port} of {node.host}: {problem}.",
                registration.where,
                "The TTP reaches a worker there, and without it a training fails at once.",
                "Start the worker, or correct its address. If only the TTP can reach it, check from there.",
            )
        elif node.port != node.f_port and problems[node.host, node.port] is None:
            yield Finding(
                "warning",
                f"The data port {node.port} of {node.host} is open.",
                registration.where,
                "A worker opens it only while it trains. Where nothing trains, it was left open by a training that "
                "failed, and the next one may hang.",
                "If nothing is being trained, restart the worker.",
            )


def _problem_with(address: tuple[str, int]) -> str | None:
    try:
        socket.create_connection(address, timeout=CONNECT_SECONDS).close()
    except (OSError, ValueError, OverflowError) as error:
        return str(error) or type(error).__name__
    return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _meant(given: str | None, known: Iterable[str]) -> str | None:
    near = nearest(given, known) if given is not None else None
    return f"Did you mean {near!r}?" if near else None
