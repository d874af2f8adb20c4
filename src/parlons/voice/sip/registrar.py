"""The registrar for desk phones: RFC 3261 section 10.3, with digest and a secret per phone. Bindings live in memory."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parlons.voice.sip.addresses import BadAddress, parse_address
from parlons.voice.sip.wire import Hop, answer

if TYPE_CHECKING:
    from parlons.voice.sip.transactions import ServerTransaction

MIN_SECONDS = 30
MAX_SECONDS = 3600
MAX_BINDINGS = 5


@dataclass(slots=True)
class Binding:
    """Where one device of a phone's user is reached."""

    uri: str
    hop: Hop
    """Where its REGISTER came from: past NAT that is the only way back."""
    until: float
    call_id: str
    sequence: int
    path: tuple[str, ...] = ()
    """Proxies between it and us (RFC 3327)."""


class Registrar:
    """Who of `usernames` is where; `changed` hears of the first binding that comes and the last that goes."""

    def __init__(self, changed: Callable[[str, bool], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._changed, self._clock = changed, clock
        self._bindings: dict[str, list[Binding]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def bindings(self, username: str) -> list[Binding]:
        """Those that live, latest first."""
        now = self._clock()
        return sorted((one for one in self._bindings.get(username, ()) if one.until > now), key=lambda one: -one.until)

    def registered(self) -> list[str]:
        """Usernames with a binding."""
        return [username for username in self._bindings if self.bindings(username)]

    def at(self, username: str, hop: Hop) -> bool:
        """Whether this phone registered from there."""
        return any(one.hop == hop for one in self._bindings.get(username, ()))

    def keep_only(self, usernames: Mapping[str, str]) -> None:
        """Forgets phones that are configured no more."""
        for username in [name for name in self._bindings if name not in usernames]:
            self._put(username, [])

    def register(self, username: str, transaction: "ServerTransaction") -> None:
        """A REGISTER whose sender has proven to be `username`."""
        inbound = transaction.inbound
        request = inbound.request
        values = request.headers.get("contact")
        try:
            default = _seconds(request.headers.get_first("expires"), MAX_SECONDS)
            wanted = [_contact(value, default) for value in values]
            path = tuple(request.headers.get("path"))
            for value in path:
                parse_address(value)
        except (BadAddress, ValueError):
            return transaction.refuse(400, "Malformed Contact")
        if ("*", 0) in wanted and (len(wanted) > 1 or request.headers.get_first("expires") is None):
            return transaction.refuse(400, "Contact * stands alone")
        if any(uri == "*" and seconds for uri, seconds in wanted):
            return transaction.refuse(400, "Contact * wants Expires 0")
        if any(0 < seconds < MIN_SECONDS for _, seconds in wanted):
            return transaction.refuse(423, Min_Expires=str(MIN_SECONDS))
        kept = self.bindings(username)
        for uri, _ in wanted:
            known = [one for one in kept if uri in ("*", one.uri)]
            if any(one.call_id == inbound.call_id and one.sequence >= inbound.sequence for one in known):
                return transaction.refuse(500, "CSeq Out Of Order")  # 10.3 step 7: an old one overtaken by a newer
            kept = [one for one in kept if one not in known]
        now = self._clock()
        fresh = [
            Binding(uri, inbound.hop, now + min(seconds, MAX_SECONDS), inbound.call_id, inbound.sequence, path)
            for uri, seconds in wanted
            if seconds
        ]
        if len(fresh) + len(kept) > MAX_BINDINGS:
            kept = kept[: max(0, MAX_BINDINGS - len(fresh))]
        self._put(username, [*fresh, *kept][:MAX_BINDINGS])
        response = answer(request, 200, tag=inbound.call_id[:8] + "r")
        for value in path:
            response.headers.append("Path", value)
        for one in self.bindings(username):
            response.headers.append("Contact", f"<{one.uri}>;expires={max(1, round(one.until - now))}")
        transaction.respond(response)

    def stop(self) -> None:
        """No timer any more."""
        if self._timer:
            self._timer.cancel()

    def _put(self, username: str, bindings: list[Binding]) -> None:
        before = username in self._bindings
        if bindings:
            self._bindings[username] = bindings
        else:
            self._bindings.pop(username, None)
        if before != bool(bindings):
            self._changed(username, bool(bindings))
        self._wake()

    def _wake(self) -> None:
        """Sleeps until the next binding runs out."""
        self.stop()
        times = [one.until for bindings in self._bindings.values() for one in bindings]
        if times:
            self._timer = asyncio.get_running_loop().call_later(
                max(0.0, min(times) - self._clock()) + 0.01, self._expire
            )

    def _expire(self) -> None:
        for username in list(self._bindings):
            self._put(username, self.bindings(username))
        self._wake()


def _seconds(text: str | None, default: int) -> int:
    """RFC 4475 3.1.2.4: a number beyond all bounds counts as the largest; no number as none given."""
    text = (text or "").strip()
    return min(int(text[:12]), MAX_SECONDS) if text.isdigit() else default


def _contact(value: str, default: int) -> tuple[str, int]:
    if value.strip() == "*":
        return "*", default
    address = parse_address(value)
    if address.uri.scheme not in ("sip", "sips"):
        raise BadAddress("no SIP URI")
    return address.text, _seconds(address.params.get("expires"), default)
