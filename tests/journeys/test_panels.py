"""A company's own page beside a conversation, in a real browser: it gets the signed context, its server believes the token, it
speaks by the message protocol, the sandbox holds; one that does not answer is said to be silent.
"""

from typing import Any

import jwt
import pytest
from playwright.async_api import expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from parlons.simulator.providers.wire import served
from tests.journeys.floor import AGENT, Floor
from tests.journeys.people import Room

pytestmark = pytest.mark.asyncio(loop_scope="session")
KEY = "a signing key of thirty-two signs"
WORDS = "Votre commande part demain."
SILENT = "http://127.0.0.1:9"
"""Nothing is ever served there, and a browser does not even ask."""
PAGE = """<!doctype html><title>Orders</title><p id="whose"></p><p id="kept"></p><button>Insert</button>
<script>
  const desk = "DESK", say = (message) => parent.postMessage({ parlons: 1, ...message }, desk);
  addEventListener("message", async (event) => {
    if (event.origin !== desk || event.data.type !== "context") return;
    const answer = await fetch("/orders", { headers: { authorization: `Bearer ${event.data.token}` } });
    document.getElementById("whose").textContent = (await answer.json()).conversation_id;
    say({ type: "resize", height: 233 });
  });
  for (const what of [() => parent.document.body, () => { top.location.href = "about:blank"; }])
    try { what(); } catch (error) { document.getElementById("kept").textContent += error.name + " "; }
  document.querySelector("button").onclick = () => say({ type: "insert", text: "WORDS" });
  say({ type: "ready" });
</script>"""


def company(desk: str) -> Starlette:
    """The page, and its server that believes a token of this desk for this origin only."""

    async def panel(request: Request) -> Response:
        return HTMLResponse(PAGE.replace("DESK", desk).replace("WORDS", WORDS))

    async def orders(request: Request) -> Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        origin = str(request.base_url).rstrip("/")
        # The desk's clock may have been moved by another test: its span is looked at in tests/crm/test_panels.py.
        free = {"verify_exp": False, "verify_iat": False}
        claims = jwt.decode(token, KEY, algorithms=["HS256"], audience=origin, issuer=desk, options=free)
        return JSONResponse({"conversation_id": claims["conversation_id"]})

    return Starlette(routes=[Route("/panel", panel), Route("/orders", orders)])


async def test_a_page_of_the_company_stands_beside_a_conversation(room: Room, floor: Floor) -> None:
    async with served(company(floor.server.url)) as url:
        orders: dict[str, Any] = {"name": "Orders", "url": url + "/panel?who={{ customer.name }}", "height": 120}
        await floor.call("PUT", "/settings/panel/Orders", json={**orders, "secrets": {"signing": {"value": KEY}}})
        await floor.call("PUT", "/settings/panel/Silent", json={"name": "Silent", "url": SILENT + "/"})
        try:
            camille, visitor = await room.desk(AGENT), await room.visitor(name="Hortense Pages")
            await visitor.open()
            await visitor.writes("Où en est ma commande ?")
            await camille.start()
            await camille.take("Hortense")
            await camille.opens("Hortense Pages")
            page, t = camille.page, camille.t["systems"]
            frame = page.locator(f'iframe[title="{t["panel"].replace("{{name}}", "Orders")}"]')
            inside = frame.content_frame
            await expect(inside.locator("#whose")).to_have_text(camille.conversation_id)
            await expect(inside.locator("#kept")).to_have_text("SecurityError SecurityError")
            await expect(frame).to_have_css("height", "233px")
            assert "who=Hortense%20Pages" in (await frame.get_attribute("src") or "")
            await inside.get_by_role("button").press("Enter")
            await expect(camille.composer).to_have_value(WORDS)

            silent = page.get_by_role("region", name=t["panel"].replace("{{name}}", "Silent"))
            notice = silent.get_by_role("status")
            await expect(notice).to_contain_text(t["panelSilent"].replace("{{name}}", "Silent"))
            await notice.get_by_role("button", name=t["panelAgain"]).press("Enter")
            await expect(notice).to_be_empty()
        finally:
            for name in ("Orders", "Silent"):
                await floor.call("DELETE", f"/settings/panel/{name}", headers={"If-Match": "*"})
