"""The API's own published description, fetched when the tests run and never kept here; and what it says against an answer.

It comes with a package of its registry; the archive's digest is pinned. The description marks almost nothing as required, but its
own examples hold every property: an answer must have exactly those, with their types, patterns and dates.
"""

import hashlib
import json
import os
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from tools.npm import command

Json = dict[str, Any]
PACKAGE = "@twilio/cli-core@8.3.2"
DIGEST = "6ae83443de5882462b5fba9eddd9080a0ba52ff9cfa579d8bac9f4cf43ee4409"
INSIDE = "package/src/services/twilio-api/twilio_taskrouter_v1.json"
INSIDE_CALLS = "package/src/services/twilio-api/twilio_api_v2010.json"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
OLD_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000")
TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}


def fetched(folder: Path, package: str = PACKAGE, digest: str = DIGEST, inside: str = INSIDE) -> Json:
    """The description, or another JSON file of a package of its registry."""
    environ = dict(os.environ)
    line = [*command(environ), "pack", package, "--pack-destination", str(folder), "--silent"]
    subprocess.run(line, env=environ, check=True, capture_output=True, cwd=folder)
    (archive,) = folder.glob("*.tgz")
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == digest
    with tarfile.open(archive) as opened:
        member = opened.extractfile(inside)
        assert member is not None
        found: Json = json.load(member)
    return found


def faults(described: Json, method: str, template: str, status: int, body: Any) -> list[str]:
    """What an answer has that the description has not, or otherwise."""
    operation = described["paths"][template][method.lower()]
    answer = operation["responses"].get(str(status))
    if answer is None:
        return [f"status {status} is none of {sorted(operation['responses'])}"]
    content = answer.get("content", {}).get("application/json")
    return [] if content is None else _differs(described, content["schema"], body, "", top=True)


def _differs(described: Json, schema: Json, value: Any, where: str, *, top: bool = False) -> list[str]:
    if "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if value is None:
        return [] if schema.get("nullable") or "type" not in schema else [f"{where} is null"]
    kind = schema.get("type")
    if kind is None:
        return []
    if not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
        return [f"{where} is {value!r}, not {kind}"]
    if kind == "string":
        return _text(schema, value, where)
    if kind == "array":
        return [fault for item in value for fault in _differs(described, schema.get("items", {}), item, f"{where}[]")]
    properties = schema.get("properties")
    if kind != "object" or not properties:
        return []
    found = [f"{where}.{name} is missing" for name in properties.keys() - value.keys()]
    found += [f"{where}.{name} is not described" for name in value.keys() - properties.keys()]
    for name in properties.keys() & value.keys():
        found += _differs(described, properties[name], value[name], f"{where}.{name}")
    return found


def _text(schema: Json, value: str, where: str) -> list[str]:
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where} is {value!r}, none of {schema['enum']}"]
    if "pattern" in schema and re.search(schema["pattern"], value) is None:
        return [f"{where} is {value!r}, not {schema['pattern']}"]
    if schema.get("format") == "date-time" and DATE.fullmatch(value) is None:
        return [f"{where} is {value!r}, not a date of that API"]
    if schema.get("format") == "date-time-rfc-2822" and OLD_DATE.fullmatch(value) is None:
        return [f"{where} is {value!r}, not a date of that API"]
    if value.startswith("/2010-04-01/"):  # the older version's addresses have no host
        return []
    return [f"{where} is {value!r}, no address"] if schema.get("format") == "uri" and "://" not in value else []
