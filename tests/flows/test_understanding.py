"""The step that understands: words, keys, silence, languages and what the words name; entities by themselves."""

from datetime import date
from typing import Any

import pytest

from parlons.flows.entities import entity
from parlons.flows.model import Flow
from parlons.flows.testing import SILENCE, Caller
from parlons.flows.text import flow_of
from parlons.flows.validate import check, grave

SOURCE: dict[str, Any] = {
    "name": "Words",
    "start": "what",
    "languages": ["en", "fr"],
    "steps": {
        "what": {
            "do": "understand",
            "text": {"en": "What can we do for you?", "fr": "Que pouvons-nous faire pour vous ?"},
            "intents": {
                "order_status": {"next": "order", "key": "1", "label": {"en": "an order", "fr": "une commande"}},
                "opening_hours": {"next": "hours"},
            },
            "entities": {"order": "order_number", "day": "date"},
            "save": "wish",
            "note": {"en": "Wish", "fr": "Souhait"},
            "failed": "agent",
        },
        "order": {"do": "say", "text": {"en": "Order {order}.", "fr": "Commande {order}."}, "next": "agent"},
        "hours": {"do": "end", "text": {"en": "Nine to five.", "fr": "De neuf à dix-sept heures."}},
        "agent": {"do": "queue"},
    },
}
MEANT = {"where is my order AB-4711": "order_status", "when are you open": "opening_hours"}


def flow(**step: Any) -> Flow:
    found, problems = flow_of({**SOURCE, "steps": {**SOURCE["steps"], "what": {**SOURCE["steps"]["what"], **step}}})
    assert found is not None, problems
    return found


def chat(*answers: str, step: dict[str, Any] | None = None, **more: Any) -> Caller:
    return Caller(flow(**(step or {})), channel="webchat", intents=MEANT, **more).plays(*answers)


def test_what_is_meant_leads_on_and_what_is_named_is_kept() -> None:
    call = chat("Where is my order AB-4711")
    assert call.trace == ["what", "order", "agent"]
    assert call.heard == ["What can we do for you?", "Order AB-4711."]
    assert call.turn is not None
    assert call.turn.state.variables["wish"] == "order_status"
    assert call.told == ["answered Wish: an order: “Where is my order AB-4711”", "answered order: AB-4711"]


def test_what_is_not_understood_is_asked_again_with_the_intents_to_choose_from() -> None:
    call = Caller(flow(), channel="webchat", intents=MEANT).begins()
    assert call.effect is not None
    assert call.effect.data["choices"] == []
    call.says("blah")
    assert call.lately == ["Sorry, I did not understand.", "What can we do for you?"]
    assert call.effect is not None
    assert [one["label"] for one in call.effect.data["choices"]] == ["an order", "opening hours"]
    assert call.says("An order.").trace[-2:] == ["order", "agent"]
    assert chat("blah", "2").trace == ["what", "hours"]
    assert chat("blah", "bleh").trace == ["what", "agent"]
    assert chat("blah", "bleh").told == ["unanswered Wish"]


def test_what_a_chat_began_with_is_understood_before_anything_is_asked() -> None:
    begun = {"step": {"first": "{message}"}}
    assert chat(variables={"message": "when are you open"}, **begun).heard == ["Nine to five."]
    asked = chat("when are you open", variables={"message": "hello"}, **begun)
    assert asked.heard == ["What can we do for you?", "Nine to five."], "a greeting is no mistake"
    assert chat("2", "2", variables={}, **begun).trace == ["what", "hours"]


def test_on_the_telephone_the_intents_are_keyed() -> None:
    call = Caller(flow(), intents=MEANT, language="fr").plays("1")
    assert call.heard[:3] == [
        "Que pouvons-nous faire pour vous ?",
        "Pour une commande, tapez 1.",
        "Pour opening hours, tapez 2.",
    ]
    assert call.trace == ["what", "order", "agent"]
    assert [kind for kind, _ in call.did] == ["ask", "queue"]
    silent = Caller(flow(no_input="hours")).plays(SILENCE, "7", SILENCE)
    assert silent.heard.count("Sorry, I did not understand.") == 0
    assert silent.trace == ["what", "agent"]
    assert Caller(flow(no_input="hours")).plays().trace == ["what", "hours"]


