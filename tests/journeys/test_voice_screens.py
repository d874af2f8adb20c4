"""The screens of calls, with what a browser really does: microphone, connection, keys. See voice_stage for what is played.

That the customer hears and is heard is measured in the page: the far side tells how loud it hears the agent.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.journeys.conftest import FAKE_DEVICES, browser, chromium_path
from tests.journeys.floor import AGENT, SUPERVISOR, Floor
from tests.journeys.people import Desk, Room
from tests.journeys.test_sweep import BOTH, Sweep
from tests.journeys.voice_stage import FAR_SIDE, LEG, VoiceStage, ago, party, phone_is_ready, until, voice_desk

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A browser whose microphone beeps."""
    async with browser(chromium_path(), *FAKE_DEVICES) as running:
        yield running


async def _heard(page: Page, *, loud: bool) -> None:
    """Waits until the far side hears the agent, or no longer does."""
    sign = "> 0.005" if loud else "< 0.001"
    await until(page, f"parlonsFar.level() {sign}")


async def _talking(room: Room, locale: str = "fr") -> VoiceStage:
    stage = await voice_desk(room, AGENT, locale)
    await stage.desk.start()
    await phone_is_ready(stage.page)
    await stage.show()
    await expect(stage.page.get_by_role("region", name=re.compile("David Okafor"))).to_be_visible()
    return stage


async def test_the_microphone_is_open_for_the_length_of_a_call_only(room: Room) -> None:
    stage = await voice_desk(room, AGENT)
    await stage.desk.start()
    await phone_is_ready(stage.page)
    await _heard(stage.page, loud=False)
    await stage.show()
    await _heard(stage.page, loud=True)
    await stage.clear()
    await _heard(stage.page, loud=False)
    await expect(stage.page.get_by_role("region", name=re.compile("David Okafor"))).to_have_count(0)


async def test_the_call_bar_by_keys(room: Room) -> None:
    stage = await _talking(room)
    page, t = stage.page, stage.t["call"]
    await _heard(page, loud=True)
    await page.keyboard.press("Control+Shift+M")
    await expect(page.get_by_role("button", name=t["unmute"])).to_be_visible()
    await _heard(page, loud=False)
    await page.keyboard.press("Control+Shift+M")
    await _heard(page, loud=True)
    await page.keyboard.press("Control+Shift+H")
    await page.keyboard.press("Control+Shift+S")
    await page.get_by_role("button", name=t["keypad"], exact=True).press("Enter")
    await expect(page.get_by_role("dialog", name=t["keypad"])).to_be_visible()
    await page.keyboard.type("12#")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name=t["keypad"], exact=True)).to_be_focused()
    await page.keyboard.press("Control+Shift+F")
    pick = page.get_by_role("combobox", name=t["transferTo"])
    await expect(pick).to_be_focused()
    await pick.fill("Nadia")
    await page.keyboard.press("Enter")
    ask = page.get_by_role("button", name=re.compile("Nadia Cherif")).last
    await expect(ask).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("Control+Shift+E")
    await stage.was_asked("hang_up")
    assert stage.bodies("hold") == [{"held": True}]
    assert stage.bodies("recording") == [{"paused": True}]
    assert [body["digits"] for body in stage.bodies("digits")] == ["1", "2", "#"]
    assert len(stage.bodies("consult")) == 1
    assert "worker_id" in stage.bodies("consult")[0]["to"]


async def test_a_reload_keeps_the_call(room: Room) -> None:
    stage = await _talking(room)
    page = stage.page
    await _heard(page, loud=True)
    page.once("dialog", lambda dialog: dialog.accept())
    await page.reload()
    await expect(page.get_by_role("region", name=re.compile("David Okafor"))).to_be_visible()
    await phone_is_ready(page)
    await _heard(page, loud=True)


