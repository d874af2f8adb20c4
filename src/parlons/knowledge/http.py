"""Articles over the API: readers search and open what is published, authors write it.

Reading is for everybody signed in, within his firms; drafts and figures for who sees the floor; writing for who steers, as
with ready replies; opening a help centre to the public for administrators.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from parlons.accounts.http import Administrator, Agent, Body, Observer, Supervisor, database, now
from parlons.accounts.model import Principal
from parlons.accounts.queries import firms_of
from parlons.kit.languages import LANGUAGES
from parlons.kit.pages import DEFAULT_LIMIT, LARGEST_LIMIT
from parlons.knowledge import categories, commands, queries, reading
from parlons.knowledge.markup import MAX_HTML
from parlons.knowledge.meaning import Meaning
from parlons.knowledge.model import MAX_SUMMARY, MAX_TITLE, Act, Audience, State, Text, UnknownArticle, check_language
from parlons.knowledge.searching import MOST, Place, search
from parlons.knowledge.words import MAX_QUERY

Json = dict[str, Any]
SHORT = 3
"""Characters of a search that mean nothing yet."""
_NAME = "^[A-Za-z0-9]+$"
"""What an id is made of: PostgreSQL's texts hold no NUL."""
Id = Annotated[str, Query(max_length=64, pattern=_NAME)]
Named = Annotated[str, Path(max_length=64, pattern=_NAME)]
router = APIRouter(tags=["knowledge"])


class ArticleText(Body):
    title: str = Field(max_length=4 * MAX_TITLE)
    summary: str = Field(default="", max_length=4 * MAX_SUMMARY)
    html: str = Field(default="", max_length=2 * MAX_HTML)
    audience: Audience = "internal"
    category_id: str | None = Field(default=None, max_length=64, pattern=_NAME)
    slug: str = Field(default="", max_length=100)
    """Its address; empty: made of the title."""

    def text(self) -> Text:
        """As the room takes it."""
        return Text(self.title, self.summary, self.html)


class NewArticle(ArticleText):
    firm_id: str = Field(max_length=64, pattern=_NAME)
    language: str = Field(max_length=10)
    translates: str | None = Field(default=None, max_length=64, pattern=_NAME)
    """The article that this one says in another language."""


class ArticleChange(ArticleText):
    version: int
    """The version this was written over; a newer one is refused."""


class ArticleAct(Body):
    act: Act
    version: int


class PutBack(Body):
    number: int
    """Of the published version that becomes the draft."""
    version: int


class Section(Body):
    names: dict[str, str] = Field(max_length=8)
    """By language."""
    position: int = Field(default=0, ge=0, le=10_000)
    firm_id: str = Field(max_length=64, pattern=_NAME)


class Centre(Body):
    open: bool
    slug: str = Field(default="", max_length=100)
    """Its address below `/help/`; empty: made of the firm's name."""
    version: int | None = None
    """The version before the caller; null: there was none."""


