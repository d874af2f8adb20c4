"""What is said in public end to end: comments become routed conversations, answered there or once in private, and what people
take back or change stands in the log."""

from typing import Any

import orjson
import pytest
from sqlalchemy import RowMapping

from parlons.channels.hiding import CannotHide, NotHidden, set_hidden
from parlons.channels.model import Account
from parlons.channels.ways import AnsweredInPrivate, Reach
from parlons.conversations import queries
from parlons.conversations.letters import Letter
from parlons.conversations.messages import add_message
from parlons.conversations.model import Message
from parlons.simulator.providers.graph import Graph, GraphError
from parlons.simulator.providers.pages import Page
from parlons.simulator.providers.walls import Wall
from parlons.simulator.providers.wire import Trouble
from tests.channels.messaging.house import SOFIA, House
from tests.channels.messaging.test_graph import SECRETS

ZOE, MAX = "6849302938475620", "6849302938475621"
PHOTO = b"\xff\xd8\xff\xe0" + b"\x01" * 5_000
PUBLIC = {"messenger": "facebook", "instagram": "instagram_comments"}


async def opened(house: House, graph: Graph, private: str) -> tuple[Wall, Account, Account]:
    """A page with both its accounts, the hook of the private one called for both."""
    page = Page(graph, object="page" if private == "messenger" else "instagram")
    direct = await house.account(private, page.id, {"api_url": graph.url}, SECRETS, key="direct")
    public = await house.account(PUBLIC[private], page.id, {"api_url": graph.url}, SECRETS, key="public")
    assert await graph.subscribe(house.hook(direct)) is True
    return Wall(page), direct, public


async def ways(house: House, conversation_id: str) -> list[Reach]:
    async with house.db.transaction(house.home.tenant_id) as tx:
        found = await queries.conversation(tx, conversation_id)
        assert found is not None
        return await house.post.ways.of(tx, found)


async def writes(house: House, conversation_id: str, reach: Reach, text: str) -> Message:
    """Sofia answers by this way, as the desk does."""
    letter = Letter(text, (), reach.way.channel, reach.way.account_id, reach.way.address)
    async with house.db.transaction(house.home.tenant_id) as tx:
        found = await queries.conversation(tx, conversation_id)
        assert found is not None
        ready = await house.post.ways.prepare(tx, found, letter)
        return await add_message(
            tx, conversation_id, direction="out", author=SOFIA, text=text, attachment_ids=(), channel=ready.channel,
            content=ready.content or None,
        )  # fmt: skip


def kinds(rows: list[RowMapping]) -> list[tuple[Any, Any]]:
    return [(row["text"], (row["content"] or {}).get("kind")) for row in rows]


@pytest.mark.parametrize("private", ["messenger", "instagram"])
async def test_a_comment_is_answered_there_or_once_in_private(house: House, graph: Graph, private: str) -> None:
    wall, direct, public = await opened(house, graph, private)
    comment = wall.comments(ZOE, "Zoé Lefèvre", "Elle est encore là ? 🚗 À quel prix ?")
    first = await house.said("Elle est encore là ? 🚗 À quel prix ?")
    found = str(first["conversation_id"])
    assert first["content"]["public"] is True
    (row,) = await house.rows("SELECT * FROM conversations")
    assert (row["channel"], row["account_id"]) == (PUBLIC[private], public.id)
    await house.takes(found)
    there, alone = await ways(house, found)
    assert (there.capabilities.public, alone.capabilities.once) == (True, True)
    assert 6.9 * 86_400_000 < (alone.open_until or 0) - first["at"].timestamp() * 1000 < 7.1 * 86_400_000
    answer = await writes(house, found, there, "Oui ! 8 200 € – à bientôt")
    assert (answer.content or {})["public"] is True
    await house.came_to(answer, "sent")
    assert [each["message"] for each in wall.heard[comment]] == ["Oui ! 8 200 € – à bientôt"]
    once = await writes(house, found, alone, "Votre numéro, Zoé ?")
    await house.came_to(once, "sent")
    assert [each["text"] for each in wall.page.heard[ZOE]] == ["Votre numéro, Zoé ?"]
    (used,) = [each for each in await ways(house, found) if each.capabilities.once]
    assert used.refusal == "answered-in-private"
    with pytest.raises(AnsweredInPrivate):
        await writes(house, found, used, "Et aussi…")
    wall.page.says(ZOE, "06 12 34 56 78")
    private_answer = await house.said("06 12 34 56 78")
    assert private_answer["conversation_id"] == found, "the same person, the same matter"
    last = await writes(house, found, (await ways(house, found))[0], "Merci !")
    await house.came_to(last, "sent", "delivered")
    assert [each["text"] for each in wall.page.heard[ZOE]] == ["Votre numéro, Zoé ?", "Merci !"]
    assert (await ways(house, found))[0].way.account_id == direct.id


async def test_a_comment_is_hidden_from_others_and_shown_again(house: House, graph: Graph) -> None:
    wall, _, _ = await opened(house, graph, "messenger")
    comment = wall.comments(ZOE, "Zoé", "Voleurs !", post=f"{wall.page.id}_1")
    kept = await house.said("Voleurs !")
    async with house.db.transaction(house.home.tenant_id) as tx:
        message = await queries.message(tx, kept["id"])
    assert message is not None
    node: Any = graph.nodes[comment]
    for hidden in (True, True, False):
        message = await set_hidden(house.db, house.post, message, house.home.tenant_id, hidden=hidden)
        assert ((message.content or {})["hidden"], node.hidden) == (hidden, hidden)
    graph.troubles.append(Trouble(500, {"error": GraphError(2, "An unexpected error has occurred").body}))
    with pytest.raises(NotHidden):
        await set_hidden(house.db, house.post, message, house.home.tenant_id, hidden=True)
    wall.page.says(ZOE, "En privé")
    direct = await house.said("En privé")
    async with house.db.transaction(house.home.tenant_id) as tx:
        other = await queries.message(tx, direct["id"])
    assert other is not None
    with pytest.raises(CannotHide):
        await set_hidden(house.db, house.post, other, house.home.tenant_id, hidden=True)


