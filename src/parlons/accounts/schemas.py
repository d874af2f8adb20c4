"""What the API answers about people, firms, keys, audit and hours: pydantic at the edge only. Times are RFC 3339."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from parlons.accounts.model import Role, Scope
from parlons.accounts.rights import Right

Sound = Literal["knock", "bell", "drop", "off"]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Thing(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid")


class Firm(Thing):
    """A company the tenant answers for."""

    id: str
    name: str
    colour: str | None
    languages: list[str]
    hours_id: str | None
    is_default: bool
    created_at: str
    version: int


class Sounds(Thing):
    """By which sound a new contact of each channel is heard; null: the usual knock."""

    voice: Sound | None = None
    webchat: Sound | None = None
    other: Sound | None = None


class Quiet(Thing):
    """When a new contact makes no sound and no notification."""

    on_call: bool = False
    calls_ring: bool = True
    """Calls are heard all the same."""
    begins: TimeOfDay | None = None
    ends: TimeOfDay | None = None
    """Quiet every day between these times of the person's own clock."""
    until: AwareDatetime | None = None
    """Quiet from now until then."""


class MyUser(Thing):
    """The signed-in person, with preferences; null: never chosen."""

    id: str
    name: str
    email: str
    role: Role
    """Where the person stands; the role itself is `role_name`."""
    role_name: str
    locale: Literal["en", "fr"]
    firm_ids: list[str] | None
    queue_ids: list[str] | None
    has_password: bool
    theme: Literal["light", "dark", "auto"] | None
    contrast: Literal["usual", "more"] | None
    keymap: dict[str, str] | None
    sound: bool | None
    sounds: Sounds | None
    quiet: Quiet | None
    notifications: bool | None
    density: Literal["comfortable", "compact"] | None


class Tenant(Thing):
    id: str
    name: str


class Me(Thing):
    """Who calls. `user` is null for an API key; of very many firms the first hundred are here."""

    user: MyUser | None
    role: Role
    rights: list[Right]
    worker_id: str | None
    workspace_id: str
    tenant: Tenant
    firms: list[Firm]


class Frames(Thing):
    """Origins of pages that may show the desk."""

    origins: list[str]


class User(Thing):
    """A person of the staff. `role`: the name of a preset or of an own role; `firm_ids`, `queue_ids` null: every one."""

    id: str
    workspace_id: str
    worker_id: str | None
    email: str
    name: str
    role: str
    firm_ids: list[str] | None
    queue_ids: list[str] | None
    locale: Literal["en", "fr"]
    active: bool
    created_at: str | None
    signed_in_at: str | None
    version: int


class ListedUser(User):
    """A person with the link not yet used: `invited` says until when it opens."""

    invited: str | None


class OwnRole(Thing):
    """A name for a set of rights. `bound`: its people must be bound to firms."""

    id: str | None
    name: str
    rights: list[Right]
    preset: bool
    bound: bool
    people: int
    version: int


class Roles(Thing):
    items: list[OwnRole]
    next: str | None


class NewUser(User):
    """A person just added, with the one-time link to hand over."""

    link: str


class Link(Thing):
    """A one-time sign-in link."""

    link: str


class Key(Thing):
    """An API key without its secret."""

    id: str
    name: str
    prefix: str
    scopes: list[Scope]
    firm_ids: list[str] | None
    queue_ids: list[str] | None
    """The queues whose contacts it reaches; null: all queues of its firms."""
    per_minute: int | None
    """Requests it may make; null: no limit."""
    created_by: str
    created_at: str
    used_at: str | None
    expires_at: str | None
    revoked_at: str | None


class NewKey(Key):
    """An API key just made; the secret is shown this once."""

    secret: str


class AccountToken(BaseModel):
    """Name and secret of the account for programs of the communications API."""

    account_sid: str
    auth_token: str


class AuditRow(Thing):
    """One administrative act. `diff`: before and after of each changed field."""

    id: str
    at: str
    actor: str
    actor_name: str | None
    action: str
    object_id: str
    object_name: str | None
    firm_id: str | None
    diff: dict[str, list[Any]]


class ExceptionalDay(Thing):
    """A day that is otherwise than its weekday; no interval: closed."""

    label: str
    intervals: list[str]


class Hours(Thing):
    """Opening hours, and whether they are open now."""

    id: str
    firm_id: str
    name: str
    zone: str
    week: dict[str, list[str]]
    country: str | None
    region: str | None
    days: dict[str, ExceptionalDay]
    open: bool
    next_opening_at: str | None
    version: int


class OpenSpan(Thing):
    opens_at: str
    closes_at: str


class Opening(Thing):
    """When a firm is open by its usual hours."""

    always: bool
    """It has no usual hours; `spans` is empty."""
    from_at: str
    """Nothing is said of the time before."""
    until_at: str
    spans: list[OpenSpan]
    """In order, none touching another."""


class Users(Thing):
    items: list[ListedUser]
    next: str | None


class Firms(Thing):
    items: list[Firm]
    next: str | None


class Keys(Thing):
    items: list[Key]
    next: str | None


class AuditRows(Thing):
    items: list[AuditRow]
    next: str | None


class HoursPage(Thing):
    items: list[Hours]
    next: str | None
