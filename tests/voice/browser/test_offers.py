"""A browser's offer: what of it is taken, what is refused line by line, what is no offer; TURN credentials."""

import base64
import hashlib
import hmac

import pytest
from aiortc import RTCDtlsFingerprint, RTCIceParameters

from parlons.voice.media.builtin.browser_link import ice_servers
from parlons.voice.media.builtin.browser_sdp import Ours, read_offer, write_answer
from parlons.voice.media.builtin.sdp import NoAgreement

TRANSPORT = "c=IN IP4 0.0.0.0\na=ice-ufrag:abcd\na=ice-pwd:0123456789012345678901\na=fingerprint:sha-256 AA:BB\n"
HEAD = "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE 0 1 2\n"
AUDIO = (
    f"m=audio 9 UDP/TLS/RTP/SAVPF 111 8 0 126\n{TRANSPORT}a=setup:actpass\na=mid:0\na=sendrecv\na=rtcp-mux\n"
    "a=rtpmap:111 opus/48000/2\na=rtpmap:8 PCMA/8000\na=rtpmap:0 PCMU/8000\na=rtpmap:126 telephone-event/8000\n"
)
VIDEO = f"m=video 9 UDP/TLS/RTP/SAVPF 96\n{TRANSPORT}a=setup:actpass\na=mid:1\na=sendrecv\na=rtpmap:96 VP8/90000\n"
DATA = f"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\n{TRANSPORT}a=setup:actpass\na=mid:2\na=sctp-port:5000\n"
OURS = Ours(
    RTCIceParameters(usernameFragment="wxyz", password="p" * 22), (), (RTCDtlsFingerprint("sha-256", "CC:DD"),), 7
)


def test_g711_keys_and_a_data_channel_are_taken_and_video_is_refused() -> None:
    offer = read_offer(HEAD + AUDIO + VIDEO + DATA)
    assert (offer.codec, offer.event, offer.sctp_port, offer.role) == (0, 126, 5000, "client")
    answer = write_answer(offer, OURS).split("\r\n")
    assert [line for line in answer if line.startswith("m=")] == [
        "m=audio 9 UDP/TLS/RTP/SAVPF 0 126",
        "m=video 0 UDP/TLS/RTP/SAVPF 96",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    ]
    assert "a=group:BUNDLE 0 2" in answer
    assert answer.count("a=setup:active") == 2
    assert "a=sendrecv" in answer


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("a=sendrecv", "a=sendonly", "a=recvonly"),
        ("a=sendrecv", "a=inactive", "a=inactive"),
        ("a=setup:actpass", "a=setup:active", "a=setup:passive"),
        ("111 8 0 126", "111 8 126", "a=rtpmap:8 PCMA/8000"),
    ],
)
def test_an_offer_is_mirrored(before: str, after: str, said: str) -> None:
    assert said in write_answer(read_offer(HEAD + AUDIO.replace(before, after)), OURS)


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "no offer at all",
        HEAD,
        HEAD + VIDEO,
        HEAD + AUDIO.replace("111 8 0 126", "111 126"),
        HEAD + AUDIO.replace("a=fingerprint:sha-256 AA:BB\n", ""),
        HEAD + AUDIO.replace("a=ice-ufrag:abcd\n", ""),
        HEAD + AUDIO.replace("m=audio 9", "m=audio 0"),
        HEAD.replace("0 1 2", "0") + AUDIO + DATA,
        HEAD + AUDIO.replace("a=setup:actpass", "a=setup:whatever"),
        HEAD + AUDIO.replace("111 8 0 126", "111 eight 0 126"),
        HEAD + AUDIO + "a=candidate:1 1 udp\n",
        "v=0\n" * 20_000,
    ],
)
def test_what_cannot_be_answered_is_refused(offer: str) -> None:
    with pytest.raises(NoAgreement):
        read_offer(offer)


def test_turn_credentials_live_a_day_and_are_made_of_the_shared_secret() -> None:
    plain, turn, fixed = ice_servers(
        ["stun:stun.example.org", "turn:turn.example.org:3478?user=u&secret=s", "turn:t?user=a&password=b"], 1_000.0
    )
    assert (plain.urls, plain.username) == ("stun:stun.example.org", None)
    assert turn.urls == "turn:turn.example.org:3478"
    assert turn.username == "87400:u"
    expected = base64.b64encode(hmac.new(b"s", b"87400:u", hashlib.sha1).digest()).decode()
    assert turn.credential == expected
    assert (fixed.username, fixed.credential) == ("a", "b")
