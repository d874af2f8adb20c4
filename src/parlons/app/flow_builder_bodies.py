"""What the routes of drafts take: a draft as a picture or a text, and the story of a contact."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from parlons.accounts.http import Body
from parlons.flows.drafts import LONGEST, MOST_STEPS
from parlons.flows.model import FARTHEST
from parlons.flows.picture import Node, Picture
from parlons.flows.rehearsing import seconds_of
from parlons.kit.clock import from_datetime

Json = dict[str, Any]
MOST_ACTS, LONGEST_WAIT = 200, 31 * 86_400.0
"""Things a contact does in one simulation, and seconds of one wait."""
Length = Annotated[int, Field(ge=-FARTHEST, le=FARTHEST)]
Short = Annotated[str, Field(max_length=200)]
Said = Annotated[str, Field(max_length=4_000)]


class NodeBody(Body):
    """A box. What is derived (`title`) may come back and is not read."""

    model_config = ConfigDict(extra="ignore")

    name: Said
    kind: Short | None = None
    at: tuple[Length, Length] | None = None
    fields: Json = Field(default_factory=dict)
    raw: Any = None


class PictureBody(Body):
    """A picture; its `edges` may come back and are not read."""

    model_config = ConfigDict(extra="ignore")

    header: Json = Field(default_factory=dict)
    nodes: list[NodeBody] = Field(default_factory=list, max_length=MOST_STEPS)

    def value(self) -> Picture:
        """As the room of flows has it."""
        return Picture(self.header, tuple(Node(n.name, n.kind, n.fields, n.at, n.raw) for n in self.nodes))


class DraftBody(Body):
    """A draft in one of its forms."""

    picture: PictureBody | None = None
    text: Annotated[str, Field(max_length=LONGEST)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.picture is None) == (self.text is None):
            raise ValueError("a draft is a picture or a text, one of them")
        return self


class HttpAnswer(Body):
    """What an address answers; status 0: nothing."""

    status: Annotated[int, Field(ge=0, le=599)]
    body: Any = None
    reason: Short | None = None


class ActBody(Body):
    """One thing that the contact does, or those he waits for."""

    says: Said | None = None
    presses: Annotated[str, Field(pattern=r"^[0-9*#]{1,40}$")] | None = None
    waits: Annotated[float, Field(ge=0)] | Short | None = None
    hangs_up: Literal[True] | None = None
    nobody_free: Literal[True] | None = None
    agent_answers: Literal[True] | None = None
    queue_full: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.deed()) != 1:
            raise ValueError("an act is one thing")
        if self.waits is not None:
            seconds = seconds_of(self.waits)
            if seconds is None or seconds > LONGEST_WAIT:
                raise ValueError("waits is a time such as 8, 10 min or 3 days, a month at most")
        return self

    def deed(self) -> Json:
        """As the simulation takes it."""
        found = self.model_dump(exclude_none=True)
        return {**found, "waits": seconds_of(self.waits)} if self.waits is not None else found


class Simulation(DraftBody):
    """A draft, and the contact that meets it."""

    language: Annotated[str, Field(max_length=35)] | None = None
    channel: Annotated[str, Field(min_length=1, max_length=40)] = "voice"
    at: (
        Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))] | None
    ) = None
    """When it begins; none: a fixed noon."""
    open: bool = True
    holiday: bool = False
    number: Short | None = "+33612345678"
    customer: Json | None = None
    variables: Json = Field(default_factory=dict, max_length=500)
    http: dict[str, HttpAnswer] = Field(default_factory=dict, max_length=200)
    """What addresses answer; any other does not."""
    dialled: Literal["answered", "busy", "no-answer", "refused", "failed"] = "answered"
    acts: list[ActBody] = Field(default_factory=list, max_length=MOST_ACTS)

    def deeds(self) -> list[Json]:
        """What the contact does."""
        return [act.deed() for act in self.acts]

    def about(self) -> Json:
        """As `testing.Caller` has it."""
        same = ("language", "channel", "holiday", "number", "customer", "variables", "dialled")
        http = {address: answer.model_dump(exclude_none=True) for address, answer in self.http.items()}
        now = {} if self.at is None else {"now": from_datetime(self.at)}
        return {**{name: getattr(self, name) for name in same}, "opened": self.open, "http": http, **now}
