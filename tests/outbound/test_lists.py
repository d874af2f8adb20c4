"""Lists that are uploaded, links to leave, what erasing leaves, who may."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from parlons.channels.accounts import AccountRow, new_account_id, put_account
from parlons.channels.email import building
from parlons.conversations import deliveries
from parlons.customers.commands import find_or_create_by_address
from parlons.kit.ids import SEND
from parlons.outbound import commands
from parlons.outbound.filling import LEAVE
from tests.outbound.conftest import Campaign, counted

TEXTS = {
    "fr": {
        "subject": "Les pneus d’hiver, {{ customer.first_name }}",
        "text": "Votre {{ customer.attributes.car }} est prête.",
    }
}


@pytest.fixture
async def by_mail(campaign: Campaign) -> AsyncIterator[str]:
    """A mailbox of the firm; its id."""
    desk = campaign.desk
    row = AccountRow(
        new_account_id(desk.clock()), desk.home.workspace_id, desk.home.firm_id, "email", "shop", "Shop",
        "shop@delmas.example", {"smtp_host": "127.0.0.1", "receive": "none"}, {},
    )  # fmt: skip
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await put_account(tx, row)
    desk.clock.advance(5_000)
    return row.id


async def _packed(campaign: Campaign) -> list[Any]:
    """What would be given to the channel, made ready as for sending."""
    rows = await campaign.desk.rows("SELECT id FROM channel_accounts WHERE channel = 'email'")
    account = await campaign.desk.post.accounts.by_id(rows[0]["id"])
    assert account is not None
    async with campaign.desk.db.system() as tx:
        claimed = await deliveries.claim(tx, account.id, 100)
    return [(account, await campaign.desk.post.sender.packing.pack(account, one)) for one in claimed]


async def test_a_list_of_mails_with_a_link_to_leave(campaign: Campaign, by_mail: str) -> None:
    send_id = await campaign.draft(account_id=by_mail, texts=TEXTS, segment=None, purpose="marketing")
    table = "\ufeffname;address;car;country\nClaire Rousseau;Claire@Example.org;Vela 3;MQ\n"
    table += "Bob;bob(at)example;;\nClaire;claire@example.org;;\n"
    added = await campaign.call("POST", f"/{send_id}/recipients", {"csv": table})
    assert added == {"added": 1, "unusable": 1, "unusable_places": [2]}
    shown = await campaign.call("POST", f"/{send_id}/preview", {})
    assert shown["subject"] == "Les pneus d’hiver, Claire"
    await campaign.call("POST", f"/{send_id}/start")
    campaign.desk.clock.now = 1_795_201_200_000  # a Friday, 15:00 in Fort-de-France
    await campaign.outbound.round()
    ((account, outgoing),) = await _packed(campaign)
    mail = building.build(account, outgoing, now=campaign.desk.clock()).decode()
    link = re.search(r"List-Unsubscribe: <(https://desk\.example/unsubscribe/[^>]+)>\r\n", mail)
    assert link is not None
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in mail
    assert "Auto-Submitted: auto-generated\r\n" in mail
    assert outgoing.text == f"Votre Vela 3 est prête.\n\n{LEAVE['fr']}{link[1]}"
    looked = await campaign.client.get(link[1], headers={"accept-language": "fr-FR"})
    assert (looked.status_code, "Ne plus recevoir de messages</button>" in looked.text) == (200, True)
    assert await campaign.desk.rows("SELECT 1 FROM opt_outs") == [], "looking is not leaving"
    for _ in range(2):
        done = await campaign.client.post(link[1], data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
    assert len(await campaign.desk.rows("SELECT 1 FROM opt_outs WHERE word = 'unsubscribe link'")) == 1
    forged = link[1][:-1] + ("0" if link[1][-1] != "0" else "1")
    assert (await campaign.client.post(forged)).status_code == 404
    second = await campaign.draft(account_id=by_mail, texts=TEXTS, segment=None, purpose="marketing")
    await campaign.call("POST", f"/{second}/recipients", {"items": [{"address": "claire@example.org"}]})
    refused = await campaign.call("POST", f"/{second}/start", status=409)
    assert refused["code"] == "nobody-to-send-to"


async def test_a_known_customer_of_a_list_is_himself(campaign: Campaign, by_mail: str) -> None:
    desk = campaign.desk
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        known = await find_or_create_by_address(
            tx, workspace_id=desk.home.workspace_id, firm_id=desk.home.firm_id, kind="email", value="ana@example.org",
            verified=True, name="Ana",
        )  # fmt: skip
    text = {"en": {"subject": "Order", "text": "{{ customer.name }}: ready"}}
    send_id = await campaign.draft(account_id=by_mail, texts=text, segment=None, purpose="service")
    people = [{"address": "ana@example.org", "name": "Somebody"}, {"address": "new@example.org", "name": "Newman"}]
    await campaign.call("POST", f"/{send_id}/recipients", {"items": people})
    await campaign.call("POST", f"/{send_id}/start")
    await campaign.outbound.round()
    packed = {outgoing.to: outgoing for _, outgoing in await _packed(campaign)}
    assert {to: one.text for to, one in packed.items()} == {
        "ana@example.org": "Ana: ready",
        "new@example.org": "Newman: ready",
    }
    assert {one.unsubscribe for one in packed.values()} == {""}, "what somebody waits for bears no such link"
    rows = await desk.rows("SELECT customer_id FROM send_recipients WHERE value = 'ana@example.org'")
    assert rows[0]["customer_id"] == known.id


async def test_erasing_empties_lists_also_where_nobody_knew_whose_an_address_was(
    campaign: Campaign, by_mail: str
) -> None:
    send_id = await campaign.draft(account_id=by_mail, texts=TEXTS, segment=None)
    people = [{"address": "ana@example.org", "name": "Ana", "car": "Vela"}, {"address": "bob@example.org"}]
    await campaign.call("POST", f"/{send_id}/recipients", {"items": people})
    async with campaign.desk.db.transaction(campaign.desk.home.tenant_id) as tx:
        await commands.forget(tx, "CU" + "9" * 32, [("email", "ana@example.org")])
    rows = await campaign.desk.rows("SELECT * FROM send_recipients ORDER BY id")
    assert (rows[0]["value"], rows[0]["name"], rows[0]["attributes"]) == (str(rows[0]["id"]), "", {})
    assert [(row["state"], row["code"]) for row in rows] == [("skipped", "erased"), ("waiting", "")]


async def test_what_cannot_be_is_refused(campaign: Campaign) -> None:
    body = {"name": "Spring", "account_id": campaign.desk.account.id, "texts": {"en": {"text": "Hello"}}, "segment": {}}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"texts": {}}, "invalid-send"),
        ({"texts": {"en": {"text": "{{ customer.wage }}"}}}, "unknown-variable"),
        ({"texts": {"en": {"text": "x", "subject": "No subjects here"}}}, "invalid-send"),
        ({"zone": "Paris"}, "invalid-send"),
        ({"per_second": 0}, "invalid-send"),
        ({"name": " "}, "invalid-send"),
        ({"texts": {"en": {"text": "", "template": "spring"}}}, "invalid-send"),
    ]
    for more, code in wrong:
        assert (await campaign.call("POST", "", {**body, **more}, status=422))["code"] == code, more


async def test_what_is_done_stands_in_the_audit(campaign: Campaign) -> None:
    await campaign.people(1)
    send_id = await campaign.begun()
    for step in ("pause", "resume", "cancel"):
        await campaign.call("POST", f"/{send_id}/{step}")
    rows = await campaign.desk.rows("SELECT action FROM audit WHERE object_id = :id ORDER BY at, id", id=send_id)
    assert sorted(row["action"] for row in rows) == [
        "send.cancelled", "send.created", "send.paused", "send.resumed", "send.started"
    ]  # fmt: skip
    gone = await campaign.call("GET", f"/{SEND}{'0' * 32}", status=404)
    assert gone["code"] == "unknown-send"


async def test_the_list_comes_in_pages_and_costs_the_same_for_many_sends_as_for_one(campaign: Campaign) -> None:
    await campaign.people(3)
    first = await campaign.begun()
    with counted(campaign.desk.db) as of_one:
        await campaign.call("GET", "")
    names = [first, *[await campaign.begun() for _ in range(4)]]
    with counted(campaign.desk.db) as of_five:
        found = await campaign.call("GET", "?limit=4")
    assert of_five.many == of_one.many
    rest = await campaign.call("GET", f"?limit=4&cursor={found['next']}")
    assert [one["id"] for one in [*found["items"], *rest["items"]]] == sorted(names, reverse=True)
    assert rest["next"] is None
    assert all(one["report"]["waiting"] == 3 for one in found["items"])
    assert (await campaign.call("GET", "?cursor=nonsense", status=422))["code"] == "invalid-cursor"


async def test_who_unsubscribes_because_of_a_send_is_counted_with_it(campaign: Campaign) -> None:
    await campaign.people(3)
    send_id = await campaign.begun()
    await campaign.through()
    await campaign.desk.says("STOP", who="p1")
    await campaign.desk.says("Thank you", who="p2")
    report = await campaign.report(send_id)
    assert (report["answered"], report["unsubscribed"]) == (2, 1)


async def test_a_preview_may_be_of_the_next_recipient(campaign: Campaign) -> None:
    await campaign.people(2)
    send_id = await campaign.draft()
    seen = [(await campaign.call("POST", f"/{send_id}/preview", {"place": place}))["name"] for place in (0, 1)]
    assert seen == ["Claire 1", "Claire 2"]
    assert (await campaign.call("POST", f"/{send_id}/preview", {"place": 2}, status=409))["code"] == "nobody-to-send-to"
