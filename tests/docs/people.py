"""What the pages leave to people with a browser, done over the same wires: each function is a step `<!-- test: do NAME -->`."""

import asyncio
import functools
import http.server
import re
import shutil
import threading
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import async_playwright, expect

from parlons.channels.webchat import tokens
from parlons.simulator.wire import Refused
from parlons.testing.people import Desk, Operator, Visitor
from parlons.testing.processes import Running
from tests.journeys.conftest import ARGUMENTS, chromium_path

MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


async def token(server: Running, email: str) -> str:
    """A one-time link's token."""
    async with Operator([server.url], server.operator_key()) as operator:
        return await operator.link(email)


async def told(operator: Operator, path: str, holds: Callable[[Any], bool]) -> None:
    """Returns when an answer of the API is so: the telephone and its rows are told a moment after who calls."""
    async with asyncio.timeout(60):
        while not holds(await operator.get(path)):  # noqa: ASYNC110 (an answer does not call)
            await asyncio.sleep(0.05)


async def chat(server: Running, widget: str, agent: str, text: str, *, language: str = "en") -> str:
    """A visitor writes, the agent takes it, answers and closes; the task's id."""
    async with (
        Desk([server.url], await token(server, agent)) as desk,
        Visitor([server.url], widget, language=language, topic="sales") as visitor,
    ):
        await desk.become("Available")
        await visitor.write(text)
        offer = await desk.offered()
        await desk.accept(offer["id"])
        conversation = await desk.mine(desk.screen["tasks"][offer["task_id"]]["conversation_id"])
        await desk.answer(conversation["id"], "Yes, it is.")
        await visitor.hears("Yes, it is.", kind="agent")
        await desk.wire.call("POST", f"/conversations/{conversation['id']}/close", {})
        await desk.become("Offline")
        return str(offer["task_id"])


async def first_chat(server: Running, folder: Path) -> None:
    """The tutorial's chat: from the reader's own page, at the origin he allowed; Sofia gets it, as the page says."""
    page = (folder / "site/index.html").read_text()
    script, key = re.findall(r'<script src="(.*?)" data-parlons="(.*?)"', page)[0]
    async with httpx.AsyncClient() as client:
        assert (await client.get(script)).headers["content-type"].startswith("text/javascript")
        config = f"{server.url}/api/v1/webchat/{key}/config"
        mine = await client.get(config, headers={"Origin": "http://127.0.0.1:8000"})
        assert mine.headers["access-control-allow-origin"] == "http://127.0.0.1:8000"
        other = await client.get(config, headers={"Origin": "http://elsewhere.example"})
        assert other.json()["code"] == "origin-refused"
    task = await chat(server, key, "sofia@garage.example", "Hello, is the blue one still there?")
    async with Operator([server.url], server.operator_key()) as operator:
        why = await operator.get(f"/tasks/{task}/why")
    said = {one["name"]: one for one in why["candidates"]}
    assert said["Sofia Martin"]["chosen"]
    assert [one["code"] for one in said["Tom Hale"]["reasons"]] == ["target-expression", "activity"]


async def identified(server: Running, folder: Path) -> None:
    """A visitor for whom the site vouches is known by name; one with a wrong signature is not."""
    secret = "a secret of the shop, for the documents only"
    good = tokens.identity_signature(secret, "u-17", "ann@shop.example")
    body = {"user_id": "u-17", "email": "ann@shop.example", "name": "Ann"}
    async with Visitor([server.url], "chat-motors", language="en") as visitor:
        with pytest.raises(Refused, match="identity-not-proven"):
            await visitor.wire.call("POST", "/identity", {**body, "signature": "0" * 64})
        await visitor.wire.call("POST", "/identity", {**body, "signature": good})
    async with Operator([server.url], server.operator_key()) as operator:
        found = await operator.get("/customers?q=ann@shop.example")
    assert [one["name"] for one in found["items"]] == ["Ann"]


async def customer_to_erase(server: Running, folder: Path) -> None:
    """Ann Lee left her address outside hours, and wrote; Eve answered."""
    async with Operator([server.url], server.operator_key()) as operator:
        await operator.apply((folder / "erase.yaml").read_text())
    async with (
        Desk([server.url], await token(server, "eve@erase.example")) as desk,
        Visitor([server.url], "erase-motors", language="en") as visitor,
    ):
        left = {
            "client_id": "a",
            "name": "Ann Lee",
            "email": "ann.lee@mail.example",
            "text": "Ann here",
            "language": "en",
        }
        await visitor.wire.call("POST", "/offline", left)
        await desk.become("Available")
        await desk.accept((await desk.offered())["id"])
        await desk.become("Offline")


