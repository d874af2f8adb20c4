"""The demo's ready-made flows: they ask the stand-ins, wherever these serve, and number and chat lead to what is there."""

from typing import Any

import pytest

from parlons.app.demo_flows import SYSTEMS, moved, ready_made
from parlons.app.flow_examples import examples
from parlons.flows.steps.understanding import Understand
from parlons.flows.testing import Caller
from parlons.flows.text import parse
from parlons.flows.validate import check, grave
from parlons.intents.matching import Matcher, Phrase
from parlons.intents.threshold import report
from parlons.kit.marked import write

PARTS = ready_made(4101)


def test_all_of_them_are_there_and_each_answers_somewhere() -> None:
    assert len(PARTS["flows"]) == len(examples()) + 1
    answering = {point["flow"] for point in PARTS["entry_points"]}
    assert {flow["name"] for flow in PARTS["flows"]} == answering
    text = write(PARTS["flows"])
    assert ".example" not in text
    assert "_TOKEN" not in text
    assert SYSTEMS in text


def test_what_customers_say_in_their_own_words_leads_on() -> None:
    intents = {one["name"]: one["phrases"] for one in PARTS["intents"]}
    sources = ({word: value for word, value in flow.items() if word != "firm"} for flow in PARTS["flows"])
    flows = {flow["name"]: parse(write(flow))[0] for flow in sources}
    words = flows["Workshop in your own words"]
    assert grave(check(words)) == []
    asked = words.steps["what"]
    assert isinstance(asked, Understand)
    assert asked.intents.keys() == intents.keys()
    matcher = Matcher(
        [Phrase(text, name, language) for name, told in intents.items() for language in told for text in told[language]]
    )
    for text, meant in (
        ("Bonjour, où est la commande que j’ai passée ?", "order_status"), ("Can I track the order I made?", "order_status"),
        ("Je veux un rendez-vous samedi", "appointment"), ("Could I have an appointment?", "appointment"),
        ("À quelle heure fermez-vous ?", "opening_hours"), ("Are you open at noon?", "opening_hours"),
    ):  # fmt: skip
        best = matcher.match(text, None).best
        assert best is not None
        assert (best[0], best[1] > report(matcher).chosen) == (meant, True), text
    call = Caller(words, channel="webchat", variables={"message": "x"}, intents={"x": "order_status"}, library=flows)
    assert "Votre numéro de commande" in call.begins().heard[0]
    call = Caller(words, channel="webchat", variables={"message": "x"}).begins().says("y").says("z")
    assert call.queued == ""


@pytest.mark.parametrize("flow", PARTS["flows"], ids=lambda flow: flow["name"])
def test_where_the_stand_ins_serve_elsewhere_it_follows(flow: dict[str, Any]) -> None:
    assert moved(flow, 4101) is None
    asks = "127.0.0.1" in write(flow)
    (later,) = (one for one in ready_made(4102)["flows"] if one["name"] == flow["name"])
    assert moved(flow, 4102) == (later if asks else None)
