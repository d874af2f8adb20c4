"""What RFC 4475 calls torture: valid oddities are taken, malformed messages get the answer that is due, nothing kills us."""

import pytest

from tests.voice.sip.peer import OURS, Bench, Peer, bench

VIA = "Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{id};rport\n"
REST = (
    "Max-Forwards: 70\nFrom: <sip:+33611223344@x>;tag=1\nTo: <sip:t@127.0.0.1>\nCall-ID: {id}\n"
    "Contact: <sip:a@127.0.0.1:{port}>\n"
)
HEAD = VIA + REST
END_OPTIONS = "CSeq: 1 OPTIONS\nl: 0\n\n"
END_INVITE = "CSeq: 1 INVITE\nl: 0\n\n"
INVITE = "INVITE sip:t@127.0.0.1 SIP/2.0\n"
OPTIONS = "OPTIONS sip:t@127.0.0.1 SIP/2.0\n"

VALID = {
    "3.1.1.1 odd spacing, folding, compact forms": "INVITE sip:t@127.0.0.1 SIP/2.0\nTO :\n sip:t@127.0.0.1\n"
    'From  : "J Rosenberg \\\\\\"" <sip:j@x> ;\n  tag = 98\nMaX-fOrWaRdS: 0068\nCall-ID: {id}\ncseq: 0009\n  INVITE\n'
    "Via  : SIP  /   2.0\n /UDP\n    127.0.0.1:{port};branch=\n z9hG4bK{id};rport\n"
    'm:"Q" <sip:j@127.0.0.1:{port}>\nl: 0\n\n',
    "3.1.1.3 escaped characters": "INVITE sip:sips%3Auser%40example.com@127.0.0.1 SIP/2.0\n"
    + VIA
    + REST
    + "CSeq: 1 INVITE\nContent-Length: 0\n\n",
    "3.1.1.6 no space before <": "OPTIONS sip:a@x SIP/2.0\n"
    + VIA
    + "To: sip:a@x\nFrom: caller<sip:c@x>;tag=3\nMax-Forwards: 7\nCall-ID: {id}\nCSeq: 6 OPTIONS\nl: 0\n\n",
    "3.1.1.8 bytes after the end": OPTIONS
    + VIA
    + REST
    + "CSeq: 8 OPTIONS\nContent-Length: 0\n\nINVITE sip:b@x SIP/2.0\nVia: junk\n\n",
    "3.1.1.9 ; in a user part": "OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0\n"
    + VIA
    + REST
    + "CSeq: 8 OPTIONS\nl: 0\n\n",
    "3.1.1.10 unknown transport below": OPTIONS
    + VIA
    + "Via: SIP/2.0/UNKNOWN 10.0.0.1;branch=z9hG4bKx\n"
    + REST
    + END_OPTIONS,
    "3.2.1 branch with the cookie only": OPTIONS
    + "Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK;rport\n"
    + REST
    + END_OPTIONS,
    "3.3.11 Max-Forwards 0": OPTIONS + HEAD.replace("70", "0") + END_OPTIONS,
    "3.4.1 from RFC 2543 times": "INVITE sip:t@127.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:{port}\nFrom: <sip:+33611223344@x>\n"
    "To: sip:t@127.0.0.1\nCall-ID: {id}\nCSeq: 1 INVITE\nContact: <sip:a@127.0.0.1:{port}>\n\n",
    "IPv6": "OPTIONS sip:[::1]:5060 SIP/2.0\n"
    + VIA
    + "Via: SIP/2.0/UDP [::1]:9;branch=z9hG4bKx\n"
    + REST
    + END_OPTIONS,
    "60 Vias": OPTIONS
    + VIA
    + "".join(f"Via: SIP/2.0/UDP 10.0.0.{n};branch=z9hG4bK{n}\n" for n in range(60))
    + REST
    + END_OPTIONS,
    "a header of 55 KB": OPTIONS + HEAD + "X-Big: " + "a" * 55_000 + "\nCSeq: 1 OPTIONS\nl: 0\n\n",
    "a tel: URI": "OPTIONS tel:+33123456789;phone-context=x SIP/2.0\n" + HEAD + END_OPTIONS,
}

