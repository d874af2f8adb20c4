"""Opening hours by table: weeks, midnight, holidays, exceptional days, and the two days a year when clocks change."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlons.kit.clock import Millis, from_datetime, to_datetime
from parlons.kit.hours import (
    ALWAYS,
    Hours,
    Interval,
    InvalidHours,
    format_interval,
    is_open,
    next_opening,
    open_spans,
    parse_day,
    parse_hours,
    parse_interval,
    parse_week,
)

PARIS = ZoneInfo("Europe/Paris")
OFFICE = parse_hours(
    {
        "zone": "Europe/Paris",
        "week": {day: ["09:00-12:00", "14:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
        "days": {"2026-12-24": ["09:00-12:00"], "2026-12-26": ["10:00-16:00"], "2026-05-01": ["10:00-11:00"]},
    },
    holidays=frozenset({date(2026, 12, 25), date(2026, 5, 1)}),
)
BAR = parse_hours({"zone": "Europe/Paris", "week": {"fri": ["22:00-02:00"], "sat": ["20:00-04:00"]}})
NIGHT = parse_hours({"zone": "Europe/Paris", "week": {"sun": ["02:15-02:45"]}})


def paris(text: str, fold: int = 0) -> Millis:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold))


def utc(text: str) -> Millis:
    return from_datetime(datetime.fromisoformat(text + "+00:00"))


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        (OFFICE, paris("2026-11-23T08:59:59"), False),
        (OFFICE, paris("2026-11-23T09:00"), True),
        (OFFICE, paris("2026-11-23T11:59:59"), True),
        (OFFICE, paris("2026-11-23T12:00"), False),
        (OFFICE, paris("2026-11-23T17:00"), True),
        (OFFICE, paris("2026-11-22T10:00"), False),  # Sunday
        (OFFICE, paris("2026-12-24T15:00"), False),  # exceptional day shortens
        (OFFICE, paris("2026-12-25T10:00"), False),  # holiday, a Friday
        (OFFICE, paris("2026-12-26T10:00"), True),  # exceptional Saturday
        (OFFICE, paris("2026-05-01T10:30"), True),  # an exceptional day overrules a holiday
        (BAR, paris("2026-11-27T23:00"), True),
        (BAR, paris("2026-11-28T01:59"), True),  # Friday's interval after midnight
        (BAR, paris("2026-11-28T02:00"), False),
        (BAR, paris("2026-11-29T03:59"), True),
        (BAR, paris("2026-11-27T01:00"), False),
        (ALWAYS, utc("2026-01-01T00:00"), True),
    ],
)
def test_open_or_closed(hours: Hours, at: Millis, expected: bool) -> None:
    assert is_open(hours, at) is expected


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        (OFFICE, paris("2026-11-23T08:00"), paris("2026-11-23T09:00")),
        (OFFICE, paris("2026-11-23T10:00"), paris("2026-11-23T10:00")),
        (OFFICE, paris("2026-11-23T12:00"), paris("2026-11-23T14:00")),
        (OFFICE, paris("2026-11-27T18:00"), paris("2026-11-30T09:00")),
        (OFFICE, paris("2026-12-24T12:00"), paris("2026-12-26T10:00")),
        (BAR, paris("2026-11-29T04:00"), paris("2026-12-04T22:00")),
        (BAR, paris("2026-11-28T01:00"), paris("2026-11-28T01:00")),
        (parse_hours({"zone": "UTC", "week": {}}), utc("2026-11-21T00:00"), None),
        (
            parse_hours({"zone": "UTC", "week": {}, "days": {"2027-11-20": ["08:00-09:00"]}}),
            utc("2026-11-21T00:00"),
            utc("2027-11-20T08:00"),
        ),
    ],
)
def test_next_opening(hours: Hours, at: Millis, expected: Millis | None) -> None:
    assert next_opening(hours, at) == expected


def test_clocks_go_forward() -> None:
    """On 2026-03-29 in Paris 02:00 becomes 03:00: an interval inside the gap keeps its length, one across it loses an hour."""
    assert is_open(NIGHT, utc("2026-03-29T01:20"))
    assert next_opening(NIGHT, utc("2026-03-29T00:00")) == utc("2026-03-29T01:15")
    across = parse_hours({"zone": "Europe/Paris", "week": {"sun": ["01:00-04:00"]}})
    assert is_open(across, utc("2026-03-29T00:00"))
    assert not is_open(across, utc("2026-03-29T02:00"))


def test_clocks_go_back() -> None:
    """On 2026-10-25 in Paris 03:00 becomes 02:00: open from the first 02:15 until the last 02:45."""
    assert next_opening(NIGHT, utc("2026-10-24T22:00")) == utc("2026-10-25T00:15")
    assert is_open(NIGHT, utc("2026-10-25T01:44"))
    assert not is_open(NIGHT, utc("2026-10-25T01:45"))


def test_midnight_that_does_not_exist() -> None:
    """In Beirut clocks go forward at midnight: a day that opens at 00:00 opens at 01:00."""
    hours = parse_hours({"zone": "Asia/Beirut", "week": {"sun": ["00:00-24:00"]}})
    assert next_opening(hours, utc("2026-03-28T12:00")) == utc("2026-03-28T22:00")
    assert not is_open(hours, utc("2026-03-29T21:00"))


@given(
    st.integers(min_value=utc("2026-01-01T00:00"), max_value=utc("2028-01-01T00:00")),
    st.sampled_from([OFFICE, BAR, NIGHT]),
)
def test_the_next_opening_is_open_and_nothing_before_it(at: int, hours: Hours) -> None:
    opens = next_opening(hours, Millis(at))
    assert opens is not None
    assert opens >= at
    assert is_open(hours, opens)
    assert is_open(hours, Millis(at)) == (opens == at)
    if opens > at:
        assert not is_open(hours, Millis(opens - 1))


@pytest.mark.parametrize("text", ["09:00-12:30", "22:00-02:00", "00:00-24:00", "23:59-00:00"])
def test_an_interval_reads_back(text: str) -> None:
    assert parse_interval(format_interval(parse_interval(text))) == parse_interval(text)


@pytest.mark.parametrize("text", ["9-12", "24:00-25:00", "09:60-10:00", "24:00-02:00", "", "09:00"])
def test_no_interval(text: str) -> None:
    with pytest.raises(InvalidHours):
        parse_interval(text)


def test_intervals_are_ordered_and_may_not_overlap() -> None:
    assert parse_day(["14:00-18:00", "09:00-12:00"]) == (Interval(540, 720), Interval(840, 1080))
    with pytest.raises(InvalidHours):
        parse_day(["09:00-12:00", "11:00-13:00"])


def test_unknown_words_are_named() -> None:
    with pytest.raises(InvalidHours, match="monday"):
        parse_week({"monday": ["09:00-12:00"]})
    with pytest.raises(InvalidHours, match="Paris"):
        parse_hours({"zone": "Paris", "week": {}})


def test_far_days_stay_in_range() -> None:
    assert to_datetime(next_opening(OFFICE, paris("2036-12-31T20:00")) or 0).year == 2037


def test_open_spans_are_cut_at_the_ends_and_joined_where_they_touch() -> None:
    assert open_spans(OFFICE, paris("2026-11-20T17:00"), paris("2026-11-23T10:00")) == [
        (paris("2026-11-20T17:00"), paris("2026-11-20T18:00")),
        (paris("2026-11-23T09:00"), paris("2026-11-23T10:00")),
    ]
    assert open_spans(ALWAYS, utc("2026-11-20T17:00"), utc("2026-12-23T10:00")) == [
        (utc("2026-11-20T17:00"), utc("2026-12-23T10:00"))
    ]
    assert open_spans(BAR, paris("2026-11-28T01:00"), paris("2026-11-28T03:00")) == [
        (paris("2026-11-28T01:00"), paris("2026-11-28T02:00"))
    ]


@given(st.integers(0, 300), st.integers(1, 200))
def test_open_spans_are_where_it_is_open(after: int, long: int) -> None:
    """Around the night in March when an hour is missing, against the question asked each half hour."""
    half = 1_800_000
    start = utc("2026-03-24T00:00") + after * half
    end = start + long * half
    spans = open_spans(OFFICE, start, end)
    asked = sum(half for at in range(start, end, half) if is_open(OFFICE, at))
    assert sum(closes - opens for opens, closes in spans) == asked
