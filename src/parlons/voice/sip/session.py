"""Session timers (RFC 4028): who refreshes a call, how often, and that one which nobody refreshes any more ends."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from aiosipua import SipRequest, SipResponse

from parlons.voice.sip.transactions import Timing
from parlons.voice.sip.wire import tags

Role = Literal["uac", "uas"]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What both sides know: seconds, and which side of the last INVITE or UPDATE refreshes."""

    seconds: int
    refresher: Role | None

    @property
    def header(self) -> str:
        """The value of Session-Expires."""
        return f"{self.seconds};refresher={self.refresher}" if self.refresher else str(self.seconds)


def read(message: SipRequest | SipResponse) -> Agreed | None:
    """The Session-Expires of a message; None: none, or one that is not a number."""
    value = (message.headers.get_first("session-expires") or "").strip()
    found = re.match(r"(\d{1,9})", value)
    if not found:
        return None
    role = re.search(r";\s*refresher\s*=\s*(uac|uas)", value, re.IGNORECASE)
    return Agreed(int(found[1]), ("uac" if role[1].lower() == "uac" else "uas") if role else None)


def too_small(request: SipRequest, timing: Timing) -> bool:
    """Whether to answer 422: the interval is below ours and the caller understands that answer (section 9)."""
    wanted = read(request)
    return wanted is not None and wanted.seconds < timing.min_session and "timer" in tags(request, "supported")


def decide(request: SipRequest, timing: Timing) -> Agreed | None:
    """What we answer to a request (section 9): their interval, by their refresher; ours where they ask for none."""
    supports = "timer" in tags(request, "supported")
    wanted = read(request)
    if wanted:
        return Agreed(max(wanted.seconds, timing.min_session), wanted.refresher or ("uac" if supports else "uas"))
    if not supports:
        return None
    least = re.match(r"\s*(\d{1,9})", request.headers.get_first("min-se") or "")
    return Agreed(max(timing.session, int(least[1]) if least else 0), "uas")


def apply(response: SipResponse, agreed: Agreed | None) -> None:
    """Put the decision into a 2xx."""
    if agreed:
        response.headers.set_single("Session-Expires", agreed.header)
        if agreed.refresher == "uac":
            response.headers.append("Require", "timer")


class SessionTimer:
    """Of one call. `refresh` is called half-way when we refresh; `expired` when nobody did in time (section 10)."""

    def __init__(self, refresh: Callable[[], None], expired: Callable[[], None]) -> None:
        self._refresh, self._expired = refresh, expired
        self._handles: list[asyncio.TimerHandle] = []
        self.seconds = 0
        """Agreed on; 0: no timer."""

    def agree(self, agreed: Agreed | None, ours: Role) -> None:
        """Starts anew with what a 2xx said; `ours` is our side of that transaction."""
        self.stop()
        if agreed is None or agreed.seconds <= 0:
            return
        self.seconds = agreed.seconds
        loop = asyncio.get_running_loop()
        if agreed.refresher in (ours, None):
            self._handles.append(loop.call_later(self.seconds / 2, self._refresh))
        dead = self.seconds - min(32.0, self.seconds / 3)
        self._handles.append(loop.call_later(dead, self._expired))

    def stop(self) -> None:
        """No timer any more."""
        self.seconds = 0
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
