"""Quiet hours by country."""

from datetime import UTC, datetime

import pytest

from parlons.kit.clock import from_datetime, to_datetime
from parlons.outbound.hours import country_of, opens_at


@pytest.mark.parametrize(
    ("now", "country", "opens"),
    [
        ("2026-11-20 12:00", "FR", "2026-11-20 12:00"),
        ("2026-11-20 18:59", "FR", "2026-11-20 18:59"),
        ("2026-11-20 19:00", "FR", "2026-11-21 07:00"),  # 20:00 in Paris
        ("2026-11-21 19:10", "FR", "2026-11-23 07:00"),  # Saturday evening: Sunday is quiet
        ("2026-11-11 09:00", "FR", "2026-11-12 07:00"),  # armistice
        ("2026-07-01 06:10", "FR", "2026-07-01 06:10"),  # summer time
        ("2026-11-22 12:00", "GB", "2026-11-22 12:00"),
        ("2026-11-20 14:00", "US", "2026-11-20 18:00"),  # 9:00 in New York, 4:00 in Honolulu
        ("2026-11-20 21:30", "SN", "2026-11-21 08:00"),
        ("2026-11-20 21:30", "XX", "2026-11-21 07:00"),  # by the zone of the send
    ],
)
def test_the_next_moment_that_is_allowed(now: str, country: str, opens: str) -> None:
    at = from_datetime(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert to_datetime(opens_at(at, country, "Europe/Paris")).strftime("%Y-%m-%d %H:%M") == opens


@pytest.mark.parametrize(
    ("kind", "value", "known", "country"),
    [
        ("phone", "+33612345678", "", "FR"),
        ("phone", "+262692123456", "FR", "RE"),
        ("phone", "+12125550123", "", "US"),
        ("phone", "+99912345678", "be", "BE"),
        ("email", "a@example.org", "ch", "CH"),
        ("email", "a@example.org", "Suisse", ""),
    ],
)
def test_the_country_of_an_address(kind: str, value: str, known: str, country: str) -> None:
    assert country_of(kind, value, known) == country
