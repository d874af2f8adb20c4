"""Channel accounts as configuration: put by `parlons apply` and the settings screen, found by key or id, secrets opened.

An account's secrets are sealed, never listed and never exported; applying a file again changes nothing it does not name.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import RowMapping

from parlons.channels.model import Account
from parlons.channels.plugin import Channel, InvalidAccount
from parlons.channels.store import POSITION, accounts
from parlons.conversations import deliveries
from parlons.kit import ids
from parlons.kit.clock import Clock, to_datetime
from parlons.kit.errors import NotFound
from parlons.runtime.db import Database, Tx
from parlons.runtime.log import log

REMEMBERED_MS = 2000
"""How long a process may go on with the accounts as they were."""
WAKE = "channel accounts"


class UnknownAccount(NotFound):
    """There is no such channel account."""

    code = "unknown-channel-account"


class UnknownChannel(NotFound):
    """There is no such channel here."""

    code = "unknown-channel"


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as it is configured; what a channel gets is `model.Account`."""

    id: str
    workspace_id: str
    firm_id: str
    channel: str
    key: str
    name: str
    address: str
    settings: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    """Opened."""
    per_second: float | None = None


async def put_account(tx: Tx, row: AccountRow) -> None:
    """The account is so from now on; secrets that are not given stay. Raises InvalidAccount when another has key or address."""
    where = (accounts.c.tenant_id == tx.tenant_id, accounts.c.id == row.id)
    known = await tx.fetch_one(sa.select(accounts).where(*where).with_for_update())
    before = _secrets(known) if known else {}
    values: dict[str, Any] = {
        "workspace_id": row.workspace_id,
        "firm_id": row.firm_id,
        "channel": row.channel,
        "key": row.key,
        "name": row.name,
        "address": row.address,
        "settings": row.settings,
        "secrets": orjson.dumps({**before, **row.secrets}).decode(),
        "per_second": row.per_second,
    }
    tx.wake(WAKE)
    if known is not None:
        await tx.execute(accounts.update().where(*where).values(version=known["version"] + 1, **values))
        return
    made = {"id": row.id, "tenant_id": tx.tenant_id, "created_at": to_datetime(tx.now)}
    statement = insert(accounts).values(**values, **made).on_conflict_do_nothing().returning(accounts.c.id)
    if await tx.scalar(statement) is None:
        raise InvalidAccount("Another account has this key or this address.", channel=row.channel, key=row.key)


async def remove_accounts(tx: Tx, account_ids: list[str]) -> None:
    """They receive and send no more. Conversations stay; what waits to be sent fails visibly."""
    if account_ids:
        await deliveries.fail_waiting(tx, account_ids, code="account-removed")
        await tx.execute(accounts.delete().where(accounts.c.tenant_id == tx.tenant_id, accounts.c.id.in_(account_ids)))
        tx.wake(WAKE)


async def all_accounts(tx: Tx, workspace_id: str) -> list[AccountRow]:
    """Every account of a workspace, by channel and key."""
    here = (accounts.c.tenant_id == tx.tenant_id, accounts.c.workspace_id == workspace_id)
    rows = await tx.fetch_all(sa.select(accounts).where(*here).order_by(accounts.c.channel, accounts.c.key))
    names = [name for name in AccountRow.__dataclass_fields__ if name != "secrets"]
    return [AccountRow(**{name: row[name] for name in names}, secrets=_secrets(row)) for row in rows]


async def position_of(tx: Tx, account_id: str) -> dict[str, Any]:
    """Where a kept connection stopped."""
    found = await tx.scalar(sa.select(accounts.c.position).where(accounts.c.id == account_id))
    return dict(found or {})


async def put_position(tx: Tx, account_id: str, position: Mapping[str, Any]) -> None:
    """Where a kept connection goes on after a restart."""
    tx.later(POSITION, {"of_tenant": tx.tenant_id, "of_id": account_id, "position": dict(position)}, key=account_id)


