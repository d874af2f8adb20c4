"""A demo in which everything exists, those who call, and ways to make things: a program, an administrator, a supervisor, an agent
with a desk and a telephone, a visitor, a stranger."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import randbelow
from string import Template
from typing import Any

import asyncpg
import httpx

from parlons.simulator.providers.crm.shop import TOKEN
from parlons.testing.processes import OwnPostgres, Running, data_folder
from tests.fuzz.outside import PHONE, SECRETS, Outside
from tests.fuzz.pool import Pool

Json = dict[str, Any]
WIDGET = "fuzz"
IDENTITY = "the word between site and centre"
CENTRE = Template(Path(__file__).with_name("centre.yaml").read_text())
PEOPLE = {
    "Administrator": "admin@parlons.local",
    "Lead": "lead@fuzz.example",
    "Hand": "hand@fuzz.example",
    "Mate": "mate@fuzz.example",
}
CALLING = ("operator", "Administrator", "Lead", "Hand")
"""Who makes generated calls, in turn, beside whom the example names."""
PATIENCE = 60.0
"""Seconds until something that was set going must be there."""


class NotMade(Exception):
    """What a call needs could not be made; the message says why."""


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

    def _proof(self) -> Json:
        """His headers. Visitors come from many places, whose calls are counted apart."""
        if not self.visitor:
            return dict(self.headers)
        # Hypothesis makes `random` the same in each case.
        return {"X-Forwarded-For": f"198.18.{randbelow(256)}.{randbelow(256)}", **self.headers}

    def ask(self, sent: Json) -> httpx.Response:
        """Makes a generated call."""
        return self.client.request(
            sent["method"],
            sent["url"],
            params=sent.get("params"),
            headers={**{k: str(v) for k, v in (sent.get("headers") or {}).items()}, **self._proof()},
            json=sent.get("json"),
            files=_files(sent.get("files")),
            content=sent["data"] if isinstance(sent.get("data"), bytes | str) else None,
            data=sent["data"] if isinstance(sent.get("data"), dict) else None,
        )

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """What the API answers; raises NotMade with its refusal."""
        headers = {**more.pop("headers", {}), **self._proof()}
        answer = self.client.request(method, f"{self.base}/api/v1{path}", json=body, headers=headers, **more)
        if answer.status_code == 401 and self.again is not None:
            self.again(self)
            answer = self.client.request(method, f"{self.base}/api/v1{path}", json=body, headers=headers, **more)
        if not answer.is_success:
            raise NotMade(f"{self.name}: {method} {path} {str(body)[:200]}: {answer.status_code} {answer.text[:400]}")
        return answer.json() if answer.content else None


def _files(found: Any) -> Any:
    """Generated parts of a form; one that stands for a file has a name."""
    if found is None:
        return None
    parts = found.items() if isinstance(found, dict) else found
    return [(name, _part(value)) for name, value in parts]


def _part(value: Any) -> Any:
    if isinstance(value, tuple) and len(value) == 3:
        return value
    content = value[1] if isinstance(value, tuple) and len(value) > 1 else value
    if isinstance(value, tuple) and value[0] is None:
        return (None, str(content))
    return ("a.txt", content if isinstance(content, bytes | str) else b"some text", "text/plain")


@dataclass(slots=True)
class World:
    """The furnished centre: who calls, who stands outside, and what examples may name."""

    server: Running
    outside: Outside
    pool: Pool
    people: dict[str, Caller]
    known: Json = field(default_factory=dict)
    """By the name that examples use: ids of what centre.yaml lays down."""

    def call(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """What the API answers somebody; raises NotMade."""
        return self.people[who].call(method, path, body, **more)

    def until(self, path: str, holds: Callable[[Any], Any], who: str = "operator") -> Any:
        """Asks until `holds(answer)` gives something; raises NotMade."""
        end = time.monotonic() + PATIENCE
        while not (found := holds(answer := self.call(who, "GET", path))):
            if time.monotonic() > end:
                raise NotMade(f"{path} still says {str(answer)[:400]}")
            time.sleep(0.1)
        return found

    def one(self, path: str, **wanted: Any) -> Json:
        """The item of a list with these values."""
        for each in self.call("operator", "GET", path)["items"]:
            if all(each.get(name) == value for name, value in wanted.items()):
                return dict(each)
        raise NotMade(f"{path} has none with {wanted}")


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
def world(pool: Pool) -> Iterator[World]:
    """A demo of its own with everything around it, furnished, and everybody signed in."""
    with contextlib.ExitStack() as stack:
        outside = stack.enter_context(Outside())
        data = stack.enter_context(data_folder())
        environ = {
            "PARLONS_SIP_PORT": str(outside.sip[1]), "PARLONS_TTS": "none", "PARLONS_HTTP_ALLOW": "127.0.0.1",
            "PARLONS_STT_URL": f"{outside.urls['models']}/v1",
            "FUZZ_PHONE": PHONE, "FUZZ_IDENTITY": IDENTITY, "FUZZ_SHOP": TOKEN,
            **{f"FUZZ_{name.upper()}": value for name, value in SECRETS.items()},
        }  # fmt: skip
        server = stack.enter_context(Running(data, play="demo", environ=environ))
        found = World(server, outside, pool, {})
        _people(found, stack)
        yield found


def _people(found: World, stack: contextlib.ExitStack) -> None:
    server, outside = found.server, found.outside

    def caller(name: str, *, visitor: bool = False, **headers: str) -> Caller:
        client = stack.enter_context(httpx.Client(timeout=60))
        made = found.people[name] = Caller(name, server.url, client, visitor, headers)
        return made

    operator = caller("operator", Authorization=f"Bearer {server.operator_key()}")
    for name in ("stranger", "newcomer"):
        caller(name, **{"X-Parlons": "1"})
    caller("visitor", visitor=True, Origin=server.url)
    places = {
        "carrier": outside.carrier_port, "mail": outside.mail_port, "post": outside.post_port, **outside.urls,
        "number": outside.number.id, "business": outside.number.business_id, "wall": outside.wall.page.id,
    }  # fmt: skip
    text = CENTRE.safe_substitute({name: str(place) for name, place in places.items()})
    operator.call("POST", "/configuration", content=text.encode())
    for name, email in PEOPLE.items():
        person = caller(name, **{"X-Parlons": "1"})
        person.again = _signer(operator, email)
        person.again(person)
        if name != "Administrator":
            outside.do(outside.at_desk(server.url, _link(operator, email)))
            outside.do(outside.registered(name.lower()))
    for channel in ("whatsapp", "facebook"):
        outside.do(outside.subscribes(f"{server.url}/hooks/{channel}/fuzz"))
    _learn(found)


def _learn(found: World) -> None:
    """The ids of what stands in centre.yaml, which generated calls shall leave as it is."""
    firm = found.one("/firms", name="Fuzz Motors")["id"]
    soon = (datetime.now(UTC) + timedelta(hours=12)).isoformat()
    known: Json = {"firm_id": firm, "widget_key": WIDGET, "gateway": found.outside.urls["gateway"], "soon": soon}
    for word, name in (("desk", "Fuzz desk"), ("nobody", "Fuzz nobody")):
        known[f"{word}_queue_id"] = found.one("/queues", name=name)["id"]
    known["waiting_workflow_id"] = found.one("/workflows", name="Fuzz waiting")["id"]
    for person, email in PEOPLE.items():
        user = found.one(f"/users?q={email}", email=email)
        known[f"{person.lower()}_user_id"], known[f"{person.lower()}_worker_id"] = user["id"], user["worker_id"]
    for each in found.call("operator", "GET", "/activities")["items"]:
        known[each["name"].lower().replace("-", "_")] = each["id"]
    for each in found.call("operator", "GET", "/channels")["items"]:
        known[f"{each['channel']}_account_id"] = each["id"]
    known["lookup_id"] = found.one("/lookups", name="Fuzz shop")["id"]
    found.known = known
    found.pool.spared = {value for value in known.values() if isinstance(value, str)}


def _link(operator: Caller, email: str) -> str:
    users = operator.call("GET", f"/users?q={email}")["items"]
    (user,) = [one for one in users if one["email"] == email]
    return str(operator.call("POST", f"/users/{user['id']}/link")["link"].rpartition("#")[2])


def _signer(operator: Caller, email: str) -> Callable[[Caller], None]:
    """Signs a person in by a fresh link; he is who he was, whatever calls have made of him."""

    def sign_in(person: Caller) -> None:
        with contextlib.suppress(NotMade):
            token = _link(operator, email)
            address = f"{person.base}/api/v1/session/link"
            person.client.post(address, json={"token": token}, headers=person.headers)

    return sign_in
