"""What the floor's routes take and give."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Section = Literal["queues", "waiting", "calls", "people", "unserved"]


class Body(BaseModel):
    """A request's body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class NewMove(Body):
    """Skills and capacities for a time. `skills`: a level, true or false by name."""

    skills: dict[Word, Annotated[int, Field(ge=0, le=1000, strict=True)] | bool] = Field(
        default_factory=dict, max_length=50
    )
    channels: dict[Word, Annotated[int, Field(ge=0, le=100, strict=True)]] = Field(default_factory=dict, max_length=20)
    until_at: AwareDatetime
    reason: str = Field(default="", max_length=300)


class NewMessage(Body):
    """To everybody at work, or to those of one queue, or with one skill."""

    text: Text
    queue_id: str | None = None
    skill: Word | None = None


class Whisper(Body):
    text: Text


class Limits(Body):
    """When a queue raises an alarm; null: that limit does not count."""

    waiting: int | None = Field(default=None, ge=1, le=10_000)
    oldest_seconds: int | None = Field(default=None, ge=1, le=7 * 24 * 3600)
    share: float | None = Field(default=None, gt=0, le=1)


class Layout(Body):
    """How one has the Live page."""

    view: Literal["table", "tiles"] = "table"
    order: Literal["attention", "skill", "name"] = "attention"
    sections: list[Section] = Field(default=["queues", "waiting", "calls", "people", "unserved"], max_length=5)
    """In their order; one left out is folded away."""
    queue_ids: list[str] = Field(default_factory=list, max_length=200)
    """Queues to show; none: all."""


class Given(BaseModel):
    """What a move gives, or what was before it."""

    skills: dict[str, int | bool]
    channels: dict[str, int]


class Move(BaseModel):
    """Skills or capacity for a time."""

    id: str
    worker_id: str
    firm_ids: list[str]
    given: Given
    before: Given
    reason: str
    by_user_id: str | None
    by_name: str
    made_at: str
    until_at: str
    status: Literal["open", "ended"]


class Memo(BaseModel):
    """What is said to one person, until he has seen it."""

    id: str
    kind: Literal["state", "moved", "moved-back", "message", "whisper", "taken"]
    message_id: str | None
    conversation_id: str | None
    by_user_id: str | None
    by_name: str
    text: str
    data: dict[str, Any]
    at: str


class Alert(BaseModel):
    """The limits of one queue; `id` is the queue's."""

    id: str
    waiting: int | None
    oldest_seconds: int | None
    share: float | None


class Sent(BaseModel):
    """A message to a team: to how many, seen by how many."""

    id: str
    text: str
    at: str
    told: int
    seen: int


class SentList(BaseModel):
    items: list[Sent]


class Helper(BaseModel):
    """Who could help a queue, with which skill; `left_ready`: free people staying with his least staffed queue."""

    worker_id: str
    name: str
    skill: str
    left_ready: int


class Helpers(BaseModel):
    items: list[Helper]


class DayState(BaseModel):
    """One state; `until_at` null: still so."""

    activity_id: str
    reachable: bool
    since_at: str
    until_at: str | None


class DayContact(BaseModel):
    """One offer and what became of it."""

    id: str
    task_id: str
    worker_id: str
    queue_id: str | None
    firm_id: str | None
    status: str
    created_at: str
    expires_at: str | None
    accepted_at: str | None
    ended_at: str | None
    reason_code: str | None
    channel: str
    conversation_id: str | None


class Day(BaseModel):
    """A person's day."""

    worker_id: str
    from_at: str
    states: list[DayState]
    contacts: list[DayContact]
