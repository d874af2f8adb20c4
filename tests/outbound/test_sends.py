"""A send to many: laid down at once, fed at its pace, carried out once each, paused, doubted, reported."""

from collections import Counter
from typing import Any

import pytest
from starlette.responses import Response

from parlons.channels.sending import Sender
from parlons.conversations import deliveries
from parlons.customers import consent, purposes
from parlons.customers.merging import merge
from parlons.outbound import feeding
from tests.channels.engine.test_sending import Unrepeatable
from tests.outbound.conftest import Campaign, counted
from tests.outbound.test_one_messages import person


async def test_everybody_of_a_segment_is_written_to_once_in_his_language(campaign: Campaign) -> None:
    await campaign.people(30)
    await campaign.people(5, '{"vip": "yes"}')
    send_id = await campaign.draft(segment={"attributes": {"vip": ["yes"]}})
    assert (await campaign.call("GET", f"/{send_id}"))["audience"] == {"recipients": 5, "skipped": {}}
    shown = await campaign.call("POST", f"/{send_id}/preview", {"customer_id": "CU" + "32".rjust(32, "0")})
    assert (shown["text"], shown["language"], shown["to"]) == ("Bonjour Claire", "fr", "p32")
    assert not campaign.desk.there.got
    await campaign.call("POST", f"/{send_id}/start")
    await campaign.through()
    got = {one["to"]: one["text"] for one in campaign.desk.there.got}
    assert got == {f"p{n}": "Bonjour Claire" if n % 2 == 0 else "Hello Claire" for n in range(31, 36)}
    found = await campaign.call("GET", f"/{send_id}")
    assert (found["state"], found["report"]["sent"], found["report"]["recipients"]) == ("done", 5, 5)


async def test_an_answer_is_a_conversation_and_is_counted(campaign: Campaign) -> None:
    await campaign.people(3)
    send_id = await campaign.begun()
    await campaign.through()
    first = next(one for one in campaign.desk.there.got if one["to"] == "p1")
    await campaign.desk.comes({"type": "receipt", "id": first["id"], "state": "read"})
    conversation_id = await campaign.desk.says("Which day?", who="p1")
    assert conversation_id == first["conversation_id"]
    rows = await campaign.desk.rows("SELECT status, unread_count FROM conversations WHERE id = :id", id=conversation_id)
    assert (rows[0]["status"], rows[0]["unread_count"]) == ("open", 1)
    report = await campaign.report(send_id)
    assert (report["sent"], report["delivered"], report["read"], report["answered"]) == (3, 1, 1, 1)


async def test_nobody_is_written_to_twice_when_the_one_who_sends_dies(campaign: Campaign) -> None:
    """Between taking in hand and settling: the same key again at a provider who knows keys."""
    await campaign.people(60)
    send_id = await campaign.begun()
    desk = campaign.desk
    for _ in range(3):
        await campaign.outbound.feed(desk.home.tenant_id, send_id)
        async with desk.db.system() as tx:  # taken in hand, given to the provider by half, then the process is no more
            taken = await deliveries.claim(tx, desk.account.id, 8)
        for one in taken[:4]:
            outgoing = await desk.post.sender.packing.pack(desk.account, one)
            await desk.post.channels["webhook"].send(desk.account, outgoing)
        fresh = Sender(desk.db, desk.post.channels, desk.post.accounts, desk.post.sender.packing)
        await fresh.recover()
        await fresh.run_due()
    await campaign.through()
    keys = Counter(one["id"] for one in desk.there.got)
    assert len(keys) == 60, "each recipient has one key"
    assert {one["to"] for one in desk.there.got} == {f"p{n}" for n in range(1, 61)}
    assert len(desk.there.got) == 60 + 3 * 4, "sent again with the same key, which the provider knows"
    assert (await campaign.report(send_id))["sent"] == 60


