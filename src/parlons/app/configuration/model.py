"""The words of a configuration file and what each may hold. Each value stands in one normal form, so that two can be compared.

Things are named by people's names, never by ids. What refers to what is checked in check.py; what becomes of
it in the rooms, in rows.py and router.py.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationInfo

from parlons.accounts.commands import LOCALES, check_colour, check_email, check_languages
from parlons.accounts.own_roles import check_role_name
from parlons.accounts.rights import PRESETS, Right, whole
from parlons.app.configuration import forms
from parlons.app.configuration.appointments import AppointmentsPart
from parlons.app.configuration.channels import check_channel, own_address, own_secrets, own_settings
from parlons.app.configuration.model_systems import LookupPart, PanelPart, WebhookPart
from parlons.app.configuration.parts import (
    STRICT,
    ActivityName,
    ChannelName,
    FirmName,
    FlowName,
    HoursName,
    Name,
    QueueName,
    SecretName,
    WorkflowName,
    named,
)
from parlons.kit.hours import check_zone
from parlons.surveys.model import MAX_CHOICE, MAX_CHOICES, MAX_QUESTION
from parlons.templates.model import check_shortcut, check_title
from parlons.voice.calls.numbers import normal_number

DAY = 86_400

Expression = Annotated[str, Field(max_length=4096, json_schema_extra={"format": "expression"})]
Seconds = Annotated[int, Field(ge=0, le=14 * DAY)]
Lifetime = Annotated[int, Field(ge=1, le=14 * DAY)]
Intervals = Annotated[list[str], forms.checked(forms.intervals)]


class Part(BaseModel):
    """A part of the file."""

    model_config = STRICT


class Day(Part):
    """An exceptional day; without intervals it is closed."""

    label: Annotated[str, Field(max_length=100)] = ""
    open: Intervals = []


ExceptionalDay = Annotated[Day, BeforeValidator(lambda value: {"open": value} if isinstance(value, list) else value)]


class HoursPart(Part):
    """Opening hours of a firm."""

    zone: Annotated[str, forms.checked(check_zone)]
    week: Annotated[dict[str, Intervals], BeforeValidator(forms.week)] = {}
    holidays: Annotated[str, forms.checked(forms.holidays)] | None = None
    days: dict[Annotated[str, AfterValidator(forms.day)], ExceptionalDay] = {}


class FirmPart(Part):
    name: Name
    colour: Annotated[str, forms.checked(check_colour)] | None = None
    languages: Annotated[list[str], forms.checked(check_languages)] = ["en"]
    usual_hours: HoursName | None = None
    hours: dict[Name, HoursPart] = {}
    appointments: AppointmentsPart | None = None


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
    transfer_numbers: list[Annotated[str, forms.checked(normal_number)]] = []


class AlertPart(Part):
    """When the queue raises an alarm on the Live page; none of them: when somebody waits longer than its target."""

    waiting: Annotated[int, Field(ge=1, le=10_000)] | None = None
    oldest_seconds: Annotated[int, Field(ge=1, le=7 * DAY)] | None = None
    share_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Service level below which it is raised."""


class QueuePart(Part):
    name: Name
    firm: FirmName | None = None
    workers: Expression = "1==1"
    order: Literal["FIFO", "LIFO"] = "FIFO"
    max_reserved: Annotated[int, Field(ge=1, le=50)] = 1
    service_level: ServiceLevel = ServiceLevel()
    return_after_seconds: Seconds = 60
    """After an agent is gone for good, his unanswered conversations go back to the queue."""
    wrap_up_seconds: Seconds = 0
    """Time to write up; 0: as long as it takes."""
    dispositions: Dispositions = Dispositions()
    alert: AlertPart = AlertPart()
    voice: VoicePart = VoicePart()


class TargetPart(Part):
    queue: QueueName | None = None
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
    firm: FirmName | None = None
    reservation_timeout_seconds: Annotated[int, Field(ge=1, le=DAY)] = 120
    filters: list[FilterPart] = []
    default_queue: QueueName | None = None


class FlowPart(Part):
    """A flow: steps, or the name of one in Python."""

    name: Name
    firm: FirmName | None = None
    python: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.\-]{0,63}$")] | None = None
    """A file of the data folder's `flows/`, without `.py`, or an entry point of the group `parlons.flows`."""
    start: Annotated[str, Field(max_length=64)] | None = None
    language: Annotated[str, Field(max_length=20)] = "en"
    languages: list[Annotated[str, Field(max_length=20)]] = []
    fallback: QueueName | None = None
    """Queue for a contact whose flow cannot go on; None: the workflow of the entry point."""
    variables: dict[str, Any] = {}
    steps: dict[str, Any] = {}


class PhonePart(Part):
    """A desk phone that registers here."""

    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    password: SecretName | None = None
    """Left out: the one there is stays."""


