"""Call XML: a document says what a call hears and does. Read here into instructions, all of it before the first is carried out.

What is not known, in element, attribute or value, is refused with the API's own code, never passed by; so is what the API has
and this server has not. A document has no DTD, so there is nothing to expand. Pure.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

import msgspec
from msgspec import Struct

from parlons.compat.call_xml_streams import Connect, Start, Stop, Stream
from parlons.compat.errors import ApiError

PARSE_FAILED, SCHEMA, WRONG_ATTRIBUTE = 12100, 12200, 12201
MOST_BYTES, MOST_VERBS, MOST_DEEP = 64_000, 200, 8
FOREVER = 20
"""How often something is repeated that is to be repeated for ever."""
_NUMBER = re.compile(r"\d{1,9}")


class XmlRefused(ApiError):
    """A document that cannot be carried out."""

    def __init__(self, message: str, code: int = SCHEMA) -> None:
        super().__init__(message, 400, code)


class Say(Struct, frozen=True, tag=True):
    """Words."""

    text: str
    language: str = "en"
    loop: int = 1


class Play(Struct, frozen=True, tag=True):
    """A sound of an address."""

    url: str
    loop: int = 1


class Pause(Struct, frozen=True, tag=True):
    """Silence."""

    length: int = 1


Prompt = Say | Play | Pause


class Gather(Struct, frozen=True, tag=True):
    """Keys, while the prompts are heard and after them."""

    prompts: tuple[Prompt, ...] = ()
    action: str = ""
    method: str = "POST"
    timeout: int = 5
    finish_on_key: str = "#"
    num_digits: int = 64
    action_on_empty_result: bool = False


class Record(Struct, frozen=True, tag=True):
    """What the caller says, until he is silent, presses a key or has said enough."""

    action: str = ""
    method: str = "POST"
    timeout: int = 5
    max_length: int = 3600
    play_beep: bool = True
    recording_status_callback: str = ""
    recording_status_callback_method: str = "POST"


class Redirect(Struct, frozen=True, tag=True):
    """Another document takes over."""

    url: str
    method: str = "POST"


class Hangup(Struct, frozen=True, tag=True):
    """The end."""


class Reject(Struct, frozen=True, tag=True):
    """The call is not answered."""

    reason: Literal["rejected", "busy"] = "rejected"


class Leave(Struct, frozen=True, tag=True):
    """Out of the queue in which this document is heard."""


class Far(Struct, frozen=True, tag=True):
    """Somebody who is called."""

    kind: Literal["number", "client", "sip"]
    to: str
    url: str = ""
    method: str = "POST"
    status_callback: str = ""
    status_callback_event: tuple[str, ...] = ()
    status_callback_method: str = "POST"


class Conference(Struct, frozen=True, tag=True):
    """A room by its name."""

    name: str
    muted: bool = False
    beep: Literal["true", "false", "onEnter", "onExit"] = "true"
    start_conference_on_enter: bool = True
    end_conference_on_exit: bool = False
    wait_url: str | None = None
    max_participants: int = 250
    coach: str = ""
    participant_label: str = ""
    status_callback: str = ""
    status_callback_event: tuple[str, ...] = ()
    status_callback_method: str = "POST"


class FromQueue(Struct, frozen=True, tag=True):
    """Whoever waits first in a queue, or the call of a reservation."""

    name: str = ""
    reservation_sid: str = ""


class Dial(Struct, frozen=True, tag=True):
    """The caller and somebody else."""

    to: tuple[Far, ...] | Conference | FromQueue
    action: str = ""
    method: str = "POST"
    timeout: int = 30
    caller_id: str = ""
    answer_on_bridge: bool = False


class Enqueue(Struct, frozen=True, tag=True):
    """The caller waits: in a queue by its name, or for whom a workflow chooses."""

    name: str = ""
    workflow_sid: str = ""
    action: str = ""
    method: str = "POST"
    wait_url: str | None = None
    wait_url_method: str = "POST"
    attributes: dict[str, Any] = {}
    priority: int = 0
    timeout: int = 86_400


Verb = (
    Say | Play | Pause | Gather | Record | Redirect | Hangup | Reject | Leave | Dial | Enqueue | Connect | Start | Stop
)

# --- reading ----------------------------------------------------------------------------------------------------------

Read = Callable[[str], Any]


def _whole(least: int, most: int) -> Read:
    def read(text: str) -> int:
        if _NUMBER.fullmatch(text) is None or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read


def _times(text: str) -> int:
    times: int = _whole(0, 1000)(text)
    return min(times or FOREVER, FOREVER)


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("true or false")
    return text == "true"


def _one_of(*words: str) -> Read:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return text

    return read


def _some_of(*words: str) -> Read:
    def read(text: str) -> tuple[str, ...]:
        given = tuple(text.split())
        if not set(given) <= set(words):
            raise ValueError(f"some of {', '.join(words)}")
        return given

    return read


def _keys(text: str) -> str:
    if text not in ("", *"0123456789*#"):
        raise ValueError("one key, or empty")
    return text


def _text(text: str) -> str:
    if len(text) > 4096:
        raise ValueError("at most 4096 characters")
    return text


def _socket(text: str) -> str:
    if not text.startswith(("wss://", "ws://")):
        raise ValueError("a wss:// address")
    return _text(text)


_METHOD = _one_of("GET", "POST")
_ACTION: dict[str, Read] = {"action": _text, "method": _METHOD}
_CALL_EVENTS: dict[str, Read] = {
    "statusCallback": _text,
    "statusCallbackMethod": _METHOD,
    "statusCallbackEvent": _some_of("initiated", "ringing", "answered", "completed"),
}
_FAR: dict[str, Read] = {"url": _text, "method": _METHOD, **_CALL_EVENTS}
ATTRIBUTES: dict[str, dict[str, Read]] = {
    "Say": {"language": lambda text: _text(text)[:2].lower(), "loop": _times, "voice": _text},
    "Play": {"loop": _times},
    "Pause": {"length": _whole(0, 3600)},
    "Gather": {
        **_ACTION, "timeout": _whole(1, 600), "finishOnKey": _keys, "numDigits": _whole(1, 64),
        "actionOnEmptyResult": _truth, "input": _one_of("dtmf"),
    },
    "Record": {
        **_ACTION, "timeout": _whole(1, 600), "maxLength": _whole(1, 14_400), "playBeep": _truth,
        "recordingStatusCallback": _text, "recordingStatusCallbackMethod": _METHOD,
    },
    "Redirect": {"method": _METHOD},
    "Hangup": {},
    "Reject": {"reason": _one_of("rejected", "busy")},
    "Leave": {},
    "Dial": {**_ACTION, "timeout": _whole(1, 600), "callerId": _text, "answerOnBridge": _truth},
    "Number": _FAR,
    "Client": _FAR,
    "Sip": _FAR,
    "Conference": {
        "muted": _truth, "beep": _one_of("true", "false", "onEnter", "onExit"), "startConferenceOnEnter": _truth,
        "endConferenceOnExit": _truth, "waitUrl": _one_of(""), "maxParticipants": _whole(2, 250), "coach": _text,
        "participantLabel": _text, "statusCallback": _text, "statusCallbackMethod": _METHOD,
        "statusCallbackEvent": _some_of("start", "end", "join", "leave", "mute", "hold"),
    },
    "Queue": {"reservationSid": _text},
    "Enqueue": {**_ACTION, "workflowSid": _text, "waitUrl": _text, "waitUrlMethod": _METHOD},
    "Connect": _ACTION,
    "Start": {},
    "Stop": {},
    "Stream": {"url": _socket, "name": _text, "track": _one_of("inbound_track", "outbound_track", "both_tracks")},
    "Parameter": {"name": _text, "value": _text},
    "Task": {"priority": _whole(0, 2**31 - 1), "timeout": _whole(1, 1_209_600)},
}  # fmt: skip
"""What is carried out of each element, and how its value is read. `voice` chooses nothing here: the server speaks with one
voice for each language."""


def read(content: bytes | str) -> tuple[Verb, ...]:
    """The instructions of a document, in order; raises XmlRefused."""
    root = _tree(content.encode() if isinstance(content, str) else content)
    if root.tag != "Response":
        raise XmlRefused("The document must be a Response", PARSE_FAILED)
    _check_words(root)
    if root.attrib:
        raise XmlRefused("Response has no attributes", WRONG_ATTRIBUTE)
    if sum(1 for _ in root.iter()) > MOST_VERBS:
        raise XmlRefused(f"A document has at most {MOST_VERBS} elements")
    return tuple(_verb(one) for one in root)


def into_conference(name: str, attributes: Mapping[str, str]) -> str:
    """The document that leads a call into a conference."""
    given = "".join(f" {each}={quoteattr(value)}" for each, value in attributes.items())
    return f"<Response><Dial><Conference{given}>{escape(name)}</Conference></Dial></Response>"


def conference_of(xml: str) -> Conference | None:
    """Where such a document leads; None: it is another one, or none."""
    match read(xml) if xml else ():
        case (Dial(to=Conference() as room),):
            return room
    return None


def _tree(content: bytes) -> Element:
    if len(content) > MOST_BYTES:
        raise XmlRefused(f"A document has at most {MOST_BYTES} bytes", PARSE_FAILED)
    builder, parser, depth = TreeBuilder(), expat.ParserCreate(), 0

    def refused(*_: object) -> None:
        raise XmlRefused("A document has no DTD", PARSE_FAILED)

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEEP:
            raise XmlRefused("The document is too deep", PARSE_FAILED)
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refused
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, UnicodeDecodeError, LookupError, ValueError) as error:
        raise XmlRefused(f"The document is not XML: {str(error)[:80]}", PARSE_FAILED) from None


def _verb(element: Element) -> Verb:
    make = _VERBS.get(element.tag)
    if make is None:
        raise XmlRefused(f"{element.tag[:40]} is not available on this server")
    return make(element)


def _given(element: Element) -> dict[str, Any]:
    """The attributes, checked, by the names of our fields."""
    known, found = ATTRIBUTES[element.tag], {}
    for name, text in element.attrib.items():
        if name not in known:
            raise XmlRefused(f"{element.tag} has no attribute {name[:40]} on this server", WRONG_ATTRIBUTE)
        try:
            found[_snake(name)] = known[name](text)
        except ValueError as error:
            raise XmlRefused(f"{name} of {element.tag} is {error}", WRONG_ATTRIBUTE) from None
    return found


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def _inside(element: Element) -> str:
    """The text of an element that holds nothing else."""
    if len(element):
        raise XmlRefused(f"{element[0].tag[:40]} cannot stand in {element.tag}")
    return (element.text or "").strip()


def _check_words(element: Element) -> None:
    """Text between elements would be heard by nobody."""
    if (element.text or "").strip() or any((one.tail or "").strip() for one in element):
        raise XmlRefused(f"{element.tag} holds text between its elements")


def _needed(element: Element) -> str:
    text = _inside(element)
    if not text:
        raise XmlRefused(f"{element.tag} is empty")
    return text


def _say(element: Element) -> Say:
    given = _given(element)
    given.pop("voice", None)
    return Say(_needed(element), **given)


def _gather(element: Element) -> Gather:
    given = _given(element)
    given.pop("input", None)
    _check_words(element)
    prompts = tuple(_verb(one) for one in element)
    for one, prompt in zip(element, prompts, strict=True):
        if not isinstance(prompt, Say | Play | Pause):
            raise XmlRefused(f"{one.tag} cannot stand in Gather")
    return Gather(prompts, **given)  # type: ignore[arg-type]


def _dial(element: Element) -> Dial:
    given = _given(element)
    if not len(element):
        return Dial((Far("number", _needed(element)),), **given)
    _check_words(element)
    kinds = {one.tag for one in element}
    if kinds <= {"Number", "Client", "Sip"}:
        far = tuple(Far(one.tag.lower(), _needed(one), **_given(one)) for one in element)  # type: ignore[arg-type]
        if len(far) > 10:
            raise XmlRefused("Dial calls at most 10 at a time")
        return Dial(far, **given)
    if len(element) == 1 and kinds == {"Conference"}:
        return Dial(Conference(_needed(element[0]), **_given(element[0])), **given)
    if len(element) == 1 and kinds == {"Queue"}:
        wanted = FromQueue(_inside(element[0]), **_given(element[0]))
        if bool(wanted.name) is bool(wanted.reservation_sid):
            raise XmlRefused("Queue has a name or a reservationSid")
        return Dial(wanted, **given)
    raise XmlRefused(f"Dial cannot hold {' and '.join(sorted(kinds))[:80]}")


def _enqueue(element: Element) -> Enqueue:
    given = _given(element)
    if "workflow_sid" not in given:
        return Enqueue(_needed(element), **given)
    _check_words(element)
    if len(element) > 1 or any(one.tag != "Task" for one in element):
        raise XmlRefused("Enqueue to a workflow holds one Task")
    attributes: Any = {}
    for one in element:
        given.update(_given(one))
        try:
            attributes = msgspec.json.decode(_inside(one) or "{}")
        except msgspec.DecodeError:
            raise XmlRefused("Task holds JSON") from None
        if not isinstance(attributes, dict) or len(_inside(one)) > 4096:
            raise XmlRefused("Task holds a JSON object of at most 4096 characters")
    return Enqueue(attributes=attributes, **given)


def _stream(element: Element) -> Stream:
    """The one Stream that an element holds."""
    _check_words(element)
    if [one.tag for one in element] != ["Stream"]:
        raise XmlRefused(f"{element.tag} holds one Stream on this server")
    stream, parameters = element[0], {}
    _check_words(stream)
    for one in stream:
        given = _given(one) if one.tag == "Parameter" else {}
        if set(given) != {"name", "value"}:
            raise XmlRefused("Stream holds Parameters with name and value")
        parameters[given["name"]] = given["value"]
    return Stream(parameters=parameters, **_given(stream))


def _connect(element: Element) -> Connect:
    stream = _stream(element)
    if not stream.url or stream.track != "inbound_track":
        raise XmlRefused("Connect needs a Stream with an url, which hears the inbound_track", WRONG_ATTRIBUTE)
    return Connect(stream, **_given(element))


def _start(element: Element) -> Start:
    stream = _stream(element)
    if not stream.url:
        raise XmlRefused("Start needs a Stream with an url", WRONG_ATTRIBUTE)
    return Start(stream, **_given(element))


def _stop(element: Element) -> Stop:
    stream = _stream(element)
    if stream != Stream(name=stream.name) or not stream.name:
        raise XmlRefused("Stop needs a Stream with a name alone", WRONG_ATTRIBUTE)
    return Stop(stream.name, **_given(element))


def _empty(element: Element, make: Callable[..., Verb]) -> Verb:
    if _inside(element):
        raise XmlRefused(f"{element.tag} holds nothing")
    return make(**_given(element))


_VERBS: dict[str, Callable[[Element], Verb]] = {
    "Say": _say,
    "Play": lambda one: Play(_needed(one), **_given(one)),
    "Gather": _gather,
    "Redirect": lambda one: Redirect(_needed(one), **_given(one)),
    "Dial": _dial,
    "Enqueue": _enqueue,
    "Connect": _connect,
    "Start": _start,
    "Stop": _stop,
    "Pause": lambda one: _empty(one, Pause),
    "Record": lambda one: _empty(one, Record),
    "Hangup": lambda one: _empty(one, Hangup),
    "Reject": lambda one: _empty(one, Reject),
    "Leave": lambda one: _empty(one, Leave),
}
