"""What is told, described for programs: `/api/v1/asyncapi.json`, an AsyncAPI 3 document of the event socket and of webhooks.

It is made from the lists of events that the code itself goes by. Of the router's and of calls' events on the socket it holds
the whole schemas, which are those of the API's description; of the others the frame: their objects are those of the API.
Source: AsyncAPI 3.0.0.
"""

from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from parlons import __version__
from parlons.app.openapi import ALL, event_schemas
from parlons.webhooks.kinds import KINDS, TEST

Json = dict[str, Any]
_OBJECT: Json = {"type": "object"}
_FROM_CLIENTS: dict[str, Json] = {
    "register": {"cursor": {"type": ["integer", "null"]}},
    "watch": {"conversation_id": {"type": "string"}},
    "unwatch": {"conversation_id": {"type": "string"}},
    "ping": {},
    "pong": {},
}
_FROM_SERVER: dict[str, Json] = {
    "snapshot": {"cursor": {"type": "integer"}, "data": _OBJECT},
    "cursor": {"seq": {"type": "integer"}},
    "ephemeral": {"event": {"type": "string"}, "data": _OBJECT},
    "ping": {},
    "pong": {},
    "resync": {},
    "error": {"code": {"type": "string"}},
}
_SIGNED = {
    "webhook-id": "The message's id: the same whenever it comes again.",
    "webhook-timestamp": "Seconds since 1970 of this attempt.",
    "webhook-signature": "v1,BASE64 of HMAC-SHA256 over id.timestamp.body; one for each valid secret, a space between.",
}


def route(prefix: str) -> Route:
    """Where it is read; it holds nothing of anybody."""

    async def answer(_: Request) -> JSONResponse:
        return JSONResponse(document())

    return Route(f"{prefix}/asyncapi.json", answer)


@cache
def document() -> Json:
    """The whole document."""
    socket = {f"event.{name}": _event(name) for name in [*KINDS, *(each for each in ALL if each not in KINDS)]}
    frames = {f"frame.{name}": _frame(name, fields) for name, fields in _FROM_SERVER.items()}
    clients = {f"client.{name}": _frame(name, fields) for name, fields in _FROM_CLIENTS.items()}
    hooks = {f"webhook.{name}": _message(name, words) for name, words in {**KINDS, TEST: "A test."}.items()}
    told, heard = {**frames, **socket}, {**clients}
    messages = {**told, **heard, **hooks}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Parlons: events",
            "version": __version__,
            "description": "What the event socket and webhooks tell. Events may be added; pass over what you do not know.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "socket": _channel(
                "/api/v1/socket", "The event socket: a snapshot, then numbered events.", {**told, **heard}
            ),
            "webhook": _channel(None, "The address of a webhook, signed after Standard Webhooks.", hooks),
        },
        "operations": {
            "tellSocket": _operation("send", "socket", told),
            "hearSocket": _operation("receive", "socket", heard),
            "tellWebhook": _operation("send", "webhook", hooks),
        },
        "components": {"messages": messages, "schemas": event_schemas()},
    }


def _channel(address: str | None, words: str, messages: Json) -> Json:
    named = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    return {"address": address, "description": words, "messages": named}


def _operation(action: str, channel: str, messages: Json) -> Json:
    named = [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages]
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "messages": named}


def _event(name: str) -> Json:
    kind, words = ALL.get(name), KINDS.get(name)
    told: Json = {"name": name, **({"summary": words} if words else {})}
    if kind is not None and "type" in kind.model_fields:
        return {**told, "payload": {"$ref": f"#/components/schemas/{kind.__name__}"}}
    if kind is not None:  # figures, without a place in the order
        data = {"$ref": f"#/components/schemas/{kind.__name__}"}
        return {**told, **_frame("ephemeral", {"event": {"const": name}, "data": data})}
    fields = {"seq": {"type": "integer"}, "event": {"const": name}, "at": _moment(), "data": _OBJECT}
    return {**told, **_frame("event", fields)}


def _frame(name: str, fields: Json) -> Json:
    needed = [field for field, schema in fields.items() if "null" not in schema.get("type", ())]
    properties = {"type": {"const": name}, **fields}
    return {"payload": {"type": "object", "properties": properties, "required": ["type", *needed]}}


def _message(name: str, words: str) -> Json:
    fields = {"type": {"const": name}, "timestamp": _moment(), "data": _OBJECT, "seq": {"type": "integer"}}
    headers = {field: {"type": "string", "description": said} for field, said in _SIGNED.items()}
    return {
        "name": name,
        "summary": words,
        "headers": {"type": "object", "properties": headers, "required": [*headers]},
        "payload": {"type": "object", "properties": fields, "required": ["type", "timestamp", "data"]},
    }


def _moment() -> Json:
    return {"type": "string", "format": "date-time"}
