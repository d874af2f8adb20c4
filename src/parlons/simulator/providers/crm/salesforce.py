"""A stand-in for Salesforce's REST API: contacts and tasks as rows, queries, parameterized search, get updated, OAuth.

Source: Salesforce, REST API Developer Guide.
"""

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parlons.simulator.providers.crm.books import Books, Person

TOKEN, CLIENT, SECRET = "00D-session", "connected-app", "sf-secret"
_WHERE = re.compile(
    r"SELECT (?P<fields>.+) FROM (?P<object>\w+) WHERE (?P<name>\w+) = '(?P<value>(?:\\.|[^'])*)' LIMIT \d+"
)


class Salesforce:
    """The system. `expired`: the session is over once; a fresh token is wanted."""

    def __init__(self, books: Books | None = None) -> None:
        self.books = books or Books()
        self.expired = False
        data = "/services/data/v61.0"
        self.app = Starlette(
            routes=[
                Route("/services/oauth2/token", self._token, methods=["POST"]),
                Route(f"{data}/query", self._query),
                Route(f"{data}/parameterizedSearch", self._search),
                Route(f"{data}/sobjects/Task", self._task, methods=["POST"]),
                Route(f"{data}/sobjects/Contact", self._rows, methods=["GET", "POST"]),
                Route(f"{data}/sobjects/Contact/updated/", self._updated),
                Route(f"{data}/sobjects/Contact/{{id}}", self._row, methods=["GET", "PATCH"]),
            ]
        )

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client", "error_description": "invalid client credentials"}, 400)
        self.expired = False
        base = str(request.base_url).rstrip("/")
        return JSONResponse({"access_token": TOKEN, "instance_url": base, "token_type": "Bearer", "issued_at": "0"})

    def _stopped(self, request: Request) -> Response | None:
        instead = self.books.trouble(request)
        if instead is None and (self.expired or request.headers.get("authorization") != f"Bearer {TOKEN}"):
            return _error(401, "INVALID_SESSION_ID")
        return instead

    async def _query(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        asked = _WHERE.fullmatch(request.query_params["q"])
        if asked is None:
            return _error(400, "MALFORMED_QUERY")
        value, fields = asked["value"].replace("\\'", "'").replace("\\\\", "\\"), asked["fields"].split(", ")
        if asked["object"] == "Task":
            ids = [str(9001 + at) for at, (_, note) in enumerate(self.books.notes) if note.get(asked["name"]) == value]
            records = [{"attributes": {"type": "Task"}, "Id": each} for each in ids]
        else:
            records = [_json(one, fields) for one in self.books.having([asked["name"]], value)]
        return JSONResponse({"totalSize": len(records), "done": True, "records": records})

    async def _search(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        digits, fields = request.query_params["q"], request.query_params["Contact.fields"].split(",")
        people = self.books.people.values()
        found = [one for one in people if re.sub(r"\D", "", str(one.values.get("Phone"))) == digits]
        return JSONResponse({"searchRecords": [_json(one, fields) for one in found]})

    async def _task(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        task: dict[str, Any] = orjson.loads(await request.body())
        made = await self.books.note(task["WhoId"], task)
        return self.books.after(JSONResponse({"id": made, "success": True, "errors": []}, 201))

    async def _rows(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        if request.method == "GET":
            return JSONResponse({"objectDescribe": {"name": "Contact"}, "recentItems": []})
        values = orjson.loads(await request.body())
        if not values.get("LastName"):
            return _error(400, "REQUIRED_FIELD_MISSING")
        made = self.books.add(**values)
        return self.books.after(JSONResponse({"id": made.id, "success": True, "errors": []}, 201))

    async def _row(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        person = self.books.people.get(request.path_params["id"])
        if person is None:
            return _error(404, "NOT_FOUND")
        changed = datetime.fromtimestamp(int(person.changed), UTC)
        if request.method == "PATCH":
            only = request.headers.get("if-unmodified-since")
            if only and changed > parsedate_to_datetime(only):
                return Response(status_code=412)
            values = orjson.loads(await request.body())
            if "@" not in str(values.get("Email", "@")):
                return _error(400, "INVALID_EMAIL_ADDRESS")
            self.books.change(person.id, **values)
            return self.books.after(Response(status_code=204))
        fields = request.query_params["fields"].split(",")
        headers = {"last-modified": format_datetime(changed, usegmt=True)}
        return JSONResponse(_json(person, fields), headers=headers)

    async def _updated(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        start, end = (datetime.fromisoformat(request.query_params[name]).timestamp() for name in ("start", "end"))
        ids = [one.id for one in self.books.people.values() if start <= one.changed < end]
        covered = request.query_params["end"].replace("+00:00", ".000+0000")
        return JSONResponse({"ids": ids, "latestDateCovered": covered})


def _json(person: Person, names: list[str]) -> dict[str, Any]:
    shown = {name: person.id if name == "Id" else person.values.get(name) for name in ("Id", *names)}
    return {"attributes": {"type": "Contact"}, **shown}


def _error(status: int, code: str) -> Response:
    return JSONResponse([{"message": code.lower(), "errorCode": code, "fields": []}], status)
