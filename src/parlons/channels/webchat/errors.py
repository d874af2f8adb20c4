"""What this channel refuses. Codes are part of the widget's protocol."""

from parlons.kit.errors import Forbidden, Invalid, NotFound, TooLarge, TooMany, Unauthenticated


class UnknownWidget(NotFound):
    """There is no widget with this key."""

    code = "unknown-widget"


class OriginRefused(Forbidden):
    """This site may not use this chat: its address is not on the widget's list."""

    code = "origin-refused"


class NoVisit(Unauthenticated):
    """This visit has ended or never began; start one first."""

    code = "no-visit"


class IdentityNotProven(Forbidden):
    """The signature does not fit this user: it must be made on the site's server with the widget's secret."""

    code = "identity-not-proven"


class TooFast(TooMany):
    """This comes faster than it can be taken; wait a little."""

    code = "too-fast"


class TextTooLong(TooLarge):
    """This message is too long; send it in parts."""

    code = "message-too-long"


class InvalidWidget(Invalid):
    """A value of this widget is not acceptable."""

    code = "invalid-widget"


class InvalidForm(Invalid):
    """Name, e-mail address and message are needed."""

    code = "invalid-form"
