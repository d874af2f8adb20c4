"""A bank without agents: the same flow by telephone keys and in a chat comes to the same end, for many people at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from parlons.simulator.providers.bank import Bank
from parlons.simulator.providers.wire import served
from parlons.testing.people import Visitor
from tests.journeys.floor import Floor
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import BANK_WORD, House
from tests.journeys.voice.flow_stories import call_of, captions, configuration, hears_words, lay_down
from tests.voice.sip import sipp

pytestmark = pytest.mark.asyncio(loop_scope="session")
NUMBER, PIN = "+33155500070", "4711"
CENTRE = """
firms: [{name: Bank, languages: [fr, en]}]
queues: [{name: Advisers, firm: Bank, workers: skills HAS "advice"}]
workflows: [{name: Bank, firm: Bank, default_queue: Advisers}]
widgets: [{key: bank-page, firm: Bank, name: Bank, languages: [fr, en]}]
entry_points:
- {channel: voice, address: "+33155500070", firm: Bank, flow: Bank without agents, workflow: Bank, language: fr}
- {channel: webchat, address: bank-page, firm: Bank, flow: Bank without agents, workflow: Bank, language: fr}
"""


@pytest_asyncio.fixture(loop_scope="session")
async def bank(floor: Floor) -> AsyncIterator[Bank]:
    """The bank's own system, and the flow that asks it."""
    system = Bank(BANK_WORD)
    async with served(system.app) as url:
        await lay_down(floor, configuration(CENTRE, "bank", bank=url))
        yield system


def menu(account: str) -> tuple[tuple[str, str, int], ...]:
    """The balance, then a transfer of 20: words that are said, for how many times in all, and the keys pressed then."""
    # fmt: off
    return (
        ("Pour le français", "2", 1), ("Votre solde", "1", 1), ("Votre numéro de compte", account, 1),
        ("Votre code secret", PIN, 1), ("Autre chose", "1", 1), ("Votre solde", "3", 2), ("Combien", "20#", 1),
        ("d’accord", "1", 1), ("Autre chose", "2", 2),
    )
    # fmt: on


async def by_call(floor: Floor, caller: str, account: str, presses: Callable[[str], Awaitable[None]]) -> str:
    """The whole menu by keys; the call."""
    call_id = await call_of(floor, caller)
    for words, keys, times in menu(account):
        await hears_words(floor, call_id, words, times=times)
        await presses(keys)
    return call_id


async def what_was_said(floor: Floor, call_id: str) -> list[str]:
    """To the end of a call that no agent had."""
    call = await floor.until(f"/calls/{call_id}", lambda call: call["state"] == "ended")
    assert call["task_id"] is None, "no agent was asked"
    return await captions(floor, call_id)


async def by_our_telephone(floor: Floor, street: Street, caller: str, account: str) -> list[str]:
    """By the simulator's; what was said."""
    person = await street.person(caller, voice=None)
    assert await person.rings(NUMBER) == 200
    call_id = await by_call(floor, caller, account, person.presses)
    await person.is_hung_up(60)
    return await what_was_said(floor, call_id)


async def by_sipp(floor: Floor, house: House, folder: Path, account: str) -> list[str]:
    """By a telephone that is not ours, which plays the packets of its keys; what was said."""
    keys = sipp.pressed(folder, *(keys for _, keys, _ in menu(account)))
    steps = [sipp.invite(sipp.KEYS_SDP), *sipp.early, sipp.recv(200), sipp.ack(), *keys, *sipp.hung_up]
    async with sipp.running(folder, house.sip_port, steps, number=NUMBER, seconds=600) as caller:

        async def presses(_: str) -> None:
            caller.go_on()

        call_id = await by_call(floor, sipp.CALLER, account, presses)
        await caller.is_done()
    return await what_was_said(floor, call_id)


async def by_chat(floor: Floor, account: str) -> list[str]:
    """The same in writing."""
    async with Visitor([floor.server.url], "bank-page") as visitor:
        for said, heard in (
            ("Bonjour", "Pour le français"), ("Français", "Votre solde"), ("solde", "Votre numéro de compte"),
            (account, "Votre code secret"), (PIN, "Autre chose"), ("oui", ""), ("Virement", "Combien"), ("20", "d’accord"),
            ("oui", "Il vous reste"), ("non", "au revoir"),
        ):  # fmt: skip
            await visitor.write(said)
            if heard:
                await visitor.hears(heard)
            else:  # the same menu again
                await visitor.sees(lambda: menus(visitor) == 2, why="the menu again")
        await visitor.sees(lambda: len(bot(visitor)) == 12, why="the last word")
        await floor.until(f"/conversations/{visitor.conversation_id}", lambda one: one["status"] == "closed")
        said_to_it = [one["text"] for one in await floor.messages(str(visitor.conversation_id))]
        assert PIN not in said_to_it, "nobody reads the PIN"
        return bot(visitor)


def menus(visitor: Visitor) -> int:
    """How often he was asked what he wants."""
    return sum("Votre solde" in one["text"] for one in visitor.messages.values())


def bot(visitor: Visitor) -> list[str]:
    """What the flow wrote, without the answers it lists."""
    said = sorted(visitor.messages.values(), key=lambda one: one["number"])
    return [one["text"].split("\n")[0] for one in said if one["author"]["kind"] == "bot"]


@sipp.needs_sipp
@sipp.needs_raw_sockets
async def test_the_same_flow_by_call_and_in_a_chat(floor: Floor, house: House, bank: Bank, tmp_path: Path) -> None:
    accounts = {number: bank.open_account(number, PIN, "1240.50") for number in ("10000001", "10000002")}
    spoken = await by_sipp(floor, house, tmp_path, "10000001")
    written = await by_chat(floor, "10000002")
    assert spoken == written
    assert "Vous avez 1\u00a0240,50 euros." in written
    outcomes = {(account.balance, account.savings) for account in accounts.values()}
    assert outcomes == {(Decimal("1220.50"), Decimal(20))}
    assert not (await floor.call("GET", "/tasks?status=pending"))["items"]


async def test_many_at_once_each_come_to_their_own_balance(floor: Floor, street: Street, bank: Bank) -> None:
    numbers = [f"2000000{digit}" for digit in range(10)]
    accounts = [bank.open_account(number, PIN, f"{at + 1}00") for at, number in enumerate(numbers)]
    async with asyncio.TaskGroup() as people:
        for at, number in enumerate(numbers):
            if at < 4:
                people.create_task(by_our_telephone(floor, street, f"+3361234568{at}", number))
            else:
                people.create_task(by_chat(floor, number))
    assert [(one.balance, one.savings) for one in accounts] == [
        (Decimal(f"{at + 1}00") - 20, Decimal(20)) for at in range(10)
    ]
    assert bank.refused == 0
