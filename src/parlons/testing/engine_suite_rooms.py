"""Contract cases: rooms and gains, state and events, recording and listening."""

import asyncio
import contextlib
from pathlib import Path

import numpy as np

from parlons.testing.engine_scene import Scene
from parlons.testing.engine_suite_legs import CALLER, Ask, Case
from parlons.testing.fake_sound import hears_tone, read_wav
from parlons.voice.media.engine import CannotDo, NotThere, ToneSound
from parlons.voice.media.events import DigitReceived, EngineEvent, LegAnswered, LegEnded, LegIncoming, RecordingEnded

CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    """A case of the suite; its name is the function's."""
    CASES[function.__name__] = function
    return function


# --- rooms ---


@case
async def two_in_a_room_hear_each_other(s: Scene) -> None:
    one, far = await s.caller(500)
    other = await s.dialled("LG1", 800)
    before, _ = await s.ears(far, other)
    assert not hears_tone(before, 800)
    await s.room_of(one, "LG1")
    await s.hears(far, 800, but=[500])
    await s.hears(other, 500)


@case
async def three_in_a_room_hear_the_other_two(s: Scene) -> None:
    one, far = await s.caller(500)
    fars = [far, await s.dialled("LG1", 800), await s.dialled("LG2", 1_300)]
    await s.room_of(one, "LG1", "LG2")
    for own, ear in zip((500, 800, 1_300), fars, strict=True):
        await s.hears(ear, *({500, 800, 1_300} - {own}), but=[own])


@case
async def who_leaves_is_heard_no_more_and_stays_connected(s: Scene) -> None:
    one, far = await s.caller(500)
    other = await s.dialled("LG1", 800)
    await s.room_of(one, "LG1")
    await s.hears(far, 800)
    await s.engine.leave("LG1")
    await s.engine.leave("LG1")
    await s.hears(far, but=[800])
    await s.hears(other, but=[500])
    assert other.sees().talking
    assert {leg.leg_id: leg.room_id for leg in (await s.engine.state()).legs} == {one: "CF1", "LG1": None}


@case
async def joining_another_room_leaves_the_one_before(s: Scene) -> None:
    one, far = await s.caller(500)
    await s.dialled("LG1", 800)
    await s.room_of(one, "LG1")
    await s.engine.create_room("CF2")
    await s.engine.join("CF2", "LG1")
    await s.hears(far, but=[800])
    rooms = {room.room_id: room.leg_ids for room in (await s.engine.state()).rooms}
    assert rooms == {"CF1": (one,), "CF2": ("LG1",)}


@case
async def a_gain_decides_who_hears_whom(s: Scene) -> None:
    """A whisper: the third hears all, only the second hears the third."""
    one, far = await s.caller(500)
    fars = [far, await s.dialled("LG1", 800), await s.dialled("LG2", 1_300)]
    await s.room_of(one, "LG1", "LG2")
    await s.engine.set_gain("CF1", "LG2", one, 0)
    await s.hears(fars[0], 800, but=[1_300])
    await s.hears(fars[1], 500, 1_300)
    await s.hears(fars[2], 500, but=[1_300])
    assert (await s.engine.state()).rooms[0].gains == (("LG2", one, 0.0),)
    await s.engine.set_gain("CF1", "LG2", one, 1)
    assert (await s.engine.state()).rooms[0].gains == ()
    await s.hears(far, 1_300)


@case
async def a_gain_waits_for_who_joins_later_and_goes_with_him(s: Scene) -> None:
    one, far = await s.caller(500)
    await s.dialled("LG1", 800)
    await s.room_of(one)
    await s.engine.set_gain("CF1", "LG1", one, 0)
    await s.engine.join("CF1", "LG1")
    assert not hears_tone((await s.ears(far))[0], 800)
    await s.engine.leave("LG1")
    await s.engine.join("CF1", "LG1")
    await s.hears(far, 800)


@case
async def a_gain_beyond_its_range_is_refused(s: Scene) -> None:
    await s.engine.create_room("CF1")
    for gain in (-0.1, 2.1):
        await s.refused(CannotDo, s.engine.set_gain("CF1", "LG1", "LG2", gain))


@case
async def a_closed_room_keeps_its_legs_connected(s: Scene) -> None:
    one, far = await s.caller(500)
    other = await s.dialled("LG1", 800)
    await s.room_of(one, "LG1")
    await s.engine.close_room("CF1")
    await s.hears(far, but=[800])
    await s.hears(other, but=[500])
    state = await s.engine.state()
    assert (state.rooms, [leg.room_id for leg in state.legs]) == ((), [None, None])
    assert not s.count(LegEnded)


