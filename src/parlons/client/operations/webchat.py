"""Routes: webchat. Written by `make python-client` from the API's description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parlons.client.calls import File, Group, Mode, Request, operation
from parlons.client.types.webchat import (
    IdentityBody,
    MessageBody,
    OfflineBody,
    PageBody,
    ReadBody,
    Subscription,
    VisitBody,
)


class WebchatRoutes(Group[Mode]):
    """Routes: webchat."""

    @operation
    def config(self, widget_key: str | int, *, language: str | None = None) -> Request[dict[str, Any]]:
        """What the panel needs to open."""
        return Request("GET", "/webchat/{}/config", (widget_key,), query={"language": language})

    @operation
    def start_visit(self, widget_key: str | int, body: VisitBody) -> Request[dict[str, Any]]:
        """Begin a visit."""
        return Request("POST", "/webchat/{}/visits", (widget_key,), body=body)

    @operation
    def end_visit(self, widget_key: str | int) -> Request[None]:
        """End the visit."""
        return Request("DELETE", "/webchat/{}/visits", (widget_key,), reads="nothing")

    @operation
    def identify(self, widget_key: str | int, body: IdentityBody) -> Request[dict[str, Any]]:
        """The site says, with its signature, who is logged in."""
        return Request("POST", "/webchat/{}/identity", (widget_key,), body=body)

    @operation
    def conversation(self, widget_key: str | int) -> Request[dict[str, Any]]:
        """The visitor's conversation and its last messages."""
        return Request("GET", "/webchat/{}/conversation", (widget_key,))

    @operation
    def send_message(self, widget_key: str | int, body: MessageBody) -> Request[dict[str, Any]]:
        """Write a message."""
        return Request("POST", "/webchat/{}/messages", (widget_key,), body=body)

    @operation
    def leave_message(self, widget_key: str | int, body: OfflineBody) -> Request[dict[str, Any]]:
        """Leave a message while the doors are closed."""
        return Request("POST", "/webchat/{}/offline", (widget_key,), body=body)

    @operation
    def see_page(self, widget_key: str | int, body: PageBody) -> Request[None]:
        """The visitor looks at this page now."""
        return Request("POST", "/webchat/{}/pages", (widget_key,), body=body, reads="nothing")

    @operation
    def read(self, widget_key: str | int, body: ReadBody) -> Request[None]:
        """The visitor has read up to this message."""
        return Request("POST", "/webchat/{}/read", (widget_key,), body=body, reads="nothing")

    @operation
    def upload(
        self, widget_key: str | int, file: File, fields: Mapping[str, str] | None = None
    ) -> Request[dict[str, Any]]:
        """Hand in a file for a message to come."""
        return Request("POST", "/webchat/{}/files", (widget_key,), file=file, fields=fields)

    @operation
    def download(self, file_id: str | int, widget_key: str | int) -> Request[bytes]:
        """A file of the visitor's own conversation, always as a download."""
        return Request(
            "GET",
            "/webchat/{}/files/{}",
            (
                file_id,
                widget_key,
            ),
            reads="bytes",
        )

    @operation
    def suggestions(self, widget_key: str | int) -> Request[dict[str, Any]]:
        """Articles that may answer what the visitor wrote, while he waits."""
        return Request("GET", "/webchat/{}/suggestions", (widget_key,))

    @operation
    def push_key(self, widget_key: str | int) -> Request[dict[str, Any]]:
        """Whether visitors of this widget can be told, and the key to subscribe with."""
        return Request("GET", "/webchat/{}/push", (widget_key,))

    @operation
    def accept_push(self, widget_key: str | int, body: Subscription) -> Request[None]:
        """The visitor accepted, by his own press."""
        return Request("POST", "/webchat/{}/push", (widget_key,), body=body, reads="nothing")

    @operation
    def refuse_push(self, widget_key: str | int) -> Request[None]:
        """The visitor wants to be told no more."""
        return Request("DELETE", "/webchat/{}/push", (widget_key,), reads="nothing")
