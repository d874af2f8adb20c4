"""floor.update_ms: from a state change to the frame that shows it, on a supervisor's Live page in Chromium; 500 agents,
100 queues, 50 changes a second. floor.interaction_ms: from a key or press to the next frame, 50 acts there under that load.

Counted from the time the router gave the event (its `at`) to the second animation frame after the agent's cell says the new
state: commit, hub, socket, fold and drawing lie between. One clock: server and page stand on one machine. Changes are asked
of the router in the serving process, so that no client's cost is measured beside; agents change one after the other, so each
change can be told from the next.
"""

import asyncio
import json
import os
import signal
import statistics
import time
from pathlib import Path

import httpx
import uvloop
from playwright.async_api import Page, async_playwright

from parlons.app.process import run
from parlons.app.services import Services
from parlons.app.settings import OPERATOR_KEY, Settings
from parlons.routing.commands import SetActivity
from parlons.testing.processes import data_folder, free_port

AGENTS, QUEUES, RATE, SECONDS, ACTS = 500, 100, 50, 20, 50
UPDATE_MS, INTERACTION_MS = 100, 100
LEAD = "lead@load.example"
WATCH = """
() => {
  window.took = [];
  window.heard = [];
  window.acts = [];
  const waiting = new Map();
  const words = { Available: 'Ready', Break: 'Break' };
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', message => {
        const frame = JSON.parse(message.data);
        const snapshot = frame.type === 'snapshot' && frame.data;
        if (snapshot) window.names = Object.fromEntries(Object.values(snapshot.activities).map(each => [each.id, each.name]));
        if (frame.event !== 'worker.activity.update') return;
        const { worker } = frame.data;
        window.heard.push(Date.now() - Date.parse(frame.at));
        waiting.set(worker.id, { at: Date.parse(frame.at), word: words[window.names[worker.activity_id]] });
      });
    }
  };
  const look = () => {
    for (const [id, { at, word }] of waiting) {
      const said = document.querySelector(`[data-worker="${id}"] .hidden`)?.textContent ?? '';
      if (!said.includes(`, ${word},`)) continue;
      waiting.delete(id);
      requestAnimationFrame(() => window.took.push(Date.now() - at));
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  window.left = () => waiting.size;
  new PerformanceObserver(list => {
    for (const each of list.getEntries()) if (each.interactionId) window.acts.push([each.interactionId, each.duration]);
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
}
"""


def configuration() -> str:
    """Five agents for each queue, by a skill of its own."""
    lines = ["parlons: 1", "activities: [{name: Offline}, {name: Available, available: true}, {name: Break}]"]
    lines += ["workspace: {default_activity: Offline}", "task_channels: [{name: chat}]", "firms: [{name: Centre}]"]
    lines.append("queues:")
    lines += [f"  - {{name: Queue {n:03}, firm: Centre, workers: 'skills HAS \"skill_{n}\"'}}" for n in range(QUEUES)]
    lines.append("users:")
    for number in range(AGENTS):
        lines.append(
            f"  - {{email: agent{number}@load.example, name: Agent {number:04}, firms: all, "
            f"attributes: {{skills: [skill_{number % QUEUES}]}}, channels: {{chat: 3}}}}"
        )
    lines.append(f"  - {{email: {LEAD}, name: Lead, firms: all, role: administrator}}")
    return "\n".join(lines)


