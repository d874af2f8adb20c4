"""`parlons mcp` as an assistant uses it: the SDK's own client over real standard input and output."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

from mcp import Client, MCPError, StdioServerParameters
from mcp_types import ElicitRequestParams, ElicitResult

from parlons.client import AsyncClient
from tests.app.conftest import Centre

READING = {
    "queues", "waiting_tasks", "why", "find_customers", "journey", "search_conversations", "read_conversation",
    "search_articles",
}  # fmt: skip
WRITING = {"cancel_task", "assign_task", "add_note"}


@contextlib.asynccontextmanager
async def assistant(
    here: Centre, key: str, answer: Any = None, asked: list[str] | None = None
) -> AsyncIterator[Client]:
    """An assistant whose person answers every question the same way; None: it cannot ask him."""

    async def ask(_context: Any, params: ElicitRequestParams) -> ElicitResult:
        assert asked is not None
        asked.append(params.message)
        return answer

    environ = {**os.environ, "PARLONS_URL": here.server.url, "PARLONS_KEY": key}
    command = StdioServerParameters(command=sys.executable, args=["-m", "parlons.app.cli", "mcp"], env=environ)
    async with Client(command, elicitation_callback=ask if answer is not None else None) as client:
        yield client


async def _key(here: Centre, scope: str) -> str:
    async with AsyncClient(here.server.url, here.server.operator_key()) as operator:
        return (await operator.accounts.create_key({"name": f"Assistant {scope}", "scopes": [scope]}))["secret"]  # type: ignore[list-item]


def said(result: Any) -> Any:
    """What a tool answered."""
    assert not result.is_error, result.content
    return json.loads(result.content[0].text)


async def refused(client: Client, tool: str, wish: dict[str, Any]) -> bool:
    """Whether a call is refused, by the tool or before it."""
    try:
        return bool((await client.call_tool(tool, wish)).is_error)
    except MCPError:
        return True


async def test_it_reads_and_offers_nothing_else_to_a_key_that_reads(here: Centre) -> None:
    async with (
        AsyncClient(here.server.url, here.server.operator_key()) as operator,
        assistant(here, await _key(here, "read")) as client,
    ):
        assert {tool.name for tool in (await client.list_tools()).tools} == READING
        queue = next(one for one in (await operator.dispatch.queues())["items"] if one["name"] == "South desk")
        task = await operator.dispatch.create_task({"to": {"queue_id": queue["id"]}, "attributes": {"trial": "mcp"}})
        waiting = said(await client.call_tool("waiting_tasks", {"limit": 100}))
        assert task["id"] in [one["id"] for one in waiting["items"]]
        assert said(await client.call_tool("why", {"task_or_reservation_id": task["id"]}))
        assert "South desk" in json.dumps(said(await client.call_tool("queues", {})))
        missing = await client.call_tool("journey", {"customer_id": "CU" + "0" * 32})
        assert missing.is_error
        assert "unknown-customer" in missing.content[0].text
        await operator.dispatch.cancel_task(task["id"], {"reason": "seen"})


async def test_a_change_needs_the_scope_and_a_persons_yes(here: Centre) -> None:
    key = await _key(here, "write")
    yes = ElicitResult(action="accept", content={"confirmed": True})
    no = ElicitResult(action="accept", content={"confirmed": False})
    async with AsyncClient(here.server.url, here.server.operator_key()) as operator:
        queue = next(one for one in (await operator.dispatch.queues())["items"] if one["name"] == "South desk")
        task = await operator.dispatch.create_task({"to": {"queue_id": queue["id"]}})
        wish = {"task_id": task["id"], "reason": "no longer needed"}
        for answer in (no, ElicitResult(action="decline"), None):
            async with assistant(here, key, answer, []) as client:
                assert await refused(client, "cancel_task", wish)
            assert (await operator.dispatch.task(task["id"]))["status"] == "pending", answer
        asked: list[str] = []
        async with assistant(here, key, yes, asked) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == READING | WRITING
            assert said(await client.call_tool("cancel_task", wish))["status"] == "canceled"
        assert [task["id"] in one and "no longer needed" in one for one in asked] == [True]


def test_a_key_that_is_not_good_ends_it_with_a_sentence(here: Centre) -> None:
    environ = {**os.environ, "PARLONS_URL": here.server.url, "PARLONS_KEY": "pk_nobody"}
    command = [sys.executable, "-m", "parlons.app.cli", "mcp"]
    done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "(unauthenticated)" in done.stderr
