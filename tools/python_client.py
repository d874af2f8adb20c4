"""Writes src/parlons/client/types and operations from the API's description; `--check` only says whether they would differ.

One file for each tag of the description: `types/<tag>.py` has what travels in that tag alone (what several use is in
`types/shared.py`, the socket's events in `types/events.py` and what they hold in `types/told.py`), `operations/<tag>.py` a
method for each route.
"""

import keyword
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from parlons.app.main import API, create_app

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "src/parlons/client"
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
CURSORS = ("cursor", "after", "before")
EVENTS = "SocketEvent"
REFUSED = "Refused"
"""A refusal: the client raises it."""
WRITTEN = '"""{what} Written by `make python-client` from the API\'s description."""\n\n'
Json = dict[str, Any]


def word(text: str) -> str:
    """A name of the description as one of Python."""
    found = re.sub(r"\W", "_", text)
    return f"{found}_" if keyword.iskeyword(found) else found


def class_name(schema: str) -> str:
    """`Held-Input` is HeldInput; `parlons__portal__http__NewLink`, one of several NewLinks, PortalNewLink."""
    if "__" in schema:
        _, room, *_, schema = schema.split("__")
        schema = room.capitalize() + schema
    return re.sub(r"\W", "", schema)


def name_of(ref: str) -> str:
    """The schema a `$ref` names."""
    return ref.rpartition("/")[2]