async def test_one_tab_has_the_phone(room: Room) -> None:
    stage = await voice_desk(room, AGENT)
    await stage.desk.start()
    await phone_is_ready(stage.page)
    page = await stage.page.context.new_page()
    await page.goto("/app/")
    await VoiceStage(Desk(page, "fr")).set_up()
    words = stage.t["phone"]
    chip = page.get_by_role("button", name=words["state"]["elsewhere"])
    await chip.click()
    await page.get_by_role("menuitem", name=words["useHere"]).click()
    await phone_is_ready(page)
    await expect(chip).to_have_count(0)
    await expect(stage.page.get_by_role("button", name=words["state"]["elsewhere"])).to_be_visible()


@BOTH
async def test_the_screens_of_a_call(room: Room, locale: str) -> None:
    sweep = Sweep(locale)
    stage = await voice_desk(room, AGENT, "fr")
    await stage.page.request.patch("/api/v1/me", data={"locale": locale}, headers={"X-Parlons": "1"})
    try:
        await stage.page.reload()
        stage = _in(stage, locale)
        await _before_the_shift(stage, sweep)
        await stage.desk.start()
        await phone_is_ready(stage.page)
        await _on_the_line(stage, sweep)
        await _phone_page(stage, sweep)
    finally:
        await stage.page.request.patch("/api/v1/me", data={"locale": "fr"}, headers={"X-Parlons": "1"})
    assert not sweep.faults, "\n".join(sweep.faults)


def _in(stage: VoiceStage, locale: str) -> VoiceStage:
    stage.desk = Desk(stage.page, locale)
    stage.t = stage.desk.t
    return stage


async def _before_the_shift(stage: VoiceStage, sweep: Sweep) -> None:
    page, t = stage.page, stage.t["phone"]
    checks = page.get_by_role("complementary", name=t["before"])
    await expect(checks).to_be_visible()
    await checks.get_by_role("button", name=t["askMicrophone"]).click()
    await expect(checks).to_contain_text(t["heard"])
    await checks.get_by_role("button", name=t["tryRing"]).click()
    await checks.get_by_role("button", name=t["testNetwork"]).click()
    await expect(checks).to_contain_text(t["done"].replace("{{count}}", "3").replace("{{all}}", "3"))
    await sweep.look(page, "phone-before")
    await checks.get_by_role("button", name=t["stop"], exact=True).click()
    await sweep.squeeze(page, "phone-before")


async def _on_the_line(stage: VoiceStage, sweep: Sweep) -> None:
    page, t = stage.page, stage.t["call"]
    nadia = party("leg-n", "agent", "Nadia Cherif", worker_id="WK2")
    mine = stage.call()["parties"]
    held = {"state": "held", "held_since": ago(24)}
    states: dict[str, dict[str, Any]] = {
        "talking": {},
        "held": held,
        "consulting": {**held, "state": "consulting", "parties": [*mine, nadia]},
        "three": {"parties": [*mine, nadia, party("leg-o", "outside", "+33561445566")]},
        "ringing": {"state": "ringing", "direction": "out", "agent_at": None, "answered_at": None},
        "failed": {"recording": {"state": "failed"}},
    }
    for name, more in states.items():
        await stage.show(**more)
        shown = {"held": t["resume"], "consulting": t["handOver"], "ringing": t["ringing"]}.get(name, t["end"])
        await expect(
            page.get_by_role("banner").get_by_text(shown).or_(page.get_by_role("button", name=shown)).first
        ).to_be_visible()
        await sweep.look(page, f"call-{name}")
        await sweep.squeeze(page, f"call-{name}")
    await stage.show()
    for button in (t["keypad"], t["add"], t["transfer"], t["dial"]):
        await page.get_by_role("banner").get_by_role("button", name=button, exact=True).click()
        await expect(page.get_by_role("dialog", name=button)).to_be_visible()
        await sweep.look(page, f"call-{button}")
        await page.keyboard.press("Escape")
    await stage.clear()