@router.get("/articles")
async def list_articles(
    request: Request,
    principal: Observer,
    state: State | None = None,
    language: Annotated[str | None, Query(max_length=10, pattern=_NAME)] = None,
    audience: Audience | None = None,
    firm_id: Id | None = None,
    category_id: Id | None = None,
    q: Annotated[str, Query(max_length=MAX_QUERY)] = "",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> Json:
    """The articles of the caller's firms in whatever state, the newest first, without their texts. `q`: words of the title."""
    equal = {"state": state, "language": language, "audience": audience, "firm_id": firm_id, "category_id": category_id}
    async with database(request).transaction(principal.tenant_id) as tx:
        return await queries.listing(tx, principal, dict(equal), q, cursor=cursor, limit=limit)


@router.get("/articles/search")
async def search_articles(
    request: Request,
    principal: Agent,
    q: Annotated[str, Query(max_length=MAX_QUERY)],
    language: Annotated[str, Query(max_length=10)] = LANGUAGES[0],
    firm_id: Id | None = None,
    audience: Audience | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 10,
    final: bool = False,
) -> Json:
    """Published articles for these words, the best first, with a stretch of each that says why; `corrected`: what was searched
    instead of what was typed. `final`: nobody is typing any more, so a search in one firm that found nothing is counted."""
    check_language(language)
    meaning: Meaning = request.app.state.meaning
    vector = await meaning.of(q) if final or len(q) > SHORT else None
    async with database(request).transaction(principal.tenant_id) as tx:
        firm_ids = await _firm_ids(tx, principal, firm_id)
        place = Place(firm_ids, language, [audience] if audience else ["internal", "public"])
        found = await search(tx, place, q, limit=limit, near=await meaning.near(tx, place, vector))
        if final and not found.items and len(firm_ids) == 1:
            await reading.sought_in_vain(tx, firm_ids[0], language, audience or "internal", q)
    return {"items": found.items, "next": None, "corrected": found.corrected}


@router.get("/articles/figures")
async def article_figures(request: Request, principal: Observer) -> Json:
    """Of the last 30 days: views and ratings by article, and the searches that found nothing, the most frequent first."""
    firm_ids = None if principal.firm_ids is None else sorted(principal.firm_ids)
    async with database(request).transaction(principal.tenant_id) as tx:
        return await reading.figures(tx, firm_ids, now(request))


@router.post("/articles", status_code=201)
async def create_article(body: NewArticle, request: Request, principal: Supervisor) -> Json:
    """Write an article; it is a draft until it is published."""
    async with database(request).transaction(principal.tenant_id) as tx:
        made = await commands.write(
            tx,
            principal,
            body.text(),
            firm_id=body.firm_id,
            language=body.language,
            audience=body.audience,
            category_id=body.category_id,
            slug=body.slug,
            translates=body.translates,
        )
        return await queries.article(tx, principal, made.id)


@router.get("/articles/{article_id}")
async def get_article(article_id: Named, request: Request, principal: Observer) -> Json:
    """An article as its authors see it, and in which languages else it is written."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await queries.article(tx, principal, article_id)


@router.get("/articles/{article_id}/page")
async def read_article(article_id: Named, request: Request, principal: Agent) -> Json:
    """The published text of an article, as readers see it."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await queries.page(tx, queries.by_id(article_id))
        if not principal.sees(found["firm_id"]):
            raise UnknownArticle
        return found


@router.put("/articles/{article_id}")
async def change_article(article_id: Named, body: ArticleChange, request: Request, principal: Supervisor) -> Json:
    """Rewrite the draft; what is published stays until this is."""
    async with database(request).transaction(principal.tenant_id) as tx:
        made = await commands.rewrite(
            tx,
            principal,
            article_id,
            body.text(),
            version=body.version,
            audience=body.audience,
            category_id=body.category_id,
            slug=body.slug,
        )
        return await queries.article(tx, principal, made.id)


@router.post("/articles/{article_id}/act")
async def act_on_article(article_id: Named, body: ArticleAct, request: Request, principal: Supervisor) -> Json:
    """Submit it for review, send it back, publish it, archive it, or reopen an archived one."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await commands.move(tx, principal, article_id, body.act, version=body.version)
        return await queries.article(tx, principal, article_id)


@router.get("/articles/{article_id}/versions")
async def article_versions(article_id: Named, request: Request, principal: Observer) -> Json:
    """Every published version with its author and text, newest first."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": await queries.history(tx, principal, article_id), "next": None}


@router.post("/articles/{article_id}/restore")
async def restore_article(article_id: Named, body: PutBack, request: Request, principal: Supervisor) -> Json:
    """Make an earlier version the draft again."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await commands.restore(tx, principal, article_id, body.number, version=body.version)
        return await queries.article(tx, principal, article_id)


@router.get("/articles/{article_id}/comments")
async def article_comments(article_id: Named, request: Request, principal: Observer) -> Json:
    """What readers wrote when they rated it, the latest first."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await queries.article(tx, principal, article_id)
        return {"items": await reading.comments(tx, article_id), "next": None}


@router.get("/article-sections")
async def list_sections(request: Request, principal: Agent) -> Json:
    """The sections of articles of the caller's firms, in their order."""
    firm_ids = None if principal.firm_ids is None else sorted(principal.firm_ids)
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": await categories.categories_of(tx, firm_ids), "next": None}


@router.post("/article-sections", status_code=201)
async def create_section(body: Section, request: Request, principal: Supervisor) -> Json:
    """A new section of a firm's articles."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await categories.put_category(
            tx, principal, firm_id=body.firm_id, names=body.names, position=body.position
        )


@router.put("/article-sections/{section_id}")
async def change_section(section_id: Named, body: Section, request: Request, principal: Supervisor) -> Json:
    """Rename a section, or put it elsewhere in the order."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await categories.put_category(
            tx, principal, firm_id=body.firm_id, names=body.names, position=body.position, category_id=section_id
        )


@router.delete("/article-sections/{section_id}", status_code=204)
async def remove_section(section_id: Named, request: Request, principal: Supervisor) -> None:
    """Show it no more; its articles stand without a section."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await categories.remove_category(tx, principal, section_id)


@router.get("/help-centres")
async def list_help_centres(request: Request, principal: Agent) -> Json:
    """The help centres of the caller's firms: their address below `/help/`, and whether they are open."""
    firm_ids = None if principal.firm_ids is None else sorted(principal.firm_ids)
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": await categories.centres_of(tx, firm_ids), "next": None}


@router.put("/help-centres/{firm_id}")
async def set_help_centre(firm_id: Named, body: Centre, request: Request, principal: Administrator) -> Json:
    """Open a firm's help centre to the public under an address, or close it."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await categories.set_centre(
            tx, principal, firm_id, is_open=body.open, slug=body.slug, version=body.version
        )


async def _firm_ids(tx: Any, principal: Principal, firm_id: str | None) -> list[str]:
    if firm_id is not None:
        principal.check_firm(firm_id)
        return [firm_id]
    if principal.firm_ids is not None:
        return sorted(principal.firm_ids)
    return [firm["id"] for firm in await firms_of(tx, principal, limit=None)]
