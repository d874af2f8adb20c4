"""The floor on a real database: moves that go back, memos, messages, alerts, layouts, the day; and whose firm may."""

from collections.abc import AsyncIterator
from functools import reduce
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI, Request

from parlons.accounts.model import Principal, Role
from parlons.app.fold import fold
from parlons.app.socket import rights_of
from parlons.dispatch import http as dispatch_http
from parlons.dispatch.dispatch import Dispatch
from parlons.floor import day, http, memos, moves
from parlons.floor.queries import floor_parts
from parlons.kit.clock import to_iso
from parlons.routing import commands as c
from parlons.runtime import jobs
from parlons.runtime.db import Database
from parlons.runtime.http import install_problems
from parlons.runtime.journal import Entry
from parlons.runtime.rights import sees
from tests.conftest import StillClock
from tests.dispatch import floor
from tests.dispatch.floor import TENANT, WORKSPACE

Json = dict[str, Any]
FIRM, OTHER_FIRM = "FI" + "1" * 32, "FI" + "2" * 32
HOUR = 3_600_000
ANA, BEN, ZOE = (floor.worker_id(number) for number in (1, 2, 3))
LEAD = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US" + "9" * 32, name="Martin")
OUTSIDE = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US" + "8" * 32, firm_ids=frozenset({OTHER_FIRM}))


def agent(number: int) -> Principal:
    """One of the three."""
    return Principal(TENANT, WORKSPACE, Role.AGENT, user_id=f"US{number:032x}", worker_id=floor.worker_id(number))


class Api:
    """The routes, called as anybody."""

    def __init__(self, app: FastAPI, db: Database, dispatch: Dispatch, clock: StillClock) -> None:
        self.db, self.dispatch, self.clock = db, dispatch, clock
        self.who = LEAD
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test/api/v1")
        self.jobs = jobs.Worker(db, moves.handlers(dispatch))
        self._keys = 0

    async def call(self, method: str, path: str, who: Principal = LEAD, **more: Any) -> httpx.Response:
        """One request."""
        self.who, self._keys = who, self._keys + 1
        headers = {"Idempotency-Key": f"k{self._keys}"} if method == "POST" else {}
        return await self.client.request(method, path, headers=headers, **more)

    async def worker(self, worker_id: str) -> Json:
        """As he is, once the router has done what was asked before."""
        await self.dispatch.send(WORKSPACE, c.Tick())
        return dict((await self.call("GET", f"/workers/{worker_id}")).json())

    async def told(self, who: Principal) -> list[Json]:
        """The memos somebody has not seen yet, oldest first."""
        found = (await self.call("GET", "/me/memos", who)).json().values()
        return sorted(found, key=lambda memo: str(memo["id"]))


@pytest.fixture
async def api(dispatch: Dispatch, database: Database, clock: StillClock) -> AsyncIterator[Api]:
    """Ana and Ben sell, Zoe supports; Ben works for one firm only."""
    ben = msgspec.structs.replace(floor.worker(2, "sales"), firm_ids=(FIRM,))
    await floor.prepare(dispatch, floor.worker(1, "sales"), ben, floor.worker(3, "support"))
    dispatch.users.update({floor.worker_id(number): f"US{number:032x}" for number in (1, 2, 3)})
    app = FastAPI()
    install_problems(app)
    for router in (dispatch_http.router, http.router):
        app.include_router(router, prefix="/api/v1")
    app.state.dispatch, app.state.db, app.state.clock = dispatch, database, clock
    app.state.tell_state = memos.tell_state
    api = Api(app, database, dispatch, clock)

    @app.middleware("http")
    async def identify(request: Request, call_next):  # type: ignore[no-untyped-def]
        request.state.principal = api.who
        return await call_next(request)

    yield api
    await api.client.aclose()


def _until(clock: StillClock, milliseconds: int = HOUR) -> str:
    return to_iso(clock() + milliseconds)


