"""What can be set up on a screen is part of the text: every section of the settings and every writing route has its place.

A new section or route fails here until somebody says what of it `parlons export` writes, or why it is no setting.
"""

import re
from pathlib import Path

import httpx
import yaml

from parlons.app.configuration.check import KINDS
from parlons.app.main import ROUTERS
from tests.app.test_apply_http import FILE, browser

__all__ = ["browser"]

SECTIONS_TS = Path(__file__).parents[2] / "web/apps/desk/src/settings/sections.ts"
SECTIONS: dict[str, set[str]] = {
    "people": {"user"},
    "roles": {"role"},
    "replies": {"reply"},
    "surveys": {"survey"},
    "intents": {"intent"},
    "recontact": {"recontact"},
    "queues": {"queue"},
    "workflows": {"workflow"},
    "skills": {"user"},
    "firms": {"firm"},
    "hours": {"hours"},
    "accounts": {"channel"},
    "lookups": {"lookup"},
    "panels": {"panel"},
    "webhooks": {"webhook"},
    "entries": {"entry_point"},
    "widgets": {"widget"},
    "flows": {"flow"},
    "trunks": {"trunk"},
    "activities": {"activity"},
    "channels": {"task_channel"},
    "workspace": {"workspace"},
}
"""The kinds of the text that a section sets up."""
NO_SETTING = {
    "keys": "a key is a secret that is shown once; no text may hold it",
    "audit": "shows what was done",
    "history": "shows what was changed, and takes it back",
    "text": "is the text",
    "health": "shows how the machine is",
}
IN_TEXT = {
    r"/firms": {"firm"},
    r"/appointment-settings": {"firm"},
    r"/users(/\{user_id\})?$": {"user"},
    r"/roles": {"role"},
    r"/replies(?!/sample)": {"reply"},
    r"/alerts": {"queue"},
    r"/webhooks(/\{webhook_id\})?$": {"webhook"},
    r"/intents/misses/\{miss_id\}/learn": {"intent"},
    r"/voice/contact_addresses": {"user"},
    r"/configuration": set(KINDS),
    r"/settings/(?!drafts)": set(KINDS),
}
"""Routes that set something up, and the kinds that say it."""
OTHERWISE = {
    "a person's own preference": r"/me\b|/notices|/settings/drafts",
    "a secret, or a way in": r"/session|/me/password|/keys|/webhooks/\{webhook_id\}/|/account-token"
    r"|/users/\{user_id\}/(link|reset)|/join"
    r"|/conversations/.*/links",
    "a file: backups hold it": r"/prompts|/files|/recordings",
    "work on contacts": r"/(conversations|customers|tasks|reservations|calls|webchat|webcall|hooks|messages|sends)\b",
    "what was not understood: it is the customers'": r"/intents/misses/\{miss_id\}$",
    "work on one customer": r"/(single-messages|leavers|appointments)\b",
    "the day on the floor": r"/(workers|moves|floor|announcements)\b|/voice/(phone|quality)|/activities/",
    "what a firm knows and says: backups hold it": (
        r"/articles|/article-sections|/article-files|/article-offers|/help-centres"
    ),
    "asks only": r"/(queues|workflows|expressions|intents)/(try|check)|/replies/sample|/expressions",
    "what colleagues say to each other": r"/team/discussions",
    "a text kept beside the live one, and who gets it for a while: the text says what everybody gets": r"/flows/",
    "asks a customer system whether it answers": r"/lookups/",
    "the machine": r"/operations",
}
"""Why a writing route sets nothing up that a text could say."""


def _writing() -> set[str]:
    return {
        route.path
        for router in ROUTERS
        for route in router.routes
        if set(getattr(route, "methods", None) or ()) - {"GET", "HEAD", "OPTIONS"}
    }


def test_every_section_of_the_settings_is_said_by_the_text_or_is_no_setting() -> None:
    sections = set(re.findall(r'\{ id: "([\w-]+)", group:', SECTIONS_TS.read_text()))
    assert len(sections) > 15
    assert sections == SECTIONS.keys() | NO_SETTING.keys(), "a section without its place in this test"
    assert set().union(*SECTIONS.values()) == KINDS.keys(), "a kind of the text that no section sets up"


def test_every_writing_route_is_said_by_the_text_or_sets_nothing_up() -> None:
    paths = _writing()
    assert len(paths) > 60
    settled = [*IN_TEXT, *OTHERWISE.values()]
    assert [path for path in sorted(paths) if not any(re.match(each, path) for each in settled)] == []
    for pattern in settled:
        parts = pattern.split("|") if "(" not in pattern else [pattern]
        assert all(any(re.match(part, path) for path in paths) for part in parts), f"{pattern} fits no route any more"


async def test_what_the_routes_of_people_and_firms_set_is_exported(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/configuration", content=FILE)).status_code == 200
    firm = (await browser.post("/firms", json={"name": "South", "colour": "#114477", "languages": ["fr"]})).json()
    assert (await browser.post("/roles", json={"name": "Night", "rights": ["read"]})).status_code == 201
    person = {"email": "nadia@firm.test", "name": "Nadia", "role": "Night", "firm_ids": [firm["id"]], "locale": "fr"}
    made = await browser.post("/users", json=person)
    assert made.status_code == 201, made.text
    told = yaml.safe_load((await browser.get("/configuration")).text)
    assert {"name": "South", "colour": "#114477", "languages": ["fr"]} in told["firms"]
    assert [role["name"] for role in told["roles"]] == ["Night"]
    nadia = next(each for each in told["users"] if each["email"] == "nadia@firm.test")
    assert (nadia["role"], nadia["firms"], nadia["locale"]) == ("Night", ["South"], "fr")
    changed = await browser.patch(
        f"/users/{made.json()['id']}", json={"name": "Nadia B.", "version": made.json()["version"]}
    )
    assert changed.status_code == 200, changed.text
    assert (await browser.delete(f"/users/{made.json()['id']}")).status_code == 204
    assert "nadia@firm.test" not in (await browser.get("/configuration")).text
