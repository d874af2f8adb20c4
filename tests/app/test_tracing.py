"""A contact's life as spans, over the real wire; nothing personal in them; nothing loaded where no receiver is named."""

import asyncio
import subprocess
import sys

import pytest

from parlons.app.settings import WrongSetting, read_settings
from parlons.app.tracing import Spans
from parlons.runtime.journal import Entry
from tests.app.conftest import Centre, identify

TRACE, CALL = "CH" + "0" * 32, "CA" + "0" * 32


async def test_a_chat_is_one_trace_from_arrival_to_end(here: Centre) -> None:
    async with here.at_desk("ben@north.example", activity="Available") as ben:
        visitor = await here.visitor().arrive()
        await identify(visitor, user_id="traced", email="traced@client.example", name="Theodora Traced")
        await visitor.write("A word nobody else says: quixotry")
        offer = await ben.offered()
        await ben.accept(offer["id"])
        conversation_id = await visitor.sees(lambda: visitor.conversation_id, why="his conversation")
        await ben.mine(conversation_id)
        await ben.answer(conversation_id, "An answer: xylotomy")
        await ben.close_chat(conversation_id)
        await visitor.leave()
    spans = here.spans
    assert spans is not None
    wanted = {"contact", "reception", "task", "offer", "handling", "message"}

    def mine(found: list) -> list:
        roots = {one.trace for one in found if one.attributes.get("parlons.conversation_id") == conversation_id}
        return [one for one in found if one.trace in roots]

    told = mine(await asyncio.to_thread(spans.wait, lambda found: {one.name for one in mine(found)} >= wanted))
    (root,) = [one for one in told if one.name == "contact"]
    assert root.parent == b""
    assert len({one.trace for one in told}) == 1
    assert {one.parent for one in told if one is not root} == {root.id}
    assert len({one.id for one in told}) == len(told)
    assert all(one.begin <= one.end for one in told)
    (taken,) = [one for one in told if one.name == "offer"]
    assert (taken.attributes["parlons.outcome"], taken.attributes["parlons.reservation_id"]) == (
        "accepted",
        offer["id"],
    )
    assert {one.attributes["parlons.direction"] for one in told if one.name == "message"} == {"in", "out"}
    for word in (b"quixotry", b"xylotomy", b"Theodora", b"traced@", b"ben@"):
        assert word not in spans.raw


def test_a_call_is_told_by_its_ids() -> None:
    call = {
        "id": CALL, "conversation_id": TRACE, "direction": "in", "from_number": "+33600000000", "customer_name": "Claire",
        "worker_id": None, "started_at": "2026-11-23T06:00:00Z", "ended_at": "2026-11-23T06:01:00Z",
    }  # fmt: skip
    (span,) = Spans().of(Entry("event", "call.ended", 0, {"call": call}))
    assert (span.name, span.trace, span.key, span.end - span.begin) == ("call", TRACE, CALL, 60_000)
    assert span.attributes == {"call_id": CALL, "direction": "in", "conversation_id": TRACE}


def test_nothing_of_it_is_loaded_where_no_receiver_is_named() -> None:
    code = "import parlons.app.services, sys; sys.exit('opentelemetry.sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_receiver_is_an_address() -> None:
    with pytest.raises(WrongSetting, match="PARLONS_TRACES"):
        read_settings({"PARLONS_TRACES": "localhost:4318"})
