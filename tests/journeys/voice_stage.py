"""A stage for the screens of calls: a real desk on the real server, to whose live picture calls are added on the way to the
browser. What the desk asks of the voice routes is answered here and written down; its sound goes to a far side in the page.

Only for screens: that calls are real is proven by the journeys with a caller at the other end.
"""

import asyncio
import io
import json
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from playwright.async_api import Page, Route, WebSocketRoute, expect

from tests.journeys.people import PATIENCE_MS, Desk, Room

FAR_SIDE = Path(__file__).with_name("far_side.js")
LEG = "leg-me"
NUMBER = "+33612849011"


def party(leg_id: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
    """Somebody on the line."""
    rest = {"worker_id": None, "state": "talking", "held": False, "muted": False, "mode": None}
    return {"leg_id": leg_id, "kind": kind, "label": label, **rest, **more}


def ago(seconds: int) -> str:
    """A time of the browser's own clock."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def two_seconds() -> bytes:
    """A WAV file of silence, two channels."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * 2 * 8000 * 2))
    return out.getvalue()


class VoiceStage:
    """One person's desk with a telephone that is played to it."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.page, self.t = desk, desk.page, desk.t
        self.asked: list[tuple[str, str, Any]] = []
        self.calls: dict[str, dict[str, Any]] = {}
        self.recordings: list[dict[str, Any]] = []
        self.worker_id = ""
        self._socket: WebSocketRoute | None = None
        self._was_asked = asyncio.Event()

    async def set_up(self) -> None:
        """Before the page opens its line; reloads it."""
        me = await (await self.page.request.get("/api/v1/me")).json()
        self.worker_id = me["worker_id"]
        await self.page.context.grant_permissions(["microphone"])
        await self.page.add_init_script(path=FAR_SIDE)
        await self.page.route_web_socket("**/api/v1/socket", self._line)
        for path in ("voice", "calls", "recordings"):
            await self.page.route(f"**/api/v1/{path}**", self._answer)
            await self.page.route(f"**/api/v1/{path}/**", self._answer)
        await self.page.reload()
        await expect(self.desk.state).to_be_visible()

    def call(self, **more: Any) -> dict[str, Any]:
        """A call of this person's, talking in his browser."""
        now = ago(267)
        mine = party(LEG, "agent", "Camille Moreau", worker_id=self.worker_id)
        return {
            **{"id": "CA1", "conversation_id": None, "task_id": None, "firm_id": None, "queue_id": None, "version": 1},
            **{"direction": "in", "state": "talking", "worker_id": self.worker_id, "from_number": NUMBER},
            **{"number": "+33561000000", "customer_name": "David Okafor", "started_at": now, "answered_at": now},
            **{"agent_at": now, "queued_at": None, "held_since": None, "wrap_until": None, "ended_at": None},
            **{"end_cause": None, "recording": {"state": "on"}, "quality": None},
            "parties": [party("leg-c", "customer", "David Okafor"), mine],
            **more,
        }

    def recording(self, recording_id: str, **more: Any) -> dict[str, Any]:
        """Two seconds, one of which is missing."""
        return {
            **{"id": recording_id, "call_id": "CA0", "conversation_id": None, "firm_id": None, "state": "stored"},
            **{"kind": "call", "channels": 2, "ms": 2000, "gaps": [[500, 1500, "paused"]]},
            **{"started_at": ago(200), "retention_until": ago(-86_400)},
            **more,
        }

    async def show(self, **more: Any) -> dict[str, Any]:
        """A call begins, or becomes this."""
        call = self.call(**more)
        self.calls[call["id"]] = call
        self._tell("call.updated", {"call": call})
        return call

    async def clear(self) -> None:
        """Every call is over."""
        for call in self.calls.values():
            self._tell("call.ended", {"call": {**call, "state": "ended"}})
        self.calls = {}

    def bodies(self, verb: str) -> list[Any]:
        """What was asked of a verb, oldest first."""
        return [body for _, path, body in self.asked if path.endswith(f"/{verb}")]

    async def was_asked(self, verb: str) -> None:
        """Waits until the verb was asked for."""
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while not self.bodies(verb):
                self._was_asked.clear()
                await self._was_asked.wait()

    def _tell(self, event: str, data: dict[str, Any]) -> None:
        assert self._socket is not None
        frame = {"type": "event", "event": event, "seq": None, "at": None, "data": data}
        self._socket.send(json.dumps(frame))

    def _line(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        self._socket = socket

        def pass_on(message: str | bytes) -> None:
            frame = json.loads(message)
            if frame.get("type") == "snapshot":
                self._add(frame["data"])
            for key in ("worker",):
                if worker := (frame.get("data") or {}).get(key):
                    self._give_voice(worker)
            socket.send(json.dumps(frame))

        server.on_message(pass_on)

    def _add(self, snapshot: dict[str, Any]) -> None:
        snapshot["calls"] = {**snapshot.get("calls", {}), **self.calls}
        for worker in snapshot["workers"].values():
            self._give_voice(worker)

    def _give_voice(self, worker: dict[str, Any]) -> None:
        if "channels" in worker:
            voice = {"capacity": 1, "assigned": 0, "reserved": 0, "available": True}
            worker["channels"] = {**worker["channels"], "voice": voice}

    async def _answer(self, route: Route) -> None:
        request = route.request
        path = request.url.partition("/api/v1")[2].partition("?")[0]
        body = request.post_data_json if request.post_data else None
        self.asked.append((request.method, path, body))
        self._was_asked.set()
        if path.endswith("/audio"):
            await route.fulfill(body=two_seconds(), content_type="audio/wav")
            return
        await route.fulfill(json=self._body(path))

    def _body(self, path: str) -> Any:
        if path == "/voice/phone/ice":
            return {"ice_servers": []}
        if path == "/voice/status":
            return {
                **{"engine": "up", "trunks": [], "phones": ["camille"], "browser_registered": True},
                **{"emergency_route": False, "numbers": ["+33561000000", "+33561000001"]},
            }
        if path == "/voice/contact_addresses":
            kinds = [("browser", None), ("phone", None), ("number", "+33612345678")]
            addresses = [{"kind": kind, "number": number, "ring_seconds": 20} for kind, number in kinds]
            return {"addresses": addresses, "phone_username": "camille"}
        if path.endswith("/link"):
            return {
                "url": f"{path.removesuffix('/link')}/audio?token=x".replace("/", "/api/v1/", 1),
                "expires_at": ago(-900),
            }
        if path.endswith("/peaks"):
            return {"stretch_ms": 200, "left": [10, 60, 90, 20] * 40, "right": [0, 5, 40, 80] * 40}
        if path == "/recordings":
            return {"items": self.recordings}
        return {"items": list(self.calls.values())} if path == "/calls" else {}


async def voice_desk(room: Room, email: str, locale: str = "fr", **more: Any) -> VoiceStage:
    """Somebody's desk, signed in, with a telephone."""
    stage = VoiceStage(await room.desk(email, locale, **more))
    await stage.set_up()
    return stage


async def phone_is_ready(page: Page) -> None:
    """The browser's leg is connected: its offer was answered and sound flows."""
    await until(page, "window.parlonsFar?.connection?.connectionState === 'connected'")


async def until(page: Page, sign: str) -> None:
    """Waits for a sign in the page. Asked from here: the page's own policy forbids it to evaluate texts."""
    end = monotonic() + PATIENCE_MS / 1000
    while not await page.evaluate(sign):
        assert monotonic() < end, f"never: {sign}"
        await asyncio.sleep(0.05)
