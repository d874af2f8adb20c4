"""Webhooks by text: told from then on, never with their secret, which stays, is renewed by name, or is made."""

from typing import Any

import pytest
import yaml

from parlons.runtime.db import Database
from parlons.webhooks.loading import all_webhooks
from parlons.webhooks.model import Webhook
from parlons.webhooks.signing import new_secret
from tests.app.test_settings import Centre, centre

__all__ = ["centre"]
HOOKS = """
webhooks:
- name: Orders
  url: https://orders.test/told
  firm: North
  events: [task.created, call.ended, call.ended]
  secrets: {signing: {secret: ORDERS_SECRET}}
- {name: All, url: "https://all.test/"}
"""


async def _apply(centre: Centre, text: str, *, status: int = 200, **params: Any) -> Any:
    answer = await centre.browser.post("/configuration", content=text, params=params)
    assert answer.status_code == status, answer.text
    return answer.json()


async def _stored(database: Database, centre: Centre) -> dict[str, Webhook]:
    async with database.system() as tx:
        tenant_id = await tx.scalar("SELECT tenant_id FROM workspaces WHERE id = :id", {"id": centre.workspace_id})
    async with database.transaction(tenant_id) as tx:
        return {one.wanted.name: one for one in await all_webhooks(tx, centre.workspace_id)}


async def test_a_text_makes_webhooks_and_a_second_time_nothing(
    centre: Centre, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, before = new_secret(), new_secret(), await centre.text()
    monkeypatch.setenv("ORDERS_SECRET", first)
    await _apply(centre, HOOKS)
    made = await _stored(database, centre)
    assert (made["Orders"].secret, made["Orders"].wanted.events) == (first, ("call.ended", "task.created"))
    assert made["All"].secret.startswith("whsec_")
    assert (await _apply(centre, HOOKS))["changes"] == []
    text = await centre.text()
    orders, everything = sorted(yaml.safe_load(text)["webhooks"], key=lambda each: -len(each))
    assert orders.keys() == {"name", "url", "firm", "events"}
    assert everything == {"name": "All", "url": "https://all.test/"}
    assert (await _apply(centre, text, prune=True))["changes"] == [], "a secret that is not named stays"
    known = (await centre.get("/webhook/All"))["thing"]
    assert known["secrets"] == {"signing": {"known": True}}

    monkeypatch.setenv("ORDERS_SECRET", second)
    await _apply(centre, HOOKS.replace("[task.created, call.ended, call.ended]", "[]"))
    changed = (await _stored(database, centre))["Orders"]
    assert (changed.secret, changed.old_secret, changed.wanted.events) == (second, first, ())
    assert changed.id == made["Orders"].id
    assert changed.version > made["Orders"].version

    monkeypatch.setenv("ORDERS_SECRET", "whsec_short")
    assert (await _apply(centre, HOOKS, status=422))["code"] == "webhook-secret-unfit"
    await _apply(centre, before, prune=True)
    assert len(await _stored(database, centre)) == 2, "a text without the section leaves them"
    await _apply(centre, before + "webhooks: []\n", prune=True)
    assert await _stored(database, centre) == {}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("https://all.test/", "all.test", "url"),
        ("[task.created,", "[task.creatd,", "did you mean task.created?"),
        ("firm: North", "firm: Norht", "Did you mean North?"),
        ("{signing: {", "{other: {", "secrets"),
        ("ORDERS_SECRET", "NOT_THERE", "NOT_THERE is not set"),
    ],
)
async def test_what_is_wrong_is_told(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, old: str, new: str, message: str
) -> None:
    monkeypatch.setenv("ORDERS_SECRET", new_secret())
    answer = await centre.browser.post("/configuration", content=HOOKS.replace(old, new, 1))
    assert (answer.status_code, message in answer.text) == (422, True), answer.text
