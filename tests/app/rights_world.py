"""A centre of two firms for fuzzing rights: everything of Zuid, of another tenant and of each queue carries a word of its own.

What a person must not see is a list of words and ids; `dump` is what the database holds about them.
"""

import asyncio
import contextlib
import random
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx

from parlons.testing.people import Desk, Visitor
from tests.app.conftest import Centre

Json = dict[str, Any]
ROLES = (
    "agent",
    "specialist",
    "supervisor",
    "manager",
    "director",
    "quality",
    "trainer",
    "planner",
    "administrator",
    "client",
)
PHONE_KEY = "key phone north"
"""It drives phones in the name of others, and sees nothing by itself: no socket either."""
KEYS = {
    "key read north": "north",
    "key write north": "north",
    "key configure north": "north",
    "key write queue": "queue",
    PHONE_KEY: "north",
}
"""API keys by their scope, each with what it is bound to: the firm North, or its queue Sales."""
ZUID, STRANGE = "zuid", "vreemd"
ALWAYS = '{zone: Europe/Paris, week: {mon-sun: ["00:00-24:00"]}}'
CONFIGURATION = (
    f"""
parlons: 1
firms:
  - {{name: North, languages: [en], usual_hours: Always, hours: {{Always: {ALWAYS}}}}}
  - {{name: Firma Zuid, languages: [en], usual_hours: Zuid hours, hours: {{Zuid hours: {ALWAYS}}}}}
queues:
  - {{name: Sales, firm: North, workers: skills HAS "sales"}}
  - {{name: Parts, firm: North, workers: skills HAS "parts"}}
  - {{name: Zuid desk, firm: Firma Zuid, workers: skills HAS "zuid"}}
workflows:
  - {{name: North sales, firm: North, reservation_timeout_seconds: 3600, default_queue: Sales}}
  - {{name: North parts, firm: North, reservation_timeout_seconds: 3600, default_queue: Parts}}
  - {{name: Zuid chats, firm: Firma Zuid, reservation_timeout_seconds: 3600, default_queue: Zuid desk}}
roles:
  - {{name: Everything of one firm, rights: [fetch, steer, people, configure, keys, audit, webhooks]}}
users:
  - {{email: root@both.example, name: Root, role: administrator}}
  - {{email: free@both.example, name: Free, role: planner}}
  - {{email: bound@north.example, name: Bound, role: supervisor, firms: [North], queues: [Sales]}}
  - {{email: whole@north.example, name: Whole, role: Everything of one firm, firms: [North]}}
  - {{email: ann@zuid.example, name: Ann of Zuid, firms: [Firma Zuid], attributes: {{skills: [zuid]}}, channels: {{chat: 1}}}}
  - {{email: lead@zuid.example, name: Lead of Zuid, role: supervisor, firms: [Firma Zuid]}}
"""
    + "".join(
        f"  - {{email: {role}@north.example, name: North {role}, role: {role}, firms: [North]}}\n" for role in ROLES
    )
    + """
widgets:
  - {key: north-sales, firm: North, name: North}
  - {key: north-parts, firm: North, name: North}
  - {key: shop-zuid, firm: Firma Zuid, name: Zuid}
entry_points:
  - {channel: webchat, address: north-sales, firm: North, workflow: North sales, task_channel: chat}
  - {channel: webchat, address: north-parts, firm: North, workflow: North parts, task_channel: chat}
  - {channel: webchat, address: shop-zuid, firm: Firma Zuid, workflow: Zuid chats, task_channel: chat}
"""
)
WORK = ("conversations", "legs", "messages", "notes", "tasks", "reservations", "customers", "addresses", "calls")
_ID = re.compile(r"\b[A-Z]{2}[0-9a-f]{32}\b")
_BESIDE = re.compile(
    # What the machine keeps for itself, what happens without anybody's act, and a person's own layout, which names what he likes.
    r"^(alembic_|journal|outbox|jobs|commands|router|snapshots|sessions|workspace_leases|leases|readers|idempotency|once|visits|floor_changes|floor_layouts)"
)


