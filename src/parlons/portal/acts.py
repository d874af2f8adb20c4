"""What a customer does on his page, each in one transaction with the nonce of its form: a second press finds it done.

A refusal undoes both, so that the same form may be sent again. Who acts is who the link names; ids in a form are looked for
among his own only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parlons.appointments import commands as booking
from parlons.appointments.commands import By
from parlons.appointments.model import UnknownAppointment
from parlons.appointments.slots import Slot
from parlons.channels.receiving import NO_ENTRY_POINT
from parlons.conversations import commands as conversations
from parlons.conversations import queries
from parlons.conversations.messages import add_message
from parlons.conversations.model import CLOSED, VOICE, Author, Conversation
from parlons.customers import commands as customers
from parlons.customers import consent, purposes
from parlons.customers.merging import one_person
from parlons.customers.model import PREFERRED_CHANNEL, Customer
from parlons.dispatch.contacts import Contact, ContactHandler
from parlons.kit.clock import Millis
from parlons.kit.errors import Invalid, NotFound
from parlons.kit.languages import LANGUAGES
from parlons.portal import calls
from parlons.portal.links import Link
from parlons.reception.asking import point_of
from parlons.reception.handler import ask_again
from parlons.runtime.db import Tx

Form = Mapping[str, str]
ACTS = ("message", "book", "move", "cancel", "preferences", "consent", "call", "uncall")
PAGE = "page"
"""As channel of an entry of the ledger of consent."""
HIMSELF = By("customer")


class UnknownRequest(NotFound):
    """This request is no longer open."""

    code = "unknown-request"


class ChooseFirst(Invalid):
    """Nothing was chosen."""

    code = "choose"


@dataclass(frozen=True, slots=True)
class Doing:
    """Whose page it is, and what acts need."""

    tx: Tx
    handler: ContactHandler
    link: Link
    customer: Customer
    told: Sequence[Slot] | None
    """By the firm's own calendar."""


async def act(doing: Doing, name: str, form: Form) -> None:
    """Carry out one of `ACTS`; raises what speaks against it."""
    match name:
        case "message":
            await _message(doing, form)
        case "book":
            about = form.get("about", "")
            await booking.book(doing.tx, doing.customer.id, at_of(form), by=HIMSELF, about=about, told=doing.told)
        case "move":
            await _own(doing, form)
            await booking.move(doing.tx, form["id"], at_of(form), by=HIMSELF, told=doing.told)
        case "cancel":
            await _own(doing, form)
            await booking.cancel(doing.tx, form["id"], by=HIMSELF)
        case "preferences":
            await _preferences(doing, form)
        case "consent":
            await _consent(doing, form)
        case "call":
            await _call(doing, form)
        case "uncall":
            if not await calls.take_back(doing.tx, doing.customer.id, form.get("id", "")[:64]):
                raise calls.CallAskedAlready
        case _:
            raise NotFound


async def _message(doing: Doing, form: Form) -> None:
    tx = doing.tx
    known = await queries.conversation(tx, form.get("id", "")[:64])
    if known is None or known.status == CLOSED or known.customer_id not in await one_person(tx, doing.customer.id):
        raise UnknownRequest
    author = Author("customer", known.customer_id, doing.customer.name)
    message = await add_message(tx, known.id, direction="in", author=author, text=form.get("text", ""))
    conversation = await conversations.locked(tx, known.id)
    await _ask(doing, conversation, message.id)


async def _ask(doing: Doing, conversation: Conversation, key: str) -> None:
    """As for any message of his: a flow goes on, or an agent is asked for, unless one has it."""
    tx = doing.tx
    try:
        if conversation.channel == VOICE:
            await ask_again(tx, conversation, key=f"page:{key}")
            return
        point = await point_of(tx, conversation)
        contact = Contact(
            tenant_id=str(tx.tenant_id), workspace_id=conversation.workspace_id, channel=point.channel,
            address=point.address, customer_id=conversation.customer_id, conversation_id=conversation.id,
            at=Millis(tx.now), key=key, firm_id=conversation.firm_id, language=conversation.language,
        )  # fmt: skip
        await doing.handler.new_contact(tx, contact)
    except NotFound as refusal:
        if refusal.code != NO_ENTRY_POINT:
            raise
        if conversation.assigned_user_id is None:
            await conversations.set_not_served(tx, conversation.id, NO_ENTRY_POINT)


async def _own(doing: Doing, form: Form) -> None:
    """The appointment named is his."""
    one = await booking.locked(doing.tx, form.get("id", "")[:64])
    if one.customer_id not in await one_person(doing.tx, doing.customer.id):
        raise UnknownAppointment


async def _preferences(doing: Doing, form: Form) -> None:
    values: dict[str, Any] = {}
    if form.get("language") in LANGUAGES:
        values["language"] = form["language"]
    if "channel" in form:
        attributes = {name: value for name, value in doing.customer.attributes.items() if name != PREFERRED_CHANNEL}
        if form["channel"]:
            attributes[PREFERRED_CHANNEL] = form["channel"][:40]
        values["attributes"] = attributes
    await customers.update_customer(doing.tx, doing.customer.id, **values)


async def _consent(doing: Doing, form: Form) -> None:
    tx, customer = doing.tx, doing.customer
    wish = form.get("wish")
    if wish not in ("stop", "allow"):
        raise ChooseFirst
    if form.get("purpose") in purposes.PURPOSES:
        change = purposes.refuse if wish == "stop" else purposes.allow
        await change(tx, customer.id, form["purpose"])
        return
    address = next((one for one in customer.addresses if one.id == form.get("address")), None)
    if address is None:
        raise ChooseFirst
    where = {"firm_id": customer.firm_id, "kind": address.kind, "value": address.value}
    if wish == "stop":
        await consent.opt_out(tx, **where, customer_id=customer.id, channel=PAGE, word="", message_id="")
    else:
        await consent.opt_in(tx, **where)


async def _call(doing: Doing, form: Form) -> None:
    when = form.get("when", "")
    await calls.ask(
        doing.tx, doing.customer, workspace_id=doing.link.workspace_id, address_id=form.get("number", ""),
        wished_at=_number(when) if when else None, about=form.get("about", ""),
    )  # fmt: skip


def at_of(form: Form) -> int:
    """The time chosen; raises ChooseFirst."""
    return _number(form.get("at", ""))


def _number(text: str) -> int:
    """Milliseconds that a form holds; raises ChooseFirst."""
    if not text.isascii() or not text.isdigit() or len(text) > 14:
        raise ChooseFirst
    return int(text)
