"""Snapshot + events = fresh snapshot, for every command of the rooms beside the router; a command without a case fails.

Each screen gets what its rights let through, and must end where a snapshot taken afterwards begins. The supervisor's
pictures are written down for the TypeScript fold; `PARLONS_WRITE_FIXTURES=1` renews them.
"""

import inspect
import json
import os
import re
from collections.abc import Awaitable, Callable
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from parlons.accounts import commands as accounts
from parlons.accounts import people, sessions
from parlons.accounts import queries as account_queries
from parlons.accounts.agents import Agent
from parlons.accounts.bootstrap import bootstrap
from parlons.accounts.model import Principal, Role
from parlons.app.fold import fold
from parlons.app.socket import rights_of
from parlons.conversations import commands, merging, messages, parking, queries, sidework, splitting
from parlons.conversations.erasing import erase_conversations
from parlons.conversations.model import Author, Way
from parlons.conversations.rights import Reader
from parlons.conversations.threads import splits_of
from parlons.customers import commands as customers
from parlons.customers.merging import merges_of, standing
from parlons.kit.clock import Millis
from parlons.runtime.db import Database, Tx
from parlons.runtime.events import Audience, merge
from parlons.runtime.jobs import Job
from parlons.runtime.rights import loses, narrowed, sees
from tests.conftest import StillClock
from tests.conversations.conftest import FIRM, QUEUE, TENANT, WORKSPACE, Chat

Json = dict[str, Any]
FIXTURES = Path(__file__).resolve().parents[2] / "web/packages/sync/fixtures"
ID = re.compile(r"\b([A-Z]{2})[0-9a-f]{32}\b")

SOFIA = Principal(TENANT, WORKSPACE, Role.AGENT, user_id="US1", worker_id="WK1", name="Sofia")
DAVID = Principal(TENANT, WORKSPACE, Role.AGENT, user_id="US2", worker_id="WK2", name="David")
HEAD = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US9", name="Head")
LEADER = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US7", queue_ids=frozenset({QUEUE}))
OTHER = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US8", firm_ids=frozenset({"FI2"}))
READERS = {"head": HEAD, "sofia": SOFIA, "david": DAVID, "of another firm": OTHER, "leader of a queue": LEADER}
SERVED = frozenset({QUEUE})


class Day:
    """One customer's conversation in a tenant of its own, and what every screen was told of it."""

    def __init__(self, tenant_id: str, chat: Chat, clock: StillClock) -> None:
        self.tenant_id, self.chat, self.clock = tenant_id, chat, clock
        self.id, self.customer_id = chat.id, chat.customer_id

    async def do(self, *steps: Callable[[Tx], Awaitable[Any]]) -> None:
        """Each in a transaction of its own, a second apart."""
        for step in steps:
            self.clock.advance(1000)
            async with self.chat.db.transaction(self.tenant_id) as tx:
                await step(tx)

    async def snapshots(self) -> dict[str, Json]:
        async with self.chat.db.transaction(self.tenant_id) as tx:
            return {
                name: {"conversations": await queries.snapshot(tx, Reader(who, SERVED))}
                for name, who in READERS.items()
            }

    async def frames(self) -> list[tuple[Audience, Json]]:
        async with self.chat.db.transaction(self.tenant_id) as tx:
            return frames(list(await tx.fetch_all("SELECT * FROM outbox ORDER BY id")))


def frames(rows: list[Any]) -> list[tuple[Audience, Json]]:
    """Events as the socket carries them, each with its audience."""
    return [
        (
            msgspec.convert(row["audience"], Audience),
            {"type": "event", "seq": seq, "event": row["type"], "data": merge(row["data"], row["private"] or {})},
        )
        for seq, row in enumerate(rows, 1)
    ]


Case = Callable[[Day], Awaitable[None]]


def does(*steps: Callable[[Day, Tx], Awaitable[Any]]) -> Case:
    """A case of steps on the day's conversation."""

    async def case(day: Day) -> None:
        await day.do(*[lambda tx, step=step: step(day, tx) for step in steps])

    return case


async def _nothing(_day: Day) -> None:
    return None


def _given(day: Day, tx: Tx, user: str = "1", task_id: str = "WT1") -> Awaitable[Any]:
    name = {"1": "Sofia", "2": "David"}[user]
    return commands.assign(tx, day.id, user_id=f"US{user}", worker_id=f"WK{user}", name=name, task_id=task_id)


