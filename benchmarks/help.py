"""The help centre on 10,000 published articles: `help.p95_ms`, a search as a reader's browser asks it.

Half the articles are French, half English, each of about 120 words drawn by Zipf's law from a vocabulary of 20,000. Searches
are of one to three words, one in ten with a typing mistake, one in ten unfinished, one in twenty for a word nobody wrote. They
go one after the other over HTTP to a server process's own application, with its transactions and row security.
`help.published_per_s` is how fast articles were laid down.

`help.p95_with_embedding_ms` asks the same again with vectors: each section's is made as the background makes it, each search's as
a reader's search is. It needs the extra `local`; without it the line says so.
"""

import asyncio
import json
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from parlons.accounts.bootstrap import bootstrap
from parlons.accounts.queries import firms_of
from parlons.ai.embeddings import Embeddings, EmbeddingsSettings
from parlons.ai.registry import embeddings_of, open_providers
from parlons.app.help_contacts import contacts_of
from parlons.kit.clock import wall_clock
from parlons.knowledge import page_http
from parlons.knowledge.categories import set_centre
from parlons.knowledge.commands import move, write
from parlons.knowledge.meaning import Meaning
from parlons.knowledge.model import Text
from parlons.runtime import migrate
from parlons.runtime.db import Database
from parlons.runtime.edge import Edge
from parlons.runtime.postgres.supervisor import ensure_server, release_server

ARTICLES, SEARCHES, WORDS = 10_000, 600, 20_000
_PARTS = "ba co di fu ga le mi no pa qui re sa ti vo xe ar en ir on ul tra ble cha pre gno".split()  # noqa: SIM905


def vocabulary(random_: random.Random) -> list[str]:
    """Words as long as words are, each once."""
    found: dict[str, None] = {}
    while len(found) < WORDS:
        found["".join(random_.choices(_PARTS, k=random_.choice((2, 2, 3, 3, 4))))] = None
    return list(found)


def article(random_: random.Random, words: list[str], weights: list[float]) -> Text:
    """About 120 words."""
    said = random_.choices(words, cum_weights=weights, k=random_.randint(80, 160))
    title = " ".join(random_.choices(words, cum_weights=weights, k=5))
    return Text(title, " ".join(said[:12]), f"<h2>{' '.join(said[:3])}</h2><p>{' '.join(said)}</p>")


def query(random_: random.Random, words: list[str], weights: list[float]) -> str:
    """What a reader types."""
    typed = random_.choices(words, cum_weights=weights, k=random_.choice((1, 2, 2, 3)))
    kind = random_.random()
    if kind < 0.1 and len(typed[0]) > 4:
        at = random_.randrange(1, len(typed[0]) - 1)
        typed[0] = typed[0][:at] + typed[0][at + 1 :]
    elif kind < 0.2:
        typed[-1] = typed[-1][: max(2, len(typed[-1]) - 2)]
    elif kind < 0.25:
        typed = ["zzyzx" + typed[0]]
    return " ".join(typed)


def main() -> None:
    """Lays down, asks, prints."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        server = ensure_server(Path(folder) / "data", say=lambda _: None, for_tests=True)
        try:
            asyncio.run(measured(server.dsn))
        finally:
            release_server(server)


async def measured(dsn: str) -> None:
    """On a database of its own."""
    await migrate.upgrade(dsn)
    db = await Database.open(dsn)
    try:
        await measure(db)
    finally:
        await db.close()


async def measure(db: Database) -> None:
    """On an open database of nobody."""
    random_ = random.Random(7)
    words = vocabulary(random_)
    weights, total = [], 0.0
    for rank in range(1, WORDS + 1):
        total += 1 / rank
        weights.append(total)
    principal = (await bootstrap(db, now=wall_clock())).principal
    async with db.transaction(principal.tenant_id) as tx:
        firm_id = (await firms_of(tx, principal))[0]["id"]
        await set_centre(tx, principal, firm_id, is_open=True, slug="bench", version=None)
    began = time.perf_counter()
    for start in range(0, ARTICLES, 50):
        async with db.transaction(principal.tenant_id) as tx:
            for number in range(start, start + 50):
                place: dict[str, Any] = {"firm_id": firm_id, "language": ("fr", "en")[number % 2], "audience": "public"}
                made = await write(tx, principal, article(random_, words, weights), slug=f"a-{number}", **place)
                await move(tx, principal, made.id, "publish", version=1)
    laid = time.perf_counter() - began
    async with db.system() as tx:
        await tx.execute("ANALYZE")
    queries = [query(random_, words, weights) for _ in range(SEARCHES)]
    told("help.p95_ms", await ask(db, Meaning(db, None), queries), articles=ARTICLES)
    print(json.dumps({"name": "help.published_per_s", "value": round(ARTICLES / laid, 1), "unit": "1/s"}), flush=True)
    embeddings = embeddings_of(EmbeddingsSettings(), open_providers())
    if embeddings is None:
        print(json.dumps({"name": "help.p95_with_embedding_ms", "left_out": "pip install 'parlons[local]'"}))
        return
    try:
        await with_embedding(db, embeddings, queries)
    finally:
        await embeddings.close()


async def with_embedding(db: Database, embeddings: Embeddings, queries: list[str]) -> None:
    """The same searches with vectors."""
    meaning, made, began = Meaning(db, embeddings), 0, time.perf_counter()
    while some := await meaning.make_some():
        made += some
    laid = time.perf_counter() - began
    async with db.system() as tx:
        await tx.execute("ANALYZE article_vectors")
        sections = (await tx.fetch_all("SELECT count(*) AS many FROM article_vectors"))[0]["many"]
    await ask(db, meaning, queries[:2])  # a process loads the vectors once
    took = await ask(db, meaning, queries)
    told("help.p95_with_embedding_ms", took, articles=ARTICLES, sections=sections, model=embeddings.name)
    print(json.dumps({"name": "help.compared_per_s", "value": round(made / laid, 1), "unit": "1/s"}))


def told(name: str, took: list[float], **more: Any) -> None:
    """One line."""
    figures = {"value": round(statistics.quantiles(took, n=20)[18], 1), "unit": "ms", "median": round(statistics.median(took), 1),
               "worst": round(max(took), 1), "searches": len(took)}  # fmt: skip
    print(json.dumps({"name": name, **figures, **more}), flush=True)


async def ask(db: Database, meaning: Meaning, queries: list[str]) -> list[float]:
    """Milliseconds of each search, after a few to warm up."""
    app = FastAPI()
    app.add_middleware(Edge)
    app.state.db, app.state.clock, app.state.help_contacts = db, db.clock, contacts_of
    app.state.meaning = meaning
    app.router.routes.extend(page_http.routes())
    took: list[float] = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench.test") as client:
        for number, typed in enumerate([*queries[:20], *queries]):
            app.state.help_throttle = None  # what is measured is a search, not how many one address may ask
            began = time.perf_counter()
            answer = await client.get(f"/help/bench/{('fr', 'en')[number % 2]}/search", params={"q": typed})
            took.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.text
    return took[len(queries[:20]) :]


if __name__ == "__main__":
    main()
