"""What accounts asks of the rooms above it: users become workers by router commands in the same transaction (`SyncAgent`),
a firm goes only when no room has anything of it (`FirmUses`), and people are bound to queues that are there (`KnownQueues`).
"""

from parlons.accounts.agents import Agent, SyncAgent
from parlons.channels.webchat.widgets import list_widgets
from parlons.conversations.queries import firms_with_conversations
from parlons.dispatch.configured import configuration, names_of_firm, used_by_open_tasks, workers_named
from parlons.dispatch.dispatch import Dispatch, submit
from parlons.kit.errors import Conflict
from parlons.kit.ids import JOB
from parlons.reception.points import all_entry_points
from parlons.routing.commands import Command, PutWorker, RemoveWorker
from parlons.runtime.db import Tx
from parlons.voice.calls.prompts_store import list_prompts


class AgentNameTaken(Conflict):
    """Another agent has this name; add an initial, so that colleagues can tell them apart."""

    code = "agent-name-taken"


class AgentBusy(Conflict):
    """This agent still has open work; let it be finished, or transfer it first."""

    code = "agent-busy"


def sync_agent(dispatch: Dispatch) -> SyncAgent:
    """What accounts calls for each user who serves. The router carries it out a moment after the commit."""

    async def sync(tx: Tx, agent: Agent) -> None:
        known = await workers_named(tx, agent.workspace_id, agent.worker_id, agent.name)
        mine = known.get(agent.worker_id)
        if not agent.active and mine is None:
            return
        if agent.active and len(known) > (mine is not None):
            raise AgentNameTaken
        if not agent.active and await used_by_open_tasks(tx, agent.workspace_id, worker_ids=[agent.worker_id]):
            raise AgentBusy
        command: Command = RemoveWorker(agent.worker_id)
        if agent.active:
            command = PutWorker(
                worker_id=agent.worker_id,
                name=agent.name,
                attributes=agent.attributes if agent.attributes is not None else mine.attributes if mine else {},
                channels=agent.channels or {},
                firm_ids=agent.firm_ids or (),
            )
            tx.after_commit(lambda: dispatch.users.update({agent.worker_id: agent.user_id}))
        await submit(tx, agent.workspace_id, command, key=tx.new_id(JOB))

    return sync


async def firm_uses(tx: Tx, firm_id: str) -> list[str]:
    """What conversations, queues, workflows, widgets, entry points and prompts there are of a firm."""
    used = ["conversations"] if await firms_with_conversations(tx, [firm_id]) else []
    used += await names_of_firm(tx, firm_id)
    used += ["widgets"] if await list_widgets(tx, firm_id=firm_id) else []
    used += ["entry points"] if any(point.firm_id == firm_id for point in await all_entry_points(tx)) else []
    used += ["prompts"] if any(prompt.firm_id == firm_id for prompt in await list_prompts(tx, firm_id)) else []
    return used


async def known_queues(tx: Tx, workspace_id: str) -> dict[str, str | None]:
    """The firm of each queue, by id."""
    return {queue.id: queue.firm_id for queue in (await configuration(tx, workspace_id)).queues.values()}
