"""Trunks as the agent knows them: their addresses, whether they are up, which one calls, and the ways out by them."""

import asyncio
import contextlib
import ipaddress
import random
import re
import secrets
from collections.abc import Sequence
from urllib.parse import quote

from aiosipua import SipRequest, SipResponse

from parlons.voice.media.config import Trunk
from parlons.voice.media.engine import Caller
from parlons.voice.sip.addresses import host_text
from parlons.voice.sip.attempt import Route
from parlons.voice.sip.dialogs import fresh_tag
from parlons.voice.sip.exchange import Exchange
from parlons.voice.sip.numbers import identity_headers, to_dial
from parlons.voice.sip.registration import Registration
from parlons.voice.sip.wire import PRODUCT, Hop

RESOLVE_SECONDS = 300.0
PATIENCE_SECONDS = 3.0
MAX_ADDRESSES = 3
"""Of one trunk's name, that are tried for one call."""


class Line:
    """One trunk while it is configured."""

    def __init__(self, exchange: Exchange, trunk: Trunk) -> None:
        self._exchange, self.trunk = exchange, trunk
        self.addresses: list[str] = []
        """What `host` resolves to."""
        self._networks = [ipaddress.ip_network(one, strict=False) for one in trunk.addresses if _is_network(one)]
        self._told: bool | None = None
        self._answers: bool | None = None
        """Whether it answered the last OPTIONS; None: not asked yet."""
        self.registration: Registration | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def up(self) -> bool:
        """Whether calls by it may go well, as far as is known."""
        registered = self.registration is None or self.registration.registered
        return registered and self._answers is not False

    async def open(self) -> None:
        """Resolves its name; registration and health go on beside."""
        with contextlib.suppress(TimeoutError):  # a dead name server does not hold up the others
            async with asyncio.timeout(PATIENCE_SECONDS):
                self.addresses = await self._exchange.resolve(self.trunk.host)
        loop = asyncio.get_running_loop()
        if self.trunk.register:
            self.registration = Registration(self._exchange, self.trunk, self.hop, self._health)
            self.registration.start()
        self._tasks.append(loop.create_task(self._keep_resolved()))
        if self.trunk.options_seconds > 0:
            self._tasks.append(loop.create_task(self._watch()))
        self._health("")

    async def close(self, *, unregister: bool) -> None:
        """Ends what goes on beside."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.registration:
            await self.registration.stop(unregister=unregister)

    def removed(self) -> None:
        """It is configured no more."""
        if self._told:
            self._exchange.tell(self._exchange.listener.on_trunk, self.trunk.id, False, "removed")

    def hop(self) -> Hop | None:
        """Its first address."""
        return self._hops()[0] if self.addresses else None

    def calls_from(self, host: str) -> bool:
        """Whether an address is this trunk's."""
        if host in self.addresses:
            return True
        return any(ipaddress.ip_address(host) in network for network in self._networks)

    def routes(self, number: str, caller: Caller, extra: dict[str, str]) -> list[Route]:
        """The ways to call `number` by it, one an address."""
        trunk = self.trunk
        user = quote(to_dial(number, trunk), safe="+*")
        port = f":{trunk.port}" if trunk.port != 5060 or trunk.transport == "tcp" else ""
        uri = f"sip:{user}@{host_text(trunk.host)}{port}" + (";transport=tcp" if trunk.transport == "tcp" else "")
        routes = []
        for hop in self._hops()[:MAX_ADDRESSES]:
            domain = trunk.host if trunk.username else self._exchange.transactions.sockets.local_host(hop.host)
            routes.append(Route(uri, hop, identity_headers(caller, trunk, domain), trunk, extra=extra))
        return routes

    def _hops(self) -> list[Hop]:
        return [Hop(self.trunk.transport, address, self.trunk.port) for address in self.addresses]

    async def _keep_resolved(self) -> None:
        while True:
            await asyncio.sleep(RESOLVE_SECONDS if self.addresses else 5.0)
            self.addresses = await self._exchange.resolve(self.trunk.host) or self.addresses
            self._health("")

    async def _watch(self) -> None:
        """OPTIONS: whatever is answered, it lives; silence, 503 and 408 say it does not (RFC 3261 section 11)."""
        while True:
            status = await self._ask()
            self._answers = status not in (408, 503)
            self._health("" if self._answers else ("does not answer" if status == 408 else "refuses calls (503)"))
            await asyncio.sleep(self.trunk.options_seconds * random.uniform(0.9, 1.0))  # noqa: S311

    async def _ask(self) -> int:
        hop = self.hop()
        if hop is None:
            return 408
        uri = f"sip:{host_text(self.trunk.host)}"
        request = SipRequest(method="OPTIONS", uri=uri)
        for name, value in (
            ("Max-Forwards", "70"),
            ("From", f"{self._exchange.contact(hop)};tag={fresh_tag()}"),
            ("To", f"<{uri}>"),
            ("Call-ID", secrets.token_hex(16)),
            ("CSeq", "1 OPTIONS"),
            ("Contact", self._exchange.contact(hop)),
            ("User-Agent", PRODUCT),
        ):
            request.headers.append(name, value)
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def answered(status: int, response: SipResponse | None) -> None:
            if status >= 200 and not future.done():
                future.set_result(status)

        self._exchange.transactions.request(request, hop, answered)
        return await future

    def _health(self, text: str) -> None:
        up, why = self._judge(text)
        if up is not None and up != self._told:
            self._told = up
            self._exchange.tell(self._exchange.listener.on_trunk, self.trunk.id, up, why)

    def _judge(self, text: str) -> tuple[bool | None, str]:
        """Up, down and why, or None while nobody knows yet."""
        if not self.addresses:
            return False, "its name is not found"
        if self.registration and not self.registration.registered:
            return (False, self.registration.problem) if self.registration.problem else (None, "")
        if self._answers is None and self.trunk.options_seconds > 0:
            return None, ""
        return (True, "") if self._answers is not False else (False, text or "does not answer")


