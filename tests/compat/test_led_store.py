"""What is kept of calls that programs lead: found as it was kept, sealed, and gone when it is to be forgotten."""

import sqlalchemy as sa

from parlons.accounts.bootstrap import bootstrap
from parlons.compat import led_store, store
from parlons.compat.led import Asked, Hook, Led, Member, Waits
from parlons.kit.ids import CALL, new_id
from parlons.runtime.db import Database
from tests.conftest import StillClock


async def test_a_call_is_kept_found_and_forgotten(database: Database, clock: StillClock) -> None:
    installed = await bootstrap(database, now=clock())
    tenant, workspace = installed.tenant_id, installed.workspace_id
    first = Hook("https://a.example/?key=secret", fallback_url="https://a.example/f")
    led = Led(
        new_id(CALL, clock()), tenant, workspace, "inbound", "+33155500000", "+33612345678", "ringing", clock(), first,
        member=Member("CF1", "desk", coach="CA2"), waits=Waits("QU1", 3, Asked("https://a.example/", "GET")),
    )  # fmt: skip
    async with database.transaction(tenant) as tx:
        await led_store.keep(tx, led)
    led.status, led.ended_at, led.at = "completed", clock() + 5_000, 3
    async with database.transaction(tenant) as tx:
        await led_store.keep(tx, led)
        found = await led_store.find(tx, led.id)
        assert found is not None
        assert found.led == led
        (row,) = await tx.fetch_all("SELECT * FROM compat_calls")
        assert "secret" not in row["data"]
        assert row["status"] == "completed"
        assert [one.led.id for one in await led_store.listing(tx, store.calls.c.to_address == led.to)] == [led.id]
    async with database.transaction(tenant) as tx:
        await led_store.remove(tx, [led.id])
        assert await tx.scalar(sa.select(sa.func.count()).select_from(store.calls)) == 0
