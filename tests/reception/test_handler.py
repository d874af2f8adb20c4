"""What reception decides about a contact: whose address it is, whether it is open, what routing may ask, what waits."""

from dataclasses import replace
from typing import Any

import pytest

from parlons.accounts.opening import HoursRow
from parlons.conversations import commands, queries
from parlons.customers.commands import update_customer
from parlons.dispatch.contacts import Contact, Decision
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import Millis, to_iso
from parlons.reception import texts
from parlons.reception.handler import Reception
from parlons.reception.model import OURS, InvalidEntryPoint, NoEntryPoint
from parlons.reception.points import all_entry_points, find_entry_point, put_entry_points, remove_entry_points
from parlons.runtime.db import Database, Tx
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.conftest import FIRM, POINT, Front, furnish

NIGHT = Millis(1_790_042_400_000)  # Monday 21 September 2026, 22:00 in Paris


@pytest.fixture
async def desk(database: Database, clock: StillClock) -> Front:
    """No router: what was asked for stays on the road."""
    await furnish(database)
    return Front(database, Dispatch(database, clock=clock), clock)


async def asked(desk: Front) -> list[dict[str, Any]]:
    """The commands on the road with their attributes."""
    async with desk.db.system() as tx:
        rows = await tx.fetch_all("SELECT body, private FROM commands ORDER BY id")
    return [{**row["body"], **(row["private"] or {})} for row in rows]


async def keep_hours(tx: Tx) -> None:
    hours = HoursRow("HO1", FIRM, "Days", "Europe/Paris", {"mon": ["09:00-18:00"], "tue": ["09:00-18:00"]})
    hours.check()
    await tx.execute(
        "INSERT INTO hours (id, tenant_id, firm_id, name, zone, week) VALUES ('HO1', :tenant, :firm, 'Days', :zone, :week)",
        {
            "tenant": TENANT,
            "firm": FIRM,
            "zone": hours.zone,
            "week": '{"mon": ["09:00-18:00"], "tue": ["09:00-18:00"]}',
        },
    )
    await put_entry_points(tx, [replace(POINT, hours_id="HO1", offline_ttl_seconds=100_000)])


async def test_routing_may_ask_what_is_known(desk: Front) -> None:
    await desk.writes(
        attributes={"page": "/clio", "topic": "parts", "firm_id": "FI9", "deep": {"x": 1}, "long": "x" * 999}
    )
    (command,) = await asked(desk)
    attributes = command["attributes"]
    assert attributes["topic"] == "parts"
    assert (attributes["firm_id"], attributes["page"], attributes["language"]) == (FIRM, "/clio", "fr")
    assert (attributes["entry"], attributes["channel"], attributes["hours"]) == ("shop", "webchat", "open")
    assert (attributes["title"], len(attributes["long"])) == ("Claire Dubois", 300)
    assert "deep" not in attributes
    assert (command["channel"], command["workflow_id"], command["firm_id"]) == ("chat", POINT.workflow_id, FIRM)
    assert "Claire" not in str({key: value for key, value in command.items() if key != "attributes"})


async def test_attributes_never_grow_beyond_what_the_router_takes(desk: Front) -> None:
    await desk.writes(attributes={f"a{n}": "é" * 300 for n in range(40)})
    (command,) = await asked(desk)
    assert set(command["attributes"]) >= OURS - {"known_worker_id"}
    assert len(str(command["attributes"])) < 4096


async def test_a_customers_tier_reaches_routing(desk: Front) -> None:
    async with desk.db.transaction(TENANT) as tx:
        message, _ = await desk.write(tx, "Bonjour")
        found = await queries.conversation(tx, message.conversation_id)
        assert found is not None
        await update_customer(tx, found.customer_id, attributes={"tier": "gold", "title": "not ours"})
        await commands.close(tx, found.id, by="agent")
    await desk.writes("encore")
    attributes = (await asked(desk))[-1]["attributes"]
    assert (attributes["tier"], attributes["title"]) == ("gold", "Claire Dubois")


