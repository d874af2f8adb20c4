"""Desk phones: the registrar, digest, calls to and from them; who may call at all (toll fraud)."""

import hashlib
import re
import secrets

import pytest

from parlons.voice.media.config import EngineConfig, Phone, Trunk
from parlons.voice.media.engine import Caller, NotThere, PhoneTarget
from tests.voice.sip.peer import OURS, QUICK, SDP, Bench, Message, Peer, bench

PHONES = EngineConfig(phones=(Phone("1001", "pw1"), Phone("1002", "pw2")))
HASHES = {"MD5": "md5", "SHA-256": "sha256"}


def digest(challenge: str, method: str, uri: str, username: str, password: str, count: int = 1) -> str:
    """An Authorization header that answers a challenge."""
    algorithm = re.search(r"algorithm=([A-Z0-9-]+)", challenge)
    nonce = re.search(r'nonce="([^"]+)"', challenge)
    assert algorithm
    assert nonce

    def h(text: str) -> str:
        return hashlib.new(HASHES[algorithm[1]], text.encode()).hexdigest()

    cnonce = secrets.token_hex(4)
    secret, asked = h(f"{username}:parlons:{password}"), h(f"{method}:{uri}")
    response = h(f"{secret}:{nonce[1]}:{count:08x}:{cnonce}:auth:{asked}")
    return (
        f'Authorization: Digest username="{username}", realm="parlons", nonce="{nonce[1]}", uri="{uri}", '
        f'response="{response}", algorithm={algorithm[1]}, qop=auth, nc={count:08x}, cnonce="{cnonce}"'
    )


def register_text(peer: Peer, username: str, sequence: int, extra: str) -> str:
    text = peer.make("REGISTER", username, call_id="reg", sequence=sequence, uri="sip:127.0.0.1", extra=extra)
    return re.sub(r"From: <[^>]*>", f"From: <sip:{username}@127.0.0.1>", text)


async def register(
    b: Bench,
    peer: Peer,
    username: str = "1001",
    password: str = "pw1",
    *,
    sequence: int = 1,
    extra: str = "",
    algorithm: int = 0,
) -> Message:
    """Registers; the final answer."""
    peer.send(register_text(peer, username, sequence, extra))
    challenge = (await peer.status(401)).headers("WWW-Authenticate")[algorithm]
    proof = digest(challenge, "REGISTER", "sip:127.0.0.1", username, password)
    peer.send(register_text(peer, username, sequence + 1, (extra + "\r\n" if extra else "") + proof))
    return await peer.final()


@pytest.mark.parametrize("algorithm", [0, 1])
async def test_a_phone_registers_and_goes(algorithm: int) -> None:
    """By MD5, or by SHA-256 which is offered to phones known to speak it."""
    async with bench(PHONES) as b:
        peer = await b.peer()
        agent = "Linphone/5" if algorithm else "baresip v1.0.0"
        done = await register(b, peer, algorithm=algorithm, extra=f"Expires: 120\r\nUser-Agent: {agent}")
        challenge = next(message for message in peer.log if message.status == 401)
        assert len(challenge.headers("WWW-Authenticate")) == 1 + algorithm
        assert done.status == 200
        assert done.header("Contact") == f"<sip:far@127.0.0.1:{peer.port}>;expires=120"
        assert await b.ears.expect("phone") == ("1001", True)
        assert (await register(b, peer, sequence=5, extra="Expires: 0")).status == 200
        assert await b.ears.expect("phone") == ("1001", False)


async def test_a_wrong_password_an_unknown_phone_and_another_name_are_refused() -> None:
    async with bench(PHONES) as b:
        peer = await b.peer()
        assert (await register(b, peer, password="guess")).status == 401
        assert (await register(b, peer, "9999", "pw1", sequence=3)).status == 401
        peer.send(register_text(peer, "1002", 7, ""))
        challenge = (await peer.status(401)).header("WWW-Authenticate")
        proof = digest(challenge, "REGISTER", "sip:127.0.0.1", "1001", "pw1")
        peer.send(register_text(peer, "1002", 8, proof))
        assert (await peer.final()).status == 403
        assert "phone" not in b.ears.names()


