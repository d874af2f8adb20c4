"""Users become workers: what accounts asks for (`SyncAgent`), done by router commands in the same transaction."""

from parlons.accounts.agents import Agent, SyncAgent
from parlons.dispatch.configured import workers_named
from parlons.dispatch.dispatch import Dispatch, submit
from parlons.kit.errors import Conflict
from parlons.kit.ids import JOB
from parlons.routing.commands import Command, PutWorker, RemoveWorker
from parlons.runtime.db import Tx


class AgentNameTaken(Conflict):
    """Another agent has this name; add an initial, so that colleagues can tell them apart."""

    code = "agent-name-taken"


def sync_agent(dispatch: Dispatch) -> SyncAgent:
    """What accounts calls for each user who serves. The router carries it out a moment after the commit."""

    async def sync(tx: Tx, agent: Agent) -> None:
        known = await workers_named(tx, agent.workspace_id, agent.worker_id, agent.name)
        mine = known.get(agent.worker_id)
        if not agent.active and mine is None:
            return
        if agent.active and len(known) > (mine is not None):
            raise AgentNameTaken
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
