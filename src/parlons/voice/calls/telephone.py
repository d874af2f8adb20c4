"""The telephone of one process: a controller for each workspace whose router it owns, and the way to the others.

A wish for calls of another process is an event in the journal (`call.asked`), its answer another (`call.answered`): no wire of
its own, and in the order of everything else. Browsers connect straight to the engine, which every process of the machine has.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from parlons.accounts import queries as accounts
from parlons.accounts.model import Principal
from parlons.dispatch.batch import Batch
from parlons.dispatch.contacts import ContactHandler
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.outcome import refusal_from_wire, refusal_to_wire
from parlons.kit.clock import Clock, Millis, to_iso
from parlons.kit.errors import NotFound, Refusal, Unavailable
from parlons.kit.ids import JOB, new_id
from parlons.runtime.db import Database
from parlons.runtime.events import Audience, Event
from parlons.runtime.files import Files
from parlons.runtime.journal import Entry
from parlons.voice.calls import queries
from parlons.voice.calls.beside import is_guest
from parlons.voice.calls.controller import Controller
from parlons.voice.calls.errors import UnknownCall, UnknownLine, VoiceOff
from parlons.voice.calls.floor import Floor, Numbers, SocketAddress, Sounds, browser_leg
from parlons.voice.calls.incoming import CHANNEL
from parlons.voice.calls.ledger import Ledger
from parlons.voice.calls.model import Call
from parlons.voice.calls.router import Router
from parlons.voice.calls.script import CallScript, Verbs
from parlons.voice.calls.settings import read_configured
from parlons.voice.calls.vault import Vault
from parlons.voice.calls.voice import WebCaller, Wish
from parlons.voice.calls.wishes import carry_out
from parlons.voice.media.engine import MediaEngine, NotThere

Json = dict[str, Any]
ASKED, ANSWERED = "call.asked", "call.answered"
PATIENCE = 10.0
"""Seconds a wish for another process waits for its answer."""


class Script(CallScript, Protocol):
    """A script that is told where its verbs go."""

    def attach(self, verbs: Verbs) -> None:
        """Calls of the workspace are asked here from now on."""
        ...

    def detach(self) -> None:
        """They are carried elsewhere."""
        ...


Ice = Callable[[str, Millis], list[Json]]
Matter = Callable[[str, str], Awaitable[str | None]]
"""(tenant, token of a visitor's page) -> his conversation."""


class Telephone:
    """Fulfils `voice.Voice`."""

    def __init__(
        self,
        *,
        engine: MediaEngine,
        db: Database,
        dispatch: Dispatch,
        handler: ContactHandler,
        sounds: Sounds,
        files: Files,
        vault: Vault,
        folder: Path,
        clock: Clock,
        numbers: Numbers,
        ice: Ice,
        matter: Matter,
        socket_address: SocketAddress,
    ) -> None:
        self.engine, self.db, self.dispatch, self.handler = engine, db, dispatch, handler
        self.sounds, self.files, self.vault, self.folder, self.clock = sounds, files, vault, folder, clock
        self.numbers, self.ice, self.matter, self.socket_address = numbers, ice, matter, socket_address
        self.controllers: dict[str, Controller] = {}
        self._asked: dict[str, asyncio.Future[Json]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._stop = dispatch.watch(self._committed)

    # --- life ---

    async def serve(self, workspace_id: str, tenant_id: str, script_of: Callable[[], Script]) -> None:
        """Carries the workspace's calls whenever this process owns its router, for ever."""
        seat = self.dispatch.seat(workspace_id)
        while True:
            changed = seat.changed
            if seat.owner is None:
                await changed.wait()
                continue
            script = script_of()
            controller = self.controllers[workspace_id] = Controller(self._floor(workspace_id, tenant_id), script)
            script.attach(controller.scripting)
            try:
                await controller.run()
            finally:
                self.controllers.pop(workspace_id, None)
                script.detach()
            # Another process follows the engine now; should this one own the router all the same, it takes over again.
            await asyncio.sleep(1)

    def _floor(self, workspace_id: str, tenant_id: str) -> Floor:
        return Floor(
            tenant_id=tenant_id,
            workspace_id=workspace_id,
            engine=self.engine,
            db=self.db,
            dispatch=self.dispatch,
            handler=self.handler,
            sounds=self.sounds,
            files=self.files,
            vault=self.vault,
            folder=self.folder,
            clock=self.clock,
            numbers=self.numbers,
            socket_address=self.socket_address,
            ledger=Ledger(self.db, self.dispatch.users),
            router=Router(self.dispatch, workspace_id),
        )

    async def close(self) -> None:
        """Answers nothing more."""
        self._stop()
        for task in list(self._answering):
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    # --- wishes ---

    async def act(self, workspace_id: str, wish: Wish) -> Json:
        """See `voice.Voice`."""
        controller = self.controllers.get(workspace_id)
        if controller is not None:
            return await carry_out(controller, wish)
        if self.dispatch.owns(workspace_id):
            raise VoiceOff
        asked = new_id(JOB, self.clock())
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._asked[asked] = future
        try:
            async with self.db.transaction(self.dispatch.seat(workspace_id).tenant_id) as tx:
                tx.publish(_silent(workspace_id, ASKED, {"id": asked}, {"wish": msgspec.to_builtins(wish)}))
            async with asyncio.timeout(PATIENCE):
                answer = await future
        except TimeoutError:
            raise VoiceOff from None
        finally:
            self._asked.pop(asked, None)
        if "refusal" in answer:
            raise refusal_from_wire(answer["refusal"])
        return dict(answer["answer"])

    def _committed(self, workspace_id: str, entries: Sequence[Entry], batch: Batch, base: int) -> None:
        for entry in entries[:base] if base else entries:
            if entry.kind != "event":
                continue
            if entry.type == ANSWERED:
                future = self._asked.get(entry.data["id"])
                if future is not None and not future.done():
                    future.set_result(entry.data)
            elif entry.type == ASKED and workspace_id in self.controllers and entry.data["id"] not in self._asked:
                task = asyncio.get_running_loop().create_task(self._answer(workspace_id, entry), name="call asked")
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)

    async def _answer(self, workspace_id: str, entry: Entry) -> None:
        """Carries out the wish of another process and tells it."""
        controller = self.controllers.get(workspace_id)
        late = self.clock() - entry.at > PATIENCE * 1000  # he was told that nobody does it
        if controller is None or "wish" not in entry.data or late:
            return
        try:
            told = {"answer": await carry_out(controller, msgspec.convert(entry.data["wish"], Wish))}
        except Refusal as refusal:
            told = {"refusal": refusal_to_wire(refusal)}
        async with self.db.transaction(controller.floor.tenant_id) as tx:
            tx.publish(_silent(workspace_id, ANSWERED, {"id": entry.data["id"]}, told))

    # --- browsers of agents ---

    def browser_leg(self, user_id: str) -> str:
        """See `voice.Voice`."""
        return browser_leg(user_id)

    async def connect(self, workspace_id: str, leg_id: str, offer_sdp: str) -> str:
        """See `voice.Voice`."""
        return await self.engine.connect_browser(leg_id, offer_sdp)

    async def disconnect(self, leg_id: str) -> None:
        """See `voice.Voice`."""
        try:
            await self.engine.hang_up(leg_id)
        except NotThere:
            return

    def ice_servers(self, user_id: str) -> list[Json]:
        """See `voice.Voice`."""
        return [
            {"urls": one["urls"], "username": one.get("username"), "credential": one.get("credential")}
            for one in self.ice(user_id, self.clock())
        ]

    async def status(self, principal: Principal, firm_id: str | None) -> Json:
        """See `voice.Voice`."""
        principal.check_firm(firm_id)
        firms = [firm_id] if firm_id is not None or principal.firm_ids is None else sorted(principal.firm_ids)
        async with self.db.transaction(principal.tenant_id) as tx:
            found = await read_configured(tx, principal.workspace_id)
            numbers = [number for firm in firms for number in await self.numbers(tx, firm)]
        try:
            state = await self.engine.state()
        except Unavailable:
            state = None
        up = set(state.trunks_up) if state is not None else set()
        mine = browser_leg(principal.user_id) if principal.user_id is not None else None
        return {
            "engine": "up" if state is not None else "down",
            "trunks": [
                {"id": row.id, "name": row.name, "up": row.id in up, "emergency": row.emergency} for row in found.trunks
            ],
            "phones": sorted(set(state.phones) & found.phones.keys()) if state is not None else [],
            "browser_registered": state is not None and any(
                one.leg_id == mine and one.state == "talking" for one in state.legs
            ),
            "emergency_route": bool(found.emergency_trunks()),
            "numbers": numbers,
        }  # fmt: skip

    # --- browsers of customers ---

    async def line(self, line: str) -> Json:
        """See `voice.Voice`."""
        tenant_id, _, entry = await self._line(line)
        async with self.db.transaction(tenant_id) as tx:
            firm_name = await accounts.firm_name(tx, entry.firm_id)
        return {
            "line": line,
            "firm_id": entry.firm_id,
            "firm_name": firm_name,
            "open": entry.open,
            "next_opening_at": None if entry.next_opening_at is None else to_iso(entry.next_opening_at),
            "language": entry.language,
            "ice_servers": self.ice_servers(f"line:{line}:{tenant_id[-6:]}"),
        }

    async def _line(self, line: str) -> tuple[str, str, Any]:
        for workspace_id in self.dispatch.workspaces():
            tenant_id = self.dispatch.seat(workspace_id).tenant_id
            try:
                async with self.db.transaction(tenant_id) as tx:
                    entry = await self.handler.entry(tx, channel=CHANNEL, address=line, at=self.clock())
                return tenant_id, workspace_id, entry
            except NotFound:
                continue
        raise UnknownLine

    async def web_call(self, line: str, offer_sdp: str, caller: WebCaller) -> Json:
        """See `voice.Voice`."""
        tenant_id, workspace_id, _ = await self._line(line)
        conversation_id = None
        if caller.conversation_token is not None:
            conversation_id = await self.matter(tenant_id, caller.conversation_token)
        leg_id = new_id("LC", self.clock())
        values = {
            "line": line,
            "leg_id": leg_id,
            "name": caller.name,
            "language": caller.language,
            "conversation_id": conversation_id,
        }
        begun = await self.act(workspace_id, Wish("web_start", "", None, None, values))
        call_id = begun["call"]["id"]
        try:
            answer = await self.engine.connect_browser(leg_id, offer_sdp)
            await self.act(workspace_id, Wish("web_ready", call_id, None, None))
        except Refusal:
            await self.act(workspace_id, Wish("web_hang_up", call_id, None, None))
            raise
        return {"call_id": call_id, "token": begun["token"], "answer_sdp": answer}

    async def _found(self, call_id: str) -> Call | None:
        """A call, from memory where this process carries it."""
        for workspace_id in self.dispatch.workspaces():
            controller = self.controllers.get(workspace_id)
            found = controller.floor.calls.get(call_id) if controller is not None else None
            if found is None:
                async with self.db.transaction(self.dispatch.seat(workspace_id).tenant_id) as tx:
                    found = await queries.call(tx, call_id)
            if found is not None:
                return found
        return None

    async def _page(self, call_id: str, token: str) -> Call:
        """The call of a page; raises UnknownCall for a token that is not its own."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
        found = await self._found(call_id)
        if found is None or found.web_token is None or found.web_token != digest:
            raise UnknownCall
        return found

    async def beside(self, call_id: str, token: str) -> Call:
        """See `voice.Voice`."""
        if is_guest(self.vault, call_id, token):
            found = await self._found(call_id)
        else:
            found = await self._page(call_id, token)
        if found is None or not found.live:
            raise UnknownCall
        return found

    async def web_renew(self, call_id: str, token: str, offer_sdp: str) -> Json:
        """See `voice.Voice`."""
        call = await self._page(call_id, token)
        if not call.live:  # a leg of its own, of no call, would stay for as long as the page
            raise UnknownCall
        return {"answer_sdp": await self.engine.connect_browser(call.leg_id, offer_sdp), "leg_id": call.leg_id}

    async def web_digits(self, call_id: str, token: str, digits: str) -> None:
        """See `voice.Voice`."""
        call = await self._page(call_id, token)
        await self.act(call.workspace_id, Wish("web_digits", call.id, None, None, {"digits": digits.upper()}))

    async def web_hang_up(self, call_id: str, token: str) -> None:
        """See `voice.Voice`."""
        call = await self._page(call_id, token)
        if call.live:
            await self.act(call.workspace_id, Wish("web_hang_up", call.id, None, None))

    async def web_state(self, call_id: str, token: str) -> Json:
        """See `voice.Voice`."""
        call = await self._page(call_id, token)
        agent = call.agent()
        controller = self.controllers.get(call.workspace_id)
        place = controller.waiting.place(call) if controller is not None and call.state == "waiting" else None
        return {
            "id": call.id,
            "state": call.state,
            "agent_name": agent.label.split()[0] if agent is not None and agent.label.split() else "",
            "captions": call.captions,
            "position": place,
            "started_at": to_iso(call.started_at),
            "ended_at": None if call.ended_at is None else to_iso(call.ended_at),
        }


def _silent(workspace_id: str, kind: str, data: Json, private: Json) -> Event:
    """An event for processes, on no screen; what is personal in it stands apart."""
    return Event(
        workspace_id, kind, data, private=private, private_key=data["id"], audience=Audience(supervisors=False)
    )
