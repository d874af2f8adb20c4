"""What goes on beside the sound of a call: a picture between the agent and the customer's page, and text as it is typed.

The picture goes from browser to browser; what passes here is the words by which they find each other (RFC 8829's offers and
answers, RFC 8838's candidates). Text is shown as it is typed, as RFC 4103 means it (EN 301 549 6.2.4: within 500 ms): each
frame is the whole unfinished line, so a lost one is mended by the next; a finished line is a message of the conversation.

Nothing here is stored or logged. Frames go to the parties of the call only, are bounded in size (`frames`) and rate. A call
has one page beside it, the newest; pages and desks must be connected to the same process.
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from parlons.accounts.throttle import Throttle
from parlons.dispatch.batch import Batch
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import Clock
from parlons.runtime.events import Audience
from parlons.runtime.hub import Hub
from parlons.runtime.journal import Entry
from parlons.runtime.socket import Socket
from parlons.voice.calls.errors import NoPage
from parlons.voice.calls.model import LIVE, Call
from parlons.voice.calls.vault import Vault

Json = dict[str, Any]
EVENT = "call.beside"
"""Name of the ephemeral event on the agent's socket: {call_id, type: page | video | text, ...}."""
TOLD = ("call.updated", "call.ended")
TALKS = frozenset({"talking", "held", "consulting"})
TEXT_MAX = 1000
"""Characters of an unfinished line."""
WINDOW_MS = 10_000
SIGNALS, TEXTS = 100, 80
"""Frames of one side in a window: a page sends at most four texts a second."""
_GUEST = "pg_"


def guest_token(vault: Vault, call_id: str) -> str:
    """Proves a page that a link opened beside a call: good for that call, for as long as it lives."""
    return _GUEST + vault.signature("page", call_id)


def is_guest(vault: Vault, call_id: str, token: str) -> bool:
    """Whether a token is the call's `guest_token`."""
    return hmac.compare_digest(token.encode("utf-8", "surrogatepass"), guest_token(vault, call_id).encode())


class Beside:
    """The pages beside the calls of this process."""

    def __init__(self, hub: Hub, dispatch: Dispatch, clock: Clock) -> None:
        self._hub, self._dispatch, self._clock = hub, dispatch, clock
        self._pages: dict[str, Socket] = {}
        self._signals, self._texts = Throttle(SIGNALS, WINDOW_MS), Throttle(TEXTS, WINDOW_MS)
        self.close = dispatch.watch(self._committed)

    def has_page(self, call_id: str) -> bool:
        """Whether the customer's page is there."""
        return call_id in self._pages

    def join(self, call: Call, socket: Socket) -> None:
        """The customer's page is there; one that was there before is told that it is not needed any more."""
        before = self._pages.get(call.id)
        self._pages[call.id] = socket
        if before is not None and before is not socket:
            before.offer('{"type":"replaced"}')
        self.to_agent(call, {"type": "page", "there": True})

    def quit(self, call: Call, socket: Socket) -> None:
        """The page is gone."""
        if self._pages.get(call.id) is socket:
            del self._pages[call.id]
            self.to_agent(call, {"type": "page", "there": False})

    def count(self, what: str, call_id: str, side: str) -> None:
        """One more frame of one side of a call; raises TooManyAttempts."""
        throttle = self._signals if what == "video" else self._texts
        throttle.attempt(f"{side} {call_id}", self._clock())

    def to_page(self, call: Call, frame: Mapping[str, Any]) -> None:
        """A frame of the agent; raises NoPage."""
        socket = self._pages.get(call.id)
        if socket is None:
            raise NoPage
        socket.offer(orjson.dumps(frame).decode())

    def to_agent(self, call: Call, frame: Mapping[str, Any]) -> None:
        """A frame of the page, to every screen of the agent who has the call; nobody else's."""
        user_id = self._dispatch.users.get(call.worker_id or "")
        if user_id is not None:
            audience = Audience(user_ids=(user_id,), supervisors=False)
            self._hub.ephemeral(call.workspace_id, audience, EVENT, {"call_id": call.id, **frame})

    def _committed(self, workspace_id: str, entries: Sequence[Entry], batch: Batch, base: int) -> None:
        """Pages hear how their call stands; nobody asks for it."""
        for entry in entries[:base] if base else entries:
            shown = entry.data.get("call") if entry.kind == "event" and entry.type in TOLD else None
            socket = self._pages.get(shown["id"]) if isinstance(shown, dict) else None
            if socket is not None and isinstance(shown, dict):
                frame = {"type": "standing", "state": shown["state"], "live": shown["state"] in LIVE}
                agents = [one for one in shown.get("parties") or [] if one["worker_id"] == shown["worker_id"]]
                name = first_name(agents[0]["label"]) if agents and shown["worker_id"] else ""
                socket.offer(orjson.dumps({**frame, "agent_name": name}).decode())


def first_name(name: str) -> str:
    """What a customer calls an agent."""
    return name.split()[0] if name.split() else ""
