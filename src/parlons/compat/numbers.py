"""Numbers and applications: which address leads the calls of a number.

The numbers are those of the desk, its entry points on the telephone; here a program says which address leads their calls.
Without one the desk's flow leads them, as before.
"""

from dataclasses import dataclass, field

from parlons.compat import led_store
from parlons.compat.led import Hook, Told
from parlons.compat.led_store import Thing
from parlons.runtime.db import Tx

NUMBER, APPLICATION = "PN", "AP"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Who leads calls, and who hears of them."""

    voice: Hook
    told: Told = field(default_factory=Told)


def hook_of(data: dict[str, str]) -> Addresses:
    """The addresses that a number or an application keeps."""
    voice = Hook(
        data.get("voice_url") or "", data.get("voice_method") or "POST", data.get("voice_fallback_url") or "",
        data.get("voice_fallback_method") or "POST",
    )  # fmt: skip
    return Addresses(voice, Told(data.get("status_callback") or "", data.get("status_callback_method") or "POST"))


async def addresses_of(tx: Tx, number: str) -> Addresses | None:
    """Of the calls of a number: its application's, else its own; None: none were given."""
    found = await led_store.things(tx, NUMBER, number)
    if not found:
        return None
    return await _application(tx, found[0]) or hook_of(found[0].data)


async def _application(tx: Tx, number: Thing) -> Addresses | None:
    application_id = number.data.get("voice_application_sid")
    found = await led_store.thing(tx, application_id) if application_id else None
    return None if found is None else hook_of(found.data)
