"""Who acts, and what a role may do. Pure: decides rights, reads and stores nothing."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from parlons.accounts.errors import FirmNotYours
from parlons.accounts.rights import ALL, PRESETS, Right, Rights, whole
from parlons.kit.errors import Forbidden


class Role(StrEnum):
    """Where somebody stands, whatever his role is called: what a route asks for at least."""

    AGENT = "agent"
    """Signed in; to change anything he must serve or steer."""
    SUPERVISOR = "supervisor"
    """Sees the floor; to change anything he must steer."""
    ADMINISTRATOR = "administrator"
    """Changes the settings."""


class Scope(StrEnum):
    """What an API key may do."""

    READ = "read"
    """See all that a supervisor sees."""
    WRITE = "write"
    """Create and change work: tasks, conversations, messages, states."""
    CONFIGURE = "configure"
    """All that an administrator may."""
    PHONE = "phone"
    """Drive the phone of a user it names (on_behalf.py), and nothing else."""


SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Principal:
    """The person or key behind a call. Its tenant is the only tenant the call can touch."""

    tenant_id: str
    workspace_id: str
    role: Role
    """Where he stands; what he may do is `rights`."""
    user_id: str | None = None
    """None for an API key."""
    key_id: str | None = None
    """None for a person."""
    worker_id: str | None = None
    firm_ids: frozenset[str] | None = None
    """The firms whose rows may be seen; None: all of the tenant."""
    scopes: frozenset[Scope] = frozenset()
    """Of an API key; empty for a person."""
    locale: str = "en"
    name: str = ""
    """The display name; personal data, never logged."""

    given: Rights | None = None
    """The rights of his role; None: those of the preset that is called as he stands."""
    queue_ids: frozenset[str] | None = None
    """The queues whose contacts and figures of others may be seen and changed; None: all of his firms."""
    role_name: str = ""
    """What his role is called; empty: as he stands."""
    per_minute: int | None = None
    """Requests an API key may make within a minute; None: no limit."""

    @property
    def rights(self) -> Rights:
        """What he may do."""
        return PRESETS[self.role].rights if self.given is None else self.given

    def has(self, right: Right) -> bool:
        """Whether he may do this kind of act at all."""
        return right in self.rights

    def may(self, role: Role) -> bool:
        """Whether he sees what `role` sees: the work of others (supervisor), the settings (administrator)."""
        match role:
            case Role.AGENT:
                return True
            case Role.SUPERVISOR:
                return Right.READ in self.rights
            case Role.ADMINISTRATOR:
                return Right.CONFIGURE in self.rights

    def may_call(self, role: Role, method: str) -> bool:
        """Whether a route open to `role` may be called with this HTTP method; keys need the scope besides."""
        reads = method in SAFE_METHODS
        match role:
            case Role.AGENT:
                right = reads or not self.rights.isdisjoint({Right.SERVE, Right.STEER})
            case Role.SUPERVISOR:
                right = (Right.FIGURES if reads else Right.STEER) in self.rights
            case Role.ADMINISTRATOR:
                right = Right.CONFIGURE in self.rights
        return right and self._scoped(reads, role is Role.ADMINISTRATOR)

    def may_do(self, right: Right, method: str) -> bool:
        """Whether a route that asks for `right` may be called with this HTTP method."""
        owned = right in (Right.PEOPLE, Right.CONFIGURE, Right.KEYS, Right.WEBHOOKS)
        return right in self.rights and self._scoped(method in SAFE_METHODS, owned)

    def _scoped(self, reads: bool, administers: bool) -> bool:
        if self.key_id is None:
            return True
        if reads:
            return not self.scopes <= {Scope.PHONE}
        return Scope.CONFIGURE in self.scopes or (Scope.WRITE in self.scopes and not administers)

    def check(self, role: Role) -> None:
        """Raise Forbidden unless this principal has at least the rights of `role`."""
        if not self.may(role):
            raise self.without_role(role, lambda one: one.may(role))

    def check_right(self, right: Right) -> None:
        """Raise Forbidden unless he may do this kind of act."""
        if right not in self.rights:
            raise self.without_right(right, lambda one: one.has(right))

    def without_role(self, role: Role, enough: "Callable[[Principal], bool]") -> Forbidden:
        """What is said when this role is missing: to a key, the scope with which it would be `enough`."""
        return self._without(f"the role {role.value}", enough, role=role.value)

    def without_right(self, right: Right, enough: "Callable[[Principal], bool]") -> Forbidden:
        """What is said when this right is missing: to a key, the scope with which it would be `enough`."""
        return self._without(f"the right {right.value}", enough, right=right.value)

    def _without(self, what: str, enough: "Callable[[Principal], bool]", **details: str) -> Forbidden:
        for scope in () if self.key_id is None else (Scope.READ, Scope.WRITE, Scope.CONFIGURE):
            wider = self.scopes | {scope}
            if enough(replace(self, scopes=wider, given=rights_of_scopes(wider))):
                return Forbidden(f"This needs a key with the scope {scope.value}.", **details, scope=scope.value)
        return Forbidden(f"This needs {what}.", **details)

    def sees(self, firm_id: str | None) -> bool:
        """Whether rows of this firm may be seen; rows of no firm belong to everybody of the tenant."""
        return firm_id is None or self.firm_ids is None or firm_id in self.firm_ids

    def check_firm(self, firm_id: str | None) -> None:
        """Raise FirmNotYours unless rows of this firm may be seen."""
        if not self.sees(firm_id):
            raise FirmNotYours(firm_id=firm_id)

    def oversees(self, firm_id: str | None, queue_id: str | None) -> bool:
        """Whether the contacts of others in this firm and queue are within his rights; without a queue: who sees all."""
        return self.sees(firm_id) and (self.queue_ids is None or (queue_id is not None and queue_id in self.queue_ids))

    def sees_any(self, firm_ids: Collection[str]) -> bool:
        """Whether a person of these firms (none: of all) may be seen."""
        return not firm_ids or self.firm_ids is None or not self.firm_ids.isdisjoint(firm_ids)

    @property
    def actor(self) -> str:
        """The id that stands for this principal in audit rows and histories."""
        return self.user_id or self.key_id or "system"


def standing(rights: Rights) -> Role:
    """Where somebody with these rights stands."""
    if Right.CONFIGURE in rights:
        return Role.ADMINISTRATOR
    return Role.SUPERVISOR if Right.FIGURES in rights else Role.AGENT


def rights_of_scopes(scopes: frozenset[Scope]) -> Rights:
    """What an API key may do."""
    if Scope.CONFIGURE in scopes:
        return ALL
    if Scope.WRITE in scopes:
        return whole({Right.STEER, Right.FETCH})
    return whole({Right.READ}) if Scope.READ in scopes else frozenset()


def system_principal(tenant_id: str, workspace_id: str) -> Principal:
    """The principal of the command line and of the product itself: all rights in one tenant, no person."""
    return Principal(tenant_id, workspace_id, Role.ADMINISTRATOR)
