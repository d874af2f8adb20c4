"""Records at the desk and contacts written back: found, made, changed, an outage, conflicts, news from there, erasure."""

from parlons.crm.linking import erase
from parlons.simulator.providers.wire import Trouble
from tests.crm.conftest import Firm

MAIL = "claire@firm.example"


async def test_a_contact_that_ended_is_written_back_once(firm: Firm) -> None:
    person = firm.shop.books.add(name="Claire R.", email=MAIL)
    conversation_id, _ = await firm.comes("claire", MAIL)
    await firm.ends(conversation_id)
    await firm.work()
    ((about, note),) = firm.shop.books.notes
    assert (about, note["url"]) == (person.id, f"https://desk.example/app/c/{conversation_id}")
    assert note["title"].endswith(": Not served")
    assert await firm.states() == ["done"]


async def test_an_outage_queues_and_says_so_and_what_waits_goes_on_at_the_first_answer(firm: Firm) -> None:
    firm.shop.books.add(name="Claire R.", email=MAIL)
    conversation_id, customer_id = await firm.comes("claire", MAIL)
    assert (await firm.seen(customer_id))["state"] == "linked"
    firm.shop.books.down = True
    await firm.ends(conversation_id)
    await firm.work()
    seen = await firm.seen(customer_id, fresh=False)
    assert (seen["state"], seen["waiting"], seen["reason"]) == ("stale", 1, "503")
    assert seen["away_since_at"] is not None
    assert seen["record"]["values"]["name"] == "Claire R.", "what is known is shown"
    asked = len(firm.shop.books.asked)
    await firm.work(1000)
    assert len(firm.shop.books.asked) == asked, "it is not asked before its time"
    firm.shop.books.down = False
    assert (await firm.call("POST", f"/lookups/{firm.lookup.id}/test", status=200))["works"] is True
    await firm.work()
    assert len(firm.shop.books.notes) == 1
    (state,) = (await firm.call("GET", "/lookups", status=200))["items"]
    assert (state["waiting"], state["away_since_at"], state["reason"]) == (0, None, "")


async def test_an_answer_that_was_lost_makes_no_double(firm: Firm) -> None:
    firm.shop.books.add(name="Claire R.", email=MAIL)
    conversation_id, customer_id = await firm.comes("claire", MAIL)
    await firm.seen(customer_id)
    firm.shop.books.troubles.append(Trouble(502, carried_out=True))
    await firm.ends(conversation_id)
    await firm.work()
    assert await firm.states() == ["waiting"]
    await firm.work(2000)
    assert (await firm.states(), len(firm.shop.books.notes)) == (["done"], 1)


async def test_who_is_not_there_is_made_by_hand_or_with_his_contact(firm: Firm) -> None:
    conversation_id, customer_id = await firm.comes("claire", MAIL)
    seen = await firm.seen(customer_id)
    assert (seen["state"], seen["prefill"]["email"]) == ("absent", MAIL)
    assert seen["pop_url"] == "https://crm.example/search?mail=claire%40firm.example&name=Claire"
    await firm.ends(conversation_id)
    await firm.work()
    assert await firm.states() == ["nobody"]
    await firm.call("POST", firm.at(customer_id), {"values": {"name": "Claire Rousseau", "email": MAIL}})
    await firm.work()
    seen = await firm.seen(customer_id)
    assert (seen["state"], seen["record"]["values"]["name"]) == ("linked", "Claire Rousseau")
    again = await firm.call("POST", firm.at(customer_id), {"values": {}}, status=409)
    assert again["code"] == "record-already-linked"
    await firm.put(create_missing=True)
    other, _ = await firm.comes("david", "david@firm.example")
    await firm.ends(other)
    await firm.work()
    assert [one.values["email"] for one in firm.shop.books.people.values()] == [MAIL, "david@firm.example"]


async def test_of_several_one_is_chosen(firm: Firm) -> None:
    firm.shop.books.add(name="Old", email=MAIL)
    right = firm.shop.books.add(name="Right", email=MAIL)
    _, customer_id = await firm.comes("claire", MAIL)
    seen = await firm.seen(customer_id)
    assert (seen["state"], [one["values"]["name"] for one in seen["candidates"]]) == ("several", ["Old", "Right"])
    await firm.call("POST", f"{firm.at(customer_id)}/link", {"record_id": right.id}, status=204)
    assert (await firm.seen(customer_id))["record"]["id"] == right.id
    await firm.call("POST", f"{firm.at(customer_id)}/link", {"record_id": None}, status=204)
    assert (await firm.seen(customer_id))["state"] == "several"
    assert (await firm.call("POST", f"{firm.at(customer_id)}/link", {"record_id": "0"}, status=404))[
        "code"
    ] == "record-gone"