async def _phone_page(stage: VoiceStage, sweep: Sweep) -> None:
    page, t = stage.page, stage.t["phone"]
    await page.goto("/app/phone")
    await expect(page.get_by_role("region", name=t["reach"])).to_contain_text("+33 6 12 34 56 78")
    await page.get_by_role("button", name=t["down"].replace("{{name}}", t["browser"])).click()
    await page.get_by_role("button", name=t["save"], exact=True).click()
    await expect(page.get_by_role("status").filter(has_text=t["saved"]).first).to_be_visible()
    kinds = [each["kind"] for method, path, body in stage.asked if method == "PUT" for each in body["addresses"]]
    assert kinds == ["phone", "browser", "number"]
    await sweep.look(page, "phone")
    await sweep.squeeze(page, "phone")


@BOTH
async def test_listening_in(room: Room, locale: str) -> None:
    sweep = Sweep(locale)
    stage = await voice_desk(room, SUPERVISOR, "en")
    await stage.page.request.patch("/api/v1/me", data={"locale": locale}, headers={"X-Parlons": "1"})
    try:
        await stage.page.reload()
        stage = _in(stage, locale)
        page, t = stage.page, stage.t["supervise"]
        await room.floor.put(AGENT, "Available")
        camille = room.floor.users[AGENT]["worker_id"]
        line = [party("leg-c", "customer", "Mme Aubry"), party("leg-k", "agent", "Camille Moreau", worker_id=camille)]
        await page.get_by_role("link", name=stage.t["place"]["live"]).click()
        await stage.show(worker_id=camille, parties=line, customer_name="Mme Aubry")
        await page.get_by_role("button", name=re.compile("^Camille Moreau")).click()
        calls = page.get_by_role("region", name=t["title"])
        await expect(calls).to_contain_text("Mme Aubry")
        await sweep.look(page, "live-call")
        await calls.get_by_role("button", name=t["listen"]).click()
        await phone_is_ready(page)
        for mode in ("listen", "whisper", "barge"):
            me = party(LEG, "supervisor", "Martin", worker_id=stage.worker_id, mode=mode)
            await stage.show(worker_id=camille, parties=[*line, me], customer_name="Mme Aubry")
            await _heard(page, loud=mode != "listen")
            await page.keyboard.press("Escape")
            await sweep.look(page, f"supervise-{mode}")
        await sweep.squeeze(page, "supervise")
        assert stage.bodies("supervise") == [{"mode": "listen"}]
    finally:
        await stage.page.request.patch("/api/v1/me", data={"locale": "en"}, headers={"X-Parlons": "1"})
    assert not sweep.faults, "\n".join(sweep.faults)


async def test_a_refused_microphone_is_said(room: Room, floor: Floor) -> None:
    stage = await voice_desk(room, AGENT)
    await stage.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    await stage.page.reload()
    await stage.desk.start()
    await phone_is_ready(stage.page)
    await stage.show()
    words = stage.t["call"]["noMicrophone"]
    await expect(stage.page.get_by_role("status").filter(has_text=words)).to_be_visible()
    await stage.page.goto("/app/phone")
    await stage.page.get_by_role("button", name=stage.t["phone"]["askMicrophone"]).click()
    await expect(stage.page.get_by_role("region", name=stage.t["phone"]["microphone"])).to_contain_text(
        stage.t["phone"]["refused"]
    )


async def test_a_call_rings_until_it_is_answered(room: Room) -> None:
    stage = await voice_desk(room, AGENT)
    page = stage.page
    await page.add_init_script(
        "window.rung = 0; const { start } = OscillatorNode.prototype;"
        "OscillatorNode.prototype.start = function (at) { if (this.frequency.value !== 440) window.rung += 1;"
        " return start.call(this, at); }"
    )
    await page.reload()
    await stage.desk.start()
    await phone_is_ready(page)
    body = {"to": {"worker_id": stage.worker_id}, "channel": "voice", "attributes": {"language": "fr"}}
    task = await room.floor.call("POST", "/tasks", json=body)
    try:
        await _rings(stage)
    finally:
        now = await room.floor.call("GET", f"/tasks/{task['id']}")
        verb, reason = ("complete", {}) if now["status"] == "assigned" else ("cancel", {"reason": "test"})
        await room.floor.call("POST", f"/tasks/{task['id']}/{verb}", json=reason)


