"""A call arrives, from a trunk, a desk phone or a customer's page: whose number it is, who calls, a conversation, a row; then
the script leads it. Nothing is told to the caller before the row is stored; where nothing can be stored he hears so."""

import asyncio
import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from parlons.conversations import commands as conversations
from parlons.conversations import queries as conversation_queries
from parlons.customers import commands as customers
from parlons.customers import queries as customer_queries
from parlons.customers.model import PHONE, WEBCHAT, InvalidAddress, normal
from parlons.dispatch.contacts import Entry
from parlons.kit.clock import Millis
from parlons.kit.errors import NotFound, Unavailable
from parlons.kit.ids import CALL
from parlons.runtime.db import Tx
from parlons.runtime.log import log
from parlons.voice.calls.floor import Floor
from parlons.voice.calls.model import Call, Party
from parlons.voice.calls.numbers import is_emergency
from parlons.voice.calls.prompts_shipped import say
from parlons.voice.calls.script import CallContact
from parlons.voice.media.events import LegIncoming

if TYPE_CHECKING:
    from parlons.voice.calls.dialling import Dialling
    from parlons.voice.calls.scripting import Scripting

CHANNEL = "voice"
AT_ONCE = 4
"""Calls stored at the same time: a burst waits here, in order, not for connections of the database until it is refused."""
PAGE_MS = 60_000
"""A page's sound is connected by then, or its call is over."""
TROUBLE_MS = 20_000
"""A notice that nobody ends is over after this."""


class _NotBegun(Exception):
    """The script could not keep its beginning; what it met is the cause."""


class Incoming:
    """Calls that arrive."""

    def __init__(self, floor: Floor, scripting: "Scripting") -> None:
        self.floor = floor
        self.scripting = scripting
        self.dialling: Dialling | None = None
        self._storing = asyncio.Semaphore(AT_ONCE)
        self._newest = 0
        self._languages: dict[str, str] = {}
        """Of each number, as it was last known: for notices without the database."""

    def arrived(self, event: LegIncoming) -> None:
        """The engine tells of an incoming leg."""
        floor = self.floor
        if floor.by_leg.get(event.leg_id):
            return
        call = self._rings(event.leg_id, event.to_number, self._came(event.at or floor.now()))
        call.from_number = event.from_number
        floor.add(call)
        if event.kind == "phone":
            floor.post(call, lambda: self._from_phone(call, event))
        else:
            floor.post(call, lambda: self._begin(call, event.from_name, "trunk"))

    def _rings(self, leg_id: str, number: str, at: int) -> Call:
        """A call that comes in at this number or line."""
        floor = self.floor
        return Call(
            id=floor.fresh(CALL),
            tenant_id=floor.tenant_id,
            workspace_id=floor.workspace_id,
            direction="in",
            state="ringing",
            started_at=at,
            leg_id=leg_id,
            number=number,
        )

    def _came(self, at: int) -> int:
        """When a call came, in the order in which calls came: their places in line follow it, whoever is stored first."""
        self._newest = max(self._newest + 1, at)
        return self._newest

    async def _from_phone(self, call: Call, event: LegIncoming) -> None:
        """A desk phone dials: one of our own numbers, a colleague's phone, or the world. Emergency numbers ask no database."""
        if is_emergency(call.number):
            assert self.dialling is not None
            return await self.dialling.from_phone(call, event.username or "")
        try:
            async with self.floor.db.transaction(call.tenant_id) as tx:
                await self.floor.handler.entry(tx, channel=CHANNEL, address=call.number, at=self.floor.now())
        except Unavailable:
            return await self._trouble(call, "trouble")
        except NotFound:
            assert self.dialling is not None
            return await self.dialling.from_phone(call, event.username or "")
        return await self._begin(call, event.from_name, "phone")

    async def _begin(self, call: Call, name: str, via: Any) -> None:
        floor = self.floor
        try:
            async with self._storing:
                try:
                    await self._stored(call, name, via, scripted=True)
                except _NotBegun as error:
                    # The call is kept all the same; its script is asked again, and may fail for good.
                    log.warning("call.script_not_kept", call_id=call.id, error=type(error.__cause__).__name__)
                    await self._stored(call, name, via, scripted=False)
        except Unavailable as refusal:
            log.warning("call.not_stored", code=refusal.code)
            return await self._trouble(call, "trouble")
        except NotFound as refusal:
            log.info("call.no_number", code=refusal.code)
            async with floor.quietly():
                await floor.engine.reject(call.leg_id, status=404)
            floor.forget(call)
            return None
        self.scripting.begins(call, self.contact(call))
        return None

    async def _stored(self, call: Call, name: str, via: Any, *, scripted: bool) -> None:
        """The call, its conversation and the beginning of its script in one transaction: kept together, or not at all."""
        call.script = scripted
        async with self.floor.db.transaction(call.tenant_id) as tx:
            await self.store(tx, call, name, via)
            await self.floor.ledger.write(tx, call)
            if scripted:
                try:
                    await self.scripting.script.keeps(tx, self.contact(call))
                except Exception as error:
                    raise _NotBegun from error

    async def store(self, tx: Tx, call: Call, name: str, via: Any, *, conversation_id: str | None = None) -> None:
        """Firm, customer and conversation of a call, into it; raises NoEntryPoint."""
        entry = await self.floor.handler.entry(tx, channel=CHANNEL, address=call.number, at=self.floor.now())
        self._languages[call.number] = entry.language
        call.firm_id, call.language = entry.firm_id, call.language if call.web_line else entry.language
        await file_call(tx, call, entry, name, conversation_id)
        label = call.customer_name or call.from_number
        call.parties = [Party(call.leg_id, "customer", label, via=via, state="ringing", since=call.started_at)]

    def contact(self, call: Call) -> CallContact:
        """What a script is told of the call."""
        return CallContact(
            tenant_id=call.tenant_id,
            workspace_id=call.workspace_id,
            call_id=call.id,
            conversation_id=call.conversation_id or "",
            customer_id=call.customer_id or "",
            firm_id=call.firm_id or "",
            number=call.number,
            from_number=call.from_number,
            language=call.language,
            at=self.floor.now(),
            attributes={"web": True} if call.web_line else {},
            came=Millis(call.started_at),
        )

    async def answered(self, call: Call) -> None:
        """The caller talks: what the engine told of our answer."""
        party = call.customer()
        if party is not None and party.state != "talking":
            party.state, party.answered_at = "talking", self.floor.now()
            call.answered_at = call.answered_at or self.floor.now()
            self.floor.changed(call)

    async def _trouble(self, call: Call, prompt: str) -> None:
        """Nothing can be stored, or nobody answers: a notice, then the end. The call leaves no row."""
        floor = self.floor
        language = self._languages.get(call.number, "en")
        call.language, call.state = language, "ended"
        async with floor.quietly():
            await floor.engine.answer(call.leg_id)
        play_id = await floor.say(call, [say(prompt, language)], "last")
        if play_id is None:
            await self.hang_up(call)
        else:
            floor.after(call, "last", TROUBLE_MS, lambda: self.hang_up(call))

    async def hang_up(self, call: Call) -> None:
        """Ends the leg of a call without a row."""
        async with self.floor.quietly():
            await self.floor.engine.hang_up(call.leg_id)
        self.floor.forget(call)

    # --- from a page ---

    async def from_page(
        self, line: str, leg_id: str, name: str, language: str | None, conversation_id: str | None
    ) -> tuple[Call, str]:
        """A customer's page calls a line: (call, token of the page). Raises UnknownLine's cause (NotFound) or Unavailable."""
        floor = self.floor
        token = secrets.token_urlsafe(32)
        call = self._rings(leg_id, line, floor.now())
        call.language, call.web_line = language or "en", line
        call.web_token = hashlib.sha256(token.encode()).hexdigest()
        async with floor.db.transaction(call.tenant_id) as tx:
            entry = await floor.handler.entry(tx, channel=CHANNEL, address=line, at=floor.now())
            call.language = language or entry.language
            await self.store(tx, call, name, "browser", conversation_id=conversation_id)
            await floor.ledger.write(tx, call)
        floor.add(call)
        floor.after(call, "page", PAGE_MS, lambda: self._no_page(call))
        return call, token

    async def _no_page(self, call: Call) -> None:
        """The process that the page asked died before its sound was connected: nobody else would end the call."""
        if call.state == "ringing" and not call.script and call.answered_at is None:
            await self.scripting.talking.end(call, "canceled")


