"""The tools that read: queues, waiting work, why, customers and their journey, conversations, articles."""

from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from parlons.client import AsyncClient, NoAnswerError, ProblemError

Json = dict[str, Any]
Limit = Annotated[int, Field(ge=1, le=100)]
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
T = TypeVar("T")


async def told(answer: Awaitable[T]) -> T:
    """An answer of Parlons; its refusals are told to the assistant by their code."""
    try:
        return await answer
    except ProblemError as problem:
        raise ToolError(f"{problem.code}: {problem.detail}") from None
    except NoAnswerError as error:
        raise ToolError(f"Parlons does not answer: {error}") from None


def add_reading(server: MCPServer, parlons: AsyncClient) -> None:
    """Registers them."""

    @server.tool(annotations=READS)
    async def queues() -> Json:
        """The queues with their present lines: how many wait, how long, who is there."""
        return await told(parlons.dispatch.live())

    @server.tool(annotations=READS)
    async def waiting_tasks(limit: Limit = 20) -> Json:
        """Tasks that wait for somebody, newest first."""
        return await told(parlons.dispatch.tasks(status="pending", limit=limit).page())

    @server.tool(annotations=READS)
    async def why(task_or_reservation_id: str) -> Json:
        """Why a task (WT...) is where it is, or why a worker was offered it (a reservation, WR...) and the others not."""
        if task_or_reservation_id.startswith("WR"):
            return await told(parlons.dispatch.why_reservation(task_or_reservation_id))
        return await told(parlons.dispatch.why_task(task_or_reservation_id))

    _add_people(server, parlons)
    _add_words(server, parlons)


def _add_people(server: MCPServer, parlons: AsyncClient) -> None:
    @server.tool(annotations=READS)
    async def find_customers(text: Annotated[str, Field(min_length=2, max_length=200)], limit: Limit = 10) -> Json:
        """Customers whose name or address contains this text."""
        return await told(parlons.customers.list_customers(q=text, limit=limit).page())

    @server.tool(annotations=READS)
    async def journey(customer_id: str, limit: Limit = 20) -> Json:
        """What a customer (CU...) did and was told on every channel, newest first."""
        return await told(parlons.customers.get_journey(customer_id, limit=limit))


def _add_words(server: MCPServer, parlons: AsyncClient) -> None:
    @server.tool(annotations=READS)
    async def search_conversations(
        text: Annotated[str, Field(max_length=200)], view: str = "open", limit: Limit = 10
    ) -> Json:
        """Conversations that contain this text. `view`: open, waiting, parked, closed, not_served, queue:ID or customer:ID."""
        return await told(parlons.conversations.list_conversations(view=view, q=text, limit=limit).page())

    @server.tool(annotations=READS)
    async def read_conversation(conversation_id: str, limit: Limit = 50) -> Json:
        """The last messages of a conversation (CH...), in their order."""
        return await told(parlons.conversations.list_messages(conversation_id, limit=limit).page())

    @server.tool(annotations=READS)
    async def search_articles(
        text: Annotated[str, Field(min_length=1, max_length=200)], language: str | None = None, limit: Limit = 5
    ) -> Json:
        """Published articles for these words, the best first."""
        return await told(parlons.knowledge.search_articles(q=text, language=language, limit=limit))
