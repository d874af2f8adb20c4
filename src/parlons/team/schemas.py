"""What the routes of the colleagues' discussions take and give."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from parlons.accounts.http import Body
from parlons.team.rules import LARGEST, LONGEST

UserId = Annotated[str, Field(max_length=64)]
People = Annotated[list[UserId], Field(max_length=LARGEST)]


class NewDiscussion(Body):
    """With one person (`user_id`), or a team: a name and its people; the caller is always among them."""

    user_id: UserId | None = None
    name: str = Field(default="", max_length=200)
    user_ids: People = Field(default_factory=list)

    @model_validator(mode="after")
    def one_or_several(self) -> "NewDiscussion":
        """Either one person or a team."""
        if (self.user_id is None) == (not self.user_ids):
            raise ValueError("either user_id, or name and user_ids")
        return self


class TeamChange(Body):
    """What is left out stays."""

    name: str | None = Field(default=None, max_length=200)
    user_ids: People | None = None
    """Everybody in it from now on."""
    version: int
    """The discussion's, as the change was decided on."""


class NewLine(Body):
    text: str = Field(max_length=4 * LONGEST)
    mentions: People = Field(default_factory=list)
    """People of the discussion who are named in it: each is told."""
    conversation_id: str | None = Field(default=None, max_length=64)
    """What it is about; the caller must be able to read it, the readers open it by their own rights."""


class ReadUpTo(Body):
    number: int = Field(ge=0)


class DraftLine(Body):
    text: str = Field(max_length=LONGEST)


class Member(BaseModel):
    """Somebody in a discussion; `worker_id` says whose state it is."""

    user_id: str
    name: str
    worker_id: str | None
    active: bool


class LastLine(BaseModel):
    """The beginning of the last line."""

    id: str
    number: int
    author_user_id: str
    author_name: str
    text: str
    conversation_id: str | None
    at: str
    gone: bool


class Discussion(BaseModel):
    """What two people, or a team, say to each other. Unread: from the reading's `read_number` to `last_number`."""

    id: str
    kind: Literal["direct", "team"]
    name: str
    members: list[Member]
    last_number: int
    last: LastLine | None
    last_at: str
    version: int


class Line(BaseModel):
    """What somebody said; `gone`: taken back, or erased with the customer it was about."""

    id: str
    discussion_id: str
    number: int
    author_user_id: str
    author_name: str
    text: str
    mentions: list[str]
    conversation_id: str | None
    at: str
    gone: bool


class Reading(BaseModel):
    """The caller's place in a discussion, whose id this is. Named since he read: `named_number` is above `read_number`."""

    id: str
    read_number: int
    named_number: int
    draft: str


class Colleague(BaseModel):
    user_id: str
    name: str
    worker_id: str | None


class DiscussionPage(BaseModel):
    items: list[Discussion]
    next: str | None


class LinePage(BaseModel):
    items: list[Line]
    next: str | None


class ColleaguePage(BaseModel):
    items: list[Colleague]
    next: str | None
