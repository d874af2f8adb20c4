"""Refusals: what a command may say no to, with a stable code. Late or repeated network events are not refusals."""

from typing import Any, ClassVar


class Refusal(Exception):
    """The request was refused."""

    code: ClassVar[str] = "refused"
    """Stable kebab-case code: part of the API, never renamed."""
    status: ClassVar[int] = 400
    """HTTP status the edge answers with."""

    def __init__(self, message: str | None = None, **details: Any) -> None:
        """`message` defaults to the class's docstring; `details` are shown to the caller: no secrets, no personal data."""
        self.message = message or " ".join((type(self).__doc__ or "").split())
        self.details = details
        super().__init__(self.message)


class NotFound(Refusal):
    """No such thing here."""

    code = "not-found"
    status = 404


class Forbidden(Refusal):
    """You have no right to do this."""

    code = "forbidden"
    status = 403


class Unauthenticated(Refusal):
    """Sign in first."""

    code = "unauthenticated"
    status = 401


class Conflict(Refusal):
    """The state has changed meanwhile."""

    code = "conflict"
    status = 409


class Invalid(Refusal):
    """A value is not acceptable."""

    code = "invalid"
    status = 422


class TooLarge(Refusal):
    """This is larger than allowed."""

    code = "too-large"
    status = 413


class TooMany(Refusal):
    """Too many requests; try again later."""

    code = "too-many-requests"
    status = 429


class Unavailable(Refusal):
    """This part of the service cannot answer now; nothing was lost. Try again."""

    code = "unavailable"
    status = 503
