"""Accounts of every channel on screen: each setting of its own set by its labelled control and read back by `parlons export`."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from parlons.testing.processes import Running
from tests.journeys.people import words
from tests.journeys.settings_form import Form, standing
from tests.journeys.test_settings import _begin, _save, centre, exported, page

__all__ = ["centre", "page"]
pytestmark = pytest.mark.asyncio(loop_scope="session")
Json = dict[str, Any]
NOBODY = "http://127.0.0.1:9"
"""Where nothing listens: the accounts are set up, and reach nobody."""
GRAPH: Json = {"api_url": NOBODY, "api_version": "v22.1"}
OWN: dict[str, tuple[str, Json]] = {
    "email": (
        "walk@walk.example",
        {
            "name": "Walk",
            "identities": ["sales@walk.example"],
            "receive": "none",
            "imap_host": "imap.walk.example",
            "imap_port": 143,
            "imap_safety": "starttls",
            "folder": "Customers",
            "first": "new",
            "after": "keep",
            "listen": "127.0.0.1:2626",
            "smtp_host": "smtp.walk.example",
            "smtp_port": 465,
            "smtp_safety": "tls",
            "user": "walker",
            "oauth_url": "https://login.walk.example/token",
            "oauth_client": "walk-client",
            "believe": "nobody",
            "checked_by": "mx.walk.example",
            "mark_in": "nowhere",
            "dkim_selector": "walk1",
            "largest_mb": 30,
        },
    ),
    "sms": (
        "+33155500098",
        {
            "transport": "form",
            "media": True,
            "host": "smsc.walk.example",
            "port": 2776,
            "tls": True,
            "system_id": "walk",
            "system_type": "W",
            "url": f"{NOBODY}/sendsms",
            "username": "walker",
            "sender": "Walk",
            "country_code": "33",
            "most_parts": 4,
            "plain_marks": False,
            "long_messages": "sar",
            "default_charset": "latin1",
            "ia5_charset": "ascii",
            "answer_ids": "hex",
            "receipt_ids": "decimal",
            "receipts": False,
            "window": 5,
            "enquire_seconds": 45,
        },
    ),
    "telegram": ("walk_bot", {"receive": "webhook", "api_url": NOBODY}),
    "whatsapp": ("1234567890", {**GRAPH, "business_account_id": "987654321"}),
    "messenger": ("1234567891", GRAPH),
    "instagram": ("1234567892", GRAPH),
    "facebook": ("1234567893", GRAPH),
    "instagram_comments": ("1234567894", GRAPH),
    "x": ("1234567895", {"api_url": NOBODY}),
    "x_posts": ("1234567896", {"api_url": NOBODY}),
    "matrix": ("@walk:walk.example", {"homeserver_url": NOBODY}),
    "push": ("walk-site", {"show_text": True, "quiet_begins": "22:00", "quiet_ends": "07:30"}),
}


async def test_each_channel_is_set_up_by_its_own_fields(page: Page, centre: Running) -> None:
    t = words("en")["settings"]
    schema = (await (await page.request.get("/api/v1/settings/schema")).json())["kinds"]["channel"]
    assert {*OWN, "webhook"} == set(schema["variants"]), "the generic one is set by the walk through all settings"
    for channel, (address, settings) in OWN.items():
        own = schema["variants"][channel]
        assert set(settings) == set(own["settings"]["properties"]), f"{channel}: not every setting is set by this test"
        secrets = {name: f"s3cret-{name}" for name in own["secrets"]["properties"]}
        account = {
            "channel": channel,
            "key": f"walk-{channel.replace('_', '-')}",
            "firm": "Base",
            "name": f"Walk {channel}",
        }
        await page.goto("/app/settings/accounts")
        await _begin(page, "channel")
        form = Form(page, t, "channel", schema)
        await form.fill({**account, "address": address, "settings": settings, "secrets": secrets})
        await _save(page, t, "create")
        for name in secrets:
            field = page.locator(f'[data-field="secrets.{name}"]').get_by_label(
                form.label(["secrets", name]), exact=True
            )
            await expect(field).to_have_attribute("placeholder", t["secretKept"])
    there = {one["channel"]: one for one in exported(centre)["channel"].values()}
    for channel, (address, settings) in OWN.items():
        fresh = {
            name: each.get("default") for name, each in schema["variants"][channel]["settings"]["properties"].items()
        }
        assert there[channel]["address"] == address
        for name, value in settings.items():
            assert value != fresh[name], f"{channel} {name} is what it was"
            assert standing(there[channel], ("settings", name)) == [value], f"{channel} {name}"
        assert "s3cret" not in str(there[channel]), "a secret is exported"
