"""Messages on a real database: once each, in one order, read on both sides, and what is refused."""

import asyncio

import pytest

from parlons.conversations import commands, messages, queries, rules
from parlons.conversations.attachments import (
    RECEIVED,
    AttachmentTooLarge,
    ForbiddenAttachment,
    UnknownAttachment,
    check_file,
)
from parlons.conversations.model import CLOSED, OPEN, Author, Conversation
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.conversations.conftest import TENANT, Chat


async def test_a_double_click_sends_once(chat: Chat) -> None:
    async def send() -> str:
        async with chat.db.transaction(TENANT) as tx:
            return (await chat.says(tx, "Bonjour", client_id="c1")).id

    assert len(set(await asyncio.gather(*(send() for _ in range(5))))) == 1
    async with chat.db.transaction(TENANT) as tx:
        assert [m.text for m in await queries.earlier(tx, chat.id, None)] == ["Bonjour"]
        assert (await chat.now(tx)).message_count == 1
        with pytest.raises(rules.InvalidMessage):
            await chat.answers(tx, "mine", client_id="c1")


async def test_messages_are_numbered_in_one_order(chat: Chat) -> None:
    async def send(text: str) -> None:
        async with chat.db.transaction(TENANT) as tx:
            await chat.says(tx, text)

    await asyncio.gather(*(send(str(n)) for n in range(12)))
    async with chat.db.transaction(TENANT) as tx:
        written = await queries.earlier(tx, chat.id, None)
        assert [m.number for m in written] == list(range(1, 13))
        assert [m.number for m in await queries.earlier(tx, chat.id, 9, limit=3)] == [6, 7, 8]
        assert [m.number for m in await queries.later(tx, chat.id, 10)] == [11, 12]
    told = [row["data"]["message"]["number"] for row in await chat.told() if row["type"] == "message.added"]
    assert told == list(range(1, 13))


@pytest.mark.parametrize(
    ("text", "refusal"),
    [("x" * (rules.MAX_TEXT + 1), rules.MessageTooLong), ("  \n", rules.EmptyMessage), ("\x00", rules.EmptyMessage)],
)
async def test_what_cannot_be_sent_is_refused_and_leaves_nothing(chat: Chat, text: str, refusal: type) -> None:
    async with chat.db.transaction(TENANT) as tx:
        with pytest.raises(refusal):
            await chat.says(tx, text)
        assert (await chat.now(tx)).message_count == 0
        assert (await chat.says(tx, "x" * rules.MAX_TEXT)).number == 1


async def test_the_reply_clock_runs_from_the_first_unanswered_message(chat: Chat, clock: StillClock) -> None:
    async with chat.db.transaction(TENANT) as tx:
        await chat.says(tx, "one")
        first = (await chat.now(tx)).first_unanswered_at
    clock.advance(5_000)
    async with chat.db.transaction(TENANT) as tx:
        await chat.says(tx, "two")
        waiting = await chat.now(tx)
        assert (waiting.first_unanswered_at, waiting.unread_count) == (first, 2)
        await messages.tell_customer(tx, chat.id, "Un instant", {"code": "wait"}, key="1")
        assert (await chat.now(tx)).first_unanswered_at == first
        await chat.answers(tx, "yes?")
        answered = await chat.now(tx)
    assert (answered.first_unanswered_at, answered.unread_count) == (None, 0)
    assert answered.last_customer_message_at == clock.now


async def test_reading_is_told_and_never_goes_back(chat: Chat) -> None:
    async with chat.db.transaction(TENANT) as tx:
        first = await chat.says(tx, "one")
        await chat.says(tx, "two")
        assert (await messages.mark_read(tx, chat.id, by="agent", message_id=first.id)).unread_count == 1
        assert (await messages.mark_read(tx, chat.id, by="agent")).unread_count == 0
        again = await messages.mark_read(tx, chat.id, by="agent", message_id=first.id)
        assert (again.agent_read_number, again.unread_count) == (2, 0)
        await chat.answers(tx, "three")
        assert (await messages.mark_read(tx, chat.id, by="customer")).customer_read_number == 3
    told = [row["data"] for row in await chat.told() if row["type"] == "message.read"]
    assert [(one["by"], one["number"]) for one in told] == [("agent", 1), ("agent", 2), ("customer", 3)]


