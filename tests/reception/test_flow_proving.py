"""Who somebody is, proven to a flow: tried five times an hour, by what is proven, by customer and by number, and never kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from parlons.conversations.hiding import HIDDEN
from parlons.customers.model import PHONE
from parlons.reception.flow_steps_attempts import MOST, Key, attempt, forget_attempts, forget_old_attempts, was_right
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT
from tests.reception.conftest import furnish
from tests.reception.telephone import Phone
from tests.reception.test_flow_chats import Chat, open_chat
from tests.reception.test_flow_steps import note_of
from tests.runtime.addresses import Outsider, Request, ok, outsider

HOUR = 3_600_000
PIN = "4711"
ACCOUNT: Key = ("of FI1", "12345678")
OTHER: Key = ("of FI1", "87654321")
CALLER: list[Key] = [("customer", "CU1"), (PHONE, "+33612345678")]
ANOTHER: list[Key] = [("customer", "CU2"), (PHONE, "+33699999999")]


def bank(address: str) -> dict[str, Any]:
    """A flow that has a PIN judged at an address."""
    proof = {
        "do": "authenticate", "text": "Votre code", "of": "{account}", "url": f"{address}proofs",
        "headers": {"authorization": {"secret": "BANK_TOKEN"}}, "body": {"account": "{account}", "pin": "{pin}"},
        "timeout_seconds": 20,
        "note": "Titulaire", "save": "proof", "next": "tell", "locked": "locked", "failed": "agent",
    }  # fmt: skip
    return {
        "name": "Bank", "start": "proof", "language": "fr", "variables": {"account": "12345678"},
        "steps": {
            "proof": proof,
            "tell": {"do": "say", "text": "Solde {proof.balance}", "next": "agent"},
            "locked": {"do": "say", "text": "Trop d’essais", "next": "agent"},
            "agent": {"do": "queue"},
        },
    }  # fmt: skip


def judge(request: Request) -> bytes:
    """The bank: one PIN is right; another meets a redirect, as to a bank's page for logging in."""
    if b'"0302"' in request.body:
        return ok(b"", status="302 Found", headers="location: /login\r\n")
    right = f'"{PIN}"'.encode() in request.body and request.headers.get("authorization") == "t0ken"
    return ok(b'{"balance": 42}') if right else ok(b'{"error": "no"}', status="403 Forbidden")


@asynccontextmanager
async def bank_system() -> AsyncIterator[Outsider]:
    """The bank's own system."""
    async with outsider() as found:
        found.answer = judge
        yield found


@pytest.fixture
async def chat(database: Database, clock: StillClock) -> AsyncIterator[Chat]:
    await furnish(database)
    found = await open_chat(database, clock)
    found.phone.allow, found.phone.secrets = ("127.0.0.0/8",), {"BANK_TOKEN": "t0ken"}
    yield found
    await found.phone.close()


async def tries(chat: Chat, *pins: str, visitor: str = "V1") -> list[str]:
    """What is read in the end."""
    for pin in pins:
        await chat.says(pin, visitor=visitor)
        await chat.phone.jobs()
    return await chat.lines(visitor)


async def test_a_pin_that_is_right_opens_and_leaves_no_trace(chat: Chat) -> None:
    async with bank_system() as system:
        await chat.flow(bank(system.url()))
        assert (await tries(chat, "Bonjour", "0000", PIN))[-2:] == [HIDDEN, "Solde 42"]
    assert await note_of(chat) == ["Avant vous :\n• Vérifié : Titulaire"]
    async with chat.db.system() as tx:
        rows = await tx.fetch_all(
            "SELECT DISTINCT table_name FROM information_schema.columns WHERE column_name = 'tenant_id'"
        )
        for table in [row["table_name"] for row in rows]:
            for one in map(dict, await tx.fetch_all(f'SELECT * FROM "{table}"')):
                assert not any(secret in str(one) for secret in (f"'{PIN}'", f'"{PIN}"', "t0ken")), table