async def test_a_proof_heard_on_the_way_is_good_once_and_old_ones_are_stale() -> None:
    now = [0.0]
    async with bench(PHONES, QUICK) as b:
        b.agent._admission._gate._clock = lambda: now[0]
        peer = await b.peer()
        peer.send(register_text(peer, "1001", 1, ""))
        proof = digest((await peer.status(401)).header("WWW-Authenticate"), "REGISTER", "sip:127.0.0.1", "1001", "pw1")
        peer.send(register_text(peer, "1001", 2, proof))
        assert (await peer.final()).status == 200
        thief = await b.peer()
        thief.send(register_text(thief, "1001", 3, proof))
        again = await thief.final()
        assert (again.status, "stale=true" in again.header("WWW-Authenticate")) == (401, True)
        fresh = again.header("WWW-Authenticate")
        now[0] += QUICK.nonce + 1  # longer than a challenge is good for
        thief.send(register_text(thief, "1001", 4, digest(fresh, "REGISTER", "sip:127.0.0.1", "1001", "pw1")))
        assert (await thief.final()).status == 401


async def test_a_registration_runs_out() -> None:
    async with bench(PHONES) as b:
        peer = await b.peer()
        await register(b, peer)
        assert await b.ears.expect("phone") == ("1001", True)
        b.agent.registrar._bindings["1001"][0].until = 0.0  # time passed
        b.agent.registrar._expire()
        assert await b.ears.expect("phone") == ("1001", False)
        with pytest.raises(NotThere):
            await b.agent.dial("L1", PhoneTarget("1001"), Caller(""), OURS, 1000, {})


@pytest.mark.parametrize(
    ("extra", "status"),
    [("Expires: 5", 423), ("Contact: *", 400), ("Expires: 99999999999999999999", 200), ("Expires: x", 200)],
)
async def test_odd_registrations(extra: str, status: int) -> None:
    async with bench(PHONES) as b:
        peer = await b.peer()
        assert (await register(b, peer, extra=extra)).status == status


async def test_a_phone_is_called_where_its_register_came_from() -> None:
    async with bench(PHONES) as b:
        peer = await b.peer()
        nat = "Contact: <sip:1001@192.0.2.1:5060>"
        text = register_text(peer, "1001", 1, "").replace(f"Contact: <sip:far@127.0.0.1:{peer.port}>", nat)
        peer.send(text)
        challenge = (await peer.status(401)).header("WWW-Authenticate")
        proof = digest(challenge, "REGISTER", "sip:127.0.0.1", "1001", "pw1")
        peer.send(register_text(peer, "1001", 2, proof).replace(f"Contact: <sip:far@127.0.0.1:{peer.port}>", nat))
        await peer.status(200)
        call = await b.agent.dial("L1", PhoneTarget("1001"), Caller("+33123456789", "Ann"), OURS, 5000, {})
        invite = await peer.request("INVITE")
        assert invite.uri == "sip:1001@192.0.2.1:5060"
        peer.reply(invite, 200, sdp=True, extra=nat)
        await peer.request("ACK")
        await b.ears.expect("answered")
        call.end()
        assert (await peer.request("BYE")).uri == "sip:1001@192.0.2.1:5060"


async def test_a_phone_behind_a_proxy_is_called_by_its_path() -> None:
    async with bench(PHONES) as b:
        peer, proxy = await b.peer(), await b.peer()
        path = f"<sip:127.0.0.1:{proxy.port};lr>"
        done = await register(b, peer, extra=f"Path: {path}\r\nSupported: path\r\nRequire: path")
        assert (done.status, done.header("Path")) == (200, path)
        await b.agent.dial("L1", PhoneTarget("1001"), Caller(""), OURS, 5000, {})
        invite = await proxy.request("INVITE")
        assert (invite.header("Route"), invite.uri) == (path, f"sip:far@127.0.0.1:{peer.port}")
        proxy.reply(invite, 486)
        assert (await proxy.request("ACK")).header("Route") == path


async def test_two_devices_of_one_user_ring_and_the_first_to_answer_has_it() -> None:
    async with bench(PHONES) as b:
        one, two = await b.peer(), await b.peer()
        await register(b, one)
        text = register_text(two, "1001", 1, "").replace("Call-ID: reg", "Call-ID: reg2")
        two.send(text)
        proof = digest((await two.status(401)).header("WWW-Authenticate"), "REGISTER", "sip:127.0.0.1", "1001", "pw1")
        two.send(register_text(two, "1001", 2, proof).replace("Call-ID: reg", "Call-ID: reg2"))
        await two.status(200)
        await b.agent.dial("L1", PhoneTarget("1001"), Caller("+331"), OURS, 5000, {})
        first, second = await one.request("INVITE"), await two.request("INVITE")
        one.reply(first, 180)
        two.reply(second, 486)
        await one.quiet(0.05)
        assert "ended" not in b.ears.names()
        one.reply(first, 200, sdp=True)
        assert await b.ears.expect("answered") == (SDP,)


