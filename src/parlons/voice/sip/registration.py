"""Our registration at a trunk (RFC 3261 section 10.2): digest, refresh before it runs out, patience when refused."""

import asyncio
import random
import re
import secrets
from collections.abc import Callable
from urllib.parse import quote

from aiosipua import SipRequest, SipResponse

from parlons.voice.media.config import Trunk
from parlons.voice.sip.addresses import BadAddress, host_text, parse_address
from parlons.voice.sip.dialogs import fresh_tag
from parlons.voice.sip.digest import answer_challenge
from parlons.voice.sip.exchange import Exchange
from parlons.voice.sip.wire import PRODUCT, Hop

WANTED_SECONDS = 600
LONGEST_RETRY = 60
"""Times the first wait."""
USER = "+*-_.!~'()&=$,;?/"
"""What a user part may hold unescaped (RFC 3261 section 25.1)."""
GOODBYE_SECONDS = 1.0


class Registration:
    """Keeps one trunk's registration; `changed` is called with what is wrong, or empty."""

    def __init__(
        self, exchange: Exchange, trunk: Trunk, hop: Callable[[], Hop | None], changed: Callable[[str], None]
    ) -> None:
        self._exchange, self._trunk, self._hop, self._changed = exchange, trunk, hop, changed
        self._call_id, self._tag = secrets.token_hex(16), fresh_tag()
        self._sequence = 0
        self._wanted = WANTED_SECONDS
        self._task: asyncio.Task[None] | None = None
        self.registered = False
        self.problem = ""

    def start(self) -> None:
        """Registers, again and again."""
        self._task = asyncio.get_running_loop().create_task(self._keep())

    async def stop(self, *, unregister: bool) -> None:
        """Ends it; says goodbye without waiting long for an answer."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if unregister and self.registered and self._hop():
            self.registered = False
            try:
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await self._register(0)
            except TimeoutError:
                pass

    async def _keep(self) -> None:
        wait = first = self._exchange.timing.register_retry
        while True:
            seconds = await self._register(self._wanted)
            self.registered = seconds > 0
            self._changed("" if self.registered else self.problem)
            if self.registered:
                wait = first
                await asyncio.sleep(max(0.5 * seconds, seconds - 30))
            else:
                await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311
                wait = min(2 * wait, LONGEST_RETRY * first)

    async def _register(self, seconds: int) -> int:
        """For how many seconds it holds; 0: it does not."""
        credentials: tuple[str, str] | None = None
        for _ in range(3):
            hop = self._hop()
            if hop is None:
                self.problem = "its name is not found"
                return 0
            request = self._request(seconds, hop, credentials)
            status, response = await self._ask(request, hop)
            if response and 200 <= status < 300:
                self.problem = ""
                return self._granted(response, seconds)
            self.problem = f"registration refused ({status})" if response else "does not answer"
            if response and status in (401, 407) and (not credentials or _stale(response)):
                credentials = answer_challenge(response, request, self._trunk.username, self._trunk.password)
                if credentials:
                    continue
            least = (response.headers.get_first("min-expires") or "").strip() if response and status == 423 else ""
            if not least.isdigit() or len(least) > 6:
                return 0
            seconds = self._wanted = int(least)
        return 0

    def _request(self, seconds: int, hop: Hop, credentials: tuple[str, str] | None) -> SipRequest:
        self._sequence += 1
        domain = host_text(self._trunk.host)
        request = SipRequest(method="REGISTER", uri=f"sip:{domain}")
        user = quote(self._trunk.username or "parlons", safe=USER)
        contact = self._exchange.contact(hop).replace("sip:parlons@", f"sip:{user}@")
        for name, value in (
            ("Max-Forwards", "70"),
            ("From", f"<sip:{user}@{domain}>;tag={self._tag}"),
            ("To", f"<sip:{user}@{domain}>"),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._sequence} REGISTER"),
            ("Contact", contact),
            ("Expires", str(seconds)),
            ("User-Agent", PRODUCT),
        ):
            request.headers.append(name, value)
        if credentials:
            request.headers.append(*credentials)
        return request

    async def _ask(self, request: SipRequest, hop: Hop) -> tuple[int, SipResponse | None]:
        future: asyncio.Future[tuple[int, SipResponse | None]] = asyncio.get_running_loop().create_future()

        def answered(status: int, response: SipResponse | None) -> None:
            if status >= 200 and not future.done():
                future.set_result((status, response))

        self._exchange.transactions.request(request, hop, answered)
        return await future

    def _granted(self, response: SipResponse, asked: int) -> int:
        """Their seconds for our Contact: its own parameter, else the Expires header, else what we asked for."""
        port = self._exchange.transactions.sockets.port
        for value in response.headers.get("contact"):
            try:
                address = parse_address(value)
            except BadAddress:
                continue
            text = address.params.get("expires") or ""
            if address.uri.port == port and re.fullmatch(r"\d{1,9}", text):
                return int(text)
        text = (response.headers.get_first("expires") or "").strip()
        return int(text) if re.fullmatch(r"\d{1,9}", text) else asked


def _stale(response: SipResponse) -> bool:
    values = [*response.headers.get("www-authenticate"), *response.headers.get("proxy-authenticate")]
    return any(re.search(r"stale\s*=\s*\"?true", value, re.IGNORECASE) for value in values)
