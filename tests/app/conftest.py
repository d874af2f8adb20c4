"""A whole running server with two firms, for the tests of the composition; each test brings people of its own."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from parlons.channels.webchat.tokens import identity_signature
from parlons.testing.people import Desk, Operator, Visitor
from parlons.testing.processes import OwnPostgres, Running, data_folder
from tests.app.existing_client import Keys, client
from tests.app.spans import Receiver, receiver

CENTRE = (Path(__file__).parent / "centre.yaml").read_text()
SHOP_SECRET = secrets.token_hex(16)


@dataclass(slots=True)
class Centre:
    """A server on a data folder, and ways to be somebody there."""

    data: Path
    server: Running
    spans: Receiver | None = None
    """What the server told of contacts; the shared one tells."""

    @property
    def urls(self) -> list[str]:
        return [self.server.url]

    @property
    def postgres(self) -> OwnPostgres:
        return OwnPostgres(self.data)

    def operator(self) -> Operator:
        """Whoever owns the machine."""
        return Operator(self.urls, self.server.operator_key())

    async def furnish(self) -> None:
        """Lays the configuration down; again, it changes nothing."""
        async with self.operator() as operator:
            await operator.apply(CENTRE)

    @contextlib.asynccontextmanager
    async def at_desk(self, email: str, *, activity: str | None = None) -> AsyncIterator[Desk]:
        """Somebody signed in with an open screen; offline again afterwards."""
        async with self.operator() as operator:
            token = await operator.link(email)
        async with Desk(self.urls, token) as desk:
            if activity is not None:
                await desk.become(activity)
            yield desk
            if activity is not None:
                await desk.become("Offline")

    def visitor(self, widget: str = "north") -> Visitor:
        """A stranger in a shop."""
        return Visitor(self.urls, widget)


async def identify(visitor: Visitor, *, user_id: str, email: str, name: str) -> None:
    """The shop vouches for its customer; from now on he is known."""
    signature = identity_signature(SHOP_SECRET, user_id, email)
    body = {"user_id": user_id, "email": email, "name": name, "signature": signature}
    begun = await visitor.wire.call("POST", "/identity", body)
    visitor._token = begun["visitor_token"]  # the one before is revoked: his page goes on with this one
    visitor.wire.client.headers["Authorization"] = f"Bearer {visitor._token}"


@contextlib.contextmanager
def centre(spans: Receiver | None = None) -> Iterator[Centre]:
    """A server of one's own, with every line it writes kept."""
    environ = {"PARLONS_LOG": "debug", "SHOP_SECRET": SHOP_SECRET}
    if spans is not None:
        environ |= {"PARLONS_TRACES": spans.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    with data_folder() as data, Running(data, environ=environ) as server:
        yield Centre(data, server, spans)


@pytest.fixture(scope="session")
def shared() -> Iterator[Centre]:
    """One server for tests that leave it as it was."""
    with receiver() as spans, centre(spans) as found:
        yield found


@pytest.fixture
async def here(shared: Centre) -> Centre:
    """The shared server, furnished."""
    await shared.furnish()
    return shared


@pytest.fixture(scope="session")
def keys(shared: Centre) -> Keys:
    """What `parlons keys create --json` prints."""
    environ = {**os.environ, "PARLONS_URL": shared.server.url, "PARLONS_KEY": shared.server.operator_key()}
    command = [sys.executable, "-m", "parlons.app.cli", "keys", "create", "Existing programs", "--json"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    found: Keys = json.loads(done.stdout)
    assert found["account_sid"].startswith("AC")
    assert found["key_sid"].startswith("SK")
    return found


@pytest.fixture
def api(shared: Centre, keys: Keys) -> Client:
    """The client, signed in as the account."""
    return client(shared.server.url, keys["account_sid"], keys["auth_token"])


@pytest.fixture
def place(api: Client) -> Iterator[Any]:
    """A workspace of its own, taken away afterwards."""
    made = api.taskrouter.v1.workspaces.create(friendly_name="Programs", template="FIFO")
    yield api.taskrouter.v1.workspaces(made.sid)
    assert api.taskrouter.v1.workspaces(made.sid).delete()
    with pytest.raises(TwilioRestException) as gone:
        api.taskrouter.v1.workspaces(made.sid).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)
