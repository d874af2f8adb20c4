"""Routes: sends. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, Literal

from parlons.client.calls import Group, Listing, Mode, Request, listing, operation
from parlons.client.types.sends import ListBody, PreviewBody, SendBody, SendChange, TrialBody


class SendsRoutes(Group[Mode]):
    """Routes: sends."""

    @listing
    def list_sends(self, *, cursor: str | None = None, limit: int | None = None) -> Listing[dict[str, Any]]:
        """Sends of the caller's firms, newest first, with how far each has come."""
        return Listing("GET", "/sends", query={"cursor": cursor, "limit": limit}, cursor="cursor")

    @operation
    def create_send(self, body: SendBody, *, key: str | None = None) -> Request[Any]:
        """Write a send."""
        return Request("POST", "/sends", body=body, once=True, key=key)

    @operation
    def get_send(self, send_id: str | int) -> Request[dict[str, Any]]:
        """One send with its figures."""
        return Request("GET", "/sends/{}", (send_id,))

    @operation
    def change_send(
        self, send_id: str | int, body: SendChange, *, if_match: str | None = None
    ) -> Request[dict[str, Any]]:
        """Rewrite a draft."""
        return Request("PUT", "/sends/{}", (send_id,), body=body, if_match=if_match)

    @operation
    def remove_send(self, send_id: str | int) -> Request[None]:
        """Remove a draft."""
        return Request("DELETE", "/sends/{}", (send_id,), reads="nothing")

    @operation
    def upload_recipients(self, send_id: str | int, body: ListBody, *, key: str | None = None) -> Request[Any]:
        """Add recipients to a draft."""
        return Request("POST", "/sends/{}/recipients", (send_id,), body=body, once=True, key=key)

    @listing
    def list_recipients(
        self,
        send_id: str | int,
        *,
        state: Literal["waiting", "given", "skipped"] | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> Listing[dict[str, Any]]:
        """Recipients in order, with what was decided for each."""
        return Listing(
            "GET",
            "/sends/{}/recipients",
            (send_id,),
            query={"state": state, "after": after, "limit": limit},
            cursor="after",
        )

    @operation
    def preview_send(self, send_id: str | int, body: PreviewBody) -> Request[dict[str, Any]]:
        """How it reads for one of its recipients, else for the first or another."""
        return Request("POST", "/sends/{}/preview", (send_id,), body=body)

    @operation
    def try_send(self, send_id: str | int, body: TrialBody, *, key: str | None = None) -> Request[Any]:
        """Send it to one address now, your own."""
        return Request("POST", "/sends/{}/trial", (send_id,), body=body, once=True, key=key)

    @operation
    def start_send(self, send_id: str | int, *, key: str | None = None) -> Request[Any]:
        """Lay down its recipients and begin, or wait for its time."""
        return Request("POST", "/sends/{}/start", (send_id,), once=True, key=key)

    @operation
    def pause_send(self, send_id: str | int) -> Request[dict[str, Any]]:
        """Nothing more leaves, save what is in a provider's hands at this moment."""
        return Request("POST", "/sends/{}/pause", (send_id,))

    @operation
    def resume_send(self, send_id: str | int) -> Request[dict[str, Any]]:
        """Go on where it stopped."""
        return Request("POST", "/sends/{}/resume", (send_id,))

    @operation
    def cancel_send(self, send_id: str | int) -> Request[dict[str, Any]]:
        """End it here."""
        return Request("POST", "/sends/{}/cancel", (send_id,))

    @operation
    def send_doubtful_again(self, send_id: str | int, *, key: str | None = None) -> Request[Any]:
        """Send those of which nobody knows whether they left once more, at most 500 at a time."""
        return Request("POST", "/sends/{}/again", (send_id,), once=True, key=key)
