"""A customer's page on a real database: what it shows and does, once for each form, and what a stranger gets."""

import asyncio
import re
from pathlib import Path

import pytest

from parlons.accounts.model import Principal
from parlons.app.erasure import forget
from parlons.appointments import commands as booking
from parlons.appointments.commands import By
from parlons.conversations import commands as conversations
from parlons.customers import consent, purposes
from parlons.customers.merging import merge
from parlons.kit.clock import Millis
from parlons.portal import calls
from parlons.runtime.files import Files
from tests.portal.conftest import DAY, HOUR, Portal


async def test_the_page_says_what_is_his_and_keeps_the_address_to_itself(portal: Portal) -> None:
    await portal.comes()
    answer = await portal.client.get(portal.path)
    page = answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert 'content="noindex"' in page
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for words in ("Bonjour Claire", "Vos demandes", "En attente d’un conseiller", "Vos préférences", "Vos accords"):
        assert words in page
    assert "Vos rendez-vous" not in page
    assert "Être appelé" not in page
    assert re.fullmatch(r"/me/[a-z2-7]{42}", portal.path)
    assert 'lang="fr"' in page
    assert "<script" not in page


async def test_a_message_reaches_the_agents_once_however_often_it_is_sent(portal: Portal) -> None:
    await portal.comes()
    form = {**await portal.form("message"), "text": "Un mot de <plus>"}
    pages = await asyncio.gather(*(portal.send("message", form) for _ in range(3)))
    assert all("Votre message nous est parvenu." in page for page in pages)
    texts = [row["text"] for row in await portal.desk.messages(portal.conversation_id)]
    assert texts.count("Un mot de <plus>") == 1
    again = await portal.send("message", {**form, "text": "Autre"})
    assert "nous est parvenu" in again
    assert len(await portal.desk.messages(portal.conversation_id)) == len(texts)
    refused = await portal.send("message", {**await portal.form("message"), "text": "  "}, 422)
    assert "Écrivez un message" in refused


async def test_a_message_wakes_a_request_that_was_set_aside(portal: Portal) -> None:
    await portal.comes()
    desk = portal.desk
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await conversations.set_not_served(tx, portal.conversation_id, "canceled")
    await portal.send("message", {**await portal.form("message"), "text": "Toujours là ?"})
    (row,) = await portal.rows("SELECT lead_task_id, status FROM conversations")
    assert (row["status"], row["lead_task_id"] is not None) == ("open", True)


async def test_what_is_anothers_or_over_is_not_written_to(portal: Portal) -> None:
    await portal.comes()
    form = {**await portal.form("message"), "text": "Bonjour"}
    other = await portal.desk.says(who="bob")
    for wrong in (other, "CH" + "0" * 32, "", "x" * 5000):
        assert "n’est plus en cours" in await portal.send("message", {**form, "id": wrong}, 404)
    desk = portal.desk
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await conversations.close(tx, portal.conversation_id, by="system")
    assert "n’est plus en cours" in await portal.send("message", form, 404)
    assert "terminée le 23 novembre 2026" in await portal.look()


async def test_an_appointment_is_booked_moved_and_cancelled(portal: Portal) -> None:
    await portal.comes()
    await portal.takes(length_minutes=60, most_to_come=2)
    assert "Aucun rendez-vous à venir." in await portal.look()
    page = await portal.look("/book")
    times = re.findall(r'name="at" value="(\d+)"', page)
    assert int(times[0]) >= portal.desk.clock() + 2 * HOUR
    form = {**await portal.form("book", "/book"), "about": "Pneus & freins"}
    assert "Choisissez d’abord" in await portal.send("book", form, 422)
    pages = await asyncio.gather(*(portal.send("book", {**form, "at": times[0]}) for _ in range(3)))
    assert all("Votre rendez-vous est pris." in each for each in pages)
    (one,) = await portal.rows("SELECT * FROM appointments")
    assert (one["made_by"], one["about"], one["state"]) == ("customer", "Pneus & freins", "booked")
    assert "Pneus &amp; freins" in pages[0]
    move = await portal.form("move", f"/move/{one['id']}")
    assert times[0] not in await portal.look(f"/move/{one['id']}")
    assert "n’est plus libre" in await portal.send("move", {**move, "at": "1"}, 409)
    assert "est déplacé" in await portal.send("move", {**move, "at": times[3]})
    assert "est annulé" in await portal.send("cancel", await portal.form("cancel"))
    (one,) = await portal.rows("SELECT state FROM appointments")
    assert one["state"] == "cancelled"
    assert (await portal.look("/book?from=2026-12-01")).count("décembre 2026") >= 2
    for wrong in ("9999-99-99", "x" * 2000, "0001-01-01", "%00"):
        await portal.look(f"/book?from={wrong}")
    await portal.look("/move/AP" + "0" * 32, 404)


