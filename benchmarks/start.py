"""How long a start takes and how much a page fetches: `make bench-start`.

demo.warm_s: `parlons demo` on a folder that has run before, to its ready line (demo.cold_s is measured by tools/fresh.sh, which
begins with nothing). widget.gzip_kb and desk.entry_gzip_kb: all script and style that Chromium fetches until the chat is open,
and until the agent's list shows, each response as gzip -9 would send it. load.firms_s: `parlons serve` on a database with 6,000
firms and 50 agents, PostgreSQL up, from its start to /health/ready. One JSON line each.
"""

import asyncio
import contextlib
import gzip
import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from playwright.async_api import Browser, Response, async_playwright

from parlons.runtime.postgres.supervisor import ensure_server, release_server
from parlons.testing.processes import READY, OwnPostgres, Running, data_folder

FIRMS, AGENTS, AT_ONCE = 6_000, 50, 500


def tell(name: str, value: float, unit: str, bound: float) -> None:
    """One figure; `ratio` is against the bound that the issue names."""
    line = {"name": name, "value": round(value, 2), "unit": unit, "baseline": bound, "ratio": round(value / bound, 3)}
    print(json.dumps(line), flush=True)


class Weighed:
    """Sums what a page fetched, compressed."""

    def __init__(self) -> None:
        self._answers: list[Response] = []

    def hear(self, response: Response) -> None:
        if response.request.resource_type in ("script", "stylesheet"):
            self._answers.append(response)

    async def kilobytes(self, fits: Callable[[str], bool]) -> float:
        """Of the addresses which fit."""
        bodies = [await each.body() for each in self._answers if fits(each.url)]
        assert bodies, "nothing was fetched"
        return sum(len(gzip.compress(body, 9)) for body in bodies) / 1000


async def weigh(
    browser: Browser, address: str, until: Callable[..., Awaitable[None]], fits: Callable[[str], bool]
) -> float:
    """What `address` fetches until `until` has seen what it waits for."""
    page = await (await browser.new_context(locale="en-GB")).new_page()
    weighed = Weighed()
    page.on("response", weighed.hear)
    await page.goto(address)
    await until(page)
    return await weighed.kilobytes(fits)


async def pages(server: Running) -> None:
    """The two figures of the browser."""

    async def chat(page: "object") -> None:
        await page.get_by_role("button", name="Open the chat").click()  # type: ignore[attr-defined]
        await page.get_by_role("textbox", name="Your message").wait_for()  # type: ignore[attr-defined]

    async def desk(page: "object") -> None:
        await page.get_by_role("button").last.click()  # type: ignore[attr-defined]
        await page.locator("[data-list]").wait_for()  # type: ignore[attr-defined]

    path = os.environ.get("PARLONS_CHROMIUM", "/usr/bin/chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        shop = f"{server.url}/shop/en/cars"
        tell("widget.gzip_kb", await weigh(browser, shop, chat, lambda url: "/shop/" not in url), "kB", 15)
        link = f"{server.url}/app/link#{server.links['Agent']}"
        tell("desk.entry_gzip_kb", await weigh(browser, link, desk, lambda _: True), "kB", 250)
        await browser.close()


def configuration(first: int, count: int, agents: int) -> str:
    """A file with `count` firms, each with an address, hours and a queue, and `agents` agents."""
    lines = ["parlons: 1"]
    if first == 0:
        lines += ["activities:", "  - {name: Offline}", "  - {name: Available, available: true}"]
        lines += ["workspace: {default_activity: Offline}", "task_channels:", "  - {name: chat}"]
    numbers = range(first, first + count)
    week = 'week: {mon-fri: ["09:00-18:00"]}'
    lines += ["firms:"] + [
        f"  - {{name: Firm {n}, languages: [fr, en], usual_hours: Usual, hours: {{Usual: {{zone: Europe/Paris, {week}}}}}}}"
        for n in numbers
    ]
    lines += ["queues:"] + [
        f"  - {{name: Queue {n}, firm: Firm {n}, workers: 'skills HAS \"s{n % 40}\"'}}" for n in numbers
    ]
    lines += ["workflows:"] + [f"  - {{name: Flow {n}, firm: Firm {n}, default_queue: Queue {n}}}" for n in numbers]
    lines += ["widgets:"] + [
        f"  - {{key: firm{n}, firm: Firm {n}, name: Firm {n}, languages: [fr, en]}}" for n in numbers
    ]
    lines += ["entry_points:"] + [
        f"  - {{channel: webchat, address: firm{n}, firm: Firm {n}, name: Chat, workflow: Flow {n}, "
        "task_channel: chat, language: fr}"
        for n in numbers
    ]
    if agents:
        lines += ["users:"] + [
            f"  - {{email: agent{n}@load.example, name: Agent {n}, firms: all, "
            f"attributes: {{skills: [s{n % 40}, s{(n + 7) % 40}]}}, channels: {{chat: 3}}}}"
            for n in range(agents)
        ]
    return "\n".join(lines)


def fill(server: Running) -> None:
    """Lays the firms down, some hundreds at once."""
    headers = {"Authorization": f"Bearer {server.operator_key()}"}
    with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=600, trust_env=False) as client:
        for first in range(0, FIRMS, AT_ONCE):
            text = configuration(first, AT_ONCE, AGENTS if first == 0 else 0)
            answer = client.post("/configuration", content=text.encode())
            assert answer.is_success, answer.text[:2000]


def warm() -> None:
    """The second start of the demo, and what its pages weigh."""
    with data_folder() as data:
        with Running(data, play="demo"):
            pass
        began = time.monotonic()
        with Running(data, play="demo") as server:
            tell("demo.warm_s", time.monotonic() - began, "s", 5)
            asyncio.run(pages(server))


def many_firms(data: Path) -> None:
    """PostgreSQL is held up here while the server ends and starts anew."""
    with Running(data) as server:
        fill(server)
        postgres = ensure_server(data, say=lambda _: None)
        server.end()
        assert OwnPostgres(data).pid is not None
        began = time.monotonic()
        server.begin()
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{server.url}/health/ready", timeout=10, trust_env=False).status_code == 200:
                    break
            assert time.monotonic() - began < 300, "not ready in five minutes"
            time.sleep(0.02)
        tell("load.firms_s", time.monotonic() - began, "s", 5)
        server.wait_for(READY)
        release_server(postgres)


def main() -> None:
    """All figures."""
    warm()
    with data_folder() as data:
        many_firms(data)


if __name__ == "__main__":
    main()
