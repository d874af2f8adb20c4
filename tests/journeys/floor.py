"""The running demo that the journeys share: links of its people, states set from outside, an empty floor for each test."""

import asyncio
from time import monotonic
from typing import Any

import httpx

from parlons.app.demo import identity_secret
from parlons.channels.webchat.tokens import identity_signature
from parlons.testing.clocks import SharedClock
from parlons.testing.processes import Running

AGENT, SUPERVISOR = "agent@demo.parlons.local", "supervisor@demo.parlons.local"
KARIM, OMAR = (f"{name}@practice.parlons.local" for name in ("karim", "omar"))


class Floor:
    """One demo server without practice people, and the operator's key to it."""

    def __init__(self, server: Running, clock: SharedClock) -> None:
        self.server, self.clock = server, clock
        self.api = httpx.AsyncClient(
            base_url=f"{server.url}/api/v1",
            headers={"Authorization": f"Bearer {server.operator_key()}"},
            timeout=30,
            trust_env=False,
        )
        self.users: dict[str, dict[str, Any]] = {}
        self.activities: dict[str, str] = {}

    async def call(self, method: str, path: str, **more: Any) -> Any:
        """An answer of the API; a refusal fails the test with its words."""
        answer = await self.api.request(method, path, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def learn(self) -> None:
        """Who is there, and which states there are."""
        self.users = {user["email"]: user for user in (await self.call("GET", "/users?limit=100"))["items"]}
        self.activities = {each["name"]: each["id"] for each in (await self.call("GET", "/activities"))["items"]}

    async def link(self, email: str) -> str:
        """A fresh one-time link."""
        return str((await self.call("POST", f"/users/{self.users[email]['id']}/link"))["link"])

    async def put(self, email: str, activity: str) -> None:
        """Sets somebody's state from outside."""
        body = {"activity_id": self.activities[activity]}
        await self.call("PUT", f"/workers/{self.users[email]['worker_id']}/activity", json=body)

    async def clear(self) -> None:
        """Nobody at work and nothing waits: the next test begins with an empty floor."""
        known = {user["worker_id"]: email for email, user in self.users.items()}
        for worker in (await self.call("GET", "/workers"))["items"]:
            if worker["id"] in known and worker["activity_id"] != self.activities["Offline"]:
                await self.put(known[worker["id"]], "Offline")
        for view in ("open", "parked", "not_served"):
            for each in (await self.call("GET", f"/conversations?view={view}&limit=100"))["items"]:
                full = await self.call("GET", f"/conversations/{each['id']}")
                choices = full["dispositions"]["items"]
                body = {"disposition_id": choices[0]["id"]} if choices else {}
                await self.call("POST", f"/conversations/{each['id']}/close", json=body)
        for status in ("pending", "reserved", "assigned", "wrapping"):
            await self.until(f"/tasks?status={status}", lambda page: not page["items"])

    async def messages(self, conversation_id: str) -> list[dict[str, Any]]:
        """What is stored of a conversation, oldest first."""
        full = await self.call("GET", f"/conversations/{conversation_id}")
        return list(full["messages"])

    async def until(self, path: str, seen: Any, *, seconds: float = 30) -> Any:
        """Asks until `seen(answer)` is true."""
        end = monotonic() + seconds
        while not seen(found := await self.call("GET", path)):
            assert monotonic() < end, f"{path} still says {found}"
            await asyncio.sleep(0.1)
        return found

    def identity(self, name: str, account: str) -> dict[str, str]:
        """What a shop hands to the widget about its logged-in customer."""
        user_id = f"{name.lower().replace(' ', '-')}-{account}"
        email = f"{user_id}@example.org"
        signature = identity_signature(identity_secret(self.server.data), user_id, email)
        return {"user_id": user_id, "email": email, "name": name, "signature": signature}

    async def close(self) -> None:
        """Lets the connection go."""
        await self.api.aclose()
