"""A practice agent: signs in by a one-time link, takes offers, answers with the words of cast, closes, and rests now and then."""

import asyncio
import random
import secrets
from collections.abc import Coroutine

from parlons.simulator import cast, pacing
from parlons.simulator.ledger import Ledger
from parlons.simulator.wire import Json, Refused, Wire, frames

SESSION_COOKIE = "parlons_session"
SILENT_SECONDS = 90.0
"""After so long without a word of the customer the agent closes."""


class Agent:
    """One practice agent's day."""

    def __init__(self, urls: list[str], token: str, chance: random.Random, ledger: Ledger, pace: float) -> None:
        self._token, self._chance, self._ledger, self._pace = token, chance, ledger, pace
        self._wire = Wire(urls, "/api/v1", {"X-Parlons": "1"})
        self._me: Json = {}
        self._doing: set[asyncio.Task[None]] = set()
        self._taken: set[str] = set()
        self._handled: set[tuple[str, str]] = set()
        self._last: dict[str, tuple[str, str]] = {}

    async def work(self) -> None:
        """Sign in, become available, serve until cancelled."""
        try:
            await self._wire.call("POST", "/session/link", {"token": self._token})
            async for frame in frames(self._greet, self._wire.lost):
                if frame["type"] == "snapshot":
                    self._look(frame["data"])
                elif frame["type"] == "event":
                    self._hear(frame["event"], frame["data"])
        finally:
            for task in self._doing:
                task.cancel()
            await self._wire.close()

    async def _greet(self) -> tuple[str, dict[str, str], Json]:
        cookie = self._wire.client.cookies.get(SESSION_COOKIE)
        return f"{self._wire.socket_url}/socket", {"Cookie": f"{SESSION_COOKIE}={cookie}"}, {"type": "register"}

    def _look(self, snapshot: Json) -> None:
        """What the whole picture asks for: be available, take what is offered, answer what waits."""
        self._me = snapshot["me"]
        worker = snapshot["workers"].get(self._me["worker_id"])
        activities = snapshot["activities"].values()
        ready = next(a["id"] for a in activities if a["name"] == "Available")
        if worker is not None and worker["activity_id"] != ready:
            self._do(self._become(ready))
        for reservation in snapshot["reservations"].values():
            self._offered(reservation, snapshot["tasks"].get(reservation["task_id"]))
        for conversation in snapshot["conversations"].values():
            self._asked(conversation)

    def _hear(self, event: str, data: Json) -> None:
        if event == "reservation.created":
            self._offered(data["reservation"], data["task"])
        elif event == "reservation.timeout" and data["reservation"]["worker_id"] == self._me.get("worker_id"):
            self._do(self._come_back())
        elif "conversation" in data and data["conversation"] is not None:
            self._asked(data["conversation"])

    def _offered(self, reservation: Json, task: Json | None) -> None:
        mine = reservation["worker_id"] == self._me.get("worker_id")
        if task is not None and task["channel"] == "voice":
            return  # the desk phone rings
        if mine and reservation["status"] == "pending" and reservation["id"] not in self._taken:
            self._taken.add(reservation["id"])
            self._do(self._take(reservation["id"]))

    def _asked(self, conversation: Json) -> None:
        """A conversation of mine changed: answer what its customer wrote last, once."""
        assigned = (conversation.get("assigned") or {}).get("worker_id")
        if assigned != self._me.get("worker_id") or conversation["status"] != "open":
            return
        if conversation["wrapup_since_at"]:
            wrapping = (conversation["id"], conversation["wrapup_since_at"])
            if wrapping not in self._handled:  # a call ended: its work is finished in the side panel
                self._handled.add(wrapping)
                self._do(self._close(conversation["id"]))
            return
        waiting = (conversation["id"], conversation["last_customer_message_at"])
        if conversation["first_unanswered_at"] and waiting not in self._handled:
            self._handled.add(waiting)
            self._do(self._answer(conversation["id"], waiting))

    async def _become(self, activity_id: str) -> None:
        await self._wire.call("PUT", f"/workers/{self._me['worker_id']}/activity", {"activity_id": activity_id})

    async def _come_back(self) -> None:
        await asyncio.sleep(pacing.lognormal(self._chance, 20, 0.5) / self._pace)
        page = await self._wire.call("GET", "/activities")
        await self._become(next(a["id"] for a in page["items"] if a["name"] == "Available"))

    async def _take(self, reservation_id: str) -> None:
        await asyncio.sleep(pacing.reaction(self._chance) / self._pace)
        await self._wire.call("POST", f"/reservations/{reservation_id}/accept", {}, key=reservation_id)
        self._ledger.note("accepted", reservation_id=reservation_id, worker_id=self._me["worker_id"])

    async def _answer(self, conversation_id: str, waiting: tuple[str, str]) -> None:
        full = await self._wire.call("GET", f"/conversations/{conversation_id}")
        asked = [one for one in full["messages"] if one["author"]["kind"] == "customer"]
        said = sum(one["author"]["kind"] == "agent" for one in full["messages"])
        language = full["language"] if full["language"] in cast.THANKS else "en"
        over = asked[-1]["text"] == cast.THANKS[language]
        text = cast.FAREWELL[language] if over else cast.answer_to(asked[0]["text"], said, language)
        await self._wire.call("POST", f"/conversations/{conversation_id}/read", {"message_id": asked[-1]["id"]})
        await self._wire.call("POST", f"/conversations/{conversation_id}/typing", {})
        await asyncio.sleep(pacing.typing(self._chance, text) / self._pace)
        client_id = secrets.token_hex(12)
        body = {"text": text, "attachment_ids": [], "client_id": client_id}
        sent = await self._wire.call("POST", f"/conversations/{conversation_id}/messages", body, key=client_id)
        self._ledger.note("message.out", client_id=client_id, message_id=sent["id"])
        self._last[conversation_id] = waiting
        if not over:
            await asyncio.sleep(SILENT_SECONDS / self._pace)
            if self._last.get(conversation_id) != waiting:
                return
        await self._close(conversation_id)

    async def _close(self, conversation_id: str) -> None:
        await asyncio.sleep(pacing.lognormal(self._chance, 6, 0.5) / self._pace)
        full = await self._wire.call("GET", f"/conversations/{conversation_id}")
        choices = (full.get("dispositions") or {}).get("items") or []
        chosen = {"disposition_id": self._chance.choice(choices)["id"]} if choices else {}
        await self._wire.call(
            "POST", f"/conversations/{conversation_id}/close", chosen, key=f"close-{secrets.token_hex(8)}"
        )
        self._ledger.note("closed", conversation_id=conversation_id)

    def _do(self, act: Coroutine[None, None, None]) -> None:
        """Run an act beside the others; a refusal ends only this act (somebody else was faster)."""

        async def guarded() -> None:
            try:
                await act
            except Refused as refusal:
                self._ledger.note("refused", code=refusal.code)

        task = asyncio.create_task(guarded())
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)
