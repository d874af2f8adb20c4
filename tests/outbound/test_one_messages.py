"""One message to one customer: at once, at a time, cancelled, refused, in quiet hours, by the way he prefers."""

from dataclasses import dataclass
from typing import Any

import pytest

from parlons.channels.model import Account
from parlons.customers import commands as customers
from parlons.customers import consent
from parlons.kit.clock import to_iso
from parlons.outbound import leaving, one_commands
from parlons.outbound.one_choosing import Choice, order
from parlons.runtime.jobs import Worker
from tests.channels.engine.desk import put
from tests.outbound.conftest import Campaign

TEXTS = {"fr": {"text": "Commande {{ customer.attributes.order }} prête"}, "en": {"text": "Order ready"}}


@dataclass
class Ones:
    """Single messages of the firm."""

    campaign: Campaign

    async def call(self, method: str, path: str = "", body: Any = None, *, status: int = 200, key: str = "") -> Any:
        headers = {"Idempotency-Key": key or f"k{next(self.campaign.keys)}"} if method == "POST" else {}
        url = f"/api/v1/single-messages{path}"
        answer = await self.campaign.client.request(method, url, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def ask(self, *, status: int = 201, key: str = "", **more: Any) -> Any:
        return await self.call("POST", "", {"texts": TEXTS, **more}, status=status, key=key)

    async def get(self, one: Any) -> Any:
        return await self.call("GET", f"/{one['id']}")

    async def due(self) -> None:
        """What is planned for now, then the channels."""
        await Worker(self.campaign.desk.db, one_commands.handlers(self.campaign.outbound)).run_due()
        await self.campaign.desk.post.sender.run_due()

    @property
    def texts(self) -> list[tuple[str, str]]:
        return [(one["to"], one["text"]) for one in self.campaign.desk.there.got]


@pytest.fixture
async def ones(campaign: Campaign) -> Ones:
    await campaign.people(4)
    return Ones(campaign)


def person(number: int) -> str:
    return "CU" + str(number).rjust(32, "0")


async def test_an_orders_state_reaches_its_customer_once_and_his_answer_is_read(ones: Ones) -> None:
    body = {"customer_id": person(2), "attributes": {"order": "A-17"}, "reference": "A-17"}
    first = await ones.ask(**body, key="order A-17")
    assert (first["state"], first["channel"], first["purpose"]) == ("queued", "webhook", "service")
    assert (await ones.ask(**body, key="order A-17"))["id"] == first["id"], "the same key again is the same message"
    await ones.due()
    assert ones.texts == [("p2", "Commande A-17 prête")]
    assert (await ones.get(first))["state"] == "sent"
    conversation_id = await ones.campaign.desk.says("Merci", who="p2")
    found = await ones.get(first)
    assert (found["answered"], found["conversation_id"]) == (True, conversation_id)
    listed = await ones.call("GET", "?reference=A-17")
    assert [one["id"] for one in listed["items"]] == [first["id"]]


async def test_a_reminder_waits_for_its_time_and_may_be_cancelled_before_it(ones: Ones) -> None:
    clock = ones.campaign.desk.clock
    at = to_iso(clock() + 3_600_000)
    kept = await ones.ask(customer_id=person(1), at=at)
    gone = await ones.ask(customer_id=person(3), at=at)
    assert (kept["state"], kept["at"]) == ("scheduled", at)
    for _ in range(2):
        assert (await ones.call("POST", f"/{gone['id']}/cancel"))["state"] == "cancelled"
    await ones.due()
    assert ones.texts == []
    clock.advance(3_600_001)
    await ones.due()
    assert ones.texts == [("p1", "Order ready")]
    assert (await ones.get(kept))["state"] == "sent"
    assert (await ones.get(gone))["state"] == "cancelled"
    refused = await ones.call("POST", f"/{kept['id']}/cancel", status=409)
    assert refused["code"] == "single-message-gone"


async def test_marketing_waits_for_his_hours_and_what_he_waits_for_does_not(ones: Ones) -> None:
    clock = ones.campaign.desk.clock
    clock.advance(-clock() % 86_400_000 + 2 * 3_600_000)  # two in the morning, UTC
    offer = await ones.ask(customer_id=person(1), purpose="marketing", zone="UTC")
    order = await ones.ask(customer_id=person(3), purpose="service", zone="UTC")
    assert (offer["state"], offer["code"], order["state"]) == ("quiet", "quiet-hours", "queued")
    assert offer["due_at"] == to_iso(clock() + 6 * 3_600_000)
    await ones.due()
    assert [to for to, _ in ones.texts] == ["p3"]
    clock.advance(6 * 3_600_000)
    await ones.due()
    assert (await ones.get(offer))["state"] == "sent"


async def test_who_asked_for_silence_gets_nothing_also_when_he_asked_after_it_was_planned(ones: Ones) -> None:
    desk = ones.campaign.desk
    planned = await ones.ask(customer_id=person(1), at=to_iso(desk.clock() + 60_000))
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await consent.opt_out(
            tx, firm_id=desk.home.firm_id, kind="external", value="webhook:partner:p1", customer_id=person(1),
            channel="webhook", word="STOP", message_id="",
        )  # fmt: skip
    now = await ones.ask(customer_id=person(1))
    assert (now["state"], now["code"]) == ("skipped", "opted-out")
    desk.clock.advance(60_000)
    await ones.due()
    assert ((await ones.get(planned))["code"], ones.texts) == ("opted-out", [])


async def test_it_goes_the_way_he_prefers_or_the_one_that_is_named(ones: Ones) -> None:
    desk = ones.campaign.desk
    other = await put(desk.db, desk.home, desk.clock, desk.there.url, key="second", address="second")
    await desk.post.accounts.refresh(now=True)
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await customers.identify(tx, person(1), kind="external", value="webhook:second:q1", verified=True)
    await desk.says("Bonjour", who="p1")
    first = await ones.ask(customer_id=person(1))
    named = await ones.ask(customer_id=person(1), account_id=other)
    assert first["account_id"] != other
    assert (named["account_id"], named["address"]["value"]) == (other, "webhook:second:q1")
    refused = await ones.ask(customer_id=person(2), account_id=other, status=409)
    assert refused["code"] == "no-way-there"


def test_the_order_of_ways() -> None:
    def way(channel: str, **more: bool) -> Choice:
        account = Account("CC" + channel, "AC1", "WS1", "FI1", channel, channel, "")
        return Choice(account, "phone", "+33612345678", **{"silent": False, "closed": False, "claimed": False, **more})

    def first(*ways: Choice, preferred: str | None = None, last: str | None = None) -> str:
        return min(ways, key=lambda one: order(one, preferred, last)).account.channel

    mail, text, chat = way("email"), way("sms"), way("telegram")
    assert first(mail, chat, text) == "sms", "text messages before mails before others"
    assert first(mail, text, last="CCemail") == "email"
    assert first(mail, text, chat, preferred="telegram", last="CCemail") == "telegram"
    assert first(mail, way("sms", claimed=True), preferred="sms") == "email", "a proven address before all that"
    assert first(mail, way("sms", closed=True), preferred="sms") == "email"
    assert first(way("email", silent=True), way("sms", closed=True)) == "sms"


async def test_it_goes_to_an_address_by_a_ready_reply(ones: Ones) -> None:
    desk = ones.campaign.desk
    async with desk.db.system() as tx:
        await tx.execute(
            "INSERT INTO templates (id, kind, firm_id, tenant_id, shortcut, title, texts, changed_by, changed_at) "
            "VALUES ('TP1', 'reply', NULL, :tenant, 'ready', 'Ready', "
            "CAST('{\"fr\": \"Prêt, {{ customer.first_name }}\"}' AS jsonb), 'Lea', now())",
            {"tenant": desk.home.tenant_id},
        )
    one = await ones.call("POST", "", {"address": "webhook:partner:p4", "template": "ready"}, status=201)
    assert (one["customer_id"], one["address"]["kind"]) == (person(4), "external")
    await ones.due()
    assert ones.texts == [("p4", "Prêt, Claire")]
    unknown = await ones.call("POST", "", {"customer_id": person(1), "template": "nowhere"}, status=404)
    assert unknown["code"] == "unknown-template"


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"customer_id": person(1), "address": "webhook:partner:p1"}, 422, "invalid-single-message"),
        ({}, 422, "invalid-single-message"),
        ({"address": "+33612345678"}, 422, "invalid-single-message"),
        ({"customer_id": "CU" + "9" * 32}, 404, "unknown-customer"),
        ({"customer_id": person(1), "texts": {"fr": {"text": "{{ customer.secret }}"}}}, 422, "unknown-variable"),
        ({"customer_id": person(1), "texts": {}}, 422, "invalid-single-message"),
        ({"customer_id": person(1), "zone": "Mars/Olympus"}, 422, "invalid-send"),
        ({"customer_id": person(1), "at": "2099-01-01T00:00:00Z"}, 422, "invalid-single-message"),
    ],
)
async def test_what_cannot_be_sent_is_refused_at_once(
    ones: Ones, wrong: dict[str, Any], status: int, code: str
) -> None:
    assert (await ones.ask(**wrong, status=status)).get("code", "") == code


async def test_a_link_to_leave_names_a_single_message_too(ones: Ones) -> None:
    desk, links = ones.campaign.desk, ones.campaign.outbound.leaving
    await ones.ask(customer_id=person(1))
    number = (await desk.rows("SELECT number FROM single_messages"))[0]["number"]
    token = links.link(desk.home.tenant_id, -number).rpartition("/")[2]
    assert links.recipient(token) == (desk.home.tenant_id, -number)
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        assert await leaving.leave(tx, -number)
    assert (await ones.ask(customer_id=person(1)))["code"] == "opted-out"


async def test_erasing_a_customer_empties_it_and_stops_what_was_planned(ones: Ones) -> None:
    desk = ones.campaign.desk
    planned = await ones.ask(customer_id=person(1), at=to_iso(desk.clock() + 60_000), attributes={"order": "secret"})
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await one_commands.forget(tx, person(1), [("external", "webhook:partner:p1")])
    row = (await desk.rows("SELECT * FROM single_messages WHERE id = :id", id=planned["id"]))[0]
    assert (row["state"], row["code"], row["value"], row["attributes"]) == ("skipped", "erased", "", {})
    desk.clock.advance(60_000)
    await ones.due()
    assert ones.texts == []
