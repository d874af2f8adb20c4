"""channels.messages_per_s and channels.p99_ms: messages of distinct customers by all text channels in turn, at a steady pace,
into the whole product; each is counted when the reservation of its task can be read in the database by somebody else.

The clock of a message starts before its first byte is written to the wire, by the pace and not by the answer to the one before:
what the server cannot keep up with is in the figure. Load, server and database share this machine's cores.
"""

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import asyncpg
import smpp34
import yaml

from benchmarks.channels_wires import INSTAGRAM, KEY, NUMBER, PAGE, SITE, TOKEN, Ends, Wires, far_ends, wires
from benchmarks.voice_stage import line, percentile, use
from parlons.simulator.providers.graph import ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN
from parlons.testing.processes import data_folder, free_port

RATE, SECONDS, WARM = 220, 30, 25
"""A second; seconds; seconds before, at half the pace: until the database knows that its tables are not empty."""
PER_S, P99_MS = 200, 500
AGENTS, EACH = 80, 200
SECRETS = {
    "BENCH_KEY": KEY, "BENCH_ACCESS": ACCESS_TOKEN, "BENCH_APP": APP_SECRET, "BENCH_VERIFY": VERIFY_TOKEN,
    "BENCH_BOT": TOKEN, "BENCH_PASSWORD": "secret", "BENCH_MATRIX": "token",
}  # fmt: skip


def configuration(ends: Ends) -> str:
    """One firm, one queue, agents with room for everybody, an account of every channel."""
    graph = {"access_token": {"secret": "BENCH_ACCESS"}, "app_secret": {"secret": "BENCH_APP"},
             "verify_token": {"secret": "BENCH_VERIFY"}}  # fmt: skip
    api = {"api_url": ends.services}
    accounts = [
        ("webhook", "bench", {"url": f"{ends.services}/in"}, {"key": {"secret": "BENCH_KEY"}}),
        ("whatsapp", NUMBER, api, graph),
        ("messenger", PAGE, api, graph),
        ("instagram", INSTAGRAM, api, graph),
        ("telegram", "BenchBot", {**api, "receive": "webhook"}, {"token": {"secret": "BENCH_BOT"}}),
        ("matrix", "@shop:bench.example", {"homeserver_url": ends.services}, {"access_token": {"secret": "BENCH_MATRIX"}}),
        ("sms", "+33755000000", {"host": "127.0.0.1", "port": ends.smpp_port, "system_id": "bench"},
         {"password": {"secret": "BENCH_PASSWORD"}}),
        ("email", "shop@bench.example", {"receive": "smtp", "listen": f"127.0.0.1:{ends.smtp_port}"}, {}),
    ]  # fmt: skip
    points = [(channel, address) for channel, address, _, _ in accounts] + [("webchat", "shop")]
    firm = "Bench"
    return yaml.safe_dump(
        {
            "parlons": 1,
            "activities": [{"name": "Offline"}, {"name": "Available", "available": True}],
            "workspace": {"default_activity": "Offline"},
            "task_channels": [{"name": "default"}, {"name": "chat"}],
            "firms": [{"name": firm, "languages": ["fr", "en"]}],
            "queues": [{"name": "All", "firm": firm, "workers": "1==1"}],
            "workflows": [{"name": "All", "firm": firm, "reservation_timeout_seconds": 3600, "default_queue": "All"}],
            "users": [
                {"email": f"agent{number}@bench.example", "name": f"Agent {number}", "firms": "all",
                 "channels": {"chat": EACH}} for number in range(AGENTS)
            ],
            "widgets": [{"key": "shop", "firm": firm, "name": firm, "languages": ["fr", "en"], "origins": [SITE]}],
            "channels": [
                {"channel": channel, "key": "bench", "firm": firm, "name": channel, "address": address,
                 "settings": settings, "secrets": secrets}
                for channel, address, settings, secrets in accounts
            ],
            "entry_points": [
                {"channel": channel, "address": address, "firm": firm, "name": channel, "workflow": "All",
                 "task_channel": "chat", "language": "fr"} for channel, address in points
            ],
        }
    )  # fmt: skip


