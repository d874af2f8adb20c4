"""What travels: accounts. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class AccountToken(TypedDict):
    account_sid: str
    auth_token: str


class AuditRow(TypedDict):
    id: str
    at: str
    actor: str
    actor_name: str | None
    action: str
    object_id: str
    object_name: str | None
    firm_id: str | None
    diff: dict[str, list[Any]]


class AuditRows(TypedDict):
    items: list[AuditRow]
    next: str | None


class ExceptionalDay(TypedDict):
    label: str
    intervals: list[str]


class Firm(TypedDict):
    id: str
    name: str
    colour: str | None
    languages: list[str]
    hours_id: str | None
    is_default: bool
    created_at: str
    version: int


class FirmBody(TypedDict):
    name: str
    colour: NotRequired[str | None]
    languages: NotRequired[list[str]]


class FirmPatch(TypedDict):
    name: NotRequired[str | None]
    colour: NotRequired[str | None]
    languages: NotRequired[list[str] | None]
    hours_id: NotRequired[str | None]
    version: NotRequired[int | None]


class Firms(TypedDict):
    items: list[Firm]
    next: str | None


class Hours(TypedDict):
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


class HoursPage(TypedDict):
    items: list[Hours]
    next: str | None


class Key(TypedDict):
    id: str
    name: str
    prefix: str
    scopes: list[Scope]
    firm_ids: list[str] | None
    queue_ids: list[str] | None
    per_minute: int | None
    created_by: str
    created_at: str
    used_at: str | None
    expires_at: str | None
    revoked_at: str | None


class KeyBody(TypedDict):
    name: str
    scopes: list[Scope]
    firm_ids: NotRequired[list[str] | None]
    queue_ids: NotRequired[list[str] | None]
    expires_at: NotRequired[str | None]
    per_minute: NotRequired[int | None]


class Keys(TypedDict):
    items: list[Key]
    next: str | None


class Link(TypedDict):
    link: str


class LinkSignIn(TypedDict):
    token: str


class ListedUser(TypedDict):
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
    invited: str | None


class Me(TypedDict):
    user: MyUser | None
    role: Role
    rights: list[Right]
    worker_id: str | None
    workspace_id: str
    tenant: Tenant
    firms: list[Firm]


class MeChange(TypedDict):
    name: NotRequired[str | None]
    locale: NotRequired[Literal["en", "fr"] | None]
    theme: NotRequired[Literal["light", "dark", "auto"] | None]
    contrast: NotRequired[Literal["usual", "more"] | None]
    density: NotRequired[Literal["comfortable", "compact"] | None]
    sound: NotRequired[bool | None]
    sounds: NotRequired[Sounds | None]
    quiet: NotRequired[Quiet | None]
    notifications: NotRequired[bool | None]
    keymap: NotRequired[dict[str, str] | None]


class MyUser(TypedDict):
    id: str
    name: str
    email: str
    role: Role
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


class NewKey(TypedDict):
    id: str
    name: str
    prefix: str
    scopes: list[Scope]
    firm_ids: list[str] | None
    queue_ids: list[str] | None
    per_minute: int | None
    created_by: str
    created_at: str
    used_at: str | None
    expires_at: str | None
    revoked_at: str | None
    secret: str


class NewUser(TypedDict):
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
    link: str


class OpenSpan(TypedDict):
    opens_at: str
    closes_at: str


class Opening(TypedDict):
    always: bool
    from_at: str
    until_at: str
    spans: list[OpenSpan]


class OwnRole(TypedDict):
    id: str | None
    name: str
    rights: list[Right]
    preset: bool
    bound: bool
    people: int
    version: int


class PasswordChange(TypedDict):
    password: str
    current: NotRequired[str | None]


class Quiet(TypedDict):
    on_call: NotRequired[bool]
    calls_ring: NotRequired[bool]
    begins: NotRequired[str | None]
    ends: NotRequired[str | None]
    until: NotRequired[str | None]


class RoleBody(TypedDict):
    name: str
    rights: list[Right]


class RolePatch(TypedDict):
    name: NotRequired[str | None]
    rights: NotRequired[list[Right] | None]
    version: NotRequired[int | None]


class Roles(TypedDict):
    items: list[OwnRole]
    next: str | None


class SignIn(TypedDict):
    email: str
    password: str


class Sounds(TypedDict):
    voice: NotRequired[Literal["knock", "bell", "drop", "off"] | None]
    webchat: NotRequired[Literal["knock", "bell", "drop", "off"] | None]
    other: NotRequired[Literal["knock", "bell", "drop", "off"] | None]


class Tenant(TypedDict):
    id: str
    name: str


class TokenBody(TypedDict):
    renew: NotRequired[bool]


class User(TypedDict):
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


class UserBody(TypedDict):
    email: NotRequired[str | None]
    name: NotRequired[str | None]
    role: NotRequired[str | None]
    firm_ids: NotRequired[list[str] | None]
    queue_ids: NotRequired[list[str] | None]
    locale: NotRequired[str | None]
    attributes: NotRequired[dict[str, Any] | None]
    channels: NotRequired[dict[str, int] | None]


class UserPatch(TypedDict):
    email: NotRequired[str | None]
    name: NotRequired[str | None]
    role: NotRequired[str | None]
    firm_ids: NotRequired[list[str] | None]
    queue_ids: NotRequired[list[str] | None]
    locale: NotRequired[str | None]
    attributes: NotRequired[dict[str, Any] | None]
    channels: NotRequired[dict[str, int] | None]
    active: NotRequired[bool | None]
    version: NotRequired[int | None]


class Users(TypedDict):
    items: list[ListedUser]
    next: str | None


Right: TypeAlias = Literal[
    "serve", "fetch", "figures", "read", "coach", "steer", "plan", "people", "configure", "keys", "webhooks", "audit"
]


Role: TypeAlias = Literal["agent", "supervisor", "administrator"]


Scope: TypeAlias = Literal["read", "write", "configure", "phone"]