async def file_call(tx: Tx, call: Call, entry: Entry, name: str, conversation_id: str | None = None) -> None:
    """The customer behind the number and the conversation of the call, found or made. `conversation_id`: the matter the call
    belongs to, such as a chat; it gets a leg more."""
    if conversation_id is not None:
        known = await conversation_queries.conversation(tx, conversation_id)
        if known is not None and known.firm_id == entry.firm_id:
            if call.direction == "in" and not known.live:
                known = await conversations.bring_back(tx, known.id, by="customer")
            elif call.direction == "in":
                call.companion_of = known.lead_task_id
            await conversations.start_leg(tx, known, CHANNEL, call.from_number or None)
            customer = await customer_queries.customer(tx, known.customer_id)
            call.conversation_id, call.customer_id = known.id, known.customer_id
            call.customer_name = customer.name if customer is not None and customer.name else name
            call.language = known.language
            return
    kind, value, verified = _address(call)
    customer = await customers.find_or_create_by_address(
        tx,
        workspace_id=call.workspace_id,
        firm_id=entry.firm_id,
        kind=kind,
        value=value,
        verified=verified,
        name=name[:200],
        language=call.language,
    )
    opened = await conversations.open_conversation(
        tx,
        workspace_id=call.workspace_id,
        firm_id=entry.firm_id,
        customer_id=customer.id,
        channel=CHANNEL,
        address=call.from_number or None,
        language=call.language,
    )
    call.conversation_id, call.customer_id, call.customer_name = opened.id, customer.id, customer.name or name


def _address(call: Call) -> tuple[str, str, bool]:
    """How the caller is known: by his number, else by this call alone."""
    try:
        return PHONE, normal(PHONE, call.from_number), True
    except InvalidAddress:
        return WEBCHAT, f"call:{call.id}", False
