"""What a contact's free words mean to the flow that asked: intent, language, and what day it is where he is served."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from parlons.conversations import commands as conversations
from parlons.flows.state import Effect
from parlons.intents.misses import Miss, keep_miss
from parlons.intents.understanding import Understanding
from parlons.kit.when import local
from parlons.reception.asking import hours_at, point_of
from parlons.reception.flow_instances import Instance
from parlons.runtime.db import Tx

Json = dict[str, Any]
After = Callable[[Tx], Awaitable[None]]
"""What is kept in the transaction that takes the result in."""


async def nothing(_: Tx) -> None:
    """Nothing is to be kept besides."""


async def understand(
    understanding: Understanding, tenant_id: str, instance: Instance, effect: Effect
) -> tuple[Json, After]:
    """The result of the step `understand`. What is not understood, or hardly, is kept to learn from; another language of the
    flow becomes the conversation's."""
    data = effect.data
    text, before = str(data["text"]), str(data["language"])
    found = await understanding.understand(
        tenant_id, instance.workspace_id, text, among=data["intents"], languages=data["languages"]
    )
    best = found.match.best
    result: Json = {
        "intent": found.intent,
        "score": best[1] if best is not None else 0.0,
        "language": found.language or before,
    }

    async def after(tx: Tx) -> None:
        conversation = await conversations.locked(tx, instance.conversation_id)
        hours = await hours_at(tx, await point_of(tx, conversation), tx.now)
        result["today"] = local(tx.now, hours.zone).date().isoformat()
        if found.language is not None and found.language != before:
            await conversations.save(tx, conversation, replace(conversation, language=found.language))
        if found.unsure:
            await keep_miss(
                tx,
                Miss(
                    workspace_id=instance.workspace_id,
                    conversation_id=instance.conversation_id,
                    flow_id=instance.flow_id,
                    language=found.language or before,
                    text=text,
                    intent=best[0] if best is not None else None,
                    score=result["score"],
                    understood=found.intent is not None,
                ),
            )

    return result, after
