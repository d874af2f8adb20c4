"""Routes that pages of any site may call: a line is public, like a telephone number. What may be done with a call is proven by
its token, in a header."""

from starlette.requests import Request
from starlette.responses import Response

from parlons.runtime import public_route

HEADERS = "Authorization, Content-Type, Idempotency-Key"


class OpenRoute(public_route.PublicRoute):
    """A route whose answers, refusals too, every page may read."""

    @staticmethod
    def allow(request: Request, response: Response) -> Response:
        """See `PublicRoute`."""
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        response.headers["Cache-Control"] = "no-store"
        return response


def preflight(request: Request) -> Response:
    """What a browser asks before a call."""
    return OpenRoute.allow(request, public_route.preflight(HEADERS))
