"""One conversation is two matters: what was chosen goes, both are counted as they stand, and undone all is as it was."""

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from parlons.conversations import commands, messages, queries, sidework
from parlons.conversations.erasing import erase_conversations
from parlons.conversations.merging import merge_customers, separate_customers
from parlons.conversations.model import OPEN, Conversation, Message
from parlons.conversations.recounting import Line, NothingChosen, NothingLeft, SplitSince, parted, recounted
from parlons.conversations.rules import with_message
from parlons.conversations.splitting import UnknownSplit, split_conversation, unite_conversations
from parlons.conversations.threads import last_of_thread, place_of_message, splits_of
from parlons.customers import commands as customers
from parlons.kit.clock import Millis
from parlons.kit.errors import Refusal
from parlons.runtime.db import Tx
from tests.conversations.conftest import AGENT, FIRM, TENANT, WORKSPACE, Chat

BLANK = Conversation("CH1", WORKSPACE, FIRM, "CU1", "webchat", OPEN, Millis(0))
authors = st.sampled_from(["customer", "agent", "bot", "system"])


def _said(kinds: list[str]) -> tuple[Conversation, list[Line]]:
    """A conversation in which these spoke one after the other, counted message by message."""
    talk, lines = BLANK, []
    for number, kind in enumerate(kinds, 1):
        at = Millis(number * 1000)
        author = {"kind": kind}
        message: Any = type(
            "Said", (), {"id": f"IM{number}", "number": number, "at": at, "author": type("A", (), author)}
        )
        talk = with_message(talk, message)
        lines.append(Line(message.id, number, kind, "webchat", at))
    return talk, lines


@given(st.lists(authors, min_size=1, max_size=12))
def test_counting_anew_finds_what_counting_one_by_one_found(kinds: list[str]) -> None:
    talk, lines = _said(kinds)
    assert recounted(talk, lines, talk.first_unanswered_at) == talk


@given(st.lists(authors, min_size=2, max_size=12), st.data())
def test_every_message_is_in_one_of_the_two(kinds: list[str], data: st.DataObject) -> None:
    talk, lines = _said(kinds)
    chosen = data.draw(st.sets(st.sampled_from([line.id for line in lines])))
    try:
        staying, going = parted(lines, chosen)
    except (NothingChosen, NothingLeft):
        return
    assert sorted([*staying, *going], key=lambda line: line.number) == lines
    assert {line.id for line in going} == chosen
    first, second = (recounted(talk, part, talk.first_unanswered_at) for part in (staying, going))
    assert first.unread_count + second.unread_count >= talk.unread_count
    assert {first.last_message_id, second.last_message_id} >= {talk.last_message_id}
    waits = [one.first_unanswered_at for one in (first, second) if one.first_unanswered_at is not None]
    assert talk.first_unanswered_at is None or min(waits) == talk.first_unanswered_at


def test_what_cannot_be_parted_is_refused() -> None:
    _, lines = _said(["customer", "system", "agent"])
    for chosen in (set(), {"IM2"}, {"IM9"}, {"IM1", "IM2"}):
        with pytest.raises(NothingChosen):
            parted(lines, chosen)
    with pytest.raises(NothingLeft):
        parted(lines, {"IM1", "IM3"})


@pytest.fixture
async def two(chat: Chat) -> list[Message]:
    """Claire asks about two things; Sofia, who has it, has answered one of them."""
    async with chat.db.transaction(TENANT) as tx:
        said = [await chat.says(tx, "Où est ma commande ?"), await chat.says(tx, "Je veux aussi rendre un pull")]
        await chat.given_to_sofia(tx)
        said.append(await chat.answers(tx, "Elle arrive demain"))
        said.append(await chat.says(tx, "Et le pull ?", client_id="c4"))
    return said


async def _texts(tx: Tx, conversation_id: str) -> list[str]:
    return [message.text for message in await queries.earlier(tx, conversation_id, None)]


async def _split(chat: Chat, tx: Tx, said: list[Message], *which: int, **more: Any) -> tuple[Any, Conversation]:
    chosen = [said[each].id for each in which]
    return await split_conversation(tx, chat.id, chosen, by="US1", user_id="US1", **more)


async def test_both_are_whole(chat: Chat, two: list[Message]) -> None:
    async with chat.db.transaction(TENANT) as tx:
        made, child = await _split(chat, tx, two, 1, 3, subject="Retour")
    async with chat.db.transaction(TENANT) as tx:
        root = await commands.locked(tx, chat.id)
        assert await _texts(tx, chat.id) == ["Où est ma commande ?", "Elle arrive demain"]
        assert await _texts(tx, child.id) == ["Je veux aussi rendre un pull", "Et le pull ?"]
        assert (root.first_unanswered_at, root.unread_count) == (None, 0)
        assert (child.first_unanswered_at, child.unread_count) == (two[3].at, 1)
        assert (child.subject, child.assigned_user_id, child.customer_id) == ("Retour", "US1", chat.customer_id)
        assert [message.text for message in await last_of_thread(tx, root, 100)] == [one.text for one in two]
        full = await queries.in_full(tx, child, "US1")
        assert full["messages_before"] is None
        assert [(each["into_id"], each["messages"]) for each in full["splits"]] == [(child.id, 2)]
        assert full["splits"] == await splits_of(tx, root)
        assert full["legs"][0]["channel"] == "webchat"
        assert await place_of_message(tx, root, two[3].id) == child.id
    told = {row["type"]: row for row in await chat.told()}
    assert told["conversation.split"]["data"]["split"] == {
        "id": made.id, "from_id": chat.id, "into_id": child.id, "messages": 2,
    }  # fmt: skip
    assert told["conversation.split-off"]["data"]["worker_id"] == "WK1"


