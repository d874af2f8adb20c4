"""What calls are configured with: trunks, desk phones, the voice part of queues, limits, where agents are rung. Rows <-> values.

The controller keeps them in memory (`Configured`) and reads them again when `voice.configured` is told.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from msgspec import Struct, field
from sqlalchemy.dialects.postgresql import insert

from parlons.kit.phone import country_of
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience, Event
from parlons.voice.calls import store
from parlons.voice.media.config import Phone, Trunk

CONFIGURED = "voice.configured"
"""Told when anything here changed."""
Notice = Literal["none", "start", "beep"]
ALL_MUST_KNOW = frozenset(
    {"AT", "AU", "BE", "CA", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI",
     "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "US"}
)  # fmt: skip
"""Countries where all who talk must know of a recording, in the whole country or in parts of it: a careful default (the GDPR and
the ePrivacy rules, the all-party states of the USA, Canada's PIPEDA ...), no legal advice. A trunk can say otherwise."""
Record = Literal["never", "always", "on-demand"]


class TrunkRow(Struct, frozen=True):
    """A trunk and what the product knows of it beside the engine."""

    id: str
    name: str
    trunk: Trunk
    emergency: bool = False
    """Takes emergency calls."""
    country: str | None = None
    """ISO 3166; reads national numbers that are dialled."""
    recording_notice: bool | None = None
    """Whether people of its country are told that they are recorded, whatever the queue says; None: as ALL_MUST_KNOW has it."""


class QueueVoice(Struct, frozen=True):
    """The voice part of a queue's settings."""

    music: str = "default"
    """Name of the music (a prompt), or `none`."""
    comfort_seconds: int = 30
    """Between two comfort messages; 0: none."""
    say_position: bool = True
    say_wait: bool = True
    record: Record = "never"
    notice: bool = True
    """Say that the call is recorded before the agent is joined."""
    retention_days: int = 90
    """0: kept for ever."""
    callback_after_seconds: int = 0
    """Offer a callback after this long; 0: never (flows may still)."""
    call_back_when_dropped: bool = False
    wrap_up_seconds: int | None = None
    """None: as the queue says; 0: the work ends with the call."""
    transfer_outside: bool = True
    """False: only `transfer_numbers` may be brought into a call."""
    transfer_numbers: tuple[str, ...] = ()


class Limits(Struct, frozen=True):
    """Against toll fraud, of the workspace."""

    allowed_countries: tuple[str, ...] = ()
    """ISO 3166 codes; empty: every country that a trunk's own country is (and none else when trunks name one)."""
    cost_per_hour: float = 0.0
    """Of all outgoing calls together; 0: no limit."""
    rates: dict[str, float] = field(default_factory=dict)
    """Price of a minute by prefix, and `default`."""
    calls_per_agent_hour: int = 0
    """0: no limit."""


class ContactAddress(Struct, frozen=True):
    """One place where an agent is rung."""

    kind: Literal["browser", "phone", "number"]
    number: str | None = None
    ring_seconds: int = 20


BROWSER = (ContactAddress("browser", None, 300),)
"""Where an agent is rung who chose nothing."""


class Configured(Struct):
    """Everything, as of one moment."""

    trunks: list[TrunkRow] = field(default_factory=list)
    phones: dict[str, str] = field(default_factory=dict)
    """User by username."""
    passwords: dict[str, str] = field(default_factory=dict)
    queues: dict[str, QueueVoice] = field(default_factory=dict)
    addresses: dict[str, tuple[ContactAddress, ...]] = field(default_factory=dict)
    """By user."""
    limits: Limits = Limits()

    def queue(self, queue_id: str | None) -> QueueVoice:
        """The voice part of a queue."""
        return self.queues.get(queue_id or "", _PLAIN)

    def addresses_of(self, user_id: str | None) -> tuple[ContactAddress, ...]:
        """Where a user is rung: what he chose, else browser, else his desk phone."""
        chosen = self.addresses.get(user_id or "")
        if chosen:
            return chosen
        if user_id in self.phones.values():
            return (ContactAddress("browser", None, 300), ContactAddress("phone", None, 300))
        return BROWSER

    def phone_of(self, user_id: str | None) -> str | None:
        """The desk phone of a user."""
        return next((username for username, owner in self.phones.items() if owner == user_id), None)

    def engine_phones(self) -> tuple[Phone, ...]:
        """As the engine takes them."""
        return tuple(Phone(username, self.passwords[username]) for username in sorted(self.phones))

    def emergency_trunks(self) -> tuple[str, ...]:
        """Trunks that take emergency calls."""
        return tuple(row.id for row in self.trunks if row.emergency)

    def all_must_know(self, *numbers: str) -> bool:
        """Whether the law where the first of these E.164 numbers is wants people told that they are recorded; without any, that
        of the trunks' country."""
        found = next((code for one in numbers if one.startswith("+") and (code := country_of(one))), self.country())
        for row in self.trunks:
            if row.country == found and row.recording_notice is not None:
                return row.recording_notice
        return found in ALL_MUST_KNOW

    def country(self) -> str | None:
        """The country whose national numbers are understood."""
        return next((row.country for row in self.trunks if row.country), None)


_PLAIN = QueueVoice()


async def read_configured(tx: Tx, workspace_id: str) -> Configured:
    """Everything of this workspace's tenant."""
    found = Configured(trunks=await all_trunks(tx))
    for row in await tx.fetch_all(sa.select(store.phones).where(store.phones.c.tenant_id == tx.tenant_id)):
        found.phones[row["username"]] = row["user_id"]
        found.passwords[row["username"]] = row["password"]
    found.queues = await all_queue_voices(tx)
    table = store.contact_addresses
    for row in await tx.fetch_all(sa.select(table).where(table.c.tenant_id == tx.tenant_id)):
        found.addresses[row["user_id"]] = msgspec.convert(row["addresses"], tuple[ContactAddress, ...])
    found.limits = await limits_of(tx, workspace_id)
    return found


def tell_configured(tx: Tx, workspace_id: str) -> None:
    """Every process reads its settings again."""
    tx.publish(Event(workspace_id, CONFIGURED, {}, audience=Audience(supervisors=False)))


# --- trunks -----------------------------------------------------------------------------------------------------------


async def all_trunks(tx: Tx) -> list[TrunkRow]:
    """All trunks, by name."""
    query = sa.select(store.trunks).where(store.trunks.c.tenant_id == tx.tenant_id).order_by(store.trunks.c.name)
    rows = await tx.fetch_all(query)
    return [_trunk(row["id"], row["name"], row["data"], row["password"]) for row in rows]


def _trunk(trunk_id: str, name: str, data: Mapping[str, Any], password: str) -> TrunkRow:
    own = dict(data)
    emergency, country = own.pop("emergency", False), own.pop("country", None)
    notice = own.pop("recording_notice", None)
    trunk = msgspec.convert({**own, "id": trunk_id, "password": password}, Trunk)
    return TrunkRow(trunk_id, name, trunk, emergency, country, notice)


async def put_trunk(tx: Tx, trunk_id: str, name: str, data: Mapping[str, Any], *, password: str | None) -> None:
    """Make a trunk, or make it so; `password` None keeps the one there is."""
    values = {"name": name, "data": dict(data), **({} if password is None else {"password": password})}
    statement = insert(store.trunks).values(
        id=trunk_id, tenant_id=tx.tenant_id, password=password or "", name=name, data=dict(data)
    )
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def remove_trunks(tx: Tx, ids: Sequence[str]) -> None:
    """They are gone."""
    await tx.execute(store.trunks.delete().where(store.trunks.c.tenant_id == tx.tenant_id, store.trunks.c.id.in_(ids)))


# --- queues and limits ------------------------------------------------------------------------------------------------


async def all_queue_voices(tx: Tx) -> dict[str, QueueVoice]:
    """The voice part of queues that have one, by queue."""
    table = store.voice_settings
    rows = await tx.fetch_all(sa.select(table).where(table.c.tenant_id == tx.tenant_id))
    return {row["queue_id"]: msgspec.convert(row["data"], QueueVoice) for row in rows}


async def put_queue_voice(tx: Tx, queue_id: str, voice: QueueVoice) -> None:
    """Set the voice part of a queue."""
    data = msgspec.to_builtins(voice)
    statement = insert(store.voice_settings).values(queue_id=queue_id, tenant_id=tx.tenant_id, data=data)
    await tx.execute(statement.on_conflict_do_update(index_elements=["queue_id"], set_={"data": data}))


async def remove_queue_voices(tx: Tx, queue_ids: Sequence[str]) -> None:
    """The queues are gone, or have the plain settings again."""
    table = store.voice_settings
    await tx.execute(table.delete().where(table.c.tenant_id == tx.tenant_id, table.c.queue_id.in_(queue_ids)))


async def limits_of(tx: Tx, workspace_id: str) -> Limits:
    """The workspace's limits."""
    table = store.voice_limits
    data = await tx.scalar(sa.select(table.c.data).where(table.c.workspace_id == workspace_id))
    return Limits() if data is None else msgspec.convert(data, Limits)


async def put_limits(tx: Tx, workspace_id: str, limits: Limits) -> None:
    """Set the workspace's limits."""
    data = msgspec.to_builtins(limits)
    statement = insert(store.voice_limits).values(workspace_id=workspace_id, tenant_id=tx.tenant_id, data=data)
    await tx.execute(statement.on_conflict_do_update(index_elements=["workspace_id"], set_={"data": data}))


# --- phones and contact addresses -------------------------------------------------------------------------------------


async def all_phones(tx: Tx) -> dict[str, tuple[str, str]]:
    """(username, password) of the desk phone by user."""
    rows = await tx.fetch_all(sa.select(store.phones).where(store.phones.c.tenant_id == tx.tenant_id))
    return {row["user_id"]: (row["username"], row["password"]) for row in rows}


async def phone_of(tx: Tx, user_id: str) -> str | None:
    """The user name of a user's desk phone."""
    table = store.phones
    found: str | None = await tx.scalar(
        sa.select(table.c.username).where(table.c.tenant_id == tx.tenant_id, table.c.user_id == user_id)
    )
    return found


async def put_phone(tx: Tx, user_id: str, username: str, password: str | None) -> None:
    """The desk phone of a user; `password` None keeps the one there is."""
    known = (await all_phones(tx)).get(user_id)
    await remove_phones(tx, [user_id])
    secret = password if password is not None else known[1] if known else ""
    await tx.execute(
        store.phones.insert().values(username=username, tenant_id=tx.tenant_id, user_id=user_id, password=secret)
    )


async def remove_phones(tx: Tx, user_ids: Sequence[str]) -> None:
    """These users have no desk phone any more."""
    table = store.phones
    await tx.execute(table.delete().where(table.c.tenant_id == tx.tenant_id, table.c.user_id.in_(user_ids)))


async def all_contact_addresses(tx: Tx) -> dict[str, tuple[ContactAddress, ...]]:
    """What users chose, by user."""
    table = store.contact_addresses
    rows = await tx.fetch_all(sa.select(table).where(table.c.tenant_id == tx.tenant_id))
    return {row["user_id"]: msgspec.convert(row["addresses"], tuple[ContactAddress, ...]) for row in rows}


async def contact_addresses(tx: Tx, user_id: str) -> tuple[ContactAddress, ...]:
    """What a user chose; empty: nothing."""
    return (await all_contact_addresses(tx)).get(user_id, ())


async def put_contact_addresses(tx: Tx, workspace_id: str, user_id: str, addresses: Sequence[ContactAddress]) -> None:
    """Set where a user is rung; told to every process. None: his browser."""
    data = msgspec.to_builtins(list(addresses))
    table = store.contact_addresses
    if data:
        statement = insert(table).values(user_id=user_id, tenant_id=tx.tenant_id, addresses=data)
        await tx.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_={"addresses": data}))
    else:
        await tx.execute(table.delete().where(table.c.tenant_id == tx.tenant_id, table.c.user_id == user_id))
    tell_configured(tx, workspace_id)
