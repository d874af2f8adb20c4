"""Routes: conversations. Written by `make python-client` from the API's description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parlons.client.calls import File, Group, Listing, Mode, Request, listing, operation
from parlons.client.types.conversations import Chosen, Close, DraftText, NoteText, Park, Read, Send, Step, Tags


class ConversationsRoutes(Group[Mode]):
    """Routes: conversations."""

    @listing
    def list_conversations(
        self, *, view: str | None = None, q: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Listing[dict[str, Any]]:
        """A view, newest first."""
        return Listing(
            "GET", "/conversations", query={"view": view, "q": q, "cursor": cursor, "limit": limit}, cursor="cursor"
        )

    @operation
    def get_conversation(self, conversation_id: str | int) -> Request[dict[str, Any]]:
        """One in full."""
        return Request("GET", "/conversations/{}", (conversation_id,))

    @operation
    def park(self, conversation_id: str | int, body: Park, *, if_match: str | None = None) -> Request[dict[str, Any]]:
        """Set it aside until the customer writes, `until_at` passes or somebody fetches it."""
        return Request("POST", "/conversations/{}/park", (conversation_id,), body=body, if_match=if_match)

    @operation
    def resume(self, conversation_id: str | int, body: Step, *, if_match: str | None = None) -> Request[dict[str, Any]]:
        """Fetch a parked or closed conversation back."""
        return Request("POST", "/conversations/{}/resume", (conversation_id,), body=body, if_match=if_match)

    @operation
    def reopen(self, conversation_id: str | int, body: Step, *, if_match: str | None = None) -> Request[dict[str, Any]]:
        """The same as resume, for a closed one."""
        return Request("POST", "/conversations/{}/reopen", (conversation_id,), body=body, if_match=if_match)

    @operation
    def end_contact(
        self, conversation_id: str | int, body: Step, *, if_match: str | None = None
    ) -> Request[dict[str, Any]]:
        """End the contact for the customer."""
        return Request("POST", "/conversations/{}/wrapup", (conversation_id,), body=body, if_match=if_match)

    @operation
    def close(self, conversation_id: str | int, body: Close, *, if_match: str | None = None) -> Request[dict[str, Any]]:
        """The matter is done."""
        return Request("POST", "/conversations/{}/close", (conversation_id,), body=body, if_match=if_match)

    @listing
    def list_messages(
        self, conversation_id: str | int, *, before: int | None = None, limit: int | None = None
    ) -> Listing[dict[str, Any]]:
        """Messages before number `before`, in their order."""
        return Listing(
            "GET",
            "/conversations/{}/messages",
            (conversation_id,),
            query={"before": before, "limit": limit},
            cursor="before",
        )

    @operation
    def send_message(self, conversation_id: str | int, body: Send, *, key: str | None = None) -> Request[Any]:
        """Send a message to the customer."""
        return Request("POST", "/conversations/{}/messages", (conversation_id,), body=body, once=True, key=key)

    @operation
    def mark_read(self, conversation_id: str | int, body: Read) -> Request[None]:
        """The agent who has it has read up to this message."""
        return Request("POST", "/conversations/{}/read", (conversation_id,), body=body, reads="nothing")

    @operation
    def typing(self, conversation_id: str | int) -> Request[None]:
        """The caller is writing."""
        return Request("POST", "/conversations/{}/typing", (conversation_id,), reads="nothing")

    @operation
    def save_draft(self, conversation_id: str | int, body: DraftText) -> Request[dict[str, Any]]:
        """Keep what the caller has typed for this channel."""
        return Request("PUT", "/conversations/{}/draft", (conversation_id,), body=body)

    @operation
    def list_colleagues(self, conversation_id: str | int) -> Request[dict[str, Any]]:
        """Who can be named in a note here."""
        return Request("GET", "/conversations/{}/colleagues", (conversation_id,))

    @operation
    def add_note(self, conversation_id: str | int, body: NoteText, *, key: str | None = None) -> Request[Any]:
        """Add a private note."""
        return Request("POST", "/conversations/{}/notes", (conversation_id,), body=body, once=True, key=key)

    @operation
    def set_tags(
        self, conversation_id: str | int, body: Tags, *, if_match: str | None = None
    ) -> Request[dict[str, Any]]:
        """Its tags are these now."""
        return Request("PUT", "/conversations/{}/tags", (conversation_id,), body=body, if_match=if_match)

    @operation
    def show_page(
        self, conversation_id: str | int, message_id: str | int, *, pictures: bool | None = None
    ) -> Request[str]:
        """The HTML of a message, cleaned, for a sandboxed frame."""
        return Request(
            "GET",
            "/conversations/{}/messages/{}/page",
            (
                conversation_id,
                message_id,
            ),
            query={"pictures": pictures},
            reads="text",
        )

    @operation
    def conversation_replies(self, conversation_id: str | int) -> Request[dict[str, Any]]:
        """The ready replies that fit, variables filled."""
        return Request("GET", "/conversations/{}/replies", (conversation_id,))

    @operation
    def split(
        self, conversation_id: str | int, body: Chosen, *, if_match: str | None = None, key: str | None = None
    ) -> Request[Any]:
        """The messages chosen become a conversation of their own, of the same customer."""
        return Request(
            "POST", "/conversations/{}/split", (conversation_id,), body=body, if_match=if_match, once=True, key=key
        )

    @operation
    def undo_split(self, conversation_id: str | int, split_id: str | int) -> Request[dict[str, Any]]:
        """One matter after all."""
        return Request(
            "POST",
            "/conversations/{}/splits/{}/undo",
            (
                conversation_id,
                split_id,
            ),
        )

    @operation
    def upload(self, file: File, fields: Mapping[str, str] | None = None) -> Request[dict[str, Any]]:
        """Keep a file for a message to come."""
        return Request("POST", "/files", file=file, fields=fields)

    @operation
    def download(self, file_id: str | int) -> Request[bytes]:
        """A file of a conversation the caller may read, or an upload of his own."""
        return Request("GET", "/files/{}", (file_id,), reads="bytes")
