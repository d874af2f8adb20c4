"""The same work by SQL alone, for comparison: workers and tasks are rows, matching is a JSONB query, locks keep the order.

1,000 workers, 100 queues, 8 connections, synchronous_commit on. A task = inserted and offered to the longest-idle worker
whose attributes contain what the queue asks for (SKIP LOCKED), accepted, completed, its worker offered the best of what waits
for him: three commands, each one prepared statement and one commit, as ours are. It keeps what ours keeps: the offer as a row
with its decision, and for each command one row that says what happened. Both ways of matching and their indexes are those of
facts/data.md 3c ("task arrives, longest idle by JSONB" and "freed worker, JSONB join", the fastest there). Not in it, to its
advantage: timers, statistics, fencing, erasable attributes.
"""

import asyncio
import json
import random
import time
from collections import deque

import asyncpg

from benchmarks.routing_pure import LANGUAGES, SKILLS, WORKERS, attributes_of
from parlons.runtime.db import plain_dsn

CONNECTIONS = 8
QUEUES = 100
_ATTRIBUTES = json.dumps({"customer": "CU" + "0" * 32, "subject": "a question about delivery", "lang": "fr"})
_SCHEMA = """
DROP TABLE IF EXISTS sql_queues, sql_workers, sql_tasks, sql_reservations, sql_events;
CREATE TABLE sql_queues (id int PRIMARY KEY, wanted jsonb);
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
CREATE INDEX ON sql_tasks (priority DESC, created) WHERE state = 0;
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
WITH d AS (UPDATE sql_tasks SET state = 3 WHERE id = $1 AND state = 2 RETURNING id),
o AS (UPDATE sql_reservations SET state = 3 WHERE task = $1 AND state = 2),
w AS (SELECT id, attributes FROM sql_workers WHERE id = $2 FOR UPDATE),
n AS (SELECT best.id, best.queue, best.priority FROM w CROSS JOIN LATERAL (
      SELECT t.id, t.queue, t.priority FROM sql_tasks t WHERE t.state = 0 AND EXISTS (
          SELECT 1 FROM sql_queues q WHERE q.id = t.queue AND w.attributes @> q.wanted)
      ORDER BY t.priority DESC, t.created LIMIT 1 FOR UPDATE OF t SKIP LOCKED) best),
t AS (UPDATE sql_tasks SET state = 1, worker = $2 FROM n WHERE sql_tasks.id = n.id),
r AS (INSERT INTO sql_reservations (task, worker, state, decision)
      SELECT n.id, $2, 1, jsonb_build_object('rule', n.queue, 'priority', n.priority) FROM n),
f AS (UPDATE sql_workers SET state = CASE WHEN EXISTS (SELECT 1 FROM n) THEN 1 ELSE 0 END, idle_since = clock_timestamp()
      WHERE id = $2),
e AS (INSERT INTO sql_events (task, data) SELECT id, $3::jsonb FROM d)
SELECT id FROM n
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


async def measure(dsn: str, seconds: float, waiting: int) -> float:
    """Whole tasks per second, with `waiting` tasks in line all the while."""
    setup = await asyncpg.connect(plain_dsn(dsn))
    rng = random.Random(1)
    await setup.execute(_SCHEMA)
    workers = [(number, json.dumps(attributes_of(rng))) for number in range(WORKERS)]
    await setup.executemany("INSERT INTO sql_workers (id, attributes) VALUES ($1, $2)", workers)
    await setup.executemany("INSERT INTO sql_queues VALUES ($1, $2)", [(n, wanted(n)) for n in range(QUEUES)])
    fill = "INSERT INTO sql_tasks (queue, priority, state, attributes) VALUES ($1, $2, 0, $3)"
    line = [(rng.randrange(QUEUES), rng.randrange(10), _ATTRIBUTES) for _ in range(waiting)]
    await setup.executemany(fill, line)
    await setup.execute("ANALYZE sql_workers, sql_tasks, sql_queues")
    begun = time.perf_counter()
    counts = await asyncio.gather(*(_lane(dsn, begun + seconds, number) for number in range(CONNECTIONS)))
    spent = time.perf_counter() - begun
    await setup.execute("DROP TABLE sql_queues, sql_workers, sql_tasks, sql_reservations, sql_events")
    await setup.close()
    return sum(counts) / spent


async def _lane(dsn: str, end: float, number: int) -> int:
    connection = await asyncpg.connect(plain_dsn(dsn), server_settings={"jit": "off"})
    rng, done = random.Random(number), 0
    told = {command: json.dumps({"command": command, "events": events}) for command, events in _TOLD.items()}
    offers: deque[tuple[int, int]] = deque()
    while time.perf_counter() < end:
        queue = rng.randrange(QUEUES)
        made = await connection.fetchrow(_CREATE, wanted(queue), queue, rng.randrange(10), _ATTRIBUTES, told["create"])
        if made is not None and made["worker"] is not None:
            offers.append((made["task"], made["worker"]))
        if offers:
            task, worker = offers.popleft()
            await connection.execute(_ACCEPT, task, told["accept"])
            following = await connection.fetchval(_COMPLETE, task, worker, told["complete"])
            if following is not None:
                offers.append((following, worker))
            done += 1
    await connection.close()
    return done
