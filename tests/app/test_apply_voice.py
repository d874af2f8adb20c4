"""The telephone in a configuration: laid down, exported, applied again; passwords named, kept and never shown."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from parlons.accounts.bootstrap import bootstrap
from parlons.accounts.model import Principal
from parlons.app.configuration.apply import Applied, apply, export
from parlons.app.configuration.text import InvalidConfigurationFile
from parlons.dispatch.dispatch import Dispatch
from parlons.runtime.db import Database
from parlons.voice.calls import settings
from tests.conftest import StillClock

FILE = """
workspace:
  default_activity: Offline
  calls: {allowed_countries: [FR, BE], cost_per_hour: 20, rates: {"+33": 0.02, default: 0.5}, calls_per_agent_hour: 60}
firms: [{name: North}]
activities: [{name: Offline}, {name: Available, available: true}]
queues:
- name: Sales
  voice: {record: always, retention_days: 30, wrap_up_seconds: 0, call_back_when_dropped: true}
workflows: [{name: Door, default_queue: Sales}]
users:
- email: ada@north.example
  name: Ada
  phone: {username: ada, password: {secret: ADA_PHONE}}
  rings: [{kind: browser, seconds: 15}, {kind: phone}, {kind: number, number: "+33 6 12 34 56 78", seconds: 30}]
- {email: root@north.example, name: Root, role: administrator}
trunks:
- {name: Carrier, host: sip.carrier.example, registers: true, username: acct, password: {secret: TRUNK}, emergency: true,
   country: FR, national_prefix: "+33"}
entry_points: [{channel: voice, address: "+33155500000", firm: North, task_channel: voice}]
"""
SECRETS = {"ADA_PHONE": "phone-pw", "TRUNK": "trunk-pw"}


class Office:
    """A workspace and whoever configures it."""

    def __init__(self, db: Database, dispatch: Dispatch, principal: Principal, clock: StillClock) -> None:
        self.db, self.dispatch, self.principal, self.clock = db, dispatch, principal, clock

    async def apply(self, text: str, **more: object) -> Applied:
        return await apply(
            self.db,
            self.dispatch,
            self.principal,
            text,
            now=self.clock(),
            environ=SECRETS,
            **more,  # type: ignore[arg-type]
        )

    async def configured(self) -> settings.Configured:
        async with self.db.transaction(self.principal.tenant_id) as tx:
            return await settings.read_configured(tx, self.principal.workspace_id)


@pytest.fixture
async def office(database: Database, clock: StillClock) -> AsyncIterator[Office]:
    installation = await bootstrap(database, now=clock())
    dispatch = Dispatch(database, clock=clock)
    await dispatch.open(installation.workspace_id, installation.tenant_id)
    async with asyncio.timeout(60):
        await dispatch.ready(installation.workspace_id, as_owner=True)
    try:
        yield Office(database, dispatch, installation.principal, clock)
    finally:
        await dispatch.close()


async def test_what_a_file_says_of_the_telephone_is_so(office: Office) -> None:
    await office.apply(FILE)
    found = await office.configured()
    (trunk,) = found.trunks
    assert (trunk.name, trunk.emergency, trunk.country) == ("Carrier", True, "FR")
    assert (trunk.trunk.host, trunk.trunk.register, trunk.trunk.password) == ("sip.carrier.example", True, "trunk-pw")
    assert list(found.passwords.items()) == [("ada", "phone-pw")]
    (voice,) = found.queues.values()
    assert (voice.record, voice.retention_days, voice.wrap_up_seconds) == ("always", 30, 0)
    (rings,) = found.addresses.values()
    assert [(one.kind, one.number, one.ring_seconds) for one in rings] == [
        ("browser", None, 15), ("phone", None, 20), ("number", "+33612345678", 30),
    ]  # fmt: skip
    assert found.limits.rates == {"+33": 0.02, "default": 0.5}
    assert found.limits.allowed_countries == ("FR", "BE")


async def test_exported_and_applied_again_it_changes_nothing(office: Office) -> None:
    await office.apply(FILE)
    assert not (await office.apply(FILE)).plan.changes
    text = await export(office.db, office.principal)
    assert "phone-pw" not in text
    assert "trunk-pw" not in text
    assert not (await office.apply(text)).plan.changes
    (trunk,) = (await office.configured()).trunks
    assert trunk.trunk.password == "trunk-pw"


async def test_a_trunk_goes_with_prune(office: Office) -> None:
    await office.apply(FILE)
    await office.apply(FILE.split("trunks:")[0], prune=True)
    assert (await office.configured()).trunks == []


async def test_mistakes_have_their_place(office: Office) -> None:
    two = FILE.replace("- {email: root", "- {email: ben@x.example, name: Ben, phone: {username: ada}}\n- {email: root")
    with pytest.raises(InvalidConfigurationFile, match="two agents have the phone ada"):
        await office.apply(two)
    with pytest.raises(InvalidConfigurationFile, match="number is missing"):
        await office.apply(FILE.replace('number: "+33 6 12 34 56 78", ', ""))
