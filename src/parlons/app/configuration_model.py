"""The words of a configuration file and what each may hold. Each value stands in one normal form, so that two can be compared.

Things are named by people's names, never by ids. What refers to what is checked in configuration_check.py; what becomes of
it in the rooms, in configuration_rows.py and configuration_router.py.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from parlons.accounts.commands import LOCALES, check_colour, check_email, check_languages, check_name
from parlons.accounts.model import Role
from parlons.accounts.opening import public_holidays
from parlons.kit.errors import Refusal
from parlons.kit.hours import WEEKDAYS, check_zone, format_interval, parse_day

DAY = 86_400
_SECRET_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_T = TypeVar("_T")


def _checked(check: Callable[[_T], _T]) -> AfterValidator:
    """A rule of a room as a rule of the file: its refusal becomes a fault with a place."""

    def checked(value: _T) -> _T:
        try:
            return check(value)
        except Refusal as refusal:
            raise ValueError(refusal.message) from None

    return AfterValidator(checked)


def _week(week: Any) -> Any:
    """`mon-fri: [..]` spelt out day by day, in the order of the week."""
    if not isinstance(week, dict):
        return week
    found: dict[str, Any] = {}
    for key, intervals in week.items():
        first, _, last = str(key).partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            raise ValueError(f"{key!r} is no day; write {', '.join(WEEKDAYS)}, or a range such as mon-fri")
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        for day in WEEKDAYS[begin : end + 1] if begin <= end else WEEKDAYS[begin:] + WEEKDAYS[: end + 1]:
            if day in found:
                raise ValueError(f"{day} stands here twice")
            found[day] = intervals
    return {day: found[day] for day in WEEKDAYS if found.get(day)}


def week_text(week: dict[str, list[str]]) -> dict[str, list[str]]:
    """The shortest way to write a week: equal neighbours as a range."""
    found: dict[str, list[str]] = {}
    index = 0
    while index < len(WEEKDAYS):
        last = index
        while last + 1 < len(WEEKDAYS) and week.get(WEEKDAYS[last + 1]) == week.get(WEEKDAYS[index]):
            last += 1
        if week.get(WEEKDAYS[index]):
            found[WEEKDAYS[index] if last == index else f"{WEEKDAYS[index]}-{WEEKDAYS[last]}"] = week[WEEKDAYS[index]]
        index = last + 1
    return found


def _intervals(texts: list[str]) -> list[str]:
    return [format_interval(interval) for interval in parse_day(texts)]


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{text!r} is no day; write it as 2026-12-24") from None


def _holidays(text: str) -> str:
    country, region = split_holidays(text)
    public_holidays(country, region, 2026)
    return text


def split_holidays(text: str) -> tuple[str, str | None]:
    """Country and region of `FR` or `DE-BY`."""
    country, _, region = text.partition("-")
    return country, region or None


def _secret(name: str) -> str:
    if _SECRET_NAME.fullmatch(name) is None:
        raise ValueError("a secret is named by an environment variable, such as SHOP_SECRET, never written here")
    return name


Name = Annotated[str, _checked(check_name)]
Expression = Annotated[str, Field(max_length=4096)]
Seconds = Annotated[int, Field(ge=0, le=14 * DAY)]
Lifetime = Annotated[int, Field(ge=1, le=14 * DAY)]
Intervals = Annotated[list[str], _checked(_intervals)]


class Part(BaseModel):
    """A part of the file: words nobody knows are refused, numbers may stand for texts."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, frozen=True)


class Day(Part):
    """An exceptional day; without intervals it is closed."""

    label: Annotated[str, Field(max_length=100)] = ""
    open: Intervals = []


ExceptionalDay = Annotated[Day, BeforeValidator(lambda value: {"open": value} if isinstance(value, list) else value)]


class HoursPart(Part):
    """Opening hours of a firm."""

    zone: Annotated[str, _checked(check_zone)]
    week: Annotated[dict[str, Intervals], BeforeValidator(_week)] = {}
    holidays: Annotated[str, _checked(_holidays)] | None = None
    days: dict[Annotated[str, AfterValidator(_day)], ExceptionalDay] = {}


class FirmPart(Part):
    name: Name
    colour: Annotated[str, _checked(check_colour)] | None = None
    languages: Annotated[list[str], _checked(check_languages)] = ["en"]
    usual_hours: Name | None = None
    hours: dict[Name, HoursPart] = {}


class ActivityPart(Part):
    name: Name
    available: bool = False


