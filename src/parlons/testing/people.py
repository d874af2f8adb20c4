"""People for tests, over the real wires: an operator with a key, visitors of a shop, and people at a desk.

They do what they are told and wait for what they are told to wait for; nothing is decided here. A desk folds events into
its snapshot as the screens do. Every wait ends with what was seen when it takes too long.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from parlons.app.fold import fold
from parlons.simulator.wire import Json, Refused, Wire, frames

COOKIE = "parlons_session"
PATIENCE = 60.0
"""Seconds to wait for something on a screen; a machine under load is slow."""


class NotSeen(AssertionError):
    """What was waited for did not come."""


class _Watcher:
    """Somebody who hears frames and can be asked to wait until something is true."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._listening: asyncio.Task[None] | None = None

    async def sees(self, what: Callable[[], Any], *, seconds: float = PATIENCE, why: str = "") -> Any:
        """Returns what `what()` gives as soon as it is true."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                while not (found := what()):
                    await self._changed.wait()
                return found
        except TimeoutError:
            broken = self._listening.exception() if self._listening is not None and self._listening.done() else None
            raise NotSeen(f"{why or 'it'} was not seen in {seconds} s; {self._picture()}") from broken

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _picture(self) -> str:
        return ""

    async def _stop(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening


class Operator:
    """Whoever runs the installation: an API key, no screen."""

    def __init__(self, urls: Sequence[str], key: str) -> None:
        self.wire = Wire(list(urls), "/api/v1", {"Authorization": f"Bearer {key}"})

    async def get(self, path: str) -> Json:
        """An answer of the API."""
        return await self.wire.call("GET", path)

    async def apply(self, text: str) -> None:
        """Lays down a configuration (YAML)."""
        answer = await self.wire.client.post(f"{self.wire.url}/configuration", content=text.encode(), timeout=60)
        if answer.status_code >= 300:
            raise Refused(answer.status_code, answer.text)

    async def users(self) -> list[Json]:
        """Everybody who works here."""
        users, after = [], ""
        while True:
            page = await self.get(f"/users?limit=100{after}")
            users += page["items"]
            if not page.get("next"):
                return users
            after = f"&after={page['next']}"

    async def links(self, part: str = "") -> dict[str, str]:
        """A fresh one-time link's token for every user whose e-mail address holds `part`, by address. It ends the links these
        users had: ask for nobody else's."""
        found = {}
        for user in await self.users():
            if part in user["email"]:
                link = await self.wire.call("POST", f"/users/{user['id']}/link", {})
                found[user["email"]] = link["link"].rpartition("#")[2]
        return found

    async def link(self, email: str) -> str:
        """A fresh one-time link's token for one user."""
        return (await self.links(email))[email]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        await self.wire.close()


