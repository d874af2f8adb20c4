"""Contract cases: calls in and out, hold, transfer, keys, browsers."""

from collections.abc import Awaitable, Callable

from parlons.kit.errors import Refusal
from parlons.testing.engine_scene import Far, Scene
from parlons.voice.media.config import EngineConfig, Phone
from parlons.voice.media.engine import Caller, CannotDo, Capabilities, NotThere, NumberTarget, PhoneTarget, ToneSound
from parlons.voice.media.events import (
    DigitReceived,
    LegAnswered,
    LegEnded,
    LegHeld,
    LegIncoming,
    LegReferred,
    LegRinging,
    PhoneChanged,
    ReferEnded,
)

Case = Callable[[Scene], Awaitable[None]]
Ask = Callable[[], Awaitable[None]]
CASES: dict[str, Case] = {}
CALLER = Caller("+33155500000", "Parlons")


def case(function: Case) -> Case:
    """A case of the suite; its name is the function's."""
    CASES[function.__name__] = function
    return function


async def _ended(s: Scene, far: Far, status: int | None = None) -> None:
    await s.until(lambda: far.sees().ended is not None, what="the end at the far side")
    assert status is None or far.sees().ended == status, far.sees().ended


# --- calls in ---


@case
async def a_call_in_is_told_with_its_numbers(s: Scene) -> None:
    await s.calls(from_number="+33612345678", to_number="+33155500000")
    told = await s.event(LegIncoming)
    assert (told.from_number, told.to_number) == ("+33612345678", "+33155500000")
    state = await s.engine.state()
    assert [(leg.leg_id, leg.state) for leg in state.legs] == [(told.leg_id, "incoming")]


@case
async def ringing_reaches_the_caller(s: Scene) -> None:
    leg_id, far = await s.ringing_in()
    assert not far.sees().ringing
    await s.engine.ring(leg_id)
    await s.engine.ring(leg_id)
    await s.until(lambda: far.sees().ringing, what="ringing at the far side")
    assert (await s.engine.state()).legs[0].state == "ringing"


@case
async def sound_before_the_answer_is_heard(s: Scene) -> None:
    leg_id, far = await s.ringing_in()
    await s.engine.ring(leg_id, early_media=True)
    await s.until(lambda: far.sees().ringing, what="183 at the far side")
    await s.engine.play("PL1", "leg", leg_id, [ToneSound((600,), 5_000)])
    await s.hears(far, 600)
    assert not far.sees().talking


@case
async def an_answer_connects_once(s: Scene) -> None:
    leg_id, far = await s.caller()
    await s.engine.answer(leg_id)
    await s.passes(200)
    assert s.count(LegAnswered, leg_id=leg_id) == 1
    assert far.sees().talking
    assert (await s.engine.state()).legs[0].state == "talking"


@case
async def a_refusal_carries_its_status(s: Scene) -> None:
    for status in (486, 480, 603):
        leg_id, far = await s.ringing_in()
        await s.engine.reject(leg_id, status=status)
        await _ended(s, far, status)
        assert (await s.event(LegEnded, leg_id=leg_id)).by == "us"
    assert (await s.engine.state()).legs == ()


@case
async def an_answered_call_cannot_be_refused(s: Scene) -> None:
    leg_id, far = await s.caller()
    await s.refused(CannotDo, s.engine.reject(leg_id))
    assert far.sees().ended is None


@case
async def a_caller_who_gives_up_is_told(s: Scene) -> None:
    leg_id, far = await s.ringing_in()
    await s.engine.ring(leg_id)
    await s.until(lambda: far.sees().ringing, what="ringing at the far side")
    await far.hangs_up()
    ended = await s.event(LegEnded, leg_id=leg_id)
    assert (ended.by, ended.cause) == ("far", "canceled")


@case
async def a_caller_who_hangs_up_ends_his_leg_once(s: Scene) -> None:
    leg_id, far = await s.caller()
    await far.hangs_up()
    ended = await s.event(LegEnded, leg_id=leg_id)
    assert (ended.by, ended.cause) == ("far", "hangup")
    await s.passes(300)
    assert s.count(LegEnded, leg_id=leg_id) == 1
    assert (await s.engine.state()).legs == ()


@case
async def hanging_up_ends_the_far_side_s_call(s: Scene) -> None:
    leg_id, far = await s.caller()
    await s.engine.hang_up(leg_id)
    assert (await s.event(LegEnded, leg_id=leg_id)).by == "us"
    await _ended(s, far)


@case
async def verbs_on_a_leg_that_is_gone_are_refused(s: Scene) -> None:
    leg_id, _far = await s.caller()
    await s.engine.create_room("CF1")
    await s.engine.hang_up(leg_id)
    await s.event(LegEnded, leg_id=leg_id)
    engine = s.engine
    asks: list[Ask] = [
        lambda: engine.ring(leg_id),
        lambda: engine.answer(leg_id),
        lambda: engine.reject(leg_id),
        lambda: engine.hang_up(leg_id),
        lambda: engine.hold(leg_id, True),
        lambda: engine.refer(leg_id, "+33155500009"),
        lambda: engine.send_digits(leg_id, "1"),
        lambda: engine.join("CF1", leg_id),
        lambda: engine.leave(leg_id),
        lambda: engine.play("PL1", "leg", leg_id, [ToneSound((500,), 100)]),
        lambda: engine.gather("GA1", leg_id, max_digits=1),
    ]
    for asked in asks:
        await s.refused(NotThere, asked())


