"""Beside a call: only its parties, bounded frames, one page, tokens of one call each."""

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from parlons.accounts.errors import TooManyAttempts
from parlons.runtime.hub import Hub
from parlons.runtime.rights import Rights
from parlons.runtime.socket import Socket
from parlons.voice.calls.beside import TEXTS, Beside, guest_token
from parlons.voice.calls.errors import NoPage, UnknownCall
from parlons.voice.calls.frames import PAGE_FRAME, SDP_MAX, Signal, Typed
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.voice.calls.conftest import Centre, user_id

SESSION = "a1b2c3d4e5"


async def _unsent(_text: str) -> None:
    return None


def screen(hub: Hub, user: str | None, role: str = "agent") -> Socket:
    """A socket of somebody, registered."""
    made = Socket(Rights(TENANT, WORKSPACE, role, user_id=user), _unsent, now=0.0)
    made.registered = True
    hub._worlds[WORKSPACE].add(made)
    return made


def heard(socket: Socket) -> list[dict[str, Any]]:
    """What was said to it since."""
    found = [orjson.loads(frame) for frame in socket.queue]
    socket.queue.clear()
    return found


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "video", "signal": {"kind": "offer", "session": SESSION}},
        {"type": "video", "signal": {"kind": "offer", "session": SESSION, "sdp": "v" * (SDP_MAX + 1)}},
        {"type": "video", "signal": {"kind": "ask", "session": SESSION, "sdp": "v=0"}},
        {"type": "video", "signal": {"kind": "ask", "session": "<script>"}},
        {"type": "video", "signal": {"kind": "candidates", "session": SESSION, "candidates": [{"candidate": ""}] * 21}},
        {"type": "video", "signal": {"kind": "shout", "session": SESSION}},
        {"type": "text", "text": "x" * 1001},
        {"type": "text", "text": "x", "more": 1},
        {"type": "line", "text": "", "client_id": SESSION},
        {"type": "hello", "token": "x"},
    ],
)
def test_frames_out_of_bounds_are_refused(frame: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PAGE_FRAME.validate_python(frame)


async def test_only_the_agent_of_the_call_hears_the_page(centre: Centre) -> None:
    call = await centre.talks()
    hub = Hub(clock=centre.clock)
    beside = Beside(hub, centre.dispatch, centre.clock)
    agent, colleague, head = screen(hub, user_id(1)), screen(hub, user_id(2)), screen(hub, user_id(9), "supervisor")
    beside.to_agent(call, Typed(text="a secret").told())
    assert [one["data"] for one in heard(agent)] == [{"call_id": call.id, "type": "text", "text": "a secret"}]
    assert heard(colleague) == heard(head) == []
    beside.close()


async def test_the_newest_page_counts_and_hears_how_the_call_stands(centre: Centre) -> None:
    call = await centre.talks()
    hub = Hub(clock=centre.clock)
    beside = Beside(hub, centre.dispatch, centre.clock)
    with pytest.raises(NoPage):
        beside.to_page(call, Typed(text="x").told())
    first, second = (Socket(Rights(TENANT, WORKSPACE, "visitor"), _unsent, now=0.0) for _ in range(2))
    beside.join(call, first)
    beside.join(call, second)
    assert heard(first) == [{"type": "replaced"}]
    beside.quit(call, first)
    assert beside.has_page(call.id)
    beside.to_page(call, Signal(kind="ask", session=SESSION).told())
    assert heard(second) == [{"type": "video", "kind": "ask", "session": SESSION}]
    await centre.does("hold", call, held=True)
    told: list[Any] = []

    def held() -> bool:  # what it was before may still be on its way when he holds
        told.extend(heard(second))
        return bool(told) and told[-1]["state"] == "held"

    await centre.until(held)
    assert told[-1] == {"type": "standing", "state": "held", "live": True, "agent_name": "Worker"}
    beside.close()


async def test_each_side_has_its_rate(centre: Centre) -> None:
    beside = Beside(Hub(clock=centre.clock), centre.dispatch, centre.clock)
    for _ in range(TEXTS):
        beside.count("text", "CA1", "page")
    with pytest.raises(TooManyAttempts):
        beside.count("text", "CA1", "page")
    beside.count("text", "CA1", "agent")
    beside.count("video", "CA1", "page")
    beside.close()


async def test_a_guest_is_beside_one_call_while_it_lives(centre: Centre) -> None:
    call = await centre.talks()
    token = guest_token(centre.telephone.vault, call.id)
    assert (await centre.telephone.beside(call.id, token)).id == call.id
    for wrong in ("", "pg_", token + "x", guest_token(centre.telephone.vault, "CA" + "0" * 32)):
        with pytest.raises(UnknownCall):
            await centre.telephone.beside(call.id, wrong)
    with pytest.raises(UnknownCall):
        await centre.telephone.web_hang_up(call.id, token)
    await centre.does("hang_up", call)
    await centre.until(lambda: not call.live)
    with pytest.raises(UnknownCall):
        await centre.telephone.beside(call.id, token)