BAD = {
    "3.1.1.2 a method nobody knows": (405, "!interesting-Method0123456789_*+`.%indeed'~ sip:t@127.0.0.1 SIP/2.0\n"
    + HEAD + "CSeq: 1 !interesting-Method0123456789_*+`.%indeed'~\nl: 0\n\n"),
    "3.1.1.5 escaped letters in a method": (405, "RE%47IST%45R sip:x SIP/2.0\n" + HEAD + "CSeq: 1 RE%47IST%45R\nl: 0\n\n"),
    "3.1.2.1 lone separators": (400, INVITE + "To: sip:x@x;;,;,,\nFrom: sip:c@x;tag=1;;,;;\nMax-Forwards: 70\nCall-ID: {id}\n"
    'CSeq: 1 INVITE\nContact: "Joe" <sip:joe@x>;;;;\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{id};rport;;,;,,\nl: 0\n\n'),
    "3.1.2.2 Content-Length beyond the body": (400, INVITE + HEAD
    + "CSeq: 1 INVITE\nContent-Type: application/sdp\nContent-Length: 9999\n\nv=0\n"),
    "3.1.2.3 negative Content-Length": (400, INVITE + HEAD + "CSeq: 1 INVITE\nContent-Length: -999\n\n"),
    "3.1.2.4 CSeq beyond 2**31": (400, OPTIONS + HEAD + "CSeq: 36893488147419103232 OPTIONS\nl: 0\n\n"),
    "3.1.2.6 unbalanced quote": (400, INVITE + VIA + 'To: "Mr. J. User <sip:j@x>\nFrom: sip:c@x;tag=1\nMax-Forwards: 7\n'
    "Call-ID: {id}\nCSeq: 1 INVITE\nl: 0\n\n"),
    "3.1.2.7 <> round the Request-URI": (400, "INVITE <sip:t@127.0.0.1> SIP/2.0\n" + HEAD + END_INVITE),
    "3.1.2.8 a space in the Request-URI": (400, "INVITE sip:t@127.0.0.1; lr SIP/2.0\n" + HEAD + END_INVITE),
    "3.1.2.9 two spaces in the Request-Line": (400, "INVITE  sip:t@127.0.0.1  SIP/2.0\n" + HEAD + END_INVITE),
    "3.1.2.10 spaces after the Request-Line": (400, "OPTIONS sip:t@127.0.0.1 SIP/2.0  \n" + HEAD + END_OPTIONS),
    "3.1.2.11 headers in the Request-URI": (400, "INVITE sip:t@127.0.0.1?Route=%3Csip:example.com%3E SIP/2.0\n" + HEAD
    + END_INVITE),
    "3.1.2.13 a Contact with ? and no <>": (400, "REGISTER sip:x SIP/2.0\n" + VIA + "Max-Forwards: 70\nFrom: <sip:a@x>;tag=1\n"
    "To: <sip:a@x>\nCall-ID: {id}\nContact: sip:a@x?Route=%3Csip:s.x%3E\nCSeq: 1 REGISTER\nl: 0\n\n"),
    "3.1.2.14 spaces within <>": (400, INVITE + VIA + "To: <sip: a@x >\nFrom: sip:c@x;tag=1\nCall-ID: {id}\n" + END_INVITE),
    "3.1.2.16 SIP/7.0": (505, "OPTIONS sip:t@127.0.0.1 SIP/7.0\n" + HEAD + END_OPTIONS),
    "3.1.2.17 another method in CSeq": (400, OPTIONS + HEAD + "CSeq: 8 INVITE\nl: 0\n\n"),
    "3.1.2.18 another method, unknown": (400, "NEWMETHOD sip:t@127.0.0.1 SIP/2.0\n" + HEAD + "CSeq: 8 INVITE\nl: 0\n\n"),
    "3.3.1 From, To, CSeq missing": (400, INVITE + VIA + "Call-ID: {id}\nl: 0\n\n"),
    "3.3.2 a scheme nobody knows": (416, "OPTIONS nobodyKnowsThisScheme:totallyopaque SIP/2.0\n" + HEAD + END_OPTIONS),
    "3.3.3 a known scheme not of SIP": (416, "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0\n" + HEAD + END_OPTIONS),
    "3.3.5 Require": (420, INVITE + HEAD + "CSeq: 1 INVITE\nRequire: nothingSupportsThis, timer\nl: 0\n\n"),
    "3.3.5 Proxy-Require": (420, OPTIONS + HEAD + "CSeq: 1 OPTIONS\nProxy-Require: noProxiesSupportThis\nl: 0\n\n"),
    "3.3.6 a body of an unknown kind": (415, INVITE + HEAD + "CSeq: 1 INVITE\nContent-Type: application/unknownformat\n"
    "Content-Length: 4\n\nabcd"),
    "3.3.8 headers twice that are there once": (400, INVITE + HEAD + "CSeq: 1 INVITE\nCSeq: 59 INVITE\nCall-ID: other\nl: 0\n\n"),
    "3.3.9 two lengths": (400, OPTIONS + HEAD + "CSeq: 1 OPTIONS\nContent-Length: 13\nContent-Length: 0\n\n"),
    "3.3.15 nothing it accepts": (406, INVITE + HEAD + "CSeq: 1 INVITE\nAccept: text/nobodyKnowsThis\nl: 0\n\n"),
    "a body of which nobody says what it is": (400, INVITE + HEAD + "CSeq: 1 INVITE\nContent-Length: 4\n\nabcd"),
    "a coded body": (415, INVITE + HEAD + "CSeq: 1 INVITE\nContent-Type: application/sdp\nContent-Encoding: gzip\n"
    "Content-Length: 4\n\nabcd"),
    "20,000 nested <": (400, OPTIONS + VIA + "From: " + "<" * 20_000 + "\nTo: <sip:b@x>\nCall-ID: {id}\n"
    "CSeq: 1 OPTIONS\nl: 0\n\n"),
    "PRACK": (405, "PRACK sip:t@127.0.0.1 SIP/2.0\n" + HEAD + "CSeq: 1 PRACK\nl: 0\n\n"),
}  # fmt: skip

