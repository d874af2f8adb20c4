"""SDP of a browser's leg (JSEP, RFC 8829): what of an offer we use, and our answer to it.

One bundled transport (RFC 9143) carries G.711 in both directions, telephone events and, where the browser offers one, a data
channel. What else is offered (video, more audio) is refused line by line. Of the codecs, PCMU is answered alone: rooms are
narrow-band, and it costs this process a fifth of Opus.
"""

from dataclasses import dataclass
from typing import cast

from aiortc import RTCDtlsFingerprint, RTCIceCandidate, RTCIceParameters
from aiortc.sdp import MediaDescription, SessionDescription, candidate_to_sdp

from parlons.voice.media.builtin.sdp import MIRROR, Direction, NoAgreement

LONGEST = 64_000
"""Characters of SDP that are read at all."""
_ROLES = {"client": "active", "server": "passive"}


@dataclass(frozen=True, slots=True)
class Section:
    """A line `m=` of the offer."""

    kind: str
    mid: str
    profile: str
    formats: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What a browser offers."""

    sections: tuple[Section, ...]
    ice: RTCIceParameters
    candidates: tuple[RTCIceCandidate, ...]
    fingerprints: tuple[RTCDtlsFingerprint, ...]
    role: str
    """Ours in DTLS: client or server."""
    codec: int
    """0: PCMU, 8: PCMA."""
    event: int | None
    """Payload type of telephone events."""
    direction: Direction
    """Theirs."""
    sctp_port: int | None


@dataclass(frozen=True, slots=True)
class Ours:
    """What our answer tells of this side."""

    ice: RTCIceParameters
    candidates: tuple[RTCIceCandidate, ...]
    fingerprints: tuple[RTCDtlsFingerprint, ...]
    ssrc: int


def read_offer(sdp: str) -> Offer:
    """Raises NoAgreement for what is no offer, or one without G.711, encryption or bundle."""
    if len(sdp) > LONGEST:
        raise NoAgreement("this offer is too long")
    try:
        parsed = SessionDescription.parse(sdp)
    except Exception as error:  # the parser raises whatever comes to it, assertions too
        raise NoAgreement("this is no offer") from error
    audio = next((m for m in parsed.media if m.kind == "audio" and m.port != 0), None)
    if audio is None or audio.dtls is None or not audio.dtls.fingerprints:
        raise NoAgreement("this offers no encrypted sound")
    if (ice := audio.ice) is None or not ice.usernameFragment:
        raise NoAgreement("this offers no way to reach it")
    data = next((m for m in parsed.media if m.kind == "application" and m.port != 0 and m.sctp_port), None)
    taken = [audio, *([data] if data else [])]
    codecs = [int(number) for number in audio.fmt]
    codec = next((number for number in (0, 8) if number in codecs), None)
    if codec is None or (len(taken) > 1 and not _bundled(parsed, taken)):
        raise NoAgreement("this offers no G.711, or no bundle")
    lines = (Section(m.kind, m.rtp.muxId, m.profile, " ".join(map(str, m.fmt)), m in taken) for m in parsed.media)
    return Offer(
        tuple(lines),
        ice,
        tuple(audio.ice_candidates),
        tuple(audio.dtls.fingerprints),
        "server" if audio.dtls.role == "client" else "client",
        codec,
        _event(audio),
        cast(Direction, audio.direction or "sendrecv"),
        data.sctp_port if data else None,
    )


def write_answer(offer: Offer, ours: Ours) -> str:
    """The answer, candidates in it."""
    bundle = " ".join(section.mid for section in offer.sections if section.taken)
    lines = ["v=0", f"o=- {ours.ssrc} 1 IN IP4 0.0.0.0", "s=-", "t=0 0", f"a=group:BUNDLE {bundle}"]
    lines.append("a=msid-semantic: WMS *")
    for section in offer.sections:
        if not section.taken:
            lines += [f"m={section.kind} 0 {section.profile} {section.formats}", "c=IN IP4 0.0.0.0", "a=inactive"]
            lines.append(f"a=mid:{section.mid}")
        elif section.kind == "audio":
            lines += _audio(offer, section, ours)
        else:
            lines += [f"m=application 9 {section.profile} {section.formats}", *_transport(offer, section, ours)]
            lines += [f"a=sctp-port:{offer.sctp_port}", "a=max-message-size:65536"]
    return "\r\n".join(lines) + "\r\n"


def _audio(offer: Offer, section: Section, ours: Ours) -> list[str]:
    numbers = [offer.codec, *([] if offer.event is None else [offer.event])]
    lines = [f"m=audio 9 {section.profile} {' '.join(map(str, numbers))}", *_transport(offer, section, ours)]
    lines += [f"a={MIRROR[offer.direction]}", "a=rtcp-mux"]
    lines.append(f"a=rtpmap:{offer.codec} {'PCMU' if offer.codec == 0 else 'PCMA'}/8000")
    if offer.event is not None:
        lines += [f"a=rtpmap:{offer.event} telephone-event/8000", f"a=fmtp:{offer.event} 0-15"]
    return [*lines, "a=ptime:20", f"a=ssrc:{ours.ssrc} cname:parlons", f"a=ssrc:{ours.ssrc} msid:parlons parlons"]


def _transport(offer: Offer, section: Section, ours: Ours) -> list[str]:
    lines = ["c=IN IP4 0.0.0.0", f"a=mid:{section.mid}"]
    lines += [f"a=ice-ufrag:{ours.ice.usernameFragment}", f"a=ice-pwd:{ours.ice.password}"]
    lines += [f"a=candidate:{candidate_to_sdp(candidate)}" for candidate in ours.candidates]
    lines.append("a=end-of-candidates")
    lines += [f"a=fingerprint:{f.algorithm} {f.value}" for f in ours.fingerprints if f.algorithm == "sha-256"]
    return [*lines, f"a=setup:{_ROLES[offer.role]}"]


def _event(audio: MediaDescription) -> int | None:
    for codec in audio.rtp.codecs:
        if codec.name.lower() == "telephone-event" and codec.clockRate == 8000:
            return codec.payloadType
    return None


def _bundled(parsed: SessionDescription, taken: list[MediaDescription]) -> bool:
    groups = [set(group.items) for group in parsed.group if group.semantic == "BUNDLE"]
    return any({media.rtp.muxId for media in taken} <= group for group in groups)
