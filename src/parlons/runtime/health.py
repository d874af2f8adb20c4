"""/health/live: the process answers. /health/ready: it can serve (each check passes). /metrics: figures for operators.

Ready is what a load balancer and `make demo` wait for; a check returns None when all is well, else one line that says what
is missing. No authentication: the answers name checks, never data.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse

from parlons.kit.errors import Unavailable
from parlons.runtime.db import Database

Check = Callable[[], Awaitable[str | None]]
PATIENCE = 2.0


def database_check(db: Database) -> Check:
    """Whether the database answers within the patience of a health check."""

    async def check() -> str | None:
        try:
            async with asyncio.timeout(PATIENCE), db.system() as tx:
                await tx.scalar("SELECT 1")
        except (Unavailable, TimeoutError) as error:
            return error.message if isinstance(error, Unavailable) else "The database is slow to answer."
        return None

    return check


def health_routes(checks: Mapping[str, Check]) -> APIRouter:
    """The three routes, to be mounted at the root. `checks` by name, for example {"database": ..., "router": ...}."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready")
    async def ready() -> Response:
        names = list(checks)
        results = await asyncio.gather(*(checks[name]() for name in names))
        missing = {name: result for name, result in zip(names, results, strict=True) if result is not None}
        body = {"status": "waiting" if missing else "ready", "missing": missing}
        return JSONResponse(body, 503 if missing else 200)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
