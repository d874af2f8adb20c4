"""What an appointment is, how a firm takes them, and what is refused. Pure.

booked -> changed -> changed ...        (moved)
booked | changed -> cancelled | kept | missed
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from parlons.kit.clock import Millis, to_iso
from parlons.kit.errors import Conflict, Invalid, NotFound, Unavailable
from parlons.kit.hours import check_zone

Json = dict[str, Any]
State = Literal["booked", "changed", "cancelled", "kept", "missed"]
MadeBy = Literal["customer", "agent", "flow", "api"]
BOOKED: State = "booked"
CHANGED: State = "changed"
CANCELLED: State = "cancelled"
STANDING = (BOOKED, CHANGED)
"""States in which it takes a place."""
MINUTE_MS, DAY_MS = 60_000, 86_400_000
LONGEST_MINUTES, MOST_CAPACITY, FARTHEST_DAYS = 480, 200, 365
MAX_ABOUT, MAX_REMINDERS, MAX_URL = 500, 3, 2000
FARTHEST_REMINDER = 14 * 24 * 60


class UnknownAppointment(NotFound):
    """There is no such appointment."""

    code = "unknown-appointment"


class NoAppointments(Conflict):
    """This firm takes no appointments."""

    code = "no-appointments"


class SlotTaken(Conflict):
    """This time is not free any more; choose another."""

    code = "slot-taken"


class AppointmentChanged(Conflict):
    """This appointment was moved, cancelled or settled meanwhile."""

    code = "appointment-changed"


class TooManyAppointments(Conflict):
    """This customer has as many appointments to come as one may have."""

    code = "too-many-appointments"


class NotYet(Conflict):
    """An appointment is kept or missed once its time has come."""

    code = "appointment-not-yet"


class InvalidAppointments(Invalid):
    """A value of how this firm takes appointments is not acceptable."""

    code = "invalid-appointments"


class SlotsUnknown(Unavailable):
    """The firm's own calendar does not answer now; try again."""

    code = "slots-unknown"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a firm takes appointments."""

    active: bool = True
    hours_id: str | None = None
    """None: the firm's usual hours."""
    zone: str = "Europe/Paris"
    """For who has no hours; hours bring their own."""
    length_minutes: int = 30
    capacity: int = 1
    """How many at the same time."""
    lead_minutes: int = 120
    """A customer books no later than so long before; staff up to the beginning."""
    horizon_days: int = 30
    most_to_come: int = 3
    """How many a customer himself may have to come."""
    reminders: tuple[int, ...] = (24 * 60,)
    """Minutes before the beginning."""
    lookup_url: str = ""
    """The firm's own calendar tells what is free; empty: the hours do."""

    def check(self) -> None:
        """Raise InvalidAppointments or InvalidHours."""
        check_zone(self.zone)
        limits = {
            "length_minutes": (5, LONGEST_MINUTES),
            "capacity": (1, MOST_CAPACITY),
            "lead_minutes": (0, 90 * 24 * 60),
            "horizon_days": (1, FARTHEST_DAYS),
            "most_to_come": (1, 20),
        }
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise InvalidAppointments(f"From {low} to {high}.", field=name)
        if len(self.reminders) > MAX_REMINDERS or not all(5 <= one <= FARTHEST_REMINDER for one in self.reminders):
            raise InvalidAppointments("At most 3 reminders, from 5 minutes to 14 days before.", field="reminders")
        if len(self.lookup_url) > MAX_URL or (
            self.lookup_url and not self.lookup_url.startswith(("https://", "http://"))
        ):
            raise InvalidAppointments("An address begins with https:// or http://.", field="lookup_url")

    def json(self) -> Json:
        """As it is kept and shown."""
        return {**asdict(self), "reminders": list(self.reminders)}


def settings_of(kept: Mapping[str, Any]) -> Settings:
    """What `json` wrote."""
    return Settings(**{**kept, "reminders": tuple(sorted(set(kept["reminders"]), reverse=True))})


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment of a customer."""

    id: str
    workspace_id: str
    firm_id: str
    customer_id: str
    starts_at: Millis
    ends_at: Millis
    zone: str
    """In which its time is told."""
    seat: int
    """Which of the places at that time."""
    state: State
    about: str
    reminders: Sequence[Json]
    """What became of each: `minutes`, `state` sent or skipped, `code`, `at`."""
    made_by: MadeBy
    made_by_id: str | None
    made_at: Millis
    changed_at: Millis
    version: int

    @property
    def standing(self) -> bool:
        """Whether it takes a place."""
        return self.state in STANDING

    def json(self) -> Json:
        """As the API shows it."""
        same = ("id", "firm_id", "customer_id", "zone", "state", "about", "made_by", "made_by_id", "version")
        return {
            **{name: getattr(self, name) for name in same},
            "starts_at": to_iso(self.starts_at),
            "ends_at": to_iso(self.ends_at),
            "reminders": list(self.reminders),
            "made_at": to_iso(self.made_at),
            "changed_at": to_iso(self.changed_at),
        }
