"""What travels: webcall. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class WebCall(TypedDict):
    id: str
    state: Literal["ringing", "menu", "waiting", "talking", "held", "consulting", "wrapping", "ended", "parked"]
    agent_name: str
    captions: list[str]
    position: int | None
    started_at: str
    ended_at: str | None


class WebCallStart(TypedDict):
    offer_sdp: str
    name: NotRequired[str]
    language: NotRequired[Literal["en", "fr"] | None]
    conversation_token: NotRequired[str | None]


class WebCallStarted(TypedDict):
    call_id: str
    token: str
    answer_sdp: str
