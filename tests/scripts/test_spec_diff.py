"""What counts as a change of the contract, which of them break its users, and what the script says of them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "spec_diff.py"

# Small, and yet with all that a change can be in: what is sent and answered, references, an `allOf`, a recursion.
OLD = """\
openapi: 3.1.0
info: {title: Things, version: '1'}
paths:
  /things/{thing_id}:
    parameters:
      - {name: thing_id, in: path, required: true, schema: {type: string, minLength: 1}}
    get:
      operationId: read_thing
      tags: [things]
      x-ttp: [v4, v8]
      parameters:
        - {name: depth, in: query, schema: {type: integer}}
      responses:
        '200': {$ref: '#/components/responses/Thing'}
        '404': {description: Not there.}
    put:
      operationId: update_thing
      tags: [things]
      x-ttp: [v4]
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/ThingInput'}
      responses:
        '200': {$ref: '#/components/responses/Thing'}
components:
  responses:
    Thing:
      description: The thing.
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Thing'}
  schemas:
    ThingFields:
      type: object
      properties:
        name: {type: string, enum: [a, b], maxLength: 9}
        size: {type: number, x-default: 2, minimum: 1}
        flag: {type: boolean, default: true}
        code: {type: string, pattern: '^a'}
        tags: {type: array, items: {type: string}}
        extra: {type: object, additionalProperties: {type: [string, integer]}}
        mode: {anyOf: [{type: string, enum: [x, y]}, {type: 'null'}], x-ttp: [v8]}
        span: {allOf: [{type: integer, minimum: 2}, {maximum: 8}]}
        links: {type: array}
    ThingInput:
      allOf:
        - {$ref: '#/components/schemas/ThingFields'}
        - {type: object, minProperties: 1}
      required: [name]
      unevaluatedProperties: false
    Thing:
      type: object
      required: [id]
      properties:
        id: {type: string}
        note: {type: string}
        count: {type: integer}
        parts: {type: array, items: {$ref: '#/components/schemas/Thing'}}
        others: {type: object, additionalProperties: {$ref: '#/components/schemas/Thing'}}
        above: {allOf: [{$ref: '#/components/schemas/Thing'}], description: What it is a part of.}
        next: {anyOf: [{$ref: '#/components/schemas/Thing'}, {type: 'null'}]}
