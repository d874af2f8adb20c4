"""A reminder goes out once, at its time and in his hours, by a way he has not silenced; not for what is moved or cancelled."""

from datetime import UTC, datetime

import pytest

from parlons.appointments import commands as booking
from parlons.appointments.commands import By
from parlons.customers import consent, purposes
from parlons.kit.clock import from_datetime
from parlons.outbound.feeding import Outbound
from parlons.outbound.leaving import Leaving
from parlons.portal.reminding import Reminding
from parlons.runtime.jobs import Worker
from tests.portal.conftest import DAY, HOUR, Portal

TEN = from_datetime(datetime(2026, 11, 26, 9, tzinfo=UTC))
"""10:00 in Paris on the Thursday."""


async def _booked(portal: Portal, at: int = TEN, **settings: object) -> str:
    await portal.comes()
    await portal.takes(**{"reminders": (1440,), "length_minutes": 60, **settings})
    async with portal.desk.db.transaction(portal.desk.home.tenant_id) as tx:
        return (await booking.book(tx, portal.customer_id, at, by=By("agent", "US1"))).id


def _worker(portal: Portal) -> Worker:
    outbound = Outbound(portal.desk.db, portal.desk.post, Leaving(b"s" * 32, "https://desk.example"))
    return Worker(portal.desk.db, Reminding(outbound, portal.links).handlers())


async def _at(portal: Portal, moment: int) -> list[str]:
    """Time goes on to `moment`; what the other side has got by then."""
    portal.desk.clock.now = moment
    await _worker(portal).run_due()
    await portal.desk.post.sender.run_due()
    return portal.desk.there.texts


async def _noted(portal: Portal) -> list[tuple[str, str]]:
    (row,) = await portal.rows("SELECT reminders FROM appointments")
    return [(one["state"], one["code"]) for one in row["reminders"]]


async def test_a_reminder_goes_out_once_with_a_link_that_opens_his_page(portal: Portal) -> None:
    await _booked(portal)
    assert await _at(portal, TEN - DAY - HOUR) == []
    (text,) = await _at(portal, TEN - DAY)
    assert text.startswith("Rappel") and "jeudi 26 novembre 2026, 10\u00a0h\u00a000" in text  # noqa: PT018
    assert await _at(portal, TEN - HOUR) == [text]
    assert await _noted(portal) == [("sent", "")]
    portal.path = text.partition("https://desk.example")[2].split()[0]
    assert "Annuler le rendez-vous" in await portal.look()


async def test_what_was_moved_is_reminded_at_its_new_time_and_what_was_cancelled_never(portal: Portal) -> None:
    one = await _booked(portal)
    async with portal.desk.db.transaction(portal.desk.home.tenant_id) as tx:
        await booking.move(tx, one, TEN + HOUR, by=By("agent", "US1"))
    assert await _at(portal, TEN - DAY) == []
    (text,) = await _at(portal, TEN + HOUR - DAY)
    assert "11\u00a0h\u00a000" in text
    async with portal.desk.db.transaction(portal.desk.home.tenant_id) as tx:
        other = await booking.book(tx, portal.customer_id, TEN + 5 * HOUR, by=By("agent", "US1"))
        await booking.cancel(tx, other.id, by=By("agent", "US1"))
    assert await _at(portal, TEN + 4 * HOUR) == [text]


async def test_a_process_that_dies_between_leaves_all_of_it_or_nothing(portal: Portal) -> None:
    one = await _booked(portal)
    portal.desk.clock.now = TEN - DAY
    (job,) = await portal.rows("SELECT payload FROM jobs WHERE kind = 'appointments.remind'")
    outbound = Outbound(portal.desk.db, portal.desk.post, Leaving(b"s" * 32, "https://desk.example"))
    reminding = Reminding(outbound, portal.links)

    class Killed(Exception):
        """At the worst moment."""

    async def dies() -> None:
        async with portal.desk.db.transaction(portal.desk.home.tenant_id) as tx:
            await reminding._remind(tx, await booking.locked(tx, one), job["payload"]["minutes"])
            raise Killed

    with pytest.raises(Killed):
        await dies()
    assert await portal.rows("SELECT 1 FROM single_messages") == []
    assert len(await _at(portal, TEN - DAY)) == 1
    assert len(await portal.rows("SELECT 1 FROM single_messages")) == 1


async def test_quiet_hours_put_it_off_or_end_it(portal: Portal) -> None:
    night = from_datetime(datetime(2026, 11, 24, 3, tzinfo=UTC))
    await _booked(portal, at=night + 8 * HOUR, reminders=(480, 5))
    assert await _at(portal, night) == []
    assert await _noted(portal) == []
    assert len(await _at(portal, night + 5 * HOUR)) == 1


async def test_an_appointment_at_the_opening_has_no_reminder_in_the_night(portal: Portal) -> None:
    early = from_datetime(datetime(2026, 11, 25, 5, tzinfo=UTC))
    await _booked(portal, at=early, reminders=(60,))
    assert await _at(portal, early - HOUR) == []
    assert await _noted(portal) == [("skipped", "quiet-hours")]


async def test_who_refuses_reminders_or_messages_gets_none(portal: Portal) -> None:
    await _booked(portal, reminders=(1440, 120))
    home = portal.desk.home
    async with portal.desk.db.transaction(home.tenant_id) as tx:
        await purposes.refuse(tx, portal.customer_id, purposes.REMINDERS)
    assert await _at(portal, TEN - DAY) == []
    (address,) = await portal.rows("SELECT kind, value, customer_id FROM addresses")
    async with portal.desk.db.transaction(home.tenant_id) as tx:
        await purposes.allow(tx, portal.customer_id, purposes.REMINDERS)
        await consent.opt_out(tx, firm_id=home.firm_id, **address, channel="page", word="", message_id="")
    assert await _at(portal, TEN - 2 * HOUR) == []
    assert await _noted(portal) == [("skipped", "opted-out"), ("skipped", "opted-out")]


async def test_a_server_that_slept_reminds_nobody_of_what_was(portal: Portal) -> None:
    await _booked(portal)
    assert await _at(portal, TEN + HOUR) == []
    assert await _noted(portal) == [("skipped", "too-late")]
