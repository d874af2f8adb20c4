"""Who is told that a webhook was switched off: those who may switch it on again, by a notice."""

from parlons.accounts.own_roles import people_with
from parlons.accounts.rights import Right
from parlons.reception.notices import add_notice
from parlons.runtime.db import Tx
from parlons.webhooks.model import Webhook

SWITCHED_OFF = "webhook-switched-off"


async def tell_switched_off(tx: Tx, one: Webhook, why: str) -> None:
    """A notice to each of them; see `webhooks.delivering`."""
    data = {"webhook_id": one.id, "name": one.wanted.name, "why": why}
    for user_id in await people_with(tx, Right.WEBHOOKS, one.wanted.firm_id):
        notice_id = f"{one.id}:{one.version}:{user_id}"
        await add_notice(
            tx, notice_id=notice_id, workspace_id=one.workspace_id, user_id=user_id, kind=SWITCHED_OFF, data=data
        )