def _asked(day: Day, tx: Tx, task_id: str = "WT1") -> Awaitable[Any]:
    return commands.set_lead_task(tx, day.id, task_id, queue_id=QUEUE)


def _looks(day: Day, tx: Tx) -> Awaitable[Any]:
    return commands.page_seen(
        tx, workspace_id=WORKSPACE, firm_id=FIRM, customer_id=day.customer_id, visitor_id="V1", url="/a", title="A"
    )


def _says(day: Day, tx: Tx) -> Awaitable[Any]:
    return day.chat.says(tx, "Bonjour")


def _job(kind: str, **payload: Any) -> Job:
    return Job(1, TENANT, kind, payload, Millis(0), 1, 1)


async def _named(day: Day, tx: Tx) -> None:
    await customers.update_customer(tx, day.customer_id, name="Claire Dubois-Roy")
    await commands.customer_changed(tx, day.customer_id)


async def _erased(day: Day, tx: Tx) -> None:
    await erase_conversations(tx, day.customer_id)
    await customers.erase_customer(tx, day.customer_id)
    await commands.close_of_customer(tx, day.customer_id)


async def _identified(day: Day, tx: Tx) -> None:
    await customers.identify(tx, day.customer_id, kind="email", value="claire@example.test", verified=True)
    await commands.customer_changed(tx, day.customer_id)


async def _merged(day: Day, tx: Tx) -> None:
    caller = await customers.find_or_create_by_address(
        tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="phone", value="+33612345678", verified=True
    )
    await merging.merge_customers(tx, caller.id, day.customer_id, by="US1")


async def _separated(day: Day, tx: Tx) -> None:
    kept = await standing(tx, day.customer_id)
    await merging.separate_customers(tx, (await merges_of(tx, kept))[0]["id"])


async def _split(day: Day, tx: Tx) -> None:
    written = await queries.earlier(tx, day.id, None)
    await splitting.split_conversation(tx, day.id, [written[0].id], by="US1", user_id="US1")


async def _united(day: Day, tx: Tx) -> None:
    (split,) = await splits_of(tx, await commands.locked(tx, day.id))
    await splitting.unite_conversations(tx, split["id"])


async def _sends_file(day: Day, tx: Tx) -> None:
    content = {"account_id": "CC1", "files": [{"name": "photo.png", "state": "coming", "ref": "f1"}]}
    author = Author("customer", day.customer_id, "Claire")
    await messages.add_message(tx, day.id, direction="in", author=author, text="", content=content)


async def _file_came(day: Day, tx: Tx) -> None:
    (message,) = await queries.earlier(tx, day.id, None)
    await messages.complete_message(
        tx, message.id, {"account_id": "CC1", "files": [{"name": "photo.png", "state": "kept"}]}
    )


HELD = does(_asked, _given)
TALKING = does(_says, _asked, _given)
PARKED = does(_asked, _given, lambda day, tx: commands.park(tx, day.id, until=None))

