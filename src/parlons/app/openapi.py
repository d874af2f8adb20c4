"""Completes the API's description: the events of the socket stand in the same document as the routes, so that one generated
file types both."""

from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from parlons.dispatch import events as dispatch


def describe(app: FastAPI) -> None:
    """Makes `app.openapi()` hold the schemas of events."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for name, kind in dispatch.EVENTS.items():
                schema = TypeAdapter(kind).json_schema(
                    ref_template="#/components/schemas/{model}", mode="serialization"
                )
                schemas.update(schema.pop("$defs", {}))
                schemas[name] = schema
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
