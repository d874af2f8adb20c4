"""What an address that is told of events is, and what can be refused of it. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from parlons.kit.clock import Millis
from parlons.kit.errors import Conflict, Invalid, NotFound

FAILING, GONE = "failing", "gone"
"""Why an address was switched off: nothing was taken for days, or it said itself that it is no more."""


class WebhookNotFound(NotFound):
    """There is no such webhook."""

    code = "webhook-not-found"


class WebhookNameTaken(Conflict):
    """Another webhook has this name."""

    code = "webhook-name-taken"


class WebhookOff(Conflict):
    """This webhook is switched off; switch it on first."""

    code = "webhook-off"


class WebhookSecretUnfit(Invalid):
    """A webhook's secret is `whsec_` and 24 to 64 bytes in base64."""

    code = "webhook-secret-unfit"


class DeliveryNotFound(NotFound):
    """This webhook was never sent such a message, or it is no longer kept."""

    code = "delivery-not-found"


class UnknownEvents(Invalid):
    """There are no such events to ask for."""

    code = "unknown-events"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an administrator decides of a webhook."""

    name: str
    url: str
    firm_id: str | None = None
    """Only what concerns this firm; None: everything of the workspace."""
    events: tuple[str, ...] = ()
    """Empty: all that `kinds` offers."""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as it stands."""

    id: str
    workspace_id: str
    wanted: Wanted
    secret: str
    old_secret: str | None
    old_secret_until: Millis | None
    failures: int
    """In a row, up to now."""
    failing_since: Millis | None
    rests_until: Millis | None
    """Nothing is sent before: it has failed."""
    disabled_why: str
    """Empty unless it was switched off by us."""
    created_at: Millis
    version: int

    def wants(self, kind: str, firms: Collection[str | None]) -> bool:
        """Whether it asks for an event of these firms."""
        wanted = self.wanted
        return (not wanted.events or kind in wanted.events) and (wanted.firm_id is None or wanted.firm_id in firms)

    def secrets(self, now: int) -> tuple[str, ...]:
        """What a message is signed with: the old secret too while both are valid."""
        old = self.old_secret if now < (self.old_secret_until or 0) else None
        return (self.secret,) if old is None else (self.secret, old)


@dataclass(frozen=True, slots=True)
class Due:
    """A message that is to be sent."""

    message_id: str
    body: str
    attempts: int
    """Made so far."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How sending one went."""

    due: Due
    at: Millis
    duration_ms: int
    status: int | None = None
    """None: there was no answer; `error` says why."""
    error: str = ""
    retry_after_seconds: int = 0

    @property
    def taken(self) -> bool:
        """Any status of 2xx takes the message."""
        return self.status is not None and 200 <= self.status < 300
