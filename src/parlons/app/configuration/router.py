"""The router's part of a configuration: things become commands, and the commands are rehearsed before anything is written.

A rehearsal runs the pure router on a copy of the present configuration, so whatever it would refuse (a name taken, a
workflow without queue, an activity whose availability is fixed) is refused here, while nothing has happened yet. Only what
open tasks use it cannot know; that is asked of the projections.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parlons.app.configuration.check import Thing, Things
from parlons.app.configuration.current import Current
from parlons.app.configuration.workflow import to_router
from parlons.routing.commands import Command, Configure, PutWorker, RemoveWorker
from parlons.routing.configuration import Activity, Item, Kind, Queue, Removal, Settings, TaskChannel, Workflow
from parlons.routing.state import new_state
from parlons.routing.step import step

ROUTED: tuple[Kind, ...] = ("activity", "task_channel", "queue", "workflow")
"""Kinds that live in the router, workers besides."""


@dataclass(slots=True)
class Names:
    """The id of every name, present and to come."""

    ids: Mapping[str, Mapping[str, str]]
    """By kind and name."""
    workers: Mapping[str, str]
    """By e-mail address."""
    default_firm: str = ""

    def id(self, kind: str, name: str | None) -> str | None:
        """The id of what is called so; None for None."""
        return None if name is None else self.ids[kind][name]


@dataclass(slots=True)
class Routed:
    """What changes in the router: names by kind, and e-mail addresses of workers."""

    put: dict[str, list[str]] = field(default_factory=dict)
    remove: dict[str, list[str]] = field(default_factory=dict)
    settings: bool = False
    workers: list[str] = field(default_factory=list)
    workers_gone: list[str] = field(default_factory=list)
    """Worker ids."""


_OF_OTHERS = ("calls", "intent_threshold", "frame_origins")
"""Words of the workspace that the router has nothing to do with."""


def settings_of(workspace: Thing, names: Names) -> dict[str, Any]:
    """The workspace's settings with ids, as its row keeps them and the router takes them."""
    values = {
        name: value for name, value in workspace.items() if not name.endswith("_activity") and name not in _OF_OTHERS
    }
    for word in ("default_activity", "timeout_activity"):
        values[f"{word}_id"] = names.id("activity", workspace[word])
    return values


def item_of(kind: str, thing: Thing, names: Names) -> Item:
    """The router's value of a thing."""
    match kind:
        case "activity":
            return Activity(names.ids[kind][thing["name"]], thing["name"], thing["available"])
        case "task_channel":
            unique = thing["name"]
            return TaskChannel(names.ids[kind][unique], unique, unique.capitalize(), thing["optimized"])
        case "queue":
            level = thing["service_level"]
            return Queue(
                id=names.ids[kind][thing["name"]],
                name=thing["name"],
                expression=thing["workers"],
                order=thing["order"],
                max_reserved=thing["max_reserved"],
                firm_id=names.id("firm", thing["firm"]),
                within_seconds=level["within_seconds"],
                abandoned_before_seconds=level["abandoned_before_seconds"],
                target_percent=level["target_percent"],
                return_after_seconds=thing["return_after_seconds"],
                wrap_up_seconds=thing["wrap_up_seconds"],
            )
        case _:
            return Workflow(
                id=names.ids[kind][thing["name"]],
                name=thing["name"],
                configuration=to_router(thing, lambda name: names.ids["queue"][name]),
                reservation_timeout_seconds=thing["reservation_timeout_seconds"],
                firm_id=names.id("firm", thing["firm"]),
            )


def put_worker(user: Thing, names: Names) -> PutWorker:
    """The worker of a user who serves."""
    return PutWorker(
        worker_id=names.workers[user["email"]],
        name=user["name"],
        attributes=user["attributes"],
        channels=user["channels"],
        firm_ids=tuple(names.ids["firm"][firm] for firm in user["firms"] or ()),
    )


def commands_of(routed: Routed, after: Things, names: Names) -> list[Command]:
    """The commands in the order in which they must reach the router."""
    put = tuple(item_of(kind, after[kind][name], names) for kind in ROUTED for name in routed.put.get(kind, ()))
    commands: list[Command] = []
    if put or routed.settings:
        settings = Settings(**settings_of(after["workspace"]["workspace"], names)) if routed.settings else None
        commands.append(Configure(put=put, settings=settings))
    commands += [RemoveWorker(worker_id) for worker_id in routed.workers_gone]
    commands += [put_worker(after["user"][email], names) for email in routed.workers]
    remove = tuple(_removals(routed, names))
    if remove:
        commands.append(Configure(remove=remove))
    return commands


def _removals(routed: Routed, names: Names) -> Iterator[Removal]:
    # Workflows go before the queues they name.
    for kind in reversed(ROUTED):
        for name in routed.remove.get(kind, ()):
            yield Removal(kind, name if kind == "task_channel" else names.ids[kind][name])


def rehearse(current: Current, settings: Mapping[str, Any], commands: Sequence[Command]) -> None:
    """Run the commands on a copy of the present configuration; raises what the router would refuse."""
    if not commands:
        return
    state, router = new_state(current.workspace_id), current.router
    items: list[Item] = [*router.activities.values(), *router.task_channels.values(), *router.queues.values()]
    items += router.workflows.values()
    step(state, Configure(put=tuple(items), settings=Settings(**settings) if settings else None), 1)
    for worker in router.workers.values():
        step(
            state,
            PutWorker(worker.id, worker.name, worker.attributes, worker.channels, worker.activity_id, worker.firm_ids),
            1,
        )
    for command in commands:
        step(state, command, 1)
