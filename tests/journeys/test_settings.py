"""Settings on screen: every field of the model changed through its labelled control and read back by `parlons export`."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from parlons.app.configuration.check import Things, defaults, merged, parse
from parlons.testing.processes import Running, data_folder
from tests.journeys.people import LAPTOP, ROOT, words
from tests.journeys.settings_form import Form, leaves, standing
from tests.journeys.settings_things import BASE, FULL
from tests.journeys.test_sweep import BOTH, Sweep

pytestmark = pytest.mark.asyncio(loop_scope="session")
Json = dict[str, Any]
ADMINISTRATOR = "Administrator, one-time link"
SECRETS = {("trunk", ("password",)), ("widget", ("identity",)), ("user", ("phone", "password"))}
SECRETS |= {("channel", ("secrets", "*")), ("lookup", ("secrets", "*")), ("panel", ("secrets", "signing"))}
SECRETS |= {("webhook", ("secrets", "signing"))}
"""Written on screen, never exported: that they arrived is seen by the field saying so."""

SECTION = {"task_channel": "channels", "activity": "activities", "hours": "hours", "workspace": "workspace"}
SECTION |= {
    "entry_point": "entries",
    "user": "people",
    "reply": "replies",
    "channel": "accounts",
    "recontact": "recontact",
}
WITH_ALL = {"queue", "workflow", "user"}
"""Kinds whose page shows the most important fields, and all of them on demand."""


def section(kind: str) -> str:
    """Where a kind is set up."""
    return SECTION.get(kind, f"{kind}s")


@pytest.fixture(scope="module")
def centre() -> Iterator[Running]:
    """A centre of its own with a little of everything to refer to."""
    with data_folder() as data, Running(data) as server:
        headers = {"Authorization": f"Bearer {server.operator_key()}"}
        answer = httpx.post(f"{server.url}/api/v1/configuration", content=BASE, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser, centre: Running) -> AsyncIterator[Page]:
    """The administrator at the desk, in English."""
    headers = {"Authorization": f"Bearer {centre.operator_key()}", "X-Parlons": "1"}
    async with httpx.AsyncClient(base_url=f"{centre.url}/api/v1", headers=headers, timeout=60) as api:
        users = (await api.get("/users")).json()["items"]
        admin = next(each for each in users if each["role"] == "administrator")
        link = (await api.post(f"/users/{admin['id']}/link")).json()["link"]
    context = await chromium.new_context(viewport=LAPTOP, locale="en-GB", base_url=centre.url)
    context.set_default_timeout(20_000)
    opened = await context.new_page()
    await opened.goto(link)
    await opened.get_by_role("button", name=words("en")["session"]["open"]).click()
    await expect(opened.get_by_role("banner")).to_be_visible()
    yield opened
    await opened.request.patch("/api/v1/me", data={"locale": "en"}, headers={"X-Parlons": "1"})
    await context.close()


def exported(centre: Running) -> Things:
    """What `parlons export` says, in normal form."""
    environ = {**os.environ, "PARLONS_URL": centre.url, "PARLONS_KEY": centre.operator_key()}
    command = [sys.executable, "-m", "parlons.app.cli", "export"]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=True)
    empty: Things = {kind: {} for kind in parse("{}").things}
    return merged({**empty, "workspace": {"workspace": dict(defaults("workspace"))}}, parse(done.stdout).things)


async def _save(page: Page, t: Json, word: str) -> None:
    async with page.expect_response(
        lambda answer: answer.request.method == "PUT" and "dry_run=false" in answer.url
    ) as told:
        await page.get_by_role("button", name=t[word], exact=True).click()
    answer = await told.value
    assert answer.status == 200, await answer.text()


async def _begin(page: Page, kind: str) -> None:
    """To the form of a new thing with all its fields."""
    t = words("en")
    if kind == "workspace":
        return
    new = {
        "queue": t["routing"]["queue"]["new"],
        "workflow": t["routing"]["workflow"]["new"],
        "user": t["staff"]["invite"],
    }
    plain = t["settings"]["newOne"].replace("{{kind}}", t["settings"]["kind"][kind]["one"])
    await page.get_by_role("button", name=new.get(kind, plain), exact=True).click()
    if kind in WITH_ALL:
        await page.get_by_role("link", name=t["settings"]["allFields"], exact=True).click()


async def _make_role(page: Page, thing: Json) -> None:
    """On the page of roles, where all its fields stand."""
    t = words("en")["staff"]
    await page.get_by_role("button", name=t["newRole"], exact=True).click()
    await page.get_by_role("textbox", name=t["roleName"], exact=True).fill(thing["name"])
    for right in thing["rights"]:
        await page.get_by_role("checkbox", name=t["right"][right], exact=True).check()
    async with page.expect_response(lambda answer: answer.request.method == "POST" and "/roles" in answer.url) as told:
        await page.get_by_role("button", name=t["save"], exact=True).click()
    assert (await told.value).status == 201


async def _write_reply(page: Page, thing: Json) -> None:
    """On the page of ready replies, where all its fields stand."""
    t = words("en")["comfort"]["replies"]
    await page.get_by_role("button", name=t["new"], exact=True).click()
    await page.get_by_role("textbox", name=t["name"], exact=True).fill(thing["title"])
    await page.get_by_role("textbox", name=t["shortcut"], exact=True).fill(thing["shortcut"])
    for word in ("firm", "queue"):
        await page.get_by_role("combobox", name=t[word], exact=True).select_option(thing[word])
    for language, text in thing["texts"].items():
        label = t["text"].replace("{{language}}", {"en": "English", "fr": "French"}[language])
        await page.get_by_role("textbox", name=label, exact=True).fill(text)
    async with page.expect_response(
        lambda answer: answer.request.method == "POST" and answer.url.endswith("/replies")
    ) as told:
        await page.get_by_role("button", name=t["keep"], exact=True).click()
    assert (await told.value).status == 201


async def _see_link(page: Page, thing: Json) -> None:
    """Who is new gets a link, shown this once; then the form is there again."""
    t = words("en")["staff"]
    link = page.get_by_role("textbox", name=t["linkFor"].replace("{{name}}", thing["email"]), exact=True)
    await expect(link).to_have_value(re.compile(r"/app/link#[\w-]{20,}"))
    await page.get_by_role("button", name=t["seen"], exact=True).click()
    email = words("en")["settings"]["field"]["user"]["email"]["at"]
    await expect(page.get_by_role("textbox", name=email, exact=True)).to_have_value(thing["email"])


async def _make_webhook(page: Page, thing: Json) -> None:
    """On the page of webhooks: its secret is made there, and shown this once; then it is switched off."""
    staff, t = words("en")["staff"], words("en")["hooks"]
    await page.get_by_role("button", name=t["new"], exact=True).click()
    await page.get_by_role("textbox", name=t["name"], exact=True).fill(thing["name"])
    await page.get_by_role("textbox", name=t["url"], exact=True).fill(thing["url"])
    await page.get_by_role("combobox", name=t["firm"], exact=True).select_option(label=thing["firm"])
    await page.get_by_role("radio", name=t["some"], exact=True).check()
    for kind in thing["events"]:
        await page.locator("summary", has_text=t["group"][kind.partition(".")[0]]).click()
        await page.get_by_role("checkbox", name=t["kind"][re.sub("[.-]", "_", kind)], exact=True).check()
    await page.get_by_role("button", name=t["make"], exact=True).click()
    await expect(page.get_by_role("textbox", name=t["secret"], exact=True)).to_have_value(re.compile("^whsec_"))
    await page.get_by_role("button", name=staff["seen"], exact=True).click()
    await page.get_by_role("switch", name=t["active"], exact=True).uncheck()
    async with page.expect_response(lambda answer: answer.request.method == "PATCH") as told:
        await page.get_by_role("button", name=staff["save"], exact=True).click()
    assert (await told.value).status == 200


async def test_every_field_is_set_by_its_control_and_exported(page: Page, centre: Running) -> None:
    t = words("en")["settings"]
    kinds = (await (await page.request.get("/api/v1/settings/schema")).json())["kinds"]
    assert {kind for kind, _ in FULL} == set(kinds)
    done: dict[str, list[Json]] = {}
    for kind, thing in FULL:
        await page.goto(f"/app/settings/{section(kind)}")
        if kind == "role":
            await _make_role(page, thing)
        elif kind == "reply":
            await _write_reply(page, thing)
        elif kind == "webhook":
            await _make_webhook(page, thing)
        else:
            await _begin(page, kind)
            await Form(page, t, kind, kinds[kind]).fill(thing)
            await _save(page, t, "save" if kind == "workspace" else "create")
        if kind == "user":
            await _see_link(page, thing)
        done.setdefault(kind, []).append(thing)
    firm = Form(page, t, "firm", kinds["firm"])
    await page.goto("/app/settings/firms/Base")
    hours = {"usual_hours": "Other", "appointments": {"hours": "Other"}}
    await firm.fill(hours)
    await _save(page, t, "save")
    done["firm"].append(hours)
    things = exported(centre)
    assert things["firm"]["Base"]["usual_hours"] == "Other"
    for kind, wanted in done.items():
        form = Form(page, t, kind, kinds[kind])
        for leaf in leaves(form, kinds[kind]):
            values = [value for thing in wanted for value in standing(thing, leaf)]
            assert values, f"{kind} {leaf} is not set by this test"
            if (kind, leaf) in SECRETS:
                continue
            fresh = standing(defaults(kind), leaf)
            assert sorted(map(str, values)) != sorted(map(str, fresh)), f"{kind} {leaf} is what it was"
            there = [value for thing in things[kind].values() for value in standing(thing, leaf)]
            assert all(value in there for value in values), f"{kind} {leaf}: {values} not in {there}"
    await page.goto("/app/settings/trunks/Walk%20carrier")
    password = page.get_by_label(t["field"]["trunk"]["password"]["at"], exact=True)
    await expect(password).to_have_attribute("placeholder", t["secretKept"])
    await expect(password).to_have_value("")


async def test_two_at_once_drafts_history_and_undo(page: Page, centre: Running) -> None:
    t = words("en")["settings"]
    labels = t["field"]["queue"]
    await page.goto("/app/settings/queues/Base%20queue/all")
    wrap = page.locator('[data-field="wrap_up_seconds"]').get_by_label(labels["wrap_up_seconds"]["at"], exact=True)
    async with page.expect_response(
        lambda answer: answer.request.method == "PUT" and "/settings/drafts/" in answer.url
    ):
        await wrap.fill("55")
    await page.reload()
    await expect(wrap).to_have_value("55")
    await expect(page.get_by_text("have not saved it yet")).to_be_visible()
    headers = {"Authorization": f"Bearer {centre.operator_key()}", "If-Match": "*"}
    async with httpx.AsyncClient(headers=headers) as other:
        changed = {"name": "Base queue", "max_reserved": 4}
        answer = await other.put(f"{centre.url}/api/v1/settings/queue/Base queue", json=changed)
    assert answer.status_code == 200, answer.text
    save = page.get_by_role("button", name=t["save"], exact=True)
    await wrap.fill("56")
    await expect(page.get_by_role("button", name=t["mine"])).to_be_visible()
    await page.get_by_role("button", name=t["mine"]).click()
    await expect(save).to_be_enabled()
    await wrap.fill("-1")
    await expect(wrap).to_have_attribute("aria-invalid", "true")
    await wrap.fill("57")
    await _save(page, t, "save")
    await page.get_by_role("button", name=t["history"]["title"]).click()
    panel = page.get_by_role("region", name=t["history"]["title"])
    newest = panel.get_by_role("listitem").first
    await newest.get_by_role("button", name=t["history"]["show"]).click()
    await expect(newest).to_contain_text(labels["wrap_up_seconds"]["at"])
    await expect(newest.locator("ins").first).to_have_text("57")
    await newest.get_by_role("button", name=t["history"]["undo"]).click()
    await expect(panel.get_by_role("listitem").first).to_contain_text(t["history"]["by"]["undo"])
    await page.reload()
    await expect(wrap).to_have_value("0")
    await page.get_by_role("button", name=t["remove"], exact=True).click()
    await expect(page.get_by_role("alert").filter(has_text="Base rules")).to_be_visible()


LATE = """
queues: [{name: Late desk, workers: skills HAS "late"}]
workflows: [{name: Late, default_queue: Late desk}]
users: [{email: late@walk.test, name: Late, attributes: {skills: [late]}}]
"""


async def test_a_text_brought_in_says_who_would_find_nobody(page: Page, centre: Running) -> None:
    t = words("en")["settings"]
    headers = {"Authorization": f"Bearer {centre.operator_key()}"}
    async with httpx.AsyncClient(base_url=f"{centre.url}/api/v1", headers=headers, timeout=60) as api:
        base = "workspace: {default_activity: Away}\n"
        assert (await api.post("/configuration", content=base + LATE)).status_code == 200
        late = next(each for each in (await api.get("/workflows")).json()["items"] if each["name"] == "Late")
        task = await api.post("/tasks", json={"workflow_id": late["id"]}, headers={"Idempotency-Key": "late"})
        await page.goto("/app/settings/text")
        await page.get_by_label(t["text"]["text"], exact=True).fill(
            'queues: [{name: Late desk, workers: skills HAS "x"}]'
        )
        await page.get_by_role("button", name=t["text"]["check"], exact=True).click()
        await expect(page.get_by_text("1 waiting task of Late desk would find nobody.")).to_be_visible()
        accept = page.get_by_role("button", name="Save all the same: 1 task stays behind", exact=True)
        async with page.expect_response(lambda answer: "accept_stranded=1" in answer.url) as told:
            await accept.click()
        assert (await told.value).status == 200
        assert exported(centre)["queue"]["Late desk"]["workers"] == 'skills HAS "x"'
        assert (await api.post(f"/tasks/{task.json()['id']}/cancel", json={})).status_code == 200


@BOTH
async def test_the_screens_of_settings(page: Page, centre: Running, locale: str) -> None:
    sweep = Sweep(locale)
    await page.request.patch("/api/v1/me", data={"locale": locale}, headers={"X-Parlons": "1"})
    # One of each sort of page: list, short form, form with parts and lists, attributes, history, text.
    places = ["", "/firms", "/hours/Base%20%2F%20Usual", "/queues/Base%20queue/all", "/flows/Base%20flow"]
    places += ["/history", "/text"]
    for place in places:
        await page.goto(f"/app/settings{place}")
        await expect(page.get_by_role("heading", level=2 if place else 1).first).to_be_visible()
        await page.wait_for_load_state("networkidle")
        await sweep.look(page, f"settings{place.replace('/', '-').replace('%20', '')}")
        await sweep.squeeze(page, f"settings{place.replace('/', '-').replace('%20', '')}")
    assert not sweep.faults, "\n".join(sweep.faults)