UNANSWERED = {
    "garbage": bytes(range(256)) * 4,
    "keep-alive": b"\r\n\r\n",
    "zeros": b"\0" * 4,
    "1,000 headers": (OPTIONS + HEAD + "X: y\n" * 1000 + END_OPTIONS).encode(),
    "3.1.2.19 a status beyond all bounds": b"SIP/2.0 4294967301 better not\r\nVia: SIP/2.0/UDP 1.1.1.1\r\nCSeq: 1 INVITE\r\n\r\n",
    "3.3.10 a response to somebody else": b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 1.1.1.1;branch=z9hG4bK1\r\n"
    b"Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK2\r\nCall-ID: x\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:a@x>\r\n"
    b"CSeq: 1 INVITE\r\n\r\n",
    "a malformed ACK": (OPTIONS.replace("OPTIONS", "ACK") + HEAD + "CSeq: x ACK\nl: 0\n\n").encode(),
    "20,000 commas in a Via": (OPTIONS + "Via: " + "," * 20_000 + "\n" + REST + END_OPTIONS).encode(),
    "no Via": (OPTIONS + REST + END_OPTIONS).encode(),
}


def fill(text: str, peer: Peer) -> bytes:
    made = text.replace("{port}", str(peer.port)).replace("{id}", "id1").replace("\n", "\r\n")
    return made.encode()


async def alive(b: Bench) -> bool:
    peer = await b.peer()
    peer.send(peer.make("OPTIONS"))
    return (await peer.final()).status == 200


@pytest.mark.parametrize("name", VALID)
async def test_valid_oddities_are_taken(name: str) -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        peer.send(fill(VALID[name], peer))
        assert (await peer.final()).status == 200


@pytest.mark.parametrize("name", BAD)
async def test_malformed_requests_get_their_answer(name: str) -> None:
    async with bench() as b:
        peer = await b.peer()
        status, text = BAD[name]
        peer.send(fill(text, peer))
        answer = await peer.final()
        assert (answer.status, answer.tag("To") != "" or "To" not in answer.text) == (status, True), answer.first
        assert not b.ears.calls
        if status == 405:
            assert "INVITE" in answer.header("Allow")
        if status == 420:
            assert "support" in answer.header("Unsupported").lower()
        assert await alive(b)


@pytest.mark.parametrize("name", UNANSWERED)
async def test_what_nobody_can_answer_is_dropped(name: str) -> None:
    async with bench() as b:
        peer = await b.peer()
        peer.send(UNANSWERED[name])
        assert await alive(b)
        assert not peer.log
        assert not b.ears.calls


async def test_a_name_that_is_no_utf_8_is_taken() -> None:
    async with bench() as b:
        peer = await b.peer()
        text = OPTIONS + VIA + 'From: "?" <sip:a@x>;tag=1\nTo: <sip:b@x>\nCall-ID: i\nCSeq: 1 OPTIONS\nl: 0\n\n'
        peer.send(fill(text, peer).replace(b"?", b"\xff\xfe"))
        assert (await peer.final()).status == 200


async def test_an_offer_among_other_parts_is_found() -> None:
    body = "--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--\r\n"
    async with bench() as b:
        peer = await b.peer()
        peer.send(peer.make("INVITE", body=body, kind='multipart/mixed; boundary="b"'))
        await b.ears.expect("incoming")
        assert b.ears.calls[0].offer is not None
        assert b.ears.calls[0].offer.startswith("v=0")
