"""News for a customer from a program of the firm: an order that moves, a date that comes near. Sent by push, to who accepted.

Each is a conversation of its own, over at once: nobody is given work, and an answer of his opens it.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from parlons.accounts.http import Body, database, having
from parlons.accounts.model import Principal
from parlons.accounts.rights import Right
from parlons.channels.push.browsers import CHANNEL
from parlons.channels.push.channel import TEXT_MAX
from parlons.channels.ways import Reach, Ways
from parlons.conversations import commands as conversations
from parlons.conversations.messages import add_message
from parlons.conversations.model import SYSTEM
from parlons.conversations.views import message_json
from parlons.customers import queries as customers
from parlons.customers.commands import UnknownCustomer
from parlons.kit.errors import Conflict
from parlons.runtime.db import Tx
from parlons.runtime.http import Once

Json = dict[str, Any]
router = APIRouter(tags=["channels"])
Serving = Annotated[Principal, Depends(having(Right.SERVE))]


class NotAccepted(Conflict):
    """This customer takes no notifications, or not any more."""

    code = "push-not-accepted"


class News(Body):
    text: str = Field(min_length=1, max_length=TEXT_MAX)
    event: str = Field(default="", max_length=40, pattern=r"^[a-z0-9-]*$")
    """What it is about, as `order-sent`: stands with the message."""


@router.post("/customers/{customer_id}/push", status_code=201)
async def push_news(customer_id: str, body: News, once: Once, request: Request, principal: Serving) -> Response:
    """Notify a customer who accepted it in his browser. The same Idempotency-Key makes no second one."""
    ways: Ways = request.app.state.post.ways

    async def push(tx: Tx) -> Json:
        customer = await customers.customer(tx, customer_id)
        if customer is None or customer.erased_at is not None or not principal.sees(customer.firm_id):
            raise UnknownCustomer
        reach = await _way(tx, ways, customer_id, customer.firm_id)
        assert reach.account is not None
        opened = await conversations.open_conversation(
            tx, workspace_id=reach.account.workspace_id, firm_id=customer.firm_id, customer_id=customer_id,
            channel=CHANNEL, address=reach.way.address, account_id=reach.account.id,
            language=(customer.language or "en")[:2],
        )  # fmt: skip
        message = await add_message(
            tx, opened.id, direction="out", author=SYSTEM, text=body.text, channel=CHANNEL,
            notice={"code": "news", "event": body.event},
            content={"account_id": reach.account.id, "to": reach.way.address},
        )  # fmt: skip
        await conversations.close(tx, opened.id, by="system")
        return {"conversation_id": opened.id, "message": message_json(message)}

    return await once.run(database(request), principal.tenant_id, principal.actor, push, status=201)


async def _way(tx: Tx, ways: Ways, customer_id: str, firm_id: str) -> Reach:
    """The browser he accepted in; raises NotAccepted."""
    found = await ways.to_customer(tx, customer_id, firm_id)
    for one in found:
        if one.way.channel == CHANNEL and one.refusal is None:
            return one
    raise NotAccepted
