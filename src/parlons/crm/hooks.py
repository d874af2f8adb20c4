"""Calls of customer systems: `/lookup-hooks/ID`. Proven over the raw bytes, answered when what they ask for is planned."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parlons.crm.model import UnknownLookup
from parlons.crm.opening import Crm
from parlons.crm.store import lookup_of, lookups
from parlons.customers.lookups.plugin import HookCall
from parlons.kit.errors import Refusal
from parlons.runtime.http import problem_of

PREFIX = "/lookup-hooks"


async def hook(request: Request) -> Response:
    """One call."""
    try:
        await _handle(request)
    except Refusal as refusal:
        return problem_of(refusal)
    return Response(status_code=204)


async def _handle(request: Request) -> None:
    crm: Crm = request.app.state.crm
    db = crm.systems.db
    async with db.system() as tx:
        query = lookups.select().where(lookups.c.id == request.path_params["lookup_id"], lookups.c.active)
        found = await tx.fetch_one(query)
    if found is None:
        raise UnknownLookup
    row = lookup_of(found)
    call = HookCall(
        request.method,
        f"{crm.systems.url.rstrip('/')}{request.url.path}{f'?{request.url.query}' if request.url.query else ''}",
        {name.lower(): value for name, value in request.headers.items()},
        dict(request.query_params),
        await request.body(),
        db.clock(),
    )
    record_ids = crm.watching.verified(row, call)
    async with db.transaction(found["tenant_id"]) as tx:
        await crm.watching.heard(tx, row, record_ids)


def route() -> Route:
    """The route of all of them."""
    return Route(f"{PREFIX}/{{lookup_id}}", hook, methods=["POST"])
