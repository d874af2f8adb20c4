"""Ranges of waits: never wider than allowed, said only while they are right."""

import random

import pytest

from parlons.voice.calls.estimate import ENOUGH, HIT_RATE, KEPT, MINUTE, WIDEST_MS, Waits, hit, learnt, narrowed


def test_no_range_is_wider_than_two_minutes_or_its_lower_end() -> None:
    chance = random.Random(1)
    for _ in range(20_000):
        low = chance.uniform(0, 3_000_000)
        high = low + chance.uniform(0, 3_000_000)
        first, last = narrowed(low, chance.uniform(low, high), high)
        assert first % MINUTE == last % MINUTE == 0
        assert 0 <= first < last
        assert last - first <= max(WIDEST_MS, first)


def test_nothing_is_said_before_it_was_right_often_enough() -> None:
    waits = Waits()
    assert waits.range(3) is None
    for number in range(ENOUGH - 1):
        waits.answered(60_000, 1, hit=True)
        assert not waits.may_say(), number
    waits.answered(60_000, 1, hit=True)
    assert waits.may_say()


def test_what_stops_being_right_stops_being_said() -> None:
    waits = Waits()
    for _ in range(KEPT):
        waits.answered(60_000, 1, hit=True)
    for number in range(KEPT):
        waits.answered(60_000, 1, hit=False)
        rate = waits.hit_rate
        assert rate is not None
        assert rate == pytest.approx(1 - (number + 1) / KEPT)
        assert waits.may_say() is (rate >= HIT_RATE)


def test_a_steady_queue_becomes_foreseeable_and_a_wild_one_does_not() -> None:
    chance = random.Random(2)
    steady, wild = Waits(), Waits()
    for _ in range(2 * KEPT):
        place = chance.randint(1, 20)
        for waits, spread in ((steady, 0.1), (wild, 3.0)):
            foreseen = waits.range(place)
            waited = round(place * 30_000 * chance.lognormvariate(0, spread))
            waits.answered(waited, place, hit(foreseen, waited))
    assert steady.may_say()
    assert not wild.may_say()


def test_learnt_from_rows() -> None:
    rows = [{"queue_id": "WQ1", "waited_ms": 30_000, "position": 1, "forecast_hit": True} for _ in range(60)]
    found = learnt([*rows, {"queue_id": "WQ2", "waited_ms": 1, "position": None, "forecast_hit": None}])
    assert found["WQ1"].may_say()
    assert not found["WQ2"].may_say()
