"""Routes of intents: what the phrases are worth, a sentence tried, and texts that were not understood, learnt from.

Intents themselves stand in the configuration. A text that becomes a phrase goes by its road (`lay_down`): it stands in the
history and can be undone there. The texts are words of customers, so they are for who may see the whole configuration.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from parlons.accounts.http import Administrator, Body, database, now
from parlons.app.configuration.current import Current, read_current
from parlons.app.configuration.laying import check_rights, lay_down
from parlons.app.configuration.refusals import UnknownSetting
from parlons.app.configuration.wanted import etag_of, read_thing
from parlons.intents.matching import MAX_PHRASE
from parlons.intents.misses import LONGEST, drop_miss, list_misses, miss_by_id
from parlons.intents.threshold import Point, Report
from parlons.intents.understanding import Known, Understanding
from parlons.kit.ids import MISS
from parlons.kit.languages import LANGUAGES
from parlons.runtime.asked import row_of
from parlons.runtime.conditional import ChangedMeanwhile

Json = dict[str, Any]
router = APIRouter(prefix="/intents", tags=["intents"])
Name = Annotated[str, Field(max_length=64)]
Id = Annotated[str, Path(max_length=64, pattern="^[A-Za-z0-9]+$")]


class Consequence(BaseModel):
    """What a threshold does; shares of the phrases, each judged by a model that does not know it."""

    at: float
    understood: float
    rejected: float
    """Asked again."""
    wrong: float
    foreign: float
    """Of texts that mean none of the intents: taken for one of them all the same."""


class Cause(BaseModel):
    phrase: str
    near: str
    """The phrase of the other intent that it is nearest to."""


class ConfusedPair(BaseModel):
    intent: str
    taken_for: str
    share: float
    phrases: list[Cause]


class IntentReport(BaseModel):
    """What the phrases are worth, as they are now."""

    words_alone: bool
    """No provider compares meanings."""
    provider: str | None
    phrases: int
    looked_at: int
    """Phrases of intents that have two at least."""
    threshold: float
    """In force."""
    chosen: float
    """By the phrases themselves."""
    fixed: float | None
    now: Consequence | None
    curve: list[Consequence]
    intents: list[str]
    matrix: list[list[int]]
    """Phrases by their intent and what they would be taken for."""
    pairs: list[ConfusedPair]


class Try(Body):
    text: str = Field(min_length=1, max_length=LONGEST)
    among: list[Name] | None = Field(None, max_length=100)
    """Only these intents, as a flow asks for them; null: all."""


class Score(BaseModel):
    intent: str
    score: float


class NearPhrase(BaseModel):
    text: str
    intent: str
    language: str
    near: float


class Tried(BaseModel):
    """What a text would be taken for, and why."""

    intent: str | None
    threshold: float
    language: str | None
    words_alone: bool
    ranking: list[Score]
    nearest: list[NearPhrase]


class Missed(BaseModel):
    """A text that was not understood, or hardly."""

    id: str
    conversation_id: str
    flow_id: str | None
    language: str
    text: str
    intent: str | None
    score: float
    understood: bool
    at: str


class MissedPage(BaseModel):
    items: list[Missed]
    next: str | None


class Learn(Body):
    """The text as a phrase; what is personal in it is taken out by who adds it."""

    intent: Name
    language: Literal["en", "fr"]
    phrase: str = Field(min_length=1, max_length=MAX_PHRASE)


class Learnt(BaseModel):
    intent: str
    phrases: int
    """Of the intent in this language now."""
    revision: str | None
    cleared: int
    """Texts that said the same and left the list."""


@router.get("/report", response_model=IntentReport)
async def read_report(request: Request, principal: Administrator) -> Json:
    """What the phrases are worth: understood, asked again and wrong by threshold, and which intents are taken for each other."""
    check_rights(principal)
    known = await _known(request, principal.tenant_id, principal.workspace_id)
    found: Report = known.report
    embeddings = _understanding(request).embeddings
    return {
        "words_alone": known.words_alone,
        "provider": embeddings.name if embeddings is not None else None,
        "phrases": len(known.matcher.phrases),
        "looked_at": found.phrases,
        "threshold": known.threshold,
        "chosen": found.chosen,
        "fixed": known.state.threshold,
        "now": _consequence(found.point(known.threshold)) if found.curve else None,
        "curve": [_consequence(one) for one in found.curve],
        "intents": list(found.intents),
        "matrix": [list(row) for row in found.matrix],
        "pairs": [
            {
                "intent": pair.intent,
                "taken_for": pair.taken_for,
                "share": pair.share,
                "phrases": [{"phrase": phrase, "near": near} for phrase, near in pair.phrases],
            }
            for pair in found.pairs
        ],
    }


@router.post("/try", response_model=Tried)
async def try_text(body: Try, request: Request, principal: Administrator) -> Json:
    """What a text would be taken for, with the phrases that speak for it; nothing is kept."""
    check_rights(principal)
    understanding = _understanding(request)
    tenant_id, workspace_id = principal.tenant_id, principal.workspace_id
    found = await understanding.understand(tenant_id, workspace_id, body.text, among=body.among, languages=LANGUAGES)
    known = await understanding.known(tenant_id, workspace_id)
    return {
        "intent": found.intent,
        "threshold": found.threshold,
        "language": found.language,
        "words_alone": known.words_alone,
        "ranking": [{"intent": name, "score": score} for name, score in found.match.ranking[:5]],
        "nearest": [
            {"text": one.phrase.text, "intent": one.phrase.intent, "language": one.phrase.language, "near": one.near}
            for one in found.match.nearest
        ],
    }


@router.get("/misses", response_model=MissedPage)
async def read_misses(
    request: Request,
    principal: Administrator,
    before: Annotated[str | None, row_of(MISS)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Json:
    """What contacts wrote that was not understood, or hardly, the newest first; `before`: the `next` of the page before."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        items = await list_misses(tx, principal.workspace_id, before=before, limit=limit)
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


