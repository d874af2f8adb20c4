"""Webhooks kept over HTTP: what is refused, and whose they are."""

from dataclasses import replace
from typing import Any

import pytest

from parlons.accounts.errors import FirmNotYours, InvalidAccount
from parlons.webhooks import commands, queries
from parlons.webhooks.model import Wanted, WebhookNotFound
from tests.webhooks.conftest import Scene

INSIDE = [
    "http://127.0.0.2/", "http://localhost:1/", "https://[::1]/", "http://169.254.169.254/latest/meta-data",
    "http://[fe80::1]/", "http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", "http://0.0.0.0/",
    "http://2130706434/", "http://0x7f000002/", "http://[::ffff:127.0.0.2]/", "http://[64:ff9b::7f00:2]/",
    "http://100.64.0.1/", "http://[fd00::1]/",
]  # fmt: skip
NO_ADDRESSES = ["ftp://shop.example/", "shop.example", "http:///x", "http://a b/", "javascript:alert(1)"]


@pytest.mark.parametrize(
    ("url", "code"),
    [*((url, "address-refused") for url in INSIDE), *((url, "address-invalid") for url in NO_ADDRESSES)],
)
async def test_addresses_inside_are_refused_when_they_are_kept(scene: Scene, url: str, code: str) -> None:
    status = 403 if code == "address-refused" else 422
    refused = await scene.call("POST", "/webhooks", {"name": "X", "url": url}, status=status)
    assert refused["code"] == code
    assert ("PARLONS_HTTP_ALLOW" in refused["detail"]) == (code == "address-refused"), "who may open it, and by what"
    one = await scene.webhook()
    assert (await scene.call("PATCH", f"/webhooks/{one['id']}", {"url": url}, status=status))["code"] == code
    assert len((await scene.call("GET", "/webhooks"))["items"]) == 1


async def test_the_setting_opens_an_address_inside(scene: Scene) -> None:
    assert (await scene.webhook())["url"] == scene.outside.url("/Orders"), "127.0.0.1 is on the list"


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"events": ["task.vanished"]}, 422, "unknown-events"),
        ({"events": ["webhook.test"]}, 422, "unknown-events"),
        ({"firm_id": "FI9"}, 422, "invalid-account"),
        ({"name": " "}, 422, "invalid-account"),
        ({"name": "Orders"}, 409, "webhook-name-taken"),
        ({"secret": "mine"}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_is_refused(scene: Scene, more: dict[str, Any], status: int, code: str) -> None:
    await scene.webhook()
    body = {"name": "Other", "url": "https://8.8.8.8/", **more}
    assert (await scene.call("POST", "/webhooks", body, status=status))["code"] == code


async def test_a_change_of_what_somebody_else_changed_is_refused(scene: Scene) -> None:
    one = await scene.webhook()
    path = f"/webhooks/{one['id']}"
    changed = await scene.call("PATCH", path, {"name": "New", "version": 1})
    assert (changed["name"], changed["version"], changed["events"]) == ("New", 2, [])
    assert (await scene.call("PATCH", path, {"name": "Newer", "version": 1}, status=409))["code"] == "conflict"
    seen = {"If-Match": (await scene.client.get(f"/api/v1{path}")).headers["etag"]}
    for name, status in (("Mine", 200), ("Late", 412)):
        answer = await scene.client.patch(f"/api/v1{path}", json={"name": name}, headers=seen)
        assert answer.status_code == status, answer.text
    await scene.call("DELETE", path, status=204)
    assert (await scene.call("DELETE", path, status=404))["code"] == "webhook-not-found"


async def test_somebody_of_a_firm_keeps_its_webhooks_only(scene: Scene) -> None:
    tenant = scene.principal.tenant_id
    async with scene.db.transaction(tenant) as tx:
        firm_id = await tx.scalar("SELECT id FROM firms")
    everything, own = await scene.webhook("All"), await scene.webhook("Firm", firm_id=firm_id)
    other = await scene.webhook("Other")
    bound = replace(scene.principal, firm_ids=frozenset({firm_id}))
    async with scene.db.transaction(tenant) as tx:
        assert [each["id"] for each in await queries.listed(tx, bound)] == [own["id"]]
        with pytest.raises(WebhookNotFound):
            await commands.rotate(tx, bound, everything["id"])
        with pytest.raises(InvalidAccount):
            await commands.create(tx, bound, Wanted("Mine", "https://8.8.8.8/"))
        with pytest.raises(FirmNotYours):
            await commands.update(tx, bound, own["id"], {"firm_id": "FI9"})
        with pytest.raises(WebhookNotFound):
            await commands.send_again(tx, bound, other["id"], failed_since=0)


async def test_the_log_is_read_page_by_page(scene: Scene) -> None:
    one = await scene.webhook()
    ids = [(await scene.tried(one))["id"] for _ in range(3)]
    path = f"/webhooks/{one['id']}/deliveries"
    first = await scene.call("GET", f"{path}?limit=2")
    assert ([each["id"] for each in first["items"]], first["next"]) == ([ids[2], ids[1]], ids[1])
    second = await scene.call("GET", f"{path}?limit=2&after={first['next']}")
    assert ([each["id"] for each in second["items"]], second["next"]) == ([ids[0]], None)
    assert (await scene.call("GET", f"{path}?after=WM9", status=422))["code"] == "invalid-cursor"


async def test_what_can_be_asked_for_is_said_in_words(scene: Scene) -> None:
    kinds = (await scene.call("GET", "/webhook-events"))["items"]
    assert {"type": "task.created", "words": "A task is there."} in kinds
