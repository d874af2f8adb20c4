"""The order in which packets are played, under loss, reordering, jitter, doubles and other sources."""

import random

import pytest

from parlons.voice.media.builtin.playout import MOST, NOTHING, SKIP, SLACK_TICKS, Arrival, Playout


def sound(number: int) -> bytes:
    return number.to_bytes(3, "big")


def play(arrivals: list[tuple[float, int]], ticks: int) -> tuple[list[int | None], Playout]:
    """What is played at each of `ticks`, 20 ms apart, when packets come at these times (ms)."""
    playout, out, waiting = Playout(), [], sorted(arrivals)
    for tick in range(ticks):
        while waiting and waiting[0][0] <= tick * 20:
            number = waiting.pop(0)[1]
            playout.put(number & 0xFFFF, sound(number))
        payload = playout.take()
        out.append(None if payload is None else int.from_bytes(payload, "big"))
    return out, playout


def delays(out: list[int | None]) -> list[int]:
    """Ticks between a packet's sending (its number's tick) and its playing."""
    return [tick - number for tick, number in enumerate(out) if number is not None]


def test_a_clean_line_is_played_at_once_and_whole() -> None:
    out, playout = play([(n * 20, n) for n in range(200)], 200)
    assert out == list(range(200))
    assert (playout.lost, playout.late) == (0, 0)


@pytest.mark.parametrize("phase", [1, 10, 19])
def test_whatever_the_phase_one_frame_is_held_at_most(phase: int) -> None:
    out, playout = play([(n * 20 + phase, n) for n in range(200)], 200)
    assert out[1:] == list(range(199))
    assert playout.lost == 0


def test_a_lost_packet_leaves_a_hole_and_no_delay() -> None:
    out, playout = play([(n * 20, n) for n in range(100) if n % 20 != 7], 110)
    assert playout.lost == 5
    assert max(delays(out)) <= 2
    assert [n for n in out if n is not None] == [n for n in range(100) if n % 20 != 7]


def test_packets_that_changed_places_are_played_in_order() -> None:
    times = [(n * 20 + (45 if n % 10 == 3 else 0), n) for n in range(300)]
    out, playout = play(times, 320)
    played = [n for n in out if n is not None]
    assert played == sorted(played)
    assert playout.late <= 4  # until the delay has grown to what this needs
    assert len(played) >= 290
    assert max(delays(out)) <= 4


@pytest.mark.parametrize("seed", range(5))
def test_jitter_of_40_ms_costs_little_sound_and_little_delay(seed: int) -> None:
    rng = random.Random(seed)
    times = [(n * 20 + rng.uniform(0, 40), n) for n in range(1_000)]
    out, _ = play(times, 1_010)
    played = [n for n in out if n is not None]
    assert played == sorted(set(played))
    assert len(played) >= 960
    assert max(delays(out)) <= 5


def test_loss_jitter_and_reordering_at_once() -> None:
    rng = random.Random(7)
    times = [(n * 20 + rng.uniform(0, 40), n) for n in range(1_000) if rng.random() > 0.05]
    out, _ = play(times, 1_010)
    played = [n for n in out if n is not None]
    assert played == sorted(set(played))
    assert len(played) >= 0.93 * len(times)


def test_the_delay_shrinks_again_when_the_line_is_calm() -> None:
    times = [(n * 20 + (0 if n < 20 or n > 40 else 60), n) for n in range(1_000)]
    out, _ = play(times, 1_000)
    assert max(delays(out)[40:60]) >= 2
    assert max(delays(out)[-SLACK_TICKS:]) <= 1


def test_a_burst_after_a_stall_does_not_stay_as_delay() -> None:
    times = [(max(n * 20, 1_000) if 20 <= n < 50 else n * 20, n) for n in range(400)]
    out, _ = play(times, 400)
    assert max(delays(out)[-100:]) <= MOST // 2


def test_numbers_go_round() -> None:
    first = 65_500
    playout = Playout()
    out = []
    for n in range(100):
        playout.put(first + n & 0xFFFF, sound(n))
        out.append(int.from_bytes(playout.take() or b"", "big"))
    assert out == list(range(100))


def test_a_double_is_neither_played_twice_nor_late() -> None:
    out, playout = play([(n * 20, n) for n in range(50)] + [(n * 20 + 25, n) for n in range(50)], 60)
    assert [n for n in out if n is not None] == list(range(50))
    assert playout.late == 0


def test_a_jump_of_the_numbers_is_a_new_stream() -> None:
    out, playout = play([(n * 20, n) for n in range(50)] + [(n * 20, n + 20_000) for n in range(50, 100)], 100)
    assert [n for n in out if n is not None][-49:] == [n + 20_000 for n in range(51, 100)]
    assert playout.lost == 0


def test_a_pause_of_the_speaker_is_no_loss() -> None:
    out, playout = play([(n * 20, n) for n in range(20)] + [(n * 20 + 3_000, n) for n in range(20, 40)], 300)
    assert [n for n in out if n is not None] == list(range(40))
    assert playout.lost == 0


def test_what_is_no_sound_is_played_as_silence_and_said_again_takes_no_time() -> None:
    playout = Playout()
    for number, payload in enumerate([b"a", NOTHING, NOTHING, SKIP, SKIP, b"b"]):
        playout.put(number, payload)
    assert [playout.take() for _ in range(5)] == [b"a", NOTHING, NOTHING, b"b", None]
    assert playout.lost == 0


def test_jitter_is_that_of_rfc_3550() -> None:
    arrival = Arrival()
    for n in range(400):
        arrival.note(n * 0.02 + (0.01 if n % 2 else 0), n * 160, 8000)
    assert arrival.jitter / 8 == pytest.approx(10, rel=0.05)
    calm = Arrival()
    for n in range(400):
        calm.note(n * 0.02, n * 160, 8000)
    assert calm.jitter == pytest.approx(0, abs=1e-6)
