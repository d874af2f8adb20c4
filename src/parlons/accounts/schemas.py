"""What the API answers about people, firms, keys, audit and hours: pydantic at the edge only. Times are RFC 3339."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from parlons.accounts.model import Role, Scope


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


class MyUser(Thing):
    """The signed-in person, with preferences; null: never chosen."""

    id: str
    name: str
    email: str
    role: Role
    locale: Literal["en", "fr"]
    firm_ids: list[str] | None
    has_password: bool
    theme: Literal["light", "dark", "auto"] | None
    keymap: dict[str, str] | None
    sound: bool | None
    notifications: bool | None
    density: Literal["comfortable", "compact"] | None


class Tenant(Thing):
    id: str
    name: str


class Me(Thing):
    """Who calls. `user` is null for an API key; of very many firms the first hundred are here."""

    user: MyUser | None
    role: Role
    worker_id: str | None
    workspace_id: str
    tenant: Tenant
    firms: list[Firm]


class User(Thing):
    """A person of the staff. `firm_ids` null: rights to every firm."""

    id: str
    workspace_id: str
    worker_id: str | None
    email: str
    name: str
    role: Role
    firm_ids: list[str] | None
    locale: Literal["en", "fr"]
    active: bool
    created_at: str | None
    signed_in_at: str | None
    version: int


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
    created_by: str
    created_at: str
    used_at: str | None
    expires_at: str | None
    revoked_at: str | None


class NewKey(Key):
    """An API key just made; the secret is shown this once."""

    secret: str


class AuditRow(Thing):
    """One administrative act. `diff`: before and after of each changed field."""

    id: str
    at: str
    actor: str
    actor_name: str | None
    action: str
    object_id: str
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


class Users(Thing):
    items: list[User]
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
