"""What calls refuse, with stable codes."""

from parlons.kit.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unavailable


class UnknownCall(NotFound):
    """There is no such call."""

    code = "unknown-call"


class UnknownRecording(NotFound):
    """There is no such recording, or its time is over."""

    code = "unknown-recording"


class UnknownLine(NotFound):
    """Nothing answers this line."""

    code = "unknown-line"


class NotYourCall(Forbidden):
    """This call is in a colleague's hands."""

    code = "not-your-call"


class WrongCallState(Conflict):
    """The call is not in a state in which this can be done."""

    code = "wrong-call-state"


class NoPage(Conflict):
    """The customer has no page open beside the call: send him a link first."""

    code = "no-page"


class NoPhone(Conflict):
    """No phone of yours is connected: open the phone in the desk, or register your desk phone."""

    code = "no-phone"


class LiftPhone(Conflict):
    """A desk phone rings: it is answered by hand."""

    code = "lift-the-phone"


class AlreadyOnCall(Conflict):
    """You are on another call; put it on hold or end it first."""

    code = "already-on-a-call"


class VoiceOff(Unavailable):
    """The telephone is not running here; nothing was done. Try again in a moment."""

    code = "voice-off"


class NoRoute(Conflict):
    """No trunk can carry this call."""

    code = "no-route"


class NoEmergencyRoute(Conflict):
    """Emergency calls cannot be placed here: no trunk has an emergency route. Use another telephone, now."""

    code = "no-emergency-route"


class InvalidNumber(Invalid):
    """This is no telephone number Parlons can call."""

    code = "invalid-number"


class CountryNotAllowed(Forbidden):
    """Calls to this country are not allowed; an administrator can allow it."""

    code = "country-not-allowed"


class NotOutside(Forbidden):
    """Calls of this queue may be brought to no outside number, or only to those its settings name."""

    code = "not-outside"


class CallLimit(TooMany):
    """The limit of outgoing calls is reached for this hour."""

    code = "call-limit"


class CostLimit(TooMany):
    """The limit of the cost of calls is reached for this hour."""

    code = "cost-limit"
