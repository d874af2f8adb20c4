"""Routes: floor. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any

from parlons.client.calls import Group, Mode, Request, operation
from parlons.client.types.floor import (
    Alert,
    Day,
    Helpers,
    Layout,
    Limits,
    Memo,
    Move,
    NewMessage,
    NewMove,
    Sent,
    SentList,
    Whisper,
)


class FloorRoutes(Group[Mode]):
    """Routes: floor."""

    @operation
    def move(self, worker_id: str | int, body: NewMove, *, key: str | None = None) -> Request[Move]:
        """Give a worker skills or capacity for a time."""
        return Request("POST", "/workers/{}/moves", (worker_id,), body=body, once=True, key=key)

    @operation
    def open_moves(self) -> Request[dict[str, Move]]:
        """The moves that stand now, by id."""
        return Request("GET", "/moves")

    @operation
    def end_move(self, move_id: str | int) -> Request[Move]:
        """Take a move back before its time."""
        return Request("DELETE", "/moves/{}", (move_id,))

    @operation
    def send_message(self, body: NewMessage, *, key: str | None = None) -> Request[Sent]:
        """Say something to everybody at work whom the caller may see, or to one queue's people, or to those wi."""
        return Request("POST", "/floor/messages", body=body, once=True, key=key)

    @operation
    def sent_messages(self) -> Request[SentList]:
        """The caller's messages to teams of the last day, with how many have seen each."""
        return Request("GET", "/floor/messages")

    @operation
    def my_memos(self) -> Request[dict[str, Memo]]:
        """What was said to the caller and he has not seen yet, by id."""
        return Request("GET", "/me/memos")

    @operation
    def memo_seen(self, memo_id: str | int) -> Request[None]:
        """The caller has seen it."""
        return Request("POST", "/me/memos/{}/seen", (memo_id,), reads="nothing")

    @operation
    def all_alerts(self) -> Request[dict[str, Alert]]:
        """When each queue raises an alarm, by queue."""
        return Request("GET", "/alerts")

    @operation
    def put_alert(self, queue_id: str | int, body: Limits) -> Request[Alert]:
        """Set when a queue raises an alarm."""
        return Request("PUT", "/alerts/{}", (queue_id,), body=body)

    @operation
    def queue_helpers(self, queue_id: str | int) -> Request[Helpers]:
        """Free people whom one more skill would let serve this queue."""
        return Request("GET", "/queues/{}/helpers", (queue_id,))

    @operation
    def my_layout(self) -> Request[Layout]:
        """How the caller has the Live page."""
        return Request("GET", "/me/layout")

    @operation
    def keep_layout(self, body: Layout) -> Request[Layout]:
        """Keep how the caller has the Live page."""
        return Request("PUT", "/me/layout", body=body)

    @operation
    def day_of_worker(self, worker_id: str | int, *, from_at: str) -> Request[Day]:
        """What a worker did in the 24 hours from a time."""
        return Request("GET", "/workers/{}/day", (worker_id,), query={"from_at": from_at})

    @operation
    def whisper(self, conversation_id: str | int, body: Whisper, *, key: str | None = None) -> Request[Any]:
        """A line that only the agent of this chat sees."""
        return Request("POST", "/conversations/{}/whisper", (conversation_id,), body=body, once=True, key=key)

    @operation
    def join(self, conversation_id: str | int) -> Request[dict[str, Any]]:
        """Be in the chat beside its agent."""
        return Request("POST", "/conversations/{}/join", (conversation_id,))

    @operation
    def leave(self, conversation_id: str | int) -> Request[dict[str, Any]]:
        """Be in it no more."""
        return Request("DELETE", "/conversations/{}/join", (conversation_id,))

    @operation
    def take_over(self, conversation_id: str | int) -> Request[None]:
        """Have the chat yourself."""
        return Request("POST", "/conversations/{}/takeover", (conversation_id,), reads="nothing")
