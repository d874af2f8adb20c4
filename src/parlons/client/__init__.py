"""The Python client of Parlons' API: `Client` waits, `AsyncClient` is awaited and hears events.

with Client("http://127.0.0.1:8080", key) as parlons:
    for customer in parlons.customers.list_customers(q="Claire"):
        ...
"""

from parlons.client.events import Event, Passing, Snapshot, Told
from parlons.client.problems import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NoAnswerError,
    NotFoundError,
    ProblemError,
    TooManyError,
    UnauthenticatedError,
    UnavailableError,
)
from parlons.client.wire import AsyncClient, Client

__all__ = [
    "AsyncClient",
    "Client",
    "ConflictError",
    "Event",
    "ForbiddenError",
    "InvalidError",
    "NoAnswerError",
    "NotFoundError",
    "Passing",
    "ProblemError",
    "Snapshot",
    "Told",
    "TooManyError",
    "UnauthenticatedError",
    "UnavailableError",
]
