"""The telephone's part of a plan, laid down: trunks, limits, the voice part of queues, desk phones, where agents are rung."""

from collections.abc import Mapping

import msgspec

from parlons.app.configuration.check import Thing
from parlons.app.configuration.plan import Plan
from parlons.app.configuration.router import Names
from parlons.runtime.db import Tx
from parlons.voice.calls import settings
from parlons.voice.calls.settings import ContactAddress, Limits, QueueVoice


async def write_voice(
    tx: Tx,
    workspace_id: str,
    plan: Plan,
    names: Names,
    secrets: Mapping[str, str],
    fresh_calls: Thing,
    fresh_voice: Thing,
) -> None:
    """Lays the telephone's part of a plan down. `secrets`: by `trunk NAME` and `phone EMAIL`; then the plain parts."""
    told = False
    for change in plan.of("trunk", "add", "change"):
        thing = {name: value for name, value in change.after.items() if name not in ("name", "password", "registers")}
        data = {**thing, "register": change.after["registers"]}
        trunk_id = names.ids["trunk"][change.name]
        await settings.put_trunk(tx, trunk_id, change.name, data, password=secrets.get(f"trunk {change.name}"))
        told = True
    for change in plan.of("workspace", "add", "change"):
        if change.after["calls"] != change.before.get("calls", fresh_calls):
            await settings.put_limits(tx, workspace_id, msgspec.convert(change.after["calls"], Limits))
            told = True
    for change in plan.of("queue", "add", "change"):
        if change.after["voice"] != change.before.get("voice", fresh_voice):
            queue_id = names.ids["queue"][change.name]
            await settings.put_queue_voice(tx, queue_id, msgspec.convert(change.after["voice"], QueueVoice))
            told = True
    told = await _write_people(tx, workspace_id, plan, names, secrets) or told
    gone = [names.ids["trunk"][change.name] for change in plan.of("trunk", "remove")]
    await settings.remove_trunks(tx, gone)
    await settings.remove_queue_voices(tx, [names.ids["queue"][change.name] for change in plan.of("queue", "remove")])
    if told or gone:
        settings.tell_configured(tx, workspace_id)


async def _write_people(tx: Tx, workspace_id: str, plan: Plan, names: Names, secrets: Mapping[str, str]) -> bool:
    told = False
    for change in plan.of("user", "add", "change"):
        user_id = names.ids["user"][change.name]
        phone, rings = change.after["phone"], change.after["rings"]
        if phone != change.before.get("phone"):
            if phone is None:
                await settings.remove_phones(tx, [user_id])
            else:
                await settings.put_phone(tx, user_id, phone["username"], secrets.get(f"phone {change.name}"))
            told = True
        if rings != change.before.get("rings", []):
            chosen = [ContactAddress(one["kind"], one["number"], one["seconds"]) for one in rings]
            await settings.put_contact_addresses(tx, workspace_id, user_id, chosen)
            told = True
    gone = [names.ids["user"][change.name] for change in plan.of("user", "remove")]
    await settings.remove_phones(tx, gone)
    return told
