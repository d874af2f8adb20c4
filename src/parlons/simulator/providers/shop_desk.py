"""Stand-ins for the systems behind two ready-made flows: a shop's list of orders, and a diary of free times."""

import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

STATES = ("prepared", "sent", "delivered", "sent")
"""By the last digit of an order's number; the last of them is late."""
TIMES = ((9, "nine", "neuf heures"), (11, "eleven", "onze heures"), (15, "three in the afternoon", "quinze heures"))


async def _order(request: Request) -> Response:
    number = request.path_params["number"]
    if not number.isdecimal() or number.startswith("0"):
        return Response(status_code=404)
    kind = int(number) % len(STATES)
    day = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=kind - 2 if kind == 2 else kind + 1)
    return JSONResponse({"state": STATES[kind], "day": day.isoformat(), "late": kind == len(STATES) - 1})


orders = Starlette(routes=[Route("/orders/{number}", _order)])
"""Every number that begins with another digit than 0 is an order."""


class Diary:
    """Three times a day, Sundays none."""

    def __init__(self) -> None:
        self.taken: dict[str, dict[str, Any]] = {}
        """Appointments by number."""
        self._answers: dict[str, str] = {}
        """Numbers by key."""
        self.app = Starlette(
            routes=[
                Route("/slots/{day}", self._slots),
                Route("/appointments", self._take, methods=["POST"]),
                Route("/appointments/{number}", self._cancel, methods=["DELETE"]),
            ]
        )

    async def _slots(self, request: Request) -> Response:
        try:
            day = datetime.date.fromisoformat(request.path_params["day"])
        except ValueError:
            return Response(status_code=422)
        after, busy = request.query_params.get("after", ""), {one["slot"] for one in self.taken.values()}
        for hour, english, french in TIMES:
            slot = f"{day:%Y%m%d}{hour:02d}"
            if slot > after and slot not in busy and day.weekday() < 6:
                return JSONResponse({"slot": slot, "en": f"{day} at {english}", "fr": f"Le {day} à {french}"})
        return Response(status_code=404)

    async def _take(self, request: Request) -> Response:
        asked, key = await request.json(), request.headers.get("idempotency-key", "")
        if key not in self._answers:
            if any(one["slot"] == asked.get("slot") for one in self.taken.values()):
                return Response(status_code=409)
            number = self._answers[key] = str(100_000 + len(self._answers))
            self.taken[number] = dict(asked)
        return JSONResponse({"number": self._answers[key]}, 201)

    async def _cancel(self, request: Request) -> Response:
        gone = self.taken.pop(request.path_params["number"], None)
        return Response(status_code=404 if gone is None else 204)
