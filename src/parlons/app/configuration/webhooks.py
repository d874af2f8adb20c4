"""Webhooks in the file's words, and laid down in their room."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from parlons.runtime.db import Tx
from parlons.webhooks.loading import all_webhooks, put_webhook, remove_webhooks
from parlons.webhooks.model import Wanted

if TYPE_CHECKING:  # both read current, which reads these webhooks
    from parlons.app.configuration.plan import Plan
    from parlons.app.configuration.router import Names

SIGNING = "signing"
SECRETS = {"type": "object", "properties": {SIGNING: {"type": "string", "secret": True}}}
"""What its secrets hold, for screens."""


async def read_webhooks(
    tx: Tx, workspace_id: str, firms: Mapping[str, str], fingerprint: Callable[[str], str]
) -> list[tuple[dict[str, Any], str]]:
    """Every webhook in the file's words, with its id; of its secret the fingerprint."""
    return [
        (
            {
                "name": one.wanted.name,
                "url": one.wanted.url,
                "firm": firms.get(one.wanted.firm_id or ""),
                "events": list(one.wanted.events),
                "active": one.wanted.active,
                "secrets": {SIGNING: fingerprint(one.secret)},
            },
            one.id,
        )
        for one in await all_webhooks(tx, workspace_id)
    ]


async def write_webhooks(tx: Tx, workspace_id: str, plan: "Plan", names: "Names", secrets: Mapping[str, str]) -> None:
    """Lays the webhooks of a plan down. `secrets`: values by `webhook NAME:signing`; those not given stay."""
    await remove_webhooks(
        tx, workspace_id, [names.ids["webhook"][change.name] for change in plan.of("webhook", "remove")]
    )
    for change in plan.of("webhook", "add", "change"):
        thing = change.after
        firm_id = names.id("firm", thing["firm"])
        wanted = Wanted(thing["name"], thing["url"], firm_id, tuple(thing["events"]), thing["active"])
        secret = secrets.get(f"webhook {change.name}:{SIGNING}")
        await put_webhook(tx, workspace_id, names.ids["webhook"][change.name], wanted, secret)
