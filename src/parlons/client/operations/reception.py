"""Routes: reception. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any

from parlons.client.calls import Group, Mode, Request, operation
from parlons.client.types.reception import Joined, LinkMade, ReceptionNewLink


class ReceptionRoutes(Group[Mode]):
    """Routes: reception."""

    @operation
    def list_notices(self) -> Request[dict[str, Any]]:
        """What happened to the caller's work while he was away, and he has not seen yet."""
        return Request("GET", "/notices")

    @operation
    def notice_seen(self, notice_id: str | int) -> Request[None]:
        """The caller has seen it."""
        return Request("POST", "/notices/{}/seen", (notice_id,), reads="nothing")

    @operation
    def serve(self, conversation_id: str | int) -> Request[dict[str, Any]]:
        """Ask for an agent once more, for a conversation that nobody was asked to work on (not served)."""
        return Request("POST", "/conversations/{}/serve", (conversation_id,))

    @operation
    def new_link(self, conversation_id: str | int, body: ReceptionNewLink) -> Request[LinkMade]:
        """A link for the customer into this conversation, good once and for a quarter of an hour."""
        return Request("POST", "/conversations/{}/links", (conversation_id,), body=body)

    @operation
    def follow_link(self, token: str | int) -> Request[Joined]:
        """The customer's page follows a link."""
        return Request("POST", "/join/{}", (token,))
