"""Python flows: replayed from their record, told apart from one that was changed."""

import asyncio

import pytest

from parlons.flows.code import Coded, Contact, Diverged
from parlons.flows.running import begin, resume
from parlons.flows.state import Turn
from parlons.flows.testing import SILENCE, Caller
from parlons.kit.clock import Millis


async def claims(contact: Contact) -> None:
    """The flow of the how-to, in short."""
    await contact.say({"fr": "Bonjour", "en": "Hello"})
    if not await contact.hours():
        await contact.voicemail()
        return
    number = await contact.ask({"fr": "Numéro de dossier", "en": "File number"}, digits=4)
    claim = await contact.http("GET", f"https://claims.example/{number}")
    topic = claim.body["topic"] if claim.good else "unknown"
    left = await contact.queue(attributes={"topic": topic}, keys=["1"])
    if left == "1":
        await contact.callback()
    contact.end()


CLAIMS = Coded("claims", claims, "fr")


def test_it_is_played_as_any_flow() -> None:
    answers = {"https://claims.example/4711": {"status": 200, "body": {"topic": "storm"}}}
    call = Caller(CLAIMS, http=answers).plays(SILENCE, "4711")
    assert call.heard == ["Bonjour", "Numéro de dossier", "Je ne vous ai pas entendu.", "Numéro de dossier"]
    assert call.did[-1][1]["attributes"] == {"topic": "storm"}
    assert call.ended == "answered"
    assert Caller(CLAIMS, language="en").plays("1111").heard[0] == "Hello"
    assert Caller(CLAIMS, queue="1").plays("1111").did[-1][0] == "callback"
    assert Caller(CLAIMS, opened=False).plays().ended == "end"


def test_a_question_without_an_answer_gives_none() -> None:
    seen = []

    async def flow(contact: Contact) -> None:
        seen.append(await contact.ask("Un ou deux", choices={"1": "Un", "2": "Deux"}, tries=2))

    Caller(Coded("f", flow)).plays("7", SILENCE)
    Caller(Coded("f", flow)).plays("deux")
    assert seen[-2:] == [None, "2"]


def turns(flow: Coded, *results: dict[str, object]) -> Turn:
    turn = begin(flow, {}, instance="FN1", now=Millis(1))
    for result in results:
        turn = resume(flow, turn.state, result, now=Millis(2))
    return turn


def test_one_that_asks_for_something_else_has_diverged() -> None:
    async def changed(contact: Contact) -> None:
        await contact.hours()
        await contact.say("Bonjour")

    turn = turns(CLAIMS, {}, {"open": True})
    with pytest.raises(Diverged, match="step 1 was say and is hours now"):
        resume(Coded("claims", changed), turn.state, {"digits": "1234"}, now=Millis(3))


def test_one_that_ends_too_early_has_diverged() -> None:
    async def shorter(contact: Contact) -> None:
        await contact.say("Bonjour")

    with pytest.raises(Diverged, match="ended after 1 of 2"):
        resume(Coded("claims", shorter), turns(CLAIMS, {}).state, {"open": True}, now=Millis(3))


def test_a_wording_may_be_mended_meanwhile() -> None:
    async def mended(contact: Contact) -> None:
        await contact.say("Salut")
        await contact.hours()
        await contact.say("Et voilà")

    turn = resume(Coded("claims", mended), turns(CLAIMS, {}).state, {"open": True}, now=Millis(3))
    assert turn.effect is not None
    assert turn.effect.data["words"][0]["text"] == "Et voilà"


async def test_waiting_for_the_world_is_refused() -> None:
    async def sleeps(contact: Contact) -> None:
        await asyncio.sleep(1)

    with pytest.raises(Diverged, match="only what `contact` offers"):
        begin(Coded("f", sleeps), {}, instance="FN1", now=Millis(1))


