"""Matrix end to end against a real homeserver: a private room becomes a routed conversation, and the answer arrives."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.channels.matrix.homeserver import Homeserver
from tests.channels.messaging.house import House, living

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 1_200_000


@pytest.fixture
async def house(empty_database: str, tmp_path: Path) -> AsyncIterator[House]:
    async with living(empty_database, tmp_path / "files") as found:
        yield found


async def test_a_private_room_is_a_conversation_with_files_and_states(homeserver: Homeserver, house: House) -> None:
    me = await asyncio.to_thread(homeserver.person, "centre")
    nora = await asyncio.to_thread(homeserver.person, "nora", "Nora Belkacem")
    account = await house.account("matrix", me.user, {"homeserver_url": homeserver.url}, {"access_token": me.token})
    await house.row("SELECT position FROM channel_accounts", lambda row: row["position"])
    room = await asyncio.to_thread(nora.opens_room, me.user)
    await asyncio.to_thread(nora.says, room, "Bonjour, un essai samedi ? 🚗")
    first = await house.said("Bonjour, un essai samedi ? 🚗")
    found = str(first["conversation_id"])
    await house.takes(found)
    (customer,) = await house.rows("SELECT * FROM customers")
    assert customer["name"] == "Nora Belkacem"

    answer = await house.answers(found, "Avec plaisir : 10 h 30 ?", ("Plan é.pdf", "application/pdf", b"%PDF-1.7 plan"))
    text, file = await asyncio.to_thread(nora.hears, room, me.user, 2)
    assert (text["content"]["body"], file["content"]["filename"]) == ("Avec plaisir : 10 h 30 ?", "Plan é.pdf")
    assert await asyncio.to_thread(nora.downloads, file["content"]["url"]) == b"%PDF-1.7 plan"
    assert (await house.came_to(answer, "sent"))["parts"] == 2
    await asyncio.to_thread(nora.reads, room, file["event_id"])
    await house.came_to(answer, "read")

    uri = await asyncio.to_thread(nora.uploads, "vela.png", "image/png", PNG)
    told = {
        "msgtype": "m.image",
        "body": "Ma Vela",
        "filename": "vela.png",
        "url": uri,
        "info": {"mimetype": "image/png"},
    }
    await asyncio.to_thread(nora.sends, room, "m.room.message", told)
    photo = await house.said("Ma Vela")
    attachment, body = await house.attachment(photo["id"])
    assert (attachment["name"], body, photo["conversation_id"]) == ("vela.png", PNG, found)
    assert house.post.owner.standing[account.id].problem is None
    assert len(await house.rows("SELECT 1 FROM tasks")) == 1