"""
PUT = OLD[OLD.index("    put:\n") : OLD.index("components:\n")]


class Case(NamedTuple):
    """A change of the document, and what is to be said of it."""

    old: str
    new: str
    kind: str
    where: str = ""
    before: str = ""
    after: str = ""


BREAKING = {
    "an operation that is gone": Case(PUT, "", "operation gone", "PUT /things/{thing_id}"),
    "another path": Case("  /things/{thing_id}:", "  /all/{thing_id}:", "path moved", "", "GET /things/{thing_id}"),
    "another name of an operation": Case(
        "operationId: read_thing", "operationId: get_thing", "operation renamed", "", "read_thing", "get_thing"
    ),
    "another tag": Case(
        "read_thing\n      tags: [things]", "read_thing\n      tags: [all]", "tag renamed", "", "things"
    ),
    "a TTP that no longer serves it": Case("[v4, v8]", "[v8]", "TTP dropped", "v4"),
    "another name of an id in the path": Case(
        "thing_id", "id_of_thing", "path parameter renamed", "{id_of_thing}", "thing_id", "id_of_thing"
    ),
    "a parameter that is gone": Case(
        "- {name: depth, in: query, schema: {type: integer}}", "[]", "parameter gone", "query depth"
    ),
    "a parameter that must be given": Case(
        "{name: depth, in", "{name: depth, required: true, in", "parameter newly required", "query depth"
    ),
    "a new parameter that must be given": Case(
        "        - {name: depth",
        "        - {name: way, in: query, required: true, schema: {type: string}}\n        - {name: depth",
        "required parameter added",
        "query way",
    ),
    "a parameter of another type": Case(
        "query, schema: {type: integer}", "query, schema: {type: string}", "type changed", "query depth", "integer"
    ),
    "an id with narrower bounds": Case("minLength: 1", "minLength: 3", "minLength changed", "{thing_id}", "1", "3"),
    "a body that must be sent": Case(
        "      requestBody:\n", "      requestBody:\n        required: true\n", "body newly required", "body"
    ),
    "a body that is gone": Case(PUT[PUT.index("      requestBody") : PUT.index("      resp")], "", "body gone", "body"),
    "a key that must be sent": Case(
        "required: [name]", "required: [name, size]", "field newly required", "ThingInput.size"
    ),
    "a new key that must be sent": Case(
        "        - {type: object, minProperties: 1}\n      required: [name]",
        "        - {type: object, minProperties: 1, properties: {new: {type: string}}}\n      required: [name, new]",
        "required field added",
        "ThingInput.new",
        "",
        "string",
    ),
    "a key that cannot be sent any more": Case(
        "        flag: {type: boolean, default: true}\n", "", "field gone", "ThingFields.flag"
    ),
    "a key of another type": Case(
        "flag: {type: boolean", "flag: {type: integer", "type changed", "ThingFields.flag", "boolean", "integer"
    ),
    "a key of fewer types": Case(
        "size: {type: number", "size: {type: integer", "type changed", "ThingFields.size", "number", "integer"
    ),
    "an item of a list of another type": Case(
        "tags: {type: array, items: {type: string}}",
        "tags: {type: array, items: {type: integer}}",
        "type changed",
        "ThingFields.tags[]",
    ),
    "fewer values": Case("enum: [a, b]", "enum: [a]", "value gone", "ThingFields.name", '"b"'),
    "values where there were all": Case(
        "code: {type: string,", "code: {type: string, enum: [a],", "values restricted", "ThingFields.code", "any", '"a"'
    ),
    "a higher lower bound": Case("minimum: 1", "minimum: 2", "minimum changed", "ThingFields.size", "1", "2"),
    "a lower upper bound": Case("maxLength: 9", "maxLength: 8", "maxLength changed", "ThingFields.name", "9", "8"),
    "a bound where there was none": Case(
        "minimum: 1", "minimum: 1, maximum: 5", "maximum changed", "ThingFields.size", "", "5"
    ),
    "another pattern": Case("pattern: '^a'", "pattern: '^b'", "pattern changed", "ThingFields.code", "^a", "^b"),
    "something else sent by default": Case(
        "x-default: 2", "x-default: 3", "sent default changed", "ThingFields.size", "2", "3"
    ),
    "something sent by default that was not": Case(
        "pattern: '^a'", "pattern: '^a', x-default: ab", "sent default added", "ThingFields.code", "", '"ab"'
    ),
    "nothing sent by default any more": Case(", x-default: 2", "", "sent default dropped", "ThingFields.size", "2"),
    "another default": Case("default: true", "default: false", "default changed", "ThingFields.flag", "true", "false"),
    "fewer types of further keys": Case(
        "additionalProperties: {type: [string, integer]}",
        "additionalProperties: {type: string}",
        "type changed",
        "ThingFields.extra.*",
        "integer or string",
        "string",
    ),
    "no further keys": Case(
        "additionalProperties: {type: [string, integer]}",
        "additionalProperties: false",
        "further fields",
        "ThingFields.extra",
        "integer or string",
        "none",
    ),
    "a name for what was any key, of one type": Case(
        "extra: {type: object,",
        "extra: {type: object, properties: {a: {type: integer}},",
        "key named",
        "ThingFields.extra.a",
        "integer or string",
        "integer",
    ),
    "fewer values in one of several schemas": Case(
        "enum: [x, y]", "enum: [x]", "value gone", "ThingFields.mode", '"y"'
    ),
    "a key that a TTP no longer takes": Case(
        "x-ttp: [v8]}", "x-ttp: [v4]}", "TTP dropped", "ThingFields.mode", "v8", "v4"
    ),
    "a key that is marked for one TTP": Case(
        "{type: boolean, default: true}",
        "{type: boolean, default: true, x-ttp: [v8]}",
        "TTP dropped",
        "ThingFields.flag",
        "all",
        "v8",
    ),
    "the stricter of two bounds": Case(
        "{maximum: 8}", "{minimum: 3, maximum: 8}", "minimum changed", "ThingFields.span"
    ),
    "a step where there was none": Case(
        "minimum: 1}", "minimum: 1, multipleOf: 2}", "multipleOf changed", "ThingFields.size", "", "2"
    ),
    "a key that must be sent and is described nowhere": Case(
        "required: [name]", "required: [name, other]", "field newly required", "ThingInput.other"
    ),
    "no value at all": Case(
        "flag: {type: boolean, default: true}", "flag: false", "type changed", "ThingFields.flag", "boolean", "nothing"
    ),
    "items of one type where there were any": Case(
        "links: {type: array}",
        "links: {type: array, items: {type: string}}",
        "items restricted",
        "ThingFields.links[]",
        "anything",
        "string",
    ),
    "a key that is not answered any more": Case("        note: {type: string}\n", "", "field gone", "Thing.note"),
    "a key that is not always answered any more": Case(
        "      required: [id]\n", "", "field no longer guaranteed", "Thing.id"
    ),
    "an answered key of another type": Case(
        "count: {type: integer}", "count: {type: string}", "type changed", "Thing.count", "integer", "string"
    ),
    "an answered key of more types": Case(
        "note: {type: string}",
        "note: {type: [string, 'null']}",
        "type changed",
        "Thing.note",
        "string",
        "null or string",
    ),
    "a success that is gone": Case(
        "'200': {$ref: '#/components/responses/Thing'}\n        '404'",
        "'201': {$ref: '#/components/responses/Thing'}\n        '404'",
        "status gone",
        "200",
    ),
    "an answer that is not described any more": Case(
        "'200': {$ref: '#/components/responses/Thing'}\n        '404'",
        "'200': {description: Something.}\n        '404'",
        "answer no longer described",
        "200",
    ),
}

COMPATIBLE = {
    "a new operation": Case(
        "    put:\n",
        "    delete: {operationId: a, responses: {}}\n    put:\n",
        "operation added",
        "DELETE /things/{thing_id}",
    ),
    "a TTP that serves it too": Case("x-ttp: [v4]", "x-ttp: [v4, v8]", "TTP added", "v8"),
    "a new parameter": Case(
        "        - {name: depth",
        "        - {name: way, in: query, schema: {type: string}}\n        - {name: depth",
        "parameter added",
        "query way",
    ),
    "a new body": Case(
        "      x-ttp: [v4, v8]\n",
        "      x-ttp: [v4, v8]\n      requestBody: {content: {application/json: {schema: {type: object}}}}\n",
        "body added",
        "body",
    ),
    "a key that may be left out": Case("required: [name]", "required: []", "field newly optional", "ThingInput.name"),
    "a new key that may be sent": Case(
        "        flag:", "        new: {type: string}\n        flag:", "field added", "ThingFields.new", "", "string"
    ),
    "a key of more types": Case(
        "flag: {type: boolean",
        "flag: {type: [boolean, string]",
        "type changed",
        "ThingFields.flag",
        "boolean",
        "boolean or string",
    ),
    "more values": Case("enum: [a, b]", "enum: [a, b, c]", "value added", "ThingFields.name", "", '"c"'),
    "all values": Case("enum: [a, b], ", "", "values freed", "ThingFields.name", '"a", "b"', "any"),
    "a lower lower bound": Case("minimum: 1", "minimum: 0", "minimum changed", "ThingFields.size", "1", "0"),
    "no bound": Case(", minimum: 1", "", "minimum changed", "ThingFields.size", "1", ""),
    "a key that every TTP takes": Case(
        "'null'}], x-ttp: [v8]}", "'null'}]}", "TTP added", "ThingFields.mode", "v8", "all"
    ),
    "any items": Case(
        "tags: {type: array, items: {type: string}}", "tags: {type: array}", "items freed", "ThingFields.tags[]"
    ),
    "no pattern": Case(", pattern: '^a'", "", "pattern changed", "ThingFields.code", "^a", ""),
    "any further keys": Case(
        "unevaluatedProperties: false", "unevaluatedProperties: true", "further fields", "ThingInput", "none", "any"
    ),
    "a new answered key": Case(
        "        note:", "        new: {type: string}\n        note:", "field added", "Thing.new", "", "string"
    ),
    "a key that is now always answered": Case(
        "required: [id]", "required: [id, note]", "field newly guaranteed", "Thing.note"
    ),
    "an answered key of fewer types": Case(
        "note: {type: string}", "note: {type: string, maxLength: 5}", "maxLength changed", "Thing.note", "", "5"
    ),
    "an error that does not come any more": Case(
        "        '404': {description: Not there.}\n", "", "status gone", "404"
    ),
    "another error": Case("        '404':", "        '403': {description: No.}\n        '404':", "status added", "403"),
    "an answer that is described now": Case(
        "'404': {description: Not there.}",
        "'404': {description: Not there., content: {application/json: {schema: {type: object}}}}",
        "answer described",
        "404",
    ),
}


def run(*arguments: str | Path, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    script = root / "scripts" / "spec_diff.py"
    return subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True)


def changes_between(old: str, new: str, folder: Path) -> list[dict[str, object]]:
    from spec_diff import as_data, find_changes, read

    documents = []
    for name, text in (("old", old), ("new", new)):
        path = folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        documents.append(read(str(path)).operations)
    return [dict(change) for change in as_data(find_changes(*documents))]


def assert_found(case: Case, folder: Path, *, breaking: bool) -> None:
    assert case.old in OLD
    found = changes_between(OLD, OLD.replace(case.old, case.new), folder)
    alike = [one for one in found if (one["kind"], one["breaking"]) == (case.kind, breaking)]
    assert [one["where"] for one in alike if str(one["before"]).startswith(case.before)] == [case.where], found
    assert case.after in str(alike[0]["after"])
    if breaking:
        assert found[0]["breaking"]
    else:
        assert not any(one["breaking"] for one in found)


@pytest.mark.parametrize("case", BREAKING.values(), ids=BREAKING.keys())
def test_what_breaks_users_is_breaking(case: Case, tmp_path: Path) -> None:
    assert_found(case, tmp_path, breaking=True)


@pytest.mark.parametrize("case", COMPATIBLE.values(), ids=COMPATIBLE.keys())
def test_what_breaks_nobody_is_compatible(case: Case, tmp_path: Path) -> None:
    assert_found(case, tmp_path, breaking=False)


def test_a_new_name_beside_others_is_one_that_was_free_before(tmp_path: Path) -> None:
    old = OLD.replace("unevaluatedProperties: false", "additionalProperties: {type: [string, integer]}")
    (change,) = changes_between(
        old, old.replace("        flag:", "        new: {type: string}\n        flag:"), tmp_path
    )
    assert (change["kind"], change["where"], change["breaking"]) == ("field named", "ThingFields.new", True)


def test_a_schema_may_be_one_of_fewer_or_more(tmp_path: Path) -> None:
    less, more = (
        OLD.replace("enum: [x, y]}", f"enum: [x, y]}}, {texts}") for texts in ("{const: z}", "{const: z}, {}")
    )
    (fewer,), (added,) = changes_between(more, less, tmp_path), changes_between(less, more, tmp_path)
    assert (fewer["kind"], fewer["where"], fewer["breaking"]) == ("options changed", "ThingFields.mode", True)
    assert (added["kind"], added["where"], added["breaking"]) == ("options changed", "ThingFields.mode", False)


def test_the_order_of_several_schemas_and_the_looser_of_two_bounds_are_no_change(tmp_path: Path) -> None:
    new = OLD.replace(
        "[{type: string, enum: [x, y]}, {type: 'null'}]", "[{type: 'null'}, {type: string, enum: [x, y]}]"
    )
    new = new.replace("{maximum: 8}", "{minimum: 1, maximum: 8}")
    assert new.count("minimum: 1") == OLD.count("minimum: 1") + 1
    assert changes_between(OLD, new, tmp_path) == []


@pytest.mark.parametrize(
    "note", ["{type: string, maxLength: 9, nullable: true}", "{anyOf: [{type: string, maxLength: 9}, {type: 'null'}]}"]
)
def test_null_may_be_written_in_several_ways(tmp_path: Path, note: str) -> None:
    old = OLD.replace("note: {type: string}", f"note: {note}")
    new = OLD.replace("note: {type: string}", "note: {type: [string, 'null'], maxLength: 9}")
    assert changes_between(old, new, tmp_path) == []


def test_a_version_is_no_change_from_itself(tmp_path: Path) -> None:
    assert changes_between(OLD, OLD, tmp_path) == []


def test_words_and_the_place_where_a_schema_is_written_are_no_change(tmp_path: Path) -> None:
    new = OLD.replace("note: {type: string}", "note: {$ref: '#/components/schemas/Note', description: New.}")
    assert changes_between(OLD, f"{new}    Note: {{type: string, example: a}}\n", tmp_path) == []


def test_a_change_of_a_component_is_told_once_with_all_its_operations(tmp_path: Path) -> None:
    (change,) = changes_between(OLD, OLD.replace("        note: {type: string}\n", ""), tmp_path)
    assert change["operations"] == ["read_thing", "update_thing"]


def test_the_contract_is_no_change_from_itself() -> None:
    contract = ROOT / "spec" / "openapi.yaml"
    done = run(contract, contract)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Since {contract}: no change but of words and examples\n"


def test_the_script_prints_what_breaks_first_and_fails(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(OLD)
    changed = OLD.replace("count: {type: integer}", "count: {type: string}").replace("        '404'", "        '403'")
    (tmp_path / "new.yaml").write_text(changed)
    done = run(tmp_path / "old.yaml", tmp_path / "new.yaml")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"Since {tmp_path / 'old.yaml'}: 1 breaking and 2 compatible changes",
        "breaking    answer     Thing.count  type changed: integer → string  (read_thing, update_thing)",
        "compatible  answer     404  status gone  (read_thing)",
        "compatible  answer     403  status added  (read_thing)",
    ]
    as_json = run(tmp_path / "old.yaml", tmp_path / "new.yaml", "--format", "json")
    assert as_json.returncode == 1
    assert [change["breaking"] for change in json.loads(as_json.stdout)] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "is no file, and no git revision with spec/openapi.yaml"),
        ("a: [", "is neither YAML nor JSON"),
        ("a: b", "is no OpenAPI or Swagger document"),
        (
            OLD.replace("schemas/ThingInput'", "schemas/Nothing'"),
            "the reference '#/components/schemas/Nothing' leads nowhere",
        ),
    ],
)
def test_a_version_that_cannot_be_read_is_one_line(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "old.yaml").write_text(text)
    done = run(tmp_path / "old.yaml", tmp_path / "old.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with the script, and the old version of the contract committed."""
    root = tmp_path / "repository"
    (root / "scripts").mkdir(parents=True)
    (root / "spec").mkdir()
    shutil.copy(SCRIPT, root / "scripts")
    (root / "spec" / "openapi.yaml").write_text(OLD)
    (root / "pyproject.toml").write_text('[project]\nversion = "0.1.0"\n')
    git(root, "init", "--quiet")
    commit(root)
    return root


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "add", ".")
    git(root, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "a")


