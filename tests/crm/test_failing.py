"""Systems that hang, or fail in a way of their own: nothing is lost, and nobody else waits."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from parlons.crm.systems import Systems
from parlons.crm.writing import Writing
from parlons.customers.lookups.calling import Calls
from parlons.customers.lookups.plugin import Activity, Changes, Record, System, Tools, Values
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
    firm.crm = replace(firm.crm, writing=Writing(systems, firm.crm.contacts))
    return found


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
