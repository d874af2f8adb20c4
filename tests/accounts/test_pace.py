"""How fast a key may call: a minute's worth at once, an even pace for ever, and headers that say so."""

import httpx

from parlons.accounts.pace import MINUTE, Left, Pace
from parlons.kit.clock import Millis
from parlons.runtime.edge import Edge
from tests.accounts.conftest import Office
from tests.conftest import NOON, StillClock


def test_a_minutes_worth_may_come_at_once_and_no_more() -> None:
    pace = Pace()
    taken = [pace.take("SK1", 3, NOON) for _ in range(4)]
    assert [left.remaining for left, _ in taken] == [2, 1, 0, 0]
    assert [refusal for _, refusal in taken[:3]] == [None] * 3
    left, refusal = taken[3]
    assert refusal is not None
    assert (left.full_in_seconds, refusal.details) == (60, {"retry_after_seconds": 20})
    assert pace.take("SK2", 3, NOON)[1] is None, "another key"
    assert pace.take("SK1", 3, Millis(NOON + 20_000))[1] is None
    assert pace.take("SK1", 3, Millis(NOON + 20_001))[1] is not None


def test_an_even_pace_never_waits_and_a_clock_set_back_holds_nobody() -> None:
    pace = Pace()
    assert all(pace.take("SK1", 60, Millis(NOON + second * 1000))[1] is None for second in range(500))
    assert pace.take("SK1", 60, Millis(NOON - 3_600_000))[0].full_in_seconds <= MINUTE // 1000


def test_what_is_forgotten_first_is_the_key_unused_for_longest() -> None:
    pace = Pace(keys=2)
    for key in ("SK1", "SK2", "SK3"):
        pace.take(key, 1, NOON)
    assert pace.take("SK3", 1, NOON)[1] is not None
    assert pace.take("SK1", 1, NOON)[1] is None
    assert Left(60, 59, 1).headers() == {"RateLimit-Policy": '"minute";q=60;w=60', "RateLimit": '"minute";r=59;t=1'}


async def test_a_key_is_told_what_it_has_left_and_when_to_come_again(office: Office, clock: StillClock) -> None:
    office.app.add_middleware(Edge)
    boss = await office.signed_in()
    made = await boss.post("/keys", json={"name": "Report", "scopes": ["configure"], "per_minute": 2})
    assert made.json()["per_minute"] == 2
    assert (await boss.post("/keys", json={"name": "Usual", "scopes": ["read"]})).json()["per_minute"] == 6000
    assert (await boss.post("/keys", json={"name": "No", "scopes": ["read"], "per_minute": 0})).status_code == 422
    headers = {"Authorization": f"Bearer {made.json()['secret']}"}
    transport = httpx.ASGITransport(office.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://office.test/api/v1", headers=headers) as program:
        first, second, third = [await program.get("/firms") for _ in range(3)]
        assert (first.headers["ratelimit-policy"], first.headers["ratelimit"]) == (
            '"minute";q=2;w=60',
            '"minute";r=1;t=30',
        )
        assert (second.status_code, second.headers["ratelimit"]) == (200, '"minute";r=0;t=60')
        assert (third.status_code, third.json()["code"]) == (429, "key-too-fast")
        assert third.headers["ratelimit"] == '"minute";r=0;t=60'
        clock.advance(30_000)
        assert (await program.get("/firms")).status_code == 200
    assert "ratelimit" not in (await boss.get("/firms")).headers, "people are not counted"
