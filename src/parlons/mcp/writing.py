"""The tools that change something. Each call is first put to the person at the assistant, in words that name what will happen."""

from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Elicit, Resolve
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

from parlons.client import AsyncClient
from parlons.mcp.reading import told

Json = dict[str, Any]
CHANGES = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=False)
Reason = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[str, Field(min_length=1, max_length=4000)]


class Consent(BaseModel):
    """What the person answers."""

    confirmed: bool = Field(title="Do it", description="Only a person may say yes.")


def _cancelling(task_id: str, reason: str) -> Elicit[Consent]:
    return Elicit(f"End the waiting task {task_id} unserved, with the reason “{reason}”?", Consent)


def _assigning(task_id: str, worker_id: str) -> Elicit[Consent]:
    return Elicit(f"Offer the task {task_id} to the worker {worker_id}?", Consent)


def _noting(conversation_id: str, text: str) -> Elicit[Consent]:
    return Elicit(f"Add this private note to the conversation {conversation_id}?\n\n{text}", Consent)


def _check(consent: Consent) -> None:
    if not consent.confirmed:
        raise ToolError("The person did not confirm: nothing was changed.")


def add_writing(server: MCPServer, parlons: AsyncClient) -> None:
    """Registers them."""

    @server.tool(annotations=CHANGES)
    async def cancel_task(task_id: str, reason: Reason, consent: Annotated[Consent, Resolve(_cancelling)]) -> Json:
        """End a waiting task unserved. A person confirms it first."""
        _check(consent)
        return dict(await told(parlons.dispatch.cancel_task(task_id, {"reason": reason})))

    @server.tool(annotations=CHANGES)
    async def assign_task(task_id: str, worker_id: str, consent: Annotated[Consent, Resolve(_assigning)]) -> Json:
        """Offer a waiting task to one worker. A person confirms it first."""
        _check(consent)
        return dict(await told(parlons.dispatch.assign_task(task_id, {"worker_id": worker_id})))

    @server.tool(annotations=CHANGES)
    async def add_note(conversation_id: str, text: Words, consent: Annotated[Consent, Resolve(_noting)]) -> Json:
        """Add a private note to a conversation, which customers never see. A person confirms it first."""
        _check(consent)
        return dict(await told(parlons.conversations.add_note(conversation_id, {"text": text})))
