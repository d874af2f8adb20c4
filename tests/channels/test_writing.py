"""Messages, files, limits, the offline form: each lands once and asks for an agent once."""

import asyncio
import contextlib

from parlons.accounts.loading import put_hours
from parlons.accounts.opening import HoursRow
from parlons.conversations.commands import assign
from parlons.conversations.messages import add_message
from parlons.conversations.model import Author
from parlons.kit.ids import new_id
from tests.channels.conftest import PAGE, Site

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


async def test_a_message_opens_a_conversation_and_asks_for_an_agent(site: Site) -> None:
    visitor = await site.browser().begin("given", page=PAGE)
    answer = await visitor.write("La Vela 3 est-elle disponible ?", attributes={"topic": "sales"})
    assert answer.status_code == 201, answer.text
    message = answer.json()["message"]
    assert (message["number"], message["author"]["kind"]) == (1, "customer")
    (conversation,) = await site.rows("conversations")
    assert conversation["language"] == "fr"
    (command,) = await site.rows("commands")
    assert command["body"]["conversation_id"] == conversation["id"]
    assert "Vela" not in str(command["body"]), "values stand in the erasable part"
    (touch, *_) = await site.rows("touches", "kind = 'page'")
    assert touch["customer_id"] == conversation["customer_id"], "what he looked at before is his now"


async def test_a_double_click_and_a_resend_are_one_message(site: Site) -> None:
    visitor = await site.browser().begin()
    body = {"client_id": "same", "text": "Bonjour", "language": "fr", "page": PAGE}
    answers = await asyncio.gather(*(visitor.call("POST", "/messages", body) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["message"]["id"] for answer in answers}) == 1
    assert await site.count("messages") == 1
    assert await site.count("commands") == 1


async def test_two_tabs_writing_at_once_share_one_conversation(site: Site) -> None:
    visitor = await site.browser().begin()
    bodies = [{"client_id": f"t{n}", "text": f"ligne {n}"} for n in range(4)]
    answers = await asyncio.gather(*(visitor.call("POST", "/messages", body) for body in bodies))
    assert {answer.status_code for answer in answers} == {201}
    assert await site.count("conversations") == 1
    assert await site.count("commands") == 1
    numbers = [row["number"] for row in await site.rows("messages")]
    assert sorted(numbers) == [1, 2, 3, 4]


async def test_an_over_long_message_is_refused_by_its_code(site: Site) -> None:
    visitor = await site.browser().begin()
    answer = await visitor.write("x" * 4001)
    assert (answer.status_code, answer.json()["code"]) == (413, "message-too-long")
    assert answer.json()["details"] == {"length": 4001, "limit": 4000}
    assert await site.count("messages") == 0
    assert (await visitor.write("")).json()["code"] == "empty-message"


async def test_who_writes_too_fast_is_told_how_long_to_wait(site: Site) -> None:
    visitor = await site.browser().begin()
    answers = [await visitor.write(f"{n}") for n in range(11)]
    assert [answer.status_code for answer in answers[:10]] == [201] * 10
    assert (answers[10].status_code, answers[10].json()["code"]) == (429, "too-fast")
    assert answers[10].headers["retry-after"] == "10"
    assert answers[10].headers["access-control-allow-origin"] == "https://shop.example"
    site.clock.advance(10_000)
    assert (await visitor.write("encore")).status_code == 201


async def test_one_address_cannot_make_visits_without_end(site: Site) -> None:
    browser = site.browser()
    room = site.app.state
    await browser.begin()
    for _ in range(599):
        room.webchat.limits.count("visit", "127.0.0.1", site.clock())
    assert (await browser.call("POST", "/visits", {"consent": "writing"})).json()["code"] == "too-fast"


async def test_files_are_what_their_bytes_say(site: Site) -> None:
    visitor = await site.browser().begin()

    async def hand_in(name: str, content: bytes, kind: str) -> tuple[int, str]:
        answer = await visitor.client.post(
            "/files", files={"file": (name, content, kind)}, headers={"Authorization": f"Bearer {visitor.token}"}
        )
        body = answer.json()
        return answer.status_code, body.get("code") or body["id"]

    assert await hand_in("cat.png", b"MZ\x90\x00 a program", "image/png") == (422, "forbidden-attachment")
    assert await hand_in("page.html", b"<script>", "text/html") == (422, "forbidden-attachment")
    assert await hand_in("empty.txt", b"", "text/plain") == (422, "forbidden-attachment")
    assert (await hand_in("big.png", PNG + b"\x00" * 10_485_760, "image/png"))[1] == "attachment-too-large"
    status, file_id = await hand_in("photo.png", PNG, "application/octet-stream")
    assert status == 201
    answer = await visitor.write("", attachment_ids=[file_id])
    (attachment,) = answer.json()["message"]["attachments"]
    assert attachment == {"id": file_id, "name": "photo.png", "size": len(PNG), "content_type": "image/png"}
    got = await visitor.call("GET", f"/files/{file_id}")
    assert got.content == PNG
    assert got.headers["content-disposition"].startswith("attachment")
    other = await site.browser().begin()
    assert (await other.call("GET", f"/files/{file_id}")).status_code == 404
    stolen = await other.write("", attachment_ids=[file_id])
    assert stolen.json()["code"] == "unknown-attachment"