async def test_skills_and_capacity_for_a_time_come_back_by_themselves(api: Api, clock: StillClock) -> None:
    body = {"skills": {"sales": 7}, "channels": {"chat": 3}, "until_at": _until(clock), "reason": "Rush"}
    made = await api.call("POST", f"/workers/{ZOE}/moves", json=body)
    assert made.status_code == 201, made.text
    zoe = await api.worker(ZOE)
    assert (zoe["attributes"]["skills"], zoe["attributes"]["levels"]) == (["support", "sales"], {"sales": 7})
    assert zoe["channels"]["chat"]["capacity"] == 3
    (memo,) = await api.told(agent(3))
    assert (memo["kind"], memo["by_name"], memo["text"]) == ("moved", "Martin", "Rush")
    assert await api.jobs.run_due() == 0
    clock.advance(HOUR)
    assert await api.jobs.run_due() == 1
    zoe = await api.worker(ZOE)
    assert (zoe["attributes"]["skills"], zoe["channels"]["chat"]["capacity"]) == (["support"], 1)
    assert [one["kind"] for one in await api.told(agent(3))] == ["moved", "moved-back"]
    assert (await api.call("GET", "/moves")).json() == {}


async def test_a_move_is_revoked_and_its_job_finds_nothing_to_do(api: Api, clock: StillClock) -> None:
    made = (
        await api.call("POST", f"/workers/{ANA}/moves", json={"skills": {"sales": False}, "until_at": _until(clock)})
    ).json()
    assert "sales" not in (await api.worker(ANA))["attributes"]["skills"]
    assert (await api.call("DELETE", f"/moves/{made['id']}", OUTSIDE)).status_code == 200  # Ana works for every firm
    assert (await api.call("DELETE", f"/moves/{made['id']}")).json()["code"] == "unknown-move"
    assert (await api.worker(ANA))["attributes"]["skills"] == ["sales"]
    await api.call("PATCH", f"/workers/{ANA}", json={"attributes": {"skills": []}})
    clock.advance(HOUR)
    await api.jobs.run_due()
    assert (await api.worker(ANA))["attributes"]["skills"] == []


async def test_what_was_set_otherwise_meanwhile_stays(api: Api, clock: StillClock) -> None:
    await api.call("POST", f"/workers/{ANA}/moves", json={"channels": {"chat": 4}, "until_at": _until(clock)})
    await api.worker(ANA)
    await api.call("PATCH", f"/workers/{ANA}", json={"channels": {"chat": 6}})
    clock.advance(HOUR)
    await api.jobs.run_due()
    assert (await api.worker(ANA))["channels"]["chat"]["capacity"] == 6


async def test_a_later_move_takes_the_earlier_ones_place(api: Api, clock: StillClock) -> None:
    for capacity, length in ((4, 2 * HOUR), (6, HOUR)):
        body = {"channels": {"chat": capacity}, "until_at": _until(clock, length)}
        assert (await api.call("POST", f"/workers/{ANA}/moves", json=body)).status_code == 201
        assert (await api.worker(ANA))["channels"]["chat"]["capacity"] == capacity
    assert len((await api.call("GET", "/moves")).json()) == 1
    clock.advance(HOUR)
    await api.jobs.run_due()
    assert (await api.worker(ANA))["channels"]["chat"]["capacity"] == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"skills": {"sales": True}}, "nothing-to-move"),
        ({"channels": {"nowhere": 3}}, "nothing-to-move"),
        ({"skills": {"support": True}, "until_at": "2020-01-01T00:00:00Z"}, "move-too-long"),
        ({"skills": {"support": True}, "until_at": "2999-01-01T00:00:00Z"}, "move-too-long"),
        ({"skills": {" x": True}}, "invalid"),
    ],
)
async def test_a_move_that_makes_no_sense_is_refused(api: Api, clock: StillClock, body: Json, code: str) -> None:
    answer = await api.call("POST", f"/workers/{ANA}/moves", json={"until_at": _until(clock), **body})
    assert answer.status_code == 422
    assert answer.json()["code"].startswith(code)


async def test_a_state_set_by_another_is_told_with_who_and_why(api: Api) -> None:
    path = f"/workers/{ANA}/activity"
    await api.call("PUT", path, json={"activity_id": floor.OFFLINE, "reason": "Go home, it is late"})
    (memo,) = await api.told(agent(1))
    assert (memo["kind"], memo["by_name"], memo["text"]) == ("state", "Martin", "Go home, it is late")
    assert memo["data"] == {"activity_id": floor.OFFLINE, "previous_activity_id": floor.READY}
    await api.call("PUT", path, agent(1), json={"activity_id": floor.READY})
    assert await api.told(agent(1)) == [memo]
    await api.call("PUT", path, json={"activity_id": floor.MISSED})
    older, (memo,) = memo, await api.told(agent(1))
    assert older["id"] != memo["id"]
    assert (await api.call("POST", f"/me/memos/{memo['id']}/seen", agent(2))).status_code == 204
    assert len(await api.told(agent(1))) == 1
    await api.call("POST", f"/me/memos/{memo['id']}/seen", agent(1))
    assert await api.told(agent(1)) == []