class Accounts:
    """All accounts of the installation, read again after a moment, or at once when this process hears that the configuration
    changed: every call of a provider asks."""

    def __init__(self, db: Database, clock: Clock, channels: Mapping[str, Channel], public_url: str = "") -> None:
        self._db, self._clock, self._channels, self._url = db, clock, channels, public_url.rstrip("/")
        self._since = -REMEMBERED_MS
        self._changes = 0
        self._known: dict[str, Account] = {}
        self._by_key: dict[tuple[str, str], Account] = {}
        self._reading = asyncio.Lock()

    async def by_key(self, channel: str, key: str) -> Account:
        """The account of a hook; raises UnknownAccount."""
        await self.refresh()
        found = self._by_key.get((channel, key))
        if found is None:
            raise UnknownAccount
        return found

    async def by_id(self, account_id: str) -> Account | None:
        """One account; None: it was removed, or its channel is not here."""
        await self.refresh()
        return self._known.get(account_id)

    async def of_tenant(self, tenant_id: str, firm_id: str | None = None) -> list[Account]:
        """The accounts of a tenant, or of one firm, by channel and key."""
        await self.refresh()
        found = [one for one in self._known.values() if one.tenant_id == tenant_id and firm_id in (None, one.firm_id)]
        return sorted(found, key=lambda one: (one.channel, one.key))

    async def all(self) -> list[Account]:
        """Every account."""
        await self.refresh()
        return list(self._known.values())

    def sibling(self, account: Account, address: str, channel: str | None = None) -> Account | None:
        """The tenant's account of the same channel, or of `channel`, with this address, where one hook serves several."""
        channel = channel or account.channel
        if (address, channel) == (account.address, account.channel):
            return account
        for one in self._known.values():
            if (one.tenant_id, one.channel, one.address) == (account.tenant_id, channel, address):
                return one
        return None

    async def refresh(self, *, now: bool = False) -> None:
        """Reads them again when what is known is old, or `now`. Of many who ask at once one reads: a burst of calls would
        otherwise take every connection of the pool for the same rows, and one that read before a change could end last."""
        if not now and self._fresh():
            return
        async with self._reading:
            if now or not self._fresh():
                await self._read_all()

    def _fresh(self) -> bool:
        return self._changes == self._heard() and 0 <= self._clock() - self._since < REMEMBERED_MS

    def _heard(self) -> int:
        return self._db.remembered.changes if self._db.remembered is not None else 0

    async def _read_all(self) -> None:
        at, changes = self._clock(), self._heard()
        async with self._db.system() as tx:
            rows = await tx.fetch_all(sa.select(accounts).order_by(accounts.c.id))
        known: dict[str, Account] = {}
        for row in rows:
            before = self._known.get(row["id"])
            same = before is not None and before.version == row["version"]
            account = before if same else self._read(row)
            if account is not None:
                known[account.id] = account
        self._known = known
        self._by_key = {(one.channel, one.key): one for one in known.values()}
        self._since, self._changes = at, changes

    def _read(self, row: RowMapping) -> Account | None:
        channel = self._channels.get(row["channel"])
        if channel is None:
            log.warning("channel.account_without_channel", channel=row["channel"], account_id=row["id"])
            return None
        try:
            settings = checked_settings(channel, row["settings"])
        except InvalidAccount as refusal:
            log.warning("channel.account_invalid", account_id=row["id"], field=refusal.details.get("field"))
            return None
        return Account(
            id=row["id"],
            tenant_id=row["tenant_id"],
            workspace_id=row["workspace_id"],
            firm_id=row["firm_id"],
            channel=row["channel"],
            key=row["key"],
            address=row["address"],
            settings=settings,
            secrets=_secrets(row),
            per_second=row["per_second"],
            hook_url=f"{self._url}/hooks/{row['channel']}/{row['key']}",
            version=row["version"],
        )


def checked_settings(channel: Channel, settings: Mapping[str, Any]) -> Any:
    """The settings as the channel reads them; raises InvalidAccount with the field."""
    try:
        return channel.settings.model_validate(settings)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise InvalidAccount(f"{place}: {message}" if place else message, field=place) from None


def new_account_id(now: int) -> str:
    """A fresh id."""
    return ids.new_id(ids.ACCOUNT, now)


def _secrets(row: RowMapping) -> dict[str, str]:
    return dict(orjson.loads(row["secrets"])) if row["secrets"] else {}
