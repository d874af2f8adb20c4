"""What a send to many is, which steps it may take, and what is refused. Pure.

    draft -> running -> done
               | ^
               v |
             paused -> cancelled            a running one may be cancelled too; a draft is removed

`running` before `starts_at` is shown as scheduled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parlons.customers.segments import Segment
from parlons.kit import hours
from parlons.kit.clock import Millis, to_iso
from parlons.kit.errors import Conflict, Invalid, NotFound
from parlons.kit.languages import LANGUAGES
from parlons.templates.liquid import check

Json = dict[str, Any]
DRAFT, RUNNING, PAUSED, DONE, CANCELLED = "draft", "running", "paused", "done", "cancelled"
MARKETING, SERVICE = "marketing", "service"
WAITING, GIVEN, SKIPPED = "waiting", "given", "skipped"
MAX_RECIPIENTS = 1_000_000
MAX_AT_ONCE = 100_000
"""Addresses of one upload."""


class UnknownSend(NotFound):
    """There is no such send."""

    code = "unknown-send"


class InvalidSend(Invalid):
    """A value of this send is not acceptable."""

    code = "invalid-send"


class SendChanged(Conflict):
    """Somebody changed this send meanwhile."""

    code = "send-changed"


class SendElsewhere(Conflict):
    """This send has gone on meanwhile: that step is not open to it now."""

    code = "send-not-in-that-state"


class NobodyToSendTo(Conflict):
    """Nobody is left to send this to."""

    code = "nobody-to-send-to"


class ChannelNotForMany(Invalid):
    """This channel account cannot write to many."""

    code = "channel-not-for-many"


@dataclass(frozen=True, slots=True)
class Text:
    """What is written, in one language; Liquid."""

    text: str
    subject: str = ""
    template: str = ""
    """Name of a text the channel's provider has approved; `text` is then its words, with `{{1}}` ..."""
    values: tuple[str, ...] = ()
    """Of that template, in order; Liquid."""

    def json(self) -> Json:
        """As it is kept and shown."""
        return {"text": self.text, "subject": self.subject, "template": self.template, "values": list(self.values)}


@dataclass(frozen=True, slots=True)
class Send:
    """One send."""

    id: str
    workspace_id: str
    firm_id: str
    account_id: str
    channel: str
    name: str
    purpose: str
    """`marketing`: quiet hours hold, mails bear a link to leave; `service`: what somebody waits for, say an order's state."""
    state: str
    texts: Mapping[str, Text]
    segment: Segment | None
    """None: a list that is uploaded."""
    zone: str
    starts_at: Millis | None
    per_second: float | None
    created_by: str
    created_at: Millis
    started_at: Millis | None
    ended_at: Millis | None
    version: int

    def must(self, *states: str) -> None:
        """Raises SendElsewhere unless it is in one of these states."""
        if self.state not in states:
            raise SendElsewhere(state=self.state)

    def shown_state(self, now: int) -> str:
        """As people are told it."""
        later = self.state == RUNNING and self.starts_at is not None and self.starts_at > now
        return "scheduled" if later else self.state


def check_texts(texts: Mapping[str, Text], *, subject: bool, longest: int | None) -> None:
    """Raises InvalidSend, or what `liquid.check` raises. `subject`: the channel has subjects, and needs one."""
    if not texts or not set(texts) <= set(LANGUAGES):
        raise InvalidSend("Write the text in one language at least.", field="texts")
    for language, one in texts.items():
        field = f"texts.{language}"
        if one.template:
            for value in one.values:
                check(value, field=field)
            continue
        check(one.text, field=field)
        if longest is not None and len(one.text) > longest:
            raise InvalidSend(f"This channel takes {longest} characters.", field=field, limit=longest)
        if subject:
            if not one.subject.strip():
                raise InvalidSend("A mail needs a subject.", field=f"{field}.subject")
            check(one.subject, field=f"{field}.subject")
        elif one.subject:
            raise InvalidSend("This channel has no subjects.", field=f"{field}.subject")


def check_zone(zone: str) -> str:
    """A time zone by name; raises InvalidSend."""
    try:
        return hours.check_zone(zone)
    except hours.InvalidHours:
        raise InvalidSend("There is no such time zone.", field="zone") from None


def segment_json(segment: Segment | None) -> Json | None:
    """As it is kept and shown."""
    if segment is None:
        return None
    attributes = {name: list(values) for name, values in segment.attributes.items()}
    return {"languages": list(segment.languages), "attributes": attributes, "proven": segment.proven}


def send_json(send: Send, now: int) -> Json:
    """As the API shows it, without its figures."""

    def at(moment: Millis | None) -> str | None:
        return to_iso(moment) if moment is not None else None

    return {
        "id": send.id,
        "name": send.name,
        "firm_id": send.firm_id,
        "account_id": send.account_id,
        "channel": send.channel,
        "purpose": send.purpose,
        "state": send.shown_state(now),
        "texts": {language: one.json() for language, one in send.texts.items()},
        "segment": segment_json(send.segment),
        "zone": send.zone,
        "starts_at": at(send.starts_at),
        "per_second": send.per_second,
        "created_by": send.created_by,
        "created_at": at(send.created_at),
        "started_at": at(send.started_at),
        "ended_at": at(send.ended_at),
        "version": send.version,
    }