CASES: dict[str, tuple[Case, Case]] = {
    "open_conversation": (_nothing, does(lambda day, tx: commands.open_conversation(
        tx, workspace_id=WORKSPACE, firm_id=FIRM, customer_id=day.customer_id, channel="webchat", address="V2"))),
    "set_lead_task": (_nothing, does(_asked)),
    "set_queue": (HELD, does(lambda day, tx: commands.set_queue(tx, day.id, "WQ2"))),
    "assign": (does(_asked), does(_given, lambda day, tx: _given(day, tx, "2"), _given)),
    "unassign": (HELD, does(lambda day, tx: commands.unassign(tx, day.id))),
    "set_not_served": (HELD, does(lambda day, tx: commands.set_not_served(tx, day.id, "expired", task_id="WT1"))),
    "task_ended": (HELD, does(lambda day, tx: commands.task_ended(tx, day.id, "WT1"))),
    "park": (HELD, does(lambda day, tx: parking.park(tx, day.id, until=Millis(day.clock() + 60_000)))),
    "unpark": (PARKED, does(lambda day, tx: parking.unpark(tx, _job("unpark", conversation_id=day.id, until=None)))),
    "bring_back": (PARKED, does(lambda day, tx: commands.bring_back(tx, day.id, by="agent", worker_id="WK1"))),
    "end_contact": (HELD, does(lambda day, tx: commands.end_contact(tx, day.id, by="agent"))),
    "close": (HELD, does(lambda day, tx: commands.close(tx, day.id, by="agent", by_user_id="US1"))),
    "customer_left": (_nothing, does(lambda day, tx: commands.customer_left(tx, day.id))),
    "page_seen": (HELD, does(_looks)),
    "left_site": (does(_asked, _given, _looks), does(
        lambda day, tx: commands.left_site(tx, customer_id=day.customer_id, visitor_id="V1"))),
    "stale_page": (does(_asked, _given, _looks), does(lambda day, tx: _later(day, tx))),
    "customer_changed": (HELD, does(lambda day, tx: commands.customer_changed(tx, day.customer_id))),
    "close_of_customer": (HELD, does(lambda day, tx: commands.close_of_customer(tx, day.customer_id))),
    "add_message": (HELD, does(_says, lambda day, tx: day.chat.answers(tx, "Bonjour !"), _says)),
    "go_on": (HELD, does(lambda day, tx: commands.go_on(tx, day.id, Way("sms", "CC1", "+33612345678")))),
    "complete_message": (does(_asked, _given, _sends_file), does(_file_came)),
    "tell_customer": (HELD, does(lambda day, tx: messages.tell_customer(tx, day.id, "Bientôt.", {"code": "x"}, key="k"))),
    "mark_read": (TALKING, does(
        lambda day, tx: messages.mark_read(tx, day.id, by="agent"),
        lambda day, tx: messages.mark_read(tx, day.id, by="customer"))),
    "add_note": (HELD, does(lambda day, tx: sidework.add_note(
        tx, day.id, author_user_id="US1", author_name="Sofia", text="vip"))),
    "merge_customers": (HELD, does(_merged)),
    "separate_customers": (does(_asked, _given, _merged), does(_separated)),
    "split_conversation": (does(_says, _says, _asked, _given), does(_split)),
    "unite_conversations": (does(_says, _says, _asked, _given, _split), does(_united)),
    "set_tags": (HELD, does(lambda day, tx: sidework.set_tags(tx, day.id, ["sale"]))),
    "save_draft": (HELD, does(lambda day, tx: sidework.save_draft(tx, day.id, user_id="US1", channel="webchat", text="B"))),
    "find_or_create_by_address": (HELD, does(lambda day, tx: customers.find_or_create_by_address(
        tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="webchat", value="V9", verified=True))),
    "identify": (HELD, does(_identified)),
    "update_customer": (HELD, does(_named)),
    "record_touch": (HELD, does(lambda day, tx: customers.record_touch(
        tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="task", data={"what": "x"}, customer_id=day.customer_id))),
    "record_touches": (HELD, does(lambda day, tx: customers.record_touches(
        tx, workspace_id=WORKSPACE, kind="task", of=[(FIRM, day.customer_id, {"what": "x"})]))),
    "erase_customer": (TALKING, does(_erased)),
}  # fmt: skip
SILENT = {
    "locked": "reads", "present_way": "reads", "has_called": "reads",
    "write_beside": "the message that follows is told", "sent_before": "reads",
    "save": "the steps' own way of writing", "start_leg": "the steps' own way of writing",
    "end_leg": "told with the call that ends",
    "leave_site": "retold by left_site", "leave_stale_page": "retold by stale_page", "adopt_touches": "no screen's map",
    "put_dispositions": "configuration, read with a conversation", "all_dispositions": "reads",
    "remove_dispositions": "configuration, read with a conversation", "erase_splits": "told by erase_customer",
}  # fmt: skip


async def _later(day: Day, tx: Tx) -> None:
    day.clock.advance(3 * commands.STALE_AFTER)
    async with day.chat.db.transaction(day.tenant_id) as later:
        await commands.stale_page(later, _job("stale", customer_id=day.customer_id))


def commands_of(*rooms: ModuleType) -> set[str]:
    """Everything public in these modules that is done in a transaction."""
    return {
        name
        for room in rooms
        for name, thing in inspect.getmembers(room, inspect.iscoroutinefunction)
        if thing.__module__ == room.__name__
        and not name.startswith("_")
        and next(iter(inspect.signature(thing).parameters)) == "tx"
    }


def test_every_command_has_a_case() -> None:
    there = commands_of(commands, messages, sidework, parking, merging, splitting, customers)
    assert there - set(SILENT) == set(CASES)
    assert set(SILENT) <= there


