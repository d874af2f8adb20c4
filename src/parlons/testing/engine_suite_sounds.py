"""Contract cases: plays and gathers."""

import numpy as np

from parlons.testing.engine_scene import Scene
from parlons.testing.engine_suite_legs import Case
from parlons.testing.fake_sound import Samples, hears_tone, tone, write_wav
from parlons.voice.media.engine import FileSound, NotThere, SilenceSound, ToneSound
from parlons.voice.media.events import DigitReceived, Gathered, LegEnded, PlayEnded

CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    """A case of the suite; its name is the function's."""
    CASES[function.__name__] = function
    return function


# --- plays ---


@case
async def a_play_is_heard_by_its_leg_alone_over_its_room(s: Scene) -> None:
    one, far = await s.caller(500)
    other = await s.dialled("LG1", 800)
    await s.room_of(one, "LG1")
    await s.engine.play("PL1", "leg", one, [ToneSound((1_100,), 3_000)])
    await s.hears(far, 1_100, 800)
    assert not hears_tone(await other.hears(300), 1_100)
    assert (await s.event(PlayEnded, play_id="PL1")).why == "done"


@case
async def a_play_into_a_room_is_heard_by_all(s: Scene) -> None:
    one, far = await s.caller()
    other = await s.dialled("LG1")
    await s.room_of(one, "LG1")
    await s.engine.play("PL1", "room", "CF1", [ToneSound((1_100,), 60_000)])
    for ear in (far, other):
        await s.hears(ear, 1_100)


@case
async def plays_follow_each_other_in_order(s: Scene) -> None:
    one, _far = await s.caller()
    await s.engine.play("PL1", "leg", one, [ToneSound((500,), 200), SilenceSound(100), ToneSound((700,), 200)])
    await s.engine.play("PL2", "leg", one, [ToneSound((900,), 1_500)])
    first, second = await s.event(PlayEnded, play_id="PL1"), await s.event(PlayEnded, play_id="PL2")
    assert (first.why, second.why) == ("done", "done")
    assert second.at - first.at >= 1_000  # ticks that came late are made up for, so it may seem shorter
    assert first.seq < second.seq


@case
async def the_same_play_again_is_one_play(s: Scene) -> None:
    one, _far = await s.caller()
    await s.engine.play("PL1", "leg", one, [ToneSound((500,), 200)])
    await s.engine.play("PL1", "leg", one, [ToneSound((500,), 200)])
    await s.event(PlayEnded, play_id="PL1")
    await s.engine.play("PL1", "leg", one, [ToneSound((500,), 200)])
    await s.passes(500)
    assert s.count(PlayEnded, play_id="PL1") == 1


@case
async def a_loop_goes_on_until_another_play_is_asked_for(s: Scene) -> None:
    one, far = await s.caller()
    await s.engine.play("PL1", "leg", one, [ToneSound((500,), 100)], loop=True)
    await s.passes(800)
    await s.hears(far, 500)
    assert not s.count(PlayEnded)
    await s.engine.play("PL2", "leg", one, [ToneSound((900,), 60_000)])
    assert (await s.event(PlayEnded, play_id="PL1")).why == "stopped"
    await s.hears(far, 900, but=[500])


@case
async def a_play_is_stopped(s: Scene) -> None:
    one, far = await s.caller()
    await s.engine.play("PL1", "leg", one, [ToneSound((500,), 60_000)])
    await s.hears(far, 500)
    await s.engine.stop_play("PL1")
    assert (await s.event(PlayEnded, play_id="PL1")).why == "stopped"
    await s.hears(far, but=[500])
    await s.refused(NotThere, s.engine.stop_play("PL1"))


@case
async def a_key_ends_the_play_that_asked_for_it(s: Scene) -> None:
    one, far = await s.caller()
    await s.engine.play("PL1", "leg", one, [ToneSound((500,), 60_000)], stop_on_digit=True)
    await s.passes(200)
    await far.presses("5")
    assert (await s.event(PlayEnded, play_id="PL1")).why == "digit"


@case
async def a_key_leaves_other_plays_alone(s: Scene) -> None:
    one, far = await s.caller()
    await s.engine.play("PL1", "leg", one, [ToneSound((500,), 60_000)])
    await far.presses("5")
    await s.passes(300)
    assert not s.count(PlayEnded)


@case
async def a_file_is_played(s: Scene) -> None:
    for rate in (8_000, 16_000):
        write_wav(s.folder / f"{rate}.wav", _file_tone(rate), rate)
    one, far = await s.caller()
    for rate in (8_000, 16_000):
        await s.engine.play(f"PL{rate}", "leg", one, [FileSound(str(s.folder / f"{rate}.wav"))])
        await s.hears(far, 640)
        assert (await s.event(PlayEnded, play_id=f"PL{rate}")).why == "done"


