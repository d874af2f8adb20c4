"""Customer systems by text and on the screen: checked in the words of their kind, never with their secrets, taken away again."""

from typing import Any

import pytest
import yaml

from parlons.crm.loading import all_lookups
from parlons.crm.model import LookupRow
from parlons.runtime.db import Database
from tests.app.test_settings import Centre, centre

__all__ = ["centre"]
SHOP = """
lookups:
- name: Shop
  system: rest
  firm: North
  settings: {url: "https://shop.test", find_phone: "", update_method: PATCH}
  secrets: {token: {secret: SHOP_TOKEN}}
  fields:
  - {name: full_name, label: {fr: Nom}, to: name, edit: true}
  - {name: tier, to: attributes.tier}
  pop_url: "https://shop.test/search?phone={{ customer.phone }}"
  poll_minutes: 0
"""


@pytest.fixture(autouse=True)
def _environ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "the shop's token")


async def _apply(centre: Centre, text: str, **params: Any) -> Any:
    answer = await centre.browser.post("/configuration", content=text, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _stored(database: Database, centre: Centre) -> list[LookupRow]:
    async with database.system() as tx:
        tenant_id = await tx.scalar("SELECT tenant_id FROM workspaces WHERE id = :id", {"id": centre.workspace_id})
    async with database.transaction(tenant_id) as tx:
        return await all_lookups(tx, centre.workspace_id)


async def test_a_text_makes_a_system_and_a_second_time_nothing(centre: Centre, database: Database) -> None:
    before = await centre.text()
    await _apply(centre, SHOP)
    (row,) = await _stored(database, centre)
    assert (row.system, row.poll_minutes, row.secrets) == ("rest", 0, {"token": "the shop's token"})
    assert row.settings == {"url": "https://shop.test", "find_phone": ""}, "what is usual is left out"
    assert [(one.name, one.to, one.edit) for one in row.fields] == [
        ("full_name", "name", True),
        ("tier", "attributes.tier", False),
    ]
    assert (await _apply(centre, SHOP))["changes"] == []
    (exported,) = yaml.safe_load(await centre.text())["lookups"]
    assert "secrets" not in exported
    assert (await _apply(centre, await centre.text(), prune=True))["changes"] == [], "a secret that is not named stays"
    (row,) = await _stored(database, centre)
    assert row.secrets == {"token": "the shop's token"}
    await _apply(centre, before + "lookups: []\n", prune=True)
    assert await _stored(database, centre) == []


WRONG = (
    ("system: rest", "system: pigeon", "there is no customer system 'pigeon'"),
    ('"https://shop.test"', "shop", "url"),
    ("update_method: PATCH", "colour: red", "colour"),
    ("{token: {secret", "{password: {secret", "rest has no secret 'password'"),
    ("SHOP_TOKEN", "NOT_THERE", "NOT_THERE is not set"),
    ("firm: North", "firm: Norht", "Did you mean North?"),
    ("to: name", "to: soul", "attributes.NAME"),
    ("name: tier", "name: full_name", "stands here twice"),
    ("https://shop.test/search?phone={{ customer.phone }}", "https://{{ customer.name }}/x", "write an address"),
    ("{{ customer.phone }}", "{{ customer.soul }}", "customer.soul"),
    ("system: rest", "system: odoo", "odoo has no secret 'token'"),
)


async def test_what_is_wrong_is_told_and_nothing_is_made(centre: Centre, database: Database) -> None:
    for old, new, message in WRONG:
        answer = await centre.browser.post("/configuration", content=SHOP.replace(old, new, 1))
        assert (answer.status_code, message in answer.text) == (422, True), answer.text
    assert await _stored(database, centre) == []


async def test_a_kind_that_needs_a_secret_says_so(centre: Centre) -> None:
    odoo = 'lookups: [{name: O, system: odoo, settings: {url: "https://o.test", database: d, login: l}}]'
    answer = await centre.browser.post("/configuration", content=odoo)
    assert (answer.status_code, "api-key is missing" in answer.text) == (422, True)


async def test_a_screen_sees_every_setting_and_no_secret(centre: Centre, database: Database) -> None:
    schema = (await centre.get("/schema"))["kinds"]["lookup"]
    assert schema["properties"]["system"]["enum"] == ["hubspot", "odoo", "rest", "salesforce"]
    assert schema["variants"]["odoo"]["secrets"]["properties"]["api-key"] == {"type": "string", "secret": True}
    thing: dict[str, Any] = {
        "name": "Hub", "system": "hubspot", "settings": {}, "secrets": {"token": {"value": "typed on the screen"}},
    }  # fmt: skip
    await centre.done("lookup/Hub", thing, {"If-None-Match": "*"})
    (row,) = await _stored(database, centre)
    assert row.secrets == {"token": "typed on the screen"}
    known = (await centre.get(""))["things"]["lookup"]["Hub"]["thing"]
    assert known["secrets"] == {"token": {"known": True}}
    assert known["settings"]["url"] == "https://api.hubapi.com", "what is usual is shown"
    await centre.done("lookup/Hub", {**known, "name": "Hub two", "poll_minutes": 9})
    (row,) = await _stored(database, centre)
    assert (row.name, row.poll_minutes, row.secrets) == ("Hub two", 9, {"token": "typed on the screen"})


async def test_a_panel_of_ones_own_goes_round_without_its_key(centre: Centre) -> None:
    url = "https://o.test/p?m={{ customer.email }}"
    text = f'panels: [{{name: Orders, firm: North, url: "{url}", secrets: {{signing: {{secret: SHOP_TOKEN}}}}}}]'
    await _apply(centre, text)
    (exported,) = yaml.safe_load(await centre.text())["panels"]
    assert exported == {"name": "Orders", "firm": "North", "url": "https://o.test/p?m={{ customer.email }}"}
    assert (await _apply(centre, await centre.text()))["changes"] == []
    known = (await centre.get(""))["things"]["panel"]["Orders"]["thing"]
    assert known["secrets"] == {"signing": {"known": True}}
    for wrong in ("https://o.test;x/p", "javascript:alert(1)", "https://{{ customer.name }}.test/"):
        answer = await centre.browser.post("/configuration", content=text.replace("https://o.test/p", wrong))
        assert (answer.status_code, "write an address" in answer.text) == (422, True), answer.text
