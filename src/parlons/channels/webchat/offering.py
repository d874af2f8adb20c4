"""Articles of the help centre for a visitor who has written and waits.

    GET /suggestions    -> {items: [{title, summary, language, path}]}, at most three; none once somebody has taken it

Asked after his message was taken in, so it never stands between him and a person.
"""

from typing import Any

from fastapi import APIRouter

from parlons.channels.webchat import visits
from parlons.channels.webchat.http import OfVisitor
from parlons.channels.webchat.origins import PublicRoute
from parlons.conversations import queries

Json = dict[str, Any]
router = APIRouter(prefix="/webchat/{widget_key}", tags=["webchat"], route_class=PublicRoute)


@router.get("/suggestions")
async def suggestions(caller: OfVisitor) -> Json:
    """Articles that may answer what the visitor wrote, while he waits."""
    caller.count("suggestions")
    found, offering = None, caller.room.offering
    async with caller.room.db.transaction(caller.widget.tenant_id) as tx:
        visitor = await visits.visitor_of_token(tx, caller.widget, caller.token)
        if visitor.conversation_id is not None:
            found = await queries.conversation(tx, visitor.conversation_id)
    if found is None or offering is None:
        return {"items": []}
    return {"items": await offering.to_visitor(caller.widget.tenant_id, found)}
