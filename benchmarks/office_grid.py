"""office.worker_grid_ms: the grid of 1,000 agents by 50 skills in Chromium, as a supervisor has it before him.

Opened (from the press on its section to the drawn grid), filtered (from the last key to the drawn rows) and one cell edited
(from the key to the drawn level), each many times; the figure is the 95th of a hundred of all of them together, the parts and the
time until the server has kept an edit are told with it. Times are the page's own: from the event's time stamp to the frame after
the one in which the change stands (two animation frames), with 1,000 agents laid down by the same road as anybody's.
"""

import asyncio
import json
import os
import random
import statistics
from pathlib import Path

import httpx
from playwright.async_api import Page, async_playwright

from parlons.testing.processes import Running, data_folder

AGENTS, SKILLS, EACH = 1_000, 50, 20
BOUND_MS = 200
OPENED, FILTERED, EDITED = 20, 40, 40
SECTION = "a[href='/app/settings/skills']"
WATCH = """
() => {
  window.seen = { from: 0, took: [] };
  const begin = event => { window.seen.from = event.timeStamp };
  addEventListener('keydown', begin, true);
  addEventListener('pointerdown', begin, true);
  window.heads = () => [...document.querySelectorAll('[role=rowheader]')];
  window.cells = () => [...document.querySelectorAll('[role=gridcell]')].map(each => each.textContent);
  window.drawn = test => new Promise((done, never) => {
    const since = performance.now();
    const look = () => {
      if (test()) requestAnimationFrame(() => requestAnimationFrame(now => done(now - window.seen.from)));
      else if (performance.now() - since > 10_000) never(new Error('not drawn in ten seconds'));
      else requestAnimationFrame(look);
    };
    look();
  });
}
"""


def configuration() -> str:
    """A thousand agents, each with twenty of fifty skills."""
    rng = random.Random(1)
    skills = [f"skill_{number:02}" for number in range(SKILLS)]
    lines = ["parlons: 1", "activities: [{name: Offline}, {name: Available, available: true}]"]
    lines += ["workspace: {default_activity: Offline}", "task_channels: [{name: chat}, {name: voice}]"]
    lines += ["firms: [{name: Centre}]", "queues: [{name: All, firm: Centre}]", "users:"]
    for number in range(AGENTS):
        held = rng.sample(skills, EACH)
        levels = ", ".join(f"{name}: {rng.randint(1, 10)}" for name in held)
        attributes = f"{{skills: [{', '.join(held)}], levels: {{{levels}}}, languages: [fr, en]}}"
        lines.append(
            f"  - {{email: agent{number}@load.example, name: Agent {number:04}, firms: all, attributes: {attributes}, "
            "channels: {chat: 3, voice: 1}}"
        )
    lines.append("  - {email: lead@load.example, name: Lead, firms: all, role: administrator}")
    return "\n".join(lines)


def lay_down(server: Running) -> str:
    """Applies it; the lead's one-time link."""
    headers = {"Authorization": f"Bearer {server.operator_key()}"}
    with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=600, trust_env=False) as client:
        answer = client.post("/configuration", content=configuration().encode())
        assert answer.is_success, answer.text[:2000]
        return str(answer.json()["links"]["lead@load.example"])


async def opened(page: Page) -> list[float]:
    """From the press on the section to the grid."""
    found = []
    for _ in range(OPENED):
        await page.evaluate("history.back()")
        await page.locator("[role=grid]").wait_for(state="detached")
        waiting = asyncio.create_task(
            page.evaluate("drawn(() => document.querySelectorAll('[role=gridcell]').length > 200)")
        )
        await page.click(SECTION)
        found.append(float(await waiting))
    return found


async def filtered(page: Page) -> list[float]:
    """From the last key of a number to that agent alone."""
    field, found = page.get_by_label("Filter agents"), []
    for turn in range(FILTERED):
        number = f"{turn * 23 % AGENTS:04}"
        await field.fill(number[:3])
        test = f"drawn(() => heads().length === 1 && heads()[0].textContent.endsWith('{number}'))"
        waiting = asyncio.create_task(page.evaluate(test))
        await field.press(number[3])
        found.append(float(await waiting))
    await field.fill("")
    return found


async def edited(page: Page) -> tuple[list[float], list[float]]:
    """From the Enter behind a level to its being drawn, and to the server's answer."""
    grid, found, kept = page.get_by_role("grid"), [], []
    await grid.focus()
    await page.keyboard.press("Control+Home")
    for turn in range(EDITED):
        await page.keyboard.press("ArrowRight")
        level = 100 + turn
        await page.keyboard.type(str(level))
        await page.locator("[role=gridcell] input").wait_for()
        test = f"drawn(() => !document.querySelector('[role=gridcell] input') && cells().includes('{level}'))"
        waiting = asyncio.create_task(page.evaluate(test))
        began = asyncio.get_running_loop().time()
        async with page.expect_response(lambda answer: answer.request.method == "PATCH") as answer:
            await page.keyboard.press("Enter")
        assert (await answer.value).ok
        kept.append((asyncio.get_running_loop().time() - began) * 1000)
        found.append(float(await waiting))
    return found, kept


def p95(values: list[float]) -> float:
    """The 95th of a hundred."""
    return sorted(values)[int(len(values) * 0.95)]


async def measure(server: Running) -> None:
    """Signs in and does it."""
    path = os.environ.get("PARLONS_CHROMIUM", "/usr/bin/chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = await browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
        page = await context.new_page()
        await page.goto(await asyncio.to_thread(lay_down, server))
        await page.get_by_role("main").get_by_role("button").last.click()
        await page.locator("nav a[href='/app/settings']").click()
        await page.evaluate(WATCH)
        await page.click(SECTION)
        await page.locator("[role=grid]").wait_for()
        if folder := os.environ.get("PARLONS_PICTURES"):
            await page.screenshot(path=Path(folder) / "grid-1000.png")
        parts = {"open": await opened(page), "filter": await filtered(page)}
        parts["edit"], kept = await edited(page)
        told = p95([value for values in parts.values() for value in values])
        line = {"name": "office.worker_grid_ms", "value": round(told, 1), "unit": "ms", "baseline": BOUND_MS}
        line["ratio"] = round(told / BOUND_MS, 3)
        line["note"] = f"p95 of {sum(map(len, parts.values()))} acts; " + "; ".join(
            f"{name} p50 {statistics.median(values):.0f} p95 {p95(values):.0f}"
            for name, values in {**parts, "kept": kept}.items()
        )
        print(json.dumps(line), flush=True)
        await browser.close()


async def main() -> None:
    """The figure."""
    with data_folder() as data, Running(data) as server:
        await measure(server)


if __name__ == "__main__":
    asyncio.run(main())
