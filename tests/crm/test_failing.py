"""Systems that hang, fail in a way of their own, or tell of much at once: nothing is lost, and nobody else waits."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from parlons.crm.changes import MOST, Watching
from parlons.crm.systems import Systems
from parlons.crm.writing import Writing
from parlons.customers.lookups.calling import Calls
from parlons.customers.lookups.plugin import Activity, Changes, HookCall, Record, System, Tools, Values
from parlons.customers.lookups.rest.lookup import Rest
from parlons.runtime.jobs import ATTEMPTS
from tests.crm.conftest import Firm

MAIL = "claire@firm.example"
HOUR = 3_600_000


@dataclass(frozen=True)
class Odd(Rest):
    """An adapter with a fault, or before a system that takes its time: at a method, or at a record's id."""

    faults: set[str] = field(default_factory=set)
    halts: set[str] = field(default_factory=set)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def _pass(self, *places: str) -> None:
        for place in places:
            if place in self.faults:
                raise KeyError(place)
            if place in self.halts:
                self.came.set()
                await self.go.wait()

    async def find(self, system: System, kind: str, value: str) -> Sequence[Record]:
        await self._pass("find")
        return await super().find(system, kind, value)

    async def read(self, system: System, record_id: str) -> Record:
        await self._pass("read", record_id)
        return await super().read(system, record_id)

    async def note(self, system: System, record_id: str, activity: Activity) -> str:
        await self._pass("note")
        return await super().note(system, record_id, activity)

    async def changes(self, system: System, position: Values) -> Changes:
        await self._pass("changes")
        return await super().changes(system, position)


@pytest.fixture
def odd(firm: Firm) -> Odd:
    """The firm's jobs go through it."""
    real = firm.crm.systems.adapters["rest"]
    assert isinstance(real, Rest)
    found = Odd(Calls(Tools(real.calls.tools.http, firm.desk.clock)))
    systems = Systems(firm.desk.db, {"rest": found}, firm.crm.systems.url)
    firm.crm = replace(firm.crm, watching=Watching(systems), writing=Writing(systems, firm.crm.contacts))
    return found


async def _linked(firm: Firm, who: str) -> tuple[str, str]:
    """A customer with his record: (customer, record)."""
    person = firm.shop.books.add(name=who.title(), email=f"{who}@firm.example", tier="gold")
    _, customer_id = await firm.comes(who, f"{who}@firm.example")
    assert (await firm.seen(customer_id))["state"] == "linked"
    return customer_id, person.id


async def _tier(firm: Firm, customer_id: str) -> str:
    return str((await firm.customer(customer_id)).attributes["tier"])


async def _told(firm: Firm, *record_ids: str) -> None:
    headers = {"authorization": "Bearer hook-secret"}
    told = await firm.client.post(f"/lookup-hooks/{firm.lookup.id}", json={"ids": record_ids}, headers=headers)
    assert told.status_code == 204


async def test_of_very_many_changes_none_is_lost_save_of_one_call_from_outside(firm: Firm) -> None:
    for number in range(MOST):
        firm.shop.books.add(name=str(number), email=f"{number}@firm.example")
    customer_id, _ = await _linked(firm, "claire")
    await firm.work()
    firm.desk.clock.advance(1000)
    for person in list(firm.shop.books.people):
        firm.shop.books.change(person, tier="blue")
    await firm.work(300_000)
    assert await _tier(firm, customer_id) == "blue"
    ids = b",".join(b"%d" % number for number in range(MOST + 1))
    bearer = {"authorization": "Bearer hook-secret"}
    call = HookCall("POST", "https://desk.example", bearer, {}, b'{"ids":[' + ids + b"]}", firm.desk.clock())
    assert len(firm.crm.watching.verified(firm.lookup, call)) == MOST


async def test_asking_goes_on_after_an_adapters_fault(firm: Firm, odd: Odd) -> None:
    customer_id, record_id = await _linked(firm, "claire")
    await firm.work()
    odd.faults.add("changes")
    for _ in range(ATTEMPTS + 2):
        await firm.work(HOUR)
    odd.faults.clear()
    firm.shop.books.change(record_id, tier="blue")
    await firm.work(HOUR)
    assert await _tier(firm, customer_id) == "blue"


