"""Embeddings: the provider of a process, the local model as it is, an endpoint over real HTTP, and what they do when it goes
wrong."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from parlons.ai.compatible.embeddings import EndpointEmbeddings
from parlons.ai.embeddings import EmbeddingsFailed, EmbeddingsSettings
from parlons.ai.local.embeddings import LocalEmbeddings
from parlons.ai.registry import UnknownProvider, embeddings_of, open_providers
from parlons.app.settings import WrongSetting, read_embeddings


class Endpoint(ThreadingHTTPServer):
    """An embeddings endpoint as model servers are: the length of a text is its meaning."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str | None, int]] = []
        self.answer: Any = None
        self.status = 200

    @property
    def settings(self) -> EmbeddingsSettings:
        return EmbeddingsSettings(url=f"http://127.0.0.1:{self.server_port}/v1", key="sk-1", model="small")


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers["Authorization"], len(body["input"])))
        rows = [{"index": i, "embedding": [len(text), 3.0]} for i, text in enumerate(body["input"])]
        answer = self.server.answer if self.server.answer is not None else {"data": rows[::-1]}
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
async def local() -> AsyncIterator[LocalEmbeddings]:
    if not LocalEmbeddings.installed():
        pytest.skip("the extra parlons[local] is not installed")
    found = LocalEmbeddings()
    yield found
    await found.close()


async def test_an_endpoint_is_asked_in_parts_and_its_rows_put_in_order(endpoint: Endpoint) -> None:
    rows = await EndpointEmbeddings(endpoint.settings).embed(["abcd", *["x"] * 300])
    assert endpoint.asked == [("/v1/embeddings", "Bearer sk-1", 256), ("/v1/embeddings", "Bearer sk-1", 45)]
    assert rows.shape == (301, 2)
    assert np.allclose(rows[0], [0.8, 0.6])
    assert "sk-1" not in repr(endpoint.settings)


@pytest.mark.parametrize(
    ("status", "answer"),
    [(500, {}), (200, {"data": []}), (200, {"other": 1}), (200, {"data": [{"index": 0, "embedding": ["a"]}]})],
)
async def test_an_endpoint_that_refuses_or_sends_something_else(endpoint: Endpoint, status: int, answer: Any) -> None:
    endpoint.status, endpoint.answer = status, answer
    with pytest.raises(EmbeddingsFailed):
        await EndpointEmbeddings(endpoint.settings).embed(["a"])


def test_the_provider_of_a_process() -> None:
    assert embeddings_of(EmbeddingsSettings(provider="none"), open_providers()) is None
    found = embeddings_of(EmbeddingsSettings(url="http://127.0.0.1:1/v1"), open_providers())
    assert found is not None
    assert (found.name, found.local) == ("endpoint/text-embedding-3-small", False)
    for strange in ("parrot", "espeak"):
        with pytest.raises(UnknownProvider):
            embeddings_of(EmbeddingsSettings(provider=strange), open_providers())
    assert read_embeddings({}).provider == "auto"
    for wrong in ({"PARLONS_EMBEDDINGS": "endpoint"}, {"PARLONS_EMBEDDINGS_URL": "ftp://x"}):
        with pytest.raises(WrongSetting):
            read_embeddings(wrong)


async def test_the_local_model_knows_what_is_meant_in_two_languages(local: LocalEmbeddings) -> None:
    texts = ["Where is my parcel?", "Où est mon colis ?", "I want to cancel my contract.", "\n"]
    several = await asyncio.gather(local.embed(texts), local.embed(texts[:2]), local.embed([]))
    rows = several[0]
    assert rows.shape == (4, 512)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
    assert np.allclose(several[1], rows[:2], atol=1e-4)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2


async def test_the_local_model_comes_back_when_its_process_died(local: LocalEmbeddings) -> None:
    await local.embed(["one"])
    process = local._process
    assert process is not None
    process.kill()
    await process.wait()
    assert (await local.embed(["two"])).shape == (1, 512)
    waiting = asyncio.ensure_future(local.embed(["three"]))
    await asyncio.sleep(0)
    await local.close()
    with pytest.raises(EmbeddingsFailed):
        await waiting
