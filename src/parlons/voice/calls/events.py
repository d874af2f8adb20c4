"""The events of calls as the socket carries them, for the API's description. A test holds them to what is told."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from parlons.voice.calls.schemas import Call


class CallRemoved(BaseModel):
    """A call that is on this screen no more."""

    model_config = ConfigDict(extra="forbid")
    call: str


class CallData(BaseModel):
    """The whole call, or the id of one that goes."""

    model_config = ConfigDict(extra="forbid")
    call: Call | None = None
    removed: CallRemoved | None = None


class CallUpdatedEvent(BaseModel):
    """A call began or changed."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["event"]
    seq: int
    event: Literal["call.updated"]
    at: str
    data: CallData


class CallEndedEvent(BaseModel):
    """A call is over, its wrap-up too."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["event"]
    seq: int
    event: Literal["call.ended"]
    at: str
    data: CallData


class DialFailed(BaseModel):
    """Why a number did not answer."""

    model_config = ConfigDict(extra="forbid")
    call_id: str
    cause: str


class CallDialFailedEvent(BaseModel):
    """What an agent dialled did not answer."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["event"]
    seq: int
    event: Literal["call.dial-failed"]
    at: str
    data: DialFailed


EVENTS: dict[str, type[BaseModel]] = {
    "call.updated": CallUpdatedEvent,
    "call.ended": CallEndedEvent,
    "call.dial-failed": CallDialFailedEvent,
}
