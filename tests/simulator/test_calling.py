"""Practice people on the telephone, against the real engine: a phone registers, a customer rings, both hear each other."""

import asyncio
import random
from pathlib import Path

from parlons.kit.clock import wall_clock
from parlons.simulator.calling import Caller, DeskPhone, Exchange
from parlons.simulator.ledger import Ledger, read
from parlons.simulator.telephone import Telephone
from parlons.voice.media.builtin.engine import BuiltinEngine
from parlons.voice.media.config import EngineConfig, Phone, Trunk
from parlons.voice.media.engine import Caller as CallerId
from parlons.voice.media.engine import PhoneTarget
from parlons.voice.media.events import EngineEvent, LegAnswered, LegEnded, LegIncoming, PhoneChanged

CONFIG = EngineConfig(
    trunks=(Trunk(id="TK1", host="127.0.0.1", options_seconds=0),), phones=(Phone("nadia", "a long secret"),)
)


async def told(engine: BuiltinEngine, kind: type[EngineEvent], leg_id: str | None = None) -> EngineEvent:
    """The first event of a kind, from the beginning."""
    async with asyncio.timeout(60):
        async for event in engine.events(0):
            if isinstance(event, kind) and (leg_id is None or getattr(event, "leg_id", None) == leg_id):
                return event
    raise AssertionError


async def test_a_customer_rings_and_an_agents_phone_answers(tmp_path: Path) -> None:
    engine = BuiltinEngine(CONFIG, sip_port=0, clock=wall_clock)
    await engine.start()
    port = engine.agent.port
    ledger = Ledger(tmp_path / "ledger")
    chance = random.Random(3)
    phone = DeskPhone(("127.0.0.1", port), "nadia", "a long secret", "fr", chance, ledger, 50)
    staying = asyncio.create_task(phone.stay())
    exchange = Exchange("127.0.0.1", port, "+33562004100", "fr", ("1",))
    ringing = asyncio.create_task(Caller(exchange, chance, ledger, 1).ring())
    try:
        assert await told(engine, PhoneChanged) is not None
        came = await told(engine, LegIncoming)
        assert isinstance(came, LegIncoming)
        assert came.trunk_id == "TK1"
        assert came.to_number == "+33562004100"
        assert came.from_number.startswith("+33")
        await engine.answer(came.leg_id)
        await engine.dial("agent", PhoneTarget("nadia"), caller=CallerId(came.from_number))
        await told(engine, LegAnswered, "agent")
        await engine.create_room("CF1")
        await engine.join("CF1", came.leg_id)
        await engine.join("CF1", "agent")
        heard = {"agent": 0, came.leg_id: 0}
        for leg_id in heard:
            async with asyncio.timeout(60):
                async for frame in engine.tap(leg_id):
                    heard[leg_id] += any(frame)
                    if heard[leg_id] > 20:
                        break
        assert min(heard.values()) > 20
        await engine.hang_up(came.leg_id)
        await told(engine, LegEnded, came.leg_id)
        await asyncio.wait_for(ringing, 60)
    finally:
        ringing.cancel()
        staying.cancel()
        await asyncio.gather(ringing, staying, return_exceptions=True)
        await engine.stop()
        ledger.close()
    acts = [line["act"] for line in read(tmp_path / "ledger")]
    assert acts.count("call.answered") == acts.count("call.taken") == acts.count("call.ended") == 1


async def test_a_phone_with_a_wrong_password_is_told_once() -> None:
    engine = BuiltinEngine(CONFIG, sip_port=0, clock=wall_clock)
    await engine.start()
    phone = Telephone(("127.0.0.1", engine.agent.port), "nadia", "wrong")
    await phone.open()
    try:
        assert await phone.register() in {401, 403}
    finally:
        phone.close()
        await engine.stop()
