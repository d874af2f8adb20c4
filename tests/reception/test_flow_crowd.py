"""Many simulated customers meet two versions of a flow: what comes of them is what a trial would show."""

from collections.abc import AsyncIterator, Mapping
from random import Random
from typing import Any

import pytest

from parlons.flows.model import Flow
from parlons.flows.simulating import Witness
from parlons.flows.text import flow_of
from parlons.reception.flow_crowd import Customer, contact, crowd, rehearsed
from parlons.reception.flow_trials import side_of
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.reception.conftest import furnish
from tests.reception.test_flow_chats import Chat, open_chat
from tests.reception.test_flow_trials import NEW, OLD, begin, rows, visits

Json = dict[str, Any]


def made(source: Json) -> Flow:
    """As it is walked."""
    flow, problems = flow_of(source)
    assert flow is not None, problems
    return flow


def lively(call: Witness, luck: Random) -> Mapping[str, Any] | None:
    """Most help themselves where the menu is new, few where it is old; some hang up."""
    if luck.random() < 0.05:
        return None
    return {"says": "2" if luck.random() < (0.85 if call.heard[-1].startswith("Nouveau") else 0.35) else "1"}


def test_five_hundred_customers_show_which_text_is_better() -> None:
    found = rehearsed(made(OLD), made(NEW), crowd(500, lively), percent=10, channel="webchat")
    base, trial = found["sides"]
    assert (base["begun"] + trial["begun"], base["under_way"], trial["under_way"]) == (500, 0, 0)
    assert 25 <= trial["begun"] <= 75
    assert found["differences"]["contained"]["told"]
    assert found["differences"]["contained"]["value"] > 0.2
    assert all(base["shares"][outcome]["count"] for outcome in ("contained", "transferred", "left"))
    assert rehearsed(made(OLD), made(NEW), crowd(500, lively), percent=10, channel="webchat") == found, "the same luck"


def test_a_customer_stays_on_his_side_and_more_join_it() -> None:
    met: dict[int, set[str]] = {}
    for percent in (10, 50):
        met[percent] = set()

        def notes(call: Witness, _: Random, who: str, percent: int = percent) -> Mapping[str, Any]:
            if call.heard[-1].startswith("Nouveau"):
                met[percent].add(who)
            return {"says": "2"}

        for _ in range(2):
            people = [
                Customer(f"CU{n}", lambda call, luck, n=n: notes(call, luck, f"CU{n}")) for n in range(100)
            ]  # fmt: skip
            rehearsed(made(OLD), made(NEW), people, percent=percent, channel="webchat")
    assert met[10] == {f"CU{n}" for n in range(100) if side_of("rehearsal", f"CU{n}", 10) == "trial"}
    assert met[10] < met[50]


@pytest.mark.parametrize(("acts", "outcome"), [
    ([{"says": "1"}], "transferred"), ([{"says": "2"}], "contained"), ([{"hangs_up": True}], "left"),
    ([{"says": "9"}, {"says": "9"}, {"says": "9"}], "failed"),
])  # fmt: skip
def test_how_each_counts(acts: list[Json], outcome: str) -> None:
    todo = iter(acts)
    assert contact(made(OLD), Customer("CU1", lambda _call, _luck: next(todo)), channel="webchat")[0] == outcome


@pytest.fixture
async def chat(database: Database, clock: StillClock) -> AsyncIterator[Chat]:
    """A widget answered by a flow; no router: what was asked for stays on the road."""
    await furnish(database)
    chat = await open_chat(database, clock)
    await chat.flow(OLD)
    yield chat
    await chat.phone.close()


async def test_the_engine_counts_them_as_the_rehearsal_does(chat: Chat) -> None:
    await begin(chat, 50)
    words = ["1", "2", "2", "1", "2", "1"]
    expected = []
    for number, word in enumerate(words):
        await visits(chat, f"V{number}", "Bonjour", word)
        chat.clock.advance(1_000)
        customer = Customer(f"V{number}", lambda _call, _luck, word=word: {"says": word})
        expected.append(contact(made(OLD), customer, channel="webchat")[0])
    assert [outcome for _, outcome in await rows(chat)] == expected
