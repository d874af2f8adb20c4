"""A stand-in for HubSpot's CRM objects API: contacts, notes, search, OAuth refresh, signed webhooks (v3).

Source: HubSpot, CRM API v3 reference and "Validating requests".
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parlons.simulator.providers.crm.books import Books, Person

TOKEN, REFRESH, SECRET = "pat-1", "refresh-1", "hub-secret"
KEY = "hs_unique_creation_key"


class HubSpot:
    """The system."""

    def __init__(self, books: Books | None = None) -> None:
        self.books = books or Books()
        self._keys: dict[str, str] = {}
        contacts, notes = "/crm/v3/objects/contacts", "/crm/v3/objects/notes"
        self.app = Starlette(
            routes=[
                Route("/oauth/v1/token", self._token, methods=["POST"]),
                Route(f"{contacts}/search", self._search, methods=["POST"]),
                Route(contacts, self._contacts, methods=["GET", "POST"]),
                Route(f"{contacts}/{{id}}", self._contact, methods=["GET", "PATCH"]),
                Route(notes, self._note, methods=["POST"]),
                Route(f"{notes}/{{key}}", self._noted),
            ]
        )

    def signed(self, url: str, events: list[dict[str, Any]], at: int) -> tuple[bytes, dict[str, str]]:
        """A webhook's body and headers; `at`: milliseconds."""
        body = orjson.dumps(events)
        mac = hmac.new(SECRET.encode(), b"POST" + url.encode() + body + str(at).encode(), hashlib.sha256)
        named = {"x-hubspot-signature-v3": base64.b64encode(mac.digest()).decode()}
        return body, {**named, "x-hubspot-request-timestamp": str(at)}

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        if (form.get("refresh_token"), form.get("client_secret")) != (REFRESH, SECRET):
            return JSONResponse({"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid"}, 400)
        return JSONResponse({"access_token": TOKEN, "refresh_token": REFRESH, "expires_in": 1800})

    def _stopped(self, request: Request) -> Response | None:
        instead = self.books.trouble(request)
        if instead is None and request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _error(401, "INVALID_AUTHENTICATION")
        return instead

    async def _search(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        asked = orjson.loads(await request.body())
        found: dict[str, Person] = {}
        for group in asked["filterGroups"]:
            (rule,) = group["filters"]
            if rule["operator"] == "GT":
                since = int(rule["value"])
                fits = [one for one in self.books.people.values() if round(one.changed * 1000) > since]
            else:
                fits = self.books.having([rule["propertyName"]], rule["value"])
            found |= {one.id: one for one in fits}
        ordered = sorted(found.values(), key=lambda one: one.changed)[: asked.get("limit", 10)]
        results = [_json(one, asked["properties"]) for one in ordered]
        return JSONResponse({"total": len(results), "results": results})

    async def _contacts(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        if request.method == "GET":
            return JSONResponse({"results": [_json(one, []) for one in list(self.books.people.values())[:1]]})
        properties = orjson.loads(await request.body())["properties"]
        known = self.books.having(["email"], properties["email"]) if properties.get("email") else []
        if known:
            return _error(409, "CONFLICT", f"Contact already exists. Existing ID: {known[0].id}")
        return self.books.after(JSONResponse(_json(self.books.add(**properties), list(properties)), 201))

    async def _contact(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        person = self.books.people.get(request.path_params["id"])
        if person is None:
            return _error(404, "OBJECT_NOT_FOUND")
        if request.method == "PATCH":
            properties = orjson.loads(await request.body())["properties"]
            if "@" not in properties.get("email", "@"):
                return _error(400, "VALIDATION_ERROR", "Property values were not valid")
            self.books.change(person.id, **properties)
        wanted = request.query_params.get("properties", "").split(",")
        return self.books.after(JSONResponse(_json(person, wanted)))

    async def _note(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        note = orjson.loads(await request.body())
        key, (beside,) = note["properties"][KEY], note["associations"]
        if key in self._keys:
            return _error(400, "VALIDATION_ERROR", f"{KEY} is taken")
        self._keys[key] = await self.books.note(beside["to"]["id"], note["properties"])
        return self.books.after(JSONResponse({"id": self._keys[key], "properties": note["properties"]}, 201))

    async def _noted(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        known = self._keys.get(request.path_params["key"]) if request.query_params.get("idProperty") == KEY else None
        return _error(404, "OBJECT_NOT_FOUND") if known is None else JSONResponse({"id": known, "properties": {}})


def _json(person: Person, names: list[str]) -> dict[str, Any]:
    changed = datetime.fromtimestamp(person.changed, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    always = {"createdate": changed, "hs_object_id": person.id, "lastmodifieddate": changed}
    shown = {name: person.values.get(name) for name in names if name and name not in always}
    return {"id": person.id, "properties": {**shown, **always}, "updatedAt": changed, "archived": False}


def _error(status: int, category: str, message: str = "") -> Response:
    body = {"status": "error", "message": message or category, "correlationId": "c0", "category": category}
    return JSONResponse(body, status)
