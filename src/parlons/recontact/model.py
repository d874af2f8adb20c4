"""Who left, what a rule says of him, and how he stands. Pure.

    waiting -> recontacted | taken | answered | came-back | refused | failed

`waiting`: nobody did anything yet; with `due_at` a rule will. `taken`: a person took him on, and may give him back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from parlons.kit.clock import Millis, to_iso
from parlons.kit.errors import Conflict, NotFound

Json = dict[str, Any]
Reason = Literal["hung-up", "left-chat", "form", "not-served"]
HUNG_UP, LEFT_CHAT, FORM, NOT_SERVED = "hung-up", "left-chat", "form", "not-served"
REASONS = (HUNG_UP, LEFT_CHAT, FORM, NOT_SERVED)
WAITING, RECONTACTED, TAKEN, ANSWERED, CAME_BACK, REFUSED, FAILED = (
    "waiting", "recontacted", "taken", "answered", "came-back", "refused", "failed",
)  # fmt: skip
STATES = (WAITING, RECONTACTED, TAKEN, ANSWERED, CAME_BACK, REFUSED, FAILED)
HOUR_MS = 3_600_000
HANGUP, CLOSED = "hangup", "closed"


class UnknownLeaver(NotFound):
    """There is nobody who left under this id."""

    code = "unknown-leaver"


class LeaverElsewhere(Conflict):
    """Somebody or a rule took care of this customer meanwhile."""

    code = "leaver-elsewhere"


class NoNumberToCall(Conflict):
    """No telephone number is known of this customer."""

    code = "no-number-to-call"


@dataclass(frozen=True, slots=True)
class Rule:
    """Whom of those who left the product reaches by itself, when, and how."""

    id: str
    workspace_id: str
    firm_id: str | None
    """None: of all firms."""
    name: str
    how: Literal["message", "callback"] = "message"
    queue_ids: tuple[str, ...] = ()
    """Empty: whatever queue."""
    reasons: tuple[str, ...] = ()
    """Empty: whatever reason."""
    waited_seconds: int = 0
    """Who left sooner is let be."""
    after_minutes: int = 10
    once_hours: int = 24
    """A customer is reached at most once in so many hours, by whichever rule."""
    within_hours: int = 24
    """Later than this after he left nobody is reached any more."""
    channel: str | None = None
    """None: what he prefers."""
    texts: Mapping[str, str] = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)
    template: str = ""
    """Of the channel's provider; `texts` are then its words."""
    values: tuple[str, ...] = ()
    zone: str = "Europe/Paris"
    active: bool = True


@dataclass(frozen=True, slots=True)
class Leaver:
    """One who left."""

    id: str
    workspace_id: str
    firm_id: str
    queue_id: str | None
    conversation_id: str
    task_id: str
    customer_id: str
    channel: str
    reason: str
    waited_ms: int
    left_at: Millis
    known_user_id: str | None
    """Who had served this conversation before."""
    state: str = WAITING
    code: str = ""
    rule_id: str | None = None
    rule_name: str = ""
    due_at: Millis | None = None
    single_id: str | None = None
    callback_task_id: str | None = None
    by_user_id: str | None = None
    settled_at: Millis | None = None


def reason_of(cancel: str, *, queue_id: str | None, left: bool, form: bool, unserved: frozenset[str]) -> str | None:
    """Why somebody whose task ended unserved left; None: he did not leave. `cancel`: the router's reason; `left`: he ended the
    contact himself; `form`: he had left a message; `unserved`: reasons of the router's own."""
    if cancel == HANGUP:
        return HUNG_UP if queue_id is not None else None
    if cancel == CLOSED:
        return LEFT_CHAT if left else None
    if cancel in unserved:
        return FORM if form else NOT_SERVED
    return None


def chosen(rules: Iterable[Rule], one: Leaver) -> Rule | None:
    """The rule for him: one that names his queue before one that names his firm before one for all."""
    fitting = [rule for rule in rules if fits(rule, one)]
    order = sorted(fitting, key=lambda rule: (not rule.queue_ids, rule.firm_id is None, rule.name))
    return order[0] if order else None


def fits(rule: Rule, one: Leaver) -> bool:
    """Whether this rule reaches him."""
    if not rule.active or rule.firm_id not in (None, one.firm_id):
        return False
    if rule.queue_ids and one.queue_id not in rule.queue_ids:
        return False
    if rule.reasons and one.reason not in rule.reasons:
        return False
    return one.waited_ms >= rule.waited_seconds * 1000


def leaver_json(one: Leaver, *, customer: Json | None, message: Json | None) -> Json:
    """As the API shows him. `message`: state, code and whether he answered it."""
    return {
        "id": one.id,
        "firm_id": one.firm_id,
        "queue_id": one.queue_id,
        "conversation_id": one.conversation_id,
        "customer": customer,
        "channel": one.channel,
        "reason": one.reason,
        "waited_seconds": round(one.waited_ms / 1000),
        "left_at": to_iso(one.left_at),
        "state": one.state,
        "code": one.code,
        "rule": one.rule_name,
        "due_at": to_iso(one.due_at) if one.due_at is not None and one.state == WAITING else None,
        "message": message,
        "called_back": one.callback_task_id is not None,
        "by_user_id": one.by_user_id,
        "settled_at": to_iso(one.settled_at) if one.settled_at is not None else None,
    }