def typed(schema: Json) -> str:
    """The Python type of a schema."""
    if "$ref" in schema:
        return class_name(name_of(schema["$ref"]))
    if "const" in schema:
        return f"Literal[{_literal(schema['const'])}]"
    if "enum" in schema:
        return f"Literal[{', '.join(_literal(one) for one in schema['enum'])}]"
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " | ".join(dict.fromkeys(typed(one) for one in schema[choice]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(PLAIN.get(one, "Any") for one in kind)
    if kind == "array":
        return f"list[{typed(schema.get('items', {}))}]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {typed(inner) if isinstance(inner, dict) else 'Any'}]"
    return PLAIN.get(str(kind), "Any")


def _literal(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def refs(part: Any) -> Iterator[str]:
    """Schemas that a part of the description names."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield name_of(part["$ref"])
        for inner in part.values():
            yield from refs(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from refs(inner)


def reached(schemas: Json, start: Iterator[str]) -> set[str]:
    """Schemas that some lead to, themselves among them."""
    found: set[str] = set()
    wanted = list(start)
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += refs(schemas[name])
    return found


def declared(name: str, schema: Json) -> str:
    """The declaration of one schema."""
    name = class_name(name)
    if schema.get("type") != "object" or "properties" not in schema:
        return f"{name}: TypeAlias = ({typed(schema)})\n"
    needed = set(schema.get("required", ()))
    fields = {
        field: typed(part) if field in needed else f"NotRequired[{typed(part)}]"
        for field, part in schema["properties"].items()
    }
    if all(field.isidentifier() and not keyword.iskeyword(field) for field in fields):
        lines = [f"    {field}: {kind}" for field, kind in fields.items()]
        return "\n".join([f"class {name}(TypedDict):", *(lines or ["    pass"])]) + "\n"
    inner = ", ".join(f'"{field}": "{kind.replace(chr(34), chr(39))}"' for field, kind in fields.items())
    return f'{name} = TypedDict("{name}", {{{inner}}})\n'


def homes(document: Json) -> dict[str, str]:
    """For each schema the file of types it stands in."""
    schemas = document["components"]["schemas"]
    users: dict[str, set[str]] = {}
    for operations in document["paths"].values():
        for operation in operations.values():
            for name in reached(schemas, refs(operation)) - {REFUSED}:
                users.setdefault(name, set()).add(word(operation["tags"][0]))
    told = {EVENTS, *refs(schemas[EVENTS])}
    for name in reached(schemas, iter([EVENTS])):
        users.setdefault(name, set()).add("events" if name in told else "told")
    return {name: next(iter(tags)) if len(tags) == 1 else "shared" for name, tags in users.items()}


def types_file(tag: str, document: Json, where: dict[str, str]) -> str:
    """`types/<tag>.py`."""
    schemas = document["components"]["schemas"]
    mine = [name for name, home in where.items() if home == tag]
    mine.sort(key=lambda name: ("properties" not in schemas[name], name))  # a union stands after its parts
    text = "\n\n".join(declared(name, schemas[name]) for name in mine)
    theirs = {name for mine_ in mine for name in refs(schemas[mine_]) if where[name] != tag}
    used = [
        one for one in ("Any", "Literal", "NotRequired", "TypeAlias", "TypedDict") if re.search(rf"\b{one}\b", text)
    ]
    head = [WRITTEN.format(what=f"What travels: {tag}."), "from __future__ import annotations\n\n"]
    if used:
        head.append(f"from typing import {', '.join(used)}\n\n")
    head += [f"from parlons.client.types.{where[name]} import {class_name(name)}\n" for name in sorted(theirs)]
    return "".join(head) + "\n\n" + text


def answer_of(operation: Json) -> tuple[str, str]:
    """The type of the answer, and how it is read: json, text, bytes, nothing."""
    good = next(found for status, found in sorted(operation["responses"].items()) if status < "3")
    content = good.get("content", {})
    if "application/json" in content:
        schema = content["application/json"]["schema"]
        return (typed(schema) if schema else "Any"), "json"
    if any(kind.startswith("text/") or kind.endswith("yaml") for kind in content):
        return "str", "text"
    return ("bytes", "bytes") if content else ("None", "nothing")


def item_of(document: Json, operation: Json) -> str | None:
    """The type of one thing of a list that comes in pages; None: this route is no such list."""
    schema = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" not in schema:
        return "dict[str, Any]" if schema.get("type") == "object" else None
    properties = document["components"]["schemas"][name_of(schema["$ref"])].get("properties", {})
    return typed(properties["items"]["items"]) if {"items", "next"} <= properties.keys() else None


def body_of(operation: Json) -> tuple[list[str], list[str]]:
    """Parameters for what is sent, and the arguments that hand them on."""
    request = operation.get("requestBody", {})
    content = request.get("content", {})
    if "application/json" in content:
        kind = typed(content["application/json"]["schema"])
        return [f"body: {kind}" if request.get("required") else f"body: {_left_out(kind)}"], ["body=body"]
    if "multipart/form-data" in content:
        return ["file: File", "fields: Mapping[str, str] | None = None"], ["file=file", "fields=fields"]
    return (["text: str"], ["text=text"]) if content else ([], [])


def method(path: str, verb: str, operation: Json, document: Json) -> str:
    """One route as a method."""
    name = word(operation["operationId"].removeprefix(operation["tags"][0] + "_"))
    places: dict[str, list[Json]] = {"path": [], "query": [], "header": []}
    for one in operation.get("parameters", []):
        places[one["in"]].append(one)
    cursor = next((one["name"] for one in places["query"] if one["name"] in CURSORS), None)
    item = item_of(document, operation) if cursor and verb == "get" else None
    headers = {one["name"].lower() for one in places["header"]}
    sent, handed = body_of(operation)
    named = [f"{word(one['name'])}: {_asked(one)}" for one in places["query"]]
    if "if-match" in headers:
        named.append("if_match: str | None = None")
    if "idempotency-key" in headers:
        named.append("key: str | None = None")
    taken = ["self", *(f"{word(one['name'])}: str | int" for one in places["path"]), *sent]
    arguments = [f'"{verb.upper()}"', f'"{re.sub(r"{[^}]+}", "{}", path.removeprefix(API))}"']
    if places["path"]:
        arguments.append(f"({', '.join(word(one['name']) for one in places['path'])},)")
    if places["query"]:
        inner = ", ".join(f'"{one["name"]}": {word(one["name"])}' for one in places["query"])
        arguments.append(f"query={{{inner}}}")
    arguments += handed
    if "if-match" in headers:
        arguments.append("if_match=if_match")
    if "idempotency-key" in headers:
        arguments.append("once=True, key=key")
    answer, reading = answer_of(operation)
    if item is not None:
        kind, made = "listing", f"Listing[{item}]"
        arguments.append(f'cursor="{cursor}"')
    else:
        kind, made = "operation", f"Request[{answer}]"
        if reading != "json":
            arguments.append(f'reads="{reading}"')
    said = " ".join(operation.get("description", "").split()) or name.replace("_", " ").capitalize()
    first = re.split(r"(?<=[.:;])\s", said)[0].rstrip(".:;").replace("\\", "")
    parameters = ", ".join([*taken, "*" if named else "", *named]).replace(", ,", ",").removesuffix(", ")
    return (
        f"    @{kind}\n    def {name}({parameters}) -> {made}:\n"
        f'        """{first[:100]}."""\n        return {made.partition("[")[0]}'
        f"({', '.join(arguments)})\n"
    )


def _asked(parameter: Json) -> str:
    """The type of a query parameter."""
    kind = typed(parameter["schema"])
    return kind if parameter.get("required") else _left_out(kind)


def _left_out(kind: str) -> str:
    """A type with the default of a value that may be left out."""
    return f"{kind} = None" if kind.endswith("None") else f"{kind} | None = None"


def operations_file(tag: str, document: Json, where: dict[str, str]) -> str:
    """`operations/<tag>.py`."""
    found = [
        (method(path, verb, operation, document), operation)
        for path, operations in document["paths"].items()
        for verb, operation in operations.items()
        if word(operation["tags"][0]) == tag
    ]
    text = "\n".join(one for one, _ in found)
    used = sorted({name for name in where if re.search(rf"\b{class_name(name)}\b", re.sub(r'"""[^\n]*"""', "", text))})
    calls = [one for one in ("File", "Listing", "Request", "listing", "operation") if re.search(rf"\b{one}\b", text)]
    typing = [one for one in ("Any", "Literal") if re.search(rf"\b{one}\b", text)]
    head = [WRITTEN.format(what=f"Routes: {tag}."), "from __future__ import annotations\n\n"]
    if "Mapping" in text:
        head.append("from collections.abc import Mapping\n")
    if typing:
        head.append(f"from typing import {', '.join(typing)}\n")
    head.append(f"\nfrom parlons.client.calls import Group, Mode, {', '.join(calls)}\n")
    head += [f"from parlons.client.types.{where[name]} import {class_name(name)}\n" for name in used]
    return "".join(head) + f'\n\nclass {camel(tag)}(Group[Mode]):\n    """Routes: {tag}."""\n\n{text}'


def camel(tag: str) -> str:
    """`single_messages` is SingleMessagesRoutes."""
    return "".join(part.capitalize() for part in tag.split("_")) + "Routes"


def groups_file(tags: list[str]) -> str:
    """`operations/__init__.py`: all groups of one client."""
    lines = [WRITTEN.format(what="The routes by group."), "from __future__ import annotations\n\n"]
    lines += [f"from parlons.client.operations.{tag} import {camel(tag)}\n" for tag in tags]
    lines.append("from parlons.client.calls import Group, Mode\n")
    lines.append('\n\nclass Groups(Group[Mode]):\n    """Every group of routes, by its name."""\n\n')
    lines.append("    def __init__(self, wire: Any) -> None:\n        super().__init__(wire)\n")
    lines += [f"        self.{tag}: {camel(tag)}[Mode] = {camel(tag)}(wire)\n" for tag in tags]
    return "".join(lines).replace("annotations\n\n", "annotations\n\nfrom typing import Any\n\n", 1)


def generate(folder: Path) -> None:
    """Writes both folders into `folder`."""
    document = create_app().openapi()
    where = homes(document)
    tags = sorted({word(one["tags"][0]) for routes in document["paths"].values() for one in routes.values()})
    files = {f"types/{tag}.py": types_file(tag, document, where) for tag in sorted(set(where.values()))}
    files |= {f"operations/{tag}.py": operations_file(tag, document, where) for tag in tags}
    files["operations/__init__.py"] = groups_file(tags)
    files["types/__init__.py"] = WRITTEN.format(what="What travels, by group.").rstrip() + "\n"
    for part in ("types", "operations"):
        shutil.rmtree(folder / part, ignore_errors=True)
        (folder / part).mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    ruff = [str(Path(sys.executable).parent / "ruff")]
    config = ["--config", str(ROOT / "pyproject.toml")]
    both = [str(folder / "types"), str(folder / "operations")]
    subprocess.run([*ruff, "check", "-q", "--fix", "--select", "I", *config, *both], check=True)
    subprocess.run([*ruff, "format", "-q", *config, *both], check=True)


def main() -> int:
    """Write, or compare."""
    if "--check" not in sys.argv[1:]:
        generate(CLIENT)
        return 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        generate(folder)
        for part in ("types", "operations"):
            fresh = {path.name: path.read_text() for path in (folder / part).glob("*.py")}
            if fresh != {path.name: path.read_text() for path in (CLIENT / part).glob("*.py")}:
                print("src/parlons/client is not what the API says; run `make python-client`.")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
