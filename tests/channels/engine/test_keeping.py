"""Kept connections and files to fetch: positions survive, taken is durable before it is acknowledged, files come after."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from parlons.channels.model import Account, Event, Incoming, IncomingFile, Sender
from parlons.channels.plugin import Failed, FetchesFiles, Inbox, KeepsConnection, TryLater
from tests.channels.engine.desk import Desk

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


class Kept:
    """The generic channel with a connection of its own: what is put into `arrives` comes in by it."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.arrives: asyncio.Queue[Sequence[Event] | Exception] = asyncio.Queue()
        self.began: list[dict[str, Any]] = []
        self.taken = asyncio.Event()
        self.fetches: list[IncomingFile | Exception] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def run(self, account: Account, inbox: Inbox) -> None:
        position = await inbox.position()
        self.began.append(position)
        inbox.connected()
        while True:
            events = await self.arrives.get()
            if isinstance(events, Exception):
                raise events
            position = {"offset": position.get("offset", 0) + len(events)}
            await inbox.take(events, position=position)
            self.taken.set()

    async def fetch(self, account: Account, file: IncomingFile) -> IncomingFile:
        found = self.fetches.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def _keep(desk: Desk) -> Kept:
    kept = Kept(desk.post.channels["webhook"])
    assert isinstance(kept, KeepsConnection)
    assert isinstance(kept, FetchesFiles)
    desk.post.channels["webhook"] = kept
    return kept


def _words(text: str, event_id: str, **more: Any) -> Incoming:
    return Incoming(event_id, Sender("claire", "external", "webhook:partner:claire", True, "Claire"), text=text, **more)


async def test_a_connection_is_kept_begun_again_and_goes_on_where_it_was(desk: Desk) -> None:
    kept = _keep(desk)
    task = asyncio.create_task(desk.post.owner.run())
    try:
        await kept.arrives.put([_words("Un", "1"), _words("Deux", "2")])
        await asyncio.wait_for(kept.taken.wait(), 60)
        assert desk.post.owner.standing[desk.account.id].problem is None
        kept.taken.clear()
        await kept.arrives.put(ConnectionError("lost"))
        await kept.arrives.put([_words("Deux", "2"), _words("Trois", "3")])
        await asyncio.wait_for(kept.taken.wait(), 60)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert kept.began == [{}, {"offset": 2}]
    texts = [row["text"] for row in await desk.rows("SELECT text FROM messages ORDER BY number")]
    assert texts == ["Un", "Deux", "Trois"]


async def test_a_file_comes_after_its_message(desk: Desk) -> None:
    kept = _keep(desk)
    named = IncomingFile("photo.png", "image/png", None, "ref-1", inline_id="c1")
    message = await desk.post.receiver.take(desk.account, _words("Voici", "1", files=(named,)))
    assert message is not None
    assert (message.content or {})["files"][0]["state"] == "coming"
    kept.fetches = [TryLater("provider-busy"), replace(named, body=PNG)]
    await desk.jobs()
    desk.clock.advance(60_000)
    await desk.jobs()
    (row,) = await desk.rows("SELECT * FROM messages")
    (attachment,) = row["attachments"]
    assert (attachment["name"], attachment["size"]) == ("photo.png", len(PNG))
    assert row["content"]["inline"] == {"c1": attachment["id"]}
    kinds = [event["type"] for event in await desk.rows("SELECT type FROM outbox ORDER BY id")]
    assert "message.changed" in kinds


async def test_a_file_that_never_comes_or_is_not_taken_is_said(desk: Desk) -> None:
    kept = _keep(desk)
    files = (IncomingFile("a.png", "image/png", None, "r1"), IncomingFile("b.exe", "", None, "r2"))
    await desk.post.receiver.take(desk.account, _words("", "1", files=files))
    kept.fetches = [Failed("file-not-found"), IncomingFile("b.exe", "", b"MZ")]
    await desk.jobs()
    (row,) = await desk.rows("SELECT * FROM messages")
    said = [(one["name"], one["state"], one["code"]) for one in row["content"]["files"]]
    assert said == [("a.png", "lost", "file-not-found"), ("b.exe", "refused", "forbidden-attachment")]
    assert row["attachments"] == []