async def test_nobody_touches_the_appointment_of_another(portal: Portal) -> None:
    await portal.comes(who="bob")
    await portal.takes()
    at = re.findall(r'name="at" value="(\d+)"', await portal.look("/book"))[-1]
    await portal.send("book", {**await portal.form("book", "/book"), "at": at})
    cancel = await portal.form("cancel")
    await portal.comes(who="claire")
    await portal.send("cancel", cancel, 404)
    await portal.send("move", {**cancel, "at": str(int(at) + 30 * 60_000)}, 404)
    (one,) = await portal.rows("SELECT id, state, version FROM appointments")
    assert (one["state"], one["version"]) == ("booked", 1)
    planned = "SELECT count(*) FROM jobs WHERE cancel_key = :id"
    (before,) = await portal.rows(planned, id=one["id"])
    async with portal.desk.db.transaction(portal.desk.home.tenant_id) as tx:
        assert not await calls.take_back(tx, portal.customer_id, one["id"])
    assert [before] == await portal.rows(planned, id=one["id"])
    assert before["count"] == 1, "his reminder"


async def test_preferences_change_the_page_and_where_he_is_written_to(portal: Portal) -> None:
    await portal.comes()
    form = await portal.form("preferences")
    page = await portal.send("preferences", {**form, "language": "en", "channel": "webhook"})
    assert 'lang="en"' in page
    assert "Your preferences are kept." in page
    (row,) = await portal.rows("SELECT language, attributes FROM customers")
    assert (row["language"], row["attributes"]["preferred_channel"]) == ("en", "webhook")
    page = await portal.send("preferences", {**await portal.form("preferences"), "language": "xx", "channel": ""})
    (row,) = await portal.rows("SELECT language, attributes FROM customers")
    assert (row["language"], "preferred_channel" in row["attributes"]) == ("en", False)


async def test_consent_is_withdrawn_at_once_and_given_again(portal: Portal) -> None:
    await portal.comes()
    await portal.numbered()
    home = portal.desk.home
    address = {"firm_id": home.firm_id, "kind": "phone", "value": "+33612345678"}
    first = await portal.form("consent")
    assert first["wish"] == "stop"
    page = await portal.send("consent", first)
    assert "vaut dès maintenant" in page
    assert "+33…78" in page
    assert "+33612345678" not in page
    async with portal.desk.db.transaction(home.tenant_id) as tx:
        assert await consent.opted_out(tx, **address)
    await portal.send("consent", await portal.form("consent"))
    async with portal.desk.db.transaction(home.tenant_id) as tx:
        assert not await consent.opted_out(tx, **address)
    for number, purpose in enumerate(purposes.PURPOSES, 1):
        form = await portal.form("consent", number=number)
        assert form["purpose"] == purpose
        await portal.send("consent", form)
    async with portal.desk.db.transaction(home.tenant_id) as tx:
        assert await purposes.refused_by(tx, portal.customer_id) == set(purposes.PURPOSES)
    await portal.send("consent", {**await portal.form("consent", number=1)})
    async with portal.desk.db.transaction(home.tenant_id) as tx:
        assert purposes.MARKETING not in await purposes.refused_by(tx, portal.customer_id)
    await portal.send("consent", {"wish": "stop", "address": "AD" + "0" * 32}, 422)


