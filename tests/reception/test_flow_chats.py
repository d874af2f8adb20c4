"""The same flow in a chat, over days of silence; addresses that are called once, or again with the same key."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from parlons.dispatch.contacts import Decision
from parlons.reception import texts
from parlons.reception.flow_instances import erase_instances
from parlons.reception.flow_rows import FlowRow, put_flows
from parlons.reception.handler import Reception
from parlons.reception.points import put_entry_points
from parlons.routing import commands as c
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch import floor
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.conftest import POINT, Front, furnish
from tests.reception.telephone import Phone
from tests.reception.test_flow_calls import MENU
from tests.runtime.addresses import Outsider, ok, outsider

DAY = 86_400_000
CHOICES: dict[str, Any] = {
    **MENU,
    "steps": {
        **MENU["steps"],
        "menu": {
            **MENU["steps"]["menu"],
            "choices": {"1": {"next": "code", "label": "Ventes"}, "2": {"next": "message", "label": "Atelier"}},
        },
    },
}


class Chat(Front):
    """A visitor whose widget is answered by a flow, in processes that come and go."""

    phone: Phone

    async def flow(self, source: dict[str, Any], *, flow_id: str = "FW1") -> None:
        """The widget is answered by it."""
        async with self.db.transaction(TENANT) as tx:
            await put_flows(tx, [FlowRow(flow_id, WORKSPACE, source["name"], source)])
            await put_entry_points(tx, [replace(POINT, flow_id=flow_id)])

    async def says(self, text: str, *, key: str | None = None, **more: Any) -> Decision:
        """A message; a new process takes it in."""
        self.phone.fresh_process()
        return await self.writes(text, key=key, **more)

    def reception(self) -> Reception:
        """Of the present process."""
        return Reception(self.phone.outside.walker)


async def open_chat(database: Database, clock: StillClock) -> Chat:
    chat = Chat(database, None, clock)  # type: ignore[arg-type]
    chat.phone = Phone(database)
    return chat


@pytest.fixture
async def chat(database: Database, clock: StillClock) -> AsyncIterator[Chat]:
    """No router: what was asked for stays on the road."""
    await furnish(database)
    chat = await open_chat(database, clock)
    yield chat
    await chat.phone.close()


@pytest.fixture
async def other() -> AsyncIterator[Outsider]:
    """The outside world."""
    async with outsider() as found:
        yield found


async def test_the_flow_of_a_call_answers_a_chat_over_days_of_silence(chat: Chat) -> None:
    await chat.flow(CHOICES)
    first = await chat.says("Bonjour")
    assert (first.kind, first.task_id) == ("flow", None)
    menu = "Ventes, le 1. Atelier, le 2.\n1. Ventes\n2. Atelier"
    assert await chat.lines() == ["Bonjour", "Bonjour", "Cet appel est enregistré", menu]
    for text, line in (("hm", f"Désolé, je n’ai pas compris.\n{menu}"), ("ventes", "Votre code")):
        chat.clock.advance(3 * DAY)
        await chat.says(text)
        assert (await chat.lines())[-1] == line
    chat.clock.advance(10 * DAY)
    last = await chat.says("12 34")
    assert last.kind == "task"
    (task,) = await chat.phone.asked()
    assert (task["task_id"], task["channel"], task["attributes"]["code"]) == (last.task_id, "chat", "1234")
    assert (await chat.now()).lead_task_id == task["task_id"]


async def test_the_same_message_again_is_one_answer(chat: Chat) -> None:
    await chat.flow(CHOICES)
    await chat.says("Bonjour")
    await chat.says("1", key="c1")
    before = await chat.lines()
    again = await chat.says("1", key="c1")
    assert (again.kind, await chat.lines()) == ("already", before)


async def test_a_message_taken_by_a_flow_ends_with_it(chat: Chat) -> None:
    await chat.flow(CHOICES)
    await chat.says("Bonjour")
    await chat.says("2")
    assert (await chat.lines())[-1].startswith("Laissez votre message")
    await chat.says("Rappelez-moi demain")
    (task,) = await chat.phone.asked()
    assert (task["attributes"]["voicemail"], task["channel"]) == (True, "default")
    assert (await chat.lines())[-2:] == ["Merci. Votre message est gardé et nous reviendrons vers vous.", "Au revoir"]
    assert (await chat.now()).status == "open", "a task waits: it is not closed"
    assert (await chat.says("Et encore ceci")).kind == "already"


async def test_a_flow_that_ends_closes_and_the_next_message_begins_it_anew(chat: Chat) -> None:
    await chat.flow({"name": "Bye", "start": "bye", "steps": {"bye": {"do": "end", "text": "Au revoir"}}})
    await chat.says("Bonjour", key="c1")
    assert (await chat.now()).status == "closed"
    assert (await chat.says("Bonjour", key="c1")).kind == "already"
    await chat.says("Encore")
    assert await chat.lines() == ["Bonjour", "Au revoir", "Encore", "Au revoir"]


async def test_silence_that_is_limited_ends_by_a_job(chat: Chat) -> None:
    ask = {
        "do": "ask",
        "text": "Oui ?",
        "answer": "text",
        "chat_seconds": 600,
        "tries": 1,
        "no_input": "bye",
        "next": "bye",
    }
    await chat.flow(
        {"name": "Ask", "start": "ask", "steps": {"ask": ask, "bye": {"do": "end", "text": "Sans réponse"}}}
    )
    await chat.says("Bonjour")
    await chat.phone.jobs()
    assert await chat.lines() == ["Bonjour", "Oui ?"]
    chat.clock.advance(601_000)
    chat.phone.fresh_process()
    await chat.phone.jobs()
    assert (await chat.lines())[-1] == "Sans réponse"


async def test_a_form_left_outside_is_no_matter_of_the_flow(chat: Chat) -> None:
    await chat.flow(CHOICES)
    decision = await chat.says("Rappelez-moi", offline=True)
    assert decision.kind == "task"


def order_flow(other: Outsider, **more: Any) -> dict[str, Any]:
    call = {"do": "http", "method": "POST", "url": other.url("/orders/{message}"), "body": {"said": "{message}"},
            "headers": {"authorization": {"secret": "SHOP_TOKEN"}}, "save": "order",
            "next": "late", "failed": "sorry"}  # fmt: skip
    steps = {
        "call": {**call, **more},
        "late": {"do": "branch", "cases": [{"when": "order.late == true", "next": "say"}], "otherwise": "sorry"},
        "say": {"do": "end", "text": "En retard", "close": False},
        "sorry": {"do": "end", "text": "Pas de nouvelles", "close": False},
    }
    return {"name": "Order", "start": "call", "steps": steps}


async def test_an_address_answers_a_chat(chat: Chat, other: Outsider) -> None:
    chat.phone.allow, chat.phone.secrets = ("127.0.0.0/8",), {"SHOP_TOKEN": "Bearer s3"}
    await chat.flow(order_flow(other))
    assert (await chat.says("a/b?c")).kind == "flow"
    assert other.requests == [], "nothing leaves before the commit"
    await chat.phone.jobs()
    (request,) = other.requests
    assert request.line == "POST /orders/a%2Fb%3Fc HTTP/1.1"
    assert (request.body, request.headers["authorization"]) == (b'{"said":"a/b?c"}', "Bearer s3")
    assert (await chat.lines())[-1] == "En retard"


async def test_a_process_that_dies_in_the_call_calls_again_with_the_same_key(chat: Chat, other: Outsider) -> None:
    chat.phone.allow, chat.phone.secrets = ("127.0.0.0/8",), {"SHOP_TOKEN": "t"}
    await chat.flow(order_flow(other))
    other.answer = lambda _: b""
    await chat.says("7")
    worker_of_the_first = chat.phone.outside
    from parlons.runtime.jobs import Worker

    await Worker(chat.db, worker_of_the_first.handlers()).run_due()
    await other.came.wait()
    await worker_of_the_first.close()
    other.answer = lambda _: ok(b'{"late": true}')
    chat.phone.fresh_process()
    await chat.phone.jobs()
    assert len(other.requests) == 1, "the job behind it waits"
    chat.clock.advance(31_000)
    await chat.phone.jobs()
    keys = [request.headers["idempotency-key"] for request in other.requests]
    assert (len(keys), len(set(keys))) == (2, 1)
    assert await chat.lines() == ["7", "En retard"]
    chat.clock.advance(31_000)
    await chat.phone.jobs()
    assert len(other.requests) == 2, "its result is stored: nobody calls again"


@pytest.mark.parametrize("why", ["private", "secret", "status", "silent"])
async def test_an_address_that_fails_leads_to_its_step(chat: Chat, other: Outsider, why: str) -> None:
    chat.phone.allow = () if why == "private" else ("127.0.0.0/8",)
    chat.phone.secrets = {} if why == "secret" else {"SHOP_TOKEN": "t"}
    other.answer = lambda _: b"" if why == "silent" else ok(b"{}", status="500 Oops")
    await chat.flow(order_flow(other, timeout_seconds=1))
    await chat.says("7")
    await chat.phone.jobs()
    assert (await chat.lines())[-1] == "Pas de nouvelles"


async def test_a_call_goes_on_when_the_address_has_answered(chat: Chat, other: Outsider) -> None:
    phone = chat.phone
    phone.allow, phone.secrets = ("127.0.0.0/8",), {"SHOP_TOKEN": "t"}
    phone.fresh_process()
    await phone.flow({**order_flow(other), "variables": {"message": "7"}}, flow_id="FW9")
    await phone.rings()
    assert phone.verbs.heard() == []
    await phone.jobs()
    assert phone.verbs.heard() == ["En retard"]


async def test_erasing_a_customer_empties_his_flows(chat: Chat) -> None:
    await chat.flow(CHOICES)
    await chat.says("Bonjour")
    async with chat.db.transaction(TENANT) as tx:
        assert await erase_instances(tx, [chat.ids["V1"]]) == 1
        assert await erase_instances(tx, [chat.ids["V1"]]) == 0


async def test_a_chat_nobody_took_is_told_once(front: Front) -> None:
    chat = await open_chat(front.db, front.clock)
    chat.dispatch = front.dispatch
    await front.dispatch.send(WORKSPACE, c.RemoveWorker(floor.worker_id(1)))
    await chat.flow({"name": "Wait", "start": "wait", "steps": {"wait": {"do": "queue"}}})
    task_id = (await chat.says("Bonjour")).task_id
    await front.task(task_id, "pending")
    front.clock.advance(25 * 3_600_000)
    await front.dispatch.send(WORKSPACE, c.Tick())
    await front.task(task_id, "canceled")
    await front.read_to_the_end()
    await chat.phone.jobs()
    assert await chat.lines() == ["Bonjour", texts.line(texts.NOT_SERVED, "fr")]
    assert (await chat.now()).not_served_reason == "workflow-end"
    assert (await chat.says("Et alors ?")).kind == "task", "the next message begins the flow anew"
    await chat.phone.close()
