"""What SIP tells becomes legs: offers of every sort, late and broken ones, re-INVITEs, Replaces. The agent is a stand-in."""

from collections.abc import AsyncIterator, Mapping

import pytest

from parlons.voice.media.builtin.engine import BuiltinEngine
from parlons.voice.media.config import EngineConfig
from parlons.voice.media.engine import Caller, NotThere, Target, UriTarget
from parlons.voice.sip.model import Call, Incoming, Listener
from tests.voice.media.far import description


class Dialog:
    """Notes what it is asked; fulfils `model.Call`."""

    def __init__(self, agent: "Agent", leg_id: str) -> None:
        self.agent, self.leg_id = agent, leg_id
        self.did: list[tuple[object, ...]] = []
        self.answer: str | None = None

    def ring(self, sdp: str | None = None) -> None:
        self.did.append(("ring", sdp))

    def accept(self, sdp: str) -> None:
        self.did.append(("accept", sdp))

    def reject(self, status: int, text: str = "") -> None:
        self.did.append(("reject", status))
        self.agent.listener.on_ended(self, by="us", cause="refused", status=status, text=text)

    def end(self, text: str = "") -> None:
        self.did.append(("end", text))
        self.agent.listener.on_ended(self, by="us", cause="hangup", status=0, text=text)

    async def reinvite(self, sdp: str) -> str | None:
        self.did.append(("reinvite", sdp))
        return self.answer

    async def refer(self, to: str, replaces: Call | None = None) -> None:
        self.did.append(("refer", to, replaces))

    async def info_digit(self, digit: str) -> bool:
        return False

    def last(self, what: str) -> str:
        """What the newest such act was given."""
        return str(next(act[1] for act in reversed(self.did) if act[0] == what))


class Agent:
    """Fulfils `model.Agent`."""

    def __init__(self, config: EngineConfig, listener: Listener) -> None:
        self.listener, self.port, self.refuses = listener, 0, False
        self.dialled: list[Dialog] = []

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def configure(self, config: EngineConfig) -> None: ...

    async def dial(
        self, leg_id: str, target: Target, caller: Caller, offer: str, timeout_ms: int, headers: Mapping[str, str]
    ) -> Dialog:
        if self.refuses:
            raise NotThere
        dialog = Dialog(self, leg_id)
        dialog.did.append(("dial", offer))
        self.dialled.append(dialog)
        return dialog

    def call_of(self, leg_id: str) -> Dialog | None:
        return None

    def calls(self, leg_id: str, offer: str | None, replaces: Dialog | None = None) -> Dialog:
        dialog = Dialog(self, leg_id)
        self.listener.on_incoming(
            Incoming(dialog, "trunk", "TK1", None, "+33612345678", "", "+33155500000", offer, {}, replaces)
        )
        return dialog


OFFER = description(5_004, "PCMA", 101)


@pytest.fixture
async def engine() -> AsyncIterator[BuiltinEngine]:
    made = BuiltinEngine(make_agent=Agent)  # type: ignore[arg-type]
    await made.start()
    yield made
    await made.stop()


def agent_of(engine: BuiltinEngine) -> Agent:
    assert isinstance(engine.agent, Agent)
    return engine.agent


async def states(engine: BuiltinEngine) -> dict[str, str]:
    return {leg.leg_id: leg.state for leg in (await engine.state()).legs}


@pytest.mark.parametrize("offer", ["garbage", "", description(5_004, "PCMA", None).replace("RTP/AVP", "RTP/SAVP")])
async def test_an_offer_nothing_can_be_done_with_is_refused_and_not_told(engine: BuiltinEngine, offer: str) -> None:
    dialog = agent_of(engine).calls("LG1", offer)
    assert dialog.did == [("reject", 488)]
    assert (await engine.state()).seq == 0


async def test_the_answer_before_is_the_answer(engine: BuiltinEngine) -> None:
    dialog = agent_of(engine).calls("LG1", OFFER)
    await engine.ring("LG1", early_media=True)
    await engine.ring("LG1", early_media=True)
    await engine.answer("LG1")
    assert [act[0] for act in dialog.did] == ["ring", "accept"]
    assert dialog.last("ring") == dialog.last("accept")
    assert "RTP/AVP 8 101" in dialog.last("accept")
    assert await states(engine) == {"LG1": "early"}
    agent_of(engine).listener.on_answered(dialog, None)
    assert await states(engine) == {"LG1": "talking"}


async def test_a_late_offer(engine: BuiltinEngine) -> None:
    dialog = agent_of(engine).calls("LG1", None)
    await engine.ring("LG1", early_media=True)
    assert dialog.did == [("ring", None)]
    await engine.answer("LG1")
    assert "RTP/AVP 8 0 9 96 101" in dialog.last("accept")
    agent_of(engine).listener.on_late_answer(dialog, OFFER)
    agent_of(engine).listener.on_answered(dialog, None)
    leg = engine.studio.leg("LG1")
    assert leg.wants_sound
    assert await states(engine) == {"LG1": "talking"}


