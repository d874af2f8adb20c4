"""What answers come to: satisfied share, net promoter score, mean ease, counts of choices; always with how many answered.

CSAT: share of 4 and 5 of five. NPS: share of 9 and 10 less share of 0 to 6, from -100 to 100 (Reichheld 2003). CES: the mean of
1 to 7. A figure without an answer is None, never 0.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from parlons.accounts.queries import user_names
from parlons.kit.hours import check_zone
from parlons.runtime.db import Tx
from parlons.surveys.store import invitations

Json = dict[str, Any]
By = Literal["survey", "firm", "queue", "user", "channel", "language", "day", "week"]
COLUMNS = {
    "survey": invitations.c.survey_id,
    "firm": invitations.c.firm_id,
    "queue": invitations.c.queue_id,
    "user": invitations.c.user_id,
    "channel": invitations.c.channel,
    "language": invitations.c.language,
}


async def figures(tx: Tx, by: By, where: sa.ColumnElement[bool], *, zone: str = "UTC") -> list[Json]:
    """One line a survey and group: asked in the period, and what of it came back. `zone`: where days and weeks begin."""
    c = invitations.c
    group = COLUMNS[by] if by in COLUMNS else _first_day(by, zone)
    query = sa.select(
        c.survey_id, c.kind, group.label("part"), c.score, sa.func.max(c.survey_name).label("name"),
        sa.func.count().label("asked"), sa.func.count(c.answered_at).label("answered"),
    ).where(c.tenant_id == tx.tenant_id, where).group_by(c.survey_id, c.kind, group, c.score)  # fmt: skip
    found: dict[tuple[str, str, str], Json] = {}
    scores: dict[tuple[str, str, str], dict[int, int]] = defaultdict(dict)
    for row in await tx.fetch_all(query):
        key = (row["survey_id"], row["kind"], row["part"] or "")
        line = found.setdefault(key, {"name": row["name"], "asked": 0, "answered": 0})
        line["name"] = max(line["name"], row["name"])
        line["asked"] += row["asked"]
        line["answered"] += row["answered"]
        if row["score"] is not None:
            scores[key][row["score"]] = row["answered"]
    names = await user_names(tx, [part for *_, part in found if part]) if by == "user" else {}
    labels = await _labels(tx, where) if any(kind == "choice" for _, kind, _ in found) else {}
    return [
        {**_line(by, key, found[key], scores[key]), "name": names.get(key[2]), "labels": labels.get(key[0], [])}
        for key in sorted(found)
    ]


def _first_day(by: By, zone: str) -> sa.ColumnElement[str]:
    """The day, or the Monday, on which it was asked there."""
    there = sa.func.timezone(sa.literal_column(f"'{check_zone(zone)}'"), invitations.c.asked_at)
    return sa.func.to_char(sa.func.date_trunc(sa.literal_column(f"'{by}'"), there), sa.literal_column("'YYYY-MM-DD'"))


async def _labels(tx: Tx, where: sa.ColumnElement[bool]) -> dict[str, list[Json]]:
    """The words of each choice, as they were put last, by survey and language."""
    c = invitations.c
    query = sa.select(c.survey_id, c.words["choices"].label("choices")).ext(distinct_on(c.survey_id))
    query = query.where(c.tenant_id == tx.tenant_id, where, c.kind == "choice").order_by(c.survey_id, c.asked_at.desc())
    return {row["survey_id"]: row["choices"] for row in await tx.fetch_all(query)}


def _line(by: By, key: tuple[str, str, str], line: Json, scores: Mapping[int, int]) -> Json:
    survey_id, kind, part = key
    return {
        "survey_id": survey_id,
        "survey": line["name"],
        "kind": kind,
        "by": by,
        "part": part or None,
        "asked": line["asked"],
        "answered": line["answered"],
        "csat_percent": csat(scores) if kind == "csat" else None,
        "nps": nps(scores) if kind == "nps" else None,
        "nps_parts": nps_parts(scores) if kind == "nps" else None,
        "ces": mean(scores) if kind == "ces" else None,
        "scores": {str(score): count for score, count in sorted(scores.items())},
    }


def csat(scores: Mapping[int, int]) -> float | None:
    """Per cent of answers that are 4 or 5."""
    n = sum(scores.values())
    return round(100 * sum(count for score, count in scores.items() if score >= 4) / n, 1) if n else None


def nps(scores: Mapping[int, int]) -> float | None:
    """Promoters less detractors, in per cent of answers."""
    parts, n = nps_parts(scores), sum(scores.values())
    return round(100 * (parts["promoters"] - parts["detractors"]) / n, 1) if n else None


def nps_parts(scores: Mapping[int, int]) -> dict[str, int]:
    """How many answered 9 or 10, 7 or 8, and less."""
    good = sum(count for score, count in scores.items() if score >= 9)
    bad = sum(count for score, count in scores.items() if score <= 6)
    return {"promoters": good, "passives": sum(scores.values()) - good - bad, "detractors": bad}


def mean(scores: Mapping[int, int]) -> float | None:
    """The mean answer."""
    n = sum(scores.values())
    return round(sum(score * count for score, count in scores.items()) / n, 2) if n else None
