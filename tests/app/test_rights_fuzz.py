"""Row-level rights by fuzzing: whoever calls whichever route, with whatever ids, sees nothing beyond his rights.

Each role, bound to one of two firms (and to a queue of it), walks every route of the API's description, every export and the
socket, with ids of the other firm, the other queue and another tenant planted; so do programs with keys, and a customer with the
token of his page. What they must not see carries words and ids of its own (rights_world.py): no answer and no frame may hold one.
"""

import json
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError

from parlons.testing.people import Desk
from tests.app.conftest import Centre, centre
from tests.app.rights_world import KEYS, PHONE_KEY, ROLES, STRANGE, ZUID, Guess, World, client, plant
from tests.app.test_desk_socket import line

Json = dict[str, Any]
SEED = int(os.environ.get("PARLONS_FUZZ_SEED", "4"))
PUBLIC = ("/webchat", "/join", "/session", "/me/password", "/openapi", "/recordings/{recording_id}/audio")
"""Routes that are not called in a person's name, or would end the name."""
BOUND = tuple((f"{role}@north.example", "north") for role in (*ROLES, "whole"))
PEOPLE = (*BOUND, ("bound@north.example", "queue"), ("free@both.example", "no contacts"), *KEYS.items())


@pytest.fixture
def office() -> Iterator[Centre]:
    """A server for one test alone: it changes what it may, and those who leave
    its chats are noted minutes later, while the next test compares.
    """
    with centre() as found:
        yield found


@pytest.fixture
async def world(office: Centre) -> AsyncIterator[World]:
    """Two firms with work in each queue; Zuid's work is offered to Ann."""
    made = await plant(office)
    try:
        yield made
    finally:
        for visitor in made.visitors.values():
            await visitor.leave()
        await made.database.close()


def forbidden(world: World, bounds: str) -> set[str]:
    """Words and ids this person must not see."""
    found = {STRANGE, *world.ids[STRANGE]}
    if bounds in ("north", "queue"):
        found |= {ZUID, *world.ids[ZUID]}
    if bounds == "queue":
        found |= {"zqparts", *(each for each in world.ids["zqparts"] if not each.startswith("CU"))}
    if bounds == "no contacts":
        # Figures name the task that waits longest; what it is about, and the conversation, they do not.
        found |= {"zqparts", "zqsales", "hello zuid"}
        found |= {each for word in ("zqparts", "zqsales") for each in world.ids[word] if each[:2] in ("CH", "CU", "IM")}
    return found


def leaks(text: str, words: set[str]) -> list[str]:
    """What of the words stands in the text."""
    low = text.lower()
    return sorted(word for word in words if word.lower() in low)


