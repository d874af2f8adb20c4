"""A practice customer: looks at pages of the shop, writes in its chat, waits with patience, answers, thanks and leaves."""

import asyncio
import contextlib
import hmac
import random
import secrets
from dataclasses import dataclass
from hashlib import sha256

from parlons.simulator import cast, pacing
from parlons.simulator.ledger import Ledger
from parlons.simulator.wire import Json, Refused, Wire, frames

LOGGED_IN = 0.75
"""Share of practice customers whom the shop knows by name."""


@dataclass(frozen=True, slots=True)
class Shop:
    """One site a practice customer may come to."""

    widget_key: str
    origin: str
    language: str
    identity_secret: str = ""
    """With it the shop vouches for its logged-in users, as a real site's server would."""


class Customer:
    """One visit, from the first page to the last word."""

    def __init__(self, urls: list[str], shop: Shop, chance: random.Random, ledger: Ledger, pace: float) -> None:
        """`pace` > 1 makes people that many times faster."""
        self._shop, self._chance, self._ledger, self._pace = shop, chance, ledger, pace
        self._wire = Wire(urls, f"/api/v1/webchat/{shop.widget_key}", {"Origin": shop.origin})
        self._topic = cast.pick_topic(chance)
        self._answers: asyncio.Queue[Json] = asyncio.Queue()
        self._seen: set[str] = set()
        self._token = ""
        self._served = False

    async def visit(self) -> None:
        """Play the visit. Ends when the customer has his answers or his patience is over."""
        language = self._shop.language
        page = {"path": self._topic.page, "title": self._topic.title}
        try:
            visit = await self._wire.call("POST", "/visits", {"consent": "given", "language": language, "page": page})
            self._token = visit["visitor_token"]
            self._wire.client.headers["Authorization"] = f"Bearer {self._token}"
            if self._shop.identity_secret and self._chance.random() < LOGGED_IN:
                await self._log_in()
            listening = asyncio.create_task(self._listen())
            try:
                await self._converse(language, page)
            finally:
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await listening
        except Refused as refusal:
            self._ledger.note("refused", code=refusal.code)
        finally:
            await self._wire.close()

    async def _log_in(self) -> None:
        name = cast.pick_name(self._chance, self._shop.language)
        user_id = name.lower().replace(" ", "-")
        email = f"{user_id.replace('-', '.', 1)}@example.org"
        signature = hmac.new(self._shop.identity_secret.encode(), f"{user_id}\n{email}".encode(), sha256).hexdigest()
        person = {"user_id": user_id, "email": email, "name": name, "signature": signature}
        known = await self._wire.call("POST", "/identity", person)
        self._token = known["visitor_token"]
        self._wire.client.headers["Authorization"] = f"Bearer {self._token}"

    async def _converse(self, language: str, page: Json) -> None:
        lines = cast.QUESTIONS[self._topic.key, language]
        wanted = self._chance.randint(1, len(lines))
        for number, line in enumerate(lines[:wanted]):
            await asyncio.sleep(pacing.typing(self._chance, line) / self._pace)
            await self._write(line, language, page)
            patience = pacing.patience(self._chance) * (1 if number == 0 else 2)
            if not await self._answered(patience / self._pace):
                self._ledger.note("gave-up")
                return
        thanks = cast.THANKS[language]
        await asyncio.sleep(pacing.typing(self._chance, thanks) / self._pace)
        await self._write(thanks, language, page)
        await self._answered(20 / self._pace)

    async def _write(self, text: str, language: str, page: Json) -> None:
        client_id = secrets.token_hex(12)
        body = {"client_id": client_id, "text": text, "attachment_ids": [], "language": language, "page": page}
        sent = await self._wire.call("POST", "/messages", {**body, "attributes": self._attributes()})
        self._ledger.note("message.in", client_id=client_id, message_id=sent["message"]["id"])

    def _attributes(self) -> Json:
        return {"topic": self._topic.key, "practice": True}

    async def _answered(self, patience: float) -> bool:
        try:
            message = await asyncio.wait_for(self._answers.get(), patience)
        except TimeoutError:
            return False
        with contextlib.suppress(Refused):
            await self._wire.call("POST", "/read", {"message_id": message["id"]})
        return True

    async def _listen(self) -> None:
        async def greet() -> tuple[str, dict[str, str], Json]:
            url = f"{self._wire.socket_url}/socket"
            return url, {"Origin": self._shop.origin}, {"type": "hello", "token": self._token}

        async for frame in frames(greet, self._wire.lost):
            data = frame.get("data") or {}
            if frame["type"] == "welcome":
                for message in data.get("messages", []):
                    self._take(message)
            elif frame["type"] == "message.added":
                self._take(data["message"])

    def _take(self, message: Json) -> None:
        if message["id"] not in self._seen:
            self._seen.add(message["id"])
            if message["author"]["kind"] == "agent":
                self._answers.put_nowait(message)
