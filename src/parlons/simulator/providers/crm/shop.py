"""A stand-in for a customer system of one's own: plain JSON, ETags, idempotency keys, a bearer token, client credentials."""

from datetime import datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from parlons.simulator.providers.crm.books import Books, Person

TOKEN, CLIENT, SECRET = "shop-token", "parlons", "shop-secret"


class Shop:
    """The system."""

    def __init__(self, books: Books | None = None) -> None:
        self.books = books or Books()
        self._made: dict[str, str] = {}
        self.app = Starlette(
            routes=[
                Route("/token", self._token, methods=["POST"]),
                Route("/customers", self._several, methods=["GET", "POST"]),
                Route("/customers/{id}", self._one, methods=["GET", "PATCH"]),
                Route("/customers/{id}/activities", self._note, methods=["POST"]),
                Route("/page/{id}", self._page),
            ]
        )

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        return JSONResponse({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600})

    def _stopped(self, request: Request) -> Response | None:
        instead = self.books.trouble(request)
        if instead is None and request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"error": "unauthorized"}, 401)
        return instead

    async def _several(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        if request.method == "POST":
            key = request.headers.get("idempotency-key", "")
            if key not in self._made:
                self._made[key] = self.books.add(**orjson.loads(await request.body())).id
            return self.books.after(self._shown(self.books.people[self._made[key]], 201))
        query = request.query_params
        if "since" in query:
            since = datetime.fromisoformat(query["since"]).timestamp()
            found = [one for one in self.books.people.values() if one.changed >= since]
        else:
            ((name, value),) = query.items()
            found = self.books.having([name], value)
        return JSONResponse({"items": [_json(one) for one in found]})

    async def _one(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        person = self.books.people.get(request.path_params["id"])
        if person is None:
            return JSONResponse({"error": "unknown"}, 404)
        if request.method == "PATCH":
            if request.headers.get("if-match", f'"{person.version}"') != f'"{person.version}"':
                return JSONResponse({"error": "stale"}, 412)
            values: dict[str, Any] = orjson.loads(await request.body())
            if "@" not in str(values.get("email", "@")):
                return JSONResponse({"code": "invalid-email"}, 422)
            self.books.change(person.id, **values)
        return self.books.after(self._shown(person, 200))

    async def _note(self, request: Request) -> Response:
        if (instead := self._stopped(request)) is not None:
            return instead
        key, person_id = request.headers.get("idempotency-key", ""), request.path_params["id"]
        if key not in self._made:
            self._made[key] = await self.books.note(person_id, orjson.loads(await request.body()))
        return self.books.after(JSONResponse({"id": self._made[key]}, 201))

    async def _page(self, request: Request) -> Response:
        return HTMLResponse(f"<title>Customer {request.path_params['id']}</title>")

    @staticmethod
    def _shown(person: Person, status: int) -> Response:
        return JSONResponse(_json(person), status, headers={"etag": f'"{person.version}"'})


def _json(person: Person) -> dict[str, Any]:
    return {"id": person.id, **person.values}