class Load:
    """State changes at a steady rate, each agent in his turn between ready and break."""

    def __init__(self, services: Services) -> None:
        self.dispatch, self.workspace_id = services.dispatch, services.installation.workspace_id
        state = self.dispatch.state(self.workspace_id)
        self.workers = sorted(one.id for one in state.workers.values() if one.name.startswith("Agent"))
        named = {one.name: one.id for one in state.activities.values()}
        self.states = [named["Available"], named["Break"]]
        self.turn = 0
        self._running: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        """Everybody is at work."""
        assert len(self.workers) == AGENTS
        await asyncio.gather(*(self._put(worker, 0) for worker in self.workers))

    async def run(self, seconds: float) -> float:
        """The rate that was reached."""
        began = time.perf_counter()
        end, count = began + seconds, 0
        while (now := time.perf_counter()) < end:
            due = int((now - began) * RATE) + 1
            for _ in range(count, due):
                self._next()
            count = max(count, due)
            await asyncio.sleep(max(0.0, began + count / RATE - time.perf_counter()))
        await asyncio.gather(*self._running)
        return count / (time.perf_counter() - began)

    def _next(self) -> None:
        turn, self.turn = self.turn, self.turn + 1
        task = asyncio.create_task(self._put(self.workers[turn % AGENTS], 1 - turn // AGENTS % 2))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _put(self, worker_id: str, state: int) -> None:
        await self.dispatch.send(self.workspace_id, SetActivity(worker_id, self.states[state]))


def p95(values: list[float]) -> float:
    """The 95th of a hundred."""
    return sorted(values)[int(len(values) * 0.95)]


def say(name: str, value: float, bound: float, note: str) -> None:
    """One figure."""
    line = {"name": name, "value": round(value, 1), "unit": "ms", "baseline": bound, "ratio": round(value / bound, 3)}
    print(json.dumps({**line, "note": note}), flush=True)


async def acts(page: Page) -> None:
    """Opens people and closes them again."""
    cells = page.locator("[data-worker] > button")
    for turn in range(ACTS // 2):
        await cells.nth(turn * 7).click()
        await page.get_by_role("dialog").wait_for()
        await page.keyboard.press("Escape")
        await page.get_by_role("dialog").wait_for(state="detached")


async def link_of(services: Services) -> str:
    """The lead's one-time link."""
    headers = {"Authorization": f"Bearer {(services.settings.data / OPERATOR_KEY).read_text()}"}
    base = f"{services.settings.url}/api/v1"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60, trust_env=False) as client:
        users = (await client.get("/users?limit=500")).json()["items"]
        users += (await client.get("/users?limit=500&role=administrator")).json()["items"]
        lead = next(one["id"] for one in users if one["email"] == LEAD)
        return str((await client.post(f"/users/{lead}/link")).json()["link"])


async def measure(services: Services) -> None:
    """Signs in as the lead, opens Live, and lets the centre work."""
    path = os.environ.get("PARLONS_CHROMIUM", "/usr/bin/chromium")
    async with async_playwright() as playwright:
        load = Load(services)
        await load.begin()
        link = await link_of(services)
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = await browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
        await context.add_init_script(f"({WATCH})()")
        page = await context.new_page()
        await page.goto(link)
        await page.get_by_role("main").get_by_role("button").last.click()
        await page.locator("nav a[href='/app/live']").click()
        await page.locator("[data-worker]").nth(AGENTS - 1).wait_for(state="attached")
        await load.run(2)
        await page.evaluate("took.length = heard.length = 0")
        rate = await load.run(SECONDS)
        # The page's own policy forbids what a waiting by expression would evaluate in it.
        await page.evaluate("new Promise(done => (function look() { left() ? setTimeout(look, 50) : done(); })())")
        took, heard = [[float(each) for each in await page.evaluate(name)] for name in ("took", "heard")]
        note = f"p95 of {len(took)} changes at {rate:.0f}/s, {AGENTS} agents, {QUEUES} queues; p50 {statistics.median(took):.0f} "
        note += f"max {max(took):.0f}; received by the page p50 {statistics.median(heard):.0f} p95 {p95(heard):.0f}"
        say("floor.update_ms", p95(took), UPDATE_MS, note)
        if folder := os.environ.get("PARLONS_PICTURES"):
            await page.screenshot(path=Path(folder) / "floor-500.png")
        await page.evaluate("acts.length = 0")
        working = asyncio.create_task(load.run(SECONDS))
        await acts(page)
        longest: dict[int, float] = {}
        for interaction, duration in await page.evaluate("acts"):
            longest[interaction] = max(duration, longest.get(interaction, 0.0))
        slow = sorted(longest.values(), reverse=True)[:ACTS]
        every = [*slow, *[16.0] * (ACTS - len(slow))]
        say("floor.interaction_ms", p95(every), INTERACTION_MS, f"p95 of {ACTS} acts under load; max {max(every):.0f}")
        await working
        await browser.close()


async def main() -> None:
    """Both figures, on a server in this process; its end is the end of the measuring."""
    failures: list[BaseException] = []

    async def ready(services: Services) -> None:
        task = asyncio.create_task(measure(services))

        def over(task: asyncio.Task[None]) -> None:
            failures.extend(filter(None, [task.exception()]))
            os.kill(os.getpid(), signal.SIGTERM)

        task.add_done_callback(over)

    with data_folder() as data:
        settings = Settings(data, port=free_port())
        await run(settings, say=lambda _: None, first=lambda _: configuration(), ready=ready)
    if failures:
        raise failures[0]


if __name__ == "__main__":
    uvloop.run(main())