async def test_numbers_stand_once_in_all_of_it(chat: Chat, two: list[Message]) -> None:
    async with chat.db.transaction(TENANT) as tx:
        _, child = await _split(chat, tx, two, 1)
    async with chat.db.transaction(TENANT) as tx:
        again = await chat.says(tx, "Et le pull ?", client_id="c4")
        assert again.id == two[3].id
        answer = await messages.add_message(tx, child.id, direction="out", author=AGENT, text="Pour le pull…")
        more = await chat.says(tx, "Merci")
        assert [answer.number, more.number] == [5, 6]
        root = await commands.locked(tx, chat.id)
        assert [message.number for message in await last_of_thread(tx, root, 100)] == [1, 2, 3, 4, 5, 6]


async def test_a_message_sent_again_after_it_went_is_the_same(chat: Chat, two: list[Message]) -> None:
    async with chat.db.transaction(TENANT) as tx:
        await _split(chat, tx, two, 3)
    async with chat.db.transaction(TENANT) as tx:
        assert (await chat.says(tx, "Et le pull ?", client_id="c4")).id == two[3].id


async def test_undone_all_is_as_it_was(chat: Chat, two: list[Message]) -> None:
    async with chat.db.transaction(TENANT) as tx:
        before = await queries.in_full(tx, await commands.locked(tx, chat.id), "US1")
        made, child = await _split(chat, tx, two, 1, 3)
    async with chat.db.transaction(TENANT) as tx:
        _, back = await unite_conversations(tx, made.id)
    async with chat.db.transaction(TENANT) as tx:
        after = await queries.in_full(tx, await commands.locked(tx, chat.id), "US1")
        assert {**after, "version": 0} == {**before, "version": 0}
        assert back.id == chat.id
        gone = await commands.locked(tx, child.id)
        assert (gone.status, gone.last_message_id) == ("closed", None)
        latest = await queries.live_of_customer(tx, chat.customer_id, "webchat")
        assert latest is not None
        assert latest.id == chat.id
        with pytest.raises(UnknownSplit):
            await unite_conversations(tx, made.id)


async def test_what_came_since_comes_back_too(chat: Chat, two: list[Message]) -> None:
    async with chat.db.transaction(TENANT) as tx:
        made, child = await _split(chat, tx, two, 1)
    async with chat.db.transaction(TENANT) as tx:
        await messages.add_message(tx, child.id, direction="out", author=AGENT, text="Oui, sous 30 jours")
        await sidework.add_note(tx, child.id, author_user_id="US1", author_name="Sofia", text="Pull bleu")
        second, _ = await split_conversation(tx, child.id, [two[1].id], by="US1")
        with pytest.raises(SplitSince):
            await unite_conversations(tx, made.id)
        await unite_conversations(tx, second.id)
        await unite_conversations(tx, made.id)
        full = await queries.in_full(tx, await commands.locked(tx, chat.id), None)
    assert [message["text"] for message in full["messages"]][-1] == "Oui, sous 30 jours"
    assert [note["text"] for note in full["notes"]] == ["Pull bleu"]
    assert len(full["messages"]) == 5


async def test_nobody_splits_on_an_old_screen(chat: Chat, two: list[Message]) -> None:
    async with chat.db.transaction(TENANT) as tx:
        with pytest.raises(Refusal) as said:
            await _split(chat, tx, two, 1, version=1)
    assert said.value.code == "conversation-changed"


async def test_what_was_split_follows_its_customer(chat: Chat, two: list[Message]) -> None:
    """Merged, split since, separated: the new conversation goes back with its first. Erased: nothing can be joined."""
    async with chat.db.transaction(TENANT) as tx:
        kept = await customers.find_or_create_by_address(
            tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="phone", value="+33612345678", verified=True
        )
        merge, _ = await merge_customers(tx, kept.id, chat.customer_id, by="US1")
    async with chat.db.transaction(TENANT) as tx:
        made, child = await _split(chat, tx, two, 1)
        assert child.customer_id == kept.id
    async with chat.db.transaction(TENANT) as tx:
        await separate_customers(tx, merge.id)
    async with chat.db.transaction(TENANT) as tx:
        assert (await commands.locked(tx, child.id)).customer_id == chat.customer_id
    async with chat.db.transaction(TENANT) as tx:
        assert set(await erase_conversations(tx, chat.customer_id)) == {chat.id, child.id}
        await customers.erase_customer(tx, chat.customer_id)
        words = await tx.scalar(sa.text("SELECT string_agg(text, '') FROM messages"))
        assert not words
        with pytest.raises(UnknownSplit):
            await unite_conversations(tx, made.id)
        with pytest.raises(customers.CustomerErased):
            await _split(chat, tx, two, 2)
