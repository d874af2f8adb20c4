"""One server process of the takeover measurement: a seat at the router, a desk socket, and load of its own.

Prints `ready`, then `ack TASK` for each task whose creation was acknowledged.

`python -m benchmarks.takeover_node DSN NAME SOCKET`
"""

import asyncio
import contextlib
import random
import sys

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from benchmarks.floor import TENANT, WORKSPACE
from parlons.accounts.model import Principal, Role
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.errors import Refusal
from parlons.kit.ids import TASK, new_id
from parlons.routing import commands as c
from parlons.routing.transitions import ReservationCreated
from parlons.runtime.db import Database
from parlons.runtime.hub import Hub
from parlons.runtime.rights import Rights

RATE = 100
"""Tasks a second."""


async def life(dispatch: Dispatch, queues: list[str], rng: random.Random) -> None:
    """One task; whatever is not acknowledged is tried again with the same key."""
    task_id = new_id(TASK, dispatch.clock())
    command = c.CreateTask(task_id, {"lang": "fr"}, rng.choice(queues), channel="chat")
    created = None
    while created is None:
        try:
            created = await dispatch.send(WORKSPACE, command, key=task_id)
        except Refusal:
            await asyncio.sleep(0.05)
    print(f"ack {task_id}", flush=True)
    for offer in created.transitions:
        if isinstance(offer, ReservationCreated):
            with contextlib.suppress(Refusal):
                await dispatch.send(WORKSPACE, c.AcceptReservation(offer.reservation_id))
                await dispatch.send(WORKSPACE, c.CompleteTask(task_id))


async def load(dispatch: Dispatch) -> None:
    """Tasks at a steady pace, for ever."""
    rng, running = random.Random(), set()
    queues = sorted(dispatch.state(WORKSPACE).workflows)
    while True:
        task = asyncio.create_task(life(dispatch, queues, rng))
        running.add(task)
        task.add_done_callback(running.discard)
        await asyncio.sleep(1 / RATE)


async def run(dsn: str, name: str, uds: str) -> None:
    """Serves until killed."""
    db = await Database.open(dsn, pool_size=8)
    dispatch, hub = Dispatch(db, name=name), Hub()
    await dispatch.open(WORKSPACE, TENANT)
    await dispatch.ready(WORKSPACE)
    principal = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US" + "0" * 32)

    async def desk(websocket: WebSocket) -> None:
        await websocket.accept()
        rights = Rights(TENANT, WORKSPACE, "supervisor", user_id=principal.user_id)
        await hub.serve(websocket, rights, snapshot=lambda _: dispatch.snapshot_for(principal))

    app = Starlette(routes=[WebSocketRoute("/socket", desk)])
    server = uvicorn.Server(uvicorn.Config(app, uds=uds, log_level="warning", lifespan="off", ws="websockets-sansio"))
    following = asyncio.create_task(hub.follow(dispatch.screens(WORKSPACE)))
    loading = asyncio.create_task(load(dispatch))
    print("ready", flush=True)
    await server.serve()
    for task in (following, loading):
        task.cancel()


if __name__ == "__main__":
    uvloop.run(run(*sys.argv[1:4]))
