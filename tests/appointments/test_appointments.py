"""Appointments on a real database: booked once whoever comes together, moved, cancelled, settled, erased; who may see them."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parlons.appointments import commands
from parlons.appointments.commands import By
from parlons.appointments.model import SlotTaken
from parlons.kit.clock import from_datetime
from parlons.kit.errors import Refusal
from parlons.kit.pages import encode_cursor
from tests.appointments.conftest import CHIEF, OF_OTHER, STRANGER, TENANT, Room, at

DAY = 86_400_000
HIMSELF = By("customer")


def _ms(when: str) -> int:
    return from_datetime(datetime.fromisoformat(at(when)))


async def test_free_slots_follow_the_hours_lead_and_horizon(room: Room) -> None:
    assert await room.free(status=409) == "no-appointments"
    await room.opens(length_minutes=60)
    assert await room.free() == ["24T09:00", "24T10:00", "24T11:00"]
    assert await room.free("28T00:00", "30T00:00") == []
    assert await room.free("01T00:00", "24T00:00") == ["23T09:00", "23T10:00", "23T11:00"]
    claire = await room.customer()
    async with room.db.transaction(TENANT) as tx:
        with pytest.raises(SlotTaken):  # two hours before is the latest for herself
            await commands.book(tx, claire, _ms("23T08:00"), by=HIMSELF)
        with pytest.raises(SlotTaken):
            await commands.book(tx, claire, _ms("24T09:30"), by=HIMSELF)
    room.clock.advance(3 * 3_600_000)
    assert (await room.book(claire, "23T11:00"))["state"] == "booked"


async def test_an_exceptional_day_counts(room: Room) -> None:
    await room.opens(length_minutes=60)
    async with room.db.system() as tx:
        await tx.execute(
            "INSERT INTO holidays (hours_id, tenant_id, day, label, intervals) "
            "VALUES ('HOFI1', :tenant, DATE '2026-11-24', 'Fair', '[\"10\\:00-11\\:00\"]')", {"tenant": TENANT},
        )  # fmt: skip
    assert await room.free() == ["24T10:00"]


async def test_a_place_is_given_once_whoever_comes_together(room: Room) -> None:
    await room.opens(capacity=2)
    people = [await room.customer() for _ in range(6)]

    async def book(customer_id: str) -> str:
        try:
            async with room.db.transaction(TENANT) as tx:
                return (await commands.book(tx, customer_id, _ms("24T09:00"), by=HIMSELF)).id
        except Refusal as refusal:
            return refusal.code

    got = await asyncio.gather(*(book(one) for one in people))
    assert got.count("slot-taken") == 4
    rows = await room.rows("SELECT seat FROM appointments WHERE state = 'booked' ORDER BY seat")
    assert [row["seat"] for row in rows] == [0, 1]
    assert "24T09:00" not in await room.free()


async def test_two_who_move_to_one_place_get_it_once(room: Room) -> None:
    await room.opens()
    ids = [(await room.book(await room.customer(), when))["id"] for when in ("24T09:00", "24T09:30", "24T10:00")]

    async def move(appointment_id: str) -> str:
        try:
            async with room.db.transaction(TENANT) as tx:
                return (await commands.move(tx, appointment_id, _ms("24T11:00"), by=HIMSELF)).state
        except Refusal as refusal:
            return refusal.code

    assert sorted(await asyncio.gather(*map(move, ids))) == ["changed", "slot-taken", "slot-taken"]


async def test_a_repeated_request_books_once(room: Room) -> None:
    await room.opens(capacity=5)
    claire = await room.customer()
    first, again = await asyncio.gather(*(room.book(claire, key="k1", about="Pneus") for _ in range(2)))
    assert first["id"] == again["id"]
    assert len(await room.rows("SELECT 1 FROM appointments")) == 1


async def test_moved_cancelled_and_settled(room: Room) -> None:
    await room.opens(reminders=[1440, 60])
    claire = await room.customer()
    one = await room.book(claire, "25T09:00", about=" Pneus ")
    assert (one["about"], one["customer_name"], one["zone"], one["made_by"]) == (
        "Pneus", "Claire", "Europe/Paris", "agent",
    )  # fmt: skip
    path = f"/appointments/{one['id']}"
    assert len(await room.rows("SELECT 1 FROM jobs WHERE kind = 'appointments.remind'")) == 2
    moved = await room.call("POST", f"{path}/move", starts_at=at("26T10:00"), version=1)
    assert (moved["state"], moved["version"]) == ("changed", 2)
    assert (await room.call("POST", f"{path}/move", starts_at=at("26T10:00")))["version"] == 2
    refused = await room.call("POST", f"{path}/cancel", status=409, version=1)
    assert refused["code"] == "appointment-changed"
    jobs = await room.rows("SELECT payload, run_at FROM jobs WHERE kind = 'appointments.remind' ORDER BY run_at")
    assert [job["payload"]["starts_at"] for job in jobs] == [_ms("26T10:00")] * 2
    assert (await room.call("POST", f"{path}/settle", status=409, state="kept"))["code"] == "appointment-not-yet"
    room.clock.advance(4 * DAY)
    assert (await room.call("POST", f"{path}/settle", state="missed"))["state"] == "missed"
    assert (await room.call("POST", f"{path}/settle", state="kept"))["state"] == "kept"
    assert (await room.call("POST", f"{path}/cancel", status=409))["code"] == "appointment-changed"
    told = await room.rows("SELECT type, data, private FROM outbox WHERE type LIKE 'appointment.%' ORDER BY id")
    assert [row["type"] for row in told] == [
        "appointment.booked", "appointment.changed", "appointment.settled", "appointment.settled",
    ]  # fmt: skip
    assert all("about" not in row["data"]["appointment"] for row in told)
    assert told[0]["private"] == {"appointment": {"about": "Pneus"}}


async def test_cancelling_frees_the_place_and_plans_nothing(room: Room) -> None:
    await room.opens()
    one = await room.book(await room.customer(), "25T09:00")
    for _ in range(2):
        assert (await room.call("POST", f"/appointments/{one['id']}/cancel"))["state"] == "cancelled"
    assert await room.rows("SELECT 1 FROM jobs WHERE kind = 'appointments.remind'") == []
    assert (await room.book(await room.customer(), "25T09:00"))["state"] == "booked"


async def test_a_customer_has_so_many_to_come_and_not_more(room: Room) -> None:
    await room.opens(most_to_come=1)
    claire = await room.customer()
    async with room.db.transaction(TENANT) as tx:
        await commands.book(tx, claire, _ms("24T09:00"), by=HIMSELF)
        with pytest.raises(Refusal, match="as many"):
            await commands.book(tx, claire, _ms("24T09:30"), by=HIMSELF)
        await commands.book(tx, claire, _ms("24T09:30"), by=By("agent", "US1"))


async def test_the_list_goes_by_firm_customer_and_time(room: Room) -> None:
    await room.opens()
    await room.opens("FI2")
    claire, other = await room.customer(), await room.customer("FI2")
    for when in ("24T09:30", "24T09:00", "25T09:00"):
        await room.book(claire, when)
    await room.book(other, "24T09:00", as_=OF_OTHER)
    day = f"since={at('24T00:00')}&until={at('25T00:00')}".replace("+", "%2B")
    found = await room.call("GET", f"/appointments?firm_id=FI1&{day}")
    assert [one["starts_at"][:16] for one in found["items"]] == ["2026-11-24T08:00", "2026-11-24T08:30"]
    first = await room.call("GET", f"/appointments?customer_id={claire}&limit=2")
    rest = await room.call("GET", f"/appointments?customer_id={claire}&limit=2&cursor={first['next']}")
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    for wrong in ("x", encode_cursor(10**17, "AP"), encode_cursor(-1, "AP"), encode_cursor("x", "AP")):
        await room.call("GET", f"/appointments?cursor={wrong}", status=422)
    far = "since=9999-12-31T23:00:00Z&until=9999-12-31T23:59:00Z"
    await room.call("GET", f"/appointments/slots?firm_id=FI1&{far}")
    await room.call("GET", "/appointments/slots?firm_id=FI1&since=0001-01-01T00:00:00Z&until=0001-01-02T00:00:00Z")


async def test_nobody_reaches_the_appointments_of_other_firms_and_tenants(room: Room) -> None:
    await room.opens()
    claire = await room.customer()
    one = await room.book(claire)
    for stranger in (OF_OTHER, STRANGER):
        assert (await room.call("GET", "/appointments", stranger))["items"] == []
        for method, path, body in (
            ("GET", f"/appointments/{one['id']}", {}),
            ("POST", f"/appointments/{one['id']}/cancel", {}),
            ("POST", f"/appointments/{one['id']}/move", {"starts_at": at("25T09:00")}),
            ("POST", f"/appointments/{one['id']}/settle", {"state": "kept"}),
            ("POST", "/appointments", {"customer_id": claire, "starts_at": at("25T09:00")}),
        ):
            await room.call(method, path, stranger, 404, **body)
    await room.call("GET", "/appointments/slots?firm_id=FI1", OF_OTHER, 404)
    await room.call("PUT", "/appointment-settings/FI1", OF_OTHER, 403, capacity=2)
    await room.call("PUT", "/appointment-settings/FI1", CHIEF, 409, capacity=2)
    assert (await room.call("PUT", "/appointment-settings/FI1", CHIEF, capacity=2, version=1))["version"] == 2


async def test_erasing_empties_words_and_frees_places(room: Room) -> None:
    await room.opens()
    claire = await room.customer()
    await room.book(claire, about="Pneus", when="25T09:00")
    async with room.db.transaction(TENANT) as tx:
        await commands.erase(tx, [claire])
    (row,) = await room.rows("SELECT state, about FROM appointments")
    assert (row["state"], row["about"]) == ("cancelled", "")
    assert await room.rows("SELECT 1 FROM jobs WHERE kind = 'appointments.remind'") == []
    assert (await room.book(await room.customer(), "25T09:00"))["state"] == "booked"


@contextlib.asynccontextmanager
async def calendar(answers: list[Response]) -> AsyncIterator[str]:
    """A firm's own calendar."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))

    async def tell(_: Request) -> Response:
        return answers[0]

    server = uvicorn.Server(uvicorn.Config(FastAPI(routes=[Route("/free", tell)]), log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/free?site=1"
    finally:
        server.should_exit = True
        await task
        listening.close()


async def test_a_calendar_of_the_firm_tells_what_is_free(room: Room) -> None:
    told = {"slots": [{"starts_at": at("24T07:15"), "length_minutes": 20}, {"starts_at": at("24T20:00"), "places": 2}]}
    answers: list[Response] = [JSONResponse(told)]
    async with calendar(answers) as url:
        await room.opens(lookup_url=url)
        assert await room.free() == ["24T07:15", "24T20:00"]
        far = await room.call(
            "POST", "/appointments", status=409, customer_id=await room.customer(), starts_at="9999-12-31T23:59:59.999Z"
        )
        assert far["code"] == "slot-taken"
        one = await room.book(await room.customer(), "24T07:15")
        assert one["ends_at"] == "2026-11-24T06:35:00.000Z"
        assert await room.free() == ["24T20:00"]
        for when, status in (("24T20:00", 201), ("24T20:00", 201), ("24T20:00", 409), ("24T09:00", 409)):
            await room.book(await room.customer(), when, status=status)
        for wrong in (
            JSONResponse({"slots": [{"starts_at": "soon"}]}), JSONResponse([]), Response("<html>", 200),
            Response(status_code=500), JSONResponse({"slots": [{"starts_at": "2026-11-24T09:00:00"}]}),
            Response("x" * 300_000), JSONResponse({"slots": [{"starts_at": at("24T09:00"), "places": 1e300}]}),
        ):  # fmt: skip
            answers[0] = wrong
            assert await room.free(status=503) == "slots-unknown"
            await room.book(await room.customer(), "25T09:00", status=503)