async def test_what_is_changed_and_taken_back_stays_and_is_shown_as_such(house: House, graph: Graph) -> None:
    wall, _, _ = await opened(house, graph, "messenger")
    comment = wall.comments(ZOE, "Zoé", "C'est nul")
    found = (await house.said("C'est nul"))["conversation_id"]
    wall.edits(ZOE, "Zoé", comment, "C'est lent")
    await house.said("C'est lent")
    wall.removes(ZOE, "Zoé", comment)
    await house.row("SELECT * FROM messages WHERE content ->> 'kind' = 'deleted'")
    wall.removes(MAX, "Max", "4711_4712")
    await graph.caller.quiet()
    mine = await house.rows("SELECT text, content FROM messages WHERE conversation_id = :id ORDER BY number", id=found)
    assert kinds(mine) == [("C'est nul", None), ("C'est lent", "edit"), ("", "deleted")]
    rest = await house.rows("SELECT status FROM conversations WHERE id <> :id", id=found)
    assert [row["status"] for row in rest] == ["closed"], "of what nobody had read there is no work"


async def test_each_person_has_a_matter_of_his_own_and_the_pages_words_come_back_to_nobody(
    house: House, graph: Graph
) -> None:
    wall, _, _ = await opened(house, graph, "messenger")
    comment = wall.comments(ZOE, "Zoé", "Première")
    hers = str((await house.said("Première"))["conversation_id"])
    await house.takes(hers)
    answer = await writes(house, hers, (await ways(house, hers))[0], "Merci")
    await house.came_to(answer, "sent")
    ours = wall.heard[comment][0]["id"]
    wall.comments(MAX, "Max", "Moi aussi", parent=comment)
    wall.comments(MAX, "Max", "Et moi ?", parent=ours)
    wall.comments(ZOE, "Zoé", "Avec plaisir", parent=comment)
    wall.comments(ZOE, "Zoé", "STOP", parent=ours)
    for body in graph.told[-4:]:
        graph.tell(orjson.loads(body))
    wall.tells(ZOE, "Zoé", {"item": "reaction", "verb": "add", "post_id": f"{wall.page.id}_1"})
    wall.tells(ZOE, "Zoé", {"item": "milestone", "verb": "add", "post_id": f"{wall.page.id}_7", "message": "x"})
    await graph.caller.quiet()
    said = await house.rows("SELECT text, conversation_id, content FROM messages WHERE direction = 'in'")
    assert sorted(row["text"] for row in said) == ["Avec plaisir", "Et moi ?", "Moi aussi", "Première", "STOP", "x"]
    assert {row["text"] for row in said if row["conversation_id"] == hers} >= {"Première", "Avec plaisir", "STOP"}
    assert not {row["text"] for row in said if row["conversation_id"] == hers} & {"Moi aussi", "Et moi ?"}
    assert [row["content"]["kind"] for row in said if row["text"] == "x"] == ["milestone"]
    assert await house.rows("SELECT * FROM opt_outs") == [], "a word said in public asks for no silence"


async def test_pictures_reviews_and_mentions(house: House, graph: Graph) -> None:
    wall, _, _ = await opened(house, graph, "messenger")
    number = graph.keep("vela.jpg", "image/jpeg", PHOTO)
    comment = wall.comments(ZOE, "Zoé", "La mienne", photo=f"{graph.url}/files/{number}?open=1")
    mine = await house.said("La mienne")
    assert (await house.attachment(mine["id"]))[1] == PHOTO
    await house.takes(str(mine["conversation_id"]))
    answer = await house.answers(
        str(mine["conversation_id"]), "Bel été", ("été.png", "image/png", b"\x89PNG\r\n\x1a\n1")
    )
    await house.came_to(answer, "sent")
    (heard,) = wall.heard[comment]
    assert (heard["message"], graph.files[heard["file"]][0]) == ("Bel été", "été.png")
    wall.recommends(MAX, "Max", "Très bien reçu", positive=True)
    review = await house.said("Très bien reçu")
    assert (review["content"]["kind"], review["content"]["data"]["review"]) == ("review", {"recommends": True})


async def test_who_names_us_elsewhere_is_read_and_answered(house: House, graph: Graph) -> None:
    wall, _, _ = await opened(house, graph, "instagram")
    comment = wall.names("zoe.l", "@delmas vous êtes ouverts ?")
    row = await house.row("SELECT * FROM messages WHERE content ->> 'kind' = 'mention'")
    _, body = await house.attachment(row["id"])
    assert body.decode() == "@zoe.l\n@delmas vous êtes ouverts ?"
    await house.takes(str(row["conversation_id"]))
    (way,) = await ways(house, str(row["conversation_id"]))
    answer = await writes(house, str(row["conversation_id"]), way, "Oui, jusqu'à 18 h")
    await house.came_to(answer, "sent")
    assert [each["message"] for each in wall.heard[comment]] == ["Oui, jusqu'à 18 h"]