async def test_a_change_is_written_and_one_that_meets_another_keeps_both(firm: Firm) -> None:
    person = firm.shop.books.add(name="Claire", email=MAIL, tier="gold")
    _, customer_id = await firm.comes("claire", MAIL)
    seen = (await firm.seen(customer_id))["record"]["values"]
    firm.shop.books.change(person.id, tier="blue")
    await firm.call("PATCH", firm.at(customer_id), {"values": {"tier": "red", "phone": "+33612345678"}, "seen": seen})
    await firm.work()
    assert (person.values["tier"], person.values["phone"]) == ("blue", "+33612345678")
    (write,) = (await firm.seen(customer_id))["writes"]
    assert (write["state"], write["values"], write["theirs"]) == ("conflict", {"tier": "red"}, {"tier": "blue"})
    await firm.call("POST", f"/customers/{customer_id}/records/writes/{write['id']}/settle", {"keep": "ours"})
    await firm.work()
    assert person.values["tier"] == "red"
    assert (await firm.seen(customer_id))["writes"] == []


async def test_what_the_system_refuses_is_shown_and_may_be_given_up(firm: Firm) -> None:
    person = firm.shop.books.add(name="Claire", email=MAIL)
    _, customer_id = await firm.comes("claire", MAIL)
    seen = (await firm.seen(customer_id))["record"]["values"]
    await firm.call("PATCH", firm.at(customer_id), {"values": {"email": "nonsense"}, "seen": seen})
    await firm.work()
    (write,) = (await firm.seen(customer_id))["writes"]
    assert (write["state"], write["reason"], person.values["email"]) == ("refused", "422 invalid-email", MAIL)
    await firm.call("POST", f"/customers/{customer_id}/records/writes/{write['id']}/settle", {"keep": "theirs"})
    assert (await firm.seen(customer_id))["writes"] == []
    refused = await firm.call("PATCH", firm.at(customer_id), {"values": {"owner": "me"}, "seen": {}}, status=422)
    assert refused["code"] == "lookup-refused"


async def test_what_changed_there_is_taken_over_unless_we_said_otherwise(firm: Firm) -> None:
    person = firm.shop.books.add(name="Claire", email=MAIL, tier="gold")
    _, customer_id = await firm.comes("claire", MAIL)
    await firm.seen(customer_id)
    assert (await firm.customer(customer_id)).attributes["tier"] == "gold"
    await firm.work()
    firm.desk.clock.advance(1000)
    firm.shop.books.change(person.id, tier="blue", name="Claire Rousseau")
    await firm.work(300_000)
    found = await firm.customer(customer_id)
    assert (found.name, found.attributes["tier"]) == ("Claire Rousseau", "blue")
    async with firm.desk.db.transaction(firm.desk.home.tenant_id) as tx:
        from parlons.customers.commands import update_customer

        await update_customer(tx, customer_id, attributes={"tier": "silver"})
    firm.shop.books.change(person.id, tier="black")
    hook = f"/lookup-hooks/{firm.lookup.id}"
    assert (await firm.client.post(hook, json={"ids": [person.id]})).status_code == 403
    told = await firm.client.post(hook, json={"ids": [person.id]}, headers={"authorization": "Bearer hook-secret"})
    assert told.status_code == 204, told.text
    await firm.work()
    assert (await firm.customer(customer_id)).attributes["tier"] == "silver", "both stand"
    (two,) = (await firm.seen(customer_id))["differences"]
    assert two == {"to": "attributes.tier", "ours": "silver", "theirs": "black"}
    await firm.call("POST", f"{firm.at(customer_id)}/settle", {"to": "attributes.tier", "keep": "ours"})
    await firm.work()
    assert person.values["tier"] == "silver"


async def test_who_is_gone_there_is_looked_for_anew(firm: Firm) -> None:
    person = firm.shop.books.add(name="Claire", email=MAIL)
    _, customer_id = await firm.comes("claire", MAIL)
    await firm.seen(customer_id)
    del firm.shop.books.people[person.id]
    assert (await firm.seen(customer_id))["state"] == "absent"


async def test_nothing_of_an_erased_customer_stays(firm: Firm) -> None:
    firm.shop.books.add(name="Claire", email=MAIL)
    conversation_id, customer_id = await firm.comes("claire", MAIL)
    await firm.seen(customer_id)
    await firm.ends(conversation_id)
    async with firm.desk.db.transaction(firm.desk.home.tenant_id) as tx:
        await erase(tx, [customer_id])
    await firm.work()
    assert firm.shop.books.notes == []
    assert await firm.desk.rows("SELECT 1 FROM record_links UNION ALL SELECT 1 FROM record_writes") == []