async def test_a_phone_that_loses_the_race_hears_that_it_was_answered_elsewhere() -> None:
    async with bench(PHONES) as b:
        one, two = await b.peer(), await b.peer()
        await register(b, one)
        text = register_text(two, "1001", 3, "").replace("Call-ID: reg", "Call-ID: reg2")
        two.send(text)
        proof = digest((await two.status(401)).header("WWW-Authenticate"), "REGISTER", "sip:127.0.0.1", "1001", "pw1")
        two.send(register_text(two, "1001", 4, proof).replace("Call-ID: reg", "Call-ID: reg2"))
        await two.status(200)
        await b.agent.dial("L1", PhoneTarget("1001"), Caller("+331"), OURS, 5000, {})
        first, second = await one.request("INVITE"), await two.request("INVITE")
        two.reply(second, 180)
        await b.ears.expect("progress")
        one.reply(first, 200, sdp=True)
        assert "elsewhere" in (await two.request("CANCEL")).header("Reason")


async def test_a_phone_without_secret_cannot_register() -> None:
    config = EngineConfig(phones=(Phone("1001", ""), Phone("1002", "x")))
    async with bench(config) as b:
        peer = await b.peer()
        assert (await register(b, peer, password="")).status == 401


async def test_a_phone_calls_after_it_proved_who_it_is() -> None:
    async with bench(PHONES) as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        peer.send(peer.make("INVITE", "0199", call_id="c1", branch="z9hG4bKx", body=SDP))
        challenge = await peer.status(401)
        peer.refused(challenge, "z9hG4bKx", "0199")
        uri = f"sip:0199@127.0.0.1:{b.agent.port}"
        proof = digest(challenge.header("WWW-Authenticate"), "INVITE", uri, "1001", "pw1")
        peer.send(peer.make("INVITE", "0199", call_id="c1", sequence=2, body=SDP, extra=proof))
        peer.ack(await peer.status(200), sequence=2)
        await b.ears.expect("answered")
        incoming = b.ears.calls[0]
        assert (incoming.kind, incoming.username, incoming.trunk_id, incoming.to_number) == (
            "phone",
            "1001",
            None,
            "0199",
        )
        assert len(b.ears.calls) == 1


async def test_a_proof_for_one_number_is_not_good_for_another() -> None:
    async with bench(PHONES) as b:
        peer = await b.peer()
        peer.send(peer.make("INVITE", "0199", body=SDP))
        challenge = (await peer.status(401)).header("WWW-Authenticate")
        proof = digest(challenge, "INVITE", f"sip:0199@127.0.0.1:{b.agent.port}", "1001", "pw1")
        peer.send(peer.make("INVITE", "0900123456", call_id="c2", body=SDP, extra=proof))
        assert (await peer.final()).status == 401
        assert not b.ears.calls


async def test_nobody_else_calls() -> None:
    far = Trunk(id="TK", host="192.0.2.7", options_seconds=0)
    for config, status in ((EngineConfig(), 403), (EngineConfig(trunks=(far,)), 403), (PHONES, 401)):
        async with bench(config) as b:
            peer = await b.peer()
            for extra in ("", "P-Asserted-Identity: <sip:+33199@192.0.2.7>", "X-Forwarded-For: 192.0.2.7"):
                peer.send(peer.make("INVITE", "0900", body=SDP, extra=extra))
                assert (await peer.final()).status == status
            peer.send(peer.make("REFER", extra="Refer-To: <sip:0900@x>"))
            await peer.status(403)
            assert not b.ears.calls


async def test_a_phone_beside_a_trunk_on_one_machine_is_still_asked() -> None:
    here = Trunk(id="TK", host="127.0.0.1", options_seconds=0)
    async with bench(EngineConfig(trunks=(here,), phones=PHONES.phones)) as b:
        peer = await b.peer()
        for place in (f"127.0.0.1:{b.agent.port}", "127.0.0.1"):
            peer.send(peer.make("INVITE", "0199", body=SDP, from_=f"<sip:1001@{place}>"))
            await peer.status(401)
        await register(b, peer)
        peer.send(peer.make("INVITE", "0199", body=SDP, from_="<sip:1001@proxy.example>"))
        await peer.status(401, method="INVITE")
        assert not b.ears.calls
        peer.send(peer.make("INVITE", "0199", body=SDP))
        await b.ears.expect("incoming")
        assert b.ears.calls[0].kind == "trunk"


async def test_who_guesses_passwords_is_not_heard_for_a_while() -> None:
    async with bench(PHONES, QUICK) as b:
        peer = await b.peer()
        for sequence in range(20):
            b.agent._floods.wrong("127.0.0.1")
            assert sequence < 20
        peer.send(register_text(peer, "1001", 1, ""))
        assert not await peer.quiet(0.2)
