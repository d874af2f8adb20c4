"""The list of those who left: taken on by a person, given back, called back, within one's firms and queues; figures; erasure."""

from dataclasses import replace

from parlons.recontact import noting, queries
from parlons.recontact.queries import Filters
from tests.recontact.conftest import QUEUE, Left


async def test_who_is_taken_is_left_to_his_taker_and_given_back_waits_for_his_rule(left: Left) -> None:
    await left.rule()
    await left.leaves()
    one = await left.one()
    taken = await left.call("POST", f"/{one['id']}/take", {"how": "done"})
    assert (taken["leaver"]["state"], taken["leaver"]["by_user_id"]) == ("taken", "US1")
    await left.later(11)
    assert left.desk.there.texts == []
    for _ in range(2):
        assert (await left.call("POST", f"/{one['id']}/give_back"))["state"] == "waiting"
    await left.later(1)
    assert len(left.desk.there.texts) == 1


async def test_writing_to_him_makes_his_conversation_the_takers(left: Left) -> None:
    conversation_id = await left.leaves()
    one = await left.one()
    await left.call("POST", f"/{one['id']}/take", {"how": "write"})
    row = (await left.desk.rows("SELECT * FROM conversations WHERE id = :id", id=conversation_id))[0]
    assert row["resumed_by_worker_id"] == "WK1"
    asked = await left.desk.rows("SELECT body FROM commands WHERE body->>'task_id' = :id", id=row["lead_task_id"])
    assert asked[0]["body"]["target"]["id"] == "WK1"


async def test_calling_him_tells_his_number_or_that_there_is_none(left: Left) -> None:
    await left.leaves()
    one = await left.one()
    refused = await left.call("POST", f"/{one['id']}/take", {"how": "call"}, status=409)
    assert refused["code"] == "no-number-to-call"
    await left.numbered("+33612345678")
    assert (await left.call("POST", f"/{one['id']}/take", {"how": "call"}))["number"] == "+33612345678"


async def test_a_call_to_him_is_put_in_line_once(left: Left) -> None:
    await left.leaves()
    await left.numbered("+33612345678")
    one = await left.one()
    assert (await left.call("POST", f"/{one['id']}/call_back"))["called_back"]
    again = await left.call("POST", f"/{one['id']}/call_back", status=409)
    assert (again["code"], len(await left.desk.rows("SELECT 1 FROM callbacks"))) == ("leaver-elsewhere", 1)


async def test_who_is_served_meanwhile_cannot_be_taken(left: Left) -> None:
    conversation_id = await left.leaves()
    one = await left.one()
    left.desk.clock.advance(1_000)
    await left.desk.answers(conversation_id)
    refused = await left.call("POST", f"/{one['id']}/take", {"how": "done"}, status=409)
    assert refused["code"] == "leaver-elsewhere"
    assert (await left.one())["state"] == "answered"


async def test_filters_pages_and_figures_agree(left: Left) -> None:
    for number, (cancel, waited) in enumerate([("hangup", 5), ("closed", 60), ("hangup", 120)]):
        await left.leaves(f"c{number}", cancel=cancel, waited=waited)
        left.desk.clock.advance(60_000)
    assert [one["waited_seconds"] for one in await left.listed("?reason=hung-up")] == [120, 5]
    assert [one["waited_seconds"] for one in await left.listed("?waited_seconds=60&state=waiting")] == [120, 60]
    first = await left.call("GET", "?limit=2")
    rest = await left.call("GET", f"?limit=2&after={first['next']}")
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    figures = await left.call("GET", "/figures")
    assert (figures["left"], figures["reasons"]) == (3, {"hung-up": 2, "left-chat": 1})
    assert (figures["waited_seconds"], figures["planned"]) == (62, 0)
    assert (await left.call("GET", "/figures?reason=form"))["waited_seconds"] is None


async def test_only_those_of_ones_firms_and_queues_are_seen(left: Left) -> None:
    await left.leaves()
    async with left.desk.db.transaction(left.desk.home.tenant_id) as tx:
        for bound in ({"firm_ids": frozenset({"FI9"})}, {"queue_ids": frozenset({"WQ9"})}):
            other = replace(left.lead, **bound)  # type: ignore[arg-type]
            assert await queries.listing(tx, other, Filters(), states=(), after=None, limit=9) == []
        mine = replace(left.lead, queue_ids=frozenset({QUEUE}))
        assert len(await queries.listing(tx, mine, Filters(), states=(), after=None, limit=9)) == 1


async def test_erasing_a_customer_takes_him_off_the_list(left: Left) -> None:
    await left.rule()
    await left.leaves()
    one = await left.one()
    async with left.desk.db.transaction(left.desk.home.tenant_id) as tx:
        await noting.erase(tx, [one["customer"]["id"]])
    await left.later(10)
    assert (await left.listed(), left.desk.there.texts) == ([], [])
