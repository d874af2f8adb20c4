"""A real softphone: registers, is called, calls, is held, transfers."""

from pathlib import Path

import pytest

from parlons.voice.media.config import EngineConfig, Phone
from parlons.voice.media.engine import Caller, PhoneTarget
from parlons.voice.sip.model import Call
from parlons.voice.sip.transactions import Timing
from tests.voice.sip.baresip import needs_baresip, phone
from tests.voice.sip.peer import OURS, bench

pytestmark = needs_baresip
CONFIG = EngineConfig(phones=(Phone("1001", "secret-of-1001"),))
USUAL = Timing()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_it_registers_is_called_and_unregisters(transport: str, tmp_path: Path) -> None:
    async with bench(CONFIG, USUAL) as b:
        async with phone(tmp_path, b.agent.port, "1001", "secret-of-1001", transport=transport):
            assert await b.ears.expect("phone") == ("1001", True)
            call = await b.agent.dial("L1", PhoneTarget("1001"), Caller("+33123456789", "Ann"), OURS, 60_000, {})
            (sdp,) = await b.ears.expect("answered")
            assert "PCMU" in str(sdp)
            held = await call.reinvite(OURS + "a=sendonly\r\n")
            assert held is not None
            assert "recvonly" in held
            assert await call.reinvite(OURS + "a=sendrecv\r\n") is not None
            call.end()
            assert await b.ears.expect("ended") == ("us", "hangup", 0, "")
        assert await b.ears.expect("phone") == ("1001", False)


async def test_a_wrong_secret_does_not_register(tmp_path: Path) -> None:
    async with bench(CONFIG, USUAL) as b:
        async with phone(tmp_path, b.agent.port, "1001", "guess") as baresip:
            await baresip.says("401 Unauthorized")
        assert "phone" not in b.ears.names()


async def test_it_calls_holds_and_transfers(tmp_path: Path) -> None:
    def hold(call: Call, sdp: str | None) -> str:
        return OURS + ("a=recvonly\r\n" if sdp and "sendonly" in sdp else "a=sendrecv\r\n")

    async with bench(CONFIG, USUAL) as b, phone(tmp_path, b.agent.port, "1001", "secret-of-1001") as baresip:
        await b.ears.expect("phone")
        b.ears.incoming, b.ears.reinvite = lambda incoming: incoming.call.accept(OURS), hold
        await baresip.command("dial", "0199001122")
        await b.ears.expect("answered")
        incoming = b.ears.calls[0]
        assert (incoming.kind, incoming.username, incoming.to_number) == ("phone", "1001", "0199001122")
        await baresip.command("hold")
        (sdp,) = await b.ears.expect("reinvite")
        assert "sendonly" in str(sdp)
        await baresip.command("transfer", f"sip:0199003344@127.0.0.1:{b.agent.port}")
        _, to, replaces = await b.ears.expect("referred")
        assert (to, replaces) == ("0199003344", None)
        incoming.call.refer_result(200)
        assert (await b.ears.expect("ended"))[:2] == ("far", "hangup")  # a transfer that went well ends its side
