"""A stand-in for the system behind a ready-made flow: a shop's list of orders."""

import datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

STATES = ("prepared", "sent", "delivered", "sent")
"""By the last digit of an order's number; the last of them is late."""


async def _order(request: Request) -> Response:
    number = request.path_params["number"]
    if not number.isdecimal() or number.startswith("0"):
        return Response(status_code=404)
    kind = int(number) % len(STATES)
    day = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=kind - 2 if kind == 2 else kind + 1)
    return JSONResponse({"state": STATES[kind], "day": day.isoformat(), "late": kind == len(STATES) - 1})


orders = Starlette(routes=[Route("/orders/{number}", _order)])
"""Every number that begins with another digit than 0 is an order."""
