"""What every call shares: the transaction layer, the listener, which dialog is whose, names turned into addresses."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from parlons.runtime.log import log
from parlons.voice.sip.addresses import Uri, host_text
from parlons.voice.sip.model import Listener
from parlons.voice.sip.transactions import Timing, Transactions
from parlons.voice.sip.wire import Hop

if TYPE_CHECKING:
    from parlons.voice.sip.talk import SipCall

P = ParamSpec("P")
T = TypeVar("T")


class Exchange:
    """The calls of one agent."""

    def __init__(self, listener: Listener, timing: Timing) -> None:
        self.listener, self.timing = listener, timing
        self.transactions: Transactions
        self.legs: dict[str, SipCall] = {}
        """Calls that live, by leg."""
        self.dialogs: dict[tuple[str, str], SipCall] = {}
        """By Call-ID and our tag; those over stay for a while, so that late requests find out."""
        self.origins: set[tuple[str, str, int]] = set()
        """Call-ID, From tag and CSeq of the INVITEs that made them."""
        self._names: dict[str, str] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def tell(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Calls the listener; what it raises is logged and None returned."""
        try:
            return act(*args, **kwargs)
        except Exception:
            log.exception("sip.listener_failed")
            return None

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Runs something beside; it ends with the agent."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def stop(self) -> None:
        """Ends what runs beside."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def contact(self, hop: Hop) -> str:
        """Our Contact as that hop may reach it."""
        sockets = self.transactions.sockets
        transport = ";transport=tcp" if hop.transport == "tcp" else ""
        return f"<sip:parlons@{host_text(sockets.local_host(hop.host))}:{sockets.port}{transport}>"

    def hop(self, uri: Uri, fallback: Hop) -> Hop:
        """Where a request to `uri` goes. A name not yet known is asked for, and `fallback` used meanwhile."""
        transport = uri.params.get("transport", "udp") or "udp"
        address = self._address(uri.host)
        if not address or transport not in ("udp", "tcp") or _behind_nat(address, fallback.host):
            return fallback
        same = fallback.transport == "tcp" and (
            fallback.host == address and (transport == "tcp" or fallback.connection)
        )
        if same and fallback.connection and fallback.connection.open:
            return fallback  # the connection they opened: the port in their Contact may not be open
        return Hop("tcp" if transport == "tcp" else "udp", address, uri.port or 5060)

    def phone_hop(self, uri: Uri, heard_from: Hop) -> Hop:
        """Where a phone is reached: where it was heard from, or once that connection closed, at its Contact."""
        closed = heard_from.transport == "tcp" and not (heard_from.connection and heard_from.connection.open)
        return self.hop(uri, heard_from) if closed else heard_from

    async def resolve(self, host: str) -> list[str]:
        """The addresses of a name, IPv4 first; empty: none."""
        if literal(host):
            return [host]
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        except OSError:
            return []
        addresses = list(
            dict.fromkeys(str(one[4][0]) for one in sorted(found, key=lambda one: one[0] != socket.AF_INET))
        )
        if addresses:
            self._names[host] = addresses[0]
        return addresses

    def _address(self, host: str) -> str:
        if literal(host):
            return host
        if host not in self._names:
            self._names[host] = ""
            self.spawn(self.resolve(host))
        return self._names[host]

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()):
            log.error("sip.failed", exc_info=problem)


def _behind_nat(address: str, heard_from: str) -> bool:
    """A private address that was told from a public one leads nowhere."""
    far, near = ipaddress.ip_address(address.partition("%")[0]), ipaddress.ip_address(heard_from.partition("%")[0])
    return far.is_private and near.is_global


def literal(host: str) -> bool:
    """Whether it is an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
