"""A contact's life as spans: one trace a conversation, told from the journal by the process that owns the router.

Ids and outcomes only.

`PARLONS_TRACES` names a receiver of OpenTelemetry (OTLP over HTTP); without it nothing here is loaded. A span is made when what
it tells is over: entries and ids carry the times, so nothing need be remembered over a restart. Its ids are drawn from those of
the thing it tells of: told twice, after a takeover, it is the same span.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanContext, TraceFlags

from parlons import __version__
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.ids import time_of
from parlons.runtime import journal
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Follower

REMEMBERED = 10_000
"""Contacts between their arrival and their first task."""
IDS = ("firm_id", "queue_id", "workflow_id", "worker_id", "task_id", "reservation_id", "conversation_id")
OFFER_ENDS = ("accepted", "rejected", "timeout", "canceled", "rescinded")


@dataclass(frozen=True, slots=True)
class Told:
    """One span before it has the form of the SDK. Times in milliseconds."""

    name: str
    trace: str
    """The conversation's id; the task's where it has none."""
    key: str
    begin: int
    end: int
    attributes: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def root(self) -> bool:
        """Whether it is the whole life."""
        return self.key == self.trace


class Spans:
    """Makes spans of entries, which must come in their order."""

    def __init__(self) -> None:
        self._arrived: OrderedDict[str, int] = OrderedDict()

    def of(self, entry: Entry) -> Iterator[Told]:
        """What an entry ends."""
        data = entry.data
        subject, _, act = entry.type.partition(".")
        if entry.kind == "transition" and subject == "task":
            yield from self._task(act, entry.at, data)
        elif entry.kind == "transition" and subject == "reservation":
            yield from _reservation(act, entry.at, data)
        elif entry.type in ("conversation.opened", "conversation.reopened"):
            self._arrived[data["conversation"]["id"]] = entry.at
            if len(self._arrived) > REMEMBERED:
                self._arrived.popitem(last=False)
        elif entry.type == "conversation.closed":
            yield _conversation(data)
        elif entry.type == "message.added":
            yield _message(data["message"])
        elif entry.type == "call.ended":
            yield _call(data["call"])

    def _task(self, act: str, at: int, data: Mapping[str, Any]) -> Iterator[Told]:
        task_id, trace = data["task_id"], _trace(data)
        if act == "created" and (arrived := self._arrived.pop(trace, None)) is not None:
            yield Told("reception", trace, f"reception {task_id}", arrived, at, _ids(data))
        elif act in ("completed", "canceled"):
            about = {**_ids(data), "outcome": act, "channel": data["channel"]}
            yield Told("task", trace, task_id, time_of(task_id), at, about)


def _reservation(act: str, at: int, data: Mapping[str, Any]) -> Iterator[Told]:
    trace, reservation_id = _trace(data), data["reservation_id"]
    if act in OFFER_ENDS:
        yield Told("offer", trace, reservation_id, time_of(reservation_id), at, {**_ids(data), "outcome": act})
    elif act == "completed" and isinstance(data.get("handled_ms"), int):
        yield Told("handling", trace, f"handling {reservation_id}", at - data["handled_ms"], at, _ids(data))


def _conversation(data: Mapping[str, Any]) -> Told:
    found = data["conversation"]
    about = {"conversation_id": found["id"], "channel": found["channel"], "firm_id": found["firm_id"]}
    about |= {"customer_id": found["customer"]["id"]} if found.get("customer") else {}
    return Told("contact", found["id"], found["id"], _ms(found["opened_at"]), _ms(found["closed_at"]), about)


def _message(found: Mapping[str, Any]) -> Told:
    about = {"message_id": found["id"], "channel": found["channel"], "direction": found["direction"]}
    at = _ms(found["at"])
    return Told("message", found["conversation_id"], found["id"], at, at, {**about, "author": found["author"]["kind"]})


def _call(found: Mapping[str, Any]) -> Told:
    about = {"call_id": found["id"], "direction": found["direction"]}
    about |= {name: found[name] for name in IDS if isinstance(found.get(name), str)}
    return Told(
        "call",
        found["conversation_id"] or found["id"],
        found["id"],
        _ms(found["started_at"]),
        _ms(found["ended_at"]),
        about,
    )


def _trace(data: Mapping[str, Any]) -> str:
    return str(data.get("conversation_id") or data["task_id"])


def _ids(data: Mapping[str, Any]) -> dict[str, str | int]:
    return {name: data[name] for name in IDS if isinstance(data.get(name), str)}


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


class Traces:
    """Sends spans in batches from a thread of its own; what a receiver does not take is dropped: traces hold up no work."""

    def __init__(self, url: str) -> None:
        self._out = BatchSpanProcessor(OTLPSpanExporter(endpoint=url))
        self._resource = Resource.create({"service.name": "parlons", "service.version": __version__})

    async def follow(self, dispatch: Dispatch, workspace_id: str) -> None:
        """Tells of what is appended from now on, while this process owns the workspace's router."""
        tail, spans = dispatch.tail(workspace_id), Spans()
        async with dispatch.db.system() as tx:
            seq = await journal.last_seq(await tx.raw(), workspace_id)
        async for entries in Follower(tail, seq):
            if dispatch.owns(workspace_id):
                self.tell(spans, entries)

    def tell(self, spans: Spans, entries: Sequence[Entry]) -> None:
        """Queues what these entries end."""
        for entry in entries:
            for told in spans.of(entry):
                self._out.on_end(self._span(told))

    async def close(self) -> None:
        """Sends what is queued."""
        await asyncio.to_thread(self._out.shutdown)

    def _span(self, told: Told) -> ReadableSpan:
        return ReadableSpan(
            told.name,
            context=_context(told.trace, told.key),
            parent=None if told.root else _context(told.trace, told.trace),
            resource=self._resource,
            attributes={f"parlons.{name}": value for name, value in told.attributes.items()},
            start_time=told.begin * 1_000_000,
            end_time=told.end * 1_000_000,
        )


def _context(trace: str, key: str) -> SpanContext:
    return SpanContext(_number(trace, 16), _number(key, 8), is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _number(text: str, size: int) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=size).digest())
