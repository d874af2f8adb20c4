"""What a flow asks of the articles: those that fit a contact's words, and what became of them.

The words of a question for which nothing helped stay among those that show what is missing, once a person has answered it.
"""

from dataclasses import dataclass
from typing import Any

from parlons.conversations import commands as conversations
from parlons.flows.state import Effect
from parlons.kit.languages import nearest
from parlons.knowledge import questions, reading
from parlons.knowledge.offering import Offering
from parlons.reception.flow_acts import Act, Ground
from parlons.reception.flow_instances import Instance
from parlons.reception.flow_understanding import After
from parlons.runtime.db import Database, Tx

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Help:
    """The articles of a process."""

    db: Database
    offering: Offering
    url: str
    """Of the installation, for links."""

    async def find(self, tenant_id: str, instance: Instance, effect: Effect) -> tuple[Json, After]:
        """Articles for the words; none where the firm's help centre is closed."""
        data = effect.data
        language = nearest(data["language"])
        async with self.db.transaction(tenant_id) as tx:
            firm_id = (await conversations.locked(tx, instance.conversation_id)).firm_id
        found = await self.offering.public(tenant_id, firm_id, language, data["text"])

        async def after(tx: Tx) -> None:
            conversation = await conversations.locked(tx, instance.conversation_id)
            await questions.note(tx, conversation, language, data["text"], len(found))

        return {"articles": [{**one, "url": f"{self.url}{one['path']}"} for one in found[: data["most"]]]}, after


async def helped(ground: Ground, effect: Effect) -> Json:
    """Yes or no counts with each article, as on its page; of several, yes is no word on any one of them."""
    conversation = await ground.conversation()
    ids, yes = effect.data["ids"], bool(effect.data["helped"])
    if yes:
        await questions.settled_by_reading(ground.tx, conversation.id)
    for article_id in ids if not yes or len(ids) == 1 else ():
        await reading.rate(ground.tx, article_id, conversation.id, helpful=yes, comment="")
    return {}


ARTICLES: dict[str, Act] = {"articles_helped": helped}