async def test_a_record_that_cannot_be_read_keeps_no_other_from_being_read(firm: Firm, odd: Odd) -> None:
    (_, faulty), (customer_id, record_id) = [await _linked(firm, who) for who in ("claire", "david")]
    await firm.put(poll_minutes=0)
    odd.faults.add(faulty)
    firm.shop.books.change(record_id, tier="blue")
    await _told(firm, faulty, record_id)
    for _ in range(ATTEMPTS + 2):
        await firm.work(HOUR)
    assert await _tier(firm, customer_id) == "blue"


async def test_a_write_that_fails_each_time_is_shown_and_can_be_settled(firm: Firm, odd: Odd) -> None:
    firm.shop.books.add(name="Claire", email=MAIL)
    conversation_id, customer_id = await firm.comes("claire", MAIL)
    odd.faults.add("note")
    await firm.ends(conversation_id)
    for _ in range(ATTEMPTS):
        await firm.work(HOUR)
    (write,) = (await firm.seen(customer_id))["writes"]
    assert (write["state"], write["reason"]) == ("refused", "keeps-failing")
    odd.faults.clear()
    await firm.call("POST", f"/customers/{customer_id}/records/writes/{write['id']}/settle", {"keep": "ours"})
    await firm.work()
    assert (await firm.states(), len(firm.shop.books.notes)) == (["dropped", "done"], 1)


@pytest.mark.parametrize("moved", [False, True])
async def test_what_waits_to_be_read_outlives_other_secrets_but_not_another_place(firm: Firm, moved: bool) -> None:
    customer_id, record_id = await _linked(firm, "claire")
    await firm.put(poll_minutes=0)
    firm.shop.books.change(record_id, tier="blue")
    await _told(firm, record_id)
    firm.shop.books.down = True
    await firm.work()
    firm.shop.books.down = False
    if moved:
        await firm.put(settings={**firm.lookup.settings, "url": f"{firm.lookup.settings['url']}/"})
    else:
        await firm.put(secrets={**firm.lookup.secrets, "hook": "another"}, fields=firm.lookup.fields[:-1])
    await firm.work(HOUR)
    assert await _tier(firm, customer_id) == ("gold" if moved else "blue")


@pytest.mark.parametrize("place", ["changes", "read", "note"])
async def test_nothing_is_held_while_a_system_takes_its_time(firm: Firm, odd: Odd, place: str) -> None:
    _, record_id = await _linked(firm, "claire")
    await firm.put(poll_minutes=1 if place == "changes" else 0)
    if place == "read":
        await _told(firm, record_id)
    if place == "note":
        conversation_id = (await firm.desk.rows("SELECT id FROM conversations"))[0]["id"]
        await firm.ends(conversation_id)
    odd.halts.add(place)
    working = asyncio.ensure_future(firm.work())
    await odd.came.wait()
    assert len(await firm.desk.rows("SELECT 1 FROM jobs WHERE state = 'running' FOR UPDATE NOWAIT")) == 1
    assert len(await firm.desk.rows("SELECT 1 FROM record_links FOR UPDATE NOWAIT")) == 1
    odd.go.set()
    await working


async def test_a_write_that_is_out_does_not_go_out_again_beside_itself(firm: Firm, odd: Odd) -> None:
    firm.shop.books.add(name="Claire", email=MAIL)
    conversation_id, _ = await firm.comes("claire", MAIL)
    firm.shop.books.down = True
    await firm.ends(conversation_id)
    await firm.work()
    firm.shop.books.down = False
    odd.halts.add("note")
    working = asyncio.ensure_future(firm.work(HOUR))
    await odd.came.wait()
    assert (await firm.call("POST", f"/lookups/{firm.lookup.id}/test", status=200))["works"] is True
    planned = await firm.desk.rows("SELECT state FROM jobs WHERE kind = 'crm.write'")
    assert [one["state"] for one in planned] == ["running"]
    odd.go.set()
    await working
    assert (await firm.states(), len(firm.shop.books.notes)) == (["done"], 1)


async def test_a_record_somebody_chose_while_another_was_found_stays_chosen(firm: Firm, odd: Odd) -> None:
    firm.shop.books.add(name="Claire", email=MAIL)
    chosen = firm.shop.books.add(name="Claire too", email="")
    conversation_id, customer_id = await firm.comes("claire", MAIL)
    await firm.ends(conversation_id)
    odd.halts.add("note")
    working = asyncio.ensure_future(firm.work())
    await odd.came.wait()
    await firm.call("POST", f"{firm.at(customer_id)}/link", {"record_id": chosen.id}, status=204)
    odd.go.set()
    await working
    assert (await firm.seen(customer_id))["record"]["id"] == chosen.id