def test_the_flow_goes_on_in_the_language_of_the_words() -> None:
    class French(Caller):
        def _result(self, effect: Any, answers: Any) -> dict[str, Any]:
            found = super()._result(effect, answers)
            return {**found, "language": "fr"} if effect.kind == "understand" else found

    call = French(flow(), channel="webchat", intents={"où est ma commande 4711": "order_status"})
    assert call.plays("Où est ma commande 4711").heard[-1] == "Commande 4711."
    other = French(flow(), channel="webchat").plays("rien de tel")
    assert other.heard[1] == "Désolé, je n’ai pas compris."


def test_keys_are_those_given_then_the_next_by_name() -> None:
    step = {
        "intents": {name: {"next": "agent"} for name in ("zebra", "apple")} | {"mole": {"key": "1", "next": "hours"}}
    }
    assert Caller(flow(**step)).plays("1").heard[1:4] == [
        "For mole, press 1.",
        "For apple, press 2.",
        "For zebra, press 3.",
    ]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"intents": {}}, "nothing to understand"),
        ({"intents": {"Big Name": {"next": "agent"}}}, "no name of an intent"),
        ({"intents": {"one": {"next": "agent", "key": "12"}}}, "is no key"),
        ({"intents": {"one": {"next": "agent", "key": "1"}, "two": {"next": "agent", "key": "1"}}}, "stands twice"),
        ({"tries": 0}, "tries is a number"),
        ({"entities": {"x": "("}}, "cannot be used"),
        ({"intents": {"one": {"next": "nowhere"}}}, "there is no step 'nowhere'"),
        ({"intents": {"one": {"label": {"en": "One"}, "next": "agent"}}}, "the words in fr are missing"),
    ],
)
def test_what_is_wrong_with_it_is_told(step: dict[str, Any], told: str) -> None:
    assert any(told in problem.message for problem in grave(check(flow(**step))))


TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("kind", "text", "language", "found"),
    [
        ("date", "le 5 novembre 2027 svp", "fr", "2027-11-05"),
        ("date", "on March 3rd", "en", "2027-03-03"),
        ("date", "see you tomorrow", "en", "2026-11-24"),
        ("date", "lundi prochain", "fr", "2026-11-30"),
        ("date", "après-demain", "fr", "2026-11-25"),
        ("date", "12/01/2027, ok", "fr", "2027-01-12"),
        ("date", "12 apples", "en", None),
        ("amount", "I paid 1,200.50 € for it", "en", 1200.5),
        ("amount", "j’ai payé 1 200,50 euros", "fr", 1200.5),
        ("amount", "$45", "en", 45),
        ("amount", "45 days", "en", None),
        ("order_number", "order ab-12345 of 12/01/2027", "en", "AB-12345"),
        ("order_number", "commande n° 4711-22 payée 4500 euros", "fr", "4711-22"),
        ("order_number", "rappelez au 01 42 68 53 00", "fr", None),
        ("phone", "rappelez au 01 42 68 53 00", "fr", "+33142685300"),
        ("phone", "+1 617 555 0123 ok", "en", "+16175550123"),
        ("email", "write A.B@ex-ample.org.", "en", "a.b@ex-ample.org"),
        ("number", "for 12 people", "en", 12),
        (r"dossier (\d+)", "le dossier 88", "fr", "88"),
        ("date", "9" * 5000, "en", None),
        ("email", "a@" * 5000, "en", None),
    ],
)
def test_what_free_words_name(kind: str, text: str, language: str, found: Any) -> None:
    assert entity(kind, text, language=language, today=TODAY) == found
