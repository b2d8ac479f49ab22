"""That a field of a run which is named in the contract is an argument of both verbs, and nothing else need be done."""

import inspect
import json
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import run_verbs
from routes import Unclear

from synergos.common.checks import describe
from synergos.contract.document import Document

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "spec" / "templates" / "run_verbs.py.jinja"


def verbs_with(**fields: dict[str, Any]) -> Any:
    """The class of the verbs, written from the contract with further fields of a run."""
    tree = json.loads((ROOT / "generated" / "synergos_client" / "openapi.json").read_text("utf-8"))
    tree["components"]["schemas"]["RunFields"]["properties"].update(fields)
    names: dict[str, Any] = {}
    exec(run_verbs.as_module(Document.of(tree, "a test"), TEMPLATE.read_text("utf-8")), names)
    return names["RunVerbs"]


def test_a_new_field_is_an_argument_of_both_verbs_with_its_type_its_default_and_its_help() -> None:
    warmup = {"type": "integer", "minimum": 1, "x-default": 3, "description": f"Rounds of it. {'Many words. ' * 12}"}
    verbs = verbs_with(
        warmup=warmup,
        betas={"type": "array", "items": {"type": "number"}, "description": "Two numbers."},
        shape={"type": "string", "enum": ["round", "square"], "description": "Which."},
    )

    for verb, default in ((verbs.create, 3), (verbs.update, None)):
        parameters = inspect.signature(verb).parameters
        hints = typing.get_type_hints(verb)
        assert parameters["warmup"].default == default
        assert hints["warmup"] == (int if default else int | None)
        assert hints["betas"] == Sequence[float] | None
        assert hints["shape"] == typing.Literal["round", "square"] | None
        lines = inspect.getdoc(verb).splitlines()
        assert "    betas: Two numbers." in lines
        first = next(
            index for index, line in enumerate(lines) if line.startswith("    warmup: Rounds of it. Many words.")
        )
        assert lines[first + 1].startswith("        ")
        assert max(map(len, lines)) <= 112


def test_a_field_that_no_argument_can_be_made_of_is_refused() -> None:
    with pytest.raises(
        Unclear, match=r"RunFields\.odd: no argument can be made of the type 'object': there are boolean"
    ):
        verbs_with(odd={"type": "object", "description": "What."})


def test_a_whole_number_keeps_its_bounds() -> None:
    verbs = verbs_with(warmup={"type": "integer", "minimum": 0, "maximum": 9, "description": "What."})

    for verb in (verbs.create, verbs.update):
        hint = typing.get_type_hints(verb, include_extras=True)["warmup"]
        assert describe(typing.get_args(hint)[0]) == "a whole number from 0 to 9"


@pytest.mark.parametrize("bound", ["minimum", "exclusiveMinimum", "multipleOf"])
def test_bounds_that_no_argument_can_have_are_refused(bound: str) -> None:
    with pytest.raises(Unclear, match=rf"RunFields\.odd: no argument can be made of number with {bound}"):
        verbs_with(odd={"type": "number", bound: 1, "description": "What."})
