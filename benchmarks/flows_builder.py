"""builder.inp_p95_ms: what the flow builder takes from a key or a click to the next picture, 95th of 50 edits, at 300 steps.

A real server, a real browser. The edits are those of a person: words typed, steps moved by key and by pointer, added, connected,
removed, taken back. Of each edit counts its slowest interaction, as the browser tells it (Event Timing, W3C: from the input to
the frame after it, in steps of 8 ms; what took less than 16 ms counts as 16). `python -m benchmarks.flows_builder [--quick]`."""

import asyncio
import json
import math
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from playwright.async_api import Browser, Page, async_playwright, expect

from parlons.testing.processes import Running, data_folder

STEPS, EDITS, QUICK, BOUND_MS, LEAST_MS = 300, 50, 14, 100, 16
WATCH = """() => {
  window.slowest = 0;
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) if (each.interactionId) window.slowest = Math.max(window.slowest, each.duration);
  }).observe({ type: 'event', durationThreshold: 16, buffered: false });
}"""
TOLD = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
  const slowest = window.slowest; window.slowest = 0; done(slowest);
}, 60)))"""
Edit = Callable[[Page, int], Awaitable[None]]


def flow() -> dict[str, Any]:
    """A hundred questions, each with something said and a queue behind it, in two languages."""
    steps: dict[str, Any] = {}
    for number in range(0, STEPS, 3):
        after = f"ask_{number + 3}" if number + 3 < STEPS else f"queue_{number + 2}"
        words = {"en": f"Question {number}: press 1 or 2.", "fr": f"Question {number} : tapez 1 ou 2."}
        choices = {"1": {"next": f"say_{number + 1}"}, "2": {"next": f"queue_{number + 2}"}}
        steps[f"ask_{number}"] = {"do": "ask", "text": words, "choices": choices, "failed": f"queue_{number + 2}"}
        steps[f"say_{number + 1}"] = {"do": "say", "text": {"en": "Thank you.", "fr": "Merci."}, "next": after}
        steps[f"queue_{number + 2}"] = {"do": "queue", "queue": "Desk"}
    return {"name": "Big", "start": "ask_0", "language": "en", "languages": ["en", "fr"], "steps": steps}


async def _typed(page: Page, number: int) -> None:
    await page.locator("[data-form] textarea").first.press_sequentially("a")


async def _moved(page: Page, number: int) -> None:
    await _focus(page)
    await page.keyboard.press("Alt+ArrowDown" if number % 2 else "Alt+ArrowUp")


async def _added(page: Page, number: int) -> None:
    await _focus(page)
    await page.keyboard.press("a")
    await expect(page.get_by_role("menuitem").first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menu")).to_have_count(0)


async def _connected(page: Page, number: int) -> None:
    await _focus(page)
    await page.keyboard.press("c")
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_role("combobox").last
    await expect(field).to_be_focused()
    await field.fill(f"queue_{3 * number + 2}")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)


async def _removed(page: Page, number: int) -> None:
    await _focus(page)
    await page.keyboard.press("Delete")


async def _undone(page: Page, number: int) -> None:
    await _focus(page)
    await page.keyboard.press("Control+z")


async def _dragged(page: Page, number: int) -> None:
    step = page.locator("[data-step]").first
    await step.hover(position={"x": 60, "y": 20})
    await page.mouse.down()
    await page.mouse.move(500 + number, 400, steps=6)
    await page.mouse.up()


SCRIPT: tuple[Edit, ...] = (_typed, _moved, _added, _connected, _undone, _dragged, _removed, _undone, _typed, _moved)


async def _focus(page: Page) -> None:
    await page.locator("[data-step][tabindex='0']").focus()


async def _opened(browser: Browser, server: Running) -> Page:
    headers = {"Authorization": f"Bearer {server.operator_key()}"}
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1", headers=headers, timeout=60) as api:
        file = {"activities": [{"name": "Away"}], "queues": [{"name": "Desk"}], "flows": [flow()]}
        answer = await api.post("/configuration", content=json.dumps(file))
        assert answer.status_code == 200, answer.text
        users = (await api.get("/users")).json()["items"]
        link = (await api.post(f"/users/{users[0]['id']}/link")).json()["link"]
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", base_url=server.url)
    context.set_default_timeout(60_000)
    page = await context.new_page()
    await page.goto(link)
    await page.get_by_role("main").get_by_role("button").last.click()
    await expect(page.get_by_role("banner")).to_be_visible()
    await page.goto("/app/settings/flows/Big/edit")
    await page.locator("[data-step=ask_0]").click()
    await expect(page.locator("[data-form=ask_0]")).to_be_visible()
    return page


async def measured(edits: int) -> list[tuple[str, float]]:
    """The slowest interaction of each edit, in milliseconds."""
    found: list[tuple[str, float]] = []
    with data_folder() as data, Running(data) as server:
        async with async_playwright() as playwright:
            path = os.environ.get("PARLONS_CHROMIUM", "/usr/bin/chromium")
            browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = await _opened(browser, server)
            await page.evaluate(WATCH)
            await page.evaluate(TOLD)
            for number in range(edits):
                edit = SCRIPT[number % len(SCRIPT)]
                await edit(page, number)
                found.append((edit.__name__, max(LEAST_MS, float(await page.evaluate(TOLD)))))
            await browser.close()
    return found


def main(quick: bool) -> int:
    """Measure, print, and say whether the bound holds."""
    found = asyncio.run(measured(QUICK if quick else EDITS))
    sorted_ms = sorted(ms for _, ms in found)
    value = sorted_ms[math.ceil(0.95 * len(sorted_ms)) - 1]
    worst = max(found, key=lambda each: each[1])
    median = sorted_ms[len(sorted_ms) // 2]
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    note = f"{len(found)} edits at {STEPS} steps; median {median:.0f}, slowest {worst[1]:.0f} ({worst[0][1:]}); {load}"
    print(
        json.dumps({"name": "builder.inp_p95_ms", "value": round(value), "unit": "ms", "bound": BOUND_MS, "note": note})
    )
    return 0 if value <= BOUND_MS else 1


if __name__ == "__main__":
    sys.exit(main("--quick" in sys.argv[1:]))