async def chat_to_explain(server: Running, folder: Path) -> None:
    """Una, who speaks the language, is chosen before Vic, whose level is higher."""
    async with Operator([server.url], server.operator_key()) as operator:
        await operator.apply((folder / "why.yaml").read_text())
        task = await chat(server, "why-motors", "una@why.example", "Hello")
        why = await operator.get(f"/tasks/{task}/why")
        reservation = (await operator.get(f"/tasks/{task}/reservations"))["items"][0]["id"]
        assert (await operator.get(f"/reservations/{reservation}/why"))["chosen_worker_id"] == why["chosen_worker_id"]
    assert why["complete"]
    assert why["rule"] == "By language"
    assert [one["name"] for one in why["candidates"] if one["chosen"]] == ["Una"]
    assert {"priority", "virtual_start_at", "ahead", "idle", "considered", "events", "decision", "step"} <= set(why)


async def desk_phone_registers(server: Running, folder: Path) -> None:
    """baresip, with the two files of the page and a tone to say, until the server names it as registered."""
    if shutil.which("baresip") is None:
        pytest.skip("Debian's baresip-core is not installed here: what follows on this page was not run")
    with wave.open(str(folder / "baresip/tone.wav"), "wb") as tone:
        tone.setparams((1, 2, 8000, 0, "NONE", ""))
        tone.writeframes(bytes(16_000))
    config = folder / "baresip/config"
    modules = baresip_modules()
    config.write_text(
        f"module_path {modules}\n{config.read_text()}".replace("tone.wav", str(folder / "baresip/tone.wav"))
    )
    line = ["baresip", "-f", str(folder / "baresip")]
    phone = await asyncio.create_subprocess_exec(
        *line, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        assert phone.stdout is not None
        said = ""
        async with asyncio.timeout(120):
            while "200 OK" not in said:
                more = (await phone.stdout.readline()).decode(errors="replace")
                assert more, f"baresip ended: {said}"
                said += more
        async with Operator([server.url], server.operator_key()) as operator:
            await told(operator, "/voice/status", lambda status: "paul" in status["phones"])
    finally:
        phone.terminate()
        await phone.wait()


def baresip_modules() -> str:
    """Where Debian has them on this machine."""
    return next((str(path) for path in Path("/usr/lib").glob("*/baresip/modules")), "/usr/lib/baresip/modules")


async def kamailio_reads_it(server: Running, folder: Path) -> None:
    """Kamailio itself checks what the page made it write."""
    if shutil.which("kamailio") is None:
        pytest.skip("Debian's kamailio is not installed here: what follows on this page was not run")
    done = await asyncio.create_subprocess_exec(
        *["kamailio", "-c", "-f", str(folder / "edge/kamailio.cfg")],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await done.communicate()
    assert b"config file ok" in said, said.decode()


async def certutil_at_hand(server: Running, folder: Path) -> None:
    """The reader's certutil; without it the store is not tried."""
    if shutil.which("certutil") is None:
        pytest.skip("Debian's libnss3-tools is not installed here: what follows on this page was not run")


async def a_recording_to_upload(server: Running, folder: Path) -> None:
    """The reader has recorded a notice."""
    with wave.open(str(folder / "notice.wav"), "wb") as notice:
        notice.setparams((1, 2, 44_100, 0, "NONE", ""))
        notice.writeframes(bytes(88_200))


async def calls_from_the_page(server: Running, folder: Path) -> None:
    """The reader's own page calls, from an origin of its own, until he hangs up; the sound is connected."""
    if shutil.which(chromium_path()) is None:
        pytest.skip("Chromium is not installed here: what follows on this page was not run")
    site = functools.partial(_Quiet, directory=str(folder / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), site) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        try:
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=chromium_path(), args=[*ARGUMENTS, *MICROPHONE]
                )
                page = await browser.new_page()
                await page.goto(f"http://127.0.0.1:{pages.server_port}/call.html")
                await page.get_by_role("button", name="Call us").click()
                await expect(page.get_by_role("status")).to_have_text(re.compile("^waiting"), timeout=60_000)
                async with Operator([server.url], server.operator_key()) as operator:
                    await told(
                        operator,
                        "/calls?state=live",
                        lambda page: [one["number"] for one in page["items"]] == ["button-motors"],
                    )
                await page.get_by_role("button", name="Hang up").click()
                await expect(page.get_by_role("button", name="Call us")).to_be_enabled(timeout=60_000)
                await browser.close()
        finally:
            pages.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the reader's site and says nothing."""

    def log_message(self, format: str, *arguments: object) -> None:
        pass