async def test_a_message_to_a_team_is_counted_as_seen(api: Api, clock: StillClock) -> None:
    sent = await api.call("POST", "/floor/messages", json={"text": "Fire drill at 15:00", "queue_id": floor.SALES})
    assert sent.status_code == 201, sent.text
    assert (sent.json()["told"], sent.json()["seen"]) == (2, 0)
    (memo,) = await api.told(agent(2))
    assert memo["text"] == "Fire drill at 15:00"
    assert await api.told(agent(3)) == []
    await api.call("POST", f"/me/memos/{memo['id']}/seen", agent(2))
    (shown,) = (await api.call("GET", "/floor/messages")).json()["items"]
    assert (shown["told"], shown["seen"]) == (2, 1)
    nobody = await api.call("POST", "/floor/messages", json={"text": "Hello", "skill": "welding"})
    assert nobody.json()["code"] == "nobody-to-tell"
    unknown = await api.call("POST", "/floor/messages", json={"text": "Hello", "queue_id": "WQ0"})
    assert unknown.json()["code"] == "unknown-queue"
    for days, kept in ((memos.KEPT_DAYS, 2), (1, 0)):
        clock.advance(days * 24 * HOUR)
        await memos.forget_old_memos(api.db)
        async with api.db.system() as tx:
            assert await tx.scalar("SELECT count(*) FROM floor_memos") == kept


async def test_another_firms_people_are_not_reached(api: Api, clock: StillClock) -> None:
    body = {"skills": {"support": True}, "until_at": _until(clock)}
    assert (await api.call("POST", f"/workers/{BEN}/moves", OUTSIDE, json=body)).json()["code"] == "unknown-worker"
    path = f"/workers/{BEN}/activity"
    assert (await api.call("PUT", path, OUTSIDE, json={"activity_id": floor.OFFLINE})).status_code == 404
    await api.call("POST", "/floor/messages", OUTSIDE, json={"text": "Hello"})
    assert await api.told(agent(2)) == []
    made = (await api.call("POST", f"/workers/{BEN}/moves", json=body)).json()
    assert (await api.call("DELETE", f"/moves/{made['id']}", OUTSIDE)).json()["code"] == "unknown-move"
    assert (await api.call("GET", "/moves", OUTSIDE)).json() == {}
    assert (await api.call("GET", f"/workers/{BEN}/day?from_at={_day(clock)}", OUTSIDE)).status_code == 404


async def test_agents_do_not_lead(api: Api, clock: StillClock) -> None:
    for method, path in (("GET", "/moves"), ("GET", "/alerts"), ("GET", "/floor/messages"), ("GET", "/me/layout")):
        assert (await api.call(method, path, agent(1))).status_code == 403
    assert (await api.call("GET", f"/workers/{BEN}/day?from_at={_day(clock)}", agent(1))).status_code == 403
    assert (await api.call("GET", f"/workers/{ANA}/day?from_at={_day(clock)}", agent(1))).status_code == 200


async def test_alerts_and_layouts_are_kept(api: Api) -> None:
    limits = {"waiting": 3, "oldest_seconds": 90, "share": 0.7}
    assert (await api.call("PUT", f"/alerts/{floor.SALES}", json=limits)).json() == {"id": floor.SALES, **limits}
    assert (await api.call("GET", "/alerts")).json() == {floor.SALES: {"id": floor.SALES, **limits}}
    assert (await api.call("PUT", "/alerts/WQ0", json=limits)).json()["code"] == "unknown-queue"
    assert (await api.call("PUT", f"/alerts/{floor.SALES}", json={"waiting": 0})).status_code == 422
    layout = {"view": "tiles", "order": "name", "sections": ["people", "queues"], "queue_ids": [floor.SALES]}
    assert (await api.call("GET", "/me/layout")).json()["view"] == "table"
    assert (await api.call("PUT", "/me/layout", json=layout)).json() == layout
    assert (await api.call("GET", "/me/layout")).json() == layout
    assert (await api.call("GET", "/me/layout", OUTSIDE)).json()["view"] == "table"