class ChannelPart(Part):
    """A task channel: a kind of work with a capacity of its own."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    optimized: bool = False


class ServiceLevel(Part):
    """Accepted within `within_seconds`, out of the offered without those abandoned before `abandoned_before_seconds`."""

    within_seconds: Annotated[int, Field(ge=1, le=DAY)] = 20
    target_percent: Annotated[int, Field(ge=0, le=100)] = 80
    abandoned_before_seconds: Seconds = 5


Choice = Annotated[
    dict[Literal["en", "fr"], Name],
    Field(min_length=1),
    BeforeValidator(lambda value: {"en": value} if isinstance(value, str) else value),
]
"""An outcome by language; one text stands for all."""


class Dispositions(Part):
    required: bool = False
    choices: list[Choice] = []


class QueuePart(Part):
    name: Name
    firm: Name | None = None
    workers: Expression = "1==1"
    order: Literal["FIFO", "LIFO"] = "FIFO"
    max_reserved: Annotated[int, Field(ge=1, le=50)] = 1
    service_level: ServiceLevel = ServiceLevel()
    return_after_seconds: Seconds = 60
    """After an agent is gone for good, his unanswered conversations go back to the queue."""
    wrap_up_seconds: Seconds = 0
    """Time to write up; 0: as long as it takes."""
    dispositions: Dispositions = Dispositions()


class TargetPart(Part):
    queue: Name | None = None
    expression: Expression | None = None
    order_by: Expression | None = None
    known_worker: Expression | None = None
    known_worker_name: Expression | None = None
    priority: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=14 * DAY)] | None = None
    skip_if: Expression | None = None


class FilterPart(Part):
    name: Annotated[str, Field(max_length=200)]
    when: Expression
    targets: Annotated[list[TargetPart], Field(min_length=1)]


class WorkflowPart(Part):
    name: Name
    firm: Name | None = None
    reservation_timeout_seconds: Annotated[int, Field(ge=1, le=DAY)] = 120
    filters: list[FilterPart] = []
    default_queue: Name | None = None


class FlowPart(Part):
    """A flow: steps, or the name of one in Python."""

    name: Name
    firm: Name | None = None
    python: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.\-]{0,63}$")] | None = None
    """A file of the data folder's `flows/`, without `.py`, or an entry point of the group `parlons.flows`."""
    start: Annotated[str, Field(max_length=64)] | None = None
    language: Annotated[str, Field(max_length=20)] = "en"
    languages: list[Annotated[str, Field(max_length=20)]] = []
    fallback: Name | None = None
    """Queue for a contact whose flow cannot go on; None: the workflow of the entry point."""
    variables: dict[str, Any] = {}
    steps: dict[str, Any] = {}


class UserPart(Part):
    email: Annotated[str, _checked(check_email)]
    name: Name
    role: Role = Role.AGENT
    firms: Annotated[list[Name] | None, BeforeValidator(lambda value: None if value == "all" else value)] = None
    """None, written `all`: every firm."""
    locale: Literal["en", "fr"] = "en"
    attributes: dict[str, Any] = {}
    channels: dict[str, Annotated[int, Field(ge=0, le=1000)]] = {}


class WorkspacePart(Part):
    default_activity: Name | None = None
    timeout_activity: Name | None = None
    prioritize_queue_order: Literal["FIFO", "LIFO"] = "FIFO"
    multi_task: bool = True
    reservation_timeout_seconds: Annotated[int, Field(ge=1, le=DAY)] = 120
    max_moves: Annotated[int, Field(ge=1, le=1_000_000)] = 1000


class EntryPointPart(Part):
    """Where contacts of one address go."""

    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    address: Annotated[str, Field(min_length=1, max_length=320)]
    firm: Name
    name: Annotated[str, Field(max_length=100)] = ""
    flow: Name | None = None
    """What answers; None: on the telephone a plain flow by the hours, elsewhere an agent is asked for at once."""
    workflow: Name | None = None
    """None: the workspace's only workflow."""
    task_channel: Name = "chat"
    """Of a number (channel voice): voice, where the file says nothing."""
    priority: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    ttl_seconds: Lifetime = DAY
    hours: Name | None = None
    """None: the firm's usual ones."""
    offline_workflow: Name | None = None
    offline_task_channel: Name = "default"
    offline_ttl_seconds: Lifetime = 14 * DAY
    language: Annotated[str, Field(max_length=20)] | None = None
    attributes: dict[str, Any] = {}
    texts: dict[Literal["en", "fr"], dict[str, Annotated[str, Field(max_length=1000)]]] = {}


class SecretName(Part):
    """A secret is named, never written: the server reads it from its environment, and it is never exported."""

    secret: Annotated[str, AfterValidator(_secret)]


class WidgetPart(Part):
    """The chat on a firm's pages."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{2,63}$")]
    firm: Name
    name: Annotated[str, Field(max_length=100)] = ""
    address: Annotated[str, Field(min_length=1, max_length=320)] | None = None
    """The entry point its chats arrive at; None: the key."""
    origins: list[Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]] = []
    languages: Annotated[list[Literal["en", "fr"]], Field(min_length=1)] = ["en", "fr"]
    accent: Annotated[str, _checked(check_colour)] | None = None
    texts: dict[Literal["en", "fr"], dict[Literal["title", "greeting"], Annotated[str, Field(max_length=400)]]] = {}
    privacy_url: str | None = None
    reply_seconds: Annotated[int, Field(ge=1, le=DAY)] | None = None
    identity: SecretName | None = None
    """Signs the site's own users."""


class File(Part):
    """A whole configuration file."""

    parlons: Literal[1] = 1
    workspace: WorkspacePart | None = None
    firms: list[FirmPart] = []
    activities: list[ActivityPart] = []
    task_channels: list[ChannelPart] = []
    queues: list[QueuePart] = []
    workflows: list[WorkflowPart] = []
    flows: list[FlowPart] = []
    users: list[UserPart] = []
    widgets: list[WidgetPart] = []
    entry_points: list[EntryPointPart] = []


assert LOCALES == ("en", "fr"), "the file's languages are those of the screens"
