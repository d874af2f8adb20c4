"""What the practice firms know, laid down once: articles in both languages, and their help centres opened.

A firm that has articles, sections or a help centre of its own is left as it is: somebody has worked there.
"""

from typing import Any

import yaml

from parlons.accounts.model import Principal
from parlons.accounts.queries import firms_of
from parlons.app.process import text_of
from parlons.app.services import Services
from parlons.kit.languages import LANGUAGES
from parlons.knowledge import queries
from parlons.knowledge.categories import categories_of, centres_of, put_category, set_centre
from parlons.knowledge.commands import move, write
from parlons.knowledge.model import Text
from parlons.runtime.db import Tx

Json = dict[str, Any]
FIRMS = ("Delmas Automobiles", "Northgate Vans")


async def lay_down(services: Services) -> None:
    """The articles of the practice firms, where nobody has written any."""
    principal = services.installation.principal
    async with services.db.transaction(principal.tenant_id) as tx:
        firms = [firm["id"] for firm in await firms_of(tx, principal, limit=None) if firm["name"] in FIRMS]
        if untouched := [firm_id for firm_id in firms if await _untouched(tx, principal, firm_id)]:
            told = yaml.safe_load(text_of("demo_help.yaml"))  # at the first start only: it takes its time
            for firm_id in untouched:
                await _write(tx, principal, firm_id, told)


async def _untouched(tx: Tx, principal: Principal, firm_id: str) -> bool:
    written = await queries.listing(tx, principal, {"firm_id": firm_id}, "", cursor=None, limit=1)
    return not (written["items"] or await categories_of(tx, [firm_id]) or await centres_of(tx, [firm_id]))


async def _write(tx: Tx, principal: Principal, firm_id: str, told: Json) -> None:
    sections = {}
    for position, (key, names) in enumerate(told["sections"].items()):
        made = await put_category(tx, principal, firm_id=firm_id, names=names, position=position)
        sections[key] = made["id"]
    for one in told["articles"]:
        first = None
        for language in LANGUAGES:
            text = Text(one[language]["title"], one[language]["summary"], one[language]["html"])
            article = await write(
                tx,
                principal,
                text,
                firm_id=firm_id,
                language=language,
                audience="public",
                category_id=sections[one["section"]],
                translates=first,
            )
            await move(tx, principal, article.id, "publish", version=article.version)
            first = first or article.id
    await set_centre(tx, principal, firm_id, is_open=True, slug="", version=None)
