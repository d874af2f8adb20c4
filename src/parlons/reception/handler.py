"""Reception's answer to a contact: address -> firm, hours, workflow -> a task by the command road.

Decides whether an agent is asked for now, and with which attributes; whom the router then chooses is the workflow's and the
router's business. The task is submitted in the transaction that stored the customer's message: a process that dies between
the two leaves both or neither.
"""

from parlons.conversations import commands as conversations
from parlons.conversations.messages import tell_customer
from parlons.conversations.model import VOICE, Conversation
from parlons.dispatch.contacts import Contact, Decision, Entry
from parlons.kit.clock import Millis
from parlons.kit.hours import is_open, next_opening
from parlons.kit.languages import nearest
from parlons.reception import texts
from parlons.reception.asking import Wish, ask_for_agent, hours_at, point_at, point_of
from parlons.reception.flow_chats import answer_chat
from parlons.reception.flow_walk import Walker
from parlons.routing.configuration import Target
from parlons.runtime.db import Tx
from parlons.surveys.answers import take_answer


class Reception:
    """The `ContactHandler` of this product."""

    def __init__(self, flows: Walker | None = None) -> None:
        """`flows`: runs the flows that entry points name; None: every contact goes straight to a queue."""
        self.flows = flows

    async def entry(self, tx: Tx, *, channel: str, address: str, firm_id: str | None = None, at: Millis) -> Entry:
        """Whose address this is and whether it is open at `at`; raises NoEntryPoint."""
        point = await point_at(tx, channel, address, firm_id)
        hours = await hours_at(tx, point, at)
        open_now = is_open(hours, at)
        opens = None if open_now else next_opening(hours, at)
        return Entry(point.firm_id, open_now, opens, nearest(point.language))

    async def new_contact(self, tx: Tx, contact: Contact) -> Decision:
        """Ask for an agent, unless one is asked for already, or he only answers a question of ours. Outside hours the
        message becomes a task for later, and the customer is told so."""
        conversation = await conversations.locked(tx, contact.conversation_id)
        if await take_answer(tx, contact, conversation):
            return Decision("already", conversation.lead_task_id, conversation.firm_id, conversation.language)
        point = await point_at(tx, contact.channel, contact.address, contact.firm_id or conversation.firm_id)
        language = contact.language or conversation.language or point.language or "en"
        if self.flows is not None and not contact.offline and contact.channel != VOICE:
            answered = await answer_chat(self.flows, tx, contact, conversation, point, language)
            if answered is not None:
                return answered
        if conversation.lead_task_id is not None or not conversation.live:
            return Decision("already", conversation.lead_task_id, point.firm_id, language)
        hours = await hours_at(tx, point, contact.at)
        open_now = is_open(hours, contact.at)
        wish = Wish(offered=contact.attributes, open_now=open_now and not contact.offline)
        task_id = await ask_for_agent(tx, point, conversation, wish, language=language, key=f"contact:{contact.key}")
        if task_id is None:
            return Decision("already", None, point.firm_id, language)
        if contact.offline or not open_now:
            code = texts.LEFT_A_MESSAGE if contact.offline else texts.CLOSED
            line = texts.line(code, language, point.texts)
            await tell_customer(tx, conversation.id, line, {"code": code}, key=contact.key)
        if open_now:
            return Decision("task", task_id, point.firm_id, language)
        return Decision("closed", task_id, point.firm_id, language, next_opening(hours, contact.at))


async def ask_again(tx: Tx, conversation: Conversation, *, key: str, worker_id: str | None = None) -> str | None:
    """A new task for a conversation that came back without a customer's message; returns its id.

    `worker_id`: it waits for this worker alone. None is returned when one is asked for already."""
    if conversation.lead_task_id is not None:
        return None
    point = await point_of(tx, conversation)
    wish = Wish(target=Target(kind="worker", id=worker_id) if worker_id else None)
    return await ask_for_agent(tx, point, conversation, wish, language=conversation.language, key=key)
