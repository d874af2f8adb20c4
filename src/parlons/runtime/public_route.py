"""Routes that pages of other sites may call: refusals and errors too carry the headers without which a browser hides an answer.

Who may read them is each room's own decision (`allow`). Source: Fetch standard, 3.2 (CORS protocol). No cookie counts on such
a route, and none is sent: who calls is proven by a token in a header.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from parlons.kit.errors import Invalid, Refusal
from parlons.runtime.http import faults_of, problem_of

METHODS = "GET, POST, DELETE"
REMEMBERED_SECONDS = 600
"""How long a browser need not ask again before a call."""


class PublicRoute(APIRoute):
    """A route whose every answer is seen by `allow`."""

    @staticmethod
    def allow(request: Request, response: Response) -> Response:
        """Puts the headers by which a browser lets a page read the answer; returns the same response."""
        raise NotImplementedError

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, with refusals answered inside."""
        handler, allow = super().get_route_handler(), self.allow

        async def public(request: Request) -> Response:
            try:
                response = await handler(request)
            except Refusal as refusal:
                response = problem_of(refusal)
            except RequestValidationError as error:
                response = problem_of(Invalid("A value of this request is not acceptable.", errors=faults_of(error)))
            return allow(request, response)

        return public


def preflight(headers: str) -> Response:
    """What a browser asks before a call; `headers` are those a page may send. The caller puts its own with `allow`."""
    response = Response(status_code=204)
    response.headers["Access-Control-Allow-Methods"] = METHODS
    response.headers["Access-Control-Allow-Headers"] = headers
    response.headers["Access-Control-Max-Age"] = str(REMEMBERED_SECONDS)
    return response
