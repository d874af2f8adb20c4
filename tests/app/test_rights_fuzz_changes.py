"""Row-level rights by fuzzing, the writing half: nobody changes or adds a row that belongs beyond his rights."""

import os
from typing import Any

import pytest

from parlons.testing.people import Desk
from tests.app.rights_world import WORK, Guess, World, client
from tests.app.test_rights_fuzz import (
    PEOPLE,
    SEED,
    address,
    beyond,
    document_of,
    forbidden,
    leaks,
    office,
    routes,
    world,
)

__all__ = ["office", "world"]
Json = dict[str, Any]
ROUNDS = int(os.environ.get("PARLONS_FUZZ_ROUNDS", "2"))
"""How often each writing route is tried by each person; more by hand."""
PARTS = 3
"""Each with some of the people: all of them in one test would be too long for a slow machine."""
READERS = ("director", "quality", "trainer", "client", "planner")
"""Roles that change no contact and no person, not even within their firms."""


@pytest.mark.parametrize("part", range(PARTS))
async def test_nobody_changes_beyond_his_rights(world: World, part: int) -> None:
    accepted = 0
    for email, bounds in PEOPLE[part::PARTS]:
        words = forbidden(world, bounds)
        still = await _work(world) if email.partition("@")[0] in (*READERS, "free") else None
        async with world.signed_in(email) as desk:
            before = await world.dump(words)  # his own link is an act of ours
            document = await document_of(desk)
            guess = Guess(document, SEED, set().union(*(world.ids[w] for w in beyond(bounds))), world.north)
            for method, path, operation in routes(document, "post", "put", "patch", "delete"):
                for _ in range(ROUNDS):
                    place, query = address(path, operation, guess, foreign=True)
                    answer = await _attempt(desk, method, place, query, operation, guess)
                    assert answer.status_code < 500, f"{email}: {method} {place}: {answer.text}"
                    accepted += answer.status_code < 300
                    if answer.status_code < 300:
                        # His own words coming back tell him nothing.
                        sent = f"{answer.request.url} {answer.extensions.get('sent', '')}"
                        found = [each for each in leaks(answer.text, words) if each not in sent]
                        assert not found, f"{email} got {found} by {method} {place}: {answer.text[:2000]}"
        await _unchanged(world, words, before, email)
        if still is not None:
            assert await _work(world) == still, f"{email} changed work"
    assert accepted > 20, f"only {accepted} calls were accepted: the guesses are no use"


async def _attempt(desk: Desk, method: str, place: str, query: Json, operation: Json, guess: Guess) -> Any:
    content = operation.get("requestBody", {}).get("content", {})
    headers = {"Idempotency-Key": f"fuzz-{guess.random.random()}"}
    ask = client(desk)
    url = f"{desk.wire.url}{place}"
    if "application/json" in content:
        body = guess.value(content["application/json"]["schema"])
        answer = await ask.request(method, url, params=query, json=body, headers=headers)
        answer.extensions["sent"] = body
        return answer
    if "multipart/form-data" in content:
        form = guess.value(content["multipart/form-data"]["schema"])
        file = {"file": ("a.txt", b"some text", "text/plain")}
        data = {key: str(value) for key, value in form.items() if key != "file"}
        return await ask.request(method, url, params=query, data=data, files=file, headers=headers)
    return await ask.request(method, url, params=query, headers=headers)


async def _work(world: World) -> dict[str, set[str]]:
    return await world.dump(set(), tables=WORK)


async def _unchanged(world: World, words: set[str], before: dict[str, set[str]], email: str) -> None:
    after = await world.dump(words)
    for table, rows in before.items():
        fresh, gone = after[table] - rows, rows - after[table]
        assert (fresh, gone) == (set(), set()), f"{email} changed {table}: {sorted(gone)} became {sorted(fresh)}"
