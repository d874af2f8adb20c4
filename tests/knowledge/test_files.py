"""Pictures and documents of articles: kept for who writes, shown to who may read the text that names them, never run."""

from typing import Any

import pytest

from parlons.accounts.model import Principal
from tests.knowledge.conftest import CHIEF, HEAD, OF_OTHER, SOFIA, STRANGER, Room

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


async def uploaded(room: Room, article: str, name: str = "clé.png", content: bytes = PNG, status: int = 201) -> Any:
    room.who["is"] = HEAD
    answer = await room.client.post("/article-files", data={"article_id": article}, files={"file": (name, content)})
    assert answer.status_code == status, answer.text
    return answer.json()


async def status(room: Room, path: str, as_: Principal | None) -> int:
    room.who["is"] = as_
    return (await room.client.get(path)).status_code


async def test_a_picture_is_everybodys_only_while_a_public_article_of_an_open_centre_shows_it(room: Room) -> None:
    article = await room.write()
    file = await uploaded(room, article["id"])
    path = file["path"]
    assert [await status(room, path, who) for who in (HEAD, SOFIA, OF_OTHER, STRANGER, None)] == [
        200,
        404,
        404,
        404,
        404,
    ]
    same = {name: article[name] for name in ("audience", "category_id", "slug", "summary", "title")}
    html = f'<p><img src="{path}" alt="La clé"></p>'
    change = {"html": html, "version": article["version"], **same}
    draft = await room.call("PUT", f"/articles/{article['id']}", **change)
    assert [await status(room, path, who) for who in (HEAD, SOFIA, None)] == [200, 404, 404]
    live = await room.act(draft, "publish")
    assert [await status(room, path, who) for who in (SOFIA, OF_OTHER, None)] == [200, 404, 404]
    await room.call("PUT", "/help-centres/FI1", CHIEF, open=True)
    room.who["is"] = None
    answer = await room.client.get(path)
    assert (answer.status_code, answer.content) == (200, PNG)
    headers = answer.headers
    assert headers["content-type"] == "image/png"
    assert headers["content-disposition"] == "inline; filename*=UTF-8''cl%C3%A9.png"
    assert (headers["content-security-policy"], headers["x-content-type-options"]) == (
        "sandbox; default-src 'none'",
        "nosniff",
    )
    page = (await room.client.get("/help/atelier-nord/fr/a/demenager-changer-d-adresse")).text
    assert f'<img src="{path}" alt="La clé">' in page
    await room.act(live, "archive")
    assert await status(room, path, None) == 404


async def test_documents_are_downloaded_and_hostile_files_refused(room: Room) -> None:
    article = await room.write()
    file = await uploaded(room, article["id"], "notice.pdf", b"%PDF-1.7 x")
    answer = await room.client.get(file["path"])
    assert answer.headers["content-disposition"].startswith("attachment;")
    for name, content in (
        ("a.svg", b"<svg onload='alert(1)'/>"),
        ("a.html", b"<script>alert(1)</script>"),
        ("a.png", b"<script>alert(1)</script>"),
        ("a.png", b""),
    ):
        assert (await uploaded(room, article["id"], name, content, 422))["code"] == "forbidden-attachment"
    assert (await uploaded(room, article["id"], "a.pdf", b"%PDF-" + b"x" * 10_485_760, 413))["code"]
    assert (await uploaded(room, "ARnone", status=404))["code"] == "unknown-article"


async def test_what_a_text_shows_stays_and_what_none_shows_can_go(room: Room) -> None:
    article = await room.write()
    shown, spare = await uploaded(room, article["id"]), await uploaded(room, article["id"], "b.png")
    same = {name: article[name] for name in ("audience", "category_id", "slug", "title")}
    change = {"html": f'<img src="{shown["path"]}">', "version": article["version"], **same}
    await room.call("PUT", f"/articles/{article['id']}", **change)
    where = f"?article_id={article['id']}"
    assert len((await room.call("GET", f"/article-files{where}"))["items"]) == 2
    for who in (OF_OTHER, STRANGER):
        await room.call("GET", f"/article-files{where}", who, 404)
        await room.call("DELETE", f"/article-files/{spare['id']}{where}", who, 404)
    await room.call("DELETE", f"/article-files/{spare['id']}{where}", SOFIA, 403)
    refused = await room.call("DELETE", f"/article-files/{shown['id']}{where}", HEAD, 409)
    assert refused["code"] == "article-file-used"
    await room.call("DELETE", f"/article-files/{spare['id']}{where}", HEAD, 204)
    assert await status(room, spare["path"], HEAD) == 404


@pytest.mark.parametrize("name", ["none", "%00", "..%2Fx", "x" * 3000, "' OR 1=1 --"])
async def test_senseless_addresses_are_not_found(room: Room, name: str) -> None:
    assert await status(room, f"/help-files/{name}", HEAD) == 404
