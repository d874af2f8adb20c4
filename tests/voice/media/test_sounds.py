"""Sounds brought to 8 kHz and shared; plays that follow each other, loop from their own places, and end."""

from pathlib import Path

import numpy as np
import pytest

from parlons.testing.fake_sound import loudness, write_wav
from parlons.voice.media.builtin.players import Play, PlayQueue
from parlons.voice.media.builtin.sounds import Sounds, Unreadable, narrowed, read
from parlons.voice.media.engine import FileSound, SilenceSound, ToneSound


def sine(rate: int, *frequencies: float, seconds: float = 1.0) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    at = np.arange(int(rate * seconds)) / rate
    return np.asarray(8_000 * sum(np.sin(2 * np.pi * f * at) for f in frequencies), np.int16)


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
def test_files_of_every_rate(tmp_path: Path, rate: int) -> None:
    write_wav(tmp_path / "a.wav", sine(rate, 700), rate)
    samples = read(str(tmp_path / "a.wav"))
    assert len(samples) == 8_000
    assert loudness(samples[400:-400], 700) == pytest.approx(8_000, rel=0.05)


@pytest.mark.parametrize("step", [2, 3, 6])
def test_what_8_khz_cannot_hold_is_taken_out(step: int) -> None:
    rate = 8_000 * step
    narrow = narrowed(sine(rate, 1_000, 5_500), step)[400:-400]
    assert loudness(narrow, 1_000) == pytest.approx(8_000, rel=0.05)
    assert loudness(narrow, 8_000 - 5_500) < 80  # where it would be mirrored to


@pytest.mark.parametrize("what", ["nothing", "stereo", "rate", "cut", "text"])
async def test_what_is_no_such_file(tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.wav"
    if what == "stereo":
        write_wav(path, np.zeros((800, 2), np.int16))
    elif what == "rate":
        write_wav(path, np.zeros(800, np.int16), 11_025)
    elif what == "cut":
        write_wav(path, np.zeros(800, np.int16))
        path.write_bytes(path.read_bytes()[:20])
    elif what == "text":
        path.write_text("no sound")
    with pytest.raises(Unreadable):
        await Sounds().load((FileSound(str(path)),))


async def test_a_file_is_decoded_once_until_it_changes(tmp_path: Path) -> None:
    path, sounds = tmp_path / "a.wav", Sounds()
    write_wav(path, sine(8_000, 700))
    (first,) = await sounds.load((FileSound(str(path)),))
    (second,) = await sounds.load((FileSound(str(path)),))
    assert first is second
    write_wav(path, sine(8_000, 900, seconds=2))
    (third,) = await sounds.load((FileSound(str(path)),))
    assert len(third) == 16_000


async def test_tones_and_silence() -> None:
    one, two, nothing = await Sounds().load((ToneSound((700,), 300), ToneSound((400, 1_400), 300), SilenceSound(50)))
    for samples in (one, two):
        level = 20 * np.log10(np.sqrt(np.mean(samples.astype(float) ** 2)) / 32_768)
        assert level == pytest.approx(-13, abs=0.3)
    assert (len(one), len(nothing), nothing.any()) == (2_400, 480, False)


def queue() -> tuple[PlayQueue, list[tuple[str, str]]]:
    ended: list[tuple[str, str]] = []
    return PlayQueue(lambda play, why: ended.append((play.play_id, why))), ended


def play(name: str, *values: int, loop: bool = False, stop_on_digit: bool = False) -> Play:
    made = Play(name, loop=loop, stop_on_digit=stop_on_digit)
    made.sounds = [np.full(160, value, np.int16) for value in values]
    return made


def step(plays: PlayQueue, count: int) -> list[int | None]:
    frames = [plays.step() for _ in range(count)]
    return [None if frame is None else int(frame[0]) for frame in frames]


def test_plays_follow_each_other_without_a_gap() -> None:
    plays, ended = queue()
    plays.add(play("a", 1, 2))
    plays.add(play("b", 3))
    assert step(plays, 4) == [1, 2, 3, None]
    assert ended == [("a", "done"), ("b", "done")]


def test_a_loop_is_shared_and_each_has_its_own_place() -> None:
    one, _ = queue()
    other, _ = queue()
    first, second = play("a", 1, 2, 3, loop=True), play("b", loop=True)
    second.sounds = first.sounds
    one.add(first)
    assert step(one, 5) == [1, 2, 3, 1, 2]
    other.add(second)
    assert step(other, 2) == [1, 2]
    assert step(one, 1) == [3]


def test_an_empty_loop_ends() -> None:
    plays, ended = queue()
    plays.add(play("a", loop=True))
    assert step(plays, 1) == [None]
    assert ended == [("a", "done")]


def test_one_that_is_still_read_holds_those_behind_it() -> None:
    plays, ended = queue()
    late = Play("a", loop=False, stop_on_digit=False)
    plays.add(late)
    plays.add(play("b", 2))
    assert step(plays, 2) == [None, None]
    late.sounds = [np.full(160, 1, np.int16)]
    assert step(plays, 3) == [1, 2, None]
    assert ended == [("a", "done"), ("b", "done")]


def test_keys_end_what_asked_for_it() -> None:
    plays, ended = queue()
    for made in (play("a", 1), play("b", 2, stop_on_digit=True), play("c", 3)):
        plays.add(made)
    plays.digit(all_of_them=False)
    assert ended == [("b", "digit")]
    plays.digit(all_of_them=True)
    assert ended == [("b", "digit"), ("a", "digit"), ("c", "digit")]
    assert not plays