async def test_a_colleague_answered_first(chat: Chat) -> None:
    async with chat.db.transaction(TENANT) as tx:
        asked = await chat.says(tx, "one")
        answer = await chat.answers(tx, "mine", Author("agent", "US2", "David"))
        with pytest.raises(rules.ColleagueAnswered) as refused:
            await chat.answers(tx, "also mine", seen_number=asked.number)
        assert refused.value.details["message_id"] == answer.id
        sent = await chat.answers(tx, "also mine", seen_number=asked.number, anyway=True)
        assert (await chat.answers(tx, "more", seen_number=answer.number)).number == sent.number + 1


async def test_nobody_writes_into_an_ended_contact(chat: Chat) -> None:
    async with chat.db.transaction(TENANT) as tx:
        await chat.given_to_sofia(tx)
        await commands.end_contact(tx, chat.id, by="agent")
        with pytest.raises(rules.ContactEnded):
            await chat.answers(tx, "late")
        await commands.close(tx, chat.id, by="agent")
        with pytest.raises(rules.ConversationClosed):
            await chat.answers(tx, "later")


@pytest.mark.parametrize("how", ["closed", "parked", "wrapping"])
async def test_a_customers_message_brings_it_back(chat: Chat, how: str) -> None:
    async with chat.db.transaction(TENANT) as tx:
        await chat.given_to_sofia(tx)
        if how == "closed":
            await commands.close(tx, chat.id, by="agent")
        elif how == "parked":
            await commands.park(tx, chat.id, until=None)
        else:
            await commands.end_contact(tx, chat.id, by="agent")
    async with chat.db.transaction(TENANT) as tx:
        await chat.says(tx, "encore une chose")
        back = await chat.now(tx)
    assert (back.status, back.live, back.lead_task_id, back.assigned_user_id) == (OPEN, True, None, None)
    assert (back.previous_user_id, back.previous_worker_id) == ("US1", "WK1")
    event = next(row for row in await chat.told() if row["type"] in ("conversation.reopened", "conversation.resumed"))
    assert event["data"]["by"] == "customer"
    assert event["data"]["ended_task_id"] == ("WT1" if how == "wrapping" else None)
    async with chat.db.transaction(TENANT) as tx:
        legs = (await queries.in_full(tx, back, None))["legs"]
    assert [leg["ended_at"] is None for leg in legs] == ([True] if how == "parked" else [False, True])


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("../../photo.PNG", b"\x89PNG\r\n\x1a\n....", "image/png"),
        ("scan.pdf", b"%PDF-1.7", "application/pdf"),
        ("notes.txt", "été".encode(), "text/plain"),
    ],
)
def test_files_are_known_by_name_and_content(name: str, content: bytes, kind: str) -> None:
    kept, found = check_file(name, content)
    assert found == kind
    assert "/" not in kept


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.exe", b"MZ"),
        ("page.html", b"<script>"),
        ("drawing.svg", b"<svg onload=alert(1)>"),
        ("photo.png", b"<html>"),
        ("photo.png.exe", b"\x89PNG\r\n\x1a\n"),
        ("notes.txt", b"\xff\xfe\x00"),
        ("empty.txt", b""),
        ("none", b"%PDF-"),
        ("fake.webp", b"RIFF....WAVE"),
    ],
)
def test_forbidden_files_are_refused(name: str, content: bytes) -> None:
    with pytest.raises(ForbiddenAttachment):
        check_file(name, content)


