"""Routes: customers. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any

from parlons.client.calls import Group, Listing, Mode, Request, listing, operation
from parlons.client.types.customers import CustomerChange, NewAddress, NewCustomer, Other, PageLink, PortalNewLink


class CustomersRoutes(Group[Mode]):
    """Routes: customers."""

    @listing
    def list_customers(
        self, *, q: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Listing[dict[str, Any]]:
        """Customers whose name or address contains `q`."""
        return Listing("GET", "/customers", query={"q": q, "cursor": cursor, "limit": limit}, cursor="cursor")

    @operation
    def create_customer(self, body: NewCustomer) -> Request[dict[str, Any]]:
        """The customer an address leads to, made when there is none."""
        return Request("POST", "/customers", body=body)

    @operation
    def get_customer(self, customer_id: str | int) -> Request[dict[str, Any]]:
        """One customer with his addresses."""
        return Request("GET", "/customers/{}", (customer_id,))

    @operation
    def change_customer(
        self, customer_id: str | int, body: CustomerChange, *, if_match: str | None = None
    ) -> Request[dict[str, Any]]:
        """Change name, language or attributes."""
        return Request("PATCH", "/customers/{}", (customer_id,), body=body, if_match=if_match)

    @operation
    def add_address(self, customer_id: str | int, body: NewAddress) -> Request[dict[str, Any]]:
        """Add an address."""
        return Request("POST", "/customers/{}/addresses", (customer_id,), body=body)

    @operation
    def get_journey(self, customer_id: str | int, *, limit: int | None = None) -> Request[dict[str, Any]]:
        """Every touch, newest first, and the page he looks at now."""
        return Request("GET", "/customers/{}/journey", (customer_id,), query={"limit": limit})

    @operation
    def make_page_link(
        self, customer_id: str | int, body: PortalNewLink, *, key: str | None = None
    ) -> Request[PageLink]:
        """A link to this customer's own page."""
        return Request("POST", "/customers/{}/page-links", (customer_id,), body=body, once=True, key=key)

    @operation
    def revoke_page_links(self, customer_id: str | int) -> Request[dict[str, Any]]:
        """No link to this customer's page opens any more."""
        return Request("DELETE", "/customers/{}/page-links", (customer_id,))

    @operation
    def send_page_link(self, conversation_id: str | int, *, key: str | None = None) -> Request[Any]:
        """Send the customer a link to his own page, as a message by the way the conversation goes on now."""
        return Request("POST", "/conversations/{}/page-link", (conversation_id,), once=True, key=key)

    @operation
    def erase(self, customer_id: str | int) -> Request[dict[str, Any]]:
        """Forget all values of a customer, for good."""
        return Request("POST", "/customers/{}/erase", (customer_id,))

    @operation
    def list_merges(self, customer_id: str | int) -> Request[dict[str, Any]]:
        """Who was merged into this customer, and who of the same firm may be the same person."""
        return Request("GET", "/customers/{}/merges", (customer_id,))

    @operation
    def merge_customer(self, customer_id: str | int, body: Other) -> Request[dict[str, Any]]:
        """The other one is this customer."""
        return Request("POST", "/customers/{}/merge", (customer_id,), body=body)

    @operation
    def undo_merge(self, customer_id: str | int, merge_id: str | int) -> Request[dict[str, Any]]:
        """Two people after all."""
        return Request(
            "POST",
            "/customers/{}/merges/{}/undo",
            (
                customer_id,
                merge_id,
            ),
        )
