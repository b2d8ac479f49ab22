"""What the check of the contract accepts, and what it refuses, where and with what advice."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from check_spec import Problem, find_problems

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "check_spec.py"

# Small, and yet with all that the rules look at: both kinds of parameter and of body, an `allOf` in what is sent.
VALID = """\
openapi: 3.1.0
info: {title: Things, version: '1'}
tags:
  - {name: things, description: The things.}
paths:
  /things/{thing_id}:
    parameters:
      - {$ref: '#/components/parameters/thing_id'}
    get:
      operationId: read_thing
      tags: [things]
      summary: Read a thing
      description: The thing.
      x-ttp: [v4]
      parameters:
        - {name: depth, in: query, description: How deep., schema: {type: integer}}
      responses:
        '200': {$ref: '#/components/responses/Thing'}
        '404':
          description: Not there.
          content:
            application/json:
              schema: {type: object, properties: {message: {type: string, description: Why.}}}
              example: {message: Not there.}
    put:
      operationId: update_thing
      tags: [things]
      summary: Change a thing
      description: Replaces its fields.
      x-ttp: [v4, v8]
      requestBody: {$ref: '#/components/requestBodies/ThingInput'}
      responses:
        '200': {$ref: '#/components/responses/Thing'}
        '204': {description: Nothing to change.}
  /alias/{thing_id}:
    parameters:
      - {$ref: '#/components/parameters/thing_id'}
    get:
      operationId: read_thing_by_alias
      tags: [things]
      summary: Read a thing by its other path
      description: The thing.
      x-ttp: [sandbox]
      x-alias-of: read_thing
      responses:
        '200': {$ref: '#/components/responses/Thing'}
components:
  parameters:
    thing_id:
      name: thing_id
      in: path
      required: true
      description: Id of the thing.
      schema: {type: string}
  requestBodies:
    ThingInput:
      content:
        application/json:
          schema: {$ref: '#/components/schemas/ThingInput'}
          example: {name: a}
  responses:
    Thing:
      description: The thing.
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Thing'}
          example: {key: {id: a}}
  schemas:
    ThingFields:
      type: object
      properties:
        name: {type: string, enum: [a, b], description: The name.}
        layer: {$ref: '#/components/schemas/Layer'}
    Layer:
      type: object
      description: The sizes of the layer.
      additionalProperties: {type: integer}
    ThingInput:
      allOf:
        - {$ref: '#/components/schemas/ThingFields'}
        - {type: object, minProperties: 1}
      unevaluatedProperties: false
    Thing:
      type: object
      properties:
        name: {type: [string, 'null'], description: The name.}
        key: {$ref: '#/components/schemas/Key'}
        created: {type: string, description: When it was made.}
    Key:
      type: object
      description: The ids.
      properties:
        id: {type: string, description: Its id.}
