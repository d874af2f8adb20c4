"""Routes: webcall. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any

from parlons.client.calls import Group, Mode, Request, operation
from parlons.client.types.shared import Digits, PhoneAnswer, PhoneOffer
from parlons.client.types.webcall import WebCall, WebCallStart, WebCallStarted


class WebcallRoutes(Group[Mode]):
    """Routes: webcall."""

    @operation
    def start(self, line: str | int, body: WebCallStart) -> Request[WebCallStarted]:
        """Begin a call."""
        return Request("POST", "/webcall/{}/calls", (line,), body=body)

    @operation
    def line_config(self, line: str | int) -> Request[dict[str, Any]]:
        """What the page needs before it calls."""
        return Request("GET", "/webcall/lines/{}", (line,))

    @operation
    def renew(self, call_id: str | int, body: PhoneOffer, *, token: str | None = None) -> Request[PhoneAnswer]:
        """A new offer for the same call."""
        return Request("POST", "/webcall/calls/{}/offer", (call_id,), query={"token": token}, body=body)

    @operation
    def digits(self, call_id: str | int, body: Digits, *, token: str | None = None) -> Request[None]:
        """Keys pressed on the page."""
        return Request(
            "POST", "/webcall/calls/{}/digits", (call_id,), query={"token": token}, body=body, reads="nothing"
        )

    @operation
    def hang_up(self, call_id: str | int, *, token: str | None = None) -> Request[None]:
        """End the call."""
        return Request("POST", "/webcall/calls/{}/hang_up", (call_id,), query={"token": token}, reads="nothing")

    @operation
    def call(self, call_id: str | int, *, token: str | None = None) -> Request[WebCall]:
        """The call as its page shows it, with the words that were said."""
        return Request("GET", "/webcall/calls/{}", (call_id,), query={"token": token})
