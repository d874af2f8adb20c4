"""A stand-in for Odoo's JSON-RPC: partners and the messages in their log, for one user with an API key.

Source: Odoo, External API; error bodies as its HTTP layer writes them.
"""

import re
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parlons.simulator.providers.crm.books import Books, Person

_WILD = re.compile(r"\\([\\%_])")
"""What =ilike takes as it is."""
DATABASE, LOGIN, KEY, USER = "shop", "parlons@shop.example", "odoo-key", 7


class Odoo:
    """The system."""

    def __init__(self, books: Books | None = None) -> None:
        self.books = books or Books()
        self.app = Starlette(routes=[Route("/jsonrpc", self._rpc, methods=["POST"])])

    async def _rpc(self, request: Request) -> Response:
        if (instead := self.books.trouble(request)) is not None:
            return instead
        call = orjson.loads(await request.body())
        asked = call["params"]
        try:
            if asked["service"] == "common":
                database, login, key, _ = asked["args"]
                result: Any = USER if (database, login, key) == (DATABASE, LOGIN, KEY) else False
            else:
                database, user, key, model, method, positional, named = asked["args"]
                if (database, user, key) != (DATABASE, USER, KEY):
                    raise _Problem("odoo.exceptions.AccessDenied")
                result = await self._execute(model, method, positional, named)
        except _Problem as problem:
            data = {"name": str(problem), "debug": "", "message": "", "arguments": [], "context": {}}
            error = {"code": 200, "message": "Odoo Server Error", "data": data}
            return JSONResponse({"jsonrpc": "2.0", "id": call["id"], "error": error})
        return self.books.after(JSONResponse({"jsonrpc": "2.0", "id": call["id"], "result": result}))

    async def _execute(self, model: str, method: str, positional: list[Any], named: dict[str, Any]) -> Any:
        books = self.books
        match model, method:
            case "mail.message", "search":
                ((_, _, wanted),) = positional[0]
                return [9001 + at for at, (_, note) in enumerate(books.notes) if note["message_id"] == wanted]
            case "mail.message", "create":
                return int(await books.note(str(positional[0]["res_id"]), positional[0]))
            case "res.partner", "search_count":
                return len(books.people)
            case "res.partner", "search_read":
                return self._found(positional[0], named)
            case "res.partner", "read":
                there = [books.people.get(str(each)) for each in positional[0]]
                if None in there:
                    raise _Problem("odoo.exceptions.MissingError")
                return [_json(one, named["fields"]) for one in there if one is not None]
            case "res.partner", "create":
                return int(books.add(**positional[0]).id)
            case "res.partner", "write":
                if "@" not in str(positional[1].get("email") or "@"):
                    raise _Problem("odoo.exceptions.ValidationError")
                if any(str(each) not in books.people for each in positional[0]):
                    raise _Problem("odoo.exceptions.MissingError")
                for each in positional[0]:
                    books.change(str(each), **positional[1])
                return True
        raise _Problem("odoo.exceptions.UserError")

    def _found(self, domain: list[Any], named: dict[str, Any]) -> list[dict[str, Any]]:
        rules = [each for each in domain if isinstance(each, list)]
        if rules[0][0] == "write_date":
            found = sorted(self.books.people.values(), key=lambda one: one.changed)
            found = [one for one in found if _stamp(one.changed) > rules[0][2]]
        else:
            found = self.books.having([rule[0] for rule in rules], _WILD.sub(r"\1", rules[0][2]))
        start = named.get("offset", 0)
        return [_json(one, named["fields"]) for one in found[start : start + named["limit"]]]


class _Problem(Exception):
    pass


def _json(person: Person, names: list[str]) -> dict[str, Any]:
    shown = {name: person.values.get(name) or False for name in names}
    if "write_date" in shown:
        shown["write_date"] = _stamp(person.changed)
    return {"id": int(person.id), **shown}


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
