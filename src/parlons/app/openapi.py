"""Completes the API's description: the socket's events stand in the same document, so that one generated file types both; every
operation names the one form in which it refuses, and what it takes and gives of conditional requests (`runtime.conditional`)."""

from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from parlons.dispatch.events import EVENTS
from parlons.runtime.http import PROBLEM, Refused
from parlons.voice.calls.events import EVENTS as CALL_EVENTS

ALL = {**EVENTS, **CALL_EVENTS}
REF = "#/components/schemas/{model}"
REFUSAL = {
    "description": "A refusal, after RFC 9457; go by its code.",
    "content": {PROBLEM: {"schema": {"$ref": REF.format(model="Refused")}}},
}

ETAG = {"ETag": {"description": "Of this answer; give it back.", "schema": {"type": "string"}}}
UNCHANGED = {"description": "It is as `If-None-Match` says.", "headers": ETAG}
IF_MATCH = {
    "name": "if-match",
    "in": "header",
    "required": False,
    "description": "The ETag of what is changed, or *; it stands in for `version`.",
    "schema": {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "If-Match"},
}


def describe(app: FastAPI) -> None:
    """Makes `app.openapi()` hold the schemas of events, each under its own name, and `SocketEvent`, any of them."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(event_schemas())
            schemas["SocketEvent"] = {"anyOf": [{"$ref": REF.format(model=kind.__name__)} for kind in ALL.values()]}
            _refusals(document)
            _conditional(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _refusals(document: dict[str, Any]) -> None:
    """FastAPI describes its own form of a bad request, which `install_problems` never lets out."""
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = REFUSAL
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Refused"] = TypeAdapter(Refused).json_schema()


def _conditional(document: dict[str, Any]) -> None:
    """Every GET of JSON has a tag; every change whose body names a version takes it in the header too."""
    schemas = document["components"]["schemas"]
    for operations in document["paths"].values():
        for verb, operation in operations.items():
            answers, parameters = operation["responses"], operation.setdefault("parameters", [])
            if verb == "get" and "application/json" in answers.get("200", {}).get("content", {}):
                answers["200"]["headers"] = {**ETAG, **answers["200"].get("headers", {})}
                answers["304"] = UNCHANGED
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            known = schemas.get(body.get("$ref", "").rpartition("/")[2], body)
            if "version" in known.get("properties", {}) and all(each["name"] != "if-match" for each in parameters):
                parameters.append(IF_MATCH)
            if any(each["name"] == "if-match" for each in parameters):
                answers["412"] = {**REFUSAL, "description": "Somebody changed it meanwhile: `changed-meanwhile`."}
            if not parameters:
                del operation["parameters"]


def event_schemas() -> dict[str, Any]:
    """The schemas of the socket's events and of what they hold, by name."""
    schemas: dict[str, Any] = {}
    for kind in ALL.values():
        schema = TypeAdapter(kind).json_schema(ref_template=REF, mode="serialization")
        schemas.update(schema.pop("$defs", {}))
        schemas[kind.__name__] = schema
    return schemas
