"""Routes: customer_systems. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any

from parlons.client.calls import Group, Mode, Request, operation
from parlons.client.types.customer_systems import (
    AllCustomerRecords,
    DeskPanels,
    LookupStates,
    LookupTested,
    NewRecord,
    RecordChange,
    RecordChosen,
    RecordSettled,
    WriteSettled,
)


class CustomerSystemsRoutes(Group[Mode]):
    """Routes: customer_systems."""

    @operation
    def list_records(self, customer_id: str | int, *, fresh: bool | None = None) -> Request[AllCustomerRecords]:
        """His records in every customer system of his firm."""
        return Request("GET", "/customers/{}/records", (customer_id,), query={"fresh": fresh})

    @operation
    def choose_record(self, customer_id: str | int, lookup_id: str | int, body: RecordChosen) -> Request[None]:
        """This record is his from now on."""
        return Request(
            "POST",
            "/customers/{}/records/{}/link",
            (
                customer_id,
                lookup_id,
            ),
            body=body,
            reads="nothing",
        )

    @operation
    def create_record(
        self, customer_id: str | int, lookup_id: str | int, body: NewRecord, *, key: str | None = None
    ) -> Request[Any]:
        """A record of him is made, as soon as the system answers."""
        return Request(
            "POST",
            "/customers/{}/records/{}",
            (
                customer_id,
                lookup_id,
            ),
            body=body,
            once=True,
            key=key,
        )

    @operation
    def change_record(
        self, customer_id: str | int, lookup_id: str | int, body: RecordChange
    ) -> Request[dict[str, Any]]:
        """It is changed as soon as the system answers."""
        return Request(
            "PATCH",
            "/customers/{}/records/{}",
            (
                customer_id,
                lookup_id,
            ),
            body=body,
        )

    @operation
    def settle_record(
        self, customer_id: str | int, lookup_id: str | int, body: RecordSettled
    ) -> Request[dict[str, Any]]:
        """Where customer and record differ."""
        return Request(
            "POST",
            "/customers/{}/records/{}/settle",
            (
                customer_id,
                lookup_id,
            ),
            body=body,
        )

    @operation
    def settle_record_write(
        self, customer_id: str | int, write_id: str | int, body: WriteSettled
    ) -> Request[dict[str, Any]]:
        """A change that met another one, or was refused."""
        return Request(
            "POST",
            "/customers/{}/records/writes/{}/settle",
            (
                customer_id,
                write_id,
            ),
            body=body,
        )

    @operation
    def list_panels(self, customer_id: str | int, *, conversation_id: str | None = None) -> Request[DeskPanels]:
        """The company's own panels beside a customer, each with a token that says who is served, good for five."""
        return Request("GET", "/customers/{}/panels", (customer_id,), query={"conversation_id": conversation_id})

    @operation
    def list_lookups(self) -> Request[LookupStates]:
        """The customer systems, whether each answers, what waits, and the address it may call when something c."""
        return Request("GET", "/lookups")

    @operation
    def test_lookup(self, lookup_id: str | int) -> Request[LookupTested]:
        """Whether address and secrets are right."""
        return Request("POST", "/lookups/{}/test", (lookup_id,))
