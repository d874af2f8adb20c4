"""SDP of a SIP leg: one audio stream offered and answered (RFC 8866, RFC 3264; hold by direction, RFC 3264 8.4). Pure.

Plain RTP only: an offer of SRTP alone is refused, encryption is the edge's. Of the codecs both know, G.711 is taken first, in
the offerer's order: rooms are narrow-band, and wide-band would cost conversion for nothing.
"""

from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Literal, cast

from parlons.kit.errors import Refusal

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
Address = tuple[str, int]

MIRROR: dict[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
_STATIC = {0: ("PCMU", 8000), 8: ("PCMA", 8000), 9: ("G722", 8000)}
_PROFILES = ("RTP/AVP", "RTP/AVPF")
_MOST = 64_000
"""Characters of SDP that are read at all."""


class NoAgreement(Refusal):
    """This offer or answer holds nothing we can talk by."""

    code = "voice-sdp"
    status = 488


@dataclass(frozen=True, slots=True)
class Codec:
    """An entry of an audio stream."""

    number: int
    """Payload type."""
    name: str
    """In capitals."""
    clock: int
    parameters: str = ""


OURS = (
    Codec(8, "PCMA", 8000),
    Codec(0, "PCMU", 8000),
    Codec(9, "G722", 8000),
    Codec(96, "OPUS", 48_000, "useinbandfec=0;maxplaybackrate=8000"),
    Codec(101, "TELEPHONE-EVENT", 8000, "0-15"),
)
"""What we offer, in our order."""
_NAMES = {codec.name for codec in OURS if codec.name != "TELEPHONE-EVENT"}
_NARROW = ("PCMA", "PCMU")


@dataclass(frozen=True, slots=True)
class Stream:
    """The far side's audio stream."""

    address: Address
    codecs: tuple[Codec, ...]
    direction: Direction
    rtcp: Address
    multiplexed: bool
    """RTCP on the port of RTP (RFC 5761)."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A far side's SDP, as far as we need it."""

    stream: Stream
    lines: tuple[str, ...]
    """Its `m=` lines in order; an answer mirrors them."""
    index: int
    """Which of them is `stream`."""


@dataclass(frozen=True, slots=True)
class Local:
    """Our side of one leg; `version` grows with each SDP that we send."""

    host: str
    """Address as the far side reaches us."""
    port: int
    rtcp_port: int
    session: int
    version: int = 1
    held: bool = False
    """We hold: nothing the far side says is wanted, our music is sent."""

    def next(self, *, held: bool | None = None) -> "Local":
        """For a changed SDP."""
        return replace(self, version=self.version + 1, held=self.held if held is None else held)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What both sides do from now on."""

    codec: Codec
    event: Codec | None
    """Telephone events, where negotiated."""
    target: Address
    """Where our RTP goes until theirs shows a better address."""
    rtcp: Address
    multiplexed: bool
    sends: bool
    """Whether the far side wants our sound."""
    receives: bool
    far_held: bool


@dataclass(slots=True)
class _Section:
    line: str
    host: str | None = None
    attributes: list[str] = field(default_factory=list)


def parse(text: str) -> Remote:
    """The far side's SDP. Raises NoAgreement for garbage and for SDP without plain RTP audio."""
    try:
        session, sections = _sections(text)
        index = next(at for at, section in enumerate(sections) if _is_audio(section.line))
        stream = _stream(session, sections[index])
    except (ValueError, IndexError, StopIteration) as error:
        raise NoAgreement("The session description has no plain RTP audio.") from error
    return Remote(stream, tuple(section.line for section in sections), index)


def offer(local: Local) -> str:
    """Everything we know."""
    direction: Direction = "sendonly" if local.held else "sendrecv"
    return _text(local, [_audio(local, OURS, direction, "RTP/AVP", multiplexed=True)])


def answer(local: Local, remote: Remote) -> tuple[str, Agreed]:
    """Our answer to their offer. Raises NoAgreement where no codec is common."""
    codec, event = choose(remote.stream.codecs)
    direction = MIRROR[remote.stream.direction]
    if local.held:
        direction = "sendonly" if direction in ("sendrecv", "sendonly") else "inactive"
    media = []
    for at, line in enumerate(remote.lines):
        kind, _, profile, *formats = line.split()
        if at == remote.index:
            chosen = (codec, event) if event else (codec,)
            media.append(_audio(local, chosen, direction, profile, multiplexed=remote.stream.multiplexed))
        else:
            media.append([f"m={kind} 0 {profile} {' '.join(formats)}"])
    return _text(local, media), _agreed(local, remote, codec, event)


def agree(local: Local, remote: Remote) -> Agreed:
    """What their answer to our offer means. Raises NoAgreement where it names no codec of ours."""
    codec, event = choose(remote.stream.codecs)
    return _agreed(local, remote, codec, event)


def choose(offered: tuple[Codec, ...]) -> tuple[Codec, Codec | None]:
    """The codec for sound, and the one for keys that runs on its clock (else any)."""
    known = [codec for codec in offered if codec.name in _NAMES]
    if not known:
        raise NoAgreement("No codec in common.")
    codec = next((codec for codec in known if codec.name in _NARROW), known[0])
    events = [entry for entry in offered if entry.name == "TELEPHONE-EVENT"]
    return codec, next((entry for entry in events if entry.clock == codec.clock), events[0] if events else None)


def _agreed(local: Local, remote: Remote, codec: Codec, event: Codec | None) -> Agreed:
    stream = remote.stream
    nowhere = stream.address[0] in ("0.0.0.0", "::")  # noqa: S104 - hold as RFC 2543 had it
    direction = "inactive" if nowhere else stream.direction
    return Agreed(
        codec=codec,
        event=event,
        target=stream.address,
        rtcp=stream.rtcp,
        multiplexed=stream.multiplexed,
        sends=direction in ("sendrecv", "recvonly"),
        receives=direction in ("sendrecv", "sendonly") and not local.held,
        far_held=direction in ("sendonly", "inactive"),
    )


def _sections(text: str) -> tuple[_Section, list[_Section]]:
    """What holds for the whole session, and each stream."""
    session = _Section("")
    sections: list[_Section] = []
    for line in text[:_MOST].splitlines():
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            sections.append(_Section(value))
        elif kind == "c":
            (sections[-1] if sections else session).host = value.split()[2].split("/")[0]
        elif kind == "a":
            (sections[-1] if sections else session).attributes.append(value)
    return session, sections


def _is_audio(line: str) -> bool:
    kind, port, profile = line.split()[:3]
    return kind == "audio" and profile in _PROFILES and int(port.split("/")[0]) > 0


def _stream(session: _Section, section: _Section) -> Stream:
    _, port, _, *formats = section.line.split()
    host = section.host or session.host
    if host is None:
        raise ValueError("no connection line")
    address = (_host(host), _port(port.split("/")[0]))
    names, parameters = _described(section.attributes)
    codecs = []
    for number in (int(text) for text in formats):
        name, clock = names.get(number) or _STATIC.get(number) or ("", 0)
        codecs.append(Codec(number, name, clock, parameters.get(number, "")))
    direction = next((text for text in (*section.attributes, *session.attributes) if text in MIRROR), "sendrecv")
    return Stream(
        address=address,
        codecs=tuple(codecs),
        direction=cast("Direction", direction),
        rtcp=_rtcp(section.attributes, address),
        multiplexed="rtcp-mux" in section.attributes,
    )


def _described(attributes: list[str]) -> tuple[dict[int, tuple[str, int]], dict[int, str]]:
    names: dict[int, tuple[str, int]] = {}
    parameters: dict[int, str] = {}
    for text in attributes:
        kind, _, value = text.partition(":")
        number, _, rest = value.partition(" ")
        if kind == "rtpmap":
            name, clock = rest.strip().split("/")[:2]
            names[int(number)] = (name.upper(), int(clock))
        elif kind == "fmtp":
            parameters[int(number)] = rest.strip()
    return names, parameters


def _rtcp(attributes: list[str], address: Address) -> Address:
    """RFC 3605, else the port after RTP's."""
    host, port = address[0], address[1] if "rtcp-mux" in attributes else min(address[1] + 1, 65535)
    for text in attributes:
        if text.startswith("rtcp:"):
            words = text[5:].split()
            port = _port(words[0])
            host = _host(words[3]) if len(words) > 3 else host
    return host, port


def _host(text: str) -> str:
    """A literal address; names are not looked up (it would block, and no phone sends one)."""
    return str(ip_address(text))


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65536:
        raise ValueError("no port")
    return port


def _audio(
    local: Local, codecs: tuple[Codec, ...], direction: Direction, profile: str, *, multiplexed: bool
) -> list[str]:
    lines = [f"m=audio {local.port} {profile} {' '.join(str(codec.number) for codec in codecs)}"]
    for codec in codecs:
        name = {"TELEPHONE-EVENT": "telephone-event", "OPUS": "opus"}.get(codec.name, codec.name)
        channels = "/2" if codec.name == "OPUS" else ""
        lines.append(f"a=rtpmap:{codec.number} {name}/{codec.clock}{channels}")
        parameters = "0-15" if codec.name == "TELEPHONE-EVENT" else codec.parameters
        if parameters:
            lines.append(f"a=fmtp:{codec.number} {parameters}")
    lines += ["a=ptime:20", f"a={direction}"]
    if multiplexed:
        lines.append("a=rtcp-mux")
    return [*lines, f"a=rtcp:{local.rtcp_port}"]


def _text(local: Local, media: list[list[str]]) -> str:
    family = "IP6" if ":" in local.host else "IP4"
    head = [
        "v=0",
        f"o=- {local.session} {local.version} IN {family} {local.host}",
        "s=-",
        f"c=IN {family} {local.host}",
        "t=0 0",
    ]
    return "\r\n".join([*head, *(line for lines in media for line in lines)]) + "\r\n"