@router.post("/misses/{miss_id}/learn", response_model=Learnt)
async def learn(miss_id: Id, body: Learn, request: Request, principal: Administrator) -> Json:
    """Make a text a phrase of an intent; it leaves the list, with all that say the same."""
    check_rights(principal)
    workspace_id = principal.workspace_id
    async with database(request).transaction(principal.tenant_id) as tx:
        await miss_by_id(tx, workspace_id, miss_id)
        current = await read_current(tx, workspace_id)
    thing = current.things["intent"].get(body.intent)
    if thing is None:
        raise UnknownSetting(kind="intent", name=body.intent)
    phrases = {**thing["phrases"], body.language: [*thing["phrases"].get(body.language, []), body.phrase]}
    wanted = read_thing("intent", body.intent, {"name": body.intent, "phrases": phrases})
    wanted.check = _unchanged(body.intent, etag_of(thing))
    applied = await lay_down(database(request), request.app.state.dispatch, principal, wanted, now=now(request))
    async with database(request).transaction(principal.tenant_id) as tx:
        cleared = await drop_miss(tx, workspace_id, miss_id)
    kept = applied.plan.after["intent"][body.intent]["phrases"][body.language]
    return {"intent": body.intent, "phrases": len(kept), "revision": applied.revision, "cleared": cleared}


@router.delete("/misses/{miss_id}", status_code=204)
async def ignore(miss_id: Id, request: Request, principal: Administrator) -> Response:
    """Nothing is to be learnt from it: it leaves the list, with all that say the same."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        await drop_miss(tx, principal.workspace_id, miss_id)
    return Response(status_code=204)


def _unchanged(name: str, etag: str) -> Any:
    def check(current: Current) -> None:
        there = current.things["intent"].get(name)
        if there is None or etag_of(there) != etag:
            raise ChangedMeanwhile(kind="intent", name=name, etag=None if there is None else etag_of(there))

    return check


def _consequence(point: Point) -> Json:
    return {name: getattr(point, name) for name in ("at", "understood", "rejected", "wrong", "foreign")}


def _understanding(request: Request) -> Understanding:
    found: Understanding = request.app.state.understanding
    return found


async def _known(request: Request, tenant_id: str, workspace_id: str) -> Known:
    return await _understanding(request).known(tenant_id, workspace_id)
