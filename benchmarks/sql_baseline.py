"""The same work by SQL alone, for comparison: workers and tasks are rows, matching is a JSONB query, locks keep the order.

1,000 workers, 100 queues, 8 connections, synchronous_commit on. A task = inserted and offered to the longest-idle worker
whose attributes contain what the queue asks for (SKIP LOCKED), accepted, completed with its worker freed: three
transactions. The design and its indexes are those of facts/data.md 3c ("task arrives, longest idle by JSONB").
"""

import asyncio
import json
import random
import time

import asyncpg

from benchmarks.routing_pure import LANGUAGES, SKILLS, WORKERS, attributes_of
from parlons.runtime.db import plain_dsn

CONNECTIONS = 8
QUEUES = 100
_SCHEMA = """
DROP TABLE IF EXISTS sql_workers, sql_tasks;
CREATE TABLE sql_workers (id int PRIMARY KEY, attributes jsonb, state int DEFAULT 0,
    idle_since timestamptz DEFAULT clock_timestamp()) WITH (fillfactor = 70);
CREATE TABLE sql_tasks (id bigserial PRIMARY KEY, queue int, priority int, state int, worker int,
    created timestamptz DEFAULT clock_timestamp(), attributes jsonb) WITH (fillfactor = 80);
CREATE INDEX ON sql_workers (idle_since) WHERE state = 0;
CREATE INDEX ON sql_workers USING gin (attributes jsonb_path_ops);
CREATE INDEX ON sql_tasks (queue, priority DESC, created) WHERE state = 0;
"""
_CHOOSE = """
WITH w AS (SELECT id FROM sql_workers WHERE state = 0 AND attributes @> $1::jsonb ORDER BY idle_since LIMIT 1
           FOR UPDATE SKIP LOCKED)
UPDATE sql_workers SET state = 1 FROM w WHERE sql_workers.id = w.id RETURNING sql_workers.id
"""
_INSERT = """
INSERT INTO sql_tasks (queue, priority, state, worker, attributes) VALUES ($1, $2, $3, $4, $5::jsonb) RETURNING id
"""
_ACCEPT = "UPDATE sql_tasks SET state = 2 WHERE id = $1 AND state = 1"
_COMPLETE = "UPDATE sql_tasks SET state = 3 WHERE id = $1"
_FREE = "UPDATE sql_workers SET state = 0, idle_since = clock_timestamp() WHERE id = $1"


def wanted(queue: int) -> str:
    """What a queue asks of a worker."""
    return json.dumps({"skills": [f"s{queue % SKILLS}"], "langs": [f"l{queue % LANGUAGES}"]})


async def measure(dsn: str, seconds: float) -> float:
    """Whole tasks per second."""
    setup = await asyncpg.connect(plain_dsn(dsn))
    rng = random.Random(1)
    await setup.execute(_SCHEMA)
    rows = [(number, json.dumps(attributes_of(rng))) for number in range(WORKERS)]
    await setup.executemany("INSERT INTO sql_workers (id, attributes) VALUES ($1, $2)", rows)
    await setup.execute("ANALYZE sql_workers")
    begun = time.perf_counter()
    counts = await asyncio.gather(*(_lane(dsn, begun + seconds, number) for number in range(CONNECTIONS)))
    spent = time.perf_counter() - begun
    await setup.execute("DROP TABLE sql_workers, sql_tasks")
    await setup.close()
    return sum(counts) / spent


async def _lane(dsn: str, end: float, number: int) -> int:
    connection = await asyncpg.connect(plain_dsn(dsn), server_settings={"jit": "off"})
    rng, done = random.Random(number), 0
    attributes = json.dumps({"customer": "CU" + "0" * 32, "subject": "a question about delivery", "lang": "fr"})
    while time.perf_counter() < end:
        queue = rng.randrange(QUEUES)
        async with connection.transaction():
            worker = await connection.fetchval(_CHOOSE, wanted(queue))
            state = 0 if worker is None else 1
            task = await connection.fetchval(_INSERT, queue, rng.randrange(10), state, worker, attributes)
        if worker is None:
            continue
        await connection.execute(_ACCEPT, task)
        async with connection.transaction():
            await connection.execute(_COMPLETE, task)
            await connection.execute(_FREE, worker)
        done += 1
    await connection.close()
    return done
