"""The pure rules of web chat: what a widget may be set to, positions, what a visitor is shown."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from parlons.channels.webchat.errors import InvalidWidget, TooFast
from parlons.channels.webchat.limits import Limits, Rule
from parlons.channels.webchat.model import check_widget, contrast_with_white
from parlons.channels.webchat.positions import positions, told
from parlons.channels.webchat.tokens import identity_proven, identity_signature, new_key, session_of, visitor_token
from parlons.channels.webchat.views import message_view
from parlons.kit.clock import Millis
from parlons.routing.state import Task

GOOD: dict[str, Any] = {
    "key": "delmas",
    "origins": ["https://shop.example", "https://*.shop.example", "http://127.0.0.1:8080"],
    "languages": ["fr", "en"],
    "accent": "#00647c",
    "texts": {"fr": {"title": "Delmas", "greeting": "Bonjour"}},
    "privacy_url": "/privacy",
    "reply_seconds": 60,
}


def test_a_good_widget() -> None:
    check_widget(GOOD)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", "De"),
        ("origins", ["shop.example"]),
        ("origins", ["https://shop.example/path"]),
        ("origins", ["*"]),
        ("origins", ["https://shop.*"]),
        ("languages", ["de"]),
        ("languages", []),
        ("accent", "#ffcc00"),
        ("accent", "teal"),
        ("texts", {"fr": {"farewell": "x"}}),
        ("texts", {"de": {"title": "x"}}),
        ("privacy_url", "javascript:alert(1)"),
        ("reply_seconds", 0),
        ("away_minutes", 1441),
    ],
)
def test_a_wrong_setting_names_itself(field: str, value: Any) -> None:
    with pytest.raises(InvalidWidget) as refused:
        check_widget({**GOOD, field: value})
    assert refused.value.details == {"field": field}


def test_contrast_as_wcag_computes_it() -> None:
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#ffffff") == pytest.approx(1)
    assert contrast_with_white("#00647c") == pytest.approx(6.7, abs=0.1)


def _state(*tasks: tuple[str, str | None, int, int]) -> Any:
    """Tasks as (id, queue, priority, virtual start)."""
    made = {}
    for task_id, queue_id, priority, start in tasks:
        made[task_id] = Task(task_id, "chat", priority, start, start, 60)
        made[task_id].queue_id = queue_id
    return SimpleNamespace(tasks=made)


def test_a_place_counts_those_the_router_takes_before() -> None:
    state = _state(("a", "Q", 0, 10), ("b", "Q", 0, 20), ("c", "Q", 5, 30), ("d", "R", 9, 1), ("e", None, 9, 1))
    assert positions(state, ["a", "b", "c", "d", "e", "gone"]) == {"a": 2, "b": 3, "c": 1, "d": 1}


def test_an_assigned_task_has_no_place_and_takes_none() -> None:
    state = _state(("a", "Q", 0, 10), ("b", "Q", 0, 20))
    state.tasks["a"].status = "assigned"
    assert positions(state, ["a", "b"]) == {"b": 1}


@given(some.lists(some.one_of(some.none(), some.integers(1, 9))))
def test_a_place_is_exact_or_unsaid_and_never_rises(places: list[int | None]) -> None:
    best: int | None = None
    for place in places:
        said = told(place, best)
        assert said in (place, None)
        if said is not None:
            assert best is None or said <= best
            best = said


def test_tokens_are_bound_to_their_widget() -> None:
    key = new_key()
    token = visitor_token(key, "SE1")
    assert session_of(key, token) == "SE1"
    assert session_of(new_key(), token) is None
    assert session_of(key, token.replace("SE1", "SE2")) is None
    assert session_of(key, "pv_SE1.é") is None


def test_a_signature_covers_user_and_address() -> None:
    signature = identity_signature("secret", "u1", "a@b.example")
    assert identity_proven("secret", "u1", "a@b.example", signature.upper())
    assert not identity_proven("secret", "u1", "other@b.example", signature)
    assert not identity_proven("", "u1", "a@b.example", identity_signature("", "u1", "a@b.example"))


def test_limits_forget_in_time() -> None:
    limits = Limits({"message": Rule(2, 10)})
    for at in (0, 1):
        limits.count("message", "v", Millis(at))
    with pytest.raises(TooFast) as refused:
        limits.count("message", "v", Millis(2))
    assert refused.value.details == {"retry_after_seconds": 10}
    limits.count("message", "v", Millis(10_001))


def test_a_clock_set_back_locks_nobody_out() -> None:
    limits = Limits({"message": Rule(2, 10)})
    for at in (3_600_000, 3_600_001, 0, 1):
        limits.count("message", "v", Millis(at))


def test_a_message_shows_no_surname_no_id_and_no_other_pages_client_id() -> None:
    message = {
        "id": "IM1",
        "number": 2,
        "client_id": "k",
        "author": {"kind": "agent", "id": "US1", "name": "Sofia Lenoir"},
        "text": "Oui",
        "attachments": [],
        "notice": None,
        "at": "2026-11-21T10:00:00.000Z",
        "conversation_id": "CH1",
    }
    shown = message_view(message)
    assert shown["author"] == {"kind": "agent", "name": "Sofia"}
    assert shown["client_id"] is None
    assert "US1" not in str(shown)