class Lines:
    """All trunks."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.by_id: dict[str, Line] = {}

    async def configure(self, trunks: Sequence[Trunk]) -> None:
        """Those that changed are closed and opened anew; the others are left alone."""
        wanted = {trunk.id: trunk for trunk in trunks}
        for trunk_id, line in list(self.by_id.items()):
            if wanted.get(trunk_id) != line.trunk:
                del self.by_id[trunk_id]
                await line.close(unregister=True)
                if trunk_id not in wanted:
                    line.removed()
        fresh = [Line(self._exchange, trunk) for trunk in trunks if trunk.id not in self.by_id]
        for line in fresh:
            self.by_id[line.trunk.id] = line
        await asyncio.gather(*(line.open() for line in fresh))

    async def close(self) -> None:
        """Unregisters everywhere."""
        await asyncio.gather(*(line.close(unregister=True) for line in self.by_id.values()))
        self.by_id.clear()

    def caller(self, hop: Hop, uri_user: str) -> Trunk | None:
        """The trunk a request comes from, by its address; of several that by port, then by the name we registered there."""
        lines = [line for line in self.by_id.values() if line.calls_from(hop.host)]
        if not lines:
            return None
        by_port = [line for line in lines if line.trunk.port == hop.port]
        by_name = [line for line in lines if uri_user and line.trunk.username == uri_user]
        lines = by_port or by_name or lines
        return lines[0].trunk

    def trusts(self, host: str) -> bool:
        """Whether that is an address of a trunk."""
        return any(line.calls_from(host) for line in self.by_id.values())


def clean_headers(headers: dict[str, str]) -> dict[str, str]:
    """X-* headers that may be sent; others and those with line breaks are left out."""
    return {
        name: value
        for name, value in headers.items()
        if re.fullmatch(r"[Xx]-[A-Za-z0-9-]{1,60}", name) and value.isprintable() and len(value) <= 500
    }


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
