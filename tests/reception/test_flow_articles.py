"""Articles in a flow: those that fit the words, with their addresses; what helped and what is missing is counted."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from parlons.accounts.model import Principal, Role
from parlons.accounts.store import firms
from parlons.kit.clock import to_datetime
from parlons.knowledge import reading
from parlons.knowledge.categories import set_centre
from parlons.knowledge.commands import move, write
from parlons.knowledge.meaning import Meaning
from parlons.knowledge.model import Text
from parlons.knowledge.offering import Offering
from parlons.reception.flow_steps_articles import Help
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.conftest import FIRM, furnish
from tests.reception.test_flow_chats import Chat, open_chat

CHIEF = Principal(TENANT, WORKSPACE, Role.ADMINISTRATOR, user_id="US8", name="Ada")
ASKS = "Comment changer mon adresse de facture ?"
TITLE = "Déménager : changer d’adresse {de facture}"
FLOW: dict[str, Any] = {
    "name": "Help",
    "start": "read",
    "language": "fr",
    "steps": {
        "read": {"do": "articles", "next": "bye", "none": "nothing", "failed": "agent"},
        "nothing": {"do": "end", "text": "Rien"},
        "agent": {"do": "queue"},
        "bye": {"do": "end", "text": "Au revoir"},
    },
}


@pytest.fixture
async def chat(database: Database, clock: StillClock) -> AsyncIterator[Chat]:
    """A firm that has written an article, and opened its help centre."""
    await furnish(database)
    found = await open_chat(database, clock)
    await found.flow(FLOW)
    async with database.transaction(TENANT) as tx:
        row = {
            "id": FIRM,
            "tenant_id": TENANT,
            "name": "Maison",
            "languages": ["fr"],
            "created_at": to_datetime(tx.now),
        }
        await tx.execute(firms.insert().values(**row))
        text = Text(TITLE, "Prévenez-nous dix jours avant.", "<p>La facture suit votre adresse.</p>")
        article = await write(
            tx, CHIEF, text, firm_id=FIRM, language="fr", audience="public", category_id=None, translates=None
        )
        await move(tx, CHIEF, article.id, "publish", version=article.version)
        await set_centre(tx, CHIEF, FIRM, is_open=True, slug="maison", version=None)
    yield found
    await found.phone.close()


async def says(chat: Chat, text: str, visitor: str = "V1") -> list[str]:
    """What was written after it."""
    before = len(await chat.lines(visitor)) if visitor in chat.ids else 0
    await chat.says(text, visitor=visitor)
    help_ = Help(chat.db, Offering(chat.db, Meaning(chat.db, None)), "https://shop.example")
    chat.phone.outside.help = help_
    await chat.phone.jobs()
    return (await chat.lines(visitor))[before + 1 :]


async def figures(chat: Chat) -> list[tuple[int, int]]:
    async with chat.db.transaction(TENANT) as tx:
        found = await reading.figures(tx, None, tx.now)
    return [(one["helpful"], one["unhelpful"]) for one in found["articles"]]


async def asked(chat: Chat) -> list[int]:
    """The questions that are kept, with how many articles there were for each."""
    async with chat.db.transaction(TENANT) as tx:
        return [row["offered"] for row in await tx.fetch_all("SELECT offered FROM article_questions ORDER BY at")]


async def test_what_helps_ends_the_question(chat: Chat) -> None:
    (shown,) = await says(chat, ASKS)
    lines = shown.split("\n")
    assert lines[:3] == ["Ceci peut vous aider\u00a0:", TITLE, "Prévenez-nous dix jours avant"]
    assert lines[3].startswith("https://shop.example/help/maison/fr/a/")
    assert lines[4].startswith("Cela vous a-t-il aidé")
    assert await asked(chat) == [1]
    assert await says(chat, "oui") == ["Au revoir"]
    assert (await figures(chat), await asked(chat)) == ([(1, 0)], [])


async def test_what_does_not_help_counts_and_leads_to_a_person(chat: Chat) -> None:
    await says(chat, ASKS)
    await says(chat, "non")
    assert len(await chat.phone.asked()) == 1
    assert (await figures(chat), await asked(chat)) == ([(0, 1)], [1])


async def test_where_none_fits_the_flow_goes_on_and_what_is_missing_is_kept(chat: Chat) -> None:
    assert await says(chat, "Vendez-vous des drones électriques ?") == ["Rien"]
    assert await asked(chat) == [0]
