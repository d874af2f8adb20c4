"""What is decided without a database: pauses over three days, signatures, the list of events."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from parlons.dispatch.events import EVENTS
from parlons.voice.calls.events import EVENTS as CALLS
from parlons.webhooks.kinds import KINDS
from parlons.webhooks.pausing import GIVE_UP, LONGEST_REST, PAUSES, next_try, rest
from parlons.webhooks.signing import new_secret, signed

SOCKET_PAGE = Path(__file__).parents[2] / "docs/reference/socket.md"


def test_pauses_grow_over_three_days_and_end() -> None:
    assert all(before < after for before, after in pairwise(PAUSES))
    assert 0.95 * GIVE_UP < sum(PAUSES) < 1.05 * GIVE_UP
    assert next_try(1, 1000, lambda: 0.0) == 1000 + PAUSES[0]
    assert next_try(1, 1000, lambda: 1.0) == 1000 + PAUSES[0] * 1.1
    assert next_try(len(PAUSES), 0, lambda: 0.0) == PAUSES[-1]
    assert next_try(len(PAUSES) + 1, 0, lambda: 0.0) is None


def test_an_address_that_fails_is_let_alone_for_longer_and_longer_or_as_it_asks() -> None:
    assert [rest(count, 0) for count in (1, 2, 3)] == [2000, 4000, 8000]
    assert rest(50, 0) == LONGEST_REST
    assert (rest(1, 60), rest(1, 100_000)) == (60_000, LONGEST_REST)


def test_the_published_library_signs_the_same() -> None:
    first, second, now = new_secret(), new_secret(), int(datetime.now(UTC).timestamp())
    headers = signed("WM1", now, '{"é":1}'.encode(), (first, second))
    given = headers["webhook-signature"].split(" ")
    assert given[0] == Webhook(first).sign("WM1", datetime.fromtimestamp(now, UTC), '{"é":1}')
    for secret in (first, second):
        assert Webhook(secret).verify('{"é":1}'.encode(), headers) == {"é": 1}


@pytest.mark.parametrize("kind", [*EVENTS, *CALLS])
def test_what_the_router_and_calls_tell_can_be_asked_for(kind: str) -> None:
    assert (kind in KINDS) is (kind not in ("queue.statistics", "call.dial-failed")), "to screens only, or to one agent"


def test_every_kind_is_one_that_the_socket_knows() -> None:
    assert set(KINDS) <= set(re.findall(r"`([a-z.-]+)`", SOCKET_PAGE.read_text()))
    assert all(words.endswith(".") for words in KINDS.values())
