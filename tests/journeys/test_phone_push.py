"""An agent's phone: the desk's page lies in the background, a push wakes its owner, who takes the contact and answers.

The push service is ours and real on the wire; what it receives is decrypted with the subscription's keys and handed to the
real service worker by the browser's own protocol. Of the browser two things are played, for want of a vendor's service and of
a pocket: the subscription, and that the page is not looked at.
"""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, CDPSession, Page, Worker, expect

from tests.journeys.conftest import browser, chromium_path
from tests.journeys.floor import AGENT, Floor
from tests.journeys.people import Room
from tests.journeys.test_sweep import Sweep
from tests.push.push_service import PushService, push_service

pytestmark = pytest.mark.asyncio(loop_scope="session")
PHONE = {"width": 390, "height": 844}
BROWSER = """given => {
    let held = false, hidden = false;
    const toJSON = () => ({endpoint: given.address, keys: {p256dh: given.public_key, auth: given.secret}});
    const subscription = {toJSON, unsubscribe: async () => { held = false; return true; }};
    PushManager.prototype.subscribe = async () => { held = true; return subscription; };
    PushManager.prototype.getSubscription = async () => held ? subscription : null;
    Object.defineProperty(document, "visibilityState", {get: () => hidden ? "hidden" : "visible"});
    window.inPocket = now => { hidden = now; dispatchEvent(new Event("visibilitychange")); };
}"""
SHOWN = "() => registration.getNotifications().then(all => all.map(({title, body, tag}) => ({title, body, tag})))"
FOCUS = "has => Object.defineProperty(WindowClient.prototype, 'focused', {get: () => has, configurable: true})"
COMES = """async tag => {
    const shown = () => noted.some(([what, of]) => what === "shown" && of === tag);
    for (const end = Date.now() + 20_000; !shown() && Date.now() < end;) await new Promise(done => setTimeout(done, 20));
    return shown();
}"""
# Whoever asks Chromium for the notifications while one is between its register and the screen has that one deleted as
# no longer shown: nobody asks before `showNotification` is done.
NOTES = """() => {
    self.noted = [];
    const show = registration.showNotification.bind(registration);
    registration.showNotification = async (title, options) => {
        noted.push(["asked", options.tag]);
        await show(title, options).then(() => noted.push(["shown", options.tag]), fault => noted.push(["refused", `${fault}`]));
    };
}"""
SCREENS = "() => clients.matchAll({type: 'window'}).then(all => all.map(each => [each.url, each.focused]).concat([self.noted]))"
PRESS = """action => registration.getNotifications().then(([notification]) =>
    self.dispatchEvent(new NotificationEvent("notificationclick", {notification, action})))"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The whole browser: the one without a window has no notifications."""
    async with browser(chromium_path(whole=True)) as running:
        yield running


class Phone:
    """The browser side that no page sees: its push service's line, its notifications."""

    def __init__(self, page: Page, service: PushService) -> None:
        self.page, self.service = page, service
        self._registrations: list[dict[str, Any]] = []
        self._faults: list[Any] = []

    async def begin(self) -> None:
        """Learns the service worker that the desk has registered."""
        if not self.page.context.service_workers:
            await self.page.context.wait_for_event("serviceworker")
        await self.worker.evaluate(NOTES)
        self._line: CDPSession = await self.page.context.new_cdp_session(self.page)
        self._line.on("ServiceWorker.workerRegistrationUpdated", self._heard)
        self._line.on("ServiceWorker.workerErrorReported", lambda event: self._faults.append(event["errorMessage"]))
        await self._line.send("ServiceWorker.enable")

    async def pocketed(self, there: bool = True) -> None:
        """Nobody looks at the desk; `False`: it is in front again. To the browser every page of a test has the focus."""
        await self.page.evaluate("there => inPocket(there)", there)
        await self.worker.evaluate(FOCUS, not there)

    def _heard(self, event: dict[str, Any]) -> None:
        self._registrations += [each for each in event["registrations"] if not each["isDeleted"]]

    @property
    def worker(self) -> Worker:
        """The desk's service worker."""
        return self.page.context.service_workers[0]

    async def receives(self) -> dict[str, Any]:
        """The next message goes to the service worker; what is then shown."""
        told = await self.service.next()
        parts = urlsplit(self.page.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        await self.worker.evaluate("() => { noted.length = 0; }")
        await self._line.send(
            "ServiceWorker.deliverPushMessage",
            {
                "origin": origin,
                "registrationId": self._registrations[-1]["registrationId"],
                "data": json.dumps(told),
            },
        )
        came = await self.worker.evaluate(COMES, told["tag"])
        assert came, (self._faults, self._registrations, await self.worker.evaluate(SCREENS))
        (shown,) = await self.worker.evaluate(SHOWN)
        return dict(shown)

    async def presses(self, action: str = "") -> None:
        """A press on the notification that is shown, or on a button of it."""
        await self.worker.evaluate(PRESS, action)


async def _no_wider(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_an_agent_takes_and_answers_a_chat_from_a_notification_on_a_phone(room: Room, floor: Floor) -> None:
    sweep = Sweep("fr")
    async with push_service() as service:
        camille = await room.desk(AGENT, "fr", viewport=PHONE, has_touch=True, permissions=["notifications"])
        page, t = camille.page, camille.t["comfort"]
        phone = Phone(page, service)
        await page.evaluate(BROWSER, service.subscription)
        await camille.start()
        await page.get_by_role("button", name="Camille Moreau").click()
        await page.get_by_role("button", name=t["sounds"]["title"]).click()
        await expect(page.get_by_role("dialog")).to_have_count(0)  # a press would meet the menu that is still going
        switch = page.get_by_role("switch", name=t["push"]["switch"])
        await switch.click(force=True)
        names = page.get_by_role("switch", name=t["push"]["names"])
        await names.click(force=True)
        await expect(names).to_be_checked()
        await sweep.look(page, "push-on")
        await _no_wider(page)
        await phone.begin()
        await page.get_by_role("link", name=camille.t["place"]["desk"]).click()
        await phone.pocketed()

        claire = await room.visitor(name="Claire Rousseau")
        await claire.open()
        await claire.writes("Bonjour, où en est ma commande ?")
        shown = await phone.receives()
        assert shown["title"] == "Claire Rousseau"
        assert "commande" not in json.dumps(shown)
        await phone.presses()
        await expect(camille.offer("Claire Rousseau")).to_be_visible()
        await phone.pocketed(False)
        await _no_wider(page)
        await camille.take("Claire Rousseau")
        await camille.opens("Claire Rousseau")
        await camille.replies("Bonjour Claire, elle part ce soir.")
        await claire.sees("Bonjour Claire, elle part ce soir.")
        await _no_wider(page)
        await page.get_by_role("button", name=camille.t["act"]["back"], exact=True).click()
        await expect(camille.row("Claire Rousseau")).to_be_visible()

        await phone.pocketed()
        await claire.writes("Merci ! Et la facture ?")
        assert (await phone.receives())["title"] == "Claire Rousseau a écrit"
        await phone.presses()
        await camille.opens("Claire Rousseau")
        await phone.pocketed(False)
        await camille.replies("Elle est dans le colis.")
        await claire.sees("Elle est dans le colis.")
        await sweep.look(page, "conversation-on-a-phone")
        await _no_wider(page)
    assert not sweep.faults, "\n".join(sweep.faults)
