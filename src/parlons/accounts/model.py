"""Who acts, and what a role may do. Pure: decides rights, reads and stores nothing."""

from dataclasses import dataclass
from enum import StrEnum

from parlons.accounts.errors import FirmNotYours
from parlons.kit.errors import Forbidden


class Role(StrEnum):
    """What a person may do; each role may all that the one before it may."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class Scope(StrEnum):
    """What an API key may do."""

    READ = "read"
    """See all that a supervisor sees."""
    WRITE = "write"
    """Create and change work: tasks, conversations, messages, states."""
    CONFIGURE = "configure"
    """All that an administrator may."""


ROLES = tuple(Role)
SERVING_ROLES = frozenset({Role.AGENT, Role.SUPERVISOR})
"""Roles whose people have a worker."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Principal:
    """The person or key behind a call. Its tenant is the only tenant the call can touch."""

    tenant_id: str
    workspace_id: str
    role: Role
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

    def may(self, role: Role) -> bool:
        """Whether this principal has at least the rights of `role`."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def may_call(self, role: Role, method: str) -> bool:
        """Whether a route open to `role` may be called with this HTTP method; keys need the scope besides."""
        if not self.may(role):
            return False
        if self.key_id is None:
            return True
        if method in SAFE_METHODS:
            return bool(self.scopes)
        return Scope.CONFIGURE in self.scopes or (Scope.WRITE in self.scopes and role is not Role.ADMINISTRATOR)

    def check(self, role: Role) -> None:
        """Raise Forbidden unless this principal has at least the rights of `role`."""
        if not self.may(role):
            raise Forbidden(f"This needs the role {role.value}.", role=role.value)

    def sees(self, firm_id: str | None) -> bool:
        """Whether rows of this firm may be seen; rows of no firm belong to everybody of the tenant."""
        return firm_id is None or self.firm_ids is None or firm_id in self.firm_ids

    def check_firm(self, firm_id: str | None) -> None:
        """Raise FirmNotYours unless rows of this firm may be seen."""
        if not self.sees(firm_id):
            raise FirmNotYours(firm_id=firm_id)

    @property
    def actor(self) -> str:
        """The id that stands for this principal in audit rows and histories."""
        return self.user_id or self.key_id or "system"


def role_of_scopes(scopes: frozenset[Scope]) -> Role:
    """The role an API key acts with: configuring needs an administrator's rights, all else a supervisor's."""
    return Role.ADMINISTRATOR if Scope.CONFIGURE in scopes else Role.SUPERVISOR


def system_principal(tenant_id: str, workspace_id: str) -> Principal:
    """The principal of the command line and of the product itself: all rights in one tenant, no person."""
    return Principal(tenant_id, workspace_id, Role.ADMINISTRATOR)
