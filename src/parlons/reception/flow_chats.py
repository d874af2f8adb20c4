"""Flows in a chat: words are messages of the bot, the customer's next message is the answer; silence may last days."""

from parlons.conversations import queries
from parlons.conversations.commands import is_new
from parlons.conversations.hiding import hide_text
from parlons.conversations.messages import add_message
from parlons.conversations.model import Author, Conversation, Message
from parlons.dispatch.contacts import Contact, Decision
from parlons.flows.state import Effect
from parlons.reception.flow_acts import Act, Ground, Json, keep_message, leave_queue
from parlons.reception.flow_instances import Instance, instance_of_chat, keep_instance, last_heard
from parlons.reception.flow_walk import Walker
from parlons.reception.model import EntryPoint
from parlons.runtime.db import Tx
from parlons.runtime.jobs import enqueue

SILENCE = "flows.silence"
"""Kind of the job that ends a wait for an answer which the flow limits."""


async def write_words(ground: Ground, effect: Effect) -> Json:
    """The words, and for a choice its answers, one a line."""
    lines = [words["text"] for words in effect.data.get("words", ()) if words["text"]]
    lines += [f"{one['key']}. {one['label']}" for one in effect.data.get("choices", ()) if one["label"]]
    if lines:
        await add_message(
            ground.tx,
            ground.instance.conversation_id,
            direction="out",
            author=Author("bot"),
            text="\n".join(lines),
            client_id=f"flow:{effect.key}",
        )
    return {}


async def ask_and_wait(ground: Ground, effect: Effect) -> None:
    """The words; the answer is the customer's next message, whenever it comes."""
    await write_words(ground, effect)
    seconds = effect.data.get("chat_seconds")
    if seconds:
        payload = {"instance_id": ground.instance.id, "key": effect.key}
        await enqueue(ground.tx, SILENCE, payload, run_at=ground.tx.now + seconds * 1000, cancel_key=effect.key)


async def wait_for_message(ground: Ground, effect: Effect) -> None:
    """The next message is kept for later."""


async def cannot_dial(ground: Ground, effect: Effect) -> Json:
    """A chat has no line to join."""
    return {"why": "refused"}


MEDIA: dict[str, Act] = {
    "say": write_words,
    "ask": ask_and_wait,
    "take_message": wait_for_message,
    "dial": cannot_dial,
}


async def answer_chat(
    walker: Walker, tx: Tx, contact: Contact, conversation: Conversation, point: EntryPoint, language: str
) -> Decision | None:
    """What the flow of this chat does with the message; None: no flow answers here. The conversation is locked."""
    instance = None if is_new(tx, conversation.id) else await instance_of_chat(tx, conversation.id)
    if instance is None and (point.flow_id is None or conversation.lead_task_id is not None or not conversation.live):
        return None
    message = await queries.message(tx, contact.key)
    if message is None or message.number <= await last_heard(tx, conversation.id):
        return Decision("already", conversation.lead_task_id, point.firm_id, language)
    if instance is None:
        instance = await walker.begin(
            tx,
            point,
            conversation,
            call_id=None,
            contact={"heard": message.number, "language": language},
            variables={**contact.attributes, "message": message.text},
            language=language,
        )
    else:
        instance.contact["heard"] = message.number
        await _take_in(walker, tx, instance, message)
    if instance.task_id is not None:
        return Decision("task", instance.task_id, point.firm_id, instance.state.language)
    return Decision("flow", None, point.firm_id, instance.state.language)


async def _take_in(walker: Walker, tx: Tx, instance: Instance, message: Message) -> None:
    effect = instance.state.effect
    text = message.text.strip()
    match instance.waiting_kind:
        case "ask":
            if effect is not None and effect.data.get("secret"):
                await hide_text(tx, message.id)
            return await walker.go_on(tx, instance, {"text": text})
        case "take_message" if effect is not None:
            task_id = await keep_message(await walker.ground(tx, instance), effect, {})
            return await walker.go_on(tx, instance, {"task_id": task_id})
        case "queue" if effect is not None and text in effect.data["keys"]:
            await leave_queue(await walker.ground(tx, instance))
            return await walker.go_on(tx, instance, {"digits": text})
    await keep_instance(tx, instance)
