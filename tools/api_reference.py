"""Writes docs/reference/api.md (all routes) and errors.md (all codes) from the code; `--check` says whether they would differ.

Routes and sentences come from the API's own description, roles from the routes' dependencies, codes from the subclasses of
`Refusal`. The words around the tables stand here.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute

import parlons
from parlons.accounts.model import Role
from parlons.accounts.rights import Right
from parlons.app.main import API, ROUTERS, create_app
from parlons.kit.errors import Refusal

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs/reference"
ROOMS = {
    "accounts": "Accounts: sessions, people, firms, keys, audit, hours",
    "configuration": "Configuration as text",
    "settings": "Settings: one thing at a time, history, drafts",
    "flows": "Versions of flows, and trials of one on a part of the contacts",
    "customers": "Customers",
    "appointments": "Appointments",
    "conversations": "Conversations, messages, files",
    "templates": "Ready replies",
    "reception": "Reception: notices, not served",
    "dispatch": "Dispatch: tasks, reservations, workers, queues",
    "floor": "The floor: help for a time, words to a team, alerts, layouts",
    "statistics": "Statistics of messages",
    "operations": "Operations: health of the installation, held work",
    "voice": "Voice: calls, telephones, recordings, prompts",
    "webcall": "Calls from a page: what a caller's browser uses",
    "channels": "Channels: accounts, and the ways by which a customer is answered",
    "sends": "Sends to many",
    "single messages": "One message to one customer",
    "customer systems": "Customer systems",
    "leavers": "Those who left before an answer",
    "webhooks": "Webhooks: addresses that are told what happens",
    "push": "Push: notices on a device",
    "team": "Colleagues: discussions among themselves",
    "surveys": "Surveys",
    "intents": "Intents: what people mean in their own words",
    "knowledge": "Knowledge: articles, their search, help centres",
    "webchat": "Web chat: what the widget calls",
}


def routes(router: APIRouter) -> Iterator[APIRoute]:
    """Every route of a router, those of routers inside it too."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif isinstance(inner := getattr(route, "original_router", None), APIRouter):
            yield from routes(inner)


def least_role(route: APIRoute) -> str:
    """Who may call a route: a role, a right, `visitor` (a visit's token), `page` (an allowed origin),
    `colleague` (a person who works here), `phone` (an agent, or a key that acts for one) or anyone."""
    names = set()
    for dependency in route.dependant.dependencies:
        call: Any = dependency.call
        names.add(call.__name__)
        for cell in getattr(call, "__closure__", None) or ():
            if isinstance(cell.cell_contents, Role):
                return str(cell.cell_contents.value)
            if isinstance(cell.cell_contents, Right):
                return f"right {cell.cell_contents.value}"
    for name, shown in (("colleague", "colleague"), ("acting", "agent, `phone`")):
        if name in names:
            return shown
    return "visitor" if "caller_of" in names else "page" if "widget_of" in names else "anyone"


def roles() -> dict[tuple[str, str], str]:
    """Least role by method and path."""
    found = [route for router in ROUTERS for route in routes(router)]
    return {
        (method, API + route.path.replace(":path}", "}")): least_role(route)
        for route in found
        for method in route.methods
    }


def body_of(operation: dict[str, Any]) -> str:
    """The name of the request body's schema."""
    content = operation.get("requestBody", {}).get("content", {})
    for kind, described in content.items():
        schema = described.get("schema", {})
        options = [schema, *schema.get("anyOf", [])]
        name = next((one["$ref"].rpartition("/")[2] for one in options if "$ref" in one), "")
        return f"`{name}`" if name and not name.startswith("Body_") else kind.partition(";")[0]
    return ""


def sentence(operation: dict[str, Any]) -> str:
    """The route's docstring as one line of a table, with the query parameters."""
    text = " ".join(operation.get("description", "").split())
    query = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
    names = f" Query: {', '.join(f'`{name}`' for name in query)}." if query else ""
    return (text + names).replace("|", "\\|")


