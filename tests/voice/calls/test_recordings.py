"""Recordings: begun by the queue's policy, two channels, paused, sealed at rest, heard by a link that ends, forgotten in time."""

import os

import pytest

from parlons.runtime import jobs
from parlons.runtime.files import FileMissing
from parlons.voice.calls import recordings, settings
from parlons.voice.calls.errors import UnknownRecording
from parlons.voice.calls.model import Call
from parlons.voice.calls.settings import QueueVoice
from parlons.voice.calls.vault import PIECE, Vault, WrongKey
from tests.dispatch.floor import TENANT
from tests.voice.calls.conftest import OUTSIDE, Centre

DAY = 86_400_000


async def stored(centre: Centre) -> recordings.Kept:
    """The one recording, once it is safe."""
    await centre.controller.recording.settled()
    await centre.idle()
    async with centre.db.transaction(TENANT) as tx:
        rows = await tx.fetch_all("SELECT id FROM recordings")
        (kept,) = [await recordings.find(tx, row["id"]) for row in rows]
    assert kept is not None
    return kept


async def told(centre: Centre, call: Call) -> None:
    """The notice is over, the recording runs."""
    await centre.until(lambda: call.notified)
    await centre.idle()
    assert call.recording is None, "told first"
    await centre.engine.passes(1000)
    await centre.until(lambda: call.recording is not None and call.recording.state == "on")


async def recorded(centre: Centre, **more: object) -> recordings.Kept:
    """A call of two seconds in which the customer speaks alone."""
    await centre.configured(queue=QueueVoice(record="always", wrap_up_seconds=0, **more))  # type: ignore[arg-type]
    call = await centre.talks()
    await told(centre, call)
    await centre.idle()
    centre.engine.says(call.leg_id, 440.0)
    await centre.engine.passes(2000)
    centre.engine.far_hangs_up(call.leg_id)
    await centre.row(call.id, "ended")
    await centre.until(lambda: not list((centre.folder / "recordings").glob("*.wav")))
    return await stored(centre)


async def test_a_recording_is_sealed_and_the_raw_file_gone(centre: Centre) -> None:
    kept = await recorded(centre)
    assert (kept.state, kept.kind, kept.channels) == ("stored", "call", 2)
    assert kept.ms >= 1900
    assert max(kept.left) > 5, "the customer is on the left"
    assert max(kept.right) == 0, "the agent, who said nothing, on the right"
    files = [path.read_bytes() for path in (centre.folder / "files").rglob("*") if path.is_file()]
    assert files
    assert not any(b"RIFF" in content for content in files)
    async with centre.db.transaction(TENANT) as tx:
        _, sealed = await centre.files.open(tx, kept.file_id or "")
        both = await recordings.listing(tx, conversation_id=kept.conversation_id, call_id=kept.call_id)
        other = await recordings.listing(tx, conversation_id=kept.conversation_id, call_id="CA0")
    assert kept.conversation_id
    assert ([one.id for one in both], other) == ([kept.id], [])
    sound = await centre.telephone.vault.unsealed(sealed, kept.id)
    assert sound[:4] == b"RIFF"
    with pytest.raises(WrongKey):
        await Vault(b"o" * 32).unsealed(sealed, kept.id)
    with pytest.raises(WrongKey):
        await centre.telephone.vault.unsealed(sealed, "RE" + "0" * 32)
    with pytest.raises(WrongKey):
        await centre.telephone.vault.unsealed(sealed[:-1] + bytes([sealed[-1] ^ 1]), kept.id)


async def test_it_is_forgotten_when_its_time_is_over(centre: Centre) -> None:
    kept = await recorded(centre, retention_days=30)
    assert kept.retention_until is not None
    worker = jobs.Worker(centre.db, {**recordings.handlers(centre.files), **centre.files.handlers()})
    await worker.run_due()
    async with centre.db.transaction(TENANT) as tx:
        assert await recordings.find(tx, kept.id) is not None
    centre.clock.advance(31 * DAY)
    await worker.run_due()
    async with centre.db.transaction(TENANT) as tx:
        assert await recordings.find(tx, kept.id) is None
        with pytest.raises(FileMissing):
            await centre.files.find(tx, kept.file_id or "")


