"""Routes: channels. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any

from parlons.client.calls import Group, Mode, Request, operation
from parlons.client.types.channels import First, Hiding, News, SendOn


class ChannelsRoutes(Group[Mode]):
    """Routes: channels."""

    @operation
    def write_first(self, body: First, *, key: str | None = None) -> Request[Any]:
        """Write to somebody first."""
        return Request("POST", "/conversations", body=body, once=True, key=key)

    @operation
    def list_channels(self) -> Request[dict[str, Any]]:
        """The channel accounts of the caller's firms."""
        return Request("GET", "/channels")

    @operation
    def list_templates(self, account_id: str | int) -> Request[dict[str, Any]]:
        """Texts that may be sent at any time by this account."""
        return Request("GET", "/channels/{}/templates", (account_id,))

    @operation
    def list_ways(self, conversation_id: str | int) -> Request[dict[str, Any]]:
        """By which ways its customer can be answered, the present one first."""
        return Request("GET", "/conversations/{}/ways", (conversation_id,))

    @operation
    def list_ways_to_customer(self, customer_id: str | int) -> Request[dict[str, Any]]:
        """By which ways the caller may write to this customer first."""
        return Request("GET", "/customers/{}/ways", (customer_id,))

    @operation
    def send_again(self, conversation_id: str | int, message_id: str | int, *, key: str | None = None) -> Request[Any]:
        """Send a message that failed, or of which nobody knows whether it left, once more."""
        return Request(
            "POST",
            "/conversations/{}/messages/{}/again",
            (
                conversation_id,
                message_id,
            ),
            once=True,
            key=key,
        )

    @operation
    def hide_message(self, conversation_id: str | int, message_id: str | int, body: Hiding) -> Request[dict[str, Any]]:
        """Hide what was written in public under our posts, or show it again."""
        return Request(
            "PUT",
            "/conversations/{}/messages/{}/hidden",
            (
                conversation_id,
                message_id,
            ),
            body=body,
        )

    @operation
    def send_on(self, conversation_id: str | int, body: SendOn, *, key: str | None = None) -> Request[Any]:
        """Send what was said here, with its files, to somebody outside by mail."""
        return Request("POST", "/conversations/{}/send-on", (conversation_id,), body=body, once=True, key=key)

    @operation
    def push_news(self, customer_id: str | int, body: News, *, key: str | None = None) -> Request[Any]:
        """Notify a customer who accepted it in his browser."""
        return Request("POST", "/customers/{}/push", (customer_id,), body=body, once=True, key=key)
