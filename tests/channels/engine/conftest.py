"""One firm with the generic channel."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from parlons.accounts.bootstrap import bootstrap
from parlons.channels.post import open_post
from parlons.kit.ids import new_id
from parlons.reception.handler import Reception
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.safe_http import SafeHttp, allowed
from tests.channels.engine.desk import ADDRESS, Desk, OtherSide, other_side, put, served
from tests.conftest import StillClock


@pytest.fixture
async def there() -> AsyncIterator[OtherSide]:
    """Who takes our messages."""
    async with other_side() as found:
        yield found


@pytest.fixture
async def desk(database: Database, clock: StillClock, tmp_path: Path, there: OtherSide) -> AsyncIterator[Desk]:
    """The firm's one account, open at all hours."""
    home = await bootstrap(database, now=clock())
    point = EntryPoint(
        new_id("EP", clock()), home.workspace_id, "webhook", ADDRESS, home.firm_id, workflow_id="WW" + "1" * 32
    )
    async with database.transaction(home.tenant_id) as tx:
        await put_entry_points(tx, [point])
    account_id = await put(database, home, clock, there.url)
    async with SafeHttp(allowed(["127.0.0.0/8"])) as http:
        post = open_post(
            database, http=http, files=Files(tmp_path / "files"), handler=Reception(), secret=b"s" * 32,
            public_url="https://desk.example",
        )  # fmt: skip
        account = await post.accounts.by_id(account_id)
        assert account is not None
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(served(post)), base_url="http://desk.example"
        ) as client:
            yield Desk(database, clock, home, post, account, there, client)