class Visitor(_Watcher):
    """Somebody in a shop's chat."""

    def __init__(self, urls: Sequence[str], widget: str, *, language: str = "fr", topic: str = "sales") -> None:
        super().__init__()
        self.wire = Wire(list(urls), f"/api/v1/webchat/{widget}", {})
        self.messages: dict[str, Json] = {}
        """By id, as the page shows them."""
        self.welcomes = 0
        self.conversation: Json | None = None
        self._language, self._attributes, self._token = language, {"topic": topic}, ""

    async def arrive(self) -> Self:
        """Consents and opens the chat."""
        page = {"path": "/shop/", "title": "Shop"}
        visit = await self.wire.call("POST", "/visits", {"consent": "given", "language": self._language, "page": page})
        self._token = visit["visitor_token"]
        self.wire.client.headers["Authorization"] = f"Bearer {self._token}"
        await self.come_back()
        return self

    @property
    def conversation_id(self) -> str | None:
        """His conversation, once there is one."""
        return self.conversation["id"] if self.conversation else None

    async def write(self, text: str, *, client_id: str | None = None) -> Json:
        """Sends until the server says yes or no; the message as kept. Raises `Refused`."""
        sent = await self.wire.call("POST", "/messages", self.body(text, client_id))
        return dict(sent["message"])

    def body(self, text: str, client_id: str | None = None) -> Json:
        """What the page would post."""
        client_id = client_id or secrets.token_hex(12)
        made = {"client_id": client_id, "text": text, "attachment_ids": [], "language": self._language}
        return {**made, "attributes": self._attributes}

    async def post(self, text: str, *, client_id: str | None = None) -> httpx.Response:
        """Sends once; whatever answer comes. Raises httpx.HTTPError when none does."""
        return await self.wire.client.post(f"{self.wire.url}/messages", json=self.body(text, client_id))

    async def hears(self, text: str, *, kind: str | None = None) -> Json:
        """The first message on his page that contains `text`, of an author of `kind` when given."""

        def there() -> Json | None:
            return next(
                (m for m in self.messages.values() if text in m["text"] and kind in (None, m["author"]["kind"])), None
            )

        return dict(await self.sees(there, why=f"a message with {text!r}"))

    async def told(self, code: str) -> Json:
        """The first notice of the system with `code`."""

        def there() -> Json | None:
            return next((m for m in self.messages.values() if m.get("code") == code), None)

        return dict(await self.sees(there, why=f"the notice {code!r}"))

    async def drop(self) -> None:
        """His socket is gone; the page knows nothing new until `come_back`."""
        await self._stop()

    async def come_back(self) -> None:
        """The socket opens again."""
        before = self.welcomes
        self._listening = asyncio.create_task(self._listen())
        await self.sees(lambda: self.welcomes > before, why="the welcome")

    async def leave(self) -> None:
        """Closes the page."""
        await self._stop()
        await self.wire.close()

    async def _listen(self) -> None:
        async def greet() -> tuple[str, dict[str, str], Json]:
            return f"{self.wire.socket_url}/socket", {}, {"type": "hello", "token": self._token}

        async for frame in frames(greet, self.wire.lost):
            data = frame.get("data") or {}
            match frame["type"]:
                case "welcome":
                    self.welcomes += 1
                    self.conversation = data.get("conversation")
                    self.messages |= {message["id"]: message for message in data.get("messages", [])}
                case "message.added":
                    self.messages[data["message"]["id"]] = data["message"]
                case "conversation.updated":
                    self.conversation = data.get("conversation")
            await self._tell()

    def _picture(self) -> str:
        return f"the page shows {[(m['author']['kind'], m['text'][:60]) for m in self.messages.values()]}"

    async def __aenter__(self) -> Self:
        return await self.arrive()

    async def __aexit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        await self.leave()