class RingPart(Part):
    """One place where an agent is rung."""

    kind: Literal["browser", "phone", "number"]
    number: Annotated[str, forms.checked(normal_number)] | None = None
    seconds: Annotated[int, Field(ge=5, le=300)] = 20


class RolePart(Part):
    """A name for a set of rights, besides the roles that are there from the start."""

    name: Annotated[str, forms.checked(check_role_name)]
    rights: Annotated[list[Right], Field(min_length=1), AfterValidator(lambda rights: sorted(whole(rights)))]
    """With those which they imply."""


class UserPart(Part):
    email: Annotated[str, forms.checked(check_email)]
    name: Name
    role: Annotated[Name, Field(json_schema_extra={"refers": "role", "presets": list(PRESETS)})] = "agent"
    """agent, specialist, supervisor (the team lead), manager, director, quality, trainer, planner, administrator, client, or
    one of `roles`."""
    firms: Annotated[list[FirmName] | None, BeforeValidator(lambda value: None if value == "all" else value)] = None
    """None, written `all`: every firm."""
    queues: Annotated[
        list[Annotated[Name, named("queue")]] | None, BeforeValidator(lambda value: None if value == "all" else value)
    ] = None
    """The queues whose contacts and figures of others may be seen; None, written `all`: every queue of the firms."""
    locale: Literal["en", "fr"] = "en"
    attributes: dict[str, Any] = {}
    channels: Annotated[
        dict[str, Annotated[int, Field(ge=0, le=1000)]], Field(json_schema_extra={"keys": "task_channel"})
    ] = {}
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
    default_activity: ActivityName | None = None
    timeout_activity: ActivityName | None = None
    prioritize_queue_order: Literal["FIFO", "LIFO"] = "FIFO"
    multi_task: bool = True
    reservation_timeout_seconds: Annotated[int, Field(ge=1, le=DAY)] = 120
    max_moves: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    calls: CallsPart = CallsPart()
    intent_threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    """Below this score a text is not understood; None: as the phrases themselves tell."""


class EntryPointPart(Part):
    """Where contacts of one address go."""

    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    address: Annotated[str, Field(min_length=1, max_length=320)]
    firm: FirmName
    name: Annotated[str, Field(max_length=100)] = ""
    flow: FlowName | None = None
    """What answers; None: on the telephone a plain flow by the hours, elsewhere an agent is asked for at once."""
    workflow: WorkflowName | None = None
    """None: the workspace's only workflow."""
    task_channel: ChannelName = "chat"
    """Of a number (channel voice): voice, where the file says nothing."""
    priority: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    ttl_seconds: Lifetime = DAY
    hours: HoursName | None = None
    """None: the firm's usual ones."""
    offline_workflow: WorkflowName | None = None
    offline_task_channel: ChannelName = "default"
    offline_ttl_seconds: Lifetime = 14 * DAY
    language: Annotated[str, Field(max_length=20)] | None = None
    attributes: dict[str, Any] = {}
    texts: dict[Literal["en", "fr"], dict[str, Annotated[str, Field(max_length=1000)]]] = {}


ReplyText = Annotated[str, AfterValidator(str.strip), AfterValidator(forms.fillable)]


class ReplyPart(Part):
    """A ready reply: agents find it by its shortcut and see it filled for their customer."""

    shortcut: Annotated[str, forms.checked(check_shortcut)]
    title: Annotated[str, forms.checked(check_title)]
    firm: FirmName | None = None
    """None: for all firms."""
    queue: QueueName | None = None
    """None: for all queues."""
    texts: Annotated[dict[Literal["en", "fr"], ReplyText], Field(min_length=1)]
    """With variables and conditions (Liquid), by language."""


class WidgetPart(Part):
    """The chat on a firm's pages."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{2,63}$")]
    firm: FirmName
    name: Annotated[str, Field(max_length=100)] = ""
    address: Annotated[str, Field(min_length=1, max_length=320)] | None = None
    """The entry point its chats arrive at; None: the key."""
    origins: list[Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]] = []
    languages: Annotated[list[Literal["en", "fr"]], Field(min_length=1)] = ["en", "fr"]
    accent: Annotated[str, forms.checked(check_colour)] | None = None
    texts: dict[Literal["en", "fr"], dict[Literal["title", "greeting"], Annotated[str, Field(max_length=400)]]] = {}
    privacy_url: str | None = None
    reply_seconds: Annotated[int, Field(ge=1, le=DAY)] | None = None
    away_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    """After so long an unread answer follows who has left the page by his next channel; None: never."""
    identity: SecretName | None = None
    """Signs the site's own users."""


