"""Opening hours as rows: holidays of a country and region, exceptional days, and what the list says of now."""

from datetime import UTC, date, datetime

import pytest

from parlons.accounts.errors import HoursNotFound, UnknownHolidays
from parlons.accounts.loading import put_hours, remove_hours
from parlons.accounts.opening import HoursRow, hours_of, public_holidays
from parlons.kit.clock import Millis, from_datetime
from parlons.kit.hours import is_open, next_opening

from .conftest import Office


def at(text: str) -> Millis:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=UTC))


def week(*texts: str) -> dict[str, list[str]]:
    return {day: list(texts) for day in ("mon", "tue", "wed", "thu", "fri")}


async def _kept(office: Office, **changes: object) -> str:
    row = HoursRow(
        id="HO" + "1" * 32,
        firm_id=office.installation.firm_id,
        name="Desk",
        zone="Europe/Paris",
        week=week("09:00-18:00"),
        **changes,  # type: ignore[arg-type]
    )
    row.check()
    async with office.db.transaction(office.installation.tenant_id) as tx:
        await put_hours(tx, [row])
    return row.id


async def test_public_holidays_close_and_exceptional_days_overrule_them(office: Office) -> None:
    days = {"2026-05-01": ("May Day market", ["10:00-12:00"]), "2026-07-13": ("Bridge", [])}
    hours_id = await _kept(office, country="FR", days=days)
    async with office.db.transaction(office.installation.tenant_id) as tx:
        hours = await hours_of(tx, hours_id, at("2026-07-01T00:00"))
    assert not is_open(hours, at("2026-07-14T10:00"))  # a national holiday, a Tuesday
    assert not is_open(hours, at("2026-07-13T10:00"))
    assert is_open(hours, at("2026-05-01T09:00"))
    assert next_opening(hours, at("2026-07-10T16:00")) == at("2026-07-15T07:00")


async def test_a_region_has_holidays_of_its_own(office: Office) -> None:
    hours_id = await _kept(office, country="DE", region="BY")
    async with office.db.transaction(office.installation.tenant_id) as tx:
        hours = await hours_of(tx, hours_id, at("2026-01-01T00:00"))
    assert not is_open(hours, at("2026-01-06T10:00"))  # Epiphany, kept in Bavaria and not in Berlin
    epiphany = date(2026, 1, 6)
    assert epiphany in public_holidays("DE", "BY", 2026) - public_holidays("DE", "BE", 2026)


@pytest.mark.parametrize(("country", "region"), [("XX", None), ("FR", "Nowhere")])
def test_an_unknown_country_or_region_is_refused(country: str, region: str | None) -> None:
    with pytest.raises(UnknownHolidays):
        public_holidays(country, region, 2026)


async def test_the_list_says_whether_it_is_open_now(office: Office) -> None:
    await _kept(office)
    browser = await office.signed_in()
    (hours,) = (await browser.get("/hours")).json()["items"]
    assert hours["open"]
    office.clock.now = at("2026-09-21T18:00")
    (hours,) = (await browser.get("/hours")).json()["items"]
    assert (hours["open"], hours["next_opening_at"]) == (False, "2026-09-22T07:00:00.000Z")


async def test_removed_hours_are_gone(office: Office) -> None:
    hours_id = await _kept(office, days={"2026-12-24": ("", [])})
    async with office.db.transaction(office.installation.tenant_id) as tx:
        await remove_hours(tx, [hours_id])
        with pytest.raises(HoursNotFound):
            await hours_of(tx, hours_id, at("2026-01-01T00:00"))