async def test_reading_marks_only_ones_own_conversation(site: Site) -> None:
    first, second = await site.browser().begin(), await site.browser().begin()
    await first.write()
    await second.write()
    theirs = (await first.call("GET", "/conversation")).json()["conversation"]["id"]
    async with site.db.transaction(site.home.tenant_id) as tx:
        answer = await add_message(
            tx, theirs, direction="out", author=Author("agent", "US1", "Sofia Lenoir"), text="Oui"
        )

    async def seen() -> int:
        return int((await first.call("GET", "/conversation")).json()["conversation"]["seen_number"])

    before = await seen()
    assert (await second.call("POST", "/read", {"message_id": answer.id})).status_code == 204
    assert await seen() == before
    assert (await first.call("POST", "/read", {"message_id": answer.id})).status_code == 204
    assert await seen() == answer.number


async def test_of_the_staff_a_visitor_learns_a_first_name(site: Site) -> None:
    visitor = await site.browser().begin()
    await visitor.write()
    theirs = (await visitor.call("GET", "/conversation")).json()["conversation"]["id"]
    async with site.db.transaction(site.home.tenant_id) as tx:
        await assign(tx, theirs, user_id="US1", worker_id="WK1", name="Sofia Lenoir")
        await add_message(tx, theirs, direction="out", author=Author("agent", "US1", "Sofia Lenoir"), text="Oui")
    answer = await visitor.call("GET", "/conversation")
    assert answer.json()["conversation"]["agent"] == {"name": "Sofia", "initials": "SL"}
    assert "Lenoir" not in answer.text
    assert "US1" not in answer.text


async def test_closed_doors_tell_when_they_open_and_take_a_message(site: Site) -> None:
    await _close(site)
    visitor = site.browser()
    told = (await visitor.call("GET", "/config?language=fr")).json()
    assert told["open"] is False
    assert told["next_opening_at"].endswith("Z")
    await visitor.begin()
    form = {"client_id": "f1", "name": "Claire Rousseau", "email": "claire@example.org", "text": "Rappelez-moi"}
    for wrong in ({"email": "claire"}, {"name": " "}, {"text": ""}):
        assert (await visitor.call("POST", "/offline", {**form, **wrong})).json()["code"] == "invalid-form"
    answers = [await visitor.call("POST", "/offline", {**form, "language": "fr"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert await site.count("messages", "author_kind = 'customer'") == 1
    (command,) = await site.rows("commands")
    assert command["body"]["channel"] == "default", "it waits as work, not as a live chat"
    addresses = {(row["kind"], row["verified"]) for row in await site.rows("addresses")}
    assert ("email", False) in addresses, "an address somebody typed proves nothing"


async def test_a_kill_between_message_and_task_leaves_neither(site: Site) -> None:
    class Dies:
        async def new_contact(self, *_: object) -> None:
            raise RuntimeError("killed here")

    visitor = await site.browser().begin()
    await visitor.call("GET", "/conversation")
    living, site.app.state.webchat = site.app.state.webchat, None
    site.app.state.handler = Dies()
    with contextlib.suppress(RuntimeError):
        await visitor.write("perdu ?")
    assert await site.count("messages") == await site.count("commands") == 0
    site.app.state.webchat = living
    assert (await visitor.write("perdu ?")).status_code == 201
    assert await site.count("messages") == await site.count("commands") == 1


async def _close(site: Site) -> None:
    """The firm opens on Mondays only; the test's clock stands on another day."""
    hours = HoursRow(new_id("HO", site.clock()), site.home.firm_id, "Lundi", "Europe/Paris", {"mon": ["09:00-12:00"]})
    async with site.db.transaction(site.home.tenant_id) as tx:
        await put_hours(tx, [hours])
        await tx.execute("UPDATE firms SET hours_id = :hours", {"hours": hours.id})
