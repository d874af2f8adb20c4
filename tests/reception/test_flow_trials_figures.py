"""Intervals against formulas worked out otherwise and against published figures; hundreds of contacts through reception."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from itertools import product
from math import sqrt
from statistics import median
from typing import Any

import pytest

from parlons.flows.vocabulary import STANDARD
from parlons.reception.flow_trials_figures import Z95, figures, newcombe, wilson
from parlons.reception.flow_trials_outcomes import PERSON
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT
from tests.reception.conftest import furnish
from tests.reception.test_flow_chats import Chat, open_chat
from tests.reception.test_flow_trials import NEW, OLD, begin

CONTACTS = 240


def by_bisection(count: int, of: int, *, upper: bool) -> float:
    """The end of the score interval, found as what it is: the share whose own deviation just reaches the one counted."""
    seen = count / of
    near, far = seen, 1.0 if upper else 0.0
    for _ in range(200):
        middle = (near + far) / 2
        if abs(seen - middle) <= Z95 * sqrt(middle * (1 - middle) / of):
            near = middle
        else:
            far = middle
    return near


def test_the_interval_of_a_share() -> None:
    for count, of in [(0, 1), (1, 1), (0, 20), (20, 20), (1, 29), (15, 148), (300, 500), (7, 11)]:
        low, high = wilson(count, of)
        assert 0 <= low <= count / of <= high <= 1
        assert low == pytest.approx(by_bisection(count, of, upper=False), abs=1e-9)
        assert high == pytest.approx(by_bisection(count, of, upper=True), abs=1e-9)
    assert wilson(0, 0) == (0.0, 1.0)
    # Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3.
    for (count, of), (low, high) in {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (1, 29): (0.0061, 0.1718),
    }.items():
        assert wilson(count, of) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_the_interval_of_a_difference() -> None:
    # Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10.
    known = {(56, 70, 48, 80): (0.0524, 0.3339), (9, 10, 3, 10): (0.1705, 0.8090), (10, 10, 0, 10): (0.6075, 1.0000)}
    for counts, (low, high) in known.items():
        assert newcombe(*counts) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    for one, of, other, of_other in product((0, 3, 9), (9,), (0, 2, 9), (9, 40)):
        low, high = newcombe(one, of, other, of_other)
        assert -1 - 1e-9 <= low <= one / of - other / of_other <= high <= 1 + 1e-9
        turned = newcombe(other, of_other, one, of)
        assert turned == (pytest.approx(-high), pytest.approx(-low))
    assert newcombe(1, 1, 0, 0) == (-1.0, 1.0)


def test_every_way_to_a_person_is_in_the_one_list() -> None:
    """A new kind of step that leads to a person fails here until its effect stands in PERSON."""
    assert {"queue", "callback", "take_message", "dial"} <= PERSON.keys()
    assert not {"say", "ask", "hours", "language", "http", "lookup_customer", "record"} & PERSON.keys()
    reaching = {name for name, kind in STANDARD.kinds.items() if kind.PERSON}
    assert reaching == {"queue", "callback", "voicemail"}, (
        "a new step leads to a person: its effect belongs into PERSON"
    )


@pytest.fixture
async def chat(database: Database, clock: StillClock) -> AsyncIterator[Chat]:
    """A widget answered by the old flow; no router: what was asked for stays on the road."""
    await furnish(database)
    chat = await open_chat(database, clock)
    await chat.flow(OLD)
    yield chat
    await chat.phone.close()


async def test_many_contacts_on_two_sides(chat: Chat) -> None:
    """Each hears one of the two texts, and the same again when he comes back; the new one contains more of them."""
    trial = await begin(chat, 30)
    chance = random.Random(6)
    truth: dict[str, Counter[str]] = {"base": Counter(), "trial": Counter()}
    lasted: dict[str, list[float]] = {"base": [], "trial": []}
    sides: dict[str, str] = {}
    newcomers: Counter[str] = Counter()
    for number in range(CONTACTS):
        again = number % 6 == 5
        visitor = chance.choice([*sides]) if again else f"V{number}"
        await chat.writes("Bonjour", visitor=visitor)
        side = "trial" if (await chat.lines(visitor))[-1].startswith("Nouveau") else "base"
        assert sides.setdefault(visitor, side) == side, "he stays on his side"
        newcomers[side] += not again
        seconds = chance.randrange(5, 300)
        chat.clock.advance(seconds * 1_000)
        served = chance.random() < (0.9 if side == "trial" else 0.3)
        # Only who is contained, or lost, may come back: who asked for a person has one.
        answer = "2" if served or again or number % 3 else "3"
        if number % 17 == 3 and not again:
            truth[side]["under way"] += 1
            del sides[visitor]
            continue
        if not served and not again and answer == "2":
            answer = "1"
            del sides[visitor]
        if answer == "3":
            del sides[visitor]
        await chat.writes(answer, visitor=visitor)
        truth[side][{"1": "transferred", "2": "contained", "3": "failed"}[answer]] += 1
        lasted[side].append(seconds)
    async with chat.db.transaction(TENANT) as tx:
        found = await figures(tx, trial)
    told: dict[str, Any] = {side["side"]: side for side in found["sides"]}
    assert sum(side["begun"] for side in found["sides"]) == CONTACTS
    for name, side in told.items():
        counts = truth[name]
        ended = sum(counts.values()) - counts["under way"]
        assert (side["under_way"], side["ended"]) == (counts["under way"], ended)
        assert side["median_seconds"] == pytest.approx(median(lasted[name]))
        for outcome, share in side["shares"].items():
            assert share["count"] == counts[outcome], (name, outcome)
            assert share["share"] == pytest.approx(counts[outcome] / ended)
            assert share["low"] == pytest.approx(by_bisection(counts[outcome], ended, upper=False), abs=1e-9)
            assert share["high"] == pytest.approx(by_bisection(counts[outcome], ended, upper=True), abs=1e-9)
    # Those who come back are no chance of their own, and mostly of the side that serves more: only newcomers count.
    many = newcomers.total()
    assert abs(newcomers["trial"] - 0.3 * many) < 5 * sqrt(many * 0.3 * 0.7), newcomers
    contained = found["differences"]["contained"]
    assert contained["told"], "the difference is larger than chance"
    assert contained["low"] > 0
    assert not found["differences"]["left"]["told"]
    assert NEW != OLD