def _file_tone(rate: int) -> Samples:
    return np.repeat(tone((640,), 1_500), rate // 8_000)


@case
async def a_file_that_cannot_be_read_is_told_and_the_next_play_goes_on(s: Scene) -> None:
    (s.folder / "noise.wav").write_bytes(b"no sound at all")
    one, _far = await s.caller()
    await s.engine.play("PL1", "leg", one, [FileSound(str(s.folder / "missing.wav"))])
    await s.engine.play("PL2", "leg", one, [FileSound(str(s.folder / "noise.wav"))])
    await s.engine.play("PL3", "leg", one, [ToneSound((500,), 200)])
    assert [(await s.event(PlayEnded, play_id=f"PL{n}")).why for n in (1, 2, 3)] == ["unreadable", "unreadable", "done"]


@case
async def a_play_ends_with_its_leg(s: Scene) -> None:
    one, far = await s.caller()
    await s.engine.play("PL1", "leg", one, [ToneSound((500,), 60_000)])
    await far.hangs_up()
    assert (await s.event(PlayEnded, play_id="PL1")).why == "leg-ended"
    await s.event(LegEnded, leg_id=one)


# --- gathers ---


@case
async def a_gather_ends_at_its_terminator(s: Scene) -> None:
    one, far = await s.caller()
    await s.engine.gather("GA1", one, max_digits=10)
    await far.presses("42#")
    got = await s.event(Gathered, gather_id="GA1")
    assert (got.digits, got.why) == ("42", "terminator")
    await s.engine.gather("GA1", one, max_digits=10)
    assert (await s.engine.state()).gather_ids == ()


@case
async def a_gather_ends_when_it_is_full(s: Scene) -> None:
    one, far = await s.caller()
    await s.engine.gather("GA1", one, max_digits=3)
    await far.presses("123")
    got = await s.event(Gathered, gather_id="GA1")
    assert (got.digits, got.why) == ("123", "full")


@case
async def a_gather_without_keys_times_out(s: Scene) -> None:
    one, _far = await s.caller()
    await s.engine.gather("GA1", one, max_digits=3, first_ms=600)
    got = await s.event(Gathered, gather_id="GA1")
    assert (got.digits, got.why) == ("", "timeout")


@case
async def a_gather_times_out_between_keys_with_what_there_is(s: Scene) -> None:
    one, far = await s.caller()
    await s.engine.gather("GA1", one, max_digits=5, first_ms=30_000, between_ms=2_000)
    await far.presses("12")
    got = await s.event(Gathered, gather_id="GA1")
    assert (got.digits, got.why) == ("12", "timeout")


@case
async def the_first_key_s_time_counts_from_the_end_of_the_play(s: Scene) -> None:
    one, _far = await s.caller()
    await s.engine.play("PL1", "leg", one, [ToneSound((500,), 1_000)])
    await s.engine.gather("GA1", one, max_digits=3, first_ms=500)
    played, got = await s.event(PlayEnded, play_id="PL1"), await s.event(Gathered, gather_id="GA1")
    assert played.why == "done"
    assert got.at - played.at >= 400


@case
async def the_first_key_ends_the_play(s: Scene) -> None:
    one, far = await s.caller()
    await s.engine.play("PL1", "leg", one, [ToneSound((500,), 60_000)])
    await s.engine.gather("GA1", one, max_digits=1)
    await s.passes(200)
    await far.presses("7")
    assert (await s.event(PlayEnded, play_id="PL1")).why == "digit"
    assert (await s.event(Gathered, gather_id="GA1")).digits == "7"


@case
async def keys_pressed_just_before_count(s: Scene) -> None:
    one, far = await s.caller()
    await far.presses("7")
    await s.passes(200)
    await s.engine.gather("GA1", one, max_digits=2, first_ms=20_000, between_ms=10_000)
    await far.presses("8")
    assert (await s.event(Gathered, gather_id="GA1")).digits == "78"
    await far.presses("9")
    await s.passes(3_000)
    await s.engine.gather("GA2", one, max_digits=1, first_ms=600)
    assert (await s.event(Gathered, gather_id="GA2")).why == "timeout"


@case
async def a_gather_is_stopped_with_what_there_is(s: Scene) -> None:
    one, far = await s.caller()
    await s.engine.gather("GA1", one, max_digits=9, first_ms=20_000, between_ms=20_000)
    await far.presses("31")
    for _ in range(2):
        await s.event(DigitReceived, leg_id=one)
    await s.engine.stop_gather("GA1")
    got = await s.event(Gathered, gather_id="GA1")
    assert (got.digits, got.why) == ("31", "stopped")
    await s.refused(NotThere, s.engine.stop_gather("GA1"))


@case
async def a_gather_ends_with_its_leg(s: Scene) -> None:
    one, far = await s.caller()
    await s.engine.gather("GA1", one, max_digits=9, first_ms=20_000)
    await far.hangs_up()
    assert (await s.event(Gathered, gather_id="GA1")).why == "leg-ended"