"""

Check = Callable[[str], list[Problem]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """The problems of a document given as text."""

    def run(text: str) -> list[Problem]:
        path = tmp_path / "spec.yaml"
        path.write_text(text, encoding="utf-8")
        return find_problems(path)

    return run


Change = tuple[str, str]


class Refused(NamedTuple):
    """A change that makes the valid document a wrong one; the mark `<!>` is where the problem is to be reported."""

    advice: str
    changes: tuple[Change, ...]


def refused(advice: str, *changes: Change) -> Refused:
    return Refused(advice, changes)


def in_thing(lines: str) -> Change:
    """Properties added to what is answered, indented as the properties there are."""
    return CREATED, f"{CREATED}{lines}\n"


def new_schema(lines: str) -> Change:
    """A component, referred to by what is answered so that it is not left over."""
    return CREATED, f"{CREATED}        new: {{$ref: '#/components/schemas/New'}}\n    New:\n{lines}\n"


CREATED = "        created: {type: string, description: When it was made.}\n"
PUT = ("    put:\n", "    <!>put:\n")
KEY = "{$ref: '#/components/schemas/Key'}"
STRINGS = "{type: object, additionalProperties: {type: string}}"

NOT_A_DOCUMENT = {
    "not YAML": refused(
        "This is not YAML",
        ("summary: Read a thing\n", "summary: [Read\n      <!>description: x\n"),
    ),
    "a character that YAML forbids": refused("This is not YAML", ("openapi: 3.1.0\n", "<!>openapi: \0\n")),
    "a name twice": refused(
        'found duplicate key "summary"',
        ("summary: Read a thing\n", "summary: a\n      <!>summary: b\n"),
    ),
    "a status that is a number": refused(
        "204 is not text: write it in quotes", ("        '204': {", "        <!>204: {")
    ),
    "a date that is not text": refused(
        "2026-01-01 is a date, which JSON lacks: write it in quotes",
        ("example: {name: a}", "<!>example: {name: 2026-01-01}"),
    ),
    "a time in a list that is not text": refused(
        "is a datetime, which JSON lacks: write it in quotes",
        ("example: {name: a}", "example:\n            name:\n              - <!>2026-01-01 10:00:00"),
    ),
    "another version of OpenAPI": refused("'3.0.3' does not match", ("openapi: 3.1.0", "<!>openapi: 3.0.3")),
    "an answer without a description": refused(
        "'description' is a required property",
        ("        '404':\n          description: Not there.\n", "        <!>'404':\n"),
    ),
    "a path with nothing in it": refused(
        "'/nothing' has no value: write one",
        ("  /alias/{thing_id}:\n", "  <!>/nothing:\n  /alias/{thing_id}:\n"),
    ),
    "tags that are no list": refused(
        "'things' is not of type 'array'",
        ("      tags: [things]\n      summary: Change a thing\n", "      <!>tags: things\n      summary: Change\n"),
    ),
    "a type that does not exist": refused(
        "Not a valid JSON Schema: 'objekt'",
        in_thing("        new:\n          <!>type: objekt"),
    ),
    "a text that ends at a comma": refused(
        "'none is deep.' has no value: write one, or put the text that it is part of in quotes",
        in_thing("        new: {type: string, <!>description: Left out, none is deep.}"),
    ),
    "a text of an answer that ends at a comma": refused(
        "'none was.' has no value",
        ("        '204': {description: Nothing to change.}\n", "        <!>'204': {description: Nothing, none was.}\n"),
    ),
    "properties that are a list": refused(
        "Not a valid JSON Schema: ['a'] is not of type 'object'",
        in_thing("        new:\n          type: object\n          <!>properties: [a]"),
    ),
    "a path parameter that is not described": refused(
        "Path parameter 'other_id' for 'get' operation in '/alias/{thing_id}/{other_id}' was not resolved",
        ("  /alias/{thing_id}:\n", "  <!>/alias/{thing_id}/{other_id}:\n"),
    ),
}

MEANS_NOTHING = {
    "a misspelt keyword": refused(
        "'minimun' means nothing in a schema: write `minimum`",
        in_thing("        new: {type: integer, description: New., <!>minimun: 0}"),
    ),
    "a keyword of OpenAPI 3.0": refused(
        "`nullable` is of OpenAPI 3.0: write `type: [..., 'null']`",
        in_thing("        new: {type: string, description: New., <!>nullable: true}"),
    ),
    "a required field that there is not": refused(
        "'nmae' is required and is no field of it",
        ("    Key:\n      type: object\n", "    Key:\n      type: object\n      <!>required: [id, nmae]\n"),
    ),
    "a required field that no part has": refused(
        "'nmae' is required and is no field of it",
        (
            "      unevaluatedProperties: false\n",
            "      <!>required: [name, nmae]\n      unevaluatedProperties: false\n",
        ),
    ),
    "a required field of a part that no part has": refused(
        "'nmae' is required and is no field of it",
        ("        - {type: object, minProperties: 1}\n", "        - {type: object, <!>required: [name, nmae]}\n"),
    ),
}

LOST_BY_THE_GENERATOR = {
    "patternProperties": refused(
        "`patternProperties` is ignored: write `additionalProperties:` with the schema, and `propertyNames:`",
        in_thing("        new:\n          type: object\n          <!>patternProperties: {'^a': {type: string}}"),
    ),
    "patternProperties in a schema of an operation": refused(
        "`patternProperties` is ignored",
        (
            "schema: {type: object, properties: {message: {type: string, description: Why.}}}",
            "schema:\n                type: object\n                <!>patternProperties: {'^a': {type: string}}",
        ),
    ),
    "typed additionalProperties in a part of an allOf": refused(
        "Typed `additionalProperties` inside an `allOf` are lost: write them beside the `allOf`",
        new_schema(f"      allOf:\n        - {KEY}\n        - <!>{STRINGS}"),
    ),
    "typed additionalProperties in what a part of an allOf leads to": refused(
        "write them beside the `allOf`",
        new_schema(
            "      allOf:\n        - <!>{$ref: '#/components/schemas/Open'}\n        - {type: object}\n"
            f"    Open: {{$ref: '#/components/schemas/Strings'}}\n    Strings: {STRINGS}"
        ),
    ),
    "typed additionalProperties in an allOf in an allOf": refused(
        "write them beside the `allOf`",
        new_schema(f"      allOf:\n        - {KEY}\n        - allOf:\n            - {KEY}\n            - <!>{STRINGS}"),
    ),
    "an allOf of one reference": refused(
        "`allOf` of one `$ref` is taken for what it refers to, all else is lost: add a second, inline part",
        in_thing(f"        new:\n          <!>allOf: [{KEY}]\n          description: Lost."),
    ),
    "an anyOf of one reference": refused(
        "`anyOf` of one `$ref` is taken for what it refers to",
        in_thing(f"        new:\n          <!>anyOf: [{KEY}]\n          description: Lost."),
    ),
    "fields beside an anyOf": refused(
        "The fields beside `anyOf` are lost: write them in each of its options",
        new_schema(
            "      type: object\n      properties: {a: {type: string}}\n"
            "      <!>anyOf: [{required: [a]}, {required: [b]}]"
        ),
    ),
    "a path item by reference": refused(
        "A path item by `$ref` is skipped: write the operations here",
        (
            "components:\n",
            "  /more:\n    <!>$ref: '#/components/pathItems/More'\ncomponents:\n  pathItems: {More: {}}\n",
        ),
    ),
    "an operationId twice": refused(
        "'read_thing' names the operation on line 9 too, which the generator would overwrite: write another",
        ("      operationId: update_thing\n", "      <!>operationId: read_thing\n"),
    ),
    "an object or null by anyOf": refused(
        "`anyOf` of an object and null gives a plain dict when parsing fails: write the object alone",
        in_thing(f"        new:\n          <!>anyOf: [{KEY}, {{type: 'null'}}]"),
    ),
    "an object or null by oneOf": refused(
        "`oneOf` of an object and null gives a plain dict",
        in_thing("        new:\n          <!>oneOf: [{type: object}, {type: [string, 'null']}]"),
    ),
    "an object or null by its type": refused(
        "An object or null gives a plain dict when parsing fails: write `type: object`",
        in_thing("        new:\n          <!>type: [object, 'null']\n          properties: {a: {type: string}}"),
    ),
    "$defs": refused(
        "`$defs` are dropped with what refers to them: move them to components/schemas",
        in_thing("        new:\n          <!>$defs: {A: {type: string}}\n          type: string"),
    ),
    "$defs in a condition": refused(
        "`$defs` are dropped",
        in_thing("        new:\n          type: string\n          if:\n            <!>$defs: {A: {type: string}}"),
    ),
    "a reference to another file": refused(
        "What refers to 'other.yaml#/Thing' is dropped: write `#/components/<kind>/<Name>` and move it there",
        in_thing("        new:\n          <!>$ref: other.yaml#/Thing"),
    ),
    "a reference into a component": refused(
        "What refers to '#/components/schemas/Key/properties/id' is dropped",
        in_thing("        new:\n          <!>$ref: '#/components/schemas/Key/properties/id'"),
    ),
    "a reference to a path": refused(
        "What refers to '#/paths/~1alias' is dropped",
        in_thing("        new:\n          <!>$ref: '#/paths/~1alias'"),
    ),
    "a reference to nothing": refused(
        "'#/components/schemas/Thin' leads nowhere: write the name of a component that exists",
        in_thing("        new:\n          <!>$ref: '#/components/schemas/Thin'"),
    ),
    "a parameter that refers to a schema": refused(
        "'#/components/schemas/Key' is not what belongs here: write `#/components/parameters/<Name>`",
        (
            "  /things/{thing_id}:\n    parameters:\n      - {$ref: '#/components/parameters/thing_id'}\n",
            "  /things/{thing_id}:\n    parameters:\n      - {<!>$ref: '#/components/schemas/Key'}\n",
        ),
    ),
    "a body that refers to a schema": refused(
        "'#/components/schemas/ThingInput' is not what belongs here: write `#/components/requestBodies/<Name>`",
        (
            "requestBody: {$ref: '#/components/requestBodies/ThingInput'}",
            "requestBody: {<!>$ref: '#/components/schemas/ThingInput'}",
        ),
    ),
    "an answer that refers to a schema": refused(
        "'#/components/schemas/Thing' is not what belongs here: write `#/components/responses/<Name>`",
        (
            "x-alias-of: read_thing\n      responses:\n        '200': {$ref: '#/components/responses/Thing'}",
            "x-alias-of: read_thing\n      responses:\n        '200': {<!>$ref: '#/components/schemas/Thing'}",
        ),
    ),
    "a schema that refers to an answer": refused(
        "'#/components/responses/Thing' is not what belongs here: write `#/components/schemas/<Name>`",
        in_thing("        new:\n          <!>$ref: '#/components/responses/Thing'"),
    ),
    "a reference in a property called example": refused(
        "What refers to 'other.yaml' is dropped",
        in_thing("        example:\n          <!>$ref: other.yaml"),
    ),
    "the schema true": refused(
        "The schema `true` is not understood: write `{}` for anything",
        in_thing("        <!>new: true"),
    ),
    "the schema false": refused(
        "The schema `false` is not understood",
        in_thing("        new:\n          <!>not: false"),
    ),
    "items that are true": refused(
        "The schema `true` is not understood",
        in_thing("        new:\n          type: array\n          <!>items: true"),
    ),
    "a part of an allOf that is true": refused(
        "The schema `true` is not understood",
        in_thing(f"        new:\n          allOf:\n            - {KEY}\n            - <!>true"),
    ),
    **{
        f"a property called {name}": refused(
            f"A property called '{name}' breaks the class made of it: give it another name",
            in_thing(f"        <!>{name}: {{type: string}}"),
        )
        for name in (
            *("d", "cls", "from_dict", "to_dict", "additional_properties", "cast", "field_dict", "prop", "prop_name"),
            *("fromDict", "Cls", "additional-properties"),
        )
    },
}

OPERATIONS = {
    "no operationId": refused(
        "The operation has no name: write `operationId: verb_resource`",
        PUT,
        ("      operationId: update_thing\n", ""),
    ),
    "an operationId in camelCase": refused(
        "'updateThing' does not read as a function's name: write it in snake_case",
        ("      operationId: update_thing\n", "      <!>operationId: updateThing\n"),
    ),
    "an operationId that is a word of Python": refused(
        "'import' does not read as a function's name",
        ("      operationId: update_thing\n", "      <!>operationId: import\n"),
    ),
    "a rare method": refused(
        "'updateThing' does not read as a function's name",
        ("    put:\n", "    options:\n"),
        ("      operationId: update_thing\n", "      <!>operationId: updateThing\n"),
    ),
    "no tag": refused(
        "0 tags, and each would get a copy of the function: write one, the resource's name",
        PUT,
        ("      tags: [things]\n      summary: Change a thing\n", "      summary: Change a thing\n"),
    ),
    "two tags": refused(
        "2 tags, and each would get a copy of the function",
        (
            "      tags: [things]\n      summary: Change a thing\n",
            "      <!>tags: [things, a]\n      summary: Change\n",
        ),
    ),
    "a tag that is not described": refused(
        "The tag 'thinks' is not described: add it to `tags` at the top of the document",
        ("      tags: [things]\n      summary: Change a thing\n", "      <!>tags: [thinks]\n      summary: Change\n"),
    ),
    "no summary": refused("No summary: write `summary:`", PUT, ("      summary: Change a thing\n", "")),
    "an empty description": refused(
        "No description: write `description:`",
        PUT,
        ("      description: Replaces its fields.\n", "      description: ''\n"),
    ),
    "a field of a TTP that does not exist": refused(
        "Which TTP has it? Write `x-ttp: [...]` with one or more of sandbox, v4, v8",
        in_thing("        new:\n          type: string\n          <!>x-ttp: [v3]"),
    ),
    "a default that is not taken": refused(
        "0 is sent by default, and not taken: write what is",
        in_thing("        new:\n          type: integer\n          minimum: 1\n          <!>x-default: 0"),
    ),
    "no generation": refused(
        "Which TTP serves it? Write `x-ttp: [...]` with one or more of sandbox, v4, v8",
        PUT,
        ("      x-ttp: [v4, v8]\n", ""),
    ),
    "a generation that does not exist": refused(
        "Write `x-ttp: [...]`", PUT, ("      x-ttp: [v4, v8]\n", "      x-ttp: [v4, v5]\n")
    ),
    "an alias of nothing": refused(
        "No operation is called 'read_things': write the operationId that it repeats",
        ("      x-alias-of: read_thing\n", "      <!>x-alias-of: read_things\n"),
    ),
}

REQUESTS = {
    "any field beside an allOf": refused(
        "A request that takes any field hides typing errors: write `unevaluatedProperties: false`, or the schema",
        ("    ThingInput:\n      allOf:\n", "    <!>ThingInput:\n      allOf:\n"),
        ("      unevaluatedProperties: false\n", ""),
    ),
    "any field": refused(
        "write `additionalProperties: false`, or the schema of the rest",
        ("    Layer:\n", "    <!>Layer:\n"),
        ("      additionalProperties: {type: integer}\n", ""),
    ),
    "any field in so many words": refused(
        "write `additionalProperties: false`",
        ("    Layer:\n", "    <!>Layer:\n"),
        ("      additionalProperties: {type: integer}\n", "      additionalProperties: true\n"),
    ),
    "any field of any type": refused(
        "write `additionalProperties: false`",
        ("    Layer:\n", "    <!>Layer:\n"),
        ("      additionalProperties: {type: integer}\n", "      additionalProperties: {}\n"),
    ),
    "any field of an object in a part of an allOf": refused(
        "write `additionalProperties: false`",
        (
            "        - {type: object, minProperties: 1}\n",
            "        - type: object\n          properties:\n            <!>a: {properties: {b: {type: string}}}\n",
        ),
    ),
    "any field of an object that may be text": refused(
        "write `additionalProperties: false`",
        (
            "        name: {type: string, enum: [a, b], description: The name.}\n",
            "        <!>name: {type: [object, string]}\n",
        ),
    ),
    "any field of what is a part of an allOf elsewhere": refused(
        "write `additionalProperties: false`",
        ("    ThingFields:\n", "    <!>ThingFields:\n"),
        ("minProperties: 1}\n", "properties: {other: {$ref: '#/components/schemas/ThingFields'}}}\n"),
    ),
}

ANSWERS = {
    "an enum": refused(
        "A new value would cost the user the whole answer: leave `enum` out, name the values in words",
        in_thing("        new:\n          type: string\n          <!>enum: [a]"),
    ),
    "a const": refused("leave `const` out", in_thing("        new:\n          <!>const: a")),
    **{
        f"the format {name}": refused(
            f"Any other form than {name} could not be read: write `type: string` without a format",
            in_thing(f"        new:\n          type: string\n          <!>format: {name}"),
        )
        for name in ("date", "date-time", "uuid", "binary")
    },
    **{
        f"{word} false": refused(
            f"A field that is new in an answer would be lost: leave `{word}: false` out",
            in_thing(f"        new:\n          type: object\n          <!>{word}: false"),
        )
        for word in ("additionalProperties", "unevaluatedProperties")
    },
    "a format that is tried after the text": refused(
        "Any other form than date-time could not be read",
        in_thing("        new:\n          anyOf: [{type: string}, {type: string, <!>format: date-time}]"),
    ),
    "an enum in a property called example": refused(
        "leave `enum` out",
        in_thing("        example:\n          type: array\n          items:\n            <!>enum: [a]"),
    ),
    "an enum in an answer of the operation's own": refused(
        "leave `enum` out",
        (
            "              schema: {type: object, properties: {message: {type: string, description: Why.}}}",
            "              <!>schema: {enum: [a]}",
        ),
    ),
}

WORDS = {
    "a field without a description": refused(
        "The field 'new' is not described: write `description:`", in_thing("        <!>new: {type: string}")
    ),
    "a list of what is not described": refused(
        "The field 'new' is not described", in_thing("        <!>new: {type: array, items: {type: string}}")
    ),
    "a list of lists like itself": refused(
        "The field 'new' is not described",
        (
            CREATED,
            f"{CREATED}        <!>new: {{$ref: '#/components/schemas/New'}}\n"
            "    New: {type: array, items: {$ref: '#/components/schemas/New'}}\n",
        ),
    ),
    "a field that refers to what is not described": refused(
        "The field 'new' is not described",
        (CREATED, f"{CREATED}        <!>new: {{$ref: '#/components/schemas/New'}}\n    New: {{type: string}}\n"),
    ),
    "a parameter without a description": refused(
        "The parameter 'thing_id' is not described: write `description:`",
        ("    thing_id:\n", "    <!>thing_id:\n"),
        ("      description: Id of the thing.\n", ""),
    ),
    "a parameter of the operation's own without a description": refused(
        "The parameter 'depth' is not described",
        ("        - {name: depth, in: query, description: How deep., ", "        - <!>{name: depth, in: query, "),
    ),
    "a request without an example": refused(
        "What is sent or answered here is not shown: write `example:`",
        (
            "        application/json:\n          schema: {$ref: '#/components/schemas/ThingInput'}\n",
            "        <!>application/json:\n          schema: {$ref: '#/components/schemas/ThingInput'}\n",
        ),
        ("          example: {name: a}\n", ""),
    ),
    "an answer with an empty list of examples": refused(
        "What is sent or answered here is not shown",
        (
            "        application/json:\n          schema: {$ref: '#/components/schemas/Thing'}\n",
            "        <!>application/json:\n          schema: {$ref: '#/components/schemas/Thing'}\n",
        ),
        ("          example: {key: {id: a}}\n", "          examples: {}\n"),
    ),
    "an answer of the operation's own without an example": refused(
        "What is sent or answered here is not shown",
        (
            "            application/json:\n              schema: {type: object,",
            "            <!>application/json:\n              schema: {type: object,",
        ),
        ("              example: {message: Not there.}\n", ""),
    ),
    "a component that nothing leads to": refused(
        "No operation leads to 'Left': refer to it or delete it",
        ("    Key:\n", "    <!>Left: {type: string}\n    Key:\n"),
    ),
}


def assert_refused(check: Check, case: Refused) -> None:
    text = VALID
    for old, new in case.changes:
        assert text.count(old) == 1, f"{text.count(old)} times in the document: {old}"
        text = text.replace(old, new)
    assert text.count("<!>") == 1
    line = text[: text.index("<!>")].count("\n") + 1
    problems = check(text.replace("<!>", ""))
    assert [problem.line for problem in problems] == [line], problems
    assert case.advice in problems[0].text


def over(cases: dict[str, Refused]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


@over(NOT_A_DOCUMENT)
def test_what_is_not_valid_is_refused_where_it_stands(check: Check, case: Refused) -> None:
    assert_refused(check, case)


@over(MEANS_NOTHING)
def test_what_means_nothing_in_a_schema_is_refused(check: Check, case: Refused) -> None:
    assert_refused(check, case)


@over(LOST_BY_THE_GENERATOR)
def test_what_the_generator_would_lose_is_refused(check: Check, case: Refused) -> None:
    assert_refused(check, case)


@over(OPERATIONS)
def test_an_operation_has_one_name_one_tag_and_is_described(check: Check, case: Refused) -> None:
    assert_refused(check, case)


@over(REQUESTS)
def test_a_request_is_refused_unless_it_is_strict(check: Check, case: Refused) -> None:
    assert_refused(check, case)


@over(ANSWERS)
def test_an_answer_is_refused_unless_it_is_lenient(check: Check, case: Refused) -> None:
    assert_refused(check, case)


@over(WORDS)
def test_what_is_not_described_or_shown_or_used_is_refused(check: Check, case: Refused) -> None:
    assert_refused(check, case)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just text\n"])
def test_a_document_that_is_no_mapping_is_refused(check: Check, text: str) -> None:
    advice = "This is not an OpenAPI document: write a mapping with `openapi`, `info` and `paths`."
    assert check(text) == [Problem(1, advice)]


def test_a_document_without_paths_has_only_components_that_nothing_leads_to(check: Check) -> None:
    text = "openapi: 3.1.0\ninfo: {title: Things, version: '1'}\ncomponents:\n  schemas:\n    A: {type: string}\n"
    assert check(text) == [Problem(5, "No operation leads to 'A': refer to it or delete it.")]
    assert check(text.replace("  schemas:\n    A: {type: string}\n", "  schemas: {}\n")) == []


def test_a_wrong_default_is_refused(check: Check) -> None:
    problems = check(VALID.replace(CREATED, f"{CREATED}        new: {{type: integer, default: x, description: A.}}\n"))
    assert [problem.text for problem in problems] == ["Not valid OpenAPI 3.1: 'x' is not of type 'integer'."]


def test_what_is_shown_in_an_example_is_no_part_of_the_document(check: Check) -> None:
    assert check(VALID.replace("example: {name: a}", "example: {$ref: nowhere, schema: true, content: {a: {}}}")) == []


def test_an_answer_may_have_a_format_that_is_tried_before_plain_text(check: Check) -> None:
    in_one_line = "{anyOf: [{type: string, format: date-time}, {type: string}], description: When it was made.}"
    assert check(VALID.replace("{type: string, description: When it was made.}", in_one_line)) == []


def test_a_request_may_say_what_its_further_fields_are(check: Check) -> None:
    assert check(VALID.replace("unevaluatedProperties: false", f"additionalProperties: {KEY}")) != []
    assert check(VALID.replace("unevaluatedProperties: false", "additionalProperties: {type: string}")) == []


def test_all_problems_of_a_document_are_reported_by_line(check: Check) -> None:
    text = VALID.replace("      x-alias-of: read_thing\n", "      x-alias-of: a\n").replace(
        "summary: Read a thing\n", "x-a: b\n"
    )
    problems = check(text)
    assert [problem.text.split(":")[0] for problem in problems] == ["No summary", "No operation is called 'a'"]
    assert problems[0].line < problems[1].line


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True)


def test_the_script_says_nothing_of_a_document_within_the_rules(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(VALID)
    done = run(tmp_path / "spec.yaml")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_script_checks_the_contract_when_it_is_given_nothing() -> None:
    done = run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_script_prints_file_line_and_text_of_each_problem(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(VALID.replace("      summary: Read a thing\n", "").replace("[v4]", "[v3]"))
    done = run(path)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{path}:9: No summary: write `summary:` in words that a data scientist understands.",
        f"{path}:9: Which TTP serves it? Write `x-ttp: [...]` with one or more of sandbox, v4, v8.",
    ]


def test_the_script_stops_with_one_line_when_there_is_no_such_file(tmp_path: Path) -> None:
    done = run(tmp_path / "missing.yaml")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "missing.yaml" in done.stderr
