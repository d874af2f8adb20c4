"""Completes the API's description: the socket's events stand in the same document, so that one generated file types both, and
every operation names the one form in which it refuses."""

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


def event_schemas() -> dict[str, Any]:
    """The schemas of the socket's events and of what they hold, by name."""
    schemas: dict[str, Any] = {}
    for kind in ALL.values():
        schema = TypeAdapter(kind).json_schema(ref_template=REF, mode="serialization")
        schemas.update(schema.pop("$defs", {}))
        schemas[kind.__name__] = schema
    return schemas
