"""Offers and answers: what is agreed, hold by direction, what is refused; garbage never does more than be refused."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlons.voice.media.builtin import sdp
from parlons.voice.media.builtin.sdp import Local, NoAgreement

LOCAL = Local("192.0.2.5", 40_000, 40_777, 1)
HEAD = "v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n"


def offer(media: str, *lines: str) -> str:
    return HEAD + "\r\n".join([media, *lines]) + "\r\n"


PLAIN = offer("m=audio 5004 RTP/AVP 0 8 101", "a=rtpmap:101 telephone-event/8000")


def test_the_offerer_s_first_narrow_codec_is_taken_with_his_numbers() -> None:
    text = offer(
        "m=audio 5004 RTP/AVP 9 111 8 0 110 96",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:96 telephone-event/8000",
        "a=rtpmap:110 telephone-event/48000",
    )
    answer, agreed = sdp.answer(LOCAL, sdp.parse(text))
    assert (agreed.codec.name, agreed.codec.number) == ("PCMA", 8)
    assert agreed.event
    assert (agreed.event.number, agreed.event.clock) == (96, 8000)
    assert agreed.target == ("198.51.100.7", 5004)
    assert "m=audio 40000 RTP/AVP 8 96" in answer
    assert "c=IN IP4 192.0.2.5" in answer


def test_wide_codecs_where_there_is_no_other() -> None:
    _, agreed = sdp.answer(LOCAL, sdp.parse(offer("m=audio 5004 RTP/AVP 9")))
    assert (agreed.codec.name, agreed.event) == ("G722", None)
    text = offer("m=audio 5004 RTP/AVP 107", "a=rtpmap:107 opus/48000/2")
    answer, agreed = sdp.answer(LOCAL, sdp.parse(text))
    assert (agreed.codec.name, agreed.codec.number, agreed.codec.clock) == ("OPUS", 107, 48_000)
    assert "a=rtpmap:107 opus/48000/2" in answer


@pytest.mark.parametrize(
    ("direction", "ours", "sends", "receives", "far_held"),
    [
        ("sendrecv", "sendrecv", True, True, False),
        ("sendonly", "recvonly", False, True, True),
        ("recvonly", "sendonly", True, False, False),
        ("inactive", "inactive", False, False, True),
    ],
)
def test_hold_by_direction(direction: str, ours: str, sends: bool, receives: bool, far_held: bool) -> None:
    for text in (PLAIN + f"a={direction}\r\n", PLAIN.replace("t=0 0\r\n", f"t=0 0\r\na={direction}\r\n")):
        answer, agreed = sdp.answer(LOCAL, sdp.parse(text))
        assert f"a={ours}" in answer
        assert (agreed.sends, agreed.receives, agreed.far_held) == (sends, receives, far_held)


def test_hold_by_the_old_address_of_nowhere() -> None:
    _, agreed = sdp.answer(LOCAL, sdp.parse(PLAIN.replace("c=IN IP4 198.51.100.7", "c=IN IP4 0.0.0.0")))
    assert (agreed.sends, agreed.far_held) == (False, True)


def test_our_hold_asks_for_silence_and_answers_without_listening() -> None:
    held = LOCAL.next(held=True)
    assert "a=sendonly" in sdp.offer(held)
    assert (held.version, held.next().held) == (2, True)
    answer, agreed = sdp.answer(held, sdp.parse(PLAIN))
    assert "a=sendonly" in answer
    assert (agreed.sends, agreed.receives) == (True, False)
    answer, _ = sdp.answer(held, sdp.parse(PLAIN + "a=sendonly\r\n"))
    assert "a=inactive" in answer


def test_an_answer_to_our_offer() -> None:
    assert sdp.offer(LOCAL).count("a=rtpmap") == len(sdp.OURS)
    agreed = sdp.agree(LOCAL, sdp.parse(offer("m=audio 6000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000")))
    assert (agreed.codec.name, agreed.target) == ("PCMU", ("198.51.100.7", 6000))
    with pytest.raises(NoAgreement):
        sdp.agree(LOCAL, sdp.parse(offer("m=audio 6000 RTP/AVP 18")))


def test_other_streams_are_refused_in_their_places() -> None:
    text = (
        offer("m=video 7000 RTP/AVP 97", "a=rtpmap:97 H264/90000") + "m=audio 5004 RTP/AVP 0\r\nm=image 0 udptl t38\r\n"
    )
    answer, _ = sdp.answer(LOCAL, sdp.parse(text))
    assert [line for line in answer.splitlines() if line.startswith("m=")] == [
        "m=video 0 RTP/AVP 97",
        "m=audio 40000 RTP/AVP 0",
        "m=image 0 udptl t38",
    ]


def test_rtcp_goes_where_it_is_asked_for() -> None:
    assert sdp.parse(PLAIN).stream.rtcp == ("198.51.100.7", 5005)
    assert sdp.parse(PLAIN + "a=rtcp:9000\r\n").stream.rtcp == ("198.51.100.7", 9000)
    assert sdp.parse(PLAIN + "a=rtcp:9000 IN IP4 198.51.100.9\r\n").stream.rtcp == ("198.51.100.9", 9000)
    multiplexed = sdp.parse(PLAIN + "a=rtcp-mux\r\n")
    assert (multiplexed.stream.rtcp, multiplexed.stream.multiplexed) == (("198.51.100.7", 5004), True)
    assert "a=rtcp-mux" in sdp.answer(LOCAL, multiplexed)[0]


def test_ipv6() -> None:
    six = PLAIN.replace("IN IP4 198.51.100.7", "IN IP6 2001:db8::7")
    answer, agreed = sdp.answer(Local("2001:db8::1", 4000, 4001, 1), sdp.parse(six))
    assert agreed.target == ("2001:db8::7", 5004)
    assert "c=IN IP6 2001:db8::1" in answer


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "v=0",
        "m=audio",
        HEAD,
        HEAD + "m=audio x RTP/AVP 0\r\n",
        HEAD + "m=audio 70000 RTP/AVP 0\r\n",
        HEAD + "m=audio -5 RTP/AVP 0\r\n",
        HEAD + "m=audio 5004 RTP/SAVP 0\r\n",
        HEAD + "m=audio 0 RTP/AVP 0\r\n",
        HEAD + "m=audio 5004 RTP/AVP zero\r\n",
        HEAD + "m=audio 5004 RTP/AVP 0\r\na=rtpmap:x y\r\n",
        "v=0\r\nm=audio 5004 RTP/AVP 0\r\n",
        PLAIN.replace("198.51.100.7", "phone.example"),
        HEAD + "c=IN\r\n" + "m=audio 5004 RTP/AVP 0\r\n",
        PLAIN + "a=rtcp:\r\n",
    ],
)
def test_what_is_no_offer_is_refused(text: str) -> None:
    with pytest.raises(NoAgreement):
        sdp.parse(text)


def test_no_codec_in_common_is_refused() -> None:
    with pytest.raises(NoAgreement):
        sdp.answer(LOCAL, sdp.parse(offer("m=audio 5004 RTP/AVP 18 101", "a=rtpmap:101 telephone-event/8000")))


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    _parses(text)


@given(st.integers(0, 10_000))
def test_a_broken_offer_is_read_or_refused(seed: int) -> None:
    rng = random.Random(seed)
    letters = list(PLAIN)
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(letters))
        letters[at : at + rng.randint(0, 3)] = rng.choice(["", "\r\n", " ", "9" * 30, "-", "m=", "a=", "\x00"])
    _parses("".join(letters))


def _parses(text: str) -> None:
    try:
        sdp.answer(LOCAL, sdp.parse(text))
    except NoAgreement:
        return
