"""Links into a conversation: signed, good once and for a quarter of an hour, and for nothing but their conversation."""

from typing import Any

import pytest

from parlons.channels.webchat.visits import visitor_of_token
from parlons.channels.webchat.widgets import list_widgets, put_widget
from parlons.conversations.model import Conversation
from parlons.reception.joining import GOOD_FOR, LinkOver, NoChat, UnknownLink, join, make_link
from parlons.voice.calls.errors import UnknownCall
from parlons.voice.calls.vault import Vault
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.conftest import FIRM, Front

VAULT = Vault(b"s" * 32)


class NoCalls:
    """A telephone on which every call has ended."""

    vault = VAULT

    async def beside(self, call_id: str, token: str) -> Any:
        raise UnknownCall


VOICE: Any = NoCalls()


@pytest.fixture
async def conversation(front: Front) -> Conversation:
    """A customer's conversation at a firm with a widget."""
    async with front.db.transaction(TENANT) as tx:
        await put_widget(tx, workspace_id=WORKSPACE, firm_id=FIRM, key="shop")
    await front.writes()
    return await front.now()


async def chat_link(front: Front, conversation: Conversation) -> str:
    async with front.db.transaction(TENANT) as tx:
        return (await make_link(tx, VAULT, conversation, kind="chat", call_id=None, made_by="US1")).token


async def test_a_link_leads_into_its_conversation_once(front: Front, conversation: Conversation) -> None:
    token = await chat_link(front, conversation)
    joined = await join(front.db, VOICE, token.upper())
    async with front.db.transaction(TENANT) as tx:
        (widget,) = await list_widgets(tx, firm_id=FIRM)
        visitor = await visitor_of_token(tx, widget, joined["visitor_token"])
    assert (visitor.conversation_id, visitor.customer_id) == (conversation.id, conversation.customer_id)
    assert joined["widget_key"] == "shop"
    with pytest.raises(LinkOver):
        await join(front.db, VOICE, token)


async def test_a_link_ends(front: Front, conversation: Conversation) -> None:
    token = await chat_link(front, conversation)
    front.clock.advance(round(GOOD_FOR.total_seconds() * 1000) + 1)
    with pytest.raises(LinkOver):
        await join(front.db, VOICE, token)


async def test_a_forged_link_is_none(front: Front, conversation: Conversation) -> None:
    token = await chat_link(front, conversation)
    other = "b" if token[-1] != "b" else "c"
    for wrong in ("", "x", token[:-1] + other, "aaaaa-aaaaa-aaaaa-aaaaa", token + "a", "é" * 20):
        with pytest.raises(UnknownLink):
            await join(front.db, VOICE, wrong)
    assert (await join(front.db, VOICE, token))["kind"] == "chat"


async def test_a_picture_beside_a_call_that_has_ended(front: Front, conversation: Conversation) -> None:
    async with front.db.transaction(TENANT) as tx:
        link = await make_link(tx, VAULT, conversation, kind="video", call_id="CA1", made_by="US1")
    with pytest.raises(LinkOver):
        await join(front.db, VOICE, link.token)


async def test_without_a_widget_there_is_no_chat_to_open(front: Front) -> None:
    await front.writes()
    found = await front.now()
    async with front.db.transaction(TENANT) as tx:
        with pytest.raises(NoChat):
            await make_link(tx, VAULT, found, kind="chat", call_id=None, made_by="US1")