async def test_a_call_stands_in_line_at_its_time(portal: Portal) -> None:
    await portal.comes()
    await portal.numbered()
    page = await portal.look()
    times = re.findall(r'<option value="(\d{13})">', page)
    (number,) = re.findall(r'<option value="(AD[0-9a-f]{32})">', page)
    form = {**await portal.form("call"), "number": number, "about": "Devis"}
    await portal.send("call", {**form, "when": str(int(times[0]) + 1)}, 422)
    await portal.send("call", {**form, "number": "AD" + "0" * 32, "when": ""}, 422)
    page = await portal.send("call", {**form, "when": times[3]})
    assert "Nous vous appelons" in page
    await portal.later(HOUR)
    assert await portal.rows("SELECT 1 FROM callbacks") == []
    assert "pas appelé" in await portal.send("uncall", await portal.form("uncall"))
    await portal.send("call", {**await portal.form("call"), "number": number, "when": times[3], "about": "Devis"})
    await portal.later(8 * HOUR)
    (call,) = await portal.rows("SELECT state, task_id FROM wished_calls WHERE state <> 'cancelled'")
    (back,) = await portal.rows("SELECT * FROM callbacks")
    assert (call["state"], call["task_id"]) == ("in-line", back["task_id"])
    assert (back["number"], back["state"], back["why"]) == ("+33612345678", "waiting", "asked")
    (note,) = await portal.rows("SELECT text FROM notes")
    assert note["text"] == "Devis"


async def test_erasing_him_leaves_no_word_of_his_and_calls_nobody(portal: Portal, tmp_path: Path) -> None:
    await portal.comes()
    await portal.takes()
    await portal.numbered()
    at = re.findall(r'name="at" value="(\d+)"', await portal.look("/book"))[-1]
    await portal.send("book", {**await portal.form("book", "/book"), "at": at, "about": "Zorglub"})
    page = await portal.look()
    times, (number,) = re.findall(r'value="(\d{13})"', page), re.findall(r'value="(AD[0-9a-f]{32})">\+', page)
    await portal.send("call", {**await portal.form("call"), "number": number, "when": times[5], "about": "Zorglub"})
    await portal.send("consent", await portal.form("consent", number=1))
    home = portal.desk.home
    async with portal.desk.db.transaction(home.tenant_id) as tx:
        await forget(tx, Files(tmp_path), home.principal, portal.customer_id, now=Millis(tx.now))
    for table, state in (("appointments", "cancelled"), ("wished_calls", "cancelled")):
        (row,) = await portal.rows(f"SELECT about, state FROM {table}")
        assert (row["about"], row["state"]) == ("", state)
    assert await portal.rows("SELECT 1 FROM purpose_opt_outs") == []
    assert await portal.rows("SELECT 1 FROM outbox WHERE private::text LIKE '%Zorglub%'") == []
    await portal.later(2 * DAY)
    assert await portal.rows("SELECT 1 FROM callbacks") == []


async def test_a_link_ends_by_its_time_by_withdrawal_and_by_erasure(portal: Portal, tmp_path: Path) -> None:
    await portal.comes()
    form = {**await portal.form("message"), "text": "Bonjour"}
    short = await portal.link(days=1)
    portal.desk.clock.advance(DAY)
    kept, portal.path = portal.path, short
    assert "ne fonctionne plus" in await portal.look(status=410)
    await portal.send("message", form, 410)
    portal.path = kept
    await portal.look()
    assert await portal.call("DELETE", f"/api/v1/customers/{portal.customer_id}/page-links") == {"revoked": 1}
    assert "Claire" not in await portal.look(status=410)
    await portal.send("message", form, 410)
    portal.path = await portal.link()
    await portal.look()
    home = portal.desk.home
    chief: Principal = home.principal
    async with portal.desk.db.transaction(home.tenant_id) as tx:
        await forget(tx, Files(tmp_path), chief, portal.customer_id, now=Millis(tx.now))
    assert "ne fonctionne plus" in await portal.look(status=410)
    await portal.call("POST", f"/api/v1/customers/{portal.customer_id}/page-links", {}, 409)


