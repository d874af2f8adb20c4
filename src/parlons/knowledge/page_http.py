"""The public help centre over HTTP: server-rendered pages below `/help/`, without a script; ratings by a plain form.

The tenant is found by the address of an open help centre; all else is read under that tenant's role, and only what is public.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from parlons.accounts.errors import TooManyAttempts
from parlons.accounts.http import base_url
from parlons.accounts.queries import firm_name
from parlons.accounts.throttle import attempt
from parlons.kit.languages import LANGUAGES, nearest
from parlons.knowledge import page, queries, reading
from parlons.knowledge.meaning import Meaning
from parlons.knowledge.model import UnknownArticle
from parlons.knowledge.page import Contacts, Frame, Sheet
from parlons.knowledge.searching import Place, search
from parlons.knowledge.texts import line
from parlons.knowledge.words import MAX_QUERY
from parlons.runtime.db import Database, Tx

PATH = "/help"
PER_MINUTE, RATED_PER_MINUTE = 120, 10
"""Pages looked at, and ratings given, of one address."""
LARGEST = 8_000
OTHERS = "others"
"""What stands in the address of the articles without a section."""
MOST_LISTED = 500
COOKIE = "parlons_reader"
"""Set when somebody rates, so that he counts once."""
HEADERS = {"Content-Security-Policy": page.POLICY, "Cache-Control": "no-cache"}
ContactsOf = Callable[[Tx, str], Awaitable[Contacts]]
Json = dict[str, Any]


def routes() -> list[Route]:
    """The routes; they find `db`, `clock` and `help_contacts` on the application's state."""
    here, article = f"{PATH}/{{slug}}/{{language}}", f"{PATH}/{{slug}}/{{language}}/a/{{article}}"
    return [
        Route("/robots.txt", robots),
        Route(f"{PATH}/{{slug}}", arrive),
        Route(f"{PATH}/{{slug}}/sitemap.xml", sitemap),
        Route(f"{here}/", _page(_home)),
        Route(f"{here}/search", _page(_search, _meant)),
        Route(f"{here}/s/{{section}}", _page(_section)),
        Route(article, _page(_article), methods=["GET"]),
        Route(article, rate, methods=["POST"]),
    ]


async def robots(_: Request) -> Response:
    """Search engines may keep the help centres with their pictures, and nothing else."""
    return PlainTextResponse("User-agent: *\nAllow: /help/\nAllow: /help-files/\nDisallow: /\n")


async def arrive(request: Request) -> Response:
    """To the language the browser asks for."""
    language = nearest(request.headers.get("accept-language"))
    return RedirectResponse(
        f"{PATH}/{request.path_params['slug']}/{language}/", 302, headers={"Vary": "Accept-Language"}
    )


async def sitemap(request: Request) -> Response:
    """Every public page of a help centre."""
    slug = request.path_params["slug"]
    centre = await _centre(request, slug)
    if centre is None:
        return _told(request, "unknown", 404)
    async with _db(request).transaction(centre[0]) as tx:
        rows = await queries.public_pages(tx, centre[1], LANGUAGES)
    paths = [(f"{PATH}/{slug}/{row['language']}/a/{row['slug']}", row["published_at"].isoformat()) for row in rows]
    return Response(page.sitemap(_base(request), paths), media_type="application/xml")


async def rate(request: Request) -> Response:
    """An answer to whether an article helped; then the page anew, so that a reload sends nothing twice."""
    names = request.path_params
    form = parse_qs((await request.body())[:LARGEST].decode("utf-8", "replace"))
    helpful = form.get("helpful", [""])[-1]
    centre = await _centre(request, names["slug"]) if helpful in ("yes", "no") else None
    if centre is None or names["language"] not in LANGUAGES:
        return _told(request, "unknown", 404)
    try:
        attempt(request, "help_rating_throttle", RATED_PER_MINUTE)
    except TooManyAttempts:
        return _told(request, "often", 429)
    visitor = request.cookies.get(COOKIE, "")[:64] or secrets.token_urlsafe(16)
    comment = form.get("comment", [""])[-1]
    try:
        async with _db(request).transaction(centre[0]) as tx:
            found = await queries.page(tx, queries.by_slug(centre[1], names["language"], names["article"]))
            await reading.rate(tx, found["id"], visitor, helpful=helpful == "yes", comment=comment)
    except UnknownArticle:
        return _told(request, "unknown", 404)
    rated = "noted" if "comment" in form else helpful
    answer = RedirectResponse(f"{request.url.path}?rated={rated}#helpful", 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, visitor, max_age=31_536_000, path=PATH, httponly=True, samesite="lax", secure=secure)
    return answer


_Part = Callable[[Tx, Request, str, Frame], Awaitable[tuple[Frame, Sheet]]]


async def _meant(request: Request) -> None:
    """What is searched, as a vector, before a transaction is begun."""
    meaning: Meaning = request.app.state.meaning
    request.state.meant = await meaning.of(_query(request))


async def _nothing(_: Request) -> None:
    return None


