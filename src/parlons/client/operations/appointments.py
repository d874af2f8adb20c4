"""Routes: appointments. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, Literal

from parlons.client.calls import Group, Listing, Mode, Request, listing, operation
from parlons.client.types.appointments import AppointmentShown, Booking, Cancelling, Moving, Settling, Slots, Taking


class AppointmentsRoutes(Group[Mode]):
    """Routes: appointments."""

    @listing
    def list_appointments(
        self,
        *,
        firm_id: str | None = None,
        customer_id: str | None = None,
        since: str | None = None,
        until: str | None = None,
        state: list[Literal["booked", "changed", "cancelled", "kept", "missed"]] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Listing[AppointmentShown]:
        """Appointments in the order of their times."""
        return Listing(
            "GET",
            "/appointments",
            query={
                "firm_id": firm_id,
                "customer_id": customer_id,
                "since": since,
                "until": until,
                "state": state,
                "cursor": cursor,
                "limit": limit,
            },
            cursor="cursor",
        )

    @operation
    def book_appointment(self, body: Booking, *, key: str | None = None) -> Request[AppointmentShown]:
        """Book a free slot for a customer."""
        return Request("POST", "/appointments", body=body, once=True, key=key)

    @operation
    def list_slots(
        self, *, firm_id: str, since: str | None = None, until: str | None = None, besides: str | None = None
    ) -> Request[Slots]:
        """The free slots of a firm, a week of them unless `until` says more (62 days at most)."""
        return Request(
            "GET", "/appointments/slots", query={"firm_id": firm_id, "since": since, "until": until, "besides": besides}
        )

    @operation
    def get_appointment(self, appointment_id: str | int) -> Request[AppointmentShown]:
        """One appointment."""
        return Request("GET", "/appointments/{}", (appointment_id,))

    @operation
    def move_appointment(
        self, appointment_id: str | int, body: Moving, *, if_match: str | None = None, key: str | None = None
    ) -> Request[AppointmentShown]:
        """Move an appointment to another free slot."""
        return Request(
            "POST", "/appointments/{}/move", (appointment_id,), body=body, if_match=if_match, once=True, key=key
        )

    @operation
    def cancel_appointment(
        self, appointment_id: str | int, body: Cancelling, *, if_match: str | None = None
    ) -> Request[AppointmentShown]:
        """Cancel an appointment."""
        return Request("POST", "/appointments/{}/cancel", (appointment_id,), body=body, if_match=if_match)

    @operation
    def settle_appointment(
        self, appointment_id: str | int, body: Settling, *, if_match: str | None = None
    ) -> Request[AppointmentShown]:
        """Say whether the customer came, once the time has come."""
        return Request("POST", "/appointments/{}/settle", (appointment_id,), body=body, if_match=if_match)

    @operation
    def list_appointment_settings(self) -> Request[dict[str, Any]]:
        """How the caller's firms take appointments."""
        return Request("GET", "/appointment-settings")

    @operation
    def set_appointment_settings(
        self, firm_id: str | int, body: Taking, *, if_match: str | None = None
    ) -> Request[dict[str, Any]]:
        """Say how a firm takes appointments."""
        return Request("PUT", "/appointment-settings/{}", (firm_id,), body=body, if_match=if_match)
