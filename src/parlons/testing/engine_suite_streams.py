"""Contract cases: streams."""

from parlons.testing.engine_scene import Scene
from parlons.testing.engine_suite_legs import Case
from parlons.voice.media.engine import CannotDo, NotThere
from parlons.voice.media.events import LegEnded, StreamEnded, StreamStarted

CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    """A case of the suite; its name is the function's."""
    CASES[function.__name__] = function
    return function


@case
async def a_program_hears_a_leg_and_speaks_to_it(s: Scene) -> None:
    one, far = await s.caller(500)
    async with s.program() as program:
        await s.engine.stream("ST1", one, program.stream())
        await s.event(StreamStarted, stream_id="ST1")
        assert (await s.engine.state()).stream_ids == ("ST1",)
        await s.hears(program, 500)
        await program.says(800, 20_000)
        await s.hears(far, 800)
        await far.presses("4#")
        await s.until(lambda: program.keys == "4#", what="the keys")


@case
async def a_stream_is_stopped_and_never_begins_twice(s: Scene) -> None:
    one, _far = await s.caller()
    async with s.program() as program:
        await s.engine.stream("ST1", one, program.stream())
        await s.event(StreamStarted, stream_id="ST1")
        await s.engine.stop_stream("ST1")
        assert (await s.event(StreamEnded, stream_id="ST1")).why == "stopped"
        await s.engine.stream("ST1", one, program.stream())
        assert (await s.engine.state()).stream_ids == ()
        await s.refused(NotThere, s.engine.stop_stream("ST1"))
        await s.refused(NotThere, s.engine.stream("ST2", "LGnobody", program.stream()))


@case
async def one_program_at_a_time_speaks_to_a_leg_and_any_may_listen(s: Scene) -> None:
    one, _far = await s.caller(500)
    async with s.program() as speaker, s.program() as listener:
        await s.engine.stream("ST1", one, speaker.stream())
        await s.refused(CannotDo, s.engine.stream("ST2", one, listener.stream()))
        await s.refused(CannotDo, s.engine.stream("ST2", one, listener.stream(url="https://example.org")))
        await s.engine.stream("ST2", one, listener.stream(speaks=False))
        await s.event(StreamStarted, stream_id="ST2")
        await s.hears(listener, 500)


@case
async def what_a_program_takes_back_is_not_heard(s: Scene) -> None:
    one, far = await s.caller()
    async with s.program() as program:
        await s.engine.stream("ST1", one, program.stream())
        await s.event(StreamStarted, stream_id="ST1")
        await program.says(800, 60_000)
        await program.sends("mark", {"name": "the end"})
        await s.hears(far, 800)
        assert program.marks == []
        await program.sends("clear")
        await s.until(lambda: program.marks == ["the end"], what="the mark")
        await s.hears(far, but=[800])


@case
async def a_program_that_is_done_gives_something_back(s: Scene) -> None:
    one, _far = await s.caller()
    async with s.program() as program:
        await s.engine.stream("ST1", one, program.stream())
        await s.event(StreamStarted, stream_id="ST1")
        await program.sends("done", {"points": 7})
        over = await s.event(StreamEnded, stream_id="ST1")
        assert (over.why, over.said) == ("done", '{"points": 7}')


@case
async def a_stream_ends_with_its_leg(s: Scene) -> None:
    one, far = await s.caller()
    async with s.program() as program:
        await s.engine.stream("ST1", one, program.stream())
        await s.event(StreamStarted, stream_id="ST1")
        await far.hangs_up()
        assert (await s.event(StreamEnded, stream_id="ST1")).why == "leg-ended"
        await s.event(LegEnded, leg_id=one)
