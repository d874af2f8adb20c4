"""The same work by SQL alone, for comparison: workers and tasks are rows, matching is a JSONB query, locks keep the order.

1,000 workers, 100 queues, 8 connections, synchronous_commit on. A task = inserted and offered to the longest-idle worker
whose attributes contain what the queue asks for (SKIP LOCKED), accepted, completed with its worker freed: three commands,
each one prepared statement and one commit, as ours are. It keeps what ours keeps: the offer as a row with its decision, and
for each command one row that says what happened. Matching and its indexes are those of facts/data.md 3c ("task arrives,
longest idle by JSONB"). Not in it, to its advantage: timers, statistics, fencing, erasable attributes, work for who comes free.
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
DROP TABLE IF EXISTS sql_workers, sql_tasks, sql_reservations, sql_events;
CREATE TABLE sql_workers (id int PRIMARY KEY, attributes jsonb, state int DEFAULT 0,
    idle_since timestamptz DEFAULT clock_timestamp()) WITH (fillfactor = 70);
CREATE TABLE sql_tasks (id bigserial PRIMARY KEY, queue int, priority int, state int, worker int,
    created timestamptz DEFAULT clock_timestamp(), attributes jsonb) WITH (fillfactor = 80);
CREATE TABLE sql_reservations (task bigint PRIMARY KEY, worker int, state int, decision jsonb,
    created timestamptz DEFAULT clock_timestamp()) WITH (fillfactor = 80);
CREATE TABLE sql_events (seq bigserial PRIMARY KEY, at timestamptz DEFAULT clock_timestamp(), task bigint, data jsonb);
CREATE INDEX ON sql_workers (idle_since) WHERE state = 0;
CREATE INDEX ON sql_workers USING gin (attributes jsonb_path_ops);
CREATE INDEX ON sql_tasks (queue, priority DESC, created) WHERE state = 0;
"""
_CREATE = """
WITH w AS (SELECT id, idle_since FROM sql_workers WHERE state = 0 AND attributes @> $1::jsonb ORDER BY idle_since LIMIT 1
           FOR UPDATE SKIP LOCKED),
busy AS (UPDATE sql_workers SET state = 1 FROM w WHERE sql_workers.id = w.id),
t AS (INSERT INTO sql_tasks (queue, priority, state, worker, attributes)
      SELECT $2, $3, count(w.id), min(w.id), $4::jsonb FROM w RETURNING id),
r AS (INSERT INTO sql_reservations (task, worker, state, decision)
      SELECT t.id, w.id, 1, jsonb_build_object('rule', $2::int, 'idle_since', w.idle_since, 'priority', $3::int) FROM t, w),
e AS (INSERT INTO sql_events (task, data) SELECT t.id, $5::jsonb FROM t)
SELECT t.id AS task, w.id AS worker FROM t LEFT JOIN w ON true
"""
_ACCEPT = """
WITH t AS (UPDATE sql_tasks SET state = 2 WHERE id = $1 AND state = 1 RETURNING id),
r AS (UPDATE sql_reservations SET state = 2 WHERE task = $1 AND state = 1)
INSERT INTO sql_events (task, data) SELECT id, $2::jsonb FROM t
"""
_COMPLETE = """
WITH t AS (UPDATE sql_tasks SET state = 3 WHERE id = $1 AND state = 2 RETURNING id),
r AS (UPDATE sql_reservations SET state = 3 WHERE task = $1 AND state = 2),
w AS (UPDATE sql_workers SET state = 0, idle_since = clock_timestamp() WHERE id = $2)
INSERT INTO sql_events (task, data) SELECT id, $3::jsonb FROM t
"""
_TOLD = {
    "create": [
        "workflow.entered",
        "task-queue.entered",
        "task.created",
        "workflow.target-matched",
        "reservation.created",
    ],
    "accept": ["reservation.accepted"],
    "complete": ["task.completed", "reservation.completed", "task.updated"],
}


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
    await setup.execute("DROP TABLE sql_workers, sql_tasks, sql_reservations, sql_events")
    await setup.close()
    return sum(counts) / spent


async def _lane(dsn: str, end: float, number: int) -> int:
    connection = await asyncpg.connect(plain_dsn(dsn), server_settings={"jit": "off"})
    rng, done = random.Random(number), 0
    attributes = json.dumps({"customer": "CU" + "0" * 32, "subject": "a question about delivery", "lang": "fr"})
    told = {command: json.dumps({"command": command, "events": events}) for command, events in _TOLD.items()}
    while time.perf_counter() < end:
        queue = rng.randrange(QUEUES)
        made = await connection.fetchrow(_CREATE, wanted(queue), queue, rng.randrange(10), attributes, told["create"])
        if made is None or made["worker"] is None:
            continue
        await connection.execute(_ACCEPT, made["task"], told["accept"])
        await connection.execute(_COMPLETE, made["task"], made["worker"], told["complete"])
        done += 1
    await connection.close()
    return done
