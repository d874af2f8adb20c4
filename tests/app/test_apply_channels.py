"""Channel accounts by text and on the screen: checked in their channel's words, never with their secrets, taken away again."""

from typing import Any

import pytest
import yaml

from parlons.channels.accounts import AccountRow, all_accounts
from parlons.runtime.db import Database
from tests.app.test_settings import Centre, centre

__all__ = ["centre"]
PARTNER = """
channels:
- channel: webhook
  key: partner
  firm: North
  name: The partner's app
  address: partner
  settings: {url: "https://partner.test/in", files: true, window_hours: 24}
  secrets: {key: {secret: PARTNER_KEY}}
  per_second: 5
"""


@pytest.fixture(autouse=True)
def _environ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTNER_KEY", "the partner's key")


async def _apply(centre: Centre, text: str, **params: Any) -> Any:
    answer = await centre.browser.post("/configuration", content=text, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _accounts(database: Database, centre: Centre) -> list[AccountRow]:
    async with database.system() as tx:
        tenant_id = await tx.scalar("SELECT tenant_id FROM workspaces WHERE id = :id", {"id": centre.workspace_id})
    async with database.transaction(tenant_id) as tx:
        return await all_accounts(tx, centre.workspace_id)


async def test_a_text_makes_an_account_and_a_second_time_nothing(centre: Centre, database: Database) -> None:
    await _apply(centre, PARTNER)
    (account,) = await _accounts(database, centre)
    assert (account.channel, account.key, account.address, account.per_second) == ("webhook", "partner", "partner", 5)
    assert account.settings == {"url": "https://partner.test/in", "window_hours": 24}, "what is usual is left out"
    assert account.secrets == {"key": "the partner's key"}
    assert (await _apply(centre, PARTNER))["changes"] == []
    exported = yaml.safe_load(await centre.text())["channels"]
    assert exported == [{
        "channel": "webhook", "key": "partner", "firm": "North", "name": "The partner's app", "address": "partner",
        "settings": {"url": "https://partner.test/in", "window_hours": 24}, "per_second": 5,
    }]  # fmt: skip
    assert "the partner" not in str(await centre.get("")).replace("The partner", "")
    assert (await _apply(centre, await centre.text()))["changes"] == [], "a secret that is not named stays"
    (again,) = await _accounts(database, centre)
    assert again.secrets == {"key": "the partner's key"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("channel: webhook", "channel: pigeon", "there is no channel 'pigeon'"),
        ("channel: webhook", "channel: webchat", "web chat is configured under widgets"),
        ("files: true", "colour: red", "colour"),
        ("https://partner.test/in", "partner.test", "url"),
        ("{key: {secret", "{token: {secret", "webhook has no secret 'token'"),
        ("  secrets: {key: {secret: PARTNER_KEY}}\n", "", "key is missing"),
        ("PARTNER_KEY", "NOT_THERE", "NOT_THERE is not set"),
        ("firm: North", "firm: Norht", "Did you mean North?"),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_is_made(
    centre: Centre, database: Database, old: str, new: str, message: str
) -> None:
    answer = await centre.browser.post("/configuration", content=PARTNER.replace(old, new))
    assert answer.status_code == 422
    assert message in answer.text
    assert await _accounts(database, centre) == []


async def test_an_address_stands_for_one_account_of_a_channel(centre: Centre) -> None:
    other = PARTNER.replace("channels:", "").replace("key: partner", "key: second")
    answer = await centre.browser.post("/configuration", content=PARTNER + other)
    assert answer.status_code == 422
    assert "is the address of" in answer.text


async def test_prune_takes_an_account_away(centre: Centre, database: Database) -> None:
    before = await centre.text()
    await _apply(centre, PARTNER)
    told = await _apply(centre, before, prune=True)
    assert {"channel"} <= {change["kind"] for change in told["changes"]}
    assert await _accounts(database, centre) == []


async def test_a_screen_sees_every_setting_and_no_secret(centre: Centre, database: Database) -> None:
    schema = (await centre.get("/schema"))["kinds"]["channel"]
    assert "webhook" in schema["properties"]["channel"]["enum"]
    assert schema["variants"]["webhook"]["secrets"]["properties"] == {"key": {"type": "string", "secret": True}}
    thing: dict[str, Any] = {
        "channel": "webhook", "key": "app", "firm": "North", "name": "", "address": "app", "per_second": None,
        "settings": {"url": "https://app.test/in", "text": 500}, "secrets": {"key": {"value": "typed on the screen"}},
    }  # fmt: skip
    await centre.done("channel/webhook app", thing, {"If-None-Match": "*"})
    (account,) = await _accounts(database, centre)
    assert account.secrets == {"key": "typed on the screen"}
    known = (await centre.get(""))["things"]["channel"]["webhook app"]
    assert known["thing"]["secrets"] == {"key": {"known": True}}
    assert known["thing"]["settings"]["files"] is True, "what is usual is shown"
    changed = {**known["thing"], "settings": {**known["thing"]["settings"], "files": False}}
    await centre.done("channel/webhook app", changed)
    (account,) = await _accounts(database, centre)
    assert account.settings == {"url": "https://app.test/in", "text": 500, "files": False}
    assert account.secrets == {"key": "typed on the screen"}
