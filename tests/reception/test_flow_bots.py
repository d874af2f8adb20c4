"""A contact in the hands of a bot: a company's own program on a real socket, which may be slow, wrong, or gone."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from parlons.conversations.hiding import HIDDEN
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.reception.conftest import furnish
from tests.reception.telephone import Phone
from tests.reception.test_flow_chats import Chat, open_chat
from tests.reception.test_flow_steps import note_of

Json = dict[str, Any]


@dataclass
class Company:
    """A bot on a free port."""

    answer: Callable[[Json], Any]
    """What it answers; None: nothing, `HANG_UP`: it does."""
    port: int = 0
    connections: int = 0
    heard: list[Json] = field(default_factory=list)
    headers: list[str | None] = field(default_factory=list)

    async def serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        self.headers.append(socket.request.headers.get("authorization") if socket.request else None)
        async for text in socket:
            self.heard.append(json.loads(text))
            reply = self.answer(self.heard[-1])
            if reply is HANG_UP:
                return
            if reply is not None:
                await socket.send(reply if isinstance(reply, str) else json.dumps(reply))


HANG_UP = object()


def booking(message: Json) -> Any:
    """A bot that asks for a PIN and a day; it remembers nothing."""
    match message["type"], message["state"]:
        case "begin", None:
            return {"say": f"Bonjour {message['data']['name']}, votre code ?", "ask": "digits", "max_digits": 4, "secret": True,
                    "state": {"at": "pin"}}  # fmt: skip
        case "answer", {"at": "pin"}:
            return {"say": "Un instant {x}", "state": {"at": "look"}}
        case "said", {"at": "look"}:
            return {"say": "Quel jour ?", "ask": "text", "state": {"at": "day"}}
        case "answer", {"at": "day"}:
            return {"done": True, "say": "C’est noté", "data": {"day": message["text"]}, "tell": {"Jour": message["text"]},
                    "verified": ["Son code"]}  # fmt: skip
    return {"say": "?", "ask": "text", "state": message["state"]}


@asynccontextmanager
async def company(answer: Callable[[Json], Any] = booking) -> AsyncIterator[Company]:
    """It answers until the end."""
    found = Company(answer)
    async with serve(found.serve, "127.0.0.1", 0) as server:
        found.port = next(iter(server.sockets)).getsockname()[1]
        yield found


def flow(bot: Company, **more: Any) -> Json:
    """A flow that hands over to it."""
    step = {"do": "bot", "url": f"ws://127.0.0.1:{bot.port}/contacts", "headers": {"authorization": {"secret": "BOT_TOKEN"}},
            "data": {"name": "Claire"}, "timeout_seconds": 20, "save": "booked", "next": "tell", "failed": "agent",
            **more}  # fmt: skip
    steps = {
        "bot": step,
        "tell": {"do": "say", "text": "Le {booked.day}", "next": "agent"},
        "agent": {"do": "queue", "text": "Quelqu’un vient"},
    }
    return {"name": "Bot", "start": "bot", "language": "fr", "steps": steps}


@pytest.fixture
async def chat(database: Database, clock: StillClock) -> AsyncIterator[Chat]:
    await furnish(database)
    chat = await open_chat(database, clock)
    chat.phone.allow, chat.phone.secrets = ("127.0.0.0/8",), {"BOT_TOKEN": "t0ken"}
    chat.phone.fresh_process()
    yield chat
    await chat.phone.close()


async def says(chat: Chat, *texts: str, new_process: bool = False) -> None:
    for text in texts:
        if new_process:
            await chat.says(text)
        else:
            await chat.writes(text)
        await chat.phone.jobs()


@pytest.mark.parametrize("new_process", [False, True])
async def test_it_asks_is_answered_and_gives_the_contact_back(chat: Chat, new_process: bool) -> None:
    async with company() as bot:
        await chat.flow(flow(bot))
        await says(chat, "Bonjour", "4711", new_process=new_process)
        chat.clock.advance(3 * 86_400_000)
        await says(chat, "mardi", new_process=new_process)
        lines = [
            "Bonjour",
            "Bonjour Claire, votre code ?",
            HIDDEN,
            "Un instant {x}",
            "Quel jour ?",
            "mardi",
            "C’est noté",
        ]
        assert await chat.lines() == [*lines, "Le mardi", "Quelqu’un vient"]
        assert [one["turn"] for one in bot.heard] == [1, 2, 3, 4]
        assert [one.get("text") for one in bot.heard] == [None, "4711", None, "mardi"]
        assert len({one["contact"] for one in bot.heard}) == 1
        assert len({one["key"] for one in bot.heard}) == 4
        assert set(bot.headers) == {"t0ken"}
        assert bot.connections == (3 if new_process else 1)
    (note,) = await note_of(chat)
    assert note == "Avant vous :\n• Jour : mardi\n• Vérifié : Son code"
    assert "4711" not in str(await chat.phone.asked())


async def test_a_connection_that_breaks_is_made_anew_with_what_the_bot_gave(chat: Chat) -> None:
    broken = [True]

    def answer(message: Json) -> Any:
        if message["type"] == "answer" and broken:
            broken.clear()
            return HANG_UP
        return booking(message)

    async with company(answer) as bot:
        await chat.flow(flow(bot))
        await says(chat, "Bonjour", "4711")
        assert (await chat.lines())[-1] == "Quel jour ?"
        assert [(one["turn"], one["state"]) for one in bot.heard[1:3]] == [(2, {"at": "pin"})] * 2
        assert bot.heard[1]["key"] == bot.heard[2]["key"]
        assert bot.connections == 2


async def test_what_is_for_another_bot_does_not_go_to_the_first(chat: Chat) -> None:
    async with company(lambda _: {"say": 4}) as first, company() as second:
        told = flow(first, data={"name": "Anne"}, failed="other")
        told["steps"]["other"] = {**flow(second)["steps"]["bot"]}
        await chat.flow(told)
        await says(chat, "Bonjour")
        assert (await chat.lines())[-1] == "Bonjour Claire, votre code ?"
        assert [one["data"] for one in first.heard] == [{"name": "Anne"}]
        assert [one["data"] for one in second.heard] == [{"name": "Claire"}]


WRONG: list[Any] = [
    None, HANG_UP, "no JSON", "[" * 60_000, "[1]", {}, {"ask": "text"}, {"say": 4}, {"say": "a", "ask": "everything"},
    {"say": "a", "ask": "text", "done": True}, {"say": "a" * 5_000, "ask": "text"},
    {"say": "a", "ask": "text", "state": "s" * 9_000},
    json.dumps({"say": "a", "ask": "text", "more": "x" * 70_000}), {"turn": 7, "say": "late", "ask": "text"},
]  # fmt: skip


async def test_what_a_bot_does_wrong_leads_to_a_person(chat: Chat) -> None:
    replies = iter(WRONG)
    current: list[Any] = [None]
    async with company(lambda _: current[0]) as bot:
        await chat.flow(flow(bot, timeout_seconds=1))
        for number, current[0] in enumerate(replies, 1):
            await chat.writes("Bonjour", visitor=f"V{number}")
            await chat.phone.jobs()
            assert (await chat.lines(f"V{number}")) == ["Bonjour", "Quelqu’un vient"], WRONG[number - 1]
            assert len(await chat.phone.asked()) == number


async def test_a_bot_inside_our_network_or_without_its_secret_is_not_called(chat: Chat) -> None:
    async with company() as bot:
        await chat.flow(flow(bot))
        chat.phone.secrets = {}
        chat.phone.fresh_process()
        await says(chat, "Bonjour")
        assert (await chat.lines())[-1] == "Quelqu’un vient"
        chat.phone.allow, chat.phone.secrets = (), {"BOT_TOKEN": "t0ken"}
        chat.phone.fresh_process()
        await chat.writes("Bonjour", visitor="V2")
        await chat.phone.jobs()
        assert (await chat.lines("V2"))[-1] == "Quelqu’un vient"
        assert bot.connections == 0


async def test_a_caller_answers_by_keys_and_silence_is_told_three_times(chat: Chat) -> None:
    phone: Phone = chat.phone
    async with company() as bot:
        await phone.flow(flow(bot))
        await phone.rings()
        await phone.jobs()
        assert phone.verbs.last().data["max_digits"] == 4
        for _ in range(3):
            await phone.answers("digits", digits="", why="timeout")
            await phone.jobs()
        assert phone.verbs.heard()[-1] == "Quelqu’un vient"
        assert [one["type"] for one in bot.heard] == ["begin", "silence", "silence"]
