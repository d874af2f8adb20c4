"""Snapshot + events = fresh snapshot, for everything that happens to calls; each screen gets its own rows only."""

from functools import reduce
from typing import Any

from pydantic import TypeAdapter

from parlons.accounts.model import Principal, Role
from parlons.app.fold import fold
from parlons.app.socket import rights_of
from parlons.kit.clock import to_iso
from parlons.runtime import journal
from parlons.runtime.rights import sees
from parlons.voice.calls import queries
from parlons.voice.calls.events import EVENTS
from parlons.voice.calls.wishes import _ACTS
from tests.dispatch import floor as routed
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.voice.calls.conftest import OUTSIDE, Centre, agent, user_id

Json = dict[str, Any]


def person(number: int, role: Role = Role.AGENT, firms: frozenset[str] | None = None) -> Principal:
    return Principal(TENANT, WORKSPACE, role, user_id(number), worker_id=routed.worker_id(number), firm_ids=firms)


READERS = {
    "one": person(1),
    "two": person(2),
    "head": person(9, Role.SUPERVISOR),
    "of another firm": person(8, Role.SUPERVISOR, frozenset({"FI-other"})),
}


class Screens:
    """What everybody's screen shows, by events and afresh."""

    def __init__(self, centre: Centre) -> None:
        self.centre, self.seq, self.shown = centre, 0, dict[str, Json]()
        self.verbs: set[str] = set()

    async def fresh(self) -> dict[str, Json]:
        async with self.centre.db.transaction(TENANT) as tx:
            return {name: {"calls": await queries.snapshot(tx, who)} for name, who in READERS.items()}

    async def entries(self) -> list[journal.Entry]:
        """What was told since, once everything noted is in the journal."""
        await self.centre.idle()
        async with self.centre.db.transaction(TENANT) as tx:
            waiting = await tx.scalar("SELECT count(*) FROM outbox")
        while waiting:
            async with self.centre.db.transaction(TENANT) as tx:
                waiting = await tx.scalar("SELECT count(*) FROM outbox")
        async with self.centre.db.system() as tx:
            found = await journal.read(await tx.raw(), WORKSPACE, self.seq, 100_000)
        self.seq = found[-1].seq if found else self.seq
        return [one for one in found if one.kind == "event" and one.type in ("call.updated", "call.ended")]

    def take_in(self, told: list[journal.Entry]) -> None:
        for entry in told:
            frame = {"type": "event", "seq": entry.seq, "event": entry.type, "at": to_iso(entry.at), "data": entry.data}
            TypeAdapter(EVENTS[entry.type]).validate_python(frame)
            for name, who in READERS.items():
                if sees(rights_of(who), entry.audience):
                    self.shown[name] = reduce(fold, [frame], self.shown.get(name, {"calls": {}}))

    async def are_true(self, what: str) -> None:
        self.take_in(await self.entries())
        fresh = await self.fresh()
        while told := await self.entries():  # what changed while it was read
            self.take_in(told)
            fresh = await self.fresh()
        for name, snapshot in fresh.items():
            assert self.shown.get(name, {"calls": {}}) == snapshot, f"{what}: the screen of {name}"

    async def does(self, verb: str, call: Any, number: int = 1, **values: Any) -> None:
        self.verbs.add(verb)
        await self.centre.does(verb, call, number, **values)
        await self.are_true(verb)


async def test_each_screen_ends_where_a_fresh_one_begins(centre: Centre) -> None:
    two = {"worker_id": routed.worker_id(2), "queue_id": None, "number": None}
    await centre.dispatch.send(WORKSPACE, agent(2))
    await centre.phone(2)
    screens = Screens(centre)
    await screens.are_true("nothing")
    call = await centre.talks()
    await screens.are_true("talking")
    assert screens.shown["one"]["calls"]
    assert screens.shown["head"]["calls"]
    assert "two" not in screens.shown
    assert "of another firm" not in screens.shown
    await screens.does("hold", call, held=True)
    await screens.does("hold", call, held=False)
    await screens.does("mute", call, held=True)
    await screens.does("mute", call, held=False)
    await screens.does("digits", call, digits="1#")
    await screens.does("recording", call, paused=True)
    await screens.does("consult", call, to={"number": OUTSIDE})
    centre.engine.far_answers(centre.engine.dialled[-1].leg_id)
    await centre.until(lambda: call.parties[-1].state == "talking")
    await screens.does("merge", call)
    await screens.does("remove", call, leg_id=centre.engine.dialled[-1].leg_id)
    await screens.does("consult", call, to=two)
    await screens.does("cancel_consult", call)
    await centre.until(lambda: not centre.dispatch.state(WORKSPACE).workers[routed.worker_id(2)].held)
    await screens.does("add", call, to=two)
    await centre.takes(2)
    await centre.until(lambda: len(call.of("agent")) == 2 and all(one.state == "talking" for one in call.of("agent")))
    await screens.are_true("joined")
    assert screens.shown["two"]["calls"]
    await screens.does("hang_up", call, number=2)
    await centre.until(lambda: not centre.dispatch.state(WORKSPACE).workers[routed.worker_id(2)].held)
    await screens.are_true("left")
    assert not screens.shown["two"]["calls"], "who left has it on his screen no more"
    await screens.does("supervise", call, number=2, mode="listen", name="Head")
    await screens.does("supervise", call, number=2, mode="stop", name="Head")
    await screens.does("park", call)
    await screens.does("pick_up", call)
    await screens.does("consult", call, to=two)
    await centre.takes(2)
    await centre.until(lambda: len(call.of("agent")) == 2 and all(one.state == "talking" for one in call.of("agent")))
    await screens.does("complete_transfer", call)
    await centre.until(lambda: call.worker_id == routed.worker_id(2) and call.state == "talking")
    await screens.are_true("handed over")
    await screens.does("transfer", call, number=2, to={"number": OUTSIDE})
    centre.engine.far_refuses(centre.engine.dialled[-1].leg_id)
    await centre.until(lambda: call.state == "talking")
    await screens.are_true("came back")
    await screens.does("hang_up", call, number=2)
    await centre.until(lambda: centre.task(call).status == "wrapping")
    await screens.does("complete", call, number=2)
    await centre.row(call.id, "ended")
    await screens.are_true("ended")
    assert not any(shown["calls"] for shown in screens.shown.values())
    assert screens.verbs | {"web_ready", "web_digits", "web_hang_up"} == set(_ACTS), "a verb without a case"
