"""A firm with a mailbox: its mail store and its mail server are real ones."""

import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

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
from tests.channels.email.office import SHOP, Office
from tests.channels.email.servers import DOVECOT, Dovecot, Sink, dovecot, sink
from tests.conftest import StillClock


@pytest.fixture(scope="module")
def store() -> Iterator[Dovecot]:
    """One mail store for the tests of a file; each uses a mailbox of its own."""
    if DOVECOT is None or os.geteuid() != 0:
        pytest.skip("needs dovecot (apt-get install dovecot-imapd dovecot-lmtpd) and root, since it changes its user")
    with tempfile.TemporaryDirectory(prefix="parlons-dovecot-", dir="/tmp") as place, dovecot(Path(place)) as running:
        yield running


@pytest.fixture
async def server() -> AsyncIterator[Sink]:
    """The firm's SMTP server."""
    async with sink() as there:
        yield there


@pytest.fixture
async def office(database: Database, clock: StillClock, tmp_path: Path, server: Sink) -> AsyncIterator[Office]:
    """The firm's one mailbox; `settings` say how its mail arrives."""
    home = await bootstrap(database, now=clock())
    point = EntryPoint(
        new_id("EP", clock()), home.workspace_id, "email", SHOP, home.firm_id, workflow_id="WW" + "1" * 32
    )
    async with database.transaction(home.tenant_id) as tx:
        await put_entry_points(tx, [point])
    async with SafeHttp(allowed(["127.0.0.0/8"])) as http, contextlib.AsyncExitStack() as stack:
        post = open_post(
            database, http=http, files=Files(tmp_path / "files"), handler=Reception(), secret=b"s" * 32,
            public_url="https://desk.example",
        )  # fmt: skip
        office = Office(database, clock, home, post, server, stack)
        await office.configure(receive="none")
        yield office