@pytest.mark.parametrize("token", ["", "x", "a" * 42, "a" * 3000, "%00", "../../etc", "' OR 1=1 --", "é" * 42])
async def test_a_guessed_link_gets_a_page_and_nothing_else(portal: Portal, token: str) -> None:
    answer = await portal.client.get(f"/me/{token}")
    assert answer.status_code in (404, 307)
    assert "Claire" not in answer.text
    if answer.status_code == 404 and "html" in answer.headers["content-type"]:
        assert "ne fonctionne plus" in answer.text
        assert "no longer works" in answer.text


async def test_who_guesses_or_presses_too_often_waits(portal: Portal) -> None:
    await portal.comes()
    answers = [(await portal.client.get(f"/me/{'a' * 41}{letter}")).status_code for letter in "abcdefghijklmnopqrstuvw"]
    assert answers.count(404) == 20
    assert answers[-1] == 429
    await portal.look()
    form = {**await portal.form("preferences"), "language": "fr"}
    got = [(await portal.client.post(f"{portal.path}/preferences", data=form)).status_code for _ in range(31)]
    assert got == [303] * 30 + [429]
    portal.desk.clock.advance(60_001)
    assert (await portal.client.post(f"{portal.path}/nothing", data=form)).status_code == 404


async def test_so_many_links_a_day_and_not_more(portal: Portal) -> None:
    await portal.comes()
    for _ in range(19):
        await portal.link()
    await portal.call("POST", f"/api/v1/customers/{portal.customer_id}/page-links", {}, 429)


async def test_who_turned_out_to_be_another_sees_the_page_of_that_one(portal: Portal) -> None:
    await portal.comes(who="bob")
    other, path = portal.customer_id, portal.path
    await portal.comes(who="claire")
    home = portal.desk.home
    async with portal.desk.db.transaction(home.tenant_id) as tx:
        await merge(tx, portal.customer_id, other, by="US1", conversation_ids=[])
    portal.path = path
    page = await portal.look()
    assert "Bonjour Claire" in page
    assert page.count('class="item"><h3>Message') == 2


async def test_who_was_found_to_be_another_twice_over_is_the_last_of_them(portal: Portal) -> None:
    await portal.comes(who="bob")
    first, path, home = portal.customer_id, portal.path, portal.desk.home
    await portal.takes()
    at = re.findall(r'name="at" value="(\d+)"', await portal.look("/book"))[0]
    for who in ("anna", "claire"):
        other = portal.customer_id
        await portal.comes(who=who)
        async with portal.desk.db.transaction(home.tenant_id) as tx:
            await merge(tx, portal.customer_id, other, by="US1", conversation_ids=[])
    portal.path = path
    page = await portal.send("book", {**await portal.form("book", "/book"), "at": at})
    assert "Bonjour Claire" in page
    await portal.send("preferences", {**await portal.form("preferences"), "language": "en"})
    assert "Hello Claire" in await portal.look()
    async with portal.desk.db.transaction(home.tenant_id) as tx:
        made = await booking.book(tx, first, int(at) + DAY, by=By("api"))
    assert {row["customer_id"] for row in await portal.rows("SELECT customer_id FROM appointments")} == {
        made.customer_id
    }
    assert made.customer_id == portal.customer_id


async def test_an_agent_sends_the_link_by_the_channel_of_the_conversation(portal: Portal) -> None:
    await portal.comes()
    sent = await portal.call("POST", f"/api/v1/conversations/{portal.conversation_id}/page-link", status=201)
    assert "https://desk.example/me/" in sent["text"]
    assert sent["text"].startswith("Votre page")
    assert await portal.desk.post.sender.run_due() == 1
    portal.path = portal.desk.there.texts[-1].partition("desk.example")[2].strip()
    assert "Bonjour Claire" in await portal.look()
