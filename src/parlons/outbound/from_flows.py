"""What a flow sends to its contact by another way: a message, and a one-time code.

Both are single messages (`one_commands`), made in the transaction that keeps the flow's new state, so each is sent once with it
or not at all; an address that asked for silence gets none. The code stands in no table: its message has it sealed until the
channel takes it, the flow's state has a digest under a key of this installation.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parlons.conversations.hiding import HIDDEN, seal_text
from parlons.customers.model import EMAIL, PHONE, InvalidAddress, normal
from parlons.flows.state import Effect
from parlons.kit.errors import Refusal, Unavailable
from parlons.kit.languages import nearest
from parlons.outbound import one_commands
from parlons.outbound.feeding import Outbound
from parlons.outbound.model import GIVEN, SERVICE, WAITING, Text
from parlons.outbound.one_model import Single, Wanted
from parlons.reception.flow_acts import Act, Ground, Json, counted
from parlons.reception.flow_steps_attempts import SENDS, attempt, was_right

BY = "flow"
"""Who asked for it, and why."""
_PART = 1_000
"""Characters of one value that a single message takes."""
_MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class FlowSends:
    """Sends for the flows of a process."""

    outbound: Outbound
    key: bytes
    """Of the digests; derived from the installation's secret."""

    def acts(self) -> Mapping[str, Act]:
        """By kind of effect."""
        return {"send": self.send, "send_code": self.send_code, "check_code": self.check_code}

    async def send(self, ground: Ground, effect: Effect) -> Json:
        """One message. To an address that the flow names only so often: whoever fills it in may not write to half the world."""
        if effect.data["to"] is not None and not await _may_send(ground, effect):
            return {"sent": False, "why": "locked"}
        single, why = await self._single(ground, effect.data, str(effect.data["text"]))
        return {"sent": True} if single is not None else {"sent": False, "why": why}

    async def send_code(self, ground: Ground, effect: Effect) -> Json:
        """A fresh code; the one before is worth nothing any more, for the flow keeps the last digest only."""
        if not await _may_send(ground, effect):
            return {"sent": False, "why": "locked"}
        data = effect.data
        code = "".join(secrets.choice("0123456789") for _ in range(data["digits"]))
        single, why = await self._single(ground, data, str(data["text"]).replace("{code}", HIDDEN))
        if single is None or single.message_id is None:
            return {"sent": False, "why": why or "not-reachable"}
        await seal_text(ground.tx, single.message_id, code)
        until = ground.tx.now + data["valid_minutes"] * _MINUTE
        return {"sent": True, "digest": self._digest(ground, code), "until": until}

    async def check_code(self, ground: Ground, effect: Effect) -> Json:
        """Whether it is the code; counted before it is looked at."""
        data = effect.data
        proven, by = await counted(ground, "code to", data["to"])
        if not await attempt(ground.tx, proven, by):
            return {"right": False, "why": "locked"}
        same = hmac.compare_digest(self._digest(ground, str(data["given"])), str(data["digest"]))
        if ground.tx.now >= int(data["until"] or 0):
            return {"right": False, "why": "expired"}
        if same:
            await was_right(ground.tx, proven, by)
        return {"right": same}

    def _digest(self, ground: Ground, code: str) -> str:
        return hmac.new(self.key, f"{ground.instance.id}\n{code}".encode(), hashlib.sha256).hexdigest()

    async def _single(self, ground: Ground, data: Json, text: str) -> tuple[Single | None, str]:
        """The message, or why there is none."""
        conversation = await ground.conversation()
        to = _address(data["to"])
        if data["to"] is not None and to is None:
            return None, "no-address"
        parts = [text[at : at + _PART] for at in range(0, len(text), _PART)]
        values = [str(value) for value in data.get("values") or ()]
        attributes = {f"flow_{number}": part for number, part in enumerate([*parts, data["subject"], *values])}
        names = [f"{{{{ customer.attributes.{name} }}}}" for name in attributes]  # values are never read as Liquid
        words = text if data.get("template") else "".join(names[: len(parts)])
        subject = names[len(parts)] if data["subject"] else ""
        written = Text(words, subject, data.get("template") or "", tuple(names[len(parts) + 1 :]))
        wanted = Wanted(
            {nearest(data["language"]): written}, data.get("purpose", SERVICE), reason=BY, channel=data["channel"],
            customer_id=conversation.customer_id if to is None else None, address=to, attributes=attributes,
            language=nearest(data["language"]), reference=conversation.id,
        )  # fmt: skip
        firm = {"workspace_id": conversation.workspace_id, "firm_id": conversation.firm_id}
        try:
            single = await one_commands.ask(ground.tx, self.outbound, wanted, **firm, by=BY)
        except Unavailable:
            raise
        except Refusal as refusal:
            return None, refusal.code
        return (single, "") if single.state in (GIVEN, WAITING) else (None, single.code)


def _address(to: Any) -> tuple[str, str] | None:
    """The number or mail address that a flow names."""
    for kind in (PHONE, EMAIL) if to else ():
        try:
            return kind, normal(kind, str(to))
        except InvalidAddress:
            continue
    return None


async def _may_send(ground: Ground, effect: Effect) -> bool:
    thing, by = await counted(ground, "to", effect.data["to"], SENDS)
    return await attempt(ground.tx, thing, by)
