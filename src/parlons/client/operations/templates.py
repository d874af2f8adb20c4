"""Routes: templates. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any

from parlons.client.calls import Group, Mode, Request, operation
from parlons.client.types.templates import ReplyChange, ReplyText, Sample


class TemplatesRoutes(Group[Mode]):
    """Routes: templates."""

    @operation
    def list_replies(self) -> Request[dict[str, Any]]:
        """All ready replies of the caller's firms, the languages they may have and the variables they may name."""
        return Request("GET", "/replies")

    @operation
    def create_reply(self, body: ReplyText) -> Request[dict[str, Any]]:
        """Write a ready reply."""
        return Request("POST", "/replies", body=body)

    @operation
    def sample_reply(self, body: Sample) -> Request[dict[str, Any]]:
        """How a text reads for a made-up customer and the caller."""
        return Request("POST", "/replies/sample", body=body)

    @operation
    def change_reply(
        self, reply_id: str | int, body: ReplyChange, *, if_match: str | None = None
    ) -> Request[dict[str, Any]]:
        """Rewrite a ready reply."""
        return Request("PUT", "/replies/{}", (reply_id,), body=body, if_match=if_match)

    @operation
    def remove_reply(self, reply_id: str | int) -> Request[None]:
        """Offer it no more."""
        return Request("DELETE", "/replies/{}", (reply_id,), reads="nothing")

    @operation
    def restore_reply(self, reply_id: str | int) -> Request[dict[str, Any]]:
        """Offer a removed one again."""
        return Request("POST", "/replies/{}/restore", (reply_id,))

    @operation
    def reply_versions(self, reply_id: str | int) -> Request[dict[str, Any]]:
        """Every version with its author, newest first."""
        return Request("GET", "/replies/{}/versions", (reply_id,))