@case
async def making_a_room_again_changes_nothing(s: Scene) -> None:
    one, _far = await s.caller()
    await s.room_of(one)
    await s.engine.create_room("CF1")
    await s.engine.join("CF1", one)
    assert [(r.room_id, r.leg_ids) for r in (await s.engine.state()).rooms] == [("CF1", (one,))]


@case
async def a_leg_in_a_room_is_heard_as_soon_as_it_talks(s: Scene) -> None:
    one, far = await s.caller(500)
    target, other = await s.person()
    await s.engine.dial("LG1", target, caller=CALLER)
    await s.room_of(one, "LG1")
    await s.until(lambda: other.sees().calls, what="the call at the far side")
    await other.answers()
    await s.event(LegAnswered, leg_id="LG1")
    await other.says(800)
    await s.hears(far, 800)
    await s.hears(other, 500)


@case
async def verbs_on_a_room_that_is_not_there_are_refused(s: Scene) -> None:
    one, _far = await s.caller()
    asks: list[Ask] = [
        lambda: s.engine.close_room("CF9"),
        lambda: s.engine.join("CF9", one),
        lambda: s.engine.set_gain("CF9", one, "LG1", 0),
        lambda: s.engine.play("PL1", "room", "CF9", [ToneSound((500,), 100)]),
        lambda: s.engine.record("RE1", "CF9", str(s.folder / "a.wav")),
    ]
    for asked in asks:
        await s.refused(NotThere, asked())


# --- state and events ---


@case
async def state_is_what_the_events_up_to_its_number_made(s: Scene) -> None:
    one, _far = await s.caller()
    await s.dialled("LG1")
    await s.room_of(one, "LG1")
    await s.engine.set_gain("CF1", one, "LG1", 0.5)
    await s.engine.play("PL1", "leg", one, [ToneSound((500,), 60_000)])
    await s.engine.gather("GA1", one, max_digits=4, first_ms=60_000)
    await s.engine.record("RE1", "CF1", str(s.folder / "a.wav"))
    state = await s.engine.state()
    assert {leg.leg_id for leg in state.legs} == {one, "LG1"}
    assert {(leg.kind, leg.leg_id == "LG1") for leg in state.legs} == {("trunk", False), ("uri", True)}
    assert (state.rooms[0].gains, set(state.rooms[0].leg_ids)) == (((one, "LG1", 0.5),), {one, "LG1"})
    assert (state.play_ids, state.gather_ids, state.recording_ids) == (("PL1",), ("GA1",), ("RE1",))
    await s.until(lambda: s.told and s.told[-1].seq >= state.seq, what="every event up to the state's")


@case
async def events_are_numbered_without_gap(s: Scene) -> None:
    _leg_id, far = await s.caller()
    await far.presses("123")
    for _ in range(3):
        await s.event(DigitReceived)
    numbers = [event.seq for event in s.told]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert [event.at for event in s.told] == sorted(event.at for event in s.told)


@case
async def a_new_reader_gets_what_he_missed_and_ends_the_one_before(s: Scene) -> None:
    _leg_id, far = await s.caller()
    await far.presses("12")
    for _ in range(2):
        await s.event(DigitReceived)
    seen = list(s.told)
    incoming = next(event for event in seen if isinstance(event, LegIncoming))
    reader = s.engine.events(incoming.seq)
    again: list[EngineEvent] = []
    async with asyncio.timeout(10):
        while len(again) < len(seen) - seen.index(incoming) - 1:
            again.append(await anext(reader))
    assert again == seen[seen.index(incoming) + 1 :]
    await far.presses("3")
    async with asyncio.timeout(10):
        while not isinstance(event := await anext(reader), DigitReceived) or event.digit != "3":
            pass
    await s.passes(100)
    assert not s.count(DigitReceived, digit="3"), "the reader before it must have ended"


# --- recording and listening ---


async def _sound(
    s: Scene, recording_id: str
) -> tuple[RecordingEnded, "np.ndarray[tuple[int, ...], np.dtype[np.int16]]"]:
    ended = await s.event(RecordingEnded, recording_id=recording_id)
    sound = read_wav(Path(ended.path))
    assert sound.shape[1] == 2
    assert abs(len(sound) / 8 - ended.ms) <= 20
    return ended, sound


