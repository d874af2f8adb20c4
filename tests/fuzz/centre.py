"""A demo in which everything exists once, and those who call: a program, an administrator, an agent, a visitor."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

import asyncpg
import httpx

from parlons.testing.processes import OwnPostgres, Running
from tests.fuzz.pool import Pool

Json = dict[str, Any]
WIDGET = "delmas"


@dataclass(slots=True)
class Caller:
    """Somebody with a way to prove who he is."""

    name: str
    base: str
    client: httpx.Client
    visitor: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    again: Callable[["Caller"], None] | None = None
    """Signs in anew, when a call has ended the session."""

    def ask(self, sent: Json) -> httpx.Response:
        """Makes a generated call."""
        return self.client.request(
            sent["method"],
            sent["url"],
            params=sent.get("params"),
            headers={**{k: str(v) for k, v in (sent.get("headers") or {}).items()}, **self.headers},
            json=sent.get("json"),
            files=_files(sent.get("files")),
            content=sent["data"] if isinstance(sent.get("data"), bytes | str) else None,
            data=sent["data"] if isinstance(sent.get("data"), dict) else None,
        )


def _files(found: Any) -> Any:
    """Generated parts of a form; one that stands for a file has a name."""
    if found is None:
        return None
    parts = found.items() if isinstance(found, dict) else found
    return [(name, _part(value)) for name, value in parts]


def _part(value: Any) -> Any:
    content = value[1] if isinstance(value, tuple) and len(value) > 1 else value
    if isinstance(value, tuple) and value[0] is None:
        return (None, str(content))
    return ("a.txt", content if isinstance(content, bytes | str) else b"some text", "text/plain")


def furnish(server: Running, pool: Pool) -> None:
    """Ids of every table, and names that paths take."""
    asyncio.run(_ids(server, pool))
    pool.named["widget_key"] = [WIDGET]


async def _ids(server: Running, pool: Pool) -> None:
    database = await asyncpg.connect(OwnPostgres(server.data).dsn)
    try:
        rows = await database.fetch(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'id'"
        )
        for (table,) in rows:
            found = await database.fetch(f"SELECT id::text FROM {table} LIMIT 40")
            pool.table(table, [row["id"] for row in found])
    finally:
        await database.close()


@contextlib.contextmanager
def callers(server: Running, pool: Pool) -> Iterator[list[Caller]]:
    """Everybody, signed in."""
    base = f"{server.url}/api/v1"
    with contextlib.ExitStack() as stack:

        def caller(name: str, *, visitor: bool = False, **headers: str) -> Caller:
            client = stack.enter_context(httpx.Client(timeout=60))
            return Caller(name, server.url, client, visitor, headers)

        found = [caller("operator", Authorization=f"Bearer {server.operator_key()}")]
        for role, email in (("Administrator", "admin@parlons.local"), ("Agent", "agent@demo.parlons.local")):
            person = caller(role, **{"X-Parlons": "1"})
            person.again = _signer(base, found[0], email)
            person.again(person)
            found.append(person)
        page = {"path": "/shop/", "title": "Shop"}
        guest = caller("visitor", visitor=True, Origin=server.url)
        visit = guest.client.post(
            f"{base}/webchat/{WIDGET}/visits",
            json={"consent": "given", "language": "fr", "page": page},
            headers=guest.headers,
        ).raise_for_status()
        guest.headers = {**guest.headers, "Authorization": f"Bearer {visit.json()['visitor_token']}"}
        wrote: Json = {"client_id": token_hex(12), "text": "Bonjour", "attachment_ids": [], "language": "fr"}
        said = guest.client.post(f"{base}/webchat/{WIDGET}/messages", json=wrote, headers=guest.headers)
        pool.learn("/messages", said.raise_for_status().json())
        yield [*found, guest]


def _signer(base: str, operator: Caller, email: str) -> Callable[[Caller], None]:
    """Signs a person in by a fresh link; he is who he was, whatever calls have made of him."""
    users = operator.client.get(f"{base}/users?q={email}", headers=operator.headers).raise_for_status().json()["items"]
    (user,) = [one for one in users if one["email"] == email]

    def sign_in(person: Caller) -> None:
        link = operator.client.post(f"{base}/users/{user['id']}/link", headers=operator.headers)
        if not link.is_success:
            return
        token = link.json()["link"].rpartition("#")[2]
        person.client.post(f"{base}/session/link", json={"token": token}, headers=person.headers)

    return sign_in
