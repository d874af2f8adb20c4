"""What a single message is: one text to one customer, now or at a time, for one reason. Pure.

    waiting -> given | skipped | cancelled

`waiting` before its time is shown as scheduled, after it as quiet (until his quiet hours end). Once given, its delivery says how
far it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from parlons.channels.model import Capabilities
from parlons.customers.model import clean_name
from parlons.kit.clock import Millis, to_iso
from parlons.kit.errors import Conflict, Invalid, NotFound
from parlons.kit.errors import Refusal as AnyRefusal
from parlons.outbound.model import MARKETING, SERVICE, WAITING, InvalidSend, Text, check_texts, check_zone

Json = dict[str, Any]
CANCELLED = "cancelled"
FARTHEST_MS = 400 * 86_400_000
"""How far ahead a message may be planned: a yearly reminder, and some."""
WRITTEN_FIRST = ("sms", "whatsapp", "email")
"""Which channels are tried first when nobody says and nothing is known of him."""


class UnknownSingle(NotFound):
    """There is no such message."""

    code = "unknown-single-message"


class InvalidSingle(Invalid):
    """A value of this message is not acceptable."""

    code = "invalid-single-message"


class NoWayThere(Conflict):
    """No channel of this firm can bring this text to this customer."""

    code = "no-way-there"


class SingleElsewhere(Conflict):
    """This message has gone on meanwhile: it can no longer be cancelled."""

    code = "single-message-gone"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    texts: Mapping[str, Text]
    purpose: str = SERVICE
    """As of sends: `marketing` waits for his hours and, in mails, bears a link to leave."""
    customer_id: str | None = None
    address: tuple[str, str] | None = None
    """Kind and value; this one and no other. None: any of the customer's."""
    firm_id: str | None = None
    channel: str | None = None
    account_id: str | None = None
    at: Millis | None = None
    zone: str = "Europe/Paris"
    name: str = ""
    """Of somebody who is not known yet; as `language` and `country`."""
    language: str | None = None
    country: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Values for this text alone, read as `customer.attributes.NAME`."""
    reference: str = ""
    """The caller's own name for it, say an order's number."""
    reason: str = "api"
    """Why it was written: `api`, or the rule's kind."""


def checked(wanted: Wanted, now: int) -> Wanted:
    """As it is kept; raises InvalidSingle, InvalidSend, or what the templates raise."""
    if wanted.purpose not in (MARKETING, SERVICE):
        raise InvalidSend("A purpose is marketing or service.", field="purpose")
    if (wanted.customer_id is None) == (wanted.address is None):
        raise InvalidSingle("Name a customer or an address, not both.", field="customer_id")
    if wanted.at is not None and wanted.at > now + FARTHEST_MS:
        raise InvalidSingle("At most 400 days ahead.", field="at")
    if len(wanted.attributes) > 50:
        raise InvalidSingle("At most 50 values.", field="attributes")
    texts = {name: one for name, one in wanted.texts.items() if one.text.strip() or one.template}
    check_texts({name: replace(one, subject="") for name, one in texts.items()}, subject=False, longest=None)
    kept = {str(name)[:100]: str(value).replace("\x00", "")[:1000] for name, value in wanted.attributes.items()}
    country = wanted.country[:2].upper()
    return replace(
        wanted,
        texts=texts,
        zone=check_zone(wanted.zone),
        attributes=kept,
        name=clean_name(wanted.name),
        country=country,
    )


def fitted(texts: Mapping[str, Text], able: Capabilities) -> Mapping[str, Text] | None:
    """The texts as this channel takes them; None: it cannot take them. A subject is for mails, and needed there."""
    if any(one.template for one in texts.values()):
        return texts if able.templates else None
    kept = {name: one if able.subject else replace(one, subject="") for name, one in texts.items()}
    try:
        check_texts(kept, subject=able.subject, longest=None)
    except AnyRefusal:
        return None
    return kept


@dataclass(frozen=True, slots=True)
class Single:
    """One message as it is kept."""

    id: str
    number: int
    workspace_id: str
    firm_id: str
    account_id: str
    channel: str
    wishes: Json
    """`channel`, `account_id`, `address`: what the caller named; the rest is chosen when its time has come."""
    customer_id: str | None
    kind: str
    value: str
    name: str
    language: str | None
    country: str
    attributes: Json
    texts: Mapping[str, Text]
    purpose: str
    zone: str
    reference: str
    reason: str
    state: str
    code: str
    created_by: str
    created_at: Millis
    at: Millis | None
    due_at: Millis
    ended_at: Millis | None
    conversation_id: str | None
    message_id: str | None

    def shown_state(self, delivery: str | None) -> str:
        """As callers are told it."""
        if self.state == WAITING:
            return "quiet" if self.code else "scheduled"
        return delivery if delivery is not None else self.state


def single_json(one: Single, *, delivery: str | None, code: str, answered: bool) -> Json:
    """As the API shows it."""
    return {
        "id": one.id,
        "firm_id": one.firm_id,
        "account_id": one.account_id,
        "channel": one.channel,
        "customer_id": one.customer_id,
        "address": {"kind": one.kind, "value": one.value} if one.kind else None,
        "purpose": one.purpose,
        "reference": one.reference,
        "reason": one.reason,
        "state": one.shown_state(delivery),
        "code": code,
        "answered": answered,
        "conversation_id": one.conversation_id,
        "message_id": one.message_id,
        "created_by": one.created_by,
        "created_at": to_iso(one.created_at),
        "at": to_iso(one.at) if one.at is not None else None,
        "due_at": to_iso(one.due_at),
        "ended_at": to_iso(one.ended_at) if one.ended_at is not None else None,
    }
