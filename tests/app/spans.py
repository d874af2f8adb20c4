"""A receiver of OpenTelemetry for tests: OTLP over HTTP, on a port of its own."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATIENCE = 60.0


@dataclass(frozen=True)
class Span:
    """One span as it came."""

    name: str
    trace: bytes
    id: bytes
    parent: bytes
    begin: int
    end: int
    attributes: dict[str, str]


class Receiver(ThreadingHTTPServer):
    """Keeps every span."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.spans: list[Span] = []
        self.raw = b""
        self._came = threading.Condition()

    @property
    def url(self) -> str:
        """What PARLONS_TRACES takes."""
        return f"http://127.0.0.1:{self.server_port}/v1/traces"

    def take(self, body: bytes) -> None:
        """One batch."""
        request = ExportTraceServiceRequest.FromString(body)
        found = [one for part in request.resource_spans for scope in part.scope_spans for one in scope.spans]
        with self._came:
            self.raw += body
            self.spans += [_span(one) for one in found]
            self._came.notify_all()

    def wait(self, enough: Callable[[list[Span]], bool]) -> list[Span]:
        """What has come, as soon as it is enough."""
        with self._came:
            assert self._came.wait_for(lambda: enough(self.spans), PATIENCE), [one.name for one in self.spans]
            return list(self.spans)


def _span(found: Any) -> Span:
    about = {one.key: one.value.string_value for one in found.attributes}
    times = (found.start_time_unix_nano // 1_000_000, found.end_time_unix_nano // 1_000_000)
    return Span(found.name, found.trace_id, found.span_id, found.parent_span_id, *times, about)


class _Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.take(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def receiver() -> Iterator[Receiver]:
    """At work for the length of the block."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
