"""What this room refuses."""

from parlons.kit.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated


class WrongPassword(Unauthenticated):
    """E-mail address and password do not match."""

    code = "wrong-password"


class LinkNotValid(Unauthenticated):
    """This link was used already or is too old; ask an administrator for a new one."""

    code = "link-not-valid"


class TooManyAttempts(TooMany):
    """Too many attempts from here; wait some minutes."""

    code = "too-many-attempts"


class TooFast(TooMany):
    """This key has made as many requests as it may within a minute; wait as long as Retry-After says."""

    code = "key-too-fast"


class MissingHeader(Forbidden):
    """A call that changes something needs the header `X-Parlons: 1` when it signs in by cookie."""

    code = "missing-header"


class ForeignOrigin(Forbidden):
    """This page belongs to another site and may not act in your name."""

    code = "foreign-origin"


class FirmNotYours(NotFound):
    """No such firm among those you work for."""

    code = "firm-not-found"


class UserNotFound(NotFound):
    """No such user here."""

    code = "user-not-found"


class FirmNotFound(NotFound):
    """No such firm here."""

    code = "firm-not-found"


class KeyNotFound(NotFound):
    """No such API key here."""

    code = "key-not-found"


class HoursNotFound(NotFound):
    """No such opening hours here."""

    code = "hours-not-found"


class EmailTaken(Conflict):
    """Another user has this e-mail address."""

    code = "email-taken"


class FirmNameTaken(Conflict):
    """Another firm has this name."""

    code = "firm-name-taken"


class LastAdministrator(Conflict):
    """This is the last one who can invite people and change the settings for all firms; name another one first."""

    code = "last-administrator"


class RoleNameTaken(Conflict):
    """Another role has this name."""

    code = "role-name-taken"


class RoleInUse(Conflict):
    """People still have this role; give them another one first."""

    code = "role-in-use"


class RoleNotFound(NotFound):
    """No such role here."""

    code = "role-not-found"


class BeyondYourRights(Forbidden):
    """These rights go beyond your own; ask somebody who has them."""

    code = "beyond-your-rights"


class DefaultFirm(Conflict):
    """The default firm cannot be removed."""

    code = "default-firm"


class FirmInUse(Conflict):
    """The firm still has people, opening hours, conversations or configuration of its own."""

    code = "firm-in-use"


class WeakPassword(Invalid):
    """The password needs at least 10 characters; a sentence makes a good one."""

    code = "weak-password"


class InvalidAccount(Invalid):
    """A value of this account is not acceptable."""

    code = "invalid-account"


class UnknownHolidays(Invalid):
    """There is no calendar of holidays for this country or region."""

    code = "unknown-holidays"


class WorkspaceNotFound(NotFound):
    """There is no such workspace."""

    code = "workspace-not-found"


class WorkspaceFixed(Conflict):
    """The desk's own workspace is set up in the desk's settings, and stays."""

    code = "workspace-fixed"


class TooManyWorkspaces(Conflict):
    """There are as many workspaces as one installation can carry; remove one first."""

    code = "too-many-workspaces"