@pytest.mark.parametrize("tag", ["", "v0.1.0rc1", "v0.1-rc1", "vista", "0.1.0"])
def test_there_may_be_no_release_to_compare_with(repository: Path, tag: str) -> None:
    if tag:
        git(repository, "tag", tag)
    done = run("--since-release", root=repository)
    assert (done.returncode, done.stderr) == (0, "")
    text = "There is no release to compare with: no tag like v1.2.3 that has spec/openapi.yaml leads here.\n"
    assert done.stdout == text


def test_a_release_from_before_there_was_a_contract_is_not_compared_with(repository: Path) -> None:
    git(repository, "rm", "--quiet", "-r", "--cached", "spec")
    git(repository, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "a")
    git(repository, "tag", "v0.0.1")
    done = run("--since-release", root=repository)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("There is no release to compare with")


def test_a_release_is_compared_with_past_those_before_the_next(repository: Path) -> None:
    git(repository, "tag", "v0.1.0")
    (repository / "spec" / "openapi.yaml").write_text(OLD.replace("        note: {type: string}\n", ""))
    commit(repository)
    git(repository, "tag", "v0.1.1rc1")
    done = run("--since-release", root=repository)
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "Since v0.1.0: 1 breaking and 0 compatible changes")


@pytest.mark.parametrize(("tag", "status"), [("v0", 0), ("v1", 1)])
def test_a_release_may_be_of_one_number(repository: Path, tag: str, status: int) -> None:
    git(repository, "tag", tag)
    (repository / "spec" / "openapi.yaml").write_text(OLD.replace("        note: {type: string}\n", ""))
    commit(repository)
    assert run("--since-release", root=repository).returncode == status


@pytest.mark.parametrize(("version", "status"), [("0.1.1", 1), ("0.2.0", 0), ("1.0.0", 0)])
def test_since_a_release_something_may_break_once_the_version_says_so(
    repository: Path, version: str, status: int
) -> None:
    git(repository, "tag", "v0.1.0")
    (repository / "spec" / "openapi.yaml").write_text(OLD.replace("        note: {type: string}\n", ""))
    (repository / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n')
    commit(repository)
    done = run("--since-release", root=repository)
    assert (done.returncode, done.stdout.splitlines()[0]) == (
        status,
        "Since v0.1.0: 1 breaking and 0 compatible changes",
    )
    assert done.stderr == ("" if status else "The version in pyproject.toml allows this after v0.1.0.\n")


def test_a_version_may_be_a_git_revision(repository: Path) -> None:
    (repository / "spec" / "openapi.yaml").write_text(OLD.replace("        note: {type: string}\n", ""))
    commit(repository)
    assert run("HEAD~1", "HEAD", root=repository).returncode == 1
    assert run("HEAD", root=repository).returncode == 0
