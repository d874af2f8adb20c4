"""Programs lead calls by call XML: `CallPrograms` fulfils `CallScript`, beside the flows, which lead all other calls.

A step: the document is fetched (`fetching`), read whole (`call_xml`), and its instructions are asked of the call one by one;
what an instruction led to brings the next, or the next document. The state is kept first, then the call is asked, under a
key: a process that takes over asks again, and nothing is done twice. Fetching never holds up other calls.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from parlons.compat import led_store, store
from parlons.compat import program_wishes as wishes
from parlons.compat.call_xml import Verb, XmlRefused, read
from parlons.compat.fetching import Fetched, Fetching
from parlons.compat.led import OVER, Asked, Hook, Led, far_side
from parlons.compat.led_dial import Dials
from parlons.compat.led_instructions import Instructions
from parlons.compat.led_queues import Queues
from parlons.compat.led_rooms import Rooms
from parlons.compat.numbers import addresses_of
from parlons.compat.telling import tell_of_call
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import Clock, Millis
from parlons.runtime.db import Database, Tx
from parlons.runtime.log import log
from parlons.runtime.safe_http import Allowed
from parlons.voice.calls import queries as calls
from parlons.voice.calls.prompts_shipped import say as shipped
from parlons.voice.calls.script import CallContact, CallScript, Dialled, Outcome, Progress, Verbs
from parlons.voice.calls.telephone import Script

Json = dict[str, Any]


@dataclass(slots=True)
class Around:
    """What programs of all workspaces need."""

    db: Database
    dispatch: Dispatch
    fetching: Fetching
    clock: Clock
    url: str
    """What our own addresses begin with."""
    allow: Allowed
    """Private places that may be called."""
    fetches: set[asyncio.Task[None]] = field(default_factory=set)


class CallPrograms(CallScript):
    """The script of one workspace's calls: call XML where a number has an address for it, else its flow."""

    def __init__(self, around: Around, flows: Script, tenant_id: str, workspace_id: str) -> None:
        self.around = around
        self.flows = flows
        self.tenant_id = tenant_id
        self.workspace_id = workspace_id
        self.led: dict[str, Led] = {}
        """Calls that call XML leads and that are not over."""
        self._read: dict[str, tuple[str, tuple[Verb, ...]]] = {}
        self._verbs: Verbs | None = None
        self._looking: asyncio.Task[None] | None = None
        self.rooms, self.dials, self.queues = Rooms(self), Dials(self), Queues(self)
        self.instructions = Instructions(self)

    @property
    def verbs(self) -> Verbs:
        """What is asked of calls; only while they are carried here."""
        assert self._verbs is not None
        return self._verbs

    def attach(self, verbs: Verbs) -> None:
        """See `telephone.Script`."""
        self._verbs = verbs
        self.flows.attach(verbs)
        self._looking = self.beside(self._never_called)

    def detach(self) -> None:
        """See `telephone.Script`."""
        self._verbs = None
        self.led.clear()
        self._read.clear()
        self.rooms.clear()
        self.flows.detach()

    async def _never_called(self) -> None:
        """A process died before it called whom a program wished to be called: that is said, as nothing else becomes of it.
        Whom a call rings for another one: `Dials.returns`."""
        mine = (store.calls.c.status == "queued", store.calls.c.parent_id.is_(None))
        async with self.around.db.transaction(self.tenant_id) as tx:
            queued = [one.led for one in await led_store.listing(tx, *mine)]
            lost = [one for one in queued if await calls.call(tx, one.id) is None]
        for led in lost:
            if led.workspace_id == self.workspace_id:
                await self.becomes(led, "failed")

    # --- what the telephone tells ---

    async def keeps(self, tx: Tx, contact: CallContact) -> None:
        """A new call: led by call XML when its number has an address, else by its flow."""
        led = await self._begun(tx, contact)
        if led is None:
            return await self.flows.keeps(tx, contact)
        await led_store.keep(tx, led)
        tx.after_commit(lambda: self._knows(led))
        return None

    def _knows(self, led: Led) -> None:
        self.led[led.id] = led

    async def _begun(self, tx: Tx, contact: CallContact) -> Led | None:
        found = await addresses_of(tx, contact.number)
        if found is None or not found.voice.url:
            return None
        return Led(
            contact.call_id, contact.tenant_id, contact.workspace_id, "inbound", contact.number,
            contact.from_number or "anonymous", "ringing", contact.at, found.voice, found.told,
        )  # fmt: skip

    async def begins(self, contact: CallContact) -> None:
        """A call that came in, also one whose beginning could not be kept with it."""
        led = self.led.get(contact.call_id)
        if led is None:
            async with self.around.db.transaction(self.tenant_id) as tx:
                led = await self._begun(tx, contact)
        if led is None:
            return await self.flows.begins(contact)
        self._knows(led)
        await self.begin(led)
        return None

    async def goes_on(self, call_id: str, outcome: Outcome) -> None:
        """What an instruction led to."""
        led = self.led.get(call_id)
        if led is None:
            return await self.flows.goes_on(call_id, outcome)
        if outcome.key != led.key or outcome.kind == "gone":
            return None
        await self.instructions.led_to(led, self.instruction(led), outcome)
        return None

    async def returns(self, call_id: str) -> None:
        """This process took over: what is outstanding is asked again."""
        async with self.around.db.transaction(self.tenant_id) as tx:
            found = await led_store.find(tx, call_id)
        if found is None or not found.led.live:
            return await self.flows.returns(call_id)
        led = found.led
        self._knows(led)
        await self.rooms.returns(led)
        if led.other or await self.dials.returns(led):
            return None
        if led.asked is not None:
            self.fetch(led, led.asked.url, led.asked.method, led.asked.form)
        elif led.at > 0:
            await self.instructions.perform(led, self.instruction(led))
        return None

    async def _kept(self, call_id: str) -> Led | None:
        """A call that ended before this process, which took it over, was told to go on with it."""
        async with self.around.db.transaction(self.tenant_id) as tx:
            found = await led_store.find(tx, call_id)
        return None if found is None else self.led.setdefault(call_id, found.led)

    async def ends(self, call_id: str) -> None:
        """The program leads the call no more."""
        if call_id not in self.led:
            await self.flows.ends(call_id)

    async def over(self, call_id: str, at: Millis) -> None:
        """The call is over."""
        led = self.led.pop(call_id, None)
        self._read.pop(call_id, None)
        if led is not None and led.live:
            led.ended_at, led.asked = at, None
            await self.becomes(led, "completed" if led.answered_at is not None else _unanswered(led))
        if led is not None:
            await self.lets_go(led)
            await self.keep(led)

    async def lets_go(self, led: Led) -> None:
        """A call is over, or goes another way: out of where it is."""
        await self.rooms.leave(led)
        await self.dials.gone(led)
        await self.queues.gone(led)

    async def unserved(self, call_id: str, task_id: str) -> None:
        """Nobody of the desk came."""
        if call_id in self.led:
            await self.queues.unserved(task_id)

    async def progress(self, call_id: str, what: Progress) -> None:
        """Of a call that a program placed."""
        led = self.led.get(call_id) or await self._kept(call_id)
        if led is None:
            return
        if what == "answered":
            led.answered_at = self.around.clock()
            await self.becomes(led, "in-progress")
            if await self.queues.answered(led):
                await self.begin(led)
        elif what == "ringing":
            await self.becomes(led, "ringing")
        else:
            await self.becomes(led, "canceled" if led.canceled else what)
            await self.dials.not_reached(led, led.status)

    # --- from document to document ---

    async def begin(self, led: Led) -> None:
        """The first document; a call that another one waits for and that has none is joined with it."""
        if led.hook.xml:
            await self.carries_out(led, led.hook.xml, "")
        elif not led.hook.url:
            await self._ready(led)
        else:
            self.fetch(led, led.hook.url, led.hook.method, {})

    async def _ready(self, led: Led) -> None:
        """A call has heard all there is for it."""
        if led.serves and not led.other:
            await self.queues.reached(led)
        elif led.parent_id is not None and not led.other:
            await self.dials.answered(led)
        elif led.waits is not None:
            await self.queues.again(led)
        else:
            await self.verbs.hang_up(led.id)

    def fetch(self, led: Led, url: str, method: str, form: Mapping[str, str]) -> None:
        """Fetches the next document; the call goes on when it is here. Whatever was asked of the call before is over."""
        led.step += 1
        led.asked = Asked(url, method, dict(form))
        step = led.step

        async def work() -> None:
            await self.keep(led)
            found = await self.around.fetching.document(led, url, method, form)
            self.verbs.lines.later(led.id, lambda: self._fetched(led, step, found))

        self.beside(work)

    def beside(self, work: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
        """Does something that may take long, while other calls go on."""

        async def done() -> None:
            try:
                await work()
            except Exception as error:
                log.exception("compat.call_failed", error=type(error).__name__)

        task = asyncio.get_running_loop().create_task(done(), name="call program")
        self.around.fetches.add(task)
        task.add_done_callback(self.around.fetches.discard)
        return task

    async def _fetched(self, led: Led, step: int, found: Fetched) -> None:
        if led.step != step or led.id not in self.led:
            return
        led.asked = None
        if found.content is None:
            await self.fails(led, found.url, found.code, found.why)
        else:
            await self.carries_out(led, found.content, found.url)

    async def carries_out(self, led: Led, document: str, url: str) -> None:
        """Does what a document says."""
        try:
            verbs = read(document)
        except XmlRefused as error:
            return await self.fails(led, url, error.code, error.message)
        self._read[led.id] = (document, verbs)
        led.document, led.base_url, led.at = document, url, 0
        await self.next(led)
        return None

    async def fails(self, led: Led, url: str, code: int, why: str) -> None:
        """A document that cannot be had or read: the fallback is asked once, then a word is said and the call ends."""
        log.warning("compat.call_xml_refused", call_id=led.id, code=code, why=why[:200])
        if led.waits is not None:
            return await self.queues.again(led, failed=True)
        fallback, led.hook.fallback_url = led.hook.fallback_url, ""
        if fallback:
            self.fetch(led, fallback, led.hook.fallback_method, {"ErrorCode": str(code), "ErrorUrl": url})
            return None
        self._read[led.id] = ("<Response/>", ())
        led.document, led.at, led.step = "<Response/>", 0, led.step + 1
        await self.answer(led)
        await self.keep(led)
        await self.verbs.say(led.id, led.key, [shipped("trouble", "en")])
        return None

    def _instructions(self, led: Led) -> tuple[Verb, ...]:
        known = self._read.get(led.id)
        if known is None or known[0] != led.document:
            known = self._read[led.id] = (led.document, read(led.document))
        return known[1]

    def instruction(self, led: Led) -> Verb | None:
        """The one that is carried out now."""
        verbs = self._instructions(led)
        return verbs[led.at - 1] if 0 < led.at <= len(verbs) else None

    async def next(self, led: Led) -> None:
        """The next instruction; after the last one the call ends."""
        verbs = self._instructions(led)
        if led.at >= len(verbs):
            return await self._ready(led)
        verb = verbs[led.at]
        led.at, led.step = led.at + 1, led.step + 1
        await self.keep(led)
        await self.instructions.perform(led, verb)
        return None

    # --- addresses ---

    def absolute(self, led: Led, url: str) -> str:
        """An address of the document; empty: its own."""
        return self.around.fetching.absolute(led.base_url, url)

    def named(self, led: Led, url: str) -> str:
        """An address that a document may leave out."""
        return self.absolute(led, url) if url else ""

    async def answer(self, led: Led) -> None:
        """The caller hears something from now on."""
        if led.answered_at is None and led.direction == "inbound":
            await self.verbs.answer(led.id)
            led.answered_at = self.around.clock()
            await self.becomes(led, "in-progress")

    # --- keeping and telling ---

    async def keep(self, *written: Led) -> None:
        """The rows follow; of a call whose end was told, the program may have removed it."""
        async with self.around.db.transaction(self.tenant_id) as tx:
            for led in written:
                await led_store.keep(tx, led, made=led.live)

    async def becomes(self, led: Led, status: Any) -> None:
        """Another state, kept and told."""
        if led.status == status or not led.live:
            return
        led.status = status
        if led.status in OVER:
            led.ended_at = led.ended_at or self.around.clock()
        async with self.around.db.transaction(self.tenant_id) as tx:
            await tell_of_call(tx, led)
            await led_store.keep(tx, led)

    # --- what programs wish ---

    async def wished(self, values: Json) -> Json:
        """A request of the API for calls that are carried here."""
        return await wishes.carry_out(self, values)

    async def create(self, led: Led, seconds: int) -> None:
        """Calls somebody whom the program leads; a call that may not be made leaves nothing."""
        if self._looking is not None:
            await asyncio.wait([self._looking])  # else this call could be taken for one that nobody places any more
        self._knows(led)
        try:
            await self._place(led, seconds)
        except Exception:
            self.led.pop(led.id, None)
            async with self.around.db.transaction(self.tenant_id) as tx:
                await led_store.remove(tx, [led.id])
            raise

    async def _place(self, led: Led, seconds: int) -> None:
        kind, to = far_side(led.to)
        async with self.around.db.transaction(self.tenant_id) as tx:
            await tell_of_call(tx, led)
            await led_store.keep(tx, led)
        shown = led.from_ if led.from_.startswith("+") else ""
        await self.verbs.lines.place(led.id, Dialled(kind, to, shown, seconds * 1000))

    async def redirect(self, led: Led, hook: Hook) -> None:
        """Another document takes over, from wherever the call is."""
        led.step += 1
        await self.lets_go(led)
        await self.verbs.lines.music(led.id, "none")
        await self.verbs.programs.disconnect(led.id)
        led.hook = hook
        await self.begin(led)


def _unanswered(led: Led) -> str:
    """How a call ended that nobody answered."""
    return "canceled" if led.canceled or led.direction == "inbound" else "no-answer"
