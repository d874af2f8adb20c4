"""Routes: webhooks. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, Literal

from parlons.client.calls import Group, Listing, Mode, Request, listing, operation
from parlons.client.types.webhooks import (
    AgainBody,
    Delivery,
    DeliveryBody,
    Webhook,
    WebhookBody,
    WebhookKinds,
    WebhookPatch,
    Webhooks,
    WebhookWithSecret,
)


class WebhooksRoutes(Group[Mode]):
    """Routes: webhooks."""

    @operation
    def list_webhook_events(self) -> Request[WebhookKinds]:
        """What an address may ask for."""
        return Request("GET", "/webhook-events")

    @operation
    def list_webhooks(self) -> Request[Webhooks]:
        """The addresses that are told what happens."""
        return Request("GET", "/webhooks")

    @operation
    def create_webhook(self, body: WebhookBody) -> Request[WebhookWithSecret]:
        """Tell an address what happens from now on."""
        return Request("POST", "/webhooks", body=body)

    @operation
    def read_webhook(self, webhook_id: str | int) -> Request[Webhook]:
        """One of them."""
        return Request("GET", "/webhooks/{}", (webhook_id,))

    @operation
    def update_webhook(
        self, webhook_id: str | int, body: WebhookPatch, *, if_match: str | None = None
    ) -> Request[Webhook]:
        """Change what it is told, or where."""
        return Request("PATCH", "/webhooks/{}", (webhook_id,), body=body, if_match=if_match)

    @operation
    def remove_webhook(self, webhook_id: str | int) -> Request[None]:
        """It is told of nothing any more."""
        return Request("DELETE", "/webhooks/{}", (webhook_id,), reads="nothing")

    @operation
    def rotate_webhook_secret(self, webhook_id: str | int) -> Request[WebhookWithSecret]:
        """Another secret, shown this once."""
        return Request("POST", "/webhooks/{}/secret", (webhook_id,))

    @operation
    def test_webhook(self, webhook_id: str | int, *, key: str | None = None) -> Request[Any]:
        """Send a message of the kind `webhook.test`."""
        return Request("POST", "/webhooks/{}/test", (webhook_id,), once=True, key=key)

    @listing
    def list_webhook_deliveries(
        self,
        webhook_id: str | int,
        *,
        state: list[Literal["waiting", "delivered", "failed"]] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Listing[Delivery]:
        """What it was sent or is to be sent, the newest first, kept for 30 days."""
        return Listing(
            "GET",
            "/webhooks/{}/deliveries",
            (webhook_id,),
            query={"state": state, "after": after, "limit": limit},
            cursor="after",
        )

    @operation
    def webhook_delivery(self, webhook_id: str | int, message_id: str | int) -> Request[DeliveryBody]:
        """The body of a message, as it is signed and sent."""
        return Request(
            "GET",
            "/webhooks/{}/deliveries/{}",
            (
                webhook_id,
                message_id,
            ),
        )

    @operation
    def send_webhook_again(self, webhook_id: str | int, body: AgainBody, *, key: str | None = None) -> Request[Any]:
        """Send some again, or all that failed since a moment."""
        return Request("POST", "/webhooks/{}/deliveries/again", (webhook_id,), body=body, once=True, key=key)
