"""Frames beside a call, with their bounds: what the browsers tell each other about the picture, and typed text."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from parlons.voice.calls.beside import TEXT_MAX

SDP_MAX = 20_000


class Frame(BaseModel):
    """Exactly what is named."""

    model_config = ConfigDict(extra="forbid")


class Candidate(Frame):
    """A way to reach a browser (RFC 8838)."""

    candidate: str = Field(max_length=600)
    sdp_mid: str | None = Field(default=None, max_length=32)
    sdp_m_line_index: int | None = Field(default=None, ge=0, le=16)


class Signal(Frame):
    """One side to the other: `ask` for a picture, `accept` or `decline` it; then the page's `offer`, the desk's `answer`, both
    sides' `candidates`; `camera` says whether one's own is on; `stop` ends it."""

    kind: Literal["ask", "accept", "decline", "offer", "answer", "candidates", "camera", "stop"]
    session: str = Field(pattern="^[A-Za-z0-9]{8,40}$")
    """Made by who asks: what belongs to an earlier attempt is passed by."""
    sdp: str | None = Field(default=None, max_length=SDP_MAX)
    candidates: list[Candidate] | None = Field(default=None, max_length=20)
    on: bool | None = None

    @model_validator(mode="after")
    def fits(self) -> "Signal":
        """Each kind carries what it needs and no more."""
        wanted = {"offer": "sdp", "answer": "sdp", "candidates": "candidates", "camera": "on"}.get(self.kind)
        for name in ("sdp", "candidates", "on"):
            if (getattr(self, name) is not None) != (name == wanted):
                raise ValueError(f"{self.kind} carries {wanted or 'nothing else'}")
        return self

    def told(self) -> dict[str, Any]:
        """The frame the other side gets."""
        return {"type": "video", **self.model_dump(exclude_none=True)}


class Typed(Frame):
    """The line as it stands now; empty when it was sent or rubbed out."""

    text: str = Field(max_length=TEXT_MAX)

    def told(self) -> dict[str, Any]:
        """The frame the other side gets."""
        return {"type": "text", "text": self.text}


class VideoFrame(Frame):
    """A signal on the page's socket."""

    type: Literal["video"]
    signal: Signal


class TextFrame(Typed):
    """Typed text on the page's socket."""

    type: Literal["text"]


class LineFrame(Frame):
    """A finished line on the page's socket: a message of the conversation."""

    type: Literal["line"]
    text: str = Field(min_length=1, max_length=TEXT_MAX)
    client_id: str = Field(pattern="^[A-Za-z0-9]{8,40}$")


PageFrame = Annotated[VideoFrame | TextFrame | LineFrame, Field(discriminator="type")]
PAGE_FRAME: TypeAdapter[VideoFrame | TextFrame | LineFrame] = TypeAdapter(PageFrame)


class BesideState(Frame):
    """What the desk asks before it begins."""

    page: bool
    """Whether the customer has a page open beside the call."""
    ice_servers: list[dict[str, Any]]
