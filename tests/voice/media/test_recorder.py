"""Recordings: both channels in place, pauses and keys blank and told, a full disk is a gap, the file whole at any moment."""

import errno
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from parlons.testing.fake_sound import read_wav
from parlons.voice.media.builtin.recorder import Recorder, Write
from parlons.voice.media.builtin.recording import Gap, Recording


class Desk:
    """A recorder and what it told."""

    def __init__(self, write: Write = os.pwrite) -> None:
        self.ended: dict[str, tuple[Gap, ...]] = {}
        self._told = threading.Event()
        self.recorder = Recorder(self._note, write)

    def _note(self, recording: Recording, gaps: tuple[Gap, ...]) -> None:
        self.ended[recording.recording_id] = gaps
        self._told.set()

    def wait(self) -> None:
        assert self._told.wait(60)
        self._told.clear()

    def runs(self, ticks: int, *recordings: Recording, value: int = 1_000) -> list[Recording]:
        """So many ticks, left `value` and right `value + 1`; those that came to their end."""
        full = []
        for _ in range(ticks):
            block = np.zeros((len(recordings), 160, 2), np.int16)
            block[:, :, 0], block[:, :, 1] = value, value + 1
            full += [each for each, sound in zip(recordings, block, strict=True) if each.tick(sound)]
            self.recorder.tick(recordings, block)
            self.recorder.tick_over()
        return full


def recording(
    path: Path, name: str = "RE1", *, max_ms: int = 60_000, silence_ms: int = 0, silence_on_digit: bool = False
) -> Recording:
    return Recording(
        name, str(path), left_leg_id=None, max_ms=max_ms, silence_ms=silence_ms, silence_on_digit=silence_on_digit
    )


def test_both_channels_and_the_length(tmp_path: Path) -> None:
    desk, one, other = Desk(), recording(tmp_path / "a.wav"), recording(tmp_path / "b.wav", "RE2")
    desk.runs(60, one, other)
    desk.recorder.end(one)
    desk.runs(30, other)
    desk.recorder.end(other)
    desk.recorder.close()
    assert desk.ended == {"RE1": (), "RE2": ()}
    for path, ms in (("a.wav", 1_200), ("b.wav", 1_800)):
        sound = read_wav(tmp_path / path)
        assert len(sound) == ms * 8
        assert (sound[:, 0] == 1_000).all()
        assert (sound[:, 1] == 1_001).all()
    assert (one.ms, other.ms) == (1_200, 1_800)


def test_it_is_readable_before_its_end(tmp_path: Path) -> None:
    desk, one = Desk(), recording(tmp_path / "a.wav")
    desk.runs(50, one)
    desk.recorder.close()
    assert len(read_wav(tmp_path / "a.wav")) == 8_000
    assert (tmp_path / "a.wav").stat().st_mode & 0o777 == 0o600


def test_a_pause_is_blank_and_told(tmp_path: Path) -> None:
    desk, one = Desk(), recording(tmp_path / "a.wav")
    desk.runs(20, one)
    one.paused = True
    desk.runs(30, one)
    one.paused = False
    desk.runs(20, one)
    desk.recorder.end(one)
    desk.recorder.close()
    assert desk.ended["RE1"] == ((400, 1_000, "paused"),)
    sound = read_wav(tmp_path / "a.wav")[:, 0].reshape(-1, 160)
    assert [bool(frame.any()) for frame in sound] == [True] * 20 + [False] * 30 + [True] * 20


def test_keys_are_blank_backwards_too_and_one_gap(tmp_path: Path) -> None:
    desk, one = Desk(), recording(tmp_path / "a.wav", silence_on_digit=True)
    for _ in range(3):
        desk.runs(20, one)
        desk.recorder.blank(one, one.digit())
    desk.runs(150, one)
    desk.recorder.end(one)
    desk.recorder.close()
    ((begin, end, why),) = desk.ended["RE1"]
    assert (begin, end, why) == (160, 3_200, "paused")
    sound = read_wav(tmp_path / "a.wav")[:, 0]
    assert not sound[begin * 8 : end * 8].any()
    assert sound[: begin * 8].all()
    assert sound[end * 8 :].all()


def test_it_ends_at_its_length_and_after_silence(tmp_path: Path) -> None:
    desk, one = Desk(), recording(tmp_path / "a.wav", max_ms=500)
    assert desk.runs(30, one)[0] is one
    assert one.ms >= 500
    quiet = recording(tmp_path / "b.wav", silence_ms=400)
    assert not desk.runs(30, quiet)
    assert not desk.runs(19, quiet, value=0)
    assert desk.runs(1, quiet, value=0) == [quiet]
    desk.recorder.close()


def test_a_full_disk_is_a_gap_and_the_rest_stays_in_its_place(tmp_path: Path) -> None:
    full = threading.Event()

    def write(descriptor: int, data: bytes, at: int) -> int:
        if full.is_set():
            raise OSError(errno.ENOSPC, "no space")
        return os.pwrite(descriptor, data, at)

    desk, one = Desk(write), recording(tmp_path / "a.wav")
    probe = recording(tmp_path / "probe.wav", "probe")

    def written() -> None:
        """Everything handed over has been dealt with: a recording that ends behind it is told."""
        desk.recorder.end(probe)
        desk.wait()

    desk.runs(25, one, value=1_000)
    written()
    full.set()
    desk.runs(50, one, value=2_000)
    written()
    full.clear()
    desk.runs(25, one, value=3_000)
    desk.recorder.end(one)
    desk.recorder.close()
    assert desk.ended["RE1"] == ((500, 1_500, "disk-full"),)
    sound = read_wav(tmp_path / "a.wav")[:, 0]
    assert len(sound) == 16_000
    assert [int(sound[at]) for at in (0, 3_999, 4_000, 11_999, 12_000, 15_999)] == [1_000, 1_000, 0, 0, 3_000, 3_000]


def test_a_folder_that_is_not_there_is_one_long_gap(tmp_path: Path) -> None:
    desk, one = Desk(), recording(tmp_path / "missing" / "a.wav")
    desk.runs(50, one)
    desk.recorder.end(one)
    desk.recorder.close()
    assert desk.ended["RE1"] == ((0, 1_000, "disk-full"),)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_device_that_is_always_full() -> None:
    desk, one = Desk(), recording(Path("/dev/full"))
    desk.runs(50, one)
    desk.recorder.end(one)
    desk.recorder.close()
    assert desk.ended["RE1"] == ((0, 1_000, "disk-full"),)
