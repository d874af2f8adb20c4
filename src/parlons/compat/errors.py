"""What the API says when it does not do something: its code, a message, its status. Refusals of our rooms become these."""

from typing import Any

from parlons.dispatch.errors import ChangedMeanwhile
from parlons.kit.errors import Refusal

INVALID, UNKNOWN, WRONG_METHOD, WHO = 20001, 20404, 20004, 20003
FORBIDDEN, TOO_MANY, INTERNAL, AWAY, ABSENT = 20403, 20429, 20500, 20503, 20501
_OF_STATUS = {
    401: WHO,
    403: FORBIDDEN,
    404: UNKNOWN,
    405: WRONG_METHOD,
    429: TOO_MANY,
    500: INTERNAL,
    501: ABSENT,
    503: AWAY,
}


class ApiError(Exception):
    """An answer that says why not."""

    def __init__(self, message: str, status: int = 400, code: int | None = None, *, retry_after: int = 1) -> None:
        """`code`: None for the one that fits the status. `retry_after`: seconds, where the status says to come again."""
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code or _OF_STATUS.get(status, INVALID)
        self.retry_after = retry_after

    def headers(self) -> dict[str, str]:
        """When to come again, where that helps."""
        return {"Retry-After": str(self.retry_after)} if self.status in (429, 503) else {}

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {"code": self.code, "message": self.message, "more_info": "", "status": self.status}


def unknown(path: str) -> ApiError:
    """Nothing of this account stands at this path."""
    return ApiError(f"The requested resource {path} was not found", 404)


def absent(what: str) -> ApiError:
    """The API has it, this server has not."""
    return ApiError(f"{what} is not available on this server", 501)


def error_of(refusal: Refusal) -> ApiError:
    """What a refusal of our rooms is in the API: what a parameter names and is not there is an invalid parameter."""
    if isinstance(refusal, ChangedMeanwhile):
        return ApiError(refusal.message, 412)
    status = refusal.status if refusal.status in (401, 403, 413, 429, 500, 503) else 400
    return ApiError(refusal.message, status, retry_after=refusal.details.get("retry_after_seconds", 1))
