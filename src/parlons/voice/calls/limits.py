"""May this number be called? Countries, cost of the hour, calls of the agent: against toll fraud. Emergency always may."""

from parlons.kit.phone import country_of
from parlons.voice.calls import queries
from parlons.voice.calls.errors import CallLimit, CostLimit, CountryNotAllowed, InvalidNumber, NoEmergencyRoute, NoRoute
from parlons.voice.calls.floor import Floor
from parlons.voice.calls.numbers import is_emergency
from parlons.voice.calls.settings import Configured

HOUR_MS = 3_600_000


def allowed_country(configured: Configured, number: str) -> bool:
    """Whether calls to this number's country are allowed: those named, else the trunks' own; none where neither says any."""
    allowed = set(configured.limits.allowed_countries) or {row.country for row in configured.trunks if row.country}
    return country_of(number) in allowed


async def ways_out(floor: Floor, number: str, worker_id: str | None) -> tuple[str, ...]:
    """The trunks that may carry this number, dialled by a person now; emergency calls have their own. Raises NoEmergencyRoute,
    NoRoute, and as `check_outgoing`."""
    if is_emergency(number):
        if not (trunks := floor.configured.emergency_trunks()):
            raise NoEmergencyRoute
        return trunks
    if not floor.configured.trunks:
        raise NoRoute
    await check_outgoing(floor, number, worker_id)
    return tuple(row.id for row in floor.configured.trunks)


async def check_machine(floor: Floor, number: str) -> None:
    """May the product dial this number by itself: a flow's, a callback's, an agent's outside number? Callers have a say in
    some of them, so they are never emergency numbers. Raises InvalidNumber, NoRoute, and as `check_outgoing`."""
    if is_emergency(number):
        raise InvalidNumber
    await ways_out(floor, number, None)


async def check_outgoing(floor: Floor, number: str, worker_id: str | None) -> None:
    """Raises CountryNotAllowed, CostLimit or CallLimit. `number`: E.164, or an emergency number as dialled."""
    if is_emergency(number):
        return
    limits = floor.configured.limits
    if not allowed_country(floor.configured, number):
        raise CountryNotAllowed(country=country_of(number))
    if not limits.cost_per_hour and not limits.calls_per_agent_hour:
        return
    async with floor.db.transaction(floor.tenant_id) as tx:
        cost, placed = await queries.spent(tx, floor.workspace_id, floor.now() - HOUR_MS, worker_id)
    if limits.cost_per_hour and cost >= limits.cost_per_hour:
        raise CostLimit
    if limits.calls_per_agent_hour and placed >= limits.calls_per_agent_hour:
        raise CallLimit