class Desk(_Watcher):
    """Somebody signed in at a desk."""

    def __init__(self, urls: Sequence[str], token: str) -> None:
        super().__init__()
        self.wire = Wire(list(urls), "/api/v1", {"X-Parlons": "1"})
        self.screen: Json = {}
        """The snapshot with every event since folded in."""
        self.seqs: list[int] = []
        """Sequences of the events since the last snapshot: they only rise."""
        self.snapshots = 0
        self.events: list[tuple[str, Json]] = []
        self._token = token

    async def sign_in(self) -> Self:
        """By the one-time link; then the screen opens."""
        await self.wire.call("POST", "/session/link", {"token": self._token})
        return await self.open()

    async def open(self) -> Self:
        """Opens the screen."""
        before = self.snapshots
        self._listening = asyncio.create_task(self._listen())
        await self.sees(lambda: self.snapshots > before, why="the snapshot")
        return self

    async def close(self) -> None:
        """Closes the screen; the person stays signed in."""
        await self._stop()

    async def leave(self) -> None:
        """Closes screen and connection."""
        await self._stop()
        await self.wire.close()

    @property
    def worker_id(self) -> str:
        """His worker."""
        return str(self.screen["me"]["worker_id"])

    async def become(self, activity: str) -> None:
        """Changes state, by its name."""
        wanted = next(a["id"] for a in self.screen["activities"].values() if a["name"] == activity)
        await self.wire.call("PUT", f"/workers/{self.worker_id}/activity", {"activity_id": wanted})

    def offers(self, *, task_id: str | None = None) -> list[Json]:
        """Offers to him on his screen."""
        return [
            one
            for one in self.screen.get("reservations", {}).values()
            if one["worker_id"] == self.worker_id and one["status"] == "pending" and task_id in (None, one["task_id"])
        ]

    async def offered(self, *, task_id: str | None = None, seconds: float = PATIENCE) -> Json:
        """The first offer, when it comes."""
        return dict((await self.sees(lambda: self.offers(task_id=task_id), seconds=seconds, why="an offer"))[0])

    async def accept(self, reservation_id: str, *, key: str | None = None) -> Json:
        """Accepts. Raises `Refused`."""
        return await self.wire.call("POST", f"/reservations/{reservation_id}/accept", {}, key=key)

    async def reject(self, reservation_id: str, *, quiet_seconds: int = 60) -> Json:
        """Refuses, as the desk's button does. Raises `Refused`."""
        return await self.wire.call("POST", f"/reservations/{reservation_id}/reject", {"quiet_seconds": quiet_seconds})

    async def close_chat(self, conversation_id: str) -> None:
        """Ends the matter, and waits until the work on it has left the screen."""
        await self.wire.call("POST", f"/conversations/{conversation_id}/close", {})
        held = [one["task_id"] for one in self.screen["reservations"].values() if one["worker_id"] == self.worker_id]
        tasks = [t for t in held if self.screen["tasks"].get(t, {}).get("conversation_id") == conversation_id]
        await self.sees(lambda: not any(t in self.screen["tasks"] for t in tasks), why="the end of the work")

    async def mine(self, conversation_id: str) -> Json:
        """The conversation, once it is his on his screen."""

        def his() -> Json | None:
            found = self.screen.get("conversations", {}).get(conversation_id)
            held = ((found or {}).get("assigned") or {}).get("worker_id")
            return found if held == self.worker_id else None

        return dict(await self.sees(his, why=f"{conversation_id} with him"))

    async def answer(self, conversation_id: str, text: str, *, client_id: str | None = None) -> Json:
        """Writes to the customer; the message as kept. Raises `Refused`."""
        client_id = client_id or secrets.token_hex(12)
        body = {"text": text, "attachment_ids": [], "client_id": client_id}
        return await self.wire.call("POST", f"/conversations/{conversation_id}/messages", body, key=client_id)

    async def happened(self, event: str, *, seconds: float = PATIENCE) -> Json:
        """Data of the first event of this name since the screen opened."""
        found = await self.sees(
            lambda: next((data for name, data in self.events if name == event), None), seconds=seconds, why=event
        )
        return dict(found)

    async def _listen(self) -> None:
        async def greet() -> tuple[str, dict[str, str], Json]:
            cookie = self.wire.client.cookies.get(COOKIE)
            return f"{self.wire.socket_url}/socket", {"Cookie": f"{COOKIE}={cookie}"}, {"type": "register"}

        async for frame in frames(greet, self.wire.lost):
            if frame["type"] == "snapshot":
                self.screen, self.seqs = frame["data"], [frame["cursor"]]
                self.snapshots += 1
            elif frame["type"] == "event":
                self.seqs.append(frame["seq"])
                self.events.append((frame["event"], frame["data"]))
                self.screen = fold(self.screen, frame)
            else:
                continue
            await self._tell()

    def _picture(self) -> str:
        last = [name for name, _ in self.events[-12:]]
        reservations = [(r["status"], r["worker_id"][-6:]) for r in self.screen.get("reservations", {}).values()]
        return f"the screen shows reservations {reservations}, last events {last}"

    async def __aenter__(self) -> Self:
        return await self.sign_in()

    async def __aexit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        await self.leave()
