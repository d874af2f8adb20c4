"""Routes: surveys. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal

from parlons.client.calls import Group, Listing, Mode, Request, listing, operation
from parlons.client.types.surveys import Answer, Figures


class SurveysRoutes(Group[Mode]):
    """Routes: surveys."""

    @listing
    def list_answers(
        self,
        *,
        in_words: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        survey_id: str | None = None,
        firm_id: str | None = None,
        queue_id: str | None = None,
        user_id: str | None = None,
        channel: str | None = None,
        language: str | None = None,
        conversation_id: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Listing[Answer]:
        """The answers of customers, the latest question first."""
        return Listing(
            "GET",
            "/surveys/answers",
            query={
                "in_words": in_words,
                "cursor": cursor,
                "limit": limit,
                "survey_id": survey_id,
                "firm_id": firm_id,
                "queue_id": queue_id,
                "user_id": user_id,
                "channel": channel,
                "language": language,
                "conversation_id": conversation_id,
                "since": since,
                "until": until,
            },
            cursor="cursor",
        )

    @operation
    def survey_figures(
        self,
        *,
        by: Literal["survey", "firm", "queue", "user", "channel", "language", "day", "week"] | None = None,
        zone: str | None = None,
        survey_id: str | None = None,
        firm_id: str | None = None,
        queue_id: str | None = None,
        user_id: str | None = None,
        channel: str | None = None,
        language: str | None = None,
        conversation_id: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Request[Figures]:
        """Per survey and `by`."""
        return Request(
            "GET",
            "/surveys/figures",
            query={
                "by": by,
                "zone": zone,
                "survey_id": survey_id,
                "firm_id": firm_id,
                "queue_id": queue_id,
                "user_id": user_id,
                "channel": channel,
                "language": language,
                "conversation_id": conversation_id,
                "since": since,
                "until": until,
            },
        )
