"""A visitor's real browser on the demo's shop: consent, a chat by keyboard alone, a lost line, two tabs, closed doors."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, async_playwright, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from parlons.accounts.loading import put_hours
from parlons.accounts.opening import HoursRow
from parlons.channels.webchat.limits import RULES as RULES_OF_CHAT
from parlons.channels.webchat.limits import Limits, Rule
from parlons.channels.webchat.room import room_of
from parlons.channels.webchat.tokens import identity_signature
from parlons.channels.webchat.widgets import put_widget
from parlons.simulator import shop
from tests.channels.centre import WEB, Centre, living
from tests.journeys.conftest import ARGUMENTS, chromium_path

CAR = "/shop/cars/solene-5-hybride"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}


def _boutique(request: Request) -> HTMLResponse:
    """A shop that is not ours: it is asked for under another name than the chat's server, so it has another origin."""
    server = f"127.0.0.1:{request.url.port}"
    policy = (
        f"default-src 'none'; script-src http://{server}; connect-src http://{server} ws://{server}; base-uri 'none'"
    )
    script = f'<script src="http://{server}/widget.js" data-parlons="delmas" data-accent="#7a1f3d" async></script>'
    body = f'<!doctype html><html lang="fr"><title>Boutique</title><h1>Boutique</h1>{script}</html>'
    headers = {"Content-Security-Policy": f"{policy}; require-trusted-types-for 'script'"}
    return HTMLResponse(body, headers=headers)


@pytest.fixture
async def centre(empty_database: str, tmp_path: Path) -> AsyncIterator[Centre]:
    """The shop and its centre; the widget was built with the product."""
    assert (WEB / "widget/widget.js").is_file(), "the web client is not built: run `make` once"
    async with living(empty_database, tmp_path / "files", Route("/boutique", _boutique), *shop.routes()) as made:
        yield made


class Browsers:
    """Chromium; each visitor gets a profile of his own. What a page complains of fails the test."""

    def __init__(self, chromium: Any, centre: Centre) -> None:
        self._chromium, self._centre = chromium, centre
        self.complaints: list[str] = []
        self.asked: list[str] = []

    async def profile(self, **more: Any) -> BrowserContext:
        settings = {"viewport": DESKTOP, "locale": "fr-FR", "base_url": self._centre.url, **more}
        context: BrowserContext = await self._chromium.new_context(**settings)
        context.set_default_timeout(15_000)
        return context

    async def page(self, context: BrowserContext, path: str = CAR) -> Page:
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self.complaints.append(line.text) if "Security Policy" in line.text else None)
        page.on("request", lambda request: self.asked.append(f"{request.method} {request.url}"))
        await page.goto(path)
        await page.wait_for_selector("parlons-chat")
        return page


