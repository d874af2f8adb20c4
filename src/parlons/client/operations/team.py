"""Routes: team. Written by `make python-client` from the API's description."""

from __future__ import annotations

from parlons.client.calls import Group, Listing, Mode, Request, listing, operation
from parlons.client.types.team import (
    Colleague,
    Discussion,
    DraftLine,
    Line,
    NewDiscussion,
    NewLine,
    Reading,
    ReadUpTo,
    TeamChange,
)


class TeamRoutes(Group[Mode]):
    """Routes: team."""

    @listing
    def list_colleagues(
        self, *, q: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Listing[Colleague]:
        """Whom the caller may write to."""
        return Listing("GET", "/team/colleagues", query={"q": q, "cursor": cursor, "limit": limit}, cursor="cursor")

    @listing
    def list_discussions(self, *, cursor: str | None = None, limit: int | None = None) -> Listing[Discussion]:
        """The caller's discussions, the liveliest first."""
        return Listing("GET", "/team/discussions", query={"cursor": cursor, "limit": limit}, cursor="cursor")

    @operation
    def start_discussion(self, body: NewDiscussion, *, key: str | None = None) -> Request[Discussion]:
        """Begin a discussion with one person (there is one for two."""
        return Request("POST", "/team/discussions", body=body, once=True, key=key)

    @operation
    def change_discussion(
        self, discussion_id: str | int, body: TeamChange, *, if_match: str | None = None
    ) -> Request[Discussion]:
        """Another name or other people of a team."""
        return Request("PATCH", "/team/discussions/{}", (discussion_id,), body=body, if_match=if_match)

    @operation
    def leave_discussion(self, discussion_id: str | int) -> Request[None]:
        """Be in a team no more."""
        return Request("POST", "/team/discussions/{}/leave", (discussion_id,), reads="nothing")

    @listing
    def list_lines(
        self, discussion_id: str | int, *, cursor: str | None = None, limit: int | None = None
    ) -> Listing[Line]:
        """What was said in a discussion, the newest first."""
        return Listing(
            "GET",
            "/team/discussions/{}/lines",
            (discussion_id,),
            query={"cursor": cursor, "limit": limit},
            cursor="cursor",
        )

    @operation
    def say(self, discussion_id: str | int, body: NewLine, *, key: str | None = None) -> Request[Line]:
        """Say something in a discussion."""
        return Request("POST", "/team/discussions/{}/lines", (discussion_id,), body=body, once=True, key=key)

    @operation
    def take_back(self, discussion_id: str | int, line_id: str | int) -> Request[Line]:
        """Take back one's own line, within 15 minutes."""
        return Request(
            "DELETE",
            "/team/discussions/{}/lines/{}",
            (
                discussion_id,
                line_id,
            ),
        )

    @operation
    def mark_read(self, discussion_id: str | int, body: ReadUpTo) -> Request[Reading]:
        """The caller has read up to this number."""
        return Request("POST", "/team/discussions/{}/read", (discussion_id,), body=body)

    @operation
    def keep_draft(self, discussion_id: str | int, body: DraftLine) -> Request[Reading]:
        """Keep what the caller has begun to write."""
        return Request("PUT", "/team/discussions/{}/draft", (discussion_id,), body=body)
