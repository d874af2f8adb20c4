"""A program drives the phone of one user: an API key with the scope `phone`, the user named in `On-Behalf-Of`."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http as accounts_http
from parlons.accounts import http_people, keys
from parlons.accounts.errors import BeyondYourRights, InvalidAccount
from parlons.accounts.keys import KeyWanted
from parlons.accounts.model import Principal, Role, Scope, system_principal
from parlons.accounts.rights import Right
from parlons.dispatch import http as dispatch_http
from parlons.routing import commands as c
from parlons.runtime.http import install_problems
from parlons.voice.calls import http, http_phone, ledger, settings
from parlons.voice.calls.settings import ContactAddress
from tests.dispatch import floor as routed
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.voice.calls.conftest import CALLER, OUTSIDE, Centre, user_id

Json = dict[str, Any]
WHO = user_id(1)


async def _no_queues(*_: Any) -> dict[str, str | None]:
    return {}


async def new_key(centre: Centre, *scopes: Scope, by: Principal | None = None, **more: Any) -> str:
    wanted = KeyWanted("CRM", frozenset(scopes), **more)
    author = by or system_principal(TENANT, WORKSPACE)
    async with centre.db.transaction(TENANT) as tx:
        return (await keys.create_key(tx, author, wanted, queues=_no_queues, now=centre.clock()))[1]


class Program:
    """A company's own program with a key."""

    def __init__(self, client: httpx.AsyncClient, key: str) -> None:
        self.client, self.key = client, key

    async def asks(
        self, method: str, path: str, body: Json | None = None, *, who: str | None = WHO, status: int = 200, **more: str
    ) -> Json:
        """One request for a user; the answer, or the problem."""
        headers = {"Authorization": f"Bearer {self.key}", **({"On-Behalf-Of": who} if who else {}), **more}
        answer = await self.client.request(method, path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    async def refused(self, method: str, path: str, body: Json | None = None, **more: Any) -> str:
        """The code of a refusal."""
        return str((await self.asks(method, path, body, **more))["code"])


@pytest.fixture
async def client(centre: Centre) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install_problems(app)
    for router in (http.router, http_phone.router, dispatch_http.router, http_people.router, accounts_http.router):
        app.include_router(router)
    app.state.db, app.state.clock, app.state.voice = centre.db, centre.clock, centre.telephone
    app.state.dispatch = centre.dispatch
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as made:
        yield made


@pytest.fixture
async def crm(centre: Centre, client: httpx.AsyncClient) -> Program:
    return Program(client, await new_key(centre, Scope.PHONE))


async def test_a_program_answers_holds_mutes_ends_and_writes_up(centre: Centre, crm: Program) -> None:
    await centre.phone()
    await centre.rings_in()
    await centre.offered()
    (offer,) = (await crm.asks("GET", "/reservations"))["items"]
    assert (await crm.asks("GET", "/voice/status"))["browser_registered"] is True
    call_id = (await crm.asks("POST", f"/reservations/{offer['id']}/answer"))["id"]
    call = await centre.call("talking")
    assert call.id == call_id
    (mine,) = (await crm.asks("GET", "/calls?state=live"))["items"]
    assert (mine["id"], mine["from_number"]) == (call_id, CALLER)
    assert (await crm.asks("POST", f"/calls/{call_id}/hold", {"held": True}))["state"] == "held"
    assert (await crm.asks("POST", f"/calls/{call_id}/hold", {"held": False}))["state"] == "talking"
    muted = await crm.asks("POST", f"/calls/{call_id}/mute", {"held": True})
    assert [one["muted"] for one in muted["parties"] if one["kind"] == "agent"] == [True]
    assert await crm.refused("POST", f"/calls/{call_id}/complete", status=409) == "wrong-call-state"
    assert (await crm.asks("POST", f"/calls/{call_id}/hang_up"))["state"] == "wrapping"
    await centre.until(lambda: centre.task(call).status == "wrapping")
    assert (await crm.asks("POST", f"/calls/{call_id}/complete"))["state"] == "ended"
    await centre.row(call_id, "ended")
    assert await crm.refused("POST", f"/calls/{call_id}/hold", {"held": True}, status=409) == "wrong-call-state"


async def test_what_is_answered_can_be_acted_on_and_read_at_once(
    centre: Centre, crm: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row follows the talk by a moment; who drives a phone is not told that there is no such call meanwhile."""
    monkeypatch.setattr(ledger, "GATHER", 0.3)
    await centre.phone()
    await centre.rings_in()
    call_id = (await crm.asks("POST", f"/reservations/{await centre.offered()}/answer"))["id"]
    assert (await crm.asks("GET", f"/calls/{call_id}"))["id"] == call_id
    assert (await crm.asks("POST", f"/calls/{call_id}/hold", {"held": True}))["state"] == "held"
    assert (await crm.asks("GET", f"/calls/{call_id}"))["state"] == "held"


async def test_who_picks_a_call_up_can_act_on_it_at_once(centre: Centre, crm: Program) -> None:
    """The router gives it to him a moment after it was asked; the answer is of the time after that."""
    await centre.dispatch.send(WORKSPACE, routed_agent(2))
    await centre.phone(2)
    call = await centre.talks()
    assert (await crm.asks("POST", f"/calls/{call.id}/park"))["state"] == "parked"
    picked = await crm.asks("POST", f"/calls/{call.id}/pick_up", who=user_id(2))
    assert (picked["state"], picked["worker_id"]) == ("talking", routed.worker_id(2))
    held = await crm.asks("POST", f"/calls/{call.id}/hold", {"held": True}, who=user_id(2))
    assert held["state"] == "held"


async def test_while_the_row_cannot_be_written_what_was_done_is_answered_all_the_same(
    centre: Centre, crm: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await centre.talks()
    await centre.idle()
    monkeypatch.setattr(ledger, "GATHER", 3600)
    monkeypatch.setattr(ledger, "PATIENCE", 0.01)
    assert (await crm.asks("POST", f"/calls/{call.id}/hold", {"held": True}))["state"] == "held"
    assert (await crm.asks("GET", f"/calls/{call.id}"))["state"] == "talking"


async def test_each_act_says_in_the_audit_which_key_did_it_for_whom(centre: Centre, crm: Program) -> None:
    call = await centre.talks()
    await crm.asks("POST", f"/calls/{call.id}/hold", {"held": True})
    await crm.asks("GET", f"/calls/{call.id}")
    async with centre.db.transaction(TENANT) as tx:
        rows = await tx.fetch_all("SELECT actor, object_id, diff FROM audit WHERE action = 'phone.driven'")
        key = await tx.fetch_one("SELECT id FROM api_keys")
    assert key is not None
    assert [dict(row) for row in rows] == [
        {"actor": key["id"], "object_id": WHO, "diff": {"act": [None, "hold"], "call_id": [None, call.id]}}
    ]


async def test_a_program_hands_the_call_on_and_consults(centre: Centre, crm: Program) -> None:
    call = await centre.talks()
    consulted = await crm.asks("POST", f"/calls/{call.id}/consult", {"to": {"number": OUTSIDE}})
    assert (consulted["call"]["state"], centre.engine.dialled[-1].leg_id) == ("consulting", consulted["leg_id"])
    assert (await crm.asks("POST", f"/calls/{call.id}/cancel_consult"))["state"] == "talking"
    await crm.asks("POST", f"/calls/{call.id}/transfer", {"to": {"number": OUTSIDE}})
    dialled = await centre.until(lambda: len(centre.engine.dialled) > 1 and centre.engine.dialled[-1])
    centre.engine.far_answers(dialled.leg_id)
    await centre.until(lambda: call.agent() is None)


async def test_a_program_dials_once_for_a_key_also_when_the_call_is_over(centre: Centre, crm: Program) -> None:
    body, once = {"to": OUTSIDE}, {"Idempotency-Key": "order-7"}
    assert await crm.refused("POST", "/calls", body, status=409, **once) == "no-phone"
    await centre.phone()
    first = await crm.asks("POST", "/calls", body, status=201, **once)
    assert first["from_number"] == OUTSIDE
    await centre.until(lambda: centre.engine.dialled)
    assert await crm.refused("POST", "/calls", body, status=409) == "already-on-a-call"
    assert await crm.asks("POST", "/calls", body, status=201, **once) == first
    await crm.asks("POST", f"/calls/{first['id']}/hang_up")
    await centre.until(lambda: first["id"] not in centre.controller.floor.calls)
    assert await crm.asks("POST", "/calls", body, status=201, **once) == first
    assert len(centre.engine.dialled) == 1
    other = await crm.refused("POST", "/calls", {"to": CALLER}, status=422, **once)
    assert other == "idempotency-key-reused"


async def test_without_a_phone_that_answers_by_itself_it_is_refused(centre: Centre, crm: Program) -> None:
    await centre.rings_in()
    offer = await centre.offered()
    assert await crm.refused("POST", f"/reservations/{offer}/answer", status=409) == "no-phone"
    call = await centre.call("waiting")
    await centre.until(lambda: call.rings)  # the telephone hears of an offer after the router made it
    assert await centre.offered() == offer, "the offer stands"
    await crm.asks("POST", f"/reservations/{offer}/decline")
    await centre.until(lambda: not centre.dispatch.state(WORKSPACE).workers[routed.worker_id(1)].held)


async def test_a_desk_phone_is_lifted_by_hand(centre: Centre, crm: Program) -> None:
    async with centre.db.transaction(TENANT) as tx:
        await settings.put_phone(tx, WHO, "sofia", "pw")
    await centre.configured(a1=[ContactAddress("phone")])
    centre.engine.registers("sofia")
    await centre.until(lambda: "sofia" in centre.controller.floor.phones)
    await centre.rings_in()
    offer = await centre.offered()
    dialled = await centre.until(lambda: centre.engine.dialled and centre.engine.dialled[-1])
    await centre.until(lambda: (found := next(iter(centre.controller.floor.calls.values()))).rings[0].leg_id and found)
    assert await crm.refused("POST", f"/reservations/{offer}/answer", status=409) == "lift-the-phone"
    centre.engine.far_answers(dialled.leg_id)
    call = await centre.call("talking")
    await centre.row(call.id, "talking")
    assert (await crm.asks("POST", f"/calls/{call.id}/hold", {"held": True}))["state"] == "held"


async def test_a_program_sets_the_state_of_its_user_only(centre: Centre, crm: Program) -> None:
    await centre.dispatch.send(WORKSPACE, routed_agent(2))
    mine, his = routed.worker_id(1), routed.worker_id(2)
    away = next(one["id"] for one in (await crm.asks("GET", "/activities"))["items"] if one["id"] != routed.READY)
    body = {"activity_id": away}
    assert (await crm.asks("PUT", f"/workers/{mine}/activity", body))["activity_id"] == away
    assert (await crm.asks("GET", f"/workers/{mine}"))["activity_id"] == away
    assert await crm.refused("PUT", f"/workers/{his}/activity", body, status=403) == "not-your-state"


def routed_agent(number: int) -> c.PutWorker:
    """One more at work."""
    made = routed.worker(number, "sales")
    return c.PutWorker(made.worker_id, f"Worker {number}", made.attributes, {"voice": 1, "default": 1}, routed.READY)


async def test_it_acts_on_the_calls_of_its_user_only(centre: Centre, crm: Program) -> None:
    call = await centre.talks()
    body = {"held": True}
    for who, status, code in ((user_id(2), 404, "unknown-call"), ("US" + "9" * 32, 404, "user-not-found")):
        assert await crm.refused("POST", f"/calls/{call.id}/hold", body, who=who, status=status) == code
    # A supervisor's rights over others do not come along.
    async with centre.db.transaction(TENANT) as tx:
        await tx.execute("UPDATE users SET role = 'supervisor' WHERE id = :id", {"id": user_id(2)})
    assert await crm.refused("POST", f"/calls/{call.id}/hold", body, who=user_id(2), status=404) == "unknown-call"
    async with centre.db.transaction(TENANT) as tx:
        await tx.execute("UPDATE users SET role = 'quality' WHERE id = :id", {"id": WHO})
    assert await crm.refused("POST", f"/calls/{call.id}/hold", body, status=403) == "forbidden"
    async with centre.db.transaction(TENANT) as tx:
        await tx.execute("UPDATE users SET role = 'agent', active = false WHERE id = :id", {"id": WHO})
    assert await crm.refused("POST", f"/calls/{call.id}/hold", body, status=404) == "user-not-found"
    assert (await centre.call("talking")).id == call.id, "nothing was done"


async def test_another_tenants_or_firms_key_knows_nobody_here(centre: Centre, crm: Program) -> None:
    call = await centre.talks()
    path, body = f"/calls/{call.id}/hold", {"held": True}
    async with centre.db.transaction(TENANT) as tx:
        await tx.execute("UPDATE users SET firm_ids = ARRAY['FInorth'] WHERE id = :id", {"id": WHO})
        await tx.execute("UPDATE api_keys SET firm_ids = ARRAY['FIsouth']")
    assert await crm.refused("POST", path, body, status=404) == "user-not-found"
    other = "AC" + "9" * 32
    async with centre.db.system() as tx:
        await tx.execute("UPDATE api_keys SET tenant_id = :id, firm_ids = NULL", {"id": other})
    assert await crm.refused("POST", path, body, status=404) == "user-not-found"


async def test_the_scope_opens_nothing_else_and_no_other_scope_opens_this(
    centre: Centre, client: httpx.AsyncClient, crm: Program
) -> None:
    call = await centre.talks()
    assert await crm.refused("GET", "/calls", who=None, status=403) == "forbidden"
    assert await crm.refused("GET", "/workers", status=403) == "forbidden"
    assert await crm.refused("GET", f"/users/{WHO}", status=403) == "forbidden"
    assert await crm.refused("POST", f"/calls/{call.id}/supervise", {"mode": "listen"}, status=403) == "forbidden"
    assert await crm.refused("POST", "/voice/phone", {"offer_sdp": "v=0"}, status=403) == "forbidden"
    whole = Program(client, await new_key(centre, Scope.READ, Scope.WRITE, Scope.CONFIGURE))
    assert await whole.refused("POST", f"/calls/{call.id}/hold", {"held": True}, status=403) == "forbidden"


async def test_who_makes_such_a_key_could_act_on_the_work_of_these_people(centre: Centre) -> None:
    clerk = Principal(TENANT, WORKSPACE, Role.AGENT, user_id="US1", given=frozenset({Right.KEYS}))
    with pytest.raises(BeyondYourRights):
        await new_key(centre, Scope.PHONE, by=clerk)
    with pytest.raises(InvalidAccount):
        await new_key(centre, Scope.PHONE, queue_ids=[])
