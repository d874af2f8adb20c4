"""Which pages may call: the widget's list of origins, answered as browsers ask (CORS). Routes of this room are `PublicRoute`s.

No cookie is ever read or set here: the visit's token travels in a header. A call without `Origin` does not come from another
site's page (browsers send it with every cross-origin and every unsafe call), and a page this server serves itself may use
any widget. Source: Fetch standard, 3.2 (CORS protocol), RFC 6455 10.2 (origin of sockets).
"""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from parlons.channels.webchat.errors import OriginRefused
from parlons.channels.webchat.model import Widget
from parlons.kit.errors import Invalid, Refusal
from parlons.runtime.http import problem_of

METHODS = "GET, POST, DELETE"
HEADERS = "Authorization, Content-Type"


def check_origin(widget: Widget, connection: HTTPConnection) -> None:
    """Raise OriginRefused when the page's origin is not the widget's; note the origin for the answer's headers."""
    origin = connection.headers.get("origin")
    if origin is None:
        return
    own = urlsplit(origin).netloc == connection.headers.get("host")
    if not own and not widget.allows(origin):
        raise OriginRefused
    connection.state.allowed_origin = origin


def allow(request: Request, response: Response) -> Response:
    """The headers by which a browser lets an allowed page read the answer."""
    origin = getattr(request.state, "allowed_origin", None)
    response.headers["Vary"] = "Origin"
    response.headers["Cache-Control"] = "no-store"
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    return response


def preflight(request: Request) -> Response:
    """What a browser asks before a call."""
    response = Response(status_code=204)
    response.headers["Access-Control-Allow-Methods"] = METHODS
    response.headers["Access-Control-Allow-Headers"] = HEADERS
    response.headers["Access-Control-Max-Age"] = "600"
    return allow(request, response)


class PublicRoute(APIRoute):
    """A route whose answers, refusals too, carry the headers of `allow`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, with refusals answered inside."""
        handler = super().get_route_handler()

        async def public(request: Request) -> Response:
            try:
                response = await handler(request)
            except Refusal as refusal:
                response = problem_of(refusal)
            except RequestValidationError as error:
                response = problem_of(_invalid(error))
            return allow(request, response)

        return public


def _invalid(error: RequestValidationError) -> Invalid:
    """Where and why, never what was typed: that may be personal."""
    errors = [{"at": [str(part) for part in one["loc"]], "problem": one["msg"]} for one in error.errors()]
    return Invalid("A value of this request is not acceptable.", errors=errors)
