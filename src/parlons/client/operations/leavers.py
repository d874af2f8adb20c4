"""Routes: leavers. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal

from parlons.client.calls import Group, Listing, Mode, Request, listing, operation
from parlons.client.types.leavers import Leaver, LeaverFigures, TakeBody, Taken


class LeaversRoutes(Group[Mode]):
    """Routes: leavers."""

    @listing
    def list_leavers(
        self,
        *,
        state: list[Literal["waiting", "recontacted", "taken", "answered", "came-back", "refused", "failed"]]
        | None = None,
        after: str | None = None,
        limit: int | None = None,
        firm_id: str | None = None,
        queue_id: str | None = None,
        reason: Literal["hung-up", "left-chat", "form", "not-served"] | None = None,
        channel: str | None = None,
        waited_seconds: int | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Listing[Leaver]:
        """Who left before an answer, the last first, each as he stands now."""
        return Listing(
            "GET",
            "/leavers",
            query={
                "state": state,
                "after": after,
                "limit": limit,
                "firm_id": firm_id,
                "queue_id": queue_id,
                "reason": reason,
                "channel": channel,
                "waited_seconds": waited_seconds,
                "since": since,
                "until": until,
            },
            cursor="after",
        )

    @operation
    def leaver_figures(
        self,
        *,
        firm_id: str | None = None,
        queue_id: str | None = None,
        reason: Literal["hung-up", "left-chat", "form", "not-served"] | None = None,
        channel: str | None = None,
        waited_seconds: int | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Request[LeaverFigures]:
        """How many left before an answer, and what became of them."""
        return Request(
            "GET",
            "/leavers/figures",
            query={
                "firm_id": firm_id,
                "queue_id": queue_id,
                "reason": reason,
                "channel": channel,
                "waited_seconds": waited_seconds,
                "since": since,
                "until": until,
            },
        )

    @operation
    def take_leaver(self, leaver_id: str | int, body: TakeBody) -> Request[Taken]:
        """Take somebody on."""
        return Request("POST", "/leavers/{}/take", (leaver_id,), body=body)

    @operation
    def give_leaver_back(self, leaver_id: str | int) -> Request[Leaver]:
        """Give somebody back whom one had taken."""
        return Request("POST", "/leavers/{}/give_back", (leaver_id,))

    @operation
    def call_leaver_back(self, leaver_id: str | int, *, key: str | None = None) -> Request[Leaver]:
        """Put a call to him in line, at his old place."""
        return Request("POST", "/leavers/{}/call_back", (leaver_id,), once=True, key=key)
