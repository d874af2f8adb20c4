"""Routes that pages of any site may call: a line is public, like a telephone number. Source: Fetch standard 3.2 (CORS protocol).

No cookie counts here, and none is sent: what may be done with a call is proven by its token, in a header.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from parlons.kit.errors import Invalid, Refusal
from parlons.runtime.http import problem_of


def preflight() -> Response:
    """What a browser asks before a call."""
    response = Response(status_code=204)
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Idempotency-Key"
    response.headers["Access-Control-Max-Age"] = "600"
    return _open(response)


class OpenRoute(APIRoute):
    """A route whose answers, refusals too, every page may read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, with refusals answered inside."""
        handler = super().get_route_handler()

        async def public(request: Request) -> Response:
            try:
                response = await handler(request)
            except Refusal as refusal:
                response = problem_of(refusal)
            except RequestValidationError as error:
                # Where and why, never what was typed: that may be personal.
                errors = [{"at": [str(part) for part in one["loc"]], "problem": one["msg"]} for one in error.errors()]
                response = problem_of(Invalid("A value of this request is not acceptable.", errors=errors))
            return _open(response)

        return public


def _open(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    response.headers["Cache-Control"] = "no-store"
    return response