@case
async def a_recording_has_the_customer_left_and_the_others_right(s: Scene) -> None:
    one, _far = await s.caller(500)
    await s.dialled("LG1", 800)
    await s.dialled("LG2", 1_300)
    await s.room_of(one, "LG1", "LG2")
    await s.passes(200)
    await s.engine.record("RE1", "CF1", str(s.folder / "a.wav"), left_leg_id=one)
    await s.engine.record("RE1", "CF1", str(s.folder / "other.wav"), left_leg_id=one)
    await s.passes(1_000)
    await s.engine.stop_recording("RE1")
    ended, sound = await _sound(s, "RE1")
    assert ended.path == str(s.folder / "a.wav")
    assert ended.ms >= 700
    assert ended.gaps == ()
    left, right = sound[2_400:, 0], sound[2_400:, 1]
    assert [hears_tone(left, f) for f in (500, 800, 1_300)] == [True, False, False]
    assert [hears_tone(right, f) for f in (500, 800, 1_300)] == [False, True, True]
    await s.refused(NotThere, s.engine.stop_recording("RE1"))


@case
async def what_is_played_into_a_room_is_on_both_sides(s: Scene) -> None:
    one, far = await s.caller()
    await s.room_of(one)
    await s.engine.record("RE1", "CF1", str(s.folder / "a.wav"), left_leg_id=one)
    await s.engine.play("PL1", "room", "CF1", [ToneSound((700,), 10_000)])
    await s.hears(far, 700)
    await s.engine.stop_recording("RE1")
    _ended, sound = await _sound(s, "RE1")
    assert hears_tone(sound[800:, 0], 700)
    assert hears_tone(sound[800:, 1], 700)


@case
async def a_pause_is_silent_and_told_as_a_gap(s: Scene) -> None:
    one, _far = await s.caller(500)
    await s.room_of(one)
    await s.passes(200)
    await s.engine.record("RE1", "CF1", str(s.folder / "a.wav"), left_leg_id=one)
    await s.passes(600)
    await s.engine.pause_recording("RE1", True)
    await s.engine.pause_recording("RE1", True)
    await s.passes(600)
    await s.engine.pause_recording("RE1", False)
    await s.passes(600)
    await s.engine.stop_recording("RE1")
    ended, sound = await _sound(s, "RE1")
    ((begin, end, why),) = ended.gaps
    assert why == "paused"
    assert end - begin >= 400
    assert not hears_tone(sound[(begin + 60) * 8 : (end - 60) * 8, 0], 500)
    assert hears_tone(sound[: (begin - 40) * 8, 0], 500)
    assert hears_tone(sound[(end + 40) * 8 :, 0], 500)


@case
async def a_recording_ends_at_its_length(s: Scene) -> None:
    one, _far = await s.caller(500)
    await s.room_of(one)
    await s.engine.record("RE1", "CF1", str(s.folder / "a.wav"), max_ms=600)
    ended, _sound_of_it = await _sound(s, "RE1")
    assert 580 <= ended.ms <= 640


@case
async def a_recording_ends_after_silence(s: Scene) -> None:
    one, _far = await s.caller()
    await s.room_of(one)
    await s.engine.record("RE1", "CF1", str(s.folder / "a.wav"), silence_ms=800)
    ended, _sound_of_it = await _sound(s, "RE1")
    assert 780 <= ended.ms <= 1_500


@case
async def a_recording_ends_with_its_room(s: Scene) -> None:
    one, _far = await s.caller(500)
    await s.room_of(one)
    await s.engine.record("RE1", "CF1", str(s.folder / "a.wav"))
    await s.passes(300)
    await s.engine.close_room("CF1")
    await _sound(s, "RE1")
    assert (await s.engine.state()).recording_ids == ()
    await s.refused(NotThere, s.engine.pause_recording("RE1", True))


@case
async def a_tap_gives_what_a_leg_says_until_it_ends(s: Scene) -> None:
    one, far = await s.caller(500)
    frames: list[bytes] = []
    ended = asyncio.Event()

    async def listen() -> None:
        async for frame in s.engine.tap(one):
            frames.append(frame)
        ended.set()

    listening = asyncio.create_task(listen())
    try:
        await s.until(lambda: hears_tone(np.frombuffer(b"".join(frames[-15:]), np.int16), 500), what="his voice")
        assert {len(frame) for frame in frames} == {320}
        await far.hangs_up()
        await s.event(LegEnded, leg_id=one)
        await s.until(ended.is_set, what="the tap's end")
    finally:
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
    await s.refused(NotThere, anext(s.engine.tap(one)))
