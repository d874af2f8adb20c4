"""A telephone that remembers what it was asked, and a process that may die between any two steps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from parlons.conversations import commands, queries
from parlons.conversations.model import Conversation
from parlons.customers.commands import find_or_create_by_address
from parlons.flows.code import Coded
from parlons.kit.clock import Millis
from parlons.reception.flow_calls import CallFlows
from parlons.reception.flow_chats import MEDIA
from parlons.reception.flow_instances import Instance, instance_of_call
from parlons.reception.flow_outside import Outside
from parlons.reception.flow_rows import FlowRow, FlowShelf, put_flows
from parlons.reception.flow_walk import Walker
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from parlons.runtime.db import Database, Tx
from parlons.runtime.jobs import Worker
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.voice.calls import callbacks
from parlons.voice.calls.script import CallContact, Outcome, Program, Words
from tests.dispatch import floor
from tests.dispatch.floor import TENANT, WORKSPACE

FIRM = "FI" + "1" * 32
NUMBER, CALLER = "+33100000000", "+33612345678"
LINE = EntryPoint(
    id="EP2",
    workspace_id=WORKSPACE,
    channel="voice",
    address=NUMBER,
    firm_id=FIRM,
    workflow_id=floor.WORKFLOW,
    task_channel="voice",
    language="fr",
    attributes={"topic": "sales"},
)


@dataclass
class Asked:
    """One verb."""

    verb: str
    key: str = ""
    words: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class FakePrograms:
    """Fulfils `Programs`, as far as flows ask."""

    verbs: "FakeVerbs"

    async def connect(self, call_id: str, key: str, program: Program) -> None:
        self.verbs.asked.append(Asked("connect_program", key, (), {"program": program}))


@dataclass
class FakeVerbs:
    """Fulfils `Verbs`; what was asked outlives the process that asked."""

    asked: list[Asked] = field(default_factory=list)
    conversations: dict[str, str] = field(default_factory=dict)
    """By call."""
    places: dict[str, int] = field(default_factory=dict)
    """When each call began."""

    @property
    def programs(self) -> FakePrograms:
        return FakePrograms(self)

    async def ring(self, call_id: str) -> None:
        self.asked.append(Asked("ring"))

    async def answer(self, call_id: str) -> None:
        if not any(one.verb == "answer" for one in self.asked):
            self.asked.append(Asked("answer"))

    async def say(self, call_id: str, key: str, words: Sequence[Words], *, stop_on_digit: bool = False) -> None:
        self.asked.append(Asked("say", key, tuple(one.text for one in words), {"stop": stop_on_digit}))

    async def ask_digits(self, call_id: str, key: str, words: Sequence[Words], **more: Any) -> None:
        self.asked.append(Asked("ask_digits", key, tuple(one.text for one in words), more))

    async def take_message(self, call_id: str, key: str, *, max_ms: int = 120_000, silence_ms: int = 4_000) -> None:
        self.asked.append(Asked("take_message", key, (), {"max_ms": max_ms}))

    async def record(self, call_id: str, on: bool) -> None:
        self.asked.append(Asked("record", data={"on": on}))

    async def wait_in_queue(self, tx: Tx, call_id: str, task_id: str, queue_id: str | None) -> None:
        def committed() -> None:
            if not any(one.verb == "answer" for one in self.asked):
                self.asked.append(Asked("answer"))
            self.asked.append(Asked("wait", task_id, data={"queue_id": queue_id}))

        tx.after_commit(committed)

    async def call_back(self, tx: Tx, call_id: str, task_id: str, number: str) -> None:
        await callbacks.ask(
            tx, workspace_id=WORKSPACE, firm_id=FIRM, conversation_id=self.conversations[call_id], customer_id="CU1",
            task_id=task_id, queue_id=None, number=number, caller_number=NUMBER, virtual_start=self.places[call_id],
        )  # fmt: skip
        tx.after_commit(lambda: self.asked.append(Asked("call_back", task_id, data={"number": number})))

    async def dial_out(
        self, call_id: str, key: str, number: str, *, caller_number: str | None, timeout_ms: int
    ) -> None:
        self.asked.append(Asked("dial_out", key, (), {"number": number}))

    async def hang_up(self, call_id: str, *, status: int = 486, text: str = "") -> None:
        self.asked.append(Asked("hang_up"))

    def last(self) -> Asked:
        """What was asked last."""
        return self.asked[-1]

    def heard(self) -> list[str]:
        """Every word, of a key once."""
        found = {one.key: one.words for one in self.asked if one.words}
        return [text for words in found.values() for text in words]

    def of(self, verb: str) -> list[Asked]:
        """Every time this verb was asked."""
        return [one for one in self.asked if one.verb == verb]


@dataclass
class Phone:
    """Calls that come in, in processes that come and go."""

    db: Database
    verbs: FakeVerbs = field(default_factory=FakeVerbs)
    codes: dict[str, Coded] = field(default_factory=dict)
    allow: tuple[str, ...] = ()
    secrets: dict[str, str] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    """Conversations by call."""
    outside: Outside = field(init=False)
    script: CallFlows = field(init=False)
    _all: list[tuple[Outside, SafeHttp]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fresh_process()

    def fresh_process(self) -> None:
        """The old one is gone with all it remembered; the telephone and the database stay."""
        http = SafeHttp(allowed(self.allow))
        walker = Walker(FlowShelf(self.codes), media=MEDIA)
        self.outside = Outside(self.db, walker, http, secrets=self.secrets)
        self._all.append((self.outside, http))
        self.script = self.outside.script(TENANT, WORKSPACE)
        self.script.attach(self.verbs)

    async def close(self) -> None:
        """Ends every process."""
        for outside, http in self._all:
            await outside.close()
            await http.close()

    async def jobs(self) -> None:
        """Carries out what is due, and what that leads to."""
        worker = Worker(self.db, self.outside.handlers())
        while await worker.run_due():
            await self.outside.settled()

    async def flow(
        self, source: dict[str, Any], *, flow_id: str = "FW1", point: EntryPoint = LINE, **more: Any
    ) -> None:
        """The line is answered by this flow."""
        from dataclasses import replace

        async with self.db.transaction(TENANT) as tx:
            await put_flows(tx, [FlowRow(flow_id, WORKSPACE, source["name"], source)])
            await put_entry_points(tx, [replace(point, flow_id=flow_id, **more)])

    async def plain(self, **more: Any) -> None:
        """The line has no flow."""
        from dataclasses import replace

        async with self.db.transaction(TENANT) as tx:
            await put_entry_points(tx, [replace(LINE, **more)])

    async def rings(self, call_id: str = "CA1", *, number: str = CALLER) -> None:
        """Somebody calls."""
        await self.script.begins(await self.contact(call_id, number=number))

    async def contact(self, call_id: str = "CA1", *, number: str = CALLER) -> CallContact:
        """The call as its script is told of it: conversation open, row stored."""
        async with self.db.transaction(TENANT) as tx:
            customer = await find_or_create_by_address(
                tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="phone", value=number or "+33999999999", verified=True
            )
            if call_id not in self.calls:
                opened = await commands.open_conversation(
                    tx, workspace_id=WORKSPACE, firm_id=FIRM, customer_id=customer.id, channel="voice", language="fr"
                )
                self.calls[call_id] = self.verbs.conversations[call_id] = opened.id
                self.verbs.places[call_id] = tx.now
        return CallContact(
            tenant_id=TENANT,
            workspace_id=WORKSPACE,
            call_id=call_id,
            conversation_id=self.calls[call_id],
            customer_id=customer.id,
            firm_id=FIRM,
            number=NUMBER,
            from_number=number,
            language="fr",
            at=Millis(self.db.clock()),
        )

    async def answers(self, kind: str = "said", *, call_id: str = "CA1", key: str | None = None, **more: Any) -> None:
        """The outstanding verb has ended."""
        asked = key if key is not None else self.verbs.last().key
        await self.script.goes_on(call_id, Outcome(key=asked, kind=kind, **more))  # type: ignore[arg-type]

    async def instance(self, call_id: str = "CA1") -> Instance:
        """Where the call stands."""
        async with self.db.transaction(TENANT) as tx:
            found = await instance_of_call(tx, call_id)
        assert found is not None
        return found

    async def conversation(self, call_id: str = "CA1") -> Conversation:
        """The call's conversation."""
        async with self.db.transaction(TENANT) as tx:
            return await commands.locked(tx, self.calls[call_id])

    async def notes(self, call_id: str = "CA1") -> list[str]:
        """What colleagues read."""
        async with self.db.transaction(TENANT) as tx:
            found = await queries.in_full(tx, await commands.locked(tx, self.calls[call_id]), None)
        return [note["text"] for note in found["notes"]]

    async def asked(self) -> list[dict[str, Any]]:
        """The commands on the road, with their attributes."""
        async with self.db.system() as tx:
            rows = await tx.fetch_all("SELECT body, private FROM commands ORDER BY id")
        return [{**row["body"], **(row["private"] or {})} for row in rows]
