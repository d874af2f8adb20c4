"""Routes: single_messages. Written by `make python-client` from the API's description."""

from __future__ import annotations

from parlons.client.calls import Group, Listing, Mode, Request, listing, operation
from parlons.client.types.single_messages import Single, SingleBody


class SingleMessagesRoutes(Group[Mode]):
    """Routes: single_messages."""

    @operation
    def send_single_message(self, body: SingleBody, *, key: str | None = None) -> Request[Single]:
        """Send one text to one customer, now or at a time."""
        return Request("POST", "/single-messages", body=body, once=True, key=key)

    @listing
    def list_single_messages(
        self,
        *,
        customer_id: str | None = None,
        reference: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Listing[Single]:
        """Single messages of the caller's firms, newest first."""
        return Listing(
            "GET",
            "/single-messages",
            query={"customer_id": customer_id, "reference": reference, "after": after, "limit": limit},
            cursor="after",
        )

    @operation
    def get_single_message(self, single_id: str | int) -> Request[Single]:
        """How far one message is."""
        return Request("GET", "/single-messages/{}", (single_id,))

    @operation
    def cancel_single_message(self, single_id: str | int) -> Request[Single]:
        """Do not send it."""
        return Request("POST", "/single-messages/{}/cancel", (single_id,))