async def new_day(database: Database, clock: StillClock, tenant_id: str) -> Day:
    """Claire came in by webchat."""
    async with database.transaction(tenant_id) as tx:
        customer = await customers.find_or_create_by_address(
            tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="webchat", value="V1", verified=True, name="Claire Dubois"
        )
        opened = await commands.open_conversation(
            tx,
            workspace_id=WORKSPACE,
            firm_id=FIRM,
            customer_id=customer.id,
            channel="webchat",
            address="V1",
            language="fr",
        )
    return Day(tenant_id, Chat(database, opened.id, customer.id), clock)


async def test_each_screen_ends_where_a_fresh_one_begins(database: Database) -> None:
    for name, (prepare, act) in CASES.items():
        clock = StillClock()
        database.clock = clock
        day = await new_day(database, clock, f"AC-{name}")
        await prepare(day)
        before, first = await day.snapshots(), len(await day.frames())
        await act(day)
        told = (await day.frames())[first:]
        assert told, f"{name}: nothing was told"
        after = await day.snapshots()
        for reader, who in READERS.items():
            seen = as_told(who, told)
            assert reduce(fold, seen, before[reader]) == after[reader], f"{name}: the screen of {reader}"
        events = [event for audience, event in told if sees(rights_of(HEAD), audience)]
        if events:
            keep(f"conversation_{name}", {"snapshot": before["head"], "events": events, "after": after["head"]})


def as_told(who: Principal, told: list[tuple[Audience, Json]]) -> list[Json]:
    """What of it comes to this person's screen."""
    rights = rights_of(who)
    return [
        {**event, "data": narrowed(rights, audience, event["data"])}
        for audience, event in told
        if sees(rights, audience) or loses(rights, audience)
    ]


def keep(name: str, found: Json) -> None:
    """Compares with, or renews, what the TypeScript fold is run on; ids are numbered as they appear."""
    known: dict[str, str] = {}
    text = ID.sub(lambda one: known.setdefault(one[0], f"{one[1]}{len(known) + 1:032x}"), json.dumps(found))
    found, file = json.loads(text), FIXTURES / f"{name}.json"
    if os.environ.get("PARLONS_WRITE_FIXTURES"):
        file.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    assert json.loads(file.read_text()) == found, "renew the fixtures: PARLONS_WRITE_FIXTURES=1"


async def _queues(_tx: Tx, _workspace_id: str) -> dict[str, str | None]:
    return {}


async def _sync(_tx: Tx, _agent: Agent) -> None:
    return None


async def _unused(_tx: Tx, _firm_id: str) -> list[str]:
    return []


async def test_what_is_told_of_me_and_my_firms(database: Database, clock: StillClock) -> None:
    installation = await bootstrap(database, now=clock())
    signed_in = await sessions.sign_in_by_link(database, installation.invitation or "", now=clock())
    admin = signed_in.principal

    async def me() -> Json:
        async with database.transaction(admin.tenant_id) as tx:
            return {"me": json.loads(json.dumps(await account_queries.me(tx, admin)))}

    async def do(step: Callable[[Tx], Awaitable[Any]]) -> Any:
        clock.advance(1000)
        async with database.transaction(admin.tenant_id) as tx:
            return await step(tx)

    before = await me()
    async with database.system() as tx:
        first = await tx.scalar("SELECT count(*) FROM outbox")
    assert admin.user_id is not None
    await do(lambda tx: accounts.update_me(tx, admin, name="Ariane", locale="fr", preferences={"theme": "dark"}))
    change = people.UserChange(name="Ariane Roy")
    await do(
        lambda tx: people.update_user(tx, admin, admin.user_id or "", change, sync=_sync, queues=_queues, now=clock())
    )
    firms = [
        await do(lambda tx, n=n: accounts.create_firm(tx, admin, name=n, colour=None, languages=["fr"], now=clock()))
        for n in ("North", "South")
    ]
    await do(lambda tx: accounts.update_firm(tx, admin, firms[0]["id"], {"name": "Nord"}, now=clock()))
    await do(lambda tx: accounts.remove_firm(tx, admin, firms[1]["id"], uses=_unused, now=clock()))
    async with database.system() as tx:
        told = frames(list(await tx.fetch_all("SELECT * FROM outbox ORDER BY id")))[first:]
    seen = [event for audience, event in told if sees(rights_of(admin), audience)]
    after = await me()
    assert reduce(fold, seen, before) == after
    keep("me_and_firms", {"snapshot": before, "events": seen, "after": after})
