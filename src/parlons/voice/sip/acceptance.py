"""A 200 to an INVITE, repeated until its ACK comes or 64 * T1 have passed (RFC 3261 section 13.3.1.4)."""

import asyncio
from collections.abc import Callable

from aiosipua import SipResponse

from parlons.voice.sip.transactions import ServerTransaction, Timing


class Acceptance:
    """Waits for one ACK; `lost` is called when it does not come."""

    def __init__(
        self,
        transaction: ServerTransaction,
        response: SipResponse,
        timing: Timing,
        *,
        late: bool,
        lost: Callable[[], None],
    ) -> None:
        self._transaction, self._timing, self._lost = transaction, timing, lost
        self.sequence = transaction.inbound.sequence
        self.late = late
        """The offer is ours; their answer comes in the ACK."""
        transaction.respond(response)
        self._timer = asyncio.get_running_loop().call_later(timing.t1, self._again, timing.t1, timing.t1)

    def stop(self) -> None:
        """The ACK came, or nobody waits for it."""
        self._timer.cancel()

    def _again(self, interval: float, spent: float) -> None:
        if spent >= self._timing.give_up:
            return self._lost()
        self._transaction.resend()
        interval = min(2 * interval, self._timing.t2)
        self._timer = asyncio.get_running_loop().call_later(interval, self._again, interval, spent + interval)