class ChannelAccountPart(Part):
    """An account of a channel: a mailbox, a number, a page, a bot."""

    channel: Annotated[
        str, AfterValidator(check_channel), Field(json_schema_extra={"decides": ["settings", "secrets"]})
    ]
    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,63}$")]
    """Its name here and in its hook's address."""
    firm: FirmName
    name: Annotated[str, Field(max_length=100)] = ""
    address: Annotated[str, Field(min_length=1, max_length=320), AfterValidator(own_address)]
    """Where customers write to; an entry point with the same address says what becomes of it."""
    settings: Annotated[dict[str, Any], AfterValidator(own_settings)] = {}
    """In the words of the channel."""
    secrets: Annotated[dict[str, SecretName], AfterValidator(own_secrets)] = {}
    per_second: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """At most so many messages a second go out; None: no limit."""


Wording = dict[
    Literal["en", "fr"], Annotated[str, AfterValidator(str.strip), Field(min_length=1, max_length=MAX_QUESTION)]
]
Label = Annotated[
    dict[Literal["en", "fr"], Annotated[str, AfterValidator(str.strip), Field(min_length=1, max_length=MAX_CHOICE)]],
    Field(min_length=1),
]


def _choices_fit(choices: list[Any], info: ValidationInfo) -> list[Any]:
    if info.data.get("kind") == "choice" and len(choices) < 2:
        raise ValueError("a choice has at least two answers")
    if choices and info.data.get("kind") not in ("choice", None):
        raise ValueError("only a survey of the kind choice has answers of its own")
    return choices


class SurveyPart(Part):
    """A question that customers are asked after a conversation."""

    name: Name
    firm: FirmName | None = None
    """None: of all firms."""
    kind: Literal["csat", "nps", "ces", "choice", "text"] = "csat"
    question: Annotated[Wording, Field(min_length=1)]
    """By language; a customer of another language is asked in the first."""
    choices: Annotated[
        list[Label],
        Field(max_length=MAX_CHOICES, validate_default=True),
        AfterValidator(_choices_fit),
    ] = []
    comment: Wording = {}
    """A second, free question on the page; empty: it is not asked."""
    thanks: Wording = {}
    """Empty: our own words."""
    queues: list[QueueName] = []
    """None: every queue."""
    channels: list[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]] = []
    """None: every channel but voice."""
    share_percent: Annotated[int, Field(ge=0, le=100)] = 100
    every_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """A customer is asked at most once in so many days."""
    valid_days: Annotated[int, Field(ge=1, le=90)] = 14
    active: bool = True


class IntentPart(Part):
    """What people may mean, by what they say; flows name it."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    phrases: forms.Phrases = {}
    """By language."""


ChannelWord = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class RecontactPart(Part):
    """Whom of those who left before an answer is reached by itself, when, and how."""

    name: Name
    firm: FirmName | None = None
    """None: of all firms."""
    active: bool = True
    reasons: list[Literal["hung-up", "left-chat", "form", "not-served"]] = []
    """None: whatever reason."""
    queues: list[QueueName] = []
    """None: every queue."""
    waited_seconds: Annotated[int, Field(ge=0, le=DAY)] = 0
    """Who left sooner is let be."""
    after_minutes: Annotated[int, Field(ge=0, le=10_080)] = 10
    once_hours: Annotated[int, Field(ge=1, le=8_760)] = 24
    """A customer is reached at most once in so many hours."""
    within_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """Later than this after he left nobody is reached."""
    how: Literal["message", "callback"] = "message"
    channel: ChannelWord | None = None
    """None: what the customer prefers."""
    template: Annotated[str, Field(max_length=200)] = ""
    """Name of a text the channel's provider has approved; `texts` are then its words."""
    values: Annotated[list[Annotated[str, AfterValidator(forms.fillable)]], Field(max_length=20)] = []
    texts: Annotated[
        dict[Literal["en", "fr"], Annotated[str, AfterValidator(str.strip), Field(min_length=1, max_length=8_000)]],
        Field(validate_default=True),
        AfterValidator(forms.recontact_texts),
    ] = {}
    """Liquid, by language; for a message."""
    subjects: dict[Literal["en", "fr"], Annotated[str, AfterValidator(forms.fillable)]] = {}
    """Where it goes by mail."""
    zone: Annotated[str, forms.checked(check_zone)] = "Europe/Paris"
    """For quiet hours of customers whose country is not known."""


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
    roles: list[RolePart] = []
    users: list[UserPart] = []
    widgets: list[WidgetPart] = []
    channels: list[ChannelAccountPart] = []
    entry_points: list[EntryPointPart] = []
    trunks: list[TrunkPart] = []
    replies: list[ReplyPart] = []
    surveys: list[SurveyPart] = []
    intents: list[IntentPart] = []
    recontact: list[RecontactPart] = []
    lookups: list[LookupPart] = []
    panels: list[PanelPart] = []
    webhooks: list[WebhookPart] = []


assert LOCALES == ("en", "fr"), "the file's languages are those of the screens"
