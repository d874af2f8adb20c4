"""Dispatch's part of the API: what agents and supervisors may do, stable refusals, keys, figures."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI, Request

from parlons.accounts.model import Principal, Role
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.http import router
from parlons.dispatch.statistics import LiveFigures
from parlons.routing import commands as c
from parlons.runtime.db import Database
from parlons.runtime.http import install_problems
from tests.conftest import StillClock
from tests.dispatch import floor
from tests.dispatch.floor import TENANT, WORKSPACE

FIRM = "FI" + "1" * 32


def principal(role: Role, number: int | None = None, firm_ids: frozenset[str] | None = None) -> Principal:
    """Somebody who calls."""
    worker_id = floor.worker_id(number) if number is not None else None
    return Principal(TENANT, WORKSPACE, role, user_id=f"US{number or 9:032x}", worker_id=worker_id, firm_ids=firm_ids)


class Api:
    """The routes, called as anybody."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self.who = principal(Role.SUPERVISOR)
        transport = httpx.ASGITransport(app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://test/api/v1")

    async def call(self, method: str, path: str, *, key: str | None = None, **more: object) -> httpx.Response:
        """One request."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self.client.request(method, path, headers=headers, **more)  # type: ignore[arg-type]


@pytest.fixture
async def api(dispatch: Dispatch, database: Database, clock: StillClock) -> AsyncIterator[Api]:
    """The API over a floor of three workers."""
    await floor.prepare(dispatch, floor.worker(1, "sales"), floor.worker(2, "sales"), floor.worker(3, "support"))
    app = FastAPI()
    install_problems(app)
    app.include_router(router, prefix="/api/v1")
    app.state.dispatch, app.state.db, app.state.clock = dispatch, database, clock
    app.state.figures = LiveFigures(dispatch)
    api = Api(app)

    @app.middleware("http")
    async def identify(request: Request, call_next):  # type: ignore[no-untyped-def]
        request.state.principal = api.who
        return await call_next(request)

    await app.state.figures.seeded(WORKSPACE)
    yield api
    await app.state.figures.close()
    await api.client.aclose()


async def test_a_task_from_creation_to_its_end(api: Api) -> None:
    made = await api.call("POST", "/tasks", json={"attributes": {"topic": "sales", "language": "fr", "title": "Loan"}})
    assert made.status_code == 201, made.text
    task_id = made.json()["id"]
    reservation = (await api.call("GET", "/reservations")).json()["items"][0]
    api.who = principal(Role.AGENT, 1)
    accepted = await api.call("POST", f"/reservations/{reservation['id']}/accept")
    assert accepted.json()["status"] == "accepted"
    again = await api.call("POST", f"/reservations/{reservation['id']}/accept")
    assert (again.status_code, again.json()["code"]) == (409, "wrong-status")
    assert (await api.call("POST", f"/reservations/{reservation['id']}/wrap")).json()["status"] == "wrapping"
    done = await api.call("POST", f"/tasks/{task_id}/complete", json={"reason": "sold"})
    assert (done.json()["status"], done.json()["reason"]) == ("completed", "sold")
    late = await api.call("POST", f"/reservations/{reservation['id']}/complete")
    assert late.json()["code"] == "reservation-gone"
    assert (await api.call("GET", "/tasks?status=completed")).json()["items"][0]["id"] == task_id


@pytest.mark.parametrize("query", ["tasks?status=bogus", "reservations?worker_id=zzz"])
async def test_a_filter_that_names_nothing_is_refused(api: Api, query: str) -> None:
    refused = await api.call("GET", f"/{query}")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert refused.json()["detail"].startswith(f"query.{query.partition('?')[2].partition('=')[0]}: ")


async def test_a_double_click_makes_one_task(api: Api) -> None:
    body = {"attributes": {"topic": "sales"}}
    first = await api.call("POST", "/tasks", key="click", json=body)
    second = await api.call("POST", "/tasks", key="click", json=body)
    assert first.json()["id"] == second.json()["id"]
    assert len((await api.call("GET", "/tasks")).json()["items"]) == 1


async def test_a_key_stands_for_one_request(api: Api, dispatch: Dispatch) -> None:
    """What it stood for is answered again, nothing else is taken for it."""
    made = (
        await api.call("POST", "/tasks", key="wish", json={"attributes": {"topic": "sales", "language": "fr"}})
    ).json()
    other = await api.call("POST", "/tasks", key="wish", json={"attributes": {"topic": "support"}})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    await api.call("POST", "/tasks", json={"attributes": {"topic": "sales", "language": "fr"}})
    offers = (await api.call("GET", "/reservations")).json()["items"]
    for offer in offers:  # one key for two offers: each path has its own
        accepted = await api.call("POST", f"/reservations/{offer['id']}/accept", key="take")
        assert accepted.json()["status"] == "accepted"
    again = await api.call("POST", f"/reservations/{offers[0]['id']}/accept", key="take")
    assert (again.status_code, again.json()["id"]) == (200, offers[0]["id"])
    assert made["id"] in {offer["task_id"] for offer in offers}


async def test_who_serves_a_queue_he_does_not_oversee_takes_no_work_out_of_it(api: Api, dispatch: Dispatch) -> None:
    for number in (1, 2):  # both who could take it are busy
        await dispatch.send(WORKSPACE, c.SetActivity(floor.worker_id(number), floor.OFFLINE))
    await dispatch.send(WORKSPACE, floor.task(1))
    task = f"/tasks/{floor.task_id(1)}"
    api.who = replace(principal(Role.SUPERVISOR, 1), queue_ids=frozenset({floor.SUPPORT}))
    assert (await api.call("GET", task)).json()["queue_id"] == floor.SALES
    away, given = {"reason": "mine"}, {"worker_id": floor.worker_id(1)}
    for answer in (
        await api.call("POST", f"{task}/cancel", json=away),
        await api.call("PATCH", task, json={"priority": 9}),
        await api.call("POST", f"{task}/assign", json=given),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not-your-task")
    api.who = replace(principal(Role.SUPERVISOR, 1), queue_ids=frozenset({floor.SALES}))
    assert (await api.call("POST", f"{task}/cancel", json=away)).json()["status"] == "canceled"


async def test_agents_act_on_what_is_theirs(api: Api, dispatch: Dispatch) -> None:
    offer = floor.offer_of(await dispatch.send(WORKSPACE, floor.task(1)))
    api.who = principal(Role.AGENT, 2)
    assert (await api.call("POST", f"/reservations/{offer.reservation_id}/accept")).json()[
        "code"
    ] == "unknown-reservation"
    assert (await api.call("POST", f"/tasks/{floor.task_id(1)}/complete")).json()["code"] == "not-your-task"
    path = f"/workers/{floor.worker_id(1)}/activity"
    assert (await api.call("PUT", path, json={"activity_id": floor.OFFLINE})).json()["code"] == "not-your-state"
    assert (await api.call("GET", "/statistics/live")).status_code == 403
    own = await api.call("PUT", f"/workers/{floor.worker_id(2)}/activity", json={"activity_id": floor.OFFLINE})
    assert own.json()["activity_id"] == floor.OFFLINE


async def test_a_firms_people_see_their_rows_only(api: Api, dispatch: Dispatch) -> None:
    await dispatch.send(WORKSPACE, floor.task(1, firm_id=FIRM))
    await dispatch.send(WORKSPACE, floor.task(2, firm_id="FI" + "2" * 32))
    api.who = principal(Role.SUPERVISOR, firm_ids=frozenset({FIRM}))
    assert [one["id"] for one in (await api.call("GET", "/tasks")).json()["items"]] == [floor.task_id(1)]
    assert (await api.call("GET", f"/tasks/{floor.task_id(2)}")).json()["code"] == "unknown-task"
    assert [one["task_id"] for one in (await api.call("GET", "/reservations")).json()["items"]] == [floor.task_id(1)]
    _, parts = await dispatch.snapshot_for(api.who)
    assert list(parts["tasks"]) == [floor.task_id(1)]


async def test_refuse_transfer_reassign(api: Api, dispatch: Dispatch) -> None:
    offer = floor.offer_of(await dispatch.send(WORKSPACE, floor.task(1)))
    api.who = principal(Role.AGENT, 1)
    await api.call("POST", f"/reservations/{offer.reservation_id}/reject", json={"quiet_seconds": 60})
    api.who = principal(Role.AGENT, 2)
    (mine,) = (await api.call("GET", "/reservations")).json()["items"]
    assert mine["worker_id"] == floor.worker_id(2)
    await api.call("POST", f"/reservations/{mine['id']}/accept")
    moved = await api.call(
        "POST", f"/tasks/{floor.task_id(1)}/transfer", json={"to": {"worker_id": floor.worker_id(3)}}
    )
    assert moved.status_code == 200, moved.text
    assert moved.json()["worker_id"] == floor.worker_id(2)
    wrong = await api.call("POST", f"/tasks/{floor.task_id(1)}/transfer", json={"to": {}})
    assert wrong.status_code == 422
    assert (await api.call("DELETE", f"/tasks/{floor.task_id(1)}/transfer")).status_code == 200
    api.who = principal(Role.SUPERVISOR)
    path = f"/tasks/{floor.task_id(1)}/assign"
    assert (await api.call("POST", path, json={"worker_id": floor.worker_id(3)})).status_code == 200
    assert dispatch.state(WORKSPACE).workers[floor.worker_id(3)].held


async def test_supervisors_change_skills_and_capacity(api: Api, database: Database) -> None:
    path = f"/workers/{floor.worker_id(3)}"
    changed = await api.call("PATCH", path, json={"attributes": {"skills": ["sales"]}, "channels": {"chat": 4}})
    assert changed.json()["attributes"] == {"skills": ["sales"]}
    assert changed.json()["channels"]["chat"]["capacity"] == 4
    async with database.transaction(TENANT) as tx:
        assert await tx.scalar("SELECT action FROM audit") == "worker.updated"


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**40])
async def test_a_number_that_no_journal_holds_is_refused_and_the_router_goes_on(api: Api, number: int) -> None:
    attributes = {"attributes": {"levels": [{"sales": number}]}}
    for method, path in (("PATCH", f"/workers/{floor.worker_id(1)}"), ("POST", "/tasks")):
        refused = await api.call(method, path, json=attributes)
        assert (refused.status_code, refused.json()["code"]) == (422, "unstorable-number")
    made = await api.call("POST", "/tasks", json={"attributes": {"topic": "sales", "sum": 2**63}})
    assert made.status_code == 201, made.text


async def test_service_level_and_cumulative_figures(api: Api, dispatch: Dispatch, clock: StillClock) -> None:
    for number, wait in ((1, 10), (2, 15)):
        created = await dispatch.send(WORKSPACE, floor.task(number))
        clock.advance(wait * 1000)
        await dispatch.send(WORKSPACE, c.AcceptReservation(floor.offer_of(created).reservation_id))
    await dispatch.send(WORKSPACE, floor.task(3))
    clock.advance(30_000)
    await dispatch.send(WORKSPACE, c.CancelTask(floor.task_id(3)))
    live = (await api.call("GET", "/statistics/live")).json()
    sales = next(one for one in live["queues"] if one["queue_id"] == floor.SALES)
    assert (sales["offered"], sales["accepted_within"], sales["abandoned"]) == (3, 2, 1)
    assert sales["service_level"] == pytest.approx(2 / 3)
    figures = (await api.call("GET", f"/queues/{floor.SALES}/statistics?split_by_wait_time=12")).json()
    assert figures["cumulative"]["reservations_accepted"] == 2
    assert figures["cumulative"]["tasks_canceled"] == 1
    assert figures["cumulative"]["split_by_wait_time"]["12"]["below"]["reservations_accepted"] == 1
    assert figures["service_level"] == pytest.approx(2 / 3)
    assert figures["real_time"]["tasks_by_status"]["assigned"] == 2


async def test_an_expression_is_checked_with_its_place_and_remedy(api: Api) -> None:
    good = await api.call("POST", "/expressions/check", json={"expression": "skills HAS 'sales'"})
    assert good.json() == {"valid": True, "problems": []}
    bad = (await api.call("POST", "/expressions/check", json={"expression": "skills HAS"})).json()
    assert not bad["valid"]
    assert bad["problems"][0]["remedy"]


async def test_lists_of_the_floor(api: Api) -> None:
    assert len((await api.call("GET", "/workers")).json()["items"]) == 3
    assert len((await api.call("GET", "/queues")).json()["items"]) == 2
    assert len((await api.call("GET", "/activities")).json()["items"]) == 3
    assert (await api.call("GET", "/workflows")).json()["items"][0]["name"] == "Front door"
    assert {"chat", "voice"} <= {
        one["unique_name"] for one in (await api.call("GET", "/task-channels")).json()["items"]
    }
    assert (await api.call("GET", f"/workers/{floor.worker_id(8)}")).json()["code"] == "unknown-worker"


async def test_a_waiting_task_is_seen_by_those_to_whom_its_queue_belongs(api: Api, dispatch: Dispatch) -> None:
    await api.call("PUT", f"/workers/{floor.worker_id(1)}/activity", json={"activity_id": floor.OFFLINE})
    await api.call("PUT", f"/workers/{floor.worker_id(2)}/activity", json={"activity_id": floor.OFFLINE})
    await dispatch.send(WORKSPACE, floor.task(1))
    path = f"/tasks/{floor.task_id(1)}"
    waiting = (await api.call("GET", path)).json()
    assert (waiting["status"], waiting["worker_id"]) == ("pending", None)
    seen = {}
    for number in (1, 3):
        api.who = principal(Role.AGENT, number)
        seen[number] = [(await api.call("GET", f"{path}{part}")).status_code for part in ("", "/reservations", "/why")]
    assert seen == {1: [200, 200, 200], 3: [404, 404, 404]}
