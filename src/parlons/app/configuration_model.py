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
from parlons.voice.calls.numbers import normal_number

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


class VoicePart(Part):
    """What callers of a queue hear, and what becomes of their calls."""

    music: Annotated[str, Field(min_length=1, max_length=64)] = "default"
    """Name of an uploaded prompt, `default`, or `none`."""
    comfort_seconds: Annotated[int, Field(ge=0, le=3600)] = 30
    say_position: bool = True
    say_wait: bool = True
    """Only while the range has been right for 8 of 10 of the last 200 answered."""
    record: Literal["never", "on-demand", "always"] = "never"
    notice: bool = True
    """Say that the call is recorded."""
    retention_days: Annotated[int, Field(ge=0, le=36_500)] = 90
    callback_after_seconds: Annotated[int, Field(ge=0, le=DAY)] = 0
    call_back_when_dropped: bool = False
    wrap_up_seconds: Annotated[int, Field(ge=0, le=DAY)] | None = None
    """None: as the queue says; 0: the work ends with the call."""
    transfer_outside: bool = True
    """False: outside numbers only those of `transfer_numbers`."""
    transfer_numbers: list[Annotated[str, _checked(normal_number)]] = []


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
    voice: VoicePart = VoicePart()


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


class SecretName(Part):
    """A secret is named, never written: the server reads it from its environment, and it is never exported."""

    secret: Annotated[str, AfterValidator(_secret)]


class PhonePart(Part):
    """A desk phone that registers here."""

    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    password: SecretName | None = None
    """Left out: the one there is stays."""


class RingPart(Part):
    """One place where an agent is rung."""

    kind: Literal["browser", "phone", "number"]
    number: Annotated[str, _checked(normal_number)] | None = None
    seconds: Annotated[int, Field(ge=5, le=300)] = 20


class UserPart(Part):
    email: Annotated[str, _checked(check_email)]
    name: Name
    role: Role = Role.AGENT
    firms: Annotated[list[Name] | None, BeforeValidator(lambda value: None if value == "all" else value)] = None
    """None, written `all`: every firm."""
    locale: Literal["en", "fr"] = "en"
    attributes: dict[str, Any] = {}
    channels: dict[str, Annotated[int, Field(ge=0, le=1000)]] = {}
    phone: PhonePart | None = None
    rings: list[RingPart] = []
    """One after the other; none: the browser, then the desk phone."""


class CallsPart(Part):
    """Limits of outgoing calls, against toll fraud."""

    allowed_countries: list[Annotated[str, Field(pattern=r"^[A-Z]{2}$")]] = []
    """ISO 3166; none: the countries of the trunks, all where no trunk names one."""
    cost_per_hour: Annotated[float, Field(ge=0)] = 0.0
    rates: dict[Annotated[str, Field(pattern=r"^(\+[0-9]{1,14}|default)$")], Annotated[float, Field(ge=0)]] = {}
    """Price of a minute by prefix, the longest one counts."""
    calls_per_agent_hour: Annotated[int, Field(ge=0)] = 0


class TrunkPart(Part):
    """A carrier's SIP trunk."""

    name: Name
    host: Annotated[str, Field(min_length=1, max_length=255)]
    port: Annotated[int, Field(ge=1, le=65535)] = 5060
    transport: Literal["udp", "tcp"] = "udp"
    username: Annotated[str, Field(max_length=255)] = ""
    password: SecretName | None = None
    """Left out: the one there is stays."""
    registers: bool = False
    """We register there, with username and password."""
    addresses: list[Annotated[str, Field(max_length=64)]] = []
    """IP addresses or networks it may call from, besides its host."""
    caller_numbers: list[Annotated[str, Field(max_length=64)]] = []
    national_prefix: Annotated[str, Field(pattern=r"^(\+[0-9]{1,4})?$")] = ""
    send_national: bool = False
    options_seconds: Annotated[int, Field(ge=0, le=3600)] = 30
    assert_identity: bool = True
    emergency: bool = False
    """Takes emergency calls."""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166; reads national numbers that are dialled, and is allowed to be called."""
    recording_notice: bool | None = None
    """People of this country are told that they are recorded, whatever the queue says; None: where its law wants it."""


class WorkspacePart(Part):
    default_activity: Name | None = None
    timeout_activity: Name | None = None
    prioritize_queue_order: Literal["FIFO", "LIFO"] = "FIFO"
    multi_task: bool = True
    reservation_timeout_seconds: Annotated[int, Field(ge=1, le=DAY)] = 120
    max_moves: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    calls: CallsPart = CallsPart()


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
    trunks: list[TrunkPart] = []


assert LOCALES == ("en", "fr"), "the file's languages are those of the screens"