def _page(
    part: _Part, before: Callable[[Request], Awaitable[None]] = _nothing
) -> Callable[[Request], Awaitable[Response]]:
    """A page in the frame of its help centre."""

    async def shown(request: Request) -> Response:
        try:
            attempt(request, "help_throttle", PER_MINUTE)
        except TooManyAttempts:
            return _told(request, "often", 429)
        slug, language = request.path_params["slug"], request.path_params["language"]
        centre = await _centre(request, slug) if language in LANGUAGES else None
        if centre is None:
            return _told(request, "unknown", 404)
        contacts: ContactsOf = request.app.state.help_contacts
        await before(request)
        try:
            async with _db(request).transaction(centre[0]) as tx:
                name = await firm_name(tx, centre[1])
                frame = Frame(_base(request), slug, name, language, await contacts(tx, centre[1]))
                frame, sheet = await part(tx, request, centre[1], frame)
        except UnknownArticle:
            return _told(request, "unknown", 404)
        return HTMLResponse(page.whole(frame, sheet), headers=HEADERS)

    return shown


async def _home(tx: Tx, request: Request, firm_id: str, frame: Frame) -> tuple[Frame, Sheet]:
    rows = await queries.first_pages(tx, firm_id, frame.language, page.SHOWN)
    named = {row["id"]: _name(row["names"], frame.language) for row in await queries.sections(tx, firm_id)}
    groups = []
    for section_id, name in [*named.items(), (None, "")]:
        mine = [dict(row) for row in rows if row["category_id"] == section_id]
        if mine:
            other = line("others" if named else "help", frame.language)
            path = frame.path("s", section_id or OTHERS)
            groups.append(page.Group(path, name or other, mine, mine[0]["total"]))
    also = await queries.public_languages(tx, firm_id) | {frame.language}
    frame = _also(frame, {one: f"{PATH}/{frame.slug}/{one}/" for one in LANGUAGES if one in also})
    return frame, page.home(frame, groups)


async def _section(tx: Tx, request: Request, firm_id: str, frame: Frame) -> tuple[Frame, Sheet]:
    wanted = request.path_params["section"]
    named = {row["id"]: _name(row["names"], frame.language) for row in await queries.sections(tx, firm_id)}
    if wanted not in named and wanted != OTHERS:
        raise UnknownArticle
    section_id = wanted if wanted in named else None
    mine = await queries.section_pages(tx, firm_id, frame.language, section_id, MOST_LISTED)
    if not mine:
        raise UnknownArticle
    name = named.get(wanted) or line("others", frame.language)
    return frame, page.section(frame, frame.path("s", wanted), name, [dict(row) for row in mine])


async def _article(tx: Tx, request: Request, firm_id: str, frame: Frame) -> tuple[Frame, Sheet]:
    one = await queries.page(tx, queries.by_slug(firm_id, frame.language, request.path_params["article"]))
    same = await queries.public_pages(tx, firm_id, LANGUAGES, one["topic_id"])
    frame = _also(frame, {row["language"]: f"{PATH}/{frame.slug}/{row['language']}/a/{row['slug']}" for row in same})
    rated = request.query_params.get("rated", "")
    if not rated:
        await reading.viewed(tx, one["id"])
    here = next((row for row in await queries.sections(tx, firm_id) if row["id"] == one["category_id"]), None)
    if here is None:
        return frame, page.article(frame, one, rated=rated)
    name, path = _name(here["names"], frame.language), frame.path("s", here["id"])
    return frame, page.article(frame, one, rated=rated, section_name=name, section_path=path)


async def _search(tx: Tx, request: Request, firm_id: str, frame: Frame) -> tuple[Frame, Sheet]:
    query, place = _query(request), Place([firm_id], frame.language, ["public"])
    meaning: Meaning = request.app.state.meaning
    found = await search(tx, place, query, near=await meaning.near(tx, place, request.state.meant))
    if not found.items:
        await reading.sought_in_vain(tx, firm_id, frame.language, "public", query)
    return frame, page.results(frame, query, found.items, found.corrected)


def _query(request: Request) -> str:
    return " ".join(request.query_params.get("q", "").replace("\x00", "")[:MAX_QUERY].split())


def _also(frame: Frame, alternates: Mapping[str, str]) -> Frame:
    return Frame(frame.base, frame.slug, frame.firm, frame.language, frame.contacts, alternates)


def _name(names: Mapping[str, str], language: str) -> str:
    return names.get(language) or next(iter(names.values()))


async def _centre(request: Request, slug: str) -> tuple[str, str] | None:
    if "\x00" in "".join(map(str, request.path_params.values())):  # PostgreSQL's texts hold none
        return None
    async with _db(request).system() as system:
        return await queries.centre_at(system, slug)


def _told(request: Request, code: str, status: int) -> Response:
    given = request.path_params.get("language", "")
    language = given if given in LANGUAGES else nearest(request.headers.get("accept-language"))
    return HTMLResponse(page.told(language, code), status, headers=HEADERS)


def _base(request: Request) -> str:
    return base_url(request).rstrip("/")


def _db(request: Request) -> Database:
    db: Database = request.app.state.db
    return db