async def test_paused_nothing_is_kept(centre: Centre) -> None:
    await centre.configured(queue=QueueVoice(record="always", wrap_up_seconds=0))
    call = await centre.talks()
    await told(centre, call)
    await centre.idle()
    await centre.does("recording", call, paused=True)
    assert call.recording is not None
    assert call.recording.state == "paused"
    centre.engine.says(call.leg_id, 440.0)
    await centre.engine.passes(1000)
    await centre.does("recording", call, paused=False)
    centre.engine.says(call.leg_id, None)
    await centre.engine.passes(500)
    centre.engine.far_hangs_up(call.leg_id)
    await centre.row(call.id, "ended")
    await centre.until(lambda: not list((centre.folder / "recordings").glob("*.wav")))
    kept = await stored(centre)
    assert max(kept.left) == 0
    assert [gap[2] for gap in kept.gaps] == ["paused"]


async def test_never_means_never(centre: Centre) -> None:
    call = await centre.talks()
    await centre.does("recording", call, paused=False)
    assert call.recording is None
    assert "record" not in centre.engine.verbs()


def test_a_link_opens_one_recording_for_a_while() -> None:
    vault = Vault(b"s" * 32)
    token = vault.token("AC1", "RE1", 1000)
    assert vault.opened(token, "RE1", 999) == "AC1"
    for wrong in ((token, "RE2", 999), (token, "RE1", 1001), ("x" + token, "RE1", 999), ("", "RE1", 0)):
        with pytest.raises(UnknownRecording):
            vault.opened(*wrong)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
async def test_sealed_in_pieces_and_whole_again(size: int) -> None:
    vault, sound = Vault(b"s" * 32), os.urandom(size)
    sealed = await vault.sealed(sound, "RE1")
    assert await vault.unsealed(sealed, "RE1") == sound
    if size > PIECE:
        with pytest.raises(WrongKey):  # the last piece cut off
            await vault.unsealed(sealed[: 20 + PIECE + 16], "RE1")


def test_ranges() -> None:
    sound = bytes(range(100))
    assert recordings.part(sound, None).status_code == 200
    assert recordings.part(sound, "bytes=10-19").body == sound[10:20]
    assert recordings.part(sound, "bytes=90-").body == sound[90:]
    assert recordings.part(sound, "bytes=-5").body == sound[95:]
    assert recordings.part(sound, "bytes=200-").status_code == 416


NOTICE = "Cet appel est enregistré."


@pytest.mark.parametrize(("trunk", "said"), [(None, True), (True, True), (False, False)])
async def test_the_law_of_his_country_has_him_told(centre: Centre, trunk: bool | None, said: bool) -> None:
    await configure_trunk(centre, trunk)
    await centre.configured(queue=QueueVoice(record="always", notice=False))
    call = await centre.talks()
    if said:
        await told(centre, call)
    await centre.until(lambda: call.recording is not None)
    assert (NOTICE in call.captions) is said


async def configure_trunk(centre: Centre, notice: bool | None) -> None:
    async with centre.db.transaction(TENANT) as tx:
        data = {"host": "192.0.2.1", "country": "FR", "recording_notice": notice}
        await settings.put_trunk(tx, "TK1", "carrier", data, password="")


async def test_who_is_called_is_told_too(centre: Centre) -> None:
    await centre.phone()
    shown = (await centre.does("place", to={"number": OUTSIDE}))["call"]
    dialled = await centre.until(lambda: centre.engine.dialled and centre.engine.dialled[0])
    call = centre.controller.floor.calls[shown["id"]]
    call.record = True
    centre.engine.far_answers(dialled.leg_id)
    await centre.call("talking")
    await told(centre, call)
    assert "recorded" in call.captions[-1] or NOTICE in call.captions


async def test_keys_of_a_card_are_not_kept(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parlons.voice.calls.recording.KEYED_MS", 300)
    await centre.configured(queue=QueueVoice(record="always", wrap_up_seconds=0))
    call = await centre.talks()
    await told(centre, call)
    assert call.recording is not None
    centre.engine.presses(call.leg_id, "4")
    await centre.until(lambda: call.recording is not None and call.recording.gathering)
    assert call.recording.state == "on"
    centre.engine.says(call.leg_id, 440.0)
    await centre.engine.passes(1000)
    centre.engine.says(call.leg_id, None)
    await centre.until(lambda: call.recording is not None and not call.recording.gathering)
    await centre.engine.passes(500)
    centre.engine.far_hangs_up(call.leg_id)
    await centre.row(call.id, "ended")
    await centre.until(lambda: not list((centre.folder / "recordings").glob("*.wav")))
    kept = await stored(centre)
    assert max(kept.left) == 0
    assert [gap[2] for gap in kept.gaps] == ["paused"]