async def test_who_could_help_a_queue_and_with_which_skill(api: Api) -> None:
    found = (await api.call("GET", f"/queues/{floor.SUPPORT}/helpers")).json()["items"]
    assert {(one["worker_id"], one["skill"], one["left_ready"]) for one in found} == {
        (ANA, "support", 1),
        (BEN, "support", 1),
    }
    seen = (await api.call("GET", f"/queues/{floor.SUPPORT}/helpers", OUTSIDE)).json()["items"]
    assert [one["worker_id"] for one in seen] == [ANA]


def _day(clock: StillClock) -> str:
    return to_iso(clock() - 12 * HOUR)


async def test_the_day_of_somebody(api: Api, dispatch: Dispatch, database: Database, clock: StillClock) -> None:
    offer = floor.offer_of(await dispatch.send(WORKSPACE, floor.task(1)))
    clock.advance(5_000)
    await dispatch.send(WORKSPACE, c.AcceptReservation(offer.reservation_id))
    clock.advance(60_000)
    await dispatch.send(WORKSPACE, c.SetActivity(ANA, floor.OFFLINE))
    clock.advance(60_000)
    await dispatch.send(WORKSPACE, c.SetReachable(ANA, False))
    await dispatch.send(WORKSPACE, c.SetActivity(ANA, floor.READY))
    for entry in dispatch.tail(WORKSPACE).since(0) or []:
        if entry.type in day.TYPES:
            async with database.transaction(TENANT) as tx:
                await day.keep(tx, entry)
                await day.keep(tx, entry)
    found = (await api.call("GET", f"/workers/{ANA}/day?from_at={_day(clock)}")).json()
    assert [(one["activity_id"], one["reachable"]) for one in found["states"]] == [
        (floor.OFFLINE, True),
        (floor.OFFLINE, False),
        (floor.READY, False),
    ]
    assert found["states"][0]["until_at"] == found["states"][1]["since_at"]
    (contact,) = found["contacts"]
    assert (contact["channel"], contact["accepted_at"] is not None) == ("chat", True)


async def test_snapshot_and_events_make_a_fresh_snapshot(api: Api, clock: StillClock) -> None:
    readers = {"lead": LEAD, "outside": OUTSIDE, "ana": agent(1), "ben": agent(2), "zoe": agent(3)}
    before = {name: await _picture(api, who) for name, who in readers.items()}
    body = {"skills": {"sales": True}, "until_at": _until(clock)}
    made = (await api.call("POST", f"/workers/{ZOE}/moves", json=body)).json()
    await api.call("POST", f"/workers/{BEN}/moves", json={"channels": {"chat": 9}, "until_at": _until(clock)})
    await api.worker(ZOE)
    await api.call("DELETE", f"/moves/{made['id']}")
    await api.call("POST", "/floor/messages", json={"text": "Well done"})
    (first, *_) = await api.told(agent(1))
    await api.call("POST", f"/me/memos/{first['id']}/seen", agent(1))
    await api.call("PUT", f"/alerts/{floor.SALES}", json={"waiting": 2})
    told = [entry for entry in await _journal(api) if entry.kind == "event"]
    assert {"memo.told", "memo.seen", "move.made", "move.ended", "alert.updated"} <= {entry.type for entry in told}
    for name, who in readers.items():
        mine = [{"event": entry.type, "data": entry.data} for entry in told if sees(rights_of(who), entry.audience)]
        assert reduce(fold, mine, before[name]) == await _picture(api, who), name


async def _journal(api: Api) -> list[Entry]:
    """Everything that was told, once the owner has taken all of it in."""
    while True:
        await api.dispatch.send(WORKSPACE, c.Tick())
        async with api.db.transaction(TENANT) as tx:
            if not await tx.scalar("SELECT count(*) FROM outbox"):
                return api.dispatch.tail(WORKSPACE).since(0) or []


async def _picture(api: Api, who: Principal) -> Json:
    async with api.db.transaction(TENANT) as tx:
        return await floor_parts(tx, who, frozenset({floor.SALES, floor.SUPPORT}))