async def test_it_is_locked_after_five_whoever_asks_and_however_often_he_comes(chat: Chat) -> None:
    async with bank_system() as system:
        await chat.flow(bank(system.url()))
        assert (await tries(chat, "Bonjour", "0001", "0002", "0003", "0004", "0005"))[-1].endswith("Votre code")
        assert (await tries(chat, PIN))[-1] == "Trop d’essais"
        # Another visitor, the same account: locked before the first try, for an hour.
        assert (await tries(chat, "Bonjour", PIN, visitor="V2"))[-1] == "Trop d’essais"
        assert len(system.requests) == MOST
        chat.clock.advance(HOUR)
        assert (await tries(chat, "Bonjour", PIN, visitor="V3"))[-1] == "Solde 42"
    assert "Essayé : Titulaire (bloqué)" in (await note_of(chat))[-1]


async def test_a_redirect_proves_nothing(chat: Chat) -> None:
    async with bank_system() as system:
        await chat.flow(bank(system.url()))
        assert "Solde" not in str(await tries(chat, "Bonjour", "0302"))
        assert [request.line for request in system.requests] == ["POST /proofs HTTP/1.1"]
    assert "Essayé : Titulaire (302)" in (await note_of(chat))[-1]


async def test_counts_go_by_the_thing_the_customer_and_the_number(database: Database, clock: StillClock) -> None:
    async def once(proven: Key, by: list[Key]) -> bool:
        async with database.transaction(TENANT) as tx:
            return await attempt(tx, proven, by)

    assert [await once(ACCOUNT, CALLER) for _ in range(MOST + 1)] == [True] * MOST + [False]
    assert not await once(OTHER, CALLER)
    assert not await once(ACCOUNT, ANOTHER)
    assert not await once(OTHER, [("customer", "CU3"), CALLER[1]])
    assert await once(("of FI2", "12345678"), [("customer", "CU4"), (PHONE, "")])
    clock.advance(HOUR)
    assert await once(ACCOUNT, CALLER)
    await forget_old_attempts(database)
    async with database.system() as tx:
        assert await tx.scalar("SELECT count(*) FROM flow_attempts") == 1 + len(CALLER), "what counts no more is gone"


async def test_a_thing_of_ones_own_buys_no_tries_at_others(database: Database) -> None:
    async with database.transaction(TENANT) as tx:
        for _ in range(MOST - 1):
            assert await attempt(tx, ACCOUNT, CALLER)
        assert await attempt(tx, OTHER, CALLER)
        await was_right(tx, OTHER, CALLER)
        assert await attempt(tx, ("of FI1", "third"), CALLER)
        assert not await attempt(tx, ("of FI1", "fourth"), CALLER)


async def test_tries_at_the_same_moment_count_each(database: Database) -> None:
    async def once(number: int) -> bool:
        by: list[Key] = [("customer", f"CU{number}"), (PHONE, f"+3360000000{number}")]
        async with database.transaction(TENANT) as tx:
            return await attempt(tx, ACCOUNT, by)

    assert sum(await asyncio.gather(*map(once, range(MOST + 3)))) == MOST


async def test_who_is_erased_has_no_counts(database: Database) -> None:
    async with database.transaction(TENANT) as tx:
        await attempt(tx, ACCOUNT, CALLER)
        await forget_attempts(tx, [ACCOUNT, *CALLER])
        assert await tx.scalar("SELECT count(*) FROM flow_attempts") == 0


async def test_on_the_telephone_the_pin_is_asked_by_keys(database: Database, clock: StillClock) -> None:
    await furnish(database)
    phone = Phone(database, allow=("127.0.0.0/8",), secrets={"BANK_TOKEN": "t0ken"})
    try:
        async with bank_system() as system:
            await phone.flow(bank(system.url()))
            await phone.rings()
            assert phone.verbs.last().data["max_digits"] == 4
            for keys in ("0000", PIN):
                await phone.answers("digits", digits=keys)
                await phone.jobs()
            assert phone.verbs.last().words == ("Solde 42",)
            state = (await phone.instance()).state
            assert PIN not in str({**state.to_json(), "instance": ""})
    finally:
        await phone.close()
