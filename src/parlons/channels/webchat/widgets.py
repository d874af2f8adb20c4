"""Widgets as configuration: put by `parlons apply`, listed for `parlons export`, found by the key in a shop's page.

A widget's secrets are made here and never listed; applying a file again changes nothing it does not name.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.channels.webchat import tokens
from parlons.channels.webchat.errors import InvalidWidget, UnknownWidget
from parlons.channels.webchat.model import Widget, check_widget
from parlons.channels.webchat.rows import widget_of
from parlons.channels.webchat.store import widgets
from parlons.kit import ids
from parlons.kit.clock import Clock, to_datetime
from parlons.kit.languages import LANGUAGES
from parlons.runtime.db import Database, Tx

REMEMBERED_MS = 2000
"""How long a process may go on with a widget as it was."""


async def put_widget(
    tx: Tx,
    *,
    workspace_id: str,
    firm_id: str,
    key: str,
    name: str = "",
    address: str | None = None,
    origins: Sequence[str] = (),
    languages: Sequence[str] = LANGUAGES,
    accent: str | None = None,
    texts: dict[str, dict[str, str]] | None = None,
    privacy_url: str | None = None,
    reply_seconds: int | None = None,
    away_minutes: int | None = None,
    identity_secret: str | None = None,
) -> tuple[Widget, bool]:
    """The widget with this key is so from now on; returns it and whether anything changed. Raises InvalidWidget.

    `address`: the entry point its chats arrive at; None: the key. `identity_secret` None keeps the present one, or makes one.
    """
    values: dict[str, Any] = {
        "workspace_id": workspace_id,
        "firm_id": firm_id,
        "key": key,
        "address": address or key,
        "name": name,
        "origins": [origin.rstrip("/") for origin in origins],
        "languages": list(languages),
        "accent": accent,
        "texts": texts or {},
        "privacy_url": privacy_url,
        "reply_seconds": reply_seconds,
        "away_minutes": away_minutes,
    }
    check_widget(values)
    row = await tx.fetch_one(_mine(tx).where(widgets.c.key == key).with_for_update())
    if row is None:
        return await _create(tx, {**values, "identity_secret": identity_secret or tokens.new_secret()}), True
    if identity_secret is not None:
        values["identity_secret"] = identity_secret
    if all(row[column] == value for column, value in values.items()):
        return widget_of(row), False
    fresh = {**values, "version": row["version"] + 1}
    await tx.execute(widgets.update().where(widgets.c.tenant_id == tx.tenant_id, widgets.c.key == key).values(**fresh))
    return widget_of({**row, **fresh}), True  # type: ignore[arg-type]


async def list_widgets(tx: Tx, *, firm_id: str | None = None) -> list[Widget]:
    """Every widget of the tenant, or of one firm, by key."""
    query = _mine(tx).order_by(widgets.c.key)
    if firm_id is not None:
        query = query.where(widgets.c.firm_id == firm_id)
    return [widget_of(row) for row in await tx.fetch_all(query)]


async def remove_widget(tx: Tx, key: str) -> None:
    """The widget answers no more; its visitors' tokens end with it. Conversations stay. Raises UnknownWidget."""
    gone = await tx.execute(widgets.delete().where(widgets.c.tenant_id == tx.tenant_id, widgets.c.key == key))
    if not gone.rowcount:
        raise UnknownWidget


class Widgets:
    """Widgets by key across tenants, remembered for a moment: every call of every visitor asks."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._known: dict[str, tuple[int, Widget]] = {}

    async def find(self, key: str) -> Widget:
        """The widget with this key; raises UnknownWidget."""
        at = self._clock()
        since, known = self._known.get(key, (0, None))
        if known is not None and 0 <= at - since < REMEMBERED_MS:
            return known
        async with self._db.system() as tx:
            row = await tx.fetch_one(sa.select(widgets).where(widgets.c.key == key[:64]))
        if row is None:
            self._known.pop(key, None)
            raise UnknownWidget
        widget = widget_of(row)
        self._known[key] = (at, widget)
        return widget


async def _create(tx: Tx, values: dict[str, Any]) -> Widget:
    """A conflict means that another tenant, whose rows are invisible here, has taken the key."""
    made = {
        "id": tx.new_id(ids.WIDGET),
        "tenant_id": tx.tenant_id,
        "token_key": tokens.new_key(),
        "created_at": to_datetime(tx.now),
    }
    statement = insert(widgets).values(**values, **made).on_conflict_do_nothing().returning(*widgets.c)
    row = await tx.fetch_one(statement)
    if row is None:
        raise InvalidWidget("This key is taken; choose another.", field="key")
    return widget_of(row)


def _mine(tx: Tx) -> sa.Select[Any]:
    return sa.select(widgets).where(widgets.c.tenant_id == tx.tenant_id)