def api_page() -> str:
    """The table of all routes."""
    document, least = create_app().openapi(), roles()
    by_room: dict[str, list[str]] = {room: [] for room in ROOMS}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            once = any(one["name"].lower() == "idempotency-key" for one in operation.get("parameters", []))
            who = least[method.upper(), path]
            cells = [f"`{method.upper()} {path.removeprefix(API)}`", who, "yes" if once else "", body_of(operation)]
            by_room[operation["tags"][0]].append(f"| {' | '.join([*cells, sentence(operation)])} |")
    parts = [API_HEAD]
    for room, lines in by_room.items():
        head = "| route | least role | key | body | what it does |\n|---|---|---|---|---|"
        parts.append("\n".join([f"## {ROOMS[room]}", "", head, *lines]))
    return "\n\n".join(parts) + "\n"


def refusals() -> list[type[Refusal]]:
    """Every kind of refusal that the product's modules declare."""
    for module in pkgutil.walk_packages(parlons.__path__, "parlons."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)

    def below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    return [kind for kind in dict.fromkeys(below(Refusal)) if kind.__module__.startswith("parlons.")]


def errors_page() -> str:
    """The table of all codes; kinds that share a code share a line."""
    lines: dict[tuple[str, int], tuple[set[str], dict[str, None]]] = {}
    for kind in sorted(refusals(), key=lambda one: (one.__module__, one.__name__)):
        if "code" not in vars(kind):
            continue
        rooms, messages = lines.setdefault((kind.code, kind.status), (set(), {}))
        rooms.add(kind.__module__.split(".")[1])
        messages[" ".join((kind.__doc__ or "").split())] = None
    table = ["| code | status | room | what it says |", "|---|---|---|---|"]
    for (code, status), (rooms, messages) in sorted(lines.items()):
        said = " / ".join(message.replace("|", "\\|") for message in messages)
        table.append(f"| `{code}` | {status} | {', '.join(sorted(rooms))} | {said} |")
    return ERRORS_HEAD + "\n\n" + "\n".join(table) + "\n" + ERRORS_TAIL


API_HEAD = """# The API: all routes

Written by `python -m tools.api_reference` from the API's own description; a test keeps it fresh. Every path stands under
`/api/v1`. The description itself, with the schemas named in *body* and those of the socket's events, is
`GET /api/v1/openapi.json` (OpenAPI 3.1). How to call it: [use the API](../how-to/use-the-api.md).

- *least role*: a person of this role or a higher one (agent, supervisor, administrator). An API key acts as supervisor,
  with the scope `configure` as administrator; it needs any scope to read and `write` or `configure` to change, where
  *administrator* stands: `configure`. `visitor`: the token of a visit. `page`: a page of an allowed origin. `anyone`: no proof.
  `phone`: a key of this scope for the user it names, too ([drive the phone](../how-to/drive-the-phone.md)).
- *key*: the route takes an `Idempotency-Key`. The others either repeat without harm, or name the thing they change, or
  know it by a `client_id`; making a user, a firm, a key or a link twice makes two or is refused.
- Rows of firms the caller does not see are not found, or refused.
- Not in the description: the sockets ([socket](socket.md)), `/widget.js`, `/health/live`, `/health/ready` and `/metrics`
  ([metrics and logs](metrics-and-logs.md))."""

ERRORS_HEAD = """# Errors: all codes

Written by `python -m tools.api_reference` from the code; a test keeps it fresh. Every refusal is answered as
`application/problem+json` (RFC 9457):

```json
{"type": "urn:parlons:problem:unknown-task", "title": "Unknown task", "status": 404, "code": "unknown-task",
 "detail": "No task has this id.", "details": {}}
```

Go by `code`: it is part of the API and is not renamed. `detail` is for people, in English, and may say more than the table.
`details` holds ids, limits and places, never what somebody typed. With `retry_after_seconds` in `details`, and with status
503, the answer has the header `Retry-After`. Some codes are seen at the command line only (a server that cannot start)."""

ERRORS_TAIL = """
Besides: `bad-request` (400), `method-not-allowed` (405), `unsupported-type` (415) and `http-NNN` where the web server itself
refuses, and `internal` (500) with `details.request_id`, which names the failure in the log.
"""


def main() -> int:
    """Write the pages, or with `--check` compare them."""
    stale = []
    for name, text in {"api.md": api_page(), "errors.md": errors_page()}.items():
        target = PAGES / name
        if "--check" not in sys.argv:
            target.write_text(text)
        elif not target.exists() or target.read_text() != text:
            stale.append(name)
    if stale:
        print(f"{', '.join(stale)} differ from the code: run python -m tools.api_reference")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