class Watch:
    """Who has been offered to an agent, as another reader of the database sees it."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.seen: dict[str, float] = {}
        """By task: when its reservation could be read."""
        self.counted = 0
        """How many of them belong to messages that were asked for before."""
        self._last = 0

    async def run(self) -> None:
        """For ever."""
        while True:
            query = "SELECT task_id, seq FROM reservations WHERE seq > $1 ORDER BY seq"
            rows = await self._connection.fetch(query, self._last)
            now = time.perf_counter()
            for row in rows:
                self.seen.setdefault(row["task_id"], now)
                self._last = row["seq"]
            await asyncio.sleep(0.01)


async def pace(wires: Wires, rate: int, seconds: float, name: str) -> dict[str, tuple[float, str]]:
    """Messages by each channel in turn; by text, when it was due and how it went."""
    sent: dict[str, tuple[float, str]] = {}
    channels, begun = list(wires.sends), time.perf_counter()
    async with asyncio.TaskGroup() as running:
        for number in range(int(rate * seconds)):
            due = begun + number / rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            channel, text = channels[number % len(channels)], f"{name}-{number}"
            sent[text] = (due, channel)
            running.create_task(wires.sends[channel](text))
    return sent


async def routed(connection: asyncpg.Connection, watch: Watch, sent: dict[str, tuple[float, str]]) -> dict[str, float]:
    """When each message's task had its reservation; waits until all have."""
    query = "SELECT m.text, c.lead_task_id, c.id FROM messages m JOIN conversations c ON c.id = m.conversation_id"
    end = time.perf_counter() + 120
    while True:
        if len(watch.seen) - watch.counted < len(sent) and time.perf_counter() < end:
            await asyncio.sleep(0.2)  # the big question is asked when it can be answered: it costs the server's core
            continue
        rows = await connection.fetch(query)
        found = {row["text"]: row for row in rows if row["text"] in sent}
        done = {
            text: watch.seen[row["lead_task_id"]] for text, row in found.items() if row["lead_task_id"] in watch.seen
        }
        if len(done) == len(sent):
            assert len({row["id"] for row in found.values()}) == len(sent), "every message a conversation of its own"
            watch.counted = len(watch.seen)
            return done
        assert time.perf_counter() < end, f"{len(done)} of {len(sent)} routed, {len(found)} kept"
        await asyncio.sleep(0.2)


async def measure(quick: bool) -> None:
    """Both figures."""
    seconds = 8 if quick else SECONDS
    rate = int(os.environ.get("PARLONS_BENCH_RATE", RATE))
    with data_folder() as data, tempfile.TemporaryDirectory() as folder:
        async with far_ends() as (ends, home, centre):
            text, port = Path(folder) / "bench.yaml", free_port()
            await asyncio.to_thread(text.write_text, configuration(ends), encoding="utf-8")
            command = [sys.executable, "-m", "benchmarks.channels_server", str(data), str(port), str(text)]
            server = await asyncio.create_subprocess_exec(
                *command, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PARLONS_LOG": "warning", **SECRETS}
            )
            try:
                assert server.stdout is not None
                dsn = ""
                while not dsn:
                    said = (await server.stdout.readline()).decode()
                    assert said, "the server ended"
                    dsn = said.partition("ready ")[2].strip()
                bind = await _bound(centre)
                async with wires(f"http://127.0.0.1:{port}", ends, home, bind) as made:
                    await _run(made, dsn, rate, seconds, server.pid)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    server.terminate()
                await server.wait()


async def _bound(centre: smpp34.Server) -> smpp34.Esme:
    async with asyncio.timeout(30):
        while True:
            event = await centre.next()
            if isinstance(event, smpp34.Esme):
                return event


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def _all_below(parent: int) -> float:
    """Seconds of a core that a process and its children have used, ended ones too."""
    total = 0.0
    for each in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (each / "stat").read_text().rsplit(")", 1)[1].split()
            if int(each.name) == parent or int(fields[1]) == parent:
                total += sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return total


async def _run(made: Wires, dsn: str, rate: int, seconds: float, pid: int) -> None:
    connection, second = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    await connection.execute("CREATE INDEX ON reservations (seq)")  # for the watch: it must not cost what it measures
    watch = Watch(connection)
    watching = asyncio.create_task(watch.run())
    await made.visits(int(rate * (seconds + WARM) / len(made.sends)) + 5)
    await routed(second, watch, await pace(made, rate // 2, WARM, "warm"))
    parent = _parent(await second.fetchval("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"))
    before, others, made.again = use(pid), (_all_below(parent), time.process_time()), 0
    sent = await pace(made, rate, seconds, "m")
    done = await routed(second, watch, sent)
    after, database, ours = use(pid), _all_below(parent) - others[0], time.process_time() - others[1]
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    took = {text: (done[text] - due) * 1000 for text, (due, _) in sent.items()}
    span = max(done.values()) - min(due for due, _ in sent.values())
    share = min(Counter(channel for _, channel in sent.values()).values()) / len(sent)
    by = {name: [took[text] for text, (_, channel) in sent.items() if channel == name] for name in made.sends}
    shown = ", ".join(f"{name} {percentile(each, 99):.0f}" for name, each in by.items())
    note = f"{len(sent)} messages at {rate}/s, {len(by)} channels, each {share:.0%} or more; all routed, none twice, "
    note += f"{made.again} told to come again; the server used {(after.cpu - before.cpu) * 1000 / len(sent):.1f} ms of a core "
    note += f"for each (PostgreSQL {database * 1000 / len(sent):.1f}, the far ends {ours * 1000 / len(sent):.1f}), "
    note += f"and waited {(after.waited - before.waited) * 1000 / len(sent):.1f} ms for a core others had"
    line("channels.messages_per_s", len(sent) / span, "1/s", PER_S, note)
    every = list(took.values())
    note = f"p50 {statistics.median(every):.0f}, max {max(every):.0f}; p99 by channel: {shown}"
    line("channels.p99_ms", percentile(every, 99), "ms", P99_MS, note)
    await connection.close()
    await second.close()
