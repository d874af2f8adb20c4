"""X end to end, and its signatures: messages and posts both ways with files, one person one matter."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from parlons.channels.model import Elsewhere, HookRequest, Incoming, Unknown
from parlons.channels.x.events import read_call
from parlons.channels.x.signing import signature
from parlons.simulator.providers.wire import Upload, served
from parlons.simulator.providers.x import SECRETS, SIGNATURE, Network
from tests.channels.messaging.house import House
from tests.channels.messaging.test_public import ways, writes

ZOE = "6253282620"
PICTURE = Upload("été.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"\x02" * 3_000)


@pytest.fixture
async def service() -> AsyncIterator[Network]:
    found = Network()
    async with served(found.app) as url:
        found.url = url
        yield found
    await found.close()


async def opened(house: House, service: Network) -> None:
    direct = await house.account("x", service.id, {"api_url": service.url}, SECRETS, key="direct")
    await house.account("x_posts", service.id, {"api_url": service.url}, SECRETS, key="public")
    assert await service.subscribe(house.hook(direct)) is True


async def test_a_post_is_answered_in_public_and_goes_on_in_private(house: House, service: Network) -> None:
    await opened(house, service)
    post = service.posts(ZOE, "Zoé", "@delmas où est ma Vela ? 🚗", upload=PICTURE)
    first = await house.said("@delmas où est ma Vela ? 🚗")
    assert (await house.attachment(first["id"]))[1] == PICTURE.content
    found = str(first["conversation_id"])
    await house.takes(found)
    there, alone = await ways(house, found)
    assert (there.way.channel, there.capabilities.public, alone.way.channel) == ("x_posts", True, "x")
    answer = await writes(house, found, there, "Elle arrive – écrivez-nous en privé")
    await house.came_to(answer, "sent")
    (heard,) = service.heard[post]
    assert heard["text"] == "Elle arrive – écrivez-nous en privé"
    again = service.posts(ZOE, "Zoé", "Merci bien", under=heard["id"])
    assert (await house.said("Merci bien"))["conversation_id"] == found
    second = await writes(house, found, (await ways(house, found))[0], "À bientôt")
    await house.came_to(second, "sent")
    assert [each["text"] for each in service.heard[again]] == ["À bientôt"], "under his last post"
    private = await writes(house, found, alone, "Votre numéro de commande ?")
    await house.came_to(private, "sent")
    (asked,) = service.heard[ZOE]
    service.reads(ZOE, asked["id"])
    await house.came_to(private, "read")
    service.sends(ZOE, "Zoé", "Le voilà", PICTURE)
    mine = await house.said("Le voilà")
    assert (mine["conversation_id"], (await house.attachment(mine["id"]))[1]) == (found, PICTURE.content)
    plan = await house.answers(found, "Le plan", ("Plan é.png", "image/png", PICTURE.content))
    await house.came_to(plan, "sent")
    assert [(each["text"], each["media"]) for each in service.heard[ZOE][1:]] == [("Le plan", []), ("", ["Plan é.png"])]
    assert len(await house.rows("SELECT * FROM conversations")) == 1


async def test_what_is_not_signed_is_refused_and_no_body_is_signed_for_a_stranger(
    house: House, service: Network
) -> None:
    await opened(house, service)
    service.says(ZOE, "Zoé", "Une fois")
    await house.said("Une fois")
    (body,) = service.told
    hook = f"{house.url}/hooks/x/direct"
    async with httpx.AsyncClient() as client:

        async def calls(raw: bytes, proof: str) -> int:
            return (await client.post(hook, content=raw, headers={SIGNATURE: proof})).status_code

        assert await calls(body, "sha256=AAAA") == 403
        assert await calls(body + b" ", service.proof(body)) == 403
        assert await calls(b"[]", service.proof(b"[]")) == 422
        assert [await calls(body, service.proof(body)) for _ in range(2)] == [200, 200]
        assert (await client.get(hook, params={"crc_token": body.decode()})).status_code == 403
        assert (await client.get(hook)).status_code == 403
    assert [row["text"] for row in await house.rows("SELECT text FROM messages")] == ["Une fois"]


def test_the_signature_of_the_published_example() -> None:
    """The one of the service's own guide to signing."""
    said = {
        "oauth_consumer_key": "xvz1evFS4wEEPTGEFPHBog",
        "oauth_nonce": "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "1318622958",
        "oauth_token": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        "oauth_version": "1.0",
    }
    status = "status=Hello%20Ladies%20%2B%20Gentlemen%2C%20a%20signed%20OAuth%20request%21&include_entities=true"
    found = signature(
        "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE", "post",
        f"https://api.twitter.com/1.1/statuses/update.json?{status}", said,
    )  # fmt: skip
    assert found == "hCtSmYh+iHYCEqBWrE7C7hYmtUk="


def read(**news: Any) -> list[Any]:
    raw = orjson.dumps({"for_user_id": "783214000", **news})
    return read_call("x", HookRequest("POST", "/", {}, {}, raw, 0))


def test_what_is_counted_only_and_what_cannot_be_read() -> None:
    who = {"id_str": ZOE, "name": "Zoé", "screen_name": "zoe"}
    shared = {"id_str": "1", "text": "RT", "user": who, "retweeted_status": {}}
    assert [event.kind for event in read(tweet_create_events=[shared])] == ["repost"]
    own = {"id_str": "2", "text": "x", "user": {"id_str": "783214000"}}
    assert [event.kind for event in read(tweet_create_events=[own])] == ["echo"]
    assert [event.kind for event in read(favorite_events=[{"id": "9"}])] == ["favorite"]
    for broken in (
        None,
        3,
        {},
        {"id": "1", "type": "message_create", "message_create": {}},
        {"id_str": "1", "user": []},
    ):
        assert all(
            isinstance(one, Unknown) for one in read(direct_message_events=[broken], tweet_create_events=[broken])
        )


def test_a_long_post_its_links_and_a_second_one_of_the_same_person() -> None:
    who = {"id_str": ZOE, "name": "Zoé", "screen_name": "zoe"}
    urls = [{"url": "https://t.co/a", "expanded_url": "https://vela.example/3"}]
    long = {"full_text": "Voilà &amp; merci https://t.co/a", "entities": {"urls": urls}}
    post = {"id_str": "5", "text": "Voilà…", "user": who, "extended_tweet": long, "in_reply_to_status_id_str": "4"}
    (event,) = read(tweet_create_events=[post | {"in_reply_to_user_id_str": ZOE}])
    assert isinstance(event, Elsewhere)
    assert isinstance(event.event, Incoming)
    assert (event.channel, event.event.text) == ("x_posts", "Voilà & merci https://vela.example/3")
    assert (event.event.thread, event.event.sender.value, event.event.sender.name) == (
        f"4:{ZOE}",
        f"x:{ZOE}",
        "Zoé @zoe",
    )