def test_a_channel_may_allow_less_and_nobody_more_bytes() -> None:
    with pytest.raises(ForbiddenAttachment):
        check_file("scan.pdf", b"%PDF-1.7", allowed=["image/png"])
    with pytest.raises(AttachmentTooLarge):
        check_file("notes.txt", b"x" * (10 * 1024 * 1024 + 1))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("voice.ogg", b"OggS\x00\x02", "audio/ogg"),
        ("note.mp3", b"\xff\xfb\x90\x00", "audio/mpeg"),
        ("note.m4a", b"\x00\x00\x00\x1cftypM4A ", "audio/mp4"),
        ("film.mp4", b"\x00\x00\x00\x18ftypisom", "video/mp4"),
    ],
)
def test_what_is_heard_comes_from_channels_only(name: str, content: bytes, kind: str) -> None:
    assert check_file(name, content, allowed=RECEIVED) == (name, kind)
    with pytest.raises(ForbiddenAttachment):
        check_file(name, content)
    with pytest.raises(ForbiddenAttachment):
        check_file(name, b"MZ a program", allowed=RECEIVED)


async def test_only_ones_own_upload_can_be_sent(chat: Chat, database: Database) -> None:
    async def upload(file_id: str, owner_id: str, kind: str = "image/png") -> None:
        async with database.transaction(TENANT) as tx:
            await tx.execute(
                "INSERT INTO files (id, tenant_id, class, owner_id, name, content_type, size, sha256, path)"
                " VALUES (:id, :tenant, 'upload', :owner, 'a.png', :kind, 3, '', '')",
                {"id": file_id, "tenant": TENANT, "owner": owner_id, "kind": kind},
            )

    await upload("FL1", "US1")
    await upload("FL2", "US2")
    await upload("FL3", "US1", "text/html")
    async with database.transaction(TENANT) as tx:
        sent = await chat.answers(tx, "", attachment_ids=["FL1"])
        assert [a.name for a in sent.attachments] == ["a.png"]
        with pytest.raises(UnknownAttachment):
            await chat.answers(tx, "look", attachment_ids=["FL2"])
        with pytest.raises(ForbiddenAttachment):
            await chat.answers(tx, "look", attachment_ids=["FL3"])
        assert await tx.scalar("SELECT owner_id FROM files WHERE id = 'FL1'") == chat.customer_id


async def test_texts_and_names_stay_out_of_the_journal(chat: Chat) -> None:
    async with chat.db.transaction(TENANT) as tx:
        await chat.given_to_sofia(tx)
        await chat.says(tx, "mon numéro est le 0612345678", client_id="secret-1")
        await chat.answers(tx, "Merci Claire")
    for row in await chat.told():
        assert "0612345678" not in str(row["data"])
        assert "laire" not in str(row["data"])
        if row["private"]:
            assert row["private_key"] == chat.customer_id, row["type"]
    added = [row for row in await chat.told() if row["type"] == "message.added"]
    assert [row["private"]["message"]["text"] for row in added] == ["mon numéro est le 0612345678", "Merci Claire"]
    assert all(row["audience"] for row in added)


def conversation(**values: object) -> Conversation:
    base: dict[str, object] = {
        "id": "CH1",
        "workspace_id": "WS1",
        "firm_id": "FI1",
        "customer_id": "CU1",
        "channel": "webchat",
        "status": OPEN,
        "opened_at": 0,
    }
    return Conversation(**{**base, **values})  # type: ignore[arg-type]


def test_a_step_done_already_changes_nothing() -> None:
    closed = conversation(status=CLOSED, closed_at=1)
    assert rules.close(closed, None, None, "", 2) is closed  # type: ignore[arg-type]
    wrapping = conversation(wrapup_since=1)
    assert rules.end_contact(wrapping, 2) is wrapping  # type: ignore[arg-type]
    live = conversation()
    assert rules.reopen(live) is live
    assert rules.released(live) is live