@dataclass(slots=True)
class World:
    """Where everything of whom is."""

    here: Centre
    database: asyncpg.Connection
    ids: dict[str, set[str]] = field(default_factory=dict)
    """By word: zuid, vreemd, zqsales, zqparts."""
    north: set[str] = field(default_factory=set)
    users: dict[str, str] = field(default_factory=dict)
    """By e-mail address."""
    visitors: dict[str, Visitor] = field(default_factory=dict)
    """By widget."""

    async def tables(self) -> list[str]:
        rows = await self.database.fetch(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"
        )
        return [row["relname"] for row in rows if not _BESIDE.match(row["relname"])]

    async def dump(self, words: set[str], *, tables: tuple[str, ...] = ()) -> dict[str, set[str]]:
        """Every row that holds one of these words or ids, by table; all rows of `tables` when no word is given."""
        found = {}
        patterns = [f"%{word}%" for word in sorted(words)]
        for table in tables or await self.tables():
            where = "WHERE t::text ILIKE ANY($1)" if patterns else ""
            rows = await self.database.fetch(
                f"SELECT t::text AS row FROM {table} t {where}", *([patterns] if patterns else [])
            )
            found[table] = {row["row"] for row in rows}
        return found

    @contextlib.asynccontextmanager
    async def signed_in(self, email: str) -> AsyncIterator[Desk]:
        """Somebody without a screen yet; or a program with a key of its own."""
        if email in KEYS:
            desk = Desk(self.here.urls, "")
            desk.wire.client.headers["Authorization"] = f"Bearer {await self._new_key(email)}"
            try:
                yield desk
            finally:
                await desk.leave()
            return
        user_id = self.users[email]
        async with self.here.operator() as operator:
            made = await operator.wire.call("POST", f"/users/{user_id}/link", {})
        token = made["link"].rpartition("#")[2]
        desk = Desk(self.here.urls, token)
        await desk.wire.call("POST", "/session/link", {"token": token})
        try:
            yield desk
        finally:
            await desk.leave()

    async def _new_key(self, name: str) -> str:
        queue = await self.database.fetchrow("SELECT id, firm_id FROM queues WHERE name = 'Sales'")
        body = {
            "name": name,
            "scopes": [name.split()[1]],
            "firm_ids": [queue["firm_id"]],
            "queue_ids": [queue["id"]] if KEYS[name] == "queue" else None,
        }
        async with self.here.operator() as operator:
            return str((await operator.wire.call("POST", "/keys", body))["secret"])


async def plant(here: Centre) -> World:
    """Furnishes the centre and lets customers write to each queue; a second tenant stands beside."""
    async with here.operator() as operator:
        await operator.apply(CONFIGURATION)
    database = await asyncpg.connect(here.postgres.dsn)
    world = World(here, database)
    written: list[str] = []
    async with here.at_desk("ann@zuid.example", activity="Available") as ann:
        for widget, word in (("north-sales", "zqsales"), ("north-parts", "zqparts"), ("shop-zuid", "zuid")):
            visitor = here.visitor(widget)
            await visitor.arrive()
            written.append((await visitor.write(f"Hello {word}"))["id"])
            world.visitors[widget] = visitor
        await _routed(database, written)
        await ann.offered()
        await _strange(database)
        await _collect(world)
        await ann.close()
    # Her closed screen takes her off the floor a little later: that is nobody's act.
    gone = "SELECT data ->> 'reachable' = 'false' FROM workers WHERE name = 'Ann of Zuid'"
    async with asyncio.timeout(60):
        while not await database.fetchval(gone):  # noqa: ASYNC110 (rows do not call)
            await asyncio.sleep(0.2)
    return world


async def _routed(database: asyncpg.Connection, message_ids: list[str]) -> None:
    """Returns when what was written stands in its queue: the router takes it in a moment after the writer was answered."""
    there = """SELECT count(*) FROM tasks JOIN messages m USING (conversation_id)
        WHERE m.id = ANY($1) AND queue_id IS NOT NULL"""
    async with asyncio.timeout(60):
        while await database.fetchval(there, message_ids) < len(message_ids):  # noqa: ASYNC110 (rows do not call)
            await asyncio.sleep(0.1)


async def _strange(database: asyncpg.Connection) -> None:
    """Another tenant with a row in the tables that lists are made of."""
    tenant, workspace, firm = (prefix + "5" * 32 for prefix in ("AC", "WS", "FI"))
    rows: dict[str, Json] = {
        "tenants": {},
        "workspaces": {"id": workspace, "is_default": True},
        "firms": {"id": firm, "languages": ["en"], "is_default": True},
        "users": {
            "id": "US" + "5" * 32,
            "workspace_id": workspace,
            "email": "a@vreemd.example",
            "role": "administrator",
        },
        "roles": {"id": "RO" + "5" * 32, "rights": ["read"]},
        "api_keys": {
            "id": "SK" + "5" * 32,
            "workspace_id": workspace,
            "prefix": "pk_x",
            "secret_hash": b"0",
            "scopes": ["read"],
            "created_by": "x",
        },
    }
    for table, row in rows.items():
        values = {"tenant_id": tenant, "name": STRANGE, **row}
        marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        await database.execute(
            f"INSERT INTO {table} ({', '.join(values)}, created_at) VALUES ({marks}, now()) ON CONFLICT DO NOTHING",
            *values.values(),
        )


