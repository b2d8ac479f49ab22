"""The verbs of the driver, by task: what a verb that is added is named in."""

from collections.abc import Callable
from typing import Any

from synergos import Driver

COMPONENTS = {f"configure_{name}" for name in ("logger", "mlops", "mq", "meter", "catalogue")}
NODES = {"add_node", "list_nodes", "remove_node", "count_nodes"}
TASKS = {
    "collaborations": {"create", "read_all", "read", "update", "delete"} | COMPONENTS,
    "projects": {"create", "read_all", "read", "update", "delete"},
    "experiments": {"create", "read_all", "read", "update", "delete"},
    "runs": {"create", "read_all", "read", "update", "delete"},
    "participants": {"create", "read_all", "read", "update", "delete"},
    "registrations": {"create", "read_all", "read", "update", "delete"} | NODES,
    "tags": {"create", "read", "update", "delete"},
    "alignments": {"create", "read", "submit", "job"},
    "models": {"create", "read", "submit", "job"},
    "optimizations": {"create", "read", "submit", "job"},
    "validations": {"create", "read", "submit", "job"},
    "predictions": {"create", "read", "submit", "job"},
}
VERBS = [f"{task}.{name}" for task, names in TASKS.items() for name in sorted(names)]


def verbs() -> dict[str, Callable[..., Any]]:
    """Every verb, by the name of its task and its own."""
    driver = Driver("localhost", 5000)
    return {verb: getattr(type(getattr(driver, verb.split(".")[0])), verb.split(".")[1]) for verb in VERBS}