async def test_a_feeder_that_dies_has_made_all_of_a_batch_or_nothing(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    await campaign.people(40)
    await campaign.begun()
    real, calls = feeding.announce, 0

    async def dies(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        made = await real(*args)
        if calls == 1:
            raise KeyboardInterrupt
        return made

    monkeypatch.setattr(feeding, "announce", dies)
    with pytest.raises(KeyboardInterrupt):
        await campaign.outbound.round()
    assert await campaign.desk.rows("SELECT 1 FROM deliveries") == []
    await campaign.through()
    assert Counter(one["to"] for one in campaign.desk.there.got) == {f"p{n}": 1 for n in range(1, 41)}


async def test_those_in_flight_at_a_provider_without_keys_stand_as_unknown_with_their_number(
    campaign: Campaign,
) -> None:
    await campaign.people(12)
    desk = campaign.desk
    desk.post.channels["webhook"] = Unrepeatable(desk.post.channels["webhook"], [])
    send_id = await campaign.begun()
    await campaign.outbound.round()
    async with desk.db.system() as tx:
        taken = await deliveries.claim(tx, desk.account.id, 5)
    await desk.post.channels["webhook"].send(desk.account, await desk.post.sender.packing.pack(desk.account, taken[0]))
    await desk.post.sender.recover()
    await campaign.through()
    report = await campaign.report(send_id)
    assert (report["sent"], report["unsure"]) == (7, 5)
    assert max(Counter(one["to"] for one in desk.there.got).values()) == 1, "nobody got it twice"
    assert await campaign.call("POST", f"/{send_id}/again") == {"again": 5}
    await campaign.through()
    assert (await campaign.report(send_id))["unsure"] == 0


async def test_a_pause_leaves_nothing_to_go_and_resuming_goes_on_where_it_stopped(campaign: Campaign) -> None:
    await campaign.people(50)
    send_id = await campaign.begun()
    campaign.desk.there.answers = [Response(status_code=503)] * 3
    await campaign.outbound.round()
    assert await campaign.desk.post.sender._round() == 8
    paused = await campaign.call("POST", f"/{send_id}/pause")
    assert paused["state"] == "paused"
    for task in list(campaign.desk.post.sender._tasks):
        await task
    campaign.desk.clock.advance(60_000)
    before = len(campaign.desk.there.got)
    await campaign.through()
    assert len(campaign.desk.there.got) == before == 8, "not even what was to be tried again"
    await campaign.call("POST", f"/{send_id}/resume")
    await campaign.through()
    assert {one["to"] for one in campaign.desk.there.got} == {f"p{n}" for n in range(1, 51)}
    assert (await campaign.report(send_id))["sent"] == 50


async def test_a_pause_waits_for_no_batch_and_undoes_it(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    await campaign.people(30)
    send_id = await campaign.begun()
    real, paused = feeding.announce, 0

    async def meanwhile(*args: Any) -> Any:
        nonlocal paused
        paused += 1
        if paused == 1:
            await campaign.call("POST", f"/{send_id}/pause")
        return await real(*args)

    monkeypatch.setattr(feeding, "announce", meanwhile)
    await campaign.outbound.round()
    assert await campaign.desk.rows("SELECT 1 FROM deliveries") == []
    await campaign.call("POST", f"/{send_id}/resume")
    await campaign.through()
    assert Counter(one["to"] for one in campaign.desk.there.got) == {f"p{n}": 1 for n in range(1, 31)}


async def test_a_cancelled_send_says_who_got_nothing(campaign: Campaign) -> None:
    await campaign.people(150)
    send_id = await campaign.begun()
    await campaign.outbound.round()
    found = await campaign.call("POST", f"/{send_id}/cancel")
    await campaign.through()
    assert (found["state"], found["report"]["skipped"]) == ("cancelled", {"send-cancelled": 150})
    assert campaign.desk.there.got == []
    answer = await campaign.call("POST", f"/{send_id}/resume", status=409)
    assert answer["code"] == "send-not-in-that-state"


async def test_it_keeps_its_pace(campaign: Campaign) -> None:
    await campaign.people(30)
    await campaign.begun(per_second=4)
    seen = []
    for _ in range(8):
        await campaign.through()
        seen.append(len(campaign.desk.there.got))
        campaign.desk.clock.advance(500)
    assert seen == [0, 2, 4, 6, 8, 10, 12, 14]


async def test_it_waits_for_its_time_and_for_the_end_of_quiet_hours(campaign: Campaign) -> None:
    await campaign.people(2, '{"country": "FR"}')
    await campaign.people(1, '{"country": "MQ"}')
    send_id = await campaign.draft(purpose="marketing", starts_at="2026-11-20T21:00:00Z")
    campaign.desk.clock.now = 1_795_206_000_000  # Friday 2026-11-20 20:20 UTC
    assert (await campaign.call("POST", f"/{send_id}/start"))["state"] == "scheduled"
    await campaign.through()
    assert campaign.desk.there.got == []
    campaign.desk.clock.advance(41 * 60_000)  # 22:01 in Paris, 17:01 in Fort-de-France
    await campaign.through()
    assert [one["to"] for one in campaign.desk.there.got] == ["p3"]
    report = await campaign.report(send_id)
    assert (report["waiting"], report["quiet"], report["sent"]) == (2, 2, 1)
    campaign.desk.clock.advance(10 * 3_600_000)  # Saturday 8:01 in Paris
    await campaign.through()
    assert (await campaign.report(send_id))["sent"] == 3


async def test_who_asked_for_silence_is_passed_over_and_counted(campaign: Campaign) -> None:
    await campaign.people(6)
    desk = campaign.desk

    async def asks(number: int) -> None:
        async with desk.db.transaction(desk.home.tenant_id) as tx:
            await consent.opt_out(
                tx, firm_id=desk.home.firm_id, kind="external", value=f"webhook:partner:p{number}",
                customer_id="", channel="webhook", word="stop", message_id="",
            )  # fmt: skip

    await asks(1)
    send_id = await campaign.begun()
    assert (await campaign.report(send_id))["skipped"] == {"opted-out": 1}
    await asks(2)  # laid down already
    await campaign.outbound.round()
    await asks(3)  # queued already
    await campaign.through()
    report = await campaign.report(send_id)
    assert (report["skipped"], report["sent"], report["failed"]) == ({"opted-out": 3}, 3, {})
    assert sorted(one["to"] for one in desk.there.got) == ["p4", "p5", "p6"]


async def test_reasons_are_counted_and_hold_up_nobody(campaign: Campaign) -> None:
    await campaign.people(3)
    await campaign.people(1, '{"town": "Lyon"}')
    async with campaign.desk.db.system() as tx:
        await tx.execute("UPDATE addresses SET value = 'webhook:elsewhere:p1' WHERE value = 'webhook:partner:p1'")
    send_id = await campaign.begun(texts={"en": {"text": "{{ customer.attributes.town }}"}})
    await campaign.through()
    report = await campaign.report(send_id)
    assert report["skipped"] == {"not-reachable": 1, "text-not-filled": 2}
    assert [one["text"] for one in campaign.desk.there.got] == ["Lyon"]
    listed = await campaign.call("GET", f"/{send_id}/recipients?state=skipped")
    assert sorted(one["code"] for one in listed["items"]) == ["not-reachable", "text-not-filled", "text-not-filled"]


async def test_five_thousand_are_laid_down_in_as_many_statements_as_five(campaign: Campaign) -> None:
    await campaign.people(5)
    few = await campaign.draft()
    with counted(campaign.desk.db) as of_five:
        await campaign.call("POST", f"/{few}/start")
    await campaign.call("POST", f"/{few}/cancel")
    await campaign.people(4995)
    many = await campaign.draft()
    with counted(campaign.desk.db) as of_many:
        await campaign.call("POST", f"/{many}/start")
    assert of_many.many == of_five.many
    assert (await campaign.report(many))["waiting"] == 5000
    with counted(campaign.desk.db) as of_batch:
        tenant_id = campaign.desk.home.tenant_id
        assert await campaign.outbound.feed(tenant_id, many) == feeding.BATCH
    assert of_batch.many <= 25, "as many for a batch as for one"


async def test_a_trial_goes_out_at_once_and_is_not_counted(campaign: Campaign) -> None:
    await campaign.people(2)
    send_id = await campaign.draft()
    await campaign.call("POST", f"/{send_id}/trial", {"address": "webhook:partner:p2"})
    await campaign.desk.post.sender.run_due()
    assert [one["text"] for one in campaign.desk.there.got] == ["Bonjour Claire"]
    assert (await campaign.report(send_id))["recipients"] == 0
    answer = await campaign.call("POST", f"/{send_id}/trial", {"address": "webhook:partner:nobody"}, status=422)
    assert answer["code"] == "invalid-send"


async def test_the_same_start_twice_begins_once(campaign: Campaign) -> None:
    await campaign.people(2)
    send_id = await campaign.draft()
    for _ in range(2):
        answer = await campaign.client.post(f"/api/v1/sends/{send_id}/start", headers={"Idempotency-Key": "same"})
        assert answer.status_code == 200, answer.text
    await campaign.through()
    assert len(campaign.desk.there.got) == 2


async def test_who_wants_no_advertising_gets_none_under_whatever_name_he_was_laid_down(campaign: Campaign) -> None:
    """One refused, and was found to be the second, who was found to be the third: all three are one who refuses."""
    await campaign.people(4)
    desk = campaign.desk
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await purposes.refuse(tx, person(1), purposes.MARKETING)
    send_id = await campaign.begun(purpose="marketing")
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        for other, kept in ((1, 2), (2, 3)):
            await merge(tx, person(kept), person(other), by="US1", conversation_ids=[])
    await campaign.through()
    report = await campaign.report(send_id)
    assert (report["skipped"], report["sent"]) == ({"opted-out": 3}, 1), report
    assert [one["to"] for one in desk.there.got] == ["p4"]
