"""What a flow sends by another way: a message and a one-time code, once, to who wants it, and no more often than is safe."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from parlons.conversations import commands as conversations
from parlons.conversations.hiding import HIDDEN
from parlons.customers import consent
from parlons.flows.state import Effect, State
from parlons.outbound.from_flows import FlowSends
from parlons.reception.flow_acts import Ground, Json
from parlons.reception.flow_instances import Instance
from parlons.reception.flow_steps_attempts import MOST, forget_attempts
from parlons.reception.model import EntryPoint
from tests.outbound.conftest import Campaign

CODE: Json = {
    "text": "Code {code}",
    "language": "en",
    "subject": "",
    "channel": None,
    "to": None,
    "digits": 6,
    "valid_minutes": 10,
}
HELLO: Json = {"text": "Bonjour {{ customer.name }}", "language": "fr", "subject": "", "channel": None, "to": None,
               "purpose": "service", "template": None, "values": []}  # fmt: skip
PERSON = "CU" + "1".rjust(32, "0")


@dataclass
class Flow:
    """A flow of one contact, as far as it sends."""

    campaign: Campaign
    sends: FlowSends
    conversation_id: str
    instance_id: str = "FN1"
    number: int = 0
    digest: Json = field(default_factory=dict)

    async def does(self, kind: str, data: Json) -> Json:
        """One effect; its result."""
        desk, self.number = self.campaign.desk, self.number + 1
        state = State(instance=self.instance_id, flow="F", language="fr")
        instance = Instance(self.instance_id, desk.home.workspace_id, self.conversation_id, state)
        point = EntryPoint("EP1", desk.home.workspace_id, "webhook", "partner", desk.home.firm_id)
        async with desk.db.transaction(desk.home.tenant_id) as tx:
            ground = Ground(tx, instance, point, None)
            result = await self.sends.acts()[kind](ground, Effect(f"{self.instance_id}/{self.number}", kind, data))
        assert result is not None
        return result

    async def code(self, **more: Any) -> str:
        """Another code, as its reader gets it."""
        result = await self.does("send_code", {**CODE, **more})
        assert result["sent"], result
        self.digest = {name: result[name] for name in ("digest", "until")}
        await self.campaign.desk.post.sender.run_due()
        return self.texts[-1].removeprefix("Code ")

    async def judged(self, given: str) -> Json:
        """What is said of it."""
        return await self.does("check_code", {**self.digest, "given": given, "to": None})

    @property
    def texts(self) -> list[str]:
        return [one["text"] for one in self.campaign.desk.there.got]


@pytest.fixture
async def flow(campaign: Campaign) -> Flow:
    await campaign.people(2)
    desk = campaign.desk
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        opened = await conversations.open_conversation(
            tx,
            workspace_id=desk.home.workspace_id,
            firm_id=desk.home.firm_id,
            customer_id=PERSON,
            channel="voice",
            language="fr",
        )
    return Flow(campaign, FlowSends(campaign.outbound, b"k" * 32), opened.id)


def other_than(code: str) -> str:
    return str((int(code) + 1) % 1_000_000).zfill(6)


async def test_a_message_goes_out_in_its_words_and_nothing_of_them_is_read_as_a_variable(flow: Flow) -> None:
    assert await flow.does("send", HELLO) == {"sent": True}
    await flow.campaign.desk.post.sender.run_due()
    assert flow.texts == ["Bonjour {{ customer.name }}"]


async def test_a_code_is_right_once_it_came_and_until_its_time_is_over(flow: Flow) -> None:
    code = await flow.code()
    assert len(code) == 6
    assert await flow.judged(other_than(code)) == {"right": False}
    assert await flow.judged(code) == {"right": True}
    flow.campaign.desk.clock.advance(10 * 60_000)
    assert await flow.judged(code) == {"right": False, "why": "expired"}


async def test_only_the_last_code_counts_and_only_in_its_flow(flow: Flow) -> None:
    first = await flow.code()
    second = await flow.code()
    if first != second:
        assert await flow.judged(first) == {"right": False}
    assert await replace(flow, instance_id="FN2").judged(second) == {"right": False}
    assert await flow.judged(second) == {"right": True}


async def test_a_code_is_guessed_five_times(flow: Flow) -> None:
    code = await flow.code()
    wrong = other_than(code)
    assert [await flow.judged(wrong) for _ in range(MOST)] == [{"right": False}] * MOST
    assert await flow.judged(code) == {"right": False, "why": "locked"}
    flow.campaign.desk.clock.advance(3_600_000)
    assert (await flow.judged(code))["why"] == "expired"


async def test_codes_are_sent_five_times_an_hour(flow: Flow) -> None:
    for _ in range(MOST):
        await flow.code()
    assert await flow.does("send_code", CODE) == {"sent": False, "why": "locked"}
    async with flow.campaign.desk.db.transaction(flow.campaign.desk.home.tenant_id) as tx:
        await forget_attempts(tx, [("customer", PERSON)])
        assert await tx.scalar("SELECT count(*) FROM flow_attempts") == 1  # of this contact, by the hour
    assert len(flow.texts) == MOST


async def test_the_code_stands_nowhere(flow: Flow) -> None:
    code = await flow.code()
    desk = flow.campaign.desk
    async with desk.db.system() as tx:
        rows = await tx.fetch_all(
            "SELECT DISTINCT table_name FROM information_schema.columns WHERE column_name = 'tenant_id'"
        )
        for table in [row["table_name"] for row in rows]:
            for one in map(dict, await tx.fetch_all(f'SELECT * FROM "{table}"')):
                assert f"Code {code}" not in str(one), table
                assert f"'{code}'" not in str(one), table
        sent = await tx.fetch_all("SELECT text FROM messages WHERE direction = 'out'")
    assert [row["text"] for row in sent] == [f"Code {HIDDEN}"]


async def test_who_asked_for_silence_gets_neither(flow: Flow) -> None:
    desk = flow.campaign.desk
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await consent.opt_out(
            tx, firm_id=desk.home.firm_id, kind="external", value="webhook:partner:p1", customer_id=PERSON,
            channel="webhook", word="STOP", message_id="",
        )  # fmt: skip
    assert await flow.does("send", HELLO) == {"sent": False, "why": "opted-out"}
    assert await flow.does("send_code", CODE) == {"sent": False, "why": "opted-out"}


@pytest.mark.parametrize(
    ("to", "why"), [("nobody", "no-address"), ("claire@example.org", "no-way-there"), ("+33612345678", "no-way-there")]
)
async def test_where_no_way_leads_nothing_is_sent(flow: Flow, to: str, why: str) -> None:
    assert await flow.does("send", {**HELLO, "to": to}) == {"sent": False, "why": why}
