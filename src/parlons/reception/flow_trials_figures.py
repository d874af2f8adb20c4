"""What a trial shows: on each side the shares of how contacts ended, with intervals, and how long they took; and whether the
two sides differ by more than chance.

A share's interval is Wilson's score interval (E. B. Wilson, 1927, J. Am. Stat. Assoc. 22, 209-212), that of the difference of two
shares Newcombe's hybrid score interval built from the two (R. G. Newcombe, 1998, Statistics in Medicine 17, 873-890, method 10),
both at 95 %. A difference is told from chance when its interval does not hold zero; with four shares looked at often, one in
some twenty of two equal sides looks different by chance.
"""

from collections.abc import Mapping
from math import sqrt
from typing import Any

import sqlalchemy as sa

from parlons.reception.flow_trials import Side, Trial
from parlons.reception.flow_trials_outcomes import OUTCOMES
from parlons.reception.store import flow_trial_contacts
from parlons.runtime.db import Tx

Json = dict[str, Any]
Z95 = 1.959963984540054
"""Of the standard normal distribution, 95 % lie within so many deviations."""
SIDES: tuple[Side, ...] = ("base", "trial")


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share; (0, 1) where nothing was counted."""
    if of == 0:
        return 0.0, 1.0
    share, z2 = count / of, Z95 * Z95
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    # At the ends the formula gives exactly 0 and 1; floating point does not.
    return (0.0 if count == 0 else centre - half), (1.0 if count == of else centre + half)


def newcombe(count: int, of: int, other: int, of_other: int) -> tuple[float, float]:
    """The 95 % interval of the first share less the other."""
    if of == 0 or of_other == 0:
        return -1.0, 1.0
    (low, high), (other_low, other_high) = wilson(count, of), wilson(other, of_other)
    share, other_share = count / of, other / of_other
    difference = share - other_share
    below = sqrt((share - low) ** 2 + (other_high - other_share) ** 2)
    above = sqrt((high - share) ** 2 + (other_share - other_low) ** 2)
    return difference - below, difference + above


async def figures(tx: Tx, trial: Trial) -> Json:
    """Both sides as they stand, and the differences, trial less base."""
    return both_sides(trial, await _counted(tx, trial.id))


def both_sides(trial: Trial, found: Mapping[str, Json]) -> Json:
    """The same of what was counted by side: `begun`, a number for each outcome, `seconds` as median and 90th percentile."""
    sides = {side: _side(trial, side, found.get(side, {})) for side in SIDES}
    base, tried = sides["base"], sides["trial"]
    differences = {}
    for outcome in OUTCOMES:
        one, other = tried["shares"][outcome]["count"], base["shares"][outcome]["count"]
        low, high = newcombe(one, tried["ended"], other, base["ended"])
        there = tried["ended"] > 0 and base["ended"] > 0
        value = one / tried["ended"] - other / base["ended"] if there else None
        differences[outcome] = {"value": value, "low": low, "high": high, "told": low > 0 or high < 0}
    return {"sides": [base, tried], "differences": differences}


def _side(trial: Trial, side: Side, row: Json) -> Json:
    counts = {outcome: int(row.get(outcome, 0)) for outcome in OUTCOMES}
    ended, begun = sum(counts.values()), int(row.get("begun", 0))
    shares = {}
    for outcome, count in counts.items():
        low, high = wilson(count, ended)
        shares[outcome] = {"count": count, "share": count / ended if ended else None, "low": low, "high": high}
    median, p90 = row.get("seconds") or (None, None)
    return {
        "side": side,
        "version": trial.version(side),
        "begun": begun,
        "under_way": begun - ended,
        "ended": ended,
        "median_seconds": median,
        "p90_seconds": p90,
        "shares": shares,
    }


async def _counted(tx: Tx, trial_id: str) -> dict[str, Json]:
    c = flow_trial_contacts.c
    seconds = sa.func.percentile_cont(sa.literal_column("ARRAY[0.5, 0.9]::double precision[]")).within_group(
        sa.extract("epoch", c.ended_at - c.began_at)
    )
    counts = [sa.func.count().filter(c.outcome == outcome).label(outcome) for outcome in OUTCOMES]
    query = sa.select(c.side, sa.func.count().label("begun"), seconds.label("seconds"), *counts)
    rows = await tx.fetch_all(query.where(c.tenant_id == tx.tenant_id, c.trial_id == trial_id).group_by(c.side))
    return {row["side"]: dict(row) for row in rows}