# --- calls out ---


@case
async def a_dialled_phone_rings_and_answers(s: Scene) -> None:
    target, far = await s.person()
    await s.engine.dial("LG1", target, caller=CALLER, headers={"X-Test": "seen"})
    await s.until(lambda: far.sees().calls, what="the call at the far side")
    assert (far.sees().from_number, far.sees().header) == ("+33155500000", "seen")
    await far.rings()
    assert not (await s.event(LegRinging, leg_id="LG1")).early_media
    await far.answers()
    await s.event(LegAnswered, leg_id="LG1")
    assert (await s.engine.state()).legs[0].state == "talking"


@case
async def dialling_again_with_the_same_id_is_one_call(s: Scene) -> None:
    target, far = await s.person()
    for _ in range(3):
        await s.engine.dial("LG1", target, caller=CALLER)
    await s.until(lambda: far.sees().calls, what="the call at the far side")
    await far.refuses(486)
    await s.event(LegEnded, leg_id="LG1")
    await s.engine.dial("LG1", target, caller=CALLER)
    await s.passes(300)
    assert far.sees().calls == 1
    assert (await s.engine.state()).legs == ()


@case
async def a_refused_call_tells_why(s: Scene) -> None:
    for number, (status, cause) in enumerate(((486, "busy"), (603, "declined"), (404, "not-found"))):
        target, far = await s.person()
        await s.engine.dial(f"LG{number}", target, caller=CALLER)
        await s.until(lambda far=far: far.sees().calls, what="the call at the far side")  # type: ignore[misc]
        await far.refuses(status)
        ended = await s.event(LegEnded, leg_id=f"LG{number}")
        assert (ended.by, ended.cause, ended.status) == ("far", cause, status)


@case
async def nobody_answers_in_time(s: Scene) -> None:
    target, far = await s.person()
    await s.engine.dial("LG1", target, caller=CALLER, timeout_ms=1_000)
    await s.until(lambda: far.sees().calls, what="the call at the far side")
    await far.rings()
    assert (await s.event(LegEnded, leg_id="LG1")).cause == "no-answer"
    await _ended(s, far)


@case
async def a_call_can_be_taken_back_while_it_rings(s: Scene) -> None:
    target, far = await s.person()
    await s.engine.dial("LG1", target, caller=CALLER)
    await s.until(lambda: far.sees().calls, what="the call at the far side")
    await far.rings()
    await s.event(LegRinging, leg_id="LG1")
    await s.engine.hang_up("LG1")
    ended = await s.event(LegEnded, leg_id="LG1")
    assert (ended.by, ended.cause) == ("us", "canceled")
    await _ended(s, far)
    assert not far.sees().talking


@case
async def what_cannot_be_dialled_is_refused(s: Scene) -> None:
    target, _far = await s.person()
    await s.engine.configure(EngineConfig())
    await s.refused(NotThere, s.engine.dial("LG1", PhoneTarget("nobody"), caller=CALLER))
    await s.refused(NotThere, s.engine.dial("LG2", NumberTarget("+33155500001", ("TKnone",)), caller=CALLER))
    await s.refused(CannotDo, s.engine.dial("LG3", target, caller=CALLER, headers={"Route": "elsewhere"}))
    assert (await s.engine.state()).legs == ()


@case
async def a_configured_phone_registers_and_is_called_by_its_name(s: Scene) -> None:
    await s.engine.configure(EngineConfig(phones=(Phone("alice", "hidden words"),)))
    await s.driver.registers("alice", "hidden words")
    assert (await s.event(PhoneChanged, username="alice")).registered
    assert (await s.engine.state()).phones == ("alice",)
    await s.engine.dial("LG1", PhoneTarget("alice"), caller=CALLER)
    assert (await s.engine.state()).legs[0].kind == "phone"


@case
async def a_new_configuration_leaves_calls_alone(s: Scene) -> None:
    leg_id, far = await s.caller(500)
    await s.engine.configure(EngineConfig(phones=(Phone("bob", "hidden words"),)))
    await s.passes(200)
    assert [leg.leg_id for leg in (await s.engine.state()).legs] == [leg_id]
    assert far.sees().talking


# --- hold, transfer, keys ---


@case
async def a_held_leg_hears_its_own_music_only(s: Scene) -> None:
    one, far = await s.caller(500)
    other = await s.dialled("LG1", 800)
    await s.room_of(one, "LG1")
    await s.engine.hold(one, True)
    await s.until(lambda: far.sees().held, what="hold at the far side")
    assert [leg.held for leg in (await s.engine.state()).legs if leg.leg_id == one] == [True]
    await s.engine.play("PL1", "leg", one, [ToneSound((1200,), 500)], loop=True)
    await s.hears(far, 1_200, but=[800])
    await s.hears(other, but=[500])
    await s.engine.stop_play("PL1")
    await s.engine.hold(one, False)
    await s.until(lambda: not far.sees().held, what="the end of hold at the far side")
    await s.hears(far, 800)
    await s.hears(other, 500)


