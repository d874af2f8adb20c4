"""`make screenshots`: the README's pictures, in English, from a running demo with its practice people. Nothing is retouched.

docs/pictures/desk.png (an agent with chats in hand), live.png (the supervisor's page), widget.png (the chat on the shop).
"""

import asyncio
import os
import re
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from parlons.testing.processes import Running, data_folder

PICTURES = Path(__file__).resolve().parent.parent / "docs/pictures"
LAPTOP = {"width": 1440, "height": 900}
LIVELY = {
    "PARLONS_DEMO_ACTORS": "", "PARLONS_DEMO_PER_MINUTE": "20", "PARLONS_DEMO_PACE": "3",
    "PARLONS_DEMO_MESSAGES_PER_MINUTE": "0",
}  # fmt: skip
expect.set_options(timeout=90_000)


async def page_of(browser: Browser, address: str) -> Page:
    """A page of somebody's own, English, light."""
    context = await browser.new_context(
        viewport=LAPTOP, locale="en-GB", timezone_id="Europe/London", color_scheme="light", reduced_motion="reduce"
    )
    page = await context.new_page()
    await page.goto(address)
    return page


async def desk_of(browser: Browser, link: str) -> Page:
    """Signed in, in English."""
    page = await page_of(browser, link)
    await page.get_by_role("button", name=re.compile("^(Open my desk|Ouvrir mon bureau)$")).click()
    await expect(page.locator("[data-list]")).to_be_visible()
    await page.request.patch(re.sub("/app/.*", "/api/v1/me", link), data={"locale": "en"}, headers={"X-Parlons": "1"})
    await page.reload()
    return page


async def take(server: Running) -> None:
    """A customer writes, an agent answers, the supervisor looks on."""
    path = os.environ.get("PARLONS_CHROMIUM", "/usr/bin/chromium")
    link = f"{server.url}/app/link#"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        agent = await desk_of(browser, link + server.links["Agent"])
        await agent.get_by_role("banner").get_by_role("button", name="Start my shift").click()
        visitor = await page_of(browser, f"{server.url}/shop/en/cars/solene-5-hybride")
        await visitor.get_by_role("button", name="Open the chat").click()
        await visitor.get_by_role("textbox", name="Your message").fill("Hello, is the Solène 5 still for sale?")
        await visitor.keyboard.press("Enter")
        offer = agent.get_by_role("region", name=re.compile("^Offer,")).filter(
            has_text="is the Solène 5 still for sale?"
        )
        await offer.get_by_role("button", name="Take").click()
        composer = agent.locator("[data-composer]")
        await expect(composer).to_have_accessible_name(re.compile("^Reply to"))
        await composer.fill("Hello! Yes, it is in Toulouse. Would you like to try it this week?")
        await agent.keyboard.press("Control+Enter")
        log = visitor.get_by_role("log")
        await expect(log).to_contain_text("try it this week?")
        await visitor.get_by_role("textbox", name="Your message").fill(
            "Thursday would be perfect. What about my old car?"
        )
        await visitor.keyboard.press("Enter")
        await expect(agent.get_by_role("log")).to_contain_text("What about my old car?")
        await visitor.screenshot(path=PICTURES / "widget.png")
        supervisor = await desk_of(browser, link + server.links["Supervisor"])
        await supervisor.get_by_role("link", name="Live").click()
        await expect(supervisor.get_by_role("region", name="People").get_by_text("On a contact").first).to_be_visible()
        await expect(supervisor.get_by_text(re.compile("%$")).first).to_be_visible()
        await supervisor.mouse.move(900, 880)
        await expect(supervisor.get_by_role("tooltip")).to_have_count(0)
        await supervisor.screenshot(path=PICTURES / "live.png")
        await agent.screenshot(path=PICTURES / "desk.png")
        await browser.close()


def main() -> None:
    """Starts a demo of its own and takes the pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with data_folder() as data, Running(data, play="demo", environ=LIVELY) as server:
        asyncio.run(take(server))
    print(f"Pictures stand in {PICTURES}")


if __name__ == "__main__":
    main()
