"""Flows on the telephone: each step once whoever dies when, fallback, queue, callback, voicemail, hours."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from parlons.dispatch import contacts as entering
from parlons.flows.code import Coded, Contact
from parlons.reception.handler import Reception
from parlons.routing import commands as c
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch import floor
from tests.dispatch.floor import SALES, WORKSPACE
from tests.reception.conftest import Front, furnish
from tests.reception.telephone import Phone
from tests.reception.test_handler import keep_hours

MENU: dict[str, Any] = {
    "name": "Menu",
    "start": "welcome",
    "language": "fr",
    "steps": {
        "welcome": {"do": "say", "text": "Bonjour", "next": "recorded"},
        "recorded": {"do": "record", "on": True, "text": "Cet appel est enregistré", "next": "menu"},
        "menu": {
            "do": "ask",
            "text": "Ventes, le 1. Atelier, le 2.",
            "choices": {"1": {"next": "code"}, "2": {"next": "out"}},
            "save": "choice",
        },
        "code": {
            "do": "ask",
            "answer": "digits",
            "max_digits": 4,
            "text": "Votre code",
            "save": "code",
            "next": "wait",
        },
        "wait": {"do": "queue", "attributes": {"code": "{code}"}, "keys": {"1": "back"}, "text": "Un instant"},
        "back": {"do": "callback", "next": "bye"},
        "out": {"do": "transfer", "number": "+33140000000", "failed": "message"},
        "message": {"do": "voicemail", "next": "bye"},
        "bye": {"do": "end", "text": "Au revoir"},
    },
}


@pytest.fixture
async def phone(database: Database) -> AsyncIterator[Phone]:
    """No router: what was asked for stays on the road."""
    await furnish(database)
    phone = Phone(database)
    yield phone
    await phone.close()


async def walk(phone: Phone, *, die: bool) -> list[str]:
    """Through menu and code to the queue; with `die` each step is taken by a new process, and each outcome told twice."""
    await phone.rings()
    replies: list[tuple[str, str]] = [
        ("said", ""),
        ("said", ""),
        ("digits", "9"),
        ("digits", "1"),
        ("digits", "1234"),
        ("said", ""),
    ]
    for kind, digits in replies:
        key = phone.verbs.last().key
        if die:
            phone.fresh_process()
            await phone.script.returns("CA1")
            assert phone.verbs.last().key == key, "asked again under the same key"
        await phone.answers(kind, digits=digits, key=key)
        if die:
            await phone.answers(kind, digits=digits, key=key)
    return phone.verbs.heard()


@pytest.mark.parametrize("die", [False, True])
async def test_a_call_walks_through_its_menu_to_the_queue(phone: Phone, die: bool) -> None:
    await phone.flow(MENU)
    heard = await walk(phone, die=die)
    sorry = "Désolé, je n’ai pas compris."
    menu = "Ventes, le 1. Atelier, le 2."
    assert heard == ["Bonjour", "Cet appel est enregistré", menu, sorry, menu, "Votre code", "Un instant"]
    assert [one.data["on"] for one in phone.verbs.of("record")] == [True]
    (task,) = await phone.asked()
    assert (task["attributes"]["code"], task["attributes"]["topic"], task["channel"]) == ("1234", "sales", "voice")
    assert "1234" not in str({name: value for name, value in task.items() if name != "attributes"})
    assert [one.key for one in phone.verbs.of("wait")] == [task["task_id"]]
    assert (await phone.conversation()).lead_task_id == task["task_id"]
    assert not phone.verbs.of("hang_up")


async def test_death_between_the_commit_and_the_verb_loses_nothing(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await phone.flow(MENU)
    for _ in range(3):
        phone.fresh_process()

        async def dies(*_: object) -> None:
            raise SystemError

        monkeypatch.setattr(phone.script, "perform", dies)
        step = phone.answers() if phone.verbs.asked else phone.rings()
        with pytest.raises(SystemError):
            await step
        phone.fresh_process()
        await phone.script.returns("CA1")
    assert phone.verbs.heard() == ["Bonjour", "Cet appel est enregistré", "Ventes, le 1. Atelier, le 2."]
    assert len({one.key for one in phone.verbs.asked if one.words}) == 3


async def test_a_call_told_of_twice_begins_once(phone: Phone) -> None:
    await phone.flow(MENU)
    await phone.rings()
    await phone.rings()
    assert [one.key for one in phone.verbs.of("say")] == [phone.verbs.last().key] * 2
    assert phone.verbs.asked[0].verb == "answer"


async def test_a_call_is_answered_before_it_waits_and_after_an_early_notice(phone: Phone) -> None:
    early = {"do": "say", "text": "Complet", "early": True, "next": "wait"}
    await phone.flow({"name": "Early", "start": "early", "steps": {"early": early, "wait": {"do": "queue"}}})
    await phone.rings()
    assert [one.verb for one in phone.verbs.asked] == ["say"]
    await phone.answers()
    assert [one.verb for one in phone.verbs.asked] == ["say", "answer", "wait"]
    await phone.script.returns("CA1")
    assert len(await phone.asked()) == 1


async def test_a_voice_contact_without_its_script_goes_straight_to_a_task(phone: Phone) -> None:
    await phone.flow(MENU)
    call = await phone.contact()
    async with phone.db.transaction(call.tenant_id) as tx:
        contact = entering.Contact(
            call.tenant_id,
            call.workspace_id,
            "voice",
            call.number,
            call.customer_id,
            call.conversation_id,
            call.at,
            "call:CA1",
        )
        decided = await Reception(phone.outside.walker).new_contact(tx, contact)
    assert (decided.kind, len(await phone.asked())) == ("task", 1)


async def test_a_key_leaves_the_queue_and_the_callback_keeps_the_place(phone: Phone, clock: StillClock) -> None:
    await phone.flow(MENU)
    await walk(phone, die=False)
    since = clock.now
    clock.advance(60_000)
    await phone.answers("digits", digits="7", key="")
    assert len(await phone.asked()) == 1, "that key leads nowhere"
    await phone.answers("digits", digits="1", key="")
    waiting, left, back = await phone.asked()
    assert (left["command"], left["reason"], left["task_id"]) == ("cancel_task", "left-queue", waiting["task_id"])
    assert back["virtual_start"] == since
    assert (back["attributes"]["callback"], back["attributes"]["callback_number"]) == (True, "+33612345678")
    assert (await phone.conversation()).lead_task_id == back["task_id"]
    assert [one.data["number"] for one in phone.verbs.of("call_back")] == ["+33612345678"]
    await phone.answers()
    await phone.answers()
    assert phone.verbs.heard()[-2:] == ["Merci. Vous gardez votre place et nous vous rappelons.", "Au revoir"]
    assert phone.verbs.last().verb == "hang_up"


async def test_who_asks_twice_for_a_callback_stands_in_line_once(phone: Phone, clock: StillClock) -> None:
    steps = {"back": {"do": "callback", "next": "bye"}, "bye": {"do": "end"}}
    await phone.flow({"name": "Back", "start": "back", "steps": steps})
    await phone.rings("CA1")
    clock.advance(1000)
    await phone.rings("CA2")
    assert len(await phone.asked()) == 1
    assert "already" in phone.verbs.heard()[-1] or "déjà" in phone.verbs.heard()[-1]


async def test_who_waits_for_a_callback_and_rings_again_waits_at_his_place(phone: Phone, clock: StillClock) -> None:
    await phone.flow({"name": "Back", "start": "back", "steps": {"back": {"do": "callback"}}})
    await phone.rings("CA1")
    since = clock.now
    clock.advance(300_000)
    await phone.flow({"name": "Wait", "start": "wait", "steps": {"wait": {"do": "queue"}}}, flow_id="FW2")
    await phone.rings("CA2")
    first, canceled, second = await phone.asked()
    assert (canceled["command"], canceled["task_id"]) == ("cancel_task", first["task_id"])
    assert second["virtual_start"] == since
    assert (await phone.conversation("CA1")).lead_task_id is None
    await phone.flow({"name": "Again", "start": "back", "steps": {"back": {"do": "callback"}}}, flow_id="FW3")
    await phone.rings("CA3")
    assert len(await phone.asked()) == 4, "he may ask for a callback again"


async def test_a_withheld_number_goes_to_a_person_instead(phone: Phone) -> None:
    await phone.flow({"name": "Back", "start": "back", "steps": {"back": {"do": "callback"}}})
    await phone.rings(number="")
    await phone.answers()
    (task,) = await phone.asked()
    assert "callback" not in task["attributes"]
    assert "no-number" in (await phone.notes())[0]


async def test_a_message_becomes_a_task(phone: Phone) -> None:
    await phone.flow({**MENU, "start": "message"})
    await phone.rings()
    await phone.answers()
    assert phone.verbs.last().verb == "take_message"
    await phone.answers("recorded", recording_id="RE1", why="silence")
    (task,) = await phone.asked()
    assert (task["attributes"]["voicemail"], task["attributes"]["recording_id"]) == (True, "RE1")
    assert task["channel"] == "default"
    await phone.answers()
    await phone.answers()
    assert phone.verbs.last().verb == "hang_up"


async def test_who_hangs_up_after_his_message_has_left_it(phone: Phone) -> None:
    await phone.flow({**MENU, "start": "message"})
    await phone.rings()
    await phone.answers()
    key = phone.verbs.last().key
    await phone.script.ends("CA1")
    await phone.answers("recorded", key=key, recording_id="RE1", why="hangup")
    await phone.answers("recorded", key=key, recording_id="RE1", why="hangup")
    (task,) = await phone.asked()
    assert task["attributes"]["recording_id"] == "RE1"


async def test_an_outside_number_that_does_not_answer_leads_on(phone: Phone) -> None:
    await phone.flow({**MENU, "start": "out"})
    await phone.rings()
    assert phone.verbs.last().data["number"] == "+33140000000"
    await phone.answers("dialled", why="no-answer")
    assert phone.verbs.heard()[-1].startswith("Laissez votre message")


async def test_an_outside_number_that_answers_ends_the_flow_and_not_the_call(phone: Phone) -> None:
    await phone.flow({**MENU, "start": "out"})
    await phone.rings()
    await phone.answers("dialled", why="answered")
    assert (await phone.instance()).status == "ended"
    assert not phone.verbs.of("hang_up")


async def test_a_queue_that_is_gone_leads_to_the_entry_points_workflow_and_says_so(phone: Phone) -> None:
    steps = {"wait": {"do": "queue", "queue": "Nobody"}}
    await phone.flow({"name": "Lost", "start": "wait", "fallback": "Nobody either", "steps": steps})
    await phone.rings()
    assert phone.verbs.heard() == [
        "Un incident est survenu chez nous. Nous vous mettons en relation avec une personne."
    ]
    await phone.answers()
    await phone.answers()
    (task,) = await phone.asked()
    assert task["workflow_id"] == floor.WORKFLOW
    assert len(await phone.notes()) == 2


async def test_a_python_flow_that_diverged_goes_to_the_fallback_queue_and_says_so(phone: Phone) -> None:
    async def first(contact: Contact) -> None:
        await contact.say("Un")
        await contact.ask("Code", digits=2)
        await contact.queue()

    async def changed(contact: Contact) -> None:
        await contact.ask("Code", digits=2)
        await contact.queue()

    phone.codes["claims"] = Coded("claims", first, "fr")
    await phone.flow({"name": "Claims", "python": "claims"})
    await phone.rings()
    await phone.answers()
    phone.codes["claims"] = Coded("claims", changed, "fr")
    phone.fresh_process()
    await phone.script.returns("CA1")
    await phone.answers("digits", digits="12")
    assert phone.verbs.heard()[-1].startswith("Un incident")
    await phone.answers()
    (task,) = await phone.asked()
    assert task["workflow_id"] == floor.WORKFLOW
    assert "diverged" in (await phone.notes())[0]


async def test_a_python_flow_is_replayed_in_another_process(phone: Phone, clock: StillClock) -> None:
    seen: list[tuple[int, float]] = []

    async def flow(contact: Contact) -> None:
        seen.append((await contact.now(), contact.random()))
        name = await contact.ask("Code", digits=4)
        await contact.say("Merci {code}", code=name)
        await contact.queue(attributes={"code": name})

    phone.codes["claims"] = Coded("claims", flow, "fr")
    await phone.flow({"name": "Claims", "python": "claims"})
    await phone.rings()
    for kind, digits in (("digits", "4711"), ("said", "")):
        clock.advance(3_600_000)
        phone.fresh_process()
        await phone.script.returns("CA1")
        await phone.answers(kind, digits=digits)
    assert len(set(seen)) == 1, "time and chance are those of the first run"
    assert phone.verbs.heard() == ["Code", "Merci 4711"]
    (task,) = await phone.asked()
    assert task["attributes"]["code"] == "4711"


async def test_a_flow_stays_in_its_version(phone: Phone) -> None:
    await phone.flow(MENU)
    await phone.rings()
    await phone.flow({"name": "Menu", "start": "other", "steps": {"other": {"do": "say", "text": "Autre"}}})
    phone.fresh_process()
    await phone.answers()
    assert phone.verbs.heard()[-1] == "Cet appel est enregistré"
    await phone.rings("CA2")
    assert phone.verbs.heard()[-1] == "Autre"


async def test_a_number_without_a_flow_goes_by_its_hours(phone: Phone, clock: StillClock) -> None:
    async with phone.db.transaction(floor.TENANT) as tx:
        await keep_hours(tx)
    await phone.plain(hours_id="HO1", texts={"fr": {"greeting": "Garage Nord, bonjour."}})
    await phone.rings()
    await phone.answers()
    assert phone.verbs.heard() == ["Garage Nord, bonjour."]
    (task,) = await phone.asked()
    assert (task["attributes"]["hours"], task["workflow_id"]) == ("open", floor.WORKFLOW)
    clock.now = 1_790_042_400_000
    await phone.rings("CA2")
    await phone.answers(call_id="CA2")
    assert phone.verbs.heard()[-1] == "Nous sommes fermés en ce moment."
    await phone.answers(call_id="CA2")
    await phone.answers(call_id="CA2")
    await phone.answers("recorded", call_id="CA2", recording_id="RE2")
    assert (await phone.asked())[1]["attributes"]["hours"] == "closed"


async def test_nobody_in_time_is_said_and_the_call_ends(front: Front) -> None:
    phone = Phone(front.db)
    await front.dispatch.send(WORKSPACE, c.RemoveWorker(floor.worker_id(1)))
    await phone.plain(ttl_seconds=60)
    await phone.rings()
    task_id = (await phone.conversation()).lead_task_id
    await front.task(task_id, "pending")
    front.clock.advance(61_000)
    await front.dispatch.send(WORKSPACE, c.Tick())
    await front.task(task_id, "canceled")
    await front.read_to_the_end()
    await phone.jobs()
    assert phone.verbs.heard()[-1].startswith("Personne n’a pu prendre votre appel")
    await phone.answers()
    assert phone.verbs.last().verb == "hang_up"
    assert (await phone.conversation()).not_served_reason == "expired"
    await phone.close()


async def test_an_agent_who_takes_the_call_ends_its_flow(front: Front) -> None:
    phone = Phone(front.db)
    await phone.flow({"name": "Wait", "start": "wait", "steps": {"wait": {"do": "queue", "queue": "Sales"}}})
    await phone.rings()
    offer = await front.offered((await phone.conversation()).lead_task_id)
    assert offer["queue_id"] == SALES
    await front.dispatch.send(WORKSPACE, c.AcceptReservation(offer["id"]))
    await front.task(offer["task_id"], "assigned")
    await front.read_to_the_end()
    found = await phone.instance()
    assert (found.status, found.state.ended) == ("ended", "answered")
    await phone.script.ends("CA1")
    assert not phone.verbs.of("hang_up")
    await phone.close()
