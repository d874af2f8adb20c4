"""How firms take appointments in the file's words, and laid down in their room."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from parlons.app.configuration import forms
from parlons.appointments import model as limits
from parlons.appointments.model import Settings
from parlons.appointments.offering import all_settings, put_settings
from parlons.kit.hours import check_zone
from parlons.runtime.db import Tx

if TYPE_CHECKING:  # both read current, which reads these settings
    from parlons.app.configuration.plan import Plan
    from parlons.app.configuration.router import Names

Thing = dict[str, Any]


class AppointmentsPart(BaseModel):
    """How a firm takes appointments."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    active: bool = True
    """False: none are taken any more; what is booked stands."""
    hours: Annotated[str, Field(max_length=200, json_schema_extra={"refers": "hours"})] | None = None
    """None: the firm's usual ones."""
    zone: Annotated[str, forms.checked(check_zone)] = "Europe/Paris"
    """For a firm without hours."""
    length_minutes: Annotated[int, Field(ge=5, le=limits.LONGEST_MINUTES)] = 30
    capacity: Annotated[int, Field(ge=1, le=limits.MOST_CAPACITY)] = 1
    lead_minutes: Annotated[int, Field(ge=0, le=90 * 24 * 60)] = 120
    horizon_days: Annotated[int, Field(ge=1, le=limits.FARTHEST_DAYS)] = 30
    most_to_come: Annotated[int, Field(ge=1, le=20)] = 3
    reminders: Annotated[
        list[Annotated[int, Field(ge=5, le=limits.FARTHEST_REMINDER)]],
        Field(max_length=limits.MAX_REMINDERS),
        AfterValidator(forms.falling),
    ] = [24 * 60]
    """Minutes before."""
    lookup_url: Annotated[str, Field(max_length=limits.MAX_URL, pattern="^(https?://.*)?$")] = ""
    """The firm's own calendar tells what is free; empty: the hours do."""


async def read_appointments(tx: Tx, hours: Mapping[str, str]) -> dict[str, Thing]:
    """By firm's id, of those that take them."""
    found = {}
    for kept in await all_settings(tx, None):
        thing = {name: value for name, value in kept.items() if name not in ("firm_id", "version", "hours_id")}
        found[str(kept["firm_id"])] = {**thing, "hours": hours.get(kept["hours_id"] or "")}
    return found


async def write_appointments(tx: Tx, workspace_id: str, plan: "Plan", names: "Names") -> None:
    """Lays down those of a plan that are new or other, or no more."""
    for change in plan.of("firm", "add", "change", "remove"):
        wanted = change.after["appointments"] if change.act != "remove" else None
        if wanted != (change.before or {}).get("appointments"):
            settings = _settings(change.name, wanted, names) if wanted is not None else None
            await put_settings(tx, workspace_id, names.ids["firm"][change.name], settings)


def _settings(firm: str, thing: Thing, names: "Names") -> Settings:
    own = {name: value for name, value in thing.items() if name != "hours"}
    hours = thing["hours"]
    hours_id = None if hours is None else names.ids["hours"][f"{firm} / {hours}"]
    return Settings(**{**own, "hours_id": hours_id, "reminders": tuple(thing["reminders"])})