@case
async def a_leg_that_does_not_talk_cannot_be_held_or_keyed(s: Scene) -> None:
    leg_id, _far = await s.ringing_in()
    await s.refused(CannotDo, s.engine.hold(leg_id, True))
    await s.refused(CannotDo, s.engine.send_digits(leg_id, "1"))
    await s.refused(CannotDo, s.engine.refer(leg_id, "+33155500009"))


@case
async def hold_by_the_far_side_is_told(s: Scene) -> None:
    leg_id, far = await s.caller(500)
    await far.holds(True)
    assert (await s.event(LegHeld, leg_id=leg_id)).held
    assert (await s.engine.state()).legs[0].far_held
    await far.holds(False)
    assert not (await s.event(LegHeld, leg_id=leg_id)).held


@case
async def the_far_side_is_asked_to_call_another(s: Scene) -> None:
    leg_id, far = await s.caller()
    await s.engine.refer(leg_id, "+33155500009")
    await s.until(lambda: far.sees().referred_to, what="REFER at the far side")
    assert "+33155500009" in far.sees().referred_to
    assert not s.count(LegEnded)
    await far.hangs_up()
    assert 200 <= (await s.event(ReferEnded, leg_id=leg_id)).status < 700


@case
async def the_far_side_asks_to_be_transferred(s: Scene) -> None:
    leg_id, far = await s.caller()
    await far.refers("+33155500009")
    told = await s.event(LegReferred, leg_id=leg_id)
    assert "+33155500009" in told.to
    assert told.replaces_leg_id is None


@case
async def keys_are_told_in_order(s: Scene) -> None:
    leg_id, far = await s.caller()
    await far.presses("159*0#")
    keys = [(await s.event(DigitReceived, leg_id=leg_id)).digit for _ in range(6)]
    assert keys == list("159*0#")


@case
async def keys_are_sent(s: Scene) -> None:
    leg_id, far = await s.caller()
    await s.engine.send_digits(leg_id, "42#A")
    await s.until(lambda: far.sees().digits == "42#A", what="keys at the far side")
    await s.refused(CannotDo, s.engine.send_digits(leg_id, "x"))


# --- browsers ---


async def _browser_refused(s: Scene) -> bool:
    """Whether the engine has no browser legs, and says so."""
    assert isinstance(s.engine.capabilities, Capabilities)
    if s.engine.capabilities.browser:
        return False
    await s.refused(CannotDo, s.engine.connect_browser("LGb", "v=0\r\n"))
    return True


@case
async def a_browser_talks_with_a_caller(s: Scene) -> None:
    if await _browser_refused(s):
        return
    browser, (leg_id, far) = await s.browser(), await s.caller(500)
    await browser.takes(await s.engine.connect_browser("LGb", await browser.offer()))
    await s.event(LegAnswered, leg_id="LGb")
    await browser.says(800)
    await s.room_of(leg_id, "LGb")
    await s.hears(browser, 500)
    await s.hears(far, 800)


@case
async def a_browser_that_offers_again_keeps_its_leg(s: Scene) -> None:
    if await _browser_refused(s):
        return
    first, (leg_id, far) = await s.browser(), await s.caller(500)
    await first.takes(await s.engine.connect_browser("LGb", await first.offer()))
    await s.event(LegAnswered, leg_id="LGb")
    await s.room_of(leg_id, "LGb")
    await first.vanishes()
    again = await s.browser()
    await again.takes(await s.engine.connect_browser("LGb", await again.offer()))
    await again.says(800)
    await s.hears(again, 500)
    await s.hears(far, 800)
    assert s.count(LegAnswered, leg_id="LGb") == 1
    assert not s.count(LegEnded)


@case
async def a_browser_that_vanished_is_lost(s: Scene) -> None:
    if await _browser_refused(s):
        return
    browser = await s.browser()
    await browser.takes(await s.engine.connect_browser("LGb", await browser.offer()))
    await s.event(LegAnswered, leg_id="LGb")
    await browser.vanishes()
    ended = await s.event(LegEnded, leg_id="LGb", within_ms=40_000)
    assert ended.cause == "lost"


@case
async def a_browser_sends_keys(s: Scene) -> None:
    if await _browser_refused(s):
        return
    browser = await s.browser()
    await browser.takes(await s.engine.connect_browser("LGb", await browser.offer()))
    await s.event(LegAnswered, leg_id="LGb")
    await browser.presses("15#")
    assert [(await s.event(DigitReceived, leg_id="LGb")).digit for _ in range(3)] == list("15#")


@case
async def what_is_no_offer_is_refused(s: Scene) -> None:
    await s.refused(Refusal, s.engine.connect_browser("LGb", "no offer at all"))
    assert (await s.engine.state()).legs == ()