@pytest.fixture
async def browsers(centre: Centre) -> AsyncIterator[Browsers]:
    """Debian's Chromium."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        made = Browsers(chromium, centre)
        yield made
        await chromium.close()
        assert made.complaints == []


async def _kept(page: Page) -> str:
    return str(await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"))


async def _until(page: Page, condition: str) -> None:
    """Waits inside the page; the policy of the pages forbids what `wait_for_function` would do."""
    await page.evaluate(
        f"new Promise(done => {{ const look = () => {condition} ? done() : setTimeout(look, 20); look() }})"
    )


async def _rows(centre: Centre, table: str, where: str = "true") -> int:
    async with centre.db.transaction(centre.tenant_id) as tx:
        return int(await tx.scalar(f"SELECT count(*) FROM {table} WHERE {where}"))


async def _write(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Votre message").fill(text)
    await page.keyboard.press("Enter")


async def test_nothing_is_kept_or_told_before_he_writes(centre: Centre, browsers: Browsers) -> None:
    page = await browsers.page(await browsers.profile())
    await page.get_by_role("button", name="Ouvrir le chat").click()
    await expect(page.get_by_role("textbox", name="Votre message")).to_be_focused()
    await page.keyboard.type("Je réfléchis encore")
    await page.goto("/shop/financing")
    assert await _kept(page) == '[{},{},""]'
    chat = [line for line in browsers.asked if "/api/" in line]
    assert {line.split("?")[0].rsplit("/", 1)[1] for line in chat} == {"config"}
    assert await _rows(centre, "visitors") == await _rows(centre, "touches") == 0


async def test_the_site_hands_consent_in_and_takes_it_back(centre: Centre, browsers: Browsers) -> None:
    page = await browsers.page(await browsers.profile())
    await page.evaluate("parlons('consent', true)")
    await _until(page, "JSON.parse(Object.values(localStorage)[0] ?? '{}').token")
    async with page.expect_response("**/pages"):
        await page.goto("/shop/financing")
    async with page.expect_response(lambda answer: "#calculator" in (answer.request.post_data or "")):
        await page.evaluate("parlons('page', {path: '/shop/financing#calculator', title: 'Calculateur'})")
    assert await _rows(centre, "touches", "data->'product'->>'sku' = 'solene-5-hybride'") == 1
    assert await _rows(centre, "touches", "data->>'url' = '/shop/financing'") >= 1
    async with page.expect_response("**/visits"):
        await page.evaluate("parlons('consent', false)")
    await _until(page, "localStorage.length === 0")
    assert await _kept(page) == '[{},{},""]'
    assert await _rows(centre, "visitor_sessions", "revoked_at IS NULL") == 0


async def test_a_chat_by_keyboard_alone(centre: Centre, browsers: Browsers) -> None:
    page = await browsers.page(await browsers.profile())
    await page.get_by_role("button", name="Ouvrir le chat").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Chat avec Delmas Automobiles")).to_be_visible()
    await page.keyboard.type("Bonjour, la Solène 5")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("est-elle disponible ?")
    await page.keyboard.press("Enter")
    log = page.get_by_role("log", name="Messages")
    await expect(log).to_contain_text("Bonjour, la Solène 5\nest-elle disponible ?", use_inner_text=True)
    await expect(page.get_by_text("Vous êtes le prochain")).to_be_visible()
    await centre.takes()
    await expect(log).to_contain_text("Sofia a rejoint la conversation.")
    await expect(page.get_by_role("dialog")).to_contain_text("Sofia, Delmas Automobiles")
    await expect(page.get_by_text("Vous êtes le prochain")).to_be_hidden()
    await centre.reads()
    await expect(log).to_contain_text("Lu")
    await page.keyboard.press("Escape")
    opener = page.get_by_role("button", name="Ouvrir le chat")
    await expect(opener).to_be_focused()
    await centre.says("Oui, elle est en parc.")
    await expect(page.get_by_role("button", name="Ouvrir le chat, Non lus : 1")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(log).to_contain_text("Oui, elle est en parc.")
    await expect(page.get_by_role("textbox", name="Votre message")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Ouvrir le chat", exact=True)).to_be_focused()


async def test_a_lost_line_loses_and_doubles_nothing(centre: Centre, browsers: Browsers) -> None:
    context = await browsers.profile()
    page = await browsers.page(context)
    await page.get_by_role("button", name="Ouvrir le chat").click()
    await _write(page, "Premier message")
    await expect(page.get_by_text("Envoyé")).to_be_visible()
    await context.set_offline(True)
    await _write(page, "Écrit pendant la coupure")
    await expect(page.get_by_text("Connexion perdue")).to_be_visible()
    await expect(page.get_by_text("En attente du réseau")).to_be_visible()
    await centre.says("Répondu pendant la coupure")
    await context.set_offline(False)
    log = page.get_by_role("log")
    await expect(log).to_contain_text("Répondu pendant la coupure")
    await expect(page.get_by_text("Connexion perdue")).to_be_hidden()
    await expect(page.get_by_text("En attente du réseau")).to_be_hidden()
    assert await log.get_by_text("Répondu pendant la coupure").count() == 1
    assert await log.get_by_text("Écrit pendant la coupure").count() == 1
    assert await _rows(centre, "messages", "author_kind = 'customer'") == 2


async def test_who_writes_too_fast_is_told_and_loses_nothing(centre: Centre, browsers: Browsers) -> None:
    state = centre.app.state
    state.webchat = replace(room_of(centre.app), limits=Limits({**RULES_OF_CHAT, "message": Rule(3, 10)}))
    page = await browsers.page(await browsers.profile())
    await page.get_by_role("button", name="Ouvrir le chat").click()
    for number in range(5):
        await _write(page, f"ligne {number}")
    await expect(page.get_by_text("Vous écrivez plus vite")).to_be_visible()
    await expect(page.get_by_text("Envoyé")).to_be_visible()
    await expect(page.get_by_text("Vous écrivez plus vite")).to_be_hidden()
    assert await page.locator("parlons-chat .bubble.mine").all_text_contents() == [
        f"Vous : ligne {n}" for n in range(5)
    ]
    assert await _rows(centre, "messages", "author_kind = 'customer'") == 5


async def test_what_was_not_sent_survives_a_reload(centre: Centre, browsers: Browsers) -> None:
    context = await browsers.profile()
    page = await browsers.page(context)
    await page.get_by_role("button", name="Ouvrir le chat").click()
    await _write(page, "Premier message")
    await expect(page.get_by_text("Envoyé")).to_be_visible()
    await page.route("**/messages", lambda route: route.abort())
    await _write(page, "Resté en route")
    await expect(page.get_by_text("En attente du réseau")).to_be_visible()
    await page.unroute("**/messages")
    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text("Resté en route")
    await expect(page.get_by_text("Envoyé")).to_be_visible()
    assert await _rows(centre, "messages", "author_kind = 'customer'") == 2


async def test_a_double_click_sends_once_and_tabs_agree(centre: Centre, browsers: Browsers) -> None:
    context = await browsers.profile()
    one, two = await browsers.page(context), await browsers.page(context, "/shop/cars/vela-3")
    await one.get_by_role("button", name="Ouvrir le chat").click()
    await one.get_by_role("textbox", name="Votre message").fill("Une seule fois")
    await one.get_by_role("button", name="Envoyer").dblclick()
    await expect(one.get_by_text("Envoyé")).to_be_visible()
    await two.get_by_role("button", name="Ouvrir le chat").click()
    await expect(two.get_by_role("log")).to_contain_text("Une seule fois")
    await centre.says("Bien reçu")
    for tab in (one, two):
        await expect(tab.get_by_role("log")).to_contain_text("Bien reçu")
    assert await _rows(centre, "messages", "author_kind = 'customer'") == 1
    assert await _rows(centre, "visitors") == 1


async def test_who_logs_in_is_known_and_who_logs_out_leaves_nothing(centre: Centre, browsers: Browsers) -> None:
    context = await browsers.profile()
    page, other = await browsers.page(context), await browsers.page(context, "/shop/cars/vela-3")
    proof = {"user_id": "u-7", "email": "claire@example.org", "name": "Claire Rousseau"}
    signature = identity_signature("shared", proof["user_id"], proof["email"])
    await page.evaluate("proof => parlons('identify', proof)", {**proof, "signature": signature})
    assert await _rows(centre, "visitors") == 0, "being logged in begins no visit"
    await page.get_by_role("button", name="Ouvrir le chat").click()
    await _write(page, "Où en est ma commande ?")
    await expect(page.get_by_text("Envoyé")).to_be_visible()
    assert await _rows(centre, "customers", "name = 'Claire Rousseau'") == 1
    await other.get_by_role("button", name="Ouvrir le chat").click()
    await centre.says("Elle part demain")
    for tab in (page, other):
        await expect(tab.get_by_role("log")).to_contain_text("Elle part demain")
    await page.evaluate("parlons('identify', null)")
    for tab in (page, other):
        await expect(tab.get_by_role("log")).not_to_contain_text("Elle part demain")
    await _until(page, "localStorage.length === 0")


async def test_files_are_checked_on_both_sides(centre: Centre, browsers: Browsers, tmp_path: Path) -> None:
    program, disguised, picture = tmp_path / "a.exe", tmp_path / "b.png", tmp_path / "c.png"
    program.write_bytes(b"MZ program")
    disguised.write_bytes(b"MZ program")
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    page = await browsers.page(await browsers.profile())
    await page.get_by_role("button", name="Ouvrir le chat").click()
    await expect(page.get_by_role("textbox", name="Votre message")).to_be_visible()
    chooser = page.locator("parlons-chat input[type=file]")
    for refused in (program, disguised):
        await chooser.set_input_files(refused)
        await expect(page.get_by_role("status").filter(has_text=refused.name)).to_contain_text(
            "que nous ne prenons pas"
        )
    await chooser.set_input_files(picture)
    await expect(page.get_by_role("button", name="Retirer c.png")).to_be_visible()
    await page.get_by_role("button", name="Envoyer").click()
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Télécharger c.png").click()
    assert (await (await downloading.value).path()).read_bytes() == picture.read_bytes()


async def test_closed_doors_in_english(centre: Centre, browsers: Browsers) -> None:
    hours = HoursRow("HO" + "1" * 32, centre.firm_id, "Never", "Europe/Paris", {}, days={})
    async with centre.db.transaction(centre.tenant_id) as tx:
        await put_hours(tx, [hours])
        await tx.execute("UPDATE firms SET hours_id = :id", {"id": hours.id})
    page = await browsers.page(await browsers.profile(locale="en-GB"), "/shop/en/cars")
    await page.get_by_role("button", name="Open the chat").click()
    await expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    await page.get_by_role("button", name="Leave the message").click()
    await expect(page.get_by_role("textbox", name="Name")).to_have_accessible_description("Please fill this in.")
    await page.get_by_role("textbox", name="Name").fill("Emma Whitfield")
    await page.get_by_role("textbox", name="E-mail").fill("emma@example")
    await page.get_by_role("textbox", name="Your message").fill("Please call me back")
    await page.get_by_role("button", name="Leave the message").click()
    await expect(page.get_by_text("This address is not complete")).to_be_visible()
    await page.get_by_role("textbox", name="E-mail").fill("emma@example.org")
    await page.get_by_role("button", name="Leave the message").click()
    await expect(page.get_by_text("We answer at emma@example.org")).to_be_visible()
    assert await _rows(centre, "messages", "author_kind = 'customer'") == 1


async def test_a_phone_shows_the_chat_alone(centre: Centre, browsers: Browsers) -> None:
    context = await browsers.profile(viewport=PHONE, is_mobile=True, has_touch=True)
    page = await browsers.page(context)
    await page.get_by_role("button", name="Ouvrir le chat").tap()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_have_attribute("aria-modal", "true")
    box = await dialog.bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (PHONE["width"], PHONE["height"])
    await _write(page, "Bonjour")
    await expect(page.get_by_text("Envoyé")).to_be_visible()
    await centre.takes()
    await expect(page.get_by_role("log")).to_contain_text("Sofia a rejoint")
    sizes = await page.evaluate(
        "[...document.querySelector('parlons-chat').shadowRoot.querySelectorAll('.panel :is(button,a)')]"
        ".map(e => { const b = e.getBoundingClientRect(); return [e.ariaLabel ?? e.textContent, Math.min(b.width, b.height)] })"
    )
    assert sizes
    assert [each for each in sizes if each[1] < 36] == []
    font = await page.get_by_role("textbox").evaluate("e => getComputedStyle(e).fontSize")
    assert font == "16px", "anything smaller makes a phone zoom"
    for _ in range(12):
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.localName") == "parlons-chat", (
            "Tab stays in the only thing shown"
        )


@pytest.mark.parametrize(("locale", "path"), [("fr-FR", CAR), ("en-GB", "/shop/en/cars/solene-5-hybride")])
async def test_axe_finds_nothing(centre: Centre, browsers: Browsers, locale: str, path: str) -> None:
    found: list[str] = []
    for scheme in ("light", "dark"):
        page = await browsers.page(
            await browsers.profile(locale=locale, color_scheme=scheme, reduced_motion="reduce"), path
        )
        for step in ("closed", "open", "chat", "fault"):
            match step:
                case "open":
                    await page.locator("parlons-chat .launch").click()
                    await expect(page.locator("parlons-chat textarea")).to_be_visible()
                case "chat":
                    await page.locator("parlons-chat textarea").fill("Bonjour https://shop.example/cars ?")
                    await page.keyboard.press("Enter")
                    await expect(page.locator("parlons-chat .bar")).to_be_visible()
                    await centre.says("Oui")
                    await expect(page.get_by_role("log")).to_contain_text("Oui")
                case "fault":
                    await page.locator("parlons-chat textarea").fill("x" * 4001)
                    await page.keyboard.press("Enter")
                    await expect(page.locator("parlons-chat .bar.bad")).to_be_visible()
            results = await Axe().run(page, options=RULES)
            for violation in results.response["violations"]:
                nodes = "; ".join(str(node["target"]) for node in violation["nodes"][:3])
                found.append(f"{scheme}/{step}: {violation['id']} at {nodes}")
    assert found == []


async def _another_site(centre: Centre, browsers: Browsers) -> Page:
    """A page of another origin, under a policy that allows the server's script and calls, and no style, font or image."""
    page = await (await browsers.profile()).new_page()
    await page.goto(f"http://localhost:{centre.port}/boutique")
    await page.get_by_role("button", name="Ouvrir le chat").click()
    return page


async def test_another_site_uses_it_under_a_strict_policy(centre: Centre, browsers: Browsers) -> None:
    async with centre.db.transaction(centre.tenant_id) as tx:
        await put_widget(
            tx,
            workspace_id=centre.workspace_id,
            firm_id=centre.firm_id,
            key="delmas",
            name="Delmas Automobiles",
            origins=[f"http://localhost:{centre.port}"],
        )
    page = await _another_site(centre, browsers)
    head = page.locator("parlons-chat .head")
    await expect(head).to_have_css("background-color", "rgb(122, 31, 61)")
    await _write(page, "Bonjour depuis ailleurs")
    await expect(page.get_by_text("Envoyé")).to_be_visible()
    await centre.says("Bienvenue")
    await expect(page.get_by_role("log")).to_contain_text("Bienvenue")


async def test_a_site_that_is_not_listed_gets_no_chat(centre: Centre, browsers: Browsers) -> None:
    page = await _another_site(centre, browsers)
    await expect(page.get_by_text("Le chat ne répond pas pour l’instant")).to_be_visible()
    await _write(page, "Laissez-moi entrer")
    assert await _rows(centre, "visitors") == 0
