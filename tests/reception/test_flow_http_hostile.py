"""An address that misbehaves: it hangs, answers too much, leads elsewhere, answers nonsense. The contact goes on, and nothing it
must not have leaves the flow."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.reception.conftest import furnish
from tests.reception.test_flow_chats import Chat, open_chat
from tests.reception.test_flow_steps import note_of
from tests.runtime.addresses import Outsider, ok, outsider

SECRET = "Bearer s3cr3t-of-the-shop"


@pytest.fixture
async def chat(database: Database, clock: StillClock) -> AsyncIterator[Chat]:
    await furnish(database)
    chat = await open_chat(database, clock)
    chat.phone.allow, chat.phone.secrets = ("127.0.0.0/8",), {"SHOP_TOKEN": SECRET}
    yield chat
    await chat.phone.close()


@pytest.fixture
async def other() -> AsyncIterator[Outsider]:
    async with outsider() as found:
        yield found


def asks(other: Outsider, seconds: int = 20) -> dict[str, Any]:
    """A flow that asks once, tells what it got, and hands over."""
    ask = {"do": "http", "url": other.url("/orders"), "headers": {"authorization": {"secret": "SHOP_TOKEN"}}, "save": "order",
           "timeout_seconds": seconds, "verifies": "Client connu", "next": "tell", "failed": "sorry"}  # fmt: skip
    steps = {
        "ask": ask,
        "tell": {"do": "say", "text": "Reçu {order.day}", "next": "agent"},
        "sorry": {"do": "say", "text": "Échec {result.ask.status} {result.ask.reason}", "next": "agent"},
        "agent": {"do": "queue"},
    }
    return {"name": "Order", "start": "ask", "language": "fr", "steps": steps}


CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nx"
ANSWERS = {
    "hangs": (b"", "Échec 0 no-answer"),
    "half": (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", "Échec 0 no-answer"),
    "no http": (b"\x16\x03\x01 hello", "Échec 0 no-answer"),
    "a lie of its length": (CHUNKED, "Échec 0 no-answer"),
    "two megabytes": (ok(b'"' + b"x" * 2_000_000 + b'"'), "Échec 0 answer-too-large"),
    "a redirect inside": (ok(b"", status="302 Found", headers="location: http://127.0.0.1/admin\r\n"), "Échec 302"),
    "an error": (ok(b"{}", status="500 Oops"), "Échec 500"),
    "bad JSON": (ok(b'{"day": "Monday"'), "Reçu"),
    "deep JSON": (ok(b"[" * 200_000), "Reçu"),
    "an endless number": (ok(b'{"day": 1e999}'), "Reçu"),
    "no UTF-8": (ok(b'{"day": "\xff\xfe"}'), "Reçu"),
    "a NUL": (ok(b'{"day": "Mon\\u0000day", "k\\u0000": [{"x": "\\u0000"}]}'), "Reçu Monday"),
    "far too deep": (ok(b'{"day": "Tuesday", "deep": ' + b"[" * 900 + b"]" * 900 + b"}"), "Reçu Tuesday"),
    "half a pair": (ok(b'{"day": "\\ud800"}'), "Reçu"),
    "nothing": (ok(b""), "Reçu"),
}


async def test_whatever_is_answered_the_contact_goes_on_and_comes_to_a_person(
    chat: Chat, other: Outsider, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, (how, (answer, said)) in enumerate(ANSWERS.items(), 1):
        other.answer = lambda _, answer=answer: answer  # type: ignore[misc]
        await chat.flow(asks(other, 20 if answer else 3))
        visitor = f"V{number}"
        await chat.says("Bonjour", visitor=visitor)
        await chat.phone.jobs()
        assert (await chat.lines(visitor))[-1] == said, how
        assert len(await chat.phone.asked()) == number, how
        assert len(other.requests) == number, f"{how}: nobody follows a redirect, and nobody asks twice"
        assert other.requests[-1].headers["authorization"] == SECRET
        chat.ids["V1"] = chat.ids[visitor]
        assert any("Vérifié" in note for note in await note_of(chat)) == said.startswith("Reçu"), how
    heard = capsys.readouterr()
    assert "s3cr3t" not in heard.out + heard.err
    async with chat.db.system() as tx:
        rows = await tx.fetch_all(
            "SELECT DISTINCT table_name FROM information_schema.columns WHERE column_name = 'tenant_id'"
        )
        for table in [row["table_name"] for row in rows]:
            assert "s3cr3t" not in str([dict(row) for row in await tx.fetch_all(f'SELECT * FROM "{table}"')]), table


async def test_what_is_our_own_is_refused(chat: Chat, other: Outsider) -> None:
    chat.phone.allow = ()
    inside = ("http://localhost/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest/meta-data", "http://0/")
    for number, url in enumerate(inside, 1):
        flow = asks(other)
        flow["steps"]["ask"]["url"] = url
        await chat.flow(flow)
        await chat.says("Bonjour", visitor=f"V{number}")
        await chat.phone.jobs()
        assert (await chat.lines(f"V{number}"))[-1] == "Échec 0 address-refused", url


async def test_a_secret_that_is_not_there_is_told_by_its_name_only(chat: Chat, other: Outsider) -> None:
    chat.phone.secrets = {}
    await chat.flow(asks(other))
    await chat.says("Bonjour")
    await chat.phone.jobs()
    assert (await chat.lines())[-1].startswith("Échec 0")
    assert other.requests == []
