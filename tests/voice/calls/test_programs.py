"""What a script asks of a call that a program is to hear, and what it is told."""

from parlons.voice.calls.script import Outcome, Program
from tests.voice.calls.conftest import Centre
from tests.voice.calls.test_scripts import outcome, scripted

BOT = Program("ws://127.0.0.1:9/bot", {"Authorization": "Bearer x"}, {"plan": "gold"})


async def test_a_caller_talks_with_a_program_until_it_is_done(centre: Centre) -> None:
    leg_id, contact = await scripted(centre)
    verbs = centre.controller.scripting
    await verbs.programs.connect(contact.call_id, "f/1", BOT)
    await verbs.programs.connect(contact.call_id, "f/1", BOT)
    ((stream_id, going),) = centre.engine.streams.items()
    asked = going.stream
    assert (going.leg_id, asked.address, asked.speaks, asked.tracks) == (leg_id, "127.0.0.1", True, ("inbound",))
    assert (asked.call_id, asked.parameters, asked.headers) == (contact.call_id, BOT.parameters, BOT.headers)
    assert (asked.sid[:2], len(asked.sid)) == ("MZ", 34)
    assert "answer" in centre.engine.verbs()
    centre.engine.end_stream(stream_id, "done", said='{"points": 7}')
    assert await outcome(centre) == Outcome("f/1", "streamed", why="done", given='{"points": 7}')


async def test_an_address_inside_our_own_network_is_told_and_never_called(centre: Centre) -> None:
    _, contact = await scripted(centre)
    verbs = centre.controller.scripting
    for number, url in enumerate(
        ["ws://10.0.0.1/", "ws://[::1]/", "wss://169.254.169.254/", "https://example.org/", "ws://"]
    ):
        await verbs.programs.connect(contact.call_id, f"f/{number}", Program(url))
        wanted = "address-refused" if number < 3 else "address-invalid"
        assert await outcome(centre) == Outcome(f"f/{number}", "streamed", why=wanted)
    await verbs.programs.connect(contact.call_id, "f/9", Program(BOT.url, {"X-Name": "Ada\r\nX-More: 1"}))
    assert await outcome(centre) == Outcome("f/9", "streamed", why="address-invalid")
    assert "stream" not in centre.engine.verbs()


async def test_a_listener_holds_nothing_up(centre: Centre) -> None:
    leg_id, contact = await scripted(centre)
    verbs = centre.controller.scripting
    coach = Program("ws://127.0.0.1:9/", tracks=("inbound", "outbound"))
    await verbs.programs.listen(contact.call_id, "f/1", "the coach/a", coach)
    await verbs.programs.listen(contact.call_id, "f/1", "the coach/a", coach)
    await verbs.programs.listen(contact.call_id, "f/2", "other", Program("ws://10.0.0.1/"))
    (going,) = centre.engine.streams.values()
    assert (going.leg_id, going.stream.speaks, going.stream.tracks) == (leg_id, False, ("inbound", "outbound"))
    await verbs.programs.stop(contact.call_id, "the coach")
    assert len(centre.engine.streams) == 1
    await verbs.programs.stop(contact.call_id, "the coach/a")
    assert not centre.engine.streams
    await verbs.programs.listen(contact.call_id, "f/3", "the coach/a", coach)
    assert len(centre.engine.streams) == 1, "it may come back"
    assert not centre.script.answers.qsize()


async def test_a_program_is_let_go_when_the_script_is_over(centre: Centre) -> None:
    _, contact = await scripted(centre)
    scripting = centre.controller.scripting
    await scripting.programs.connect(contact.call_id, "f/1", BOT)
    scripting.ends(centre.controller.floor.calls[contact.call_id])
    await centre.until(lambda: not centre.engine.streams)
    assert ("goes_on", "f/1") not in [(what, getattr(told, "key", None)) for what, told in centre.script.told]
