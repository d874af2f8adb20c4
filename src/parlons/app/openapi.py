"""Completes the API's description: the socket's events stand in the same document, so that one generated file types both."""

from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from parlons.dispatch.events import EVENTS
from parlons.voice.calls.events import EVENTS as CALL_EVENTS

ALL = {**EVENTS, **CALL_EVENTS}
REF = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Makes `app.openapi()` hold the schemas of events, each under its own name, and `SocketEvent`, any of them."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(event_schemas())
            schemas["SocketEvent"] = {"anyOf": [{"$ref": REF.format(model=kind.__name__)} for kind in ALL.values()]}
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def event_schemas() -> dict[str, Any]:
    """The schemas of the socket's events and of what they hold, by name."""
    schemas: dict[str, Any] = {}
    for kind in ALL.values():
        schema = TypeAdapter(kind).json_schema(ref_template=REF, mode="serialization")
        schemas.update(schema.pop("$defs", {}))
        schemas[kind.__name__] = schema
    return schemas
