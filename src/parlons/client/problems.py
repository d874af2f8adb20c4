"""What a call can raise: a refusal of the server with its stable code, or no answer at all."""

from __future__ import annotations

from typing import Any

import httpx


class ProblemError(Exception):
    """The server refused (RFC 9457). Go by `code`: it is part of the API and is not renamed."""

    def __init__(self, status: int, code: str, detail: str, details: dict[str, Any]) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail, self.details = status, code, detail, details


class InvalidError(ProblemError):
    """400 or 422: a value is not acceptable; `details` says where."""


class UnauthenticatedError(ProblemError):
    """401: no key, or one that is no longer good."""


class ForbiddenError(ProblemError):
    """403: the key may not do this."""


class NotFoundError(ProblemError):
    """404: there is no such thing, or not for this key."""


class ConflictError(ProblemError):
    """409 or 412: the state has changed meanwhile."""


class TooManyError(ProblemError):
    """429, after the repeats."""


class UnavailableError(ProblemError):
    """503, after the repeats. What changes something may have happened or not, unless it has a key."""


class NoAnswerError(Exception):
    """The connection failed, after the repeats. What changes something may have happened or not, unless it has a key."""


_KINDS = {
    400: InvalidError,
    401: UnauthenticatedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    412: ConflictError,
    422: InvalidError,
    429: TooManyError,
    503: UnavailableError,
}


def problem_of(answer: httpx.Response) -> ProblemError:
    """The exception an answer stands for."""
    try:
        said = answer.json()
        code, detail, details = said["code"], said["detail"], said.get("details") or {}
    except (ValueError, KeyError, TypeError):
        code, detail, details = f"http-{answer.status_code}", answer.text[:200], {}
    return _KINDS.get(answer.status_code, ProblemError)(answer.status_code, code, detail, details)
