"""Routes: intents. Written by `make python-client` from the API's description."""

from __future__ import annotations

from parlons.client.calls import Group, Listing, Mode, Request, listing, operation
from parlons.client.types.intents import IntentReport, Learn, Learnt, Missed, Tried, Try


class IntentsRoutes(Group[Mode]):
    """Routes: intents."""

    @operation
    def read_report(self) -> Request[IntentReport]:
        """What the phrases are worth."""
        return Request("GET", "/intents/report")

    @operation
    def try_text(self, body: Try) -> Request[Tried]:
        """What a text would be taken for, with the phrases that speak for it."""
        return Request("POST", "/intents/try", body=body)

    @listing
    def read_misses(self, *, before: str | None = None, limit: int | None = None) -> Listing[Missed]:
        """What contacts wrote that was not understood, or hardly, the newest first."""
        return Listing("GET", "/intents/misses", query={"before": before, "limit": limit}, cursor="before")

    @operation
    def learn(self, miss_id: str | int, body: Learn) -> Request[Learnt]:
        """Make a text a phrase of an intent."""
        return Request("POST", "/intents/misses/{}/learn", (miss_id,), body=body)

    @operation
    def ignore(self, miss_id: str | int) -> Request[None]:
        """Nothing is to be learnt from it."""
        return Request("DELETE", "/intents/misses/{}", (miss_id,), reads="nothing")