async def test_outside_hours_a_message_becomes_a_task_for_later(desk: Front) -> None:
    desk.clock.now = NIGHT
    async with desk.db.transaction(TENANT) as tx:
        await keep_hours(tx)
        entry = await Reception().entry(tx, channel="webchat", address="shop", at=Millis(tx.now))
    assert not entry.open
    assert entry.next_opening_at is not None
    assert to_iso(entry.next_opening_at) == "2026-09-22T07:00:00.000Z"
    decision = await desk.writes()
    assert (decision.kind, decision.next_opening_at) == ("closed", entry.next_opening_at)
    (command,) = await asked(desk)
    assert (command["ttl_seconds"], command.get("channel", "default")) == (100_000, "default")
    assert command["attributes"]["hours"] == "closed"
    assert await desk.lines() == ["Bonjour", texts.DEFAULT["fr"][texts.CLOSED]]
    assert (await desk.now()).lead_task_id == decision.task_id
    await desk.writes("Ah.")
    assert len(await asked(desk)) == 1


async def test_a_form_waits_for_nobody(desk: Front) -> None:
    decision = await desk.writes(offline=True)
    assert decision.kind == "task"
    (command,) = await asked(desk)
    assert command["attributes"]["hours"] == "closed"
    assert await desk.lines() == ["Bonjour", texts.DEFAULT["fr"][texts.LEFT_A_MESSAGE]]


async def test_the_firms_hours_hold_where_the_entry_has_none(desk: Front) -> None:
    desk.clock.now = NIGHT
    async with desk.db.transaction(TENANT) as tx:
        await keep_hours(tx)
        await put_entry_points(tx, [POINT])
        assert (await Reception().entry(tx, channel="webchat", address="shop", at=NIGHT)).open
        await tx.execute(
            "INSERT INTO firms (id, tenant_id, name, languages, hours_id, created_at)"
            " VALUES (:id, :tenant, 'F', '{fr}', 'HO1', now())",
            {"id": FIRM, "tenant": TENANT},
        )
        assert not (await Reception().entry(tx, channel="webchat", address="shop", at=NIGHT)).open


async def test_an_address_nobody_answers(desk: Front) -> None:
    async with desk.db.transaction(TENANT) as tx:
        with pytest.raises(NoEntryPoint):
            await Reception().entry(tx, channel="webchat", address="nowhere", at=NIGHT)
        assert (
            await Reception().entry(tx, channel="webchat", address="nowhere", firm_id=FIRM, at=NIGHT)
        ).firm_id == FIRM
        with pytest.raises(InvalidEntryPoint):
            await put_entry_points(tx, [replace(POINT, priority=-1)])
        await remove_entry_points(tx, ["EP1"])
        assert await all_entry_points(tx) == []


async def test_entry_points_belong_to_their_tenant(desk: Front) -> None:
    async with desk.db.transaction("AC2") as tx:
        assert await find_entry_point(tx, "webchat", "shop", FIRM) is None
        await put_entry_points(tx, [replace(POINT, id="EP2")])
        assert [point.id for point in await all_entry_points(tx)] == ["EP2"]
    async with desk.db.transaction(TENANT) as tx:
        assert [point.id for point in await all_entry_points(tx)] == ["EP1"]


async def test_a_closed_conversation_asks_for_nobody(desk: Front) -> None:
    async with desk.db.transaction(TENANT) as tx:
        message, _ = await desk.write(tx, "Bonjour", key="c1")
        await commands.close(tx, message.conversation_id, by="agent")
        found = await queries.conversation(tx, message.conversation_id)
        assert found is not None
        contact = Contact(
            TENANT,
            WORKSPACE,
            "webchat",
            "shop",
            found.customer_id,
            found.id,
            Millis(tx.now),
            "other-key",
            language="fr",
        )
        assert await Reception().new_contact(tx, contact) == Decision("already", None, FIRM, "fr")


@pytest.mark.parametrize(
    ("language", "expected"),
    [("fr-CA", "Zoé a rejoint"), ("fr", "Zoé a rejoint"), ("de", "Zoé has joined"), (None, "Zoé has joined")],
)
def test_lines_are_spoken_in_the_nearest_language(language: str | None, expected: str) -> None:
    assert texts.line(texts.JOINED, language, name="Zoé").startswith(expected)
    assert texts.line(texts.JOINED, language, {"fr": {"joined": "x"}, "en": {"joined": "x"}}) == "x"


def test_both_languages_say_everything() -> None:
    assert texts.DEFAULT["fr"].keys() == texts.DEFAULT["en"].keys()
    assert texts.STAFF["fr"].keys() == texts.STAFF["en"].keys()