async def _rings(stage: VoiceStage) -> None:
    page, t = stage.page, stage.t
    offer = stage.desk.list.get_by_role("region", name=re.compile(f"^{t['offer']['region'].split(',')[0]},"))
    await expect(offer).to_contain_text(t["offer"]["call"])
    await until(page, "window.rung > 4")
    heard = asyncio.Event()

    async def late(route: Route) -> None:
        await heard.wait()
        await route.continue_()

    await page.route("**/accept", late)
    await page.keyboard.press("Control+Shift+A")
    await expect(offer).to_have_count(0)
    rung = await page.evaluate("window.rung")
    await page.wait_for_timeout(3500)
    assert await page.evaluate("window.rung") == rung, "it rang on after it was taken"
    async with page.expect_response("**/accept"):
        heard.set()


@BOTH
async def test_a_recording_is_played_in_the_log(room: Room, locale: str) -> None:
    sweep = Sweep(locale)
    stage = await voice_desk(room, AGENT, "fr")
    page = stage.page
    await page.request.patch("/api/v1/me", data={"locale": locale}, headers={"X-Parlons": "1"})
    try:
        await page.reload()
        stage = _in(stage, locale)
        t = stage.t["recording"]
        await stage.desk.start()
        claire = await room.visitor(name="Claire Rousseau")
        await claire.open()
        await claire.writes("Bonjour, rappelez-moi")
        await stage.desk.take("Claire Rousseau")
        await stage.desk.opens("Claire Rousseau")
        stage.recordings = [stage.recording("RE1"), stage.recording("RE2", kind="voicemail", gaps=[])]
        await stage.show(conversation_id=stage.desk.conversation_id)
        player = page.get_by_role("region", name=re.compile(f"^{re.escape(t['call'])}"))
        await expect(player).to_contain_text(t["gapPaused"].replace("{{time}}", "0:01"))
        await expect(page.get_by_role("region", name=re.compile(f"^{re.escape(t['voicemail'])}"))).to_be_visible()
        await sweep.look(page, "recording")
        await sweep.squeeze(page, "recording")
        assert stage.bodies("link") == [], "asking for the sound leaves a line in the audit: only who plays it asks"
        await player.get_by_role("button", name=t["play"]).press("Enter")
        await expect(player.get_by_role("button", name=t["pause"])).to_be_visible()
        await until(page, "document.querySelector('[aria-label] input[type=range]').valueAsNumber > 0")
        await player.get_by_role("slider").press("End")
        await expect(player.get_by_role("button", name=t["play"])).to_be_visible()
        assert len(stage.bodies("link")) == 1
    finally:
        await page.request.patch("/api/v1/me", data={"locale": "fr"}, headers={"X-Parlons": "1"})
    assert not sweep.faults, "\n".join(sweep.faults)


def _standing(state: str, **more: Any) -> dict[str, Any]:
    rest: dict[str, Any] = {"agent_name": "", "captions": [], "position": None, "started_at": ago(5), "ended_at": None}
    return {"id": "CA1", "state": state, **rest, **more}


class Line:
    """The server's side of a customer's call, played."""

    def __init__(self) -> None:
        self.standing = _standing("ringing")
        self.asked: list[str] = []

    async def answer(self, route: Route) -> None:
        """An answer of /api/v1/webcall."""
        path = route.request.url.partition("/webcall")[2]
        self.asked.append(path)
        if path.startswith("/lines/"):
            body = {"line": "delmas", "firm_name": "Delmas Automobiles", "open": True, "ice_servers": []}
            await route.fulfill(json=body, status=404 if path.endswith("/nowhere") else 200)
        elif path.endswith("/calls/CA1"):
            await route.fulfill(json=self.standing)
        else:
            await route.fulfill(status=204)


