"""`parlons.client` against a running server: pages, problems, repeats under one key, events over a lost connection."""

import contextlib
import os
import pydoc
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from parlons.client import (
    AsyncClient,
    Client,
    Event,
    InvalidError,
    NoAnswerError,
    NotFoundError,
    Snapshot,
    UnavailableError,
)
from tests.app.conftest import Centre
from tests.app.line import Line
from tests.docs.blocks import ROOT, blocks
from tests.docs.running import DEFAULT_URL
from tools.python_client import main


def test_it_is_what_the_api_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["python_client", "--check"])
    assert main() == 0


def test_the_example_of_the_front_page(here: Centre) -> None:
    (example,) = [one.text for one in blocks(ROOT / "README.md") if one.language == "python"]
    environ = {**os.environ, "PARLONS_KEY": here.server.operator_key()}
    code = example.replace(DEFAULT_URL, here.server.url)
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("WT")


def test_help_tells_what_a_method_does_and_takes() -> None:
    with Client("http://127.0.0.1:9", "pk_none") as parlons:
        told = pydoc.render_doc(parlons.dispatch.create_task, renderer=pydoc.plaintext)
        listed = pydoc.render_doc(parlons.accounts.list_users, renderer=pydoc.plaintext)
    assert "create_task(body: 'NewTask', *, key: " in told
    assert "A task without conversation." in told
    assert "list_users(*, after: " in listed


def test_lists_go_on_by_themselves(here: Centre) -> None:
    with Client(here.server.url, here.server.operator_key()) as parlons:
        everybody = [one["email"] for one in parlons.accounts.list_users(limit=2)]
        assert len(everybody) == len(set(everybody)) > 4
        page = parlons.accounts.list_users(limit=2).page()
        assert [one["email"] for one in page["items"]] == everybody[:2]
        assert page["next"] is not None


def test_refusals_have_types_and_codes(here: Centre) -> None:
    with Client(here.server.url, here.server.operator_key()) as parlons:
        with pytest.raises(NotFoundError) as missing:
            parlons.dispatch.task("WT" + "0" * 32)
        assert (missing.value.status, missing.value.code) == (404, "unknown-task")
        with pytest.raises(InvalidError) as wrong:
            parlons.dispatch.create_task({"priority": "high"})  # type: ignore[typeddict-item]
        assert wrong.value.code == "invalid"
        with pytest.raises(NotFoundError):  # a slash in an id stays in its place
            parlons.customers.get_customer("../queues")
        assert parlons.configuration.export_configuration().startswith("parlons: 1")
        file = parlons.conversations.upload(("a.txt", b"a text", "text/plain"))
        assert file["size"] == 6


class _Busy(BaseHTTPRequestHandler):
    """Takes a call at the third attempt: first it is busy, then the line breaks."""

    seen: list[tuple[str, str | None]]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.seen.append((self.path, self.headers["Idempotency-Key"]))
        if len(self.seen) == 1:
            self.send_response(503)
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif len(self.seen) > 2 and self.path.endswith("/tasks"):
            body = b'{"id": "WT1"}'
            self.send_response(201)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def busy() -> Iterator[str]:
    """A server that is not well."""
    _Busy.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Busy)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


async def test_a_repeat_carries_the_same_key(busy: str) -> None:
    async with AsyncClient(busy, "key") as parlons:
        assert (await parlons.dispatch.create_task({}))["id"] == "WT1"
    keys = {key for _, key in _Busy.seen}
    assert (len(_Busy.seen), len(keys)) == (3, 1)
    assert None not in keys


def test_what_could_happen_twice_is_not_repeated_into_the_dark(busy: str) -> None:
    with Client(busy, "key") as parlons:
        for refusal in (UnavailableError, NoAnswerError):
            with pytest.raises(refusal):
                parlons.flows.check_draft({"content": {}})  # type: ignore[typeddict-item]
    assert [key for _, key in _Busy.seen] == [None, None]


async def test_events_go_on_after_a_lost_connection(here: Centre) -> None:
    key = here.server.operator_key()
    async with (
        Line(here.server.port) as line,
        AsyncClient(f"http://127.0.0.1:{line.port}", key) as far,
        AsyncClient(here.server.url, key) as near,
        contextlib.aclosing(far.events()) as events,
    ):
        first = await anext(events)
        assert isinstance(first, Snapshot)
        queue = next(iter(first.data["queues"]))
        made: list[str] = []
        seqs = [first.seq]
        for _ in range(3):
            task = await near.dispatch.create_task({"to": {"queue_id": queue}, "attributes": {"trial": "client"}})
            made.append(task["id"])
            async for told in events:
                assert not isinstance(told, Snapshot), "the gap was filled by events"
                if isinstance(told, Event):
                    seqs.append(told.seq)
                    if told.name == "task.created" and told.data["task"]["id"] == task["id"]:
                        break
            line.cut()
        assert seqs == sorted(set(seqs))
        for task_id in made:
            await near.dispatch.cancel_task(task_id, {"reason": "seen"})