def routes(document: Json, *methods: str) -> list[tuple[str, str, Json]]:
    """Method, path and description of every route that a signed-in person may try."""
    return [
        (method, path.removeprefix("/api/v1"), operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in methods and not path.removeprefix("/api/v1").startswith(PUBLIC)
    ]


def address(path: str, operation: Json, guess: Guess, *, foreign: bool) -> tuple[str, Json]:
    """The path with ids in it, and a query."""
    query: Json = {}
    for each in operation.get("parameters", ()):
        name = each["name"]
        if each["in"] == "path":
            path = path.replace("{" + name + "}", guess.id(name, foreign=foreign))
        elif each["in"] == "query" and (each.get("required") or guess.random.random() < 0.3):
            query[name] = guess.value(each["schema"], name)
    return path, query


async def document_of(desk: Desk) -> Json:
    """The API's description."""
    answer = await client(desk).get(f"{desk.wire.url}/openapi.json")
    found: Json = answer.json()
    return found


async def test_nobody_reads_beyond_his_rights(world: World) -> None:
    tried = answered = 0
    for email, bounds in PEOPLE:
        words = forbidden(world, bounds)
        async with world.signed_in(email) as desk:
            document = await document_of(desk)
            guess = Guess(document, f"{SEED} {email}", set().union(*world.ids.values()), world.north)
            ids = sorted(set().union(*world.ids.values()) | world.north)
            for _, path, operation in routes(document, "get"):
                for place, query in _reads(path, operation, guess, ids):
                    answer = await client(desk).get(f"{desk.wire.url}{place}", params=query)
                    tried += 1
                    assert answer.status_code < 500, f"{email}: GET {place} {query}: {answer.text}"
                    if answer.status_code < 300:
                        answered += 1
                        # That a customer of the firm has other conversations is known to all who know him; not what they are.
                        hidden = {w for w in words if w[:2] != "CH"} if place.endswith("/journey") else words
                        found = leaks(answer.text, hidden)
                        assert not found, f"{email} reads {found} by GET {place} {query}: {answer.text[:3000]}"
    assert answered > 200, f"only {answered} of {tried} calls were answered: the guesses are no use"


def _reads(path: str, operation: Json, guess: Guess, ids: list[str]) -> list[tuple[str, Json]]:
    """How one person reads a route: lists with and without filters, a path with some of all ids; the next tries others."""
    names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"]
    calls = [address(path, operation, guess, foreign=False), (address(path, operation, guess, foreign=True)[0], {})]
    if len(names) == 1:
        prefix = guess.id(names[0])[:2]
        fitting = [each for each in ids if each[:2] == prefix]
        some = guess.random.sample(fitting, min(2, len(fitting)))
        calls += [(path.replace("{" + names[0] + "}", each), {}) for each in some]
    return [call for number, call in enumerate(calls) if call not in calls[:number]]


def beyond(bounds: str) -> tuple[str, ...]:
    """The words whose things are beyond these bounds."""
    match bounds:
        case "queue":
            return (ZUID, STRANGE, "zqparts")
        case "no contacts":
            return (ZUID, STRANGE, "zqparts", "zqsales")
        case _:
            return (ZUID, STRANGE)


async def test_no_socket_tells_beyond_its_rights(world: World) -> None:
    for email, bounds in PEOPLE:
        words = forbidden(world, bounds)
        async with world.signed_in(email) as desk, line(desk) as socket:
            if email == PHONE_KEY:
                with pytest.raises(ConnectionClosedError, match="4403"):
                    await socket.recv()
                continue
            told = [await socket.recv()]
            foreign = [each for word in beyond(bounds) for each in world.ids[word] if each.startswith("CH")]
            for conversation_id in foreign:
                await socket.send(json.dumps({"type": "watch", "conversation_id": conversation_id}))
            for widget, word in (("north-parts", "zqparts"), ("shop-zuid", "zuid"), ("north-sales", "zqsales")):
                await world.visitors[widget].write(f"More {word}")
            # What everybody hears comes last: by then the rest has been told.
            async with world.here.operator() as operator:
                await operator.apply("activities:\n- {name: End of " + email.partition("@")[0] + ", available: false}")
            while '"configuration.applied"' not in told[-1]:
                told.append(str(await socket.recv()))
            for frame in told:
                found = leaks(str(frame), words)
                assert not found, f"{email} hears {found}: {frame[:3000]!r}"


WIDGETS = {"north-sales": "zqsales", "north-parts": "zqparts", "shop-zuid": "zuid"}


async def test_a_customer_sees_and_changes_nothing_but_his_own(world: World) -> None:
    """With the token of his page he walks the routes of pages, of his widget and of others', and those of the desk."""
    own = "north-sales"
    visitor = world.visitors[own]
    others = {word: world.ids[word] for word in ("zqparts", ZUID, STRANGE)}
    words = {"hello zqparts", "hello zuid"}.union(*others.values()) - set().union(*await _public(world))
    before = await world.dump(words)
    ask = visitor.wire.client
    base = visitor.wire.url.partition("/webchat/")[0]
    document = (await ask.get(f"{base}/openapi.json")).json()
    guess = Guess(document, SEED, set().union(*others.values()), world.north)
    answered = refused = 0
    for path, operations in document["paths"].items():
        place = path.removeprefix("/api/v1")
        for method, operation in operations.items():
            if place.startswith(PUBLIC) and not place.startswith("/webchat/{widget_key}"):
                continue
            for widget in WIDGETS if place.startswith("/webchat") else [own]:
                if (method, place.rpartition("/")[2]) in (("delete", "visits"), ("post", "visits")):
                    continue  # his visit would end; a new one is open to everybody
                where, query = address(place.replace("{widget_key}", widget), operation, guess, foreign=True)
                content = operation.get("requestBody", {}).get("content", {})
                body = guess.value(content["application/json"]["schema"]) if "application/json" in content else None
                answer = await ask.request(method, base + where, params=query, json=body)
                assert answer.status_code < 500, f"{method} {where}: {answer.text}"
                if answer.status_code < 300:
                    answered += 1
                    assert where.startswith("/webchat/"), f"a page may call {method} {where}"
                    assert widget == own or where.endswith("/config"), f"a token of {own} is good for {method} {where}"
                    said = leaks(json.dumps(body), words)  # what he guessed himself may come back to him
                    assert not leaks(answer.text, words - set(said)), f"{method} {where}: {answer.text[:2000]}"
                else:
                    refused += 1
    for widget in ("north-parts", "shop-zuid"):
        await world.visitors[widget].write(f"Hello {WIDGETS[widget]} again")
    told = json.dumps([visitor.messages, visitor.conversation])
    assert "again" not in told
    assert not leaks(told, words)
    assert answered >= 4
    assert refused > 100
    after = await world.dump(words)
    talk = {"conversations", "messages", "touches", "tasks", "customers"}  # they wrote again
    assert {name: rows for name, rows in after.items() if name not in talk} == {
        name: rows for name, rows in before.items() if name not in talk
    }


async def _public(world: World) -> list[set[str]]:
    """Ids of what every page is told."""
    rows = await world.database.fetch("SELECT id FROM widgets UNION SELECT id FROM firms")
    return [{row["id"] for row in rows}]
