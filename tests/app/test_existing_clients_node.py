"""The official JavaScript clients, unmodified: the REST client's whole cycle and a worker's day in one node process, and a day of
the browser SDK in a browser, in a page of another origin."""

import functools
import json
import os
import shutil
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from parlons.compat.bridge import COMMANDS
from tests.app.conftest import Centre
from tests.app.existing_client import Keys
from tests.app.line import Line
from tests.app.test_existing_clients_bridge import PATH, token
from tests.journeys.conftest import ARGUMENTS, chromium_path
from tools.compatibility import BROWSER, JAVASCRIPT, asked, check_ran
from tools.npm import command

HERE = Path(__file__).parent / "node_clients"
PATIENCE = 300


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the clients, installed."""
    place = tmp_path_factory.mktemp("node") / "clients"
    shutil.copytree(HERE, place, ignore=shutil.ignore_patterns("node_modules"))
    environ = dict(os.environ)
    install = [*command(environ), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(install, env=environ, check=True, cwd=place, timeout=PATIENCE)
    return place


def node(place: Path, *line: str) -> str:
    """What a program of the folder prints."""
    environ = dict(os.environ)
    command(environ)  # which puts node on the path
    run = ["node", *line]
    done = subprocess.run(run, env=environ, cwd=place, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def test_the_javascript_clients_run_whole_cycles(shared: Centre, keys: Keys, clients: Path) -> None:
    said = node(clients, "cycle.mjs", shared.server.url, json.dumps(keys))
    seen = json.loads(said.splitlines()[-1])
    check_ran(JAVASCRIPT, map(tuple, seen["twilio"]))
    check_ran(BROWSER, map(tuple, seen["twilio-taskrouter"]))
    reached = {f"{method} {template}" for method, template in COMMANDS}
    assert set(asked(map(tuple, seen["twilio-taskrouter"]))) == reached, (
        "each command of the bridge is asked by the SDK"
    )


class _Served(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def shop(clients: Path) -> Iterator[str]:
    """A program's own page, of an origin that is not the server's: the SDK's build for browsers, bundled with what drives it."""
    bundler = clients / "node_modules/rolldown/bin/cli.mjs"
    node(clients, str(bundler), "day.js", "--file", "bundle.js", "--platform", "browser", "--format", "iife")
    (clients / "page.html").write_text('<!doctype html><title>Shop</title><script src="bundle.js"></script>')
    handler = functools.partial(_Served, directory=str(clients))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/page.html"
        server.shutdown()
        serving.join()


@pytest.fixture
async def page(shop: str) -> AsyncIterator[Page]:
    """It, open in a browser; an error that nobody caught fails the test."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        page = await browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(shop)
        yield page
        await browser.close()
        assert errors == []


async def test_the_browser_sdk_works_in_a_page_of_another_origin(
    shared: Centre, keys: Keys, place: Any, page: Page
) -> None:
    workspace = place.fetch().sid
    worker = place.workers.create(friendly_name="Eve").sid

    async def day(step: str, *values: str) -> Any:
        return await page.evaluate("([step, values]) => day[step](...values)", [step, list(values)])

    async with Line(shared.server.port) as line:
        over = f"ws://127.0.0.1:{line.port}{PATH}"
        begun = await day("begins", token(keys, workspace, worker), shared.server.url + PATH, over)
        assert begun == {"name": "Eve", "activity": "Offline"}
        assert await day("becomesAvailable") is True
        await day("listens")
        task = place.tasks.create(attributes='{"about": "a browser"}', timeout=600).sid
        offered = await day("offered")
        assert (offered["task"], offered["status"]) == (task, "pending")
        assert (await day("accepts"))["status"] == "accepted"
        await day("expectsToLoseTheLine")
        line.cut()
        back = await day("isBack")
        assert (back["sid"], back["status"], back["taskStatus"]) == (offered["sid"], "accepted", "assigned")
        assert (await day("completes"))["status"] == "completed"
    assert place.tasks(task).fetch().assignment_status == "completed"