@BOTH
async def test_the_customers_call_page(room: Room, locale: str) -> None:
    sweep, line = Sweep(locale), Line()
    context = await room.profile(locale, permissions=["microphone"])
    page = await context.new_page()
    await page.add_init_script(path=FAR_SIDE)
    await page.route("**/api/v1/webcall/**", line.answer)
    await page.goto("/call/delmas")
    french = locale == "fr"
    begin = page.get_by_role("button", name="Appeler" if french else "Call", exact=True)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Delmas Automobiles")
    await sweep.look(page, "call-page")
    await sweep.squeeze(page, "call-page")
    await begin.press("Enter")
    await phone_is_ready(page)
    mute = page.get_by_role("button", name="Couper le micro" if french else "Mute the microphone")
    await expect(mute).to_be_focused()
    await _heard(page, loud=True)
    line.standing = _standing("menu", captions=["Bonjour.", "Pour les ventes, tapez 1."])
    await expect(page.get_by_role("log")).to_contain_text("tapez 1")
    await page.get_by_role("button", name="Clavier" if french else "Keypad").press("Enter")
    await page.get_by_role("button", name=re.compile(r"^(Key|Touche) 1$")).press("Enter")
    await sweep.look(page, "call-page-menu")
    await sweep.squeeze(page, "call-page-menu")
    line.standing = _standing("talking", agent_name="Inès", captions=["Bonjour."])
    await expect(page.get_by_role("status").filter(has_text="Inès")).to_be_visible()
    await mute.press("Enter")
    await _heard(page, loud=False)
    await sweep.look(page, "call-page-muted")
    await page.get_by_role("button", name="Raccrocher" if french else "Hang up").press("Enter")
    await expect(page.get_by_role("button", name="Rappeler" if french else "Call again")).to_be_focused()
    await sweep.look(page, "call-page-ended")
    assert "/calls/CA1/digits" in line.asked
    assert "/calls/CA1/hang_up" in line.asked
    await page.goto("/call/nowhere")
    await expect(page.locator(".bad")).to_be_visible()
    await sweep.look(page, "call-page-unknown")
    assert not sweep.faults, "\n".join(sweep.faults)


@BOTH
async def test_calling_from_the_chat(room: Room, locale: str) -> None:
    sweep, line = Sweep(locale), Line()
    visitor = await room.visitor(locale, permissions=["microphone"])
    page = visitor.page
    scripts: list[str] = []
    page.on("request", lambda request: scripts.append(request.url) if request.url.endswith(".js") else None)

    async def with_a_line(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**await answer.json(), "call_line": "delmas"})

    await page.add_init_script(path=FAR_SIDE)
    await page.route("**/webchat/*/config*", with_a_line)
    await page.route("**/api/v1/webcall/**", line.answer)
    await visitor.visit("/shop/cars" if locale == "fr" else "/shop/en/cars")
    await visitor.open()
    assert not any(url.endswith("/widget-call.js") for url in scripts)
    line.standing = _standing("waiting", position=2)
    await page.get_by_role("button", name="Appeler" if locale == "fr" else "Call", exact=True).press("Enter")
    card = page.get_by_role("dialog").filter(has=page.get_by_role("heading", name="Delmas Automobiles"))
    await expect(card).to_contain_text("2")
    await phone_is_ready(page)
    await sweep.look(page, "widget-call")
    await sweep.squeeze(page, "widget-call")
    await visitor.writes("Je vous appelle en même temps")
    await card.get_by_role("button", name="Raccrocher" if locale == "fr" else "Hang up").press("Enter")
    await card.get_by_role("button", name="Fermer" if locale == "fr" else "Close").press("Enter")
    await expect(card).to_have_count(0)
    assert sum(url.endswith("/widget-call.js") for url in scripts) == 1
    assert not sweep.faults, "\n".join(sweep.faults)