def test_a_flow_cannot_swallow_its_end() -> None:
    async def stubborn(contact: Contact) -> None:
        try:
            contact.end(close=False)
        except Exception:
            await contact.say("still here")

    turn = turns(Coded("f", stubborn))
    assert (turn.state.ended, turn.state.variables["close"]) == ("end", False)


def test_one_that_never_ends_is_stopped() -> None:
    async def forever(contact: Contact) -> None:
        while True:
            await contact.hours()

    assert Caller(Coded("f", forever)).plays(most=500).ended == "falls:no-end"


def test_days_numbers_yes_and_no_are_asked_for_and_told_to_whoever_takes_over() -> None:
    seen: list[object] = []

    async def booking(contact: Contact) -> None:
        seen.append(await contact.ask_date({"fr": "Quel jour ?", "en": "Which day?"}, latest="2026-12-31", note="Day"))
        seen.append(await contact.ask_number("How many?", minimum=1, maximum=9, note="People"))
        seen.append(await contact.ask_yes_no("{n} people?", n=4, note="Sure"))
        seen.append(await contact.ask("PIN", digits=4, secret=True, note="PIN"))
        await contact.queue()

    call = Caller(Coded("booking", booking, "fr")).plays("1/1/2027", "05112026", "12", "4", "2", "4711")
    assert seen[-4:] == ["2026-11-05", 4, False, "4711"]
    assert call.told == ["answered Day: 2026-11-05", "answered People: 4", "answered Sure: Non", "answered PIN"]
    assert Caller(Coded("booking", booking, "fr")).plays().told[0] == "unanswered Day"


def test_it_understands_books_and_lets_customers_help_themselves() -> None:
    async def words(contact: Contact) -> None:
        meant = await contact.understand(
            {"en": "Yes?", "fr": "Oui ?"}, {"order": "an order", "visit": "a visit"}, first=contact.variables["message"],
            entities={"number": "order_number"}, note="Wish",
        )  # fmt: skip
        if meant is None:
            return
        if meant.intent == "order":
            await contact.say("Order {number}", number=meant.entities["number"])
            await contact.say("Good" if await contact.articles("orders") else "Well")
        booked = await contact.book(about=meant.intent)
        await contact.say(booked["when"] if booked else "None")

    flow, read = Coded("words", words), [{"title": "Orders", "summary": "", "url": "https://x"}]
    about = {"channel": "webchat", "articles": read, "slots": ["2026-11-24T09:00"]}
    call = Caller(flow, variables={"message": "my order AB-4711"}, intents={"my order AB-4711": "order"}, **about)
    call.begins().says("yes").says("1")
    assert call.heard[0] == "Order AB-4711"
    assert (call.heard[-1], call.ended) == ("Tuesday 24 November 2026, 09:00", "end")
    assert "answered Wish: an order: “my order AB-4711”" in call.told
    assert "answered appointment: Your appointment: Tuesday 24 November 2026, 09:00." in call.told
    call = Caller(flow, variables={"message": ""}, **about).begins().says("blah").says("a visit").says("0")
    assert (call.heard[-1], call.told) == ("None", ["answered Wish: a visit", "unanswered appointment"])
    call = Caller(flow, variables={"message": ""}, **about).begins().says("blah").says("blah")
    assert (call.ended, call.told) == ("end", ["unanswered Wish"])


def test_it_sends_by_another_way_and_puts_a_survey() -> None:
    async def parting(contact: Contact) -> None:
        if await contact.ask_yes_no("The way?") and await contact.send("To {who}", channel="sms", who="Paris"):
            await contact.say("Sent")
        await contact.say("Thanks" if await contact.survey("After") else "Well")

    call = Caller(Coded("parting", parting)).plays("1", "4")
    assert call.heard == ["The way?", "Sent", "After: 1 - 5", "Thank you.", "Thanks"]
    assert [(kind, data.get("text")) for kind, data in call.did][1] == ("send", "To Paris")
    call = Caller(Coded("parting", parting), reached=False, surveyed=False).plays("1")
    assert call.heard == ["The way?", "Well"]