async def _collect(world: World) -> None:
    """The ids of each word: those of rows of the firm, of its people, and of the work in each queue."""
    rows = await world.database.fetch("SELECT id, name FROM firms")
    firms = {row["name"]: row["id"] for row in rows}
    world.ids[STRANGE] = {prefix + "5" * 32 for prefix in ("FI", "US", "RO", "SK", "WS")}
    for word, clause in (
        (ZUID, f"firm_id = '{firms['Firma Zuid']}'"),
        ("zqsales", "queue_id = (SELECT id FROM queues WHERE name = 'Sales')"),
        ("zqparts", "queue_id = (SELECT id FROM queues WHERE name = 'Parts')"),
    ):
        found: set[str] = set()
        for table in await world.tables():
            columns = await world.database.fetch(
                "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND table_schema = 'public'",
                table,
            )
            names = {row["column_name"] for row in columns}
            if {"id", clause.split()[0]} <= names:
                found |= {row["id"] for row in await world.database.fetch(f"SELECT id FROM {table} WHERE {clause}")}
        world.ids[word] = found
    every_user = await world.database.fetch("SELECT id, email FROM users")
    world.users = {row["email"]: row["id"] for row in every_user}
    people = await world.database.fetch("SELECT id, worker_id FROM users WHERE email LIKE '%@zuid.example'")
    world.ids[ZUID] |= {value for row in people for value in row.values() if value} | {firms["Firma Zuid"]}
    for table in ("legs", "messages", "reservations"):
        column = "task_id" if table == "reservations" else "conversation_id"
        for row in await world.database.fetch(f"SELECT id, {column} AS owner FROM {table}"):
            for found in world.ids.values():
                if row["owner"] in found:
                    found.add(row["id"])
    every = await world.dump({""}, tables=tuple(await world.tables()))
    known = set().union(*world.ids.values())
    world.north = {each for rows in every.values() for row in rows for each in _ID.findall(row)} - known


class Guess:
    """Values for a route's parameters and body, from its schema: other people's ids wherever an id may stand."""

    def __init__(self, document: Json, seed: int | str, foreign: set[str], own: set[str]) -> None:
        self._schemas = document["components"]["schemas"]
        self.random = random.Random(seed)
        self._foreign, self._own = sorted(foreign), sorted(own)

    def id(self, name: str = "", *, foreign: bool = True) -> str:
        """An id that fits a parameter's name, of others for preference."""
        prefix = _PREFIX.get(name.removesuffix("s").removesuffix("_id").rpartition("_")[2])
        pool = self._foreign if foreign or self.random.random() < 0.5 else self._own
        fitting = [each for each in pool if prefix is None or each.startswith(prefix)]
        return self.random.choice(fitting or self._foreign)

    def value(self, schema: Json, name: str = "", depth: int = 0) -> Any:
        """Something the schema may take."""
        if "$ref" in schema:
            return self.value(self._schemas[schema["$ref"].rpartition("/")[2]], name, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        for word in ("anyOf", "oneOf"):
            if word in schema:
                choices = [each for each in schema[word] if each.get("type") != "null"] or schema[word]
                return self.value(self.random.choice(choices), name, depth)
        match schema.get("type"):
            case "object" | None:
                wanted = set(schema.get("required", ()))
                return {
                    key: self.value(part, key, depth + 1)
                    for key, part in schema.get("properties", {}).items()
                    if depth < 5 and (key in wanted or self.random.random() < 0.6)
                }
            case "array":
                return [self.value(schema.get("items", {}), name, depth + 1) for _ in range(self.random.randint(0, 2))]
            case "integer" | "number":
                if name.endswith(("seconds", "ttl")):
                    # Nothing ends by itself while another person's acts are looked at.
                    return min(3600, schema.get("maximum", 3600))
                return self.random.choice([schema.get("minimum", 0), 1, 5])
            case "boolean":
                return self.random.random() < 0.5
            case _:
                return self._text(schema, name)

    def _text(self, schema: Json, name: str) -> str:
        if name == "client_id":
            # The caller's own word for a message: an id there would stand in the message, and look like a leak for ever.
            return f"own-{self.random.random()}"
        if name.endswith(("_id", "_ids")) or name in ("id", "actor"):
            return self.id(name, foreign=False)
        if schema.get("format") == "date-time":
            return "2026-11-22T10:00:00Z"
        return self.random.choice(["en", "Attempt", "x@north.example", "+33155500001"])[: schema.get("maxLength", 99)]


_PREFIX = {
    "conversation": "CH", "customer": "CU", "task": "WT", "reservation": "WR", "worker": "WK", "queue": "WQ",
    "workflow": "WW", "firm": "FI", "user": "US", "message": "IM", "call": "CA", "activity": "WA", "role": "RO", "key": "SK",
    "actor": "US", "note": "NO", "file": "FL", "prompt": "PR",
}  # fmt: skip


def client(desk: Desk) -> httpx.AsyncClient:
    """The person's browser."""
    return desk.wire.client
