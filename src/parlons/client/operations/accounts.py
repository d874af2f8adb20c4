"""Routes: accounts. Written by `make python-client` from the API's description."""

from __future__ import annotations

from parlons.client.calls import Group, Listing, Mode, Request, listing, operation
from parlons.client.types.accounts import (
    AccountToken,
    AuditRow,
    Firm,
    FirmBody,
    FirmPatch,
    Hours,
    Key,
    KeyBody,
    Link,
    LinkSignIn,
    ListedUser,
    Me,
    MeChange,
    NewKey,
    NewUser,
    Opening,
    OwnRole,
    PasswordChange,
    RoleBody,
    RolePatch,
    Roles,
    SignIn,
    TokenBody,
    User,
    UserBody,
    UserPatch,
)


class AccountsRoutes(Group[Mode]):
    """Routes: accounts."""

    @operation
    def sign_in(self, body: SignIn) -> Request[Me]:
        """Open a session by e-mail address and password."""
        return Request("POST", "/session", body=body)

    @operation
    def sign_out(self, *, everywhere: bool | None = None) -> Request[None]:
        """End this session, or all sessions of the caller."""
        return Request("DELETE", "/session", query={"everywhere": everywhere}, reads="nothing")

    @operation
    def sign_in_by_link(self, body: LinkSignIn) -> Request[Me]:
        """Open a session by a one-time link."""
        return Request("POST", "/session/link", body=body)

    @operation
    def me(self) -> Request[Me]:
        """The caller, his tenant and his firms."""
        return Request("GET", "/me")

    @operation
    def change_me(self, body: MeChange) -> Request[Me]:
        """Change the caller's own name, language and preferences."""
        return Request("PATCH", "/me", body=body)

    @operation
    def change_password(self, body: PasswordChange) -> Request[Me]:
        """Set the caller's password."""
        return Request("PUT", "/me/password", body=body)

    @listing
    def list_firms(self, *, after: str | None = None, limit: int | None = None) -> Listing[Firm]:
        """The firms the caller may see."""
        return Listing("GET", "/firms", query={"after": after, "limit": limit}, cursor="after")

    @operation
    def create_firm(self, body: FirmBody) -> Request[Firm]:
        """Add a firm."""
        return Request("POST", "/firms", body=body)

    @operation
    def get_firm(self, firm_id: str | int) -> Request[Firm]:
        """One firm."""
        return Request("GET", "/firms/{}", (firm_id,))

    @operation
    def update_firm(self, firm_id: str | int, body: FirmPatch, *, if_match: str | None = None) -> Request[Firm]:
        """Change a firm."""
        return Request("PATCH", "/firms/{}", (firm_id,), body=body, if_match=if_match)

    @operation
    def remove_firm(self, firm_id: str | int) -> Request[None]:
        """Remove a firm to which nothing belongs."""
        return Request("DELETE", "/firms/{}", (firm_id,), reads="nothing")

    @operation
    def get_opening(self, firm_id: str | int) -> Request[Opening]:
        """When a firm is open by its usual hours, from 31 days ago until in 14 days."""
        return Request("GET", "/firms/{}/opening", (firm_id,))

    @listing
    def list_keys(self, *, after: str | None = None, limit: int | None = None) -> Listing[Key]:
        """API keys without their secrets."""
        return Listing("GET", "/keys", query={"after": after, "limit": limit}, cursor="after")

    @operation
    def create_key(self, body: KeyBody) -> Request[NewKey]:
        """Add an API key."""
        return Request("POST", "/keys", body=body)

    @operation
    def issue_account_token(self, body: TokenBody) -> Request[AccountToken]:
        """The account's id and token, with which programs of the communications API sign in."""
        return Request("POST", "/account-token", body=body)

    @operation
    def revoke_key(self, key_id: str | int) -> Request[None]:
        """Revoke an API key at once."""
        return Request("DELETE", "/keys/{}", (key_id,), reads="nothing")

    @listing
    def list_hours(
        self, *, firm_id: str | None = None, after: str | None = None, limit: int | None = None
    ) -> Listing[Hours]:
        """Opening hours with their exceptional days, and whether each is open now."""
        return Listing("GET", "/hours", query={"firm_id": firm_id, "after": after, "limit": limit}, cursor="after")

    @listing
    def list_users(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        q: str | None = None,
        role: str | None = None,
        active: bool | None = None,
    ) -> Listing[ListedUser]:
        """The users who share a firm with the caller."""
        return Listing(
            "GET",
            "/users",
            query={"after": after, "limit": limit, "q": q, "role": role, "active": active},
            cursor="after",
        )

    @operation
    def create_user(self, body: UserBody) -> Request[NewUser]:
        """Add a user."""
        return Request("POST", "/users", body=body)

    @operation
    def get_user(self, user_id: str | int) -> Request[ListedUser]:
        """One user."""
        return Request("GET", "/users/{}", (user_id,))

    @operation
    def update_user(self, user_id: str | int, body: UserPatch, *, if_match: str | None = None) -> Request[User]:
        """Change a user."""
        return Request("PATCH", "/users/{}", (user_id,), body=body, if_match=if_match)

    @operation
    def deactivate_user(self, user_id: str | int) -> Request[None]:
        """Deactivate a user."""
        return Request("DELETE", "/users/{}", (user_id,), reads="nothing")

    @operation
    def create_link(self, user_id: str | int) -> Request[Link]:
        """A one-time sign-in link for a user, in place of the one before."""
        return Request("POST", "/users/{}/link", (user_id,))

    @operation
    def revoke_link(self, user_id: str | int) -> Request[None]:
        """The link that was not used yet opens nothing any more."""
        return Request("DELETE", "/users/{}/link", (user_id,), reads="nothing")

    @operation
    def reset_user(self, user_id: str | int) -> Request[Link]:
        """End the user's sessions, forget the password."""
        return Request("POST", "/users/{}/reset", (user_id,))

    @operation
    def list_roles(self) -> Request[Roles]:
        """The roles with their rights."""
        return Request("GET", "/roles")

    @operation
    def create_role(self, body: RoleBody) -> Request[OwnRole]:
        """Add a role of one's own."""
        return Request("POST", "/roles", body=body)

    @operation
    def update_role(self, role_id: str | int, body: RolePatch, *, if_match: str | None = None) -> Request[OwnRole]:
        """Rename a role or change its rights, for everybody who has it."""
        return Request("PATCH", "/roles/{}", (role_id,), body=body, if_match=if_match)

    @operation
    def remove_role(self, role_id: str | int) -> Request[None]:
        """Remove a role that nobody has."""
        return Request("DELETE", "/roles/{}", (role_id,), reads="nothing")

    @listing
    def list_audit(
        self,
        *,
        before: str | None = None,
        limit: int | None = None,
        actor: str | None = None,
        action: str | None = None,
        object_id: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Listing[AuditRow]:
        """Administrative acts, newest first."""
        return Listing(
            "GET",
            "/audit",
            query={
                "before": before,
                "limit": limit,
                "actor": actor,
                "action": action,
                "object_id": object_id,
                "since": since,
                "until": until,
            },
            cursor="before",
        )

    @operation
    def export_audit(
        self,
        *,
        actor: str | None = None,
        action: str | None = None,
        object_id: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Request[str]:
        """The same rows as CSV, the newest 100,000."""
        return Request(
            "GET",
            "/audit.csv",
            query={"actor": actor, "action": action, "object_id": object_id, "since": since, "until": until},
            reads="text",
        )
