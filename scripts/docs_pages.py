"""Writes the pages of the site into build/docs: those of docs/, README, the changelog, and the contract as a reference.

`python scripts/docs_pages.py` writes them once, with `--watch` again whenever one of them changes. `Examples` is for
griffe, which reads the code.
"""

import argparse
import json
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import griffe
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "build" / "docs"
SOURCES = tuple(ROOT / name for name in ("docs", "spec", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"))
METHODS = ("get", "post", "put", "delete")
# Where the links of the repository's own files lead in the site.
LINKS = {
    "docs/": "",
    "spec/README.md": "rest/maintaining.md",
    "../../spec/README.md": "../rest/maintaining.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
}

Schema = Mapping[str, Any]


def main() -> None:
    """Write the pages, once or whenever they change."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watch", action="store_true", help="go on, and write again what changes")
    is_watching = parser.parse_args().watch
    write(SITE)
    written = _changed()
    while is_watching:
        time.sleep(1)
        if _changed() > written:
            written = _changed()
            write(SITE)


def write(folder: Path) -> None:
    """Make a folder hold every page and what pages show, and nothing else; what is as it was is not touched."""
    files = {
        path.relative_to(ROOT / "docs"): path.read_bytes() for path in (ROOT / "docs").rglob("*") if path.is_file()
    }
    files |= {Path(name): text.encode() for name, text in pages().items()}
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder) not in files:
            path.unlink()
    for name, content in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _changed() -> float:
    """When what pages are made of was last changed."""
    files = [file for source in SOURCES for file in (source, *source.rglob("*"))]
    return max(file.stat().st_mtime for file in files)


def pages() -> dict[str, str]:
    """Every page that is made or has other links in the site, in Markdown, by its path there."""
    contract = Contract()
    guides = {page.name: page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "guides").glob("*.md")}
    return {
        **{f"guides/{name}": linked(text) for name, text in guides.items()},
        "index.md": linked((ROOT / "README.md").read_text(encoding="utf-8")),
        "contributing.md": linked((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")),
        "changelog.md": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        "rest/index.md": contract.overview(),
        "rest/objects.md": contract.objects(),
        "rest/maintaining.md": (ROOT / "spec" / "README.md").read_text(encoding="utf-8"),
        **{f"rest/{name}.md": contract.resource(name) for name in contract.resources},
    }


def linked(text: str) -> str:
    """A file of the repository with its links leading to pages of the site."""
    for old, new in LINKS.items():
        text = text.replace(f"]({old}", f"]({new}")
    return text


class Examples(griffe.Extension):
    """Has the examples in docstrings shown as code, under the name that this needs."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rename the section of one object."""
        if obj.docstring is not None:
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE)


class Contract:
    """The contract as Markdown."""

    def __init__(self) -> None:
        self._document: Mapping[str, Any] = YAML(typ="safe").load(ROOT / "spec" / "openapi.yaml")
        self._components: Mapping[str, Any] = self._document["components"]
        self.resources: Mapping[str, str] = {tag["name"]: tag["description"] for tag in self._document["tags"]}

    def overview(self) -> str:
        """What holds for every operation, and a list of them."""
        rows = [
            f"| [{operation['summary']}]({operation['tags'][0]}.md#{operation['operationId']}) "
            f"| {', '.join(operation['x-ttp'])} | {method.upper()} | <code>{path.replace('/', '/<wbr>')}</code> |"
            for path, method, operation in self._operations()
            if "x-alias-of" not in operation
        ]
        return "\n".join(
            [
                "# The REST interface",
                "",
                self._document["info"]["description"],
                "",
                "## Operations",
                "",
                "| operation | generation | method | path |",
                "|---|---|---|---|",
                *rows,
                "",
            ]
        )

    def resource(self, name: str) -> str:
        """The page of a resource."""
        aliases: dict[str, list[str]] = {}
        for path, _, operation in self._operations():
            if "x-alias-of" in operation:
                aliases.setdefault(operation["x-alias-of"], []).append(path)
        lines = [f"# {name}", "", self.resources[name], ""]
        for path, method, operation in self._operations():
            if operation["tags"] == [name] and "x-alias-of" not in operation:
                lines += self._operation(path, method, operation, aliases.get(operation["operationId"], []))
        return "\n".join(lines)

    def objects(self) -> str:
        """The page of the objects that are sent and answered inside others."""
        objects = {name.lower(): self._object(name, schema) for name, schema in self._components["schemas"].items()}
        linked: set[str] = set()
        found = _links("".join(self.resource(name) for name in self.resources))
        while found - linked:
            linked |= found
            found = _links("".join(objects[name] for name in linked))
        lines = ["# Objects", "", "What is sent in the fields of requests, and answered in the fields of records.", ""]
        return "\n".join([*lines, *(text for name, text in objects.items() if name in linked)])

    def _object(self, name: str, schema: Schema) -> str:
        description = schema.get("description", "")
        return "\n".join([f"## {name} {{#{name.lower()}}}", "", description, "", *self._fields(schema), "", ""])

    def _operations(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for path, item in self._document["paths"].items():
            for method in METHODS:
                if method in item:
                    parameters = [*item.get("parameters", []), *item[method].get("parameters", [])]
                    yield path, method, {**item[method], "parameters": parameters}

    def _operation(self, path: str, method: str, operation: Mapping[str, Any], aliases: list[str]) -> Iterator[str]:
        yield f"## {operation['summary']} {{#{operation['operationId']}}}"
        yield f"\n<span class='verb'>{method.upper()}</span> `{path}` · {', '.join(operation['x-ttp'])}\n"
        for alias in aliases:
            yield f"<span class='verb'>{method.upper()}</span> `{alias}` is a second path to the same.\n"
        yield f"{operation['description']}\n"
        parameters = [self._resolved(reference) for reference in operation["parameters"]]
        for place in ("path", "query"):
            if here := [parameter for parameter in parameters if parameter["in"] == place]:
                yield from (f"| in the {place} | |", "|---|---|")
                yield from (f"| `{parameter['name']}` | {parameter['description']} |" for parameter in here)
                yield ""
        if "requestBody" in operation:
            body = self._resolved(operation["requestBody"])
            content = body["content"]["application/json"]
            yield from (f"**Sent:** {body['description']}", "", *self._fields(content["schema"]), "")
            yield from _json(content["example"])
        yield from ("| status | answer |", "|---|---|")
        for status, reference in operation["responses"].items():
            yield f"| {status} | {_one_line(self._resolved(reference)['description'])} |"
        yield ""
        status, answer = next(iter(operation["responses"].items()))
        content = self._resolved(answer)["content"]["application/json"]
        yield f'??? example "An answer with {status}"\n'
        yield from (f"    {line}" for block in _json(content["example"]) for line in block.splitlines())
        yield ""
        if record := self._record(content["schema"]):
            yield f"    The data: {record}.\n"

    def _record(self, envelope: Schema) -> str:
        """What the data of an answer are."""
        for part in self._resolved(envelope)["allOf"]:
            if data := self._resolved(part).get("properties", {}).get("data"):
                kind = self._type(data)
                if "objects.md" in kind:
                    return kind
        return ""

    def _fields(self, schema: Schema) -> Iterator[str]:
        """A table of the fields of an object, those of all its parts."""
        fields, required, rest = self._flattened(schema)
        yield from ("| field | kind | |", "|---|---|---|")
        for name, field in fields.items():
            text = _one_line(self._description(field))
            mark = " *required*" if name in required else ""
            yield f"| `{name}` | {self._type(field)}{mark} | {text} |"
        if isinstance(rest, Mapping):
            yield f"| any other | {self._type(rest)} | {_one_line(rest.get('description', ''))} |"

    def _description(self, field: Schema) -> str:
        """What a field is, in its own words or those of what it refers to or is a list of."""
        while "description" not in field and ("$ref" in field or "items" in field):
            field = self._resolved(field) if "$ref" in field else field["items"]
        return str(field.get("description", ""))

    def _flattened(self, schema: Schema) -> tuple[dict[str, Schema], set[str], Any]:
        schema = self._resolved(schema)
        fields: dict[str, Schema] = dict(schema.get("properties", {}))
        required = set(schema.get("required", []))
        rest = schema.get("additionalProperties")
        for part in schema.get("allOf", []):
            more, also_required, _ = self._flattened(part)
            fields |= more
            required |= also_required
        return fields, required, rest

    def _type(self, schema: Schema) -> str:
        """What a value is, in a few words."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            named = self._components["schemas"][name]
            return f"[{name}](objects.md#{name.lower()})" if self._flattened(named)[0] else self._type(named)
        if "enum" in schema:
            return " or ".join(f"`{value}`" for value in schema["enum"])
        if "anyOf" in schema:
            kinds = [self._type(part) for part in schema["anyOf"] if part]
            return " or ".join(dict.fromkeys(kinds))
        kinds = schema.get("type", "any")
        if isinstance(kinds, list):
            return " or ".join(self._type({**schema, "type": kind}) for kind in kinds)
        if kinds == "array":
            return f"list of {self._type(schema.get('items', {}))}"
        if kinds == "object" and isinstance(schema.get("additionalProperties"), Mapping):
            return f"object of {self._type(schema['additionalProperties'])}"
        return f"{kinds}{_bounds(schema)}"

    def _resolved(self, node: Schema) -> Schema:
        while "$ref" in node:
            _, _, kind, name = node["$ref"].split("/")
            node = self._components[kind][name]
        return node


def _links(text: str) -> set[str]:
    """The objects that a text links to."""
    return set(re.findall(r"objects\.md#(\w+)", text))


def _bounds(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is None:
        return ""
    return f" from {least}" if most is None else f" from {least} to {most}"


def _json(example: object) -> Iterator[str]:
    yield from ("```json", json.dumps(example, indent=2, ensure_ascii=False), "```", "")


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


if __name__ == "__main__":
    main()