@pytest.mark.parametrize("late", [True, False])
async def test_an_answer_that_fits_nothing_ends_the_call(engine: BuiltinEngine, late: bool) -> None:
    agent = agent_of(engine)
    if late:
        dialog = agent.calls("LG1", None)
        await engine.answer("LG1")
        agent.listener.on_late_answer(dialog, "no answer")
    else:
        await engine.dial("LG1", UriTarget("sip:x@127.0.0.1"), caller=Caller(""))
        dialog = agent.dialled[0]
        agent.listener.on_answered(dialog, OFFER.replace("RTP/AVP 8 101", "RTP/AVP 18"))
    assert dialog.did[-1][0] == "end"
    assert await states(engine) == {}
    ended = [e async for e in _until_ended(engine)][-1]
    assert (ended.by, ended.cause) == ("engine", "error")  # type: ignore[attr-defined]


async def _until_ended(engine: BuiltinEngine) -> AsyncIterator[object]:
    async for event in engine.events(0):
        yield event
        if type(event).__name__ == "LegEnded":
            return


async def test_a_call_that_cannot_be_sent_leaves_nothing(engine: BuiltinEngine) -> None:
    agent_of(engine).refuses = True
    for _ in range(2):
        with pytest.raises(NotThere):
            await engine.dial("LG1", UriTarget("sip:x@127.0.0.1"), caller=Caller(""))
    assert await states(engine) == {}
    agent_of(engine).refuses = False
    await engine.dial("LG1", UriTarget("sip:x@127.0.0.1"), caller=Caller(""))
    assert await states(engine) == {"LG1": "dialling"}


async def talking(engine: BuiltinEngine, leg_id: str = "LG1") -> Dialog:
    dialog = agent_of(engine).calls(leg_id, OFFER)
    await engine.answer(leg_id)
    agent_of(engine).listener.on_answered(dialog, None)
    return dialog


async def test_a_new_offer_within_the_call(engine: BuiltinEngine) -> None:
    dialog = await talking(engine)
    listener = agent_of(engine).listener
    before = dialog.last("accept")
    answer = listener.on_reinvite(dialog, description(6_006, "PCMU", 96, "sendonly", 2))
    assert answer
    assert "RTP/AVP 0 96" in answer
    assert "a=recvonly" in answer
    assert _origin(answer) == (_origin(before)[0], _origin(before)[1] + 1)
    leg = engine.studio.leg("LG1")
    assert (leg.far_held, leg.wants_sound) == (True, False)
    assert listener.on_reinvite(dialog, "garbage") is None
    assert leg.far_held
    asked = listener.on_reinvite(dialog, None)
    assert asked
    assert _origin(asked)[1] == _origin(answer)[1] + 1
    listener.on_late_answer(dialog, OFFER)
    assert (leg.far_held, leg.wants_sound) == (False, True)


def _origin(text: str) -> tuple[int, int]:
    words = next(line for line in text.splitlines() if line.startswith("o=")).split()
    return int(words[1]), int(words[2])


async def test_a_call_takes_another_s_place(engine: BuiltinEngine) -> None:
    first = await talking(engine)
    await engine.create_room("CF1")
    await engine.join("CF1", "LG1")
    seq = (await engine.state()).seq
    second = agent_of(engine).calls("LG2", description(7_000, "PCMU", 101), replaces=first)
    assert [act[0] for act in second.did] == ["accept"]
    assert first.did[-1] == ("end", "replaced")
    agent_of(engine).listener.on_answered(second, None)
    state = await engine.state()
    assert [(leg.leg_id, leg.state, leg.room_id) for leg in state.legs] == [("LG1", "talking", "CF1")]
    assert state.seq == seq
    agent_of(engine).listener.on_ended(second, by="far", cause="hangup", status=0, text="")
    assert await states(engine) == {}


async def test_hold_is_offered_and_a_refusal_changes_nothing_here(engine: BuiltinEngine) -> None:
    dialog = await talking(engine)
    dialog.answer = description(5_004, "PCMA", 101, "recvonly", 2)
    await engine.hold("LG1", True)
    await engine.hold("LG1", True)
    for task in list(engine._sip._tasks):
        await task
    assert [act[0] for act in dialog.did].count("reinvite") == 1
    assert "a=sendonly" in dialog.last("reinvite")
    assert (await engine.state()).legs[0].held
    dialog.answer = None
    await engine.hold("LG1", False)
    for task in list(engine._sip._tasks):
        await task
    assert "a=sendrecv" in dialog.last("reinvite")
    assert not (await engine.state()).legs[0].held


async def test_sockets_and_rows_are_given_back(engine: BuiltinEngine) -> None:
    for turn in range(300):
        dialog = await talking(engine, f"LG{turn}")
        agent_of(engine).listener.on_ended(dialog, by="far", cause="hangup", status=0, text="")
    assert engine.studio.mixer.slots.capacity == 64
    assert len(engine.sockets._receivers) == 1


async def test_rows_grow_under_live_legs(engine: BuiltinEngine) -> None:
    for turn in range(200):
        await talking(engine, f"LG{turn}")
        engine.studio.mixer.tick()
    slots = engine.studio.mixer.slots
    assert slots.capacity == 256
    legs = engine.studio.mixer.legs.values()
    assert {int(slots.packets["ssrc"][leg.slot]) for leg in legs} == {leg.ssrc for leg in legs}  # type: ignore[attr-defined]
