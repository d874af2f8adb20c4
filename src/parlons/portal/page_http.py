"""A customer's page over HTTP: GET shows it, POST does one thing and shows it anew. Who has the link is taken for him.

The link is looked up before all else; one that is over, guessed or of somebody erased gets a page that says so, and nothing
of anybody. What a form brings is read up to a bound, and acted on with its nonce (`acts`).
"""

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from parlons.accounts.errors import TooManyAttempts
from parlons.accounts.throttle import attempt
from parlons.appointments import offering
from parlons.appointments.model import UnknownAppointment
from parlons.appointments.slots import Slot
from parlons.customers.model import Customer
from parlons.kit.errors import Refusal
from parlons.kit.languages import nearest
from parlons.kit.when import beginning, local
from parlons.portal import acts, links, texts
from parlons.portal.acts import ACTS, Doing
from parlons.portal.links import PATH, Link
from parlons.portal.page import HEADERS, MAX_MESSAGE, Sheet, two_languages
from parlons.portal.showing import Shown, shown
from parlons.runtime.db import Database, Tx
from parlons.runtime.http import Idempotency, KeyReused
from parlons.runtime.safe_http import SafeHttp
from parlons.runtime.signed_ids import SignedLinks

PER_MINUTE, ACTS_PER_MINUTE, GUESSES_PER_MINUTE = 120, 30, 20
"""Pages of one address; acts by one link; links that are none, of one address."""
LARGEST = 40_000
DAYS_SHOWN = 4
Form = Mapping[str, str]


class _Over(Exception):
    """The page instead of his; a status and a code of `two_languages`."""

    def __init__(self, status: int, code: str) -> None:
        self.answer = _html(two_languages(code), status)


def routes() -> list[Route]:
    """The routes; they find `db`, `clock`, `page_links`, `handler`, `outside` and `letters` on the application's state."""
    here = f"{PATH}{{token}}"
    return [
        Route(here, show, methods=["GET"]),
        Route(f"{here}/book", choose, methods=["GET"]),
        Route(f"{here}/move/{{appointment}}", choose, methods=["GET"]),
        Route(f"{here}/{{act}}", do, methods=["POST"]),
    ]


async def show(request: Request) -> Response:
    """His page; `said` names what was done last."""
    try:
        link_id, tenant_id = await _named(request)
        async with _db(request).transaction(tenant_id) as tx:
            link, customer = await _opened(request, tx, link_id)
            of = await _shown(request, tx, link, customer)
    except _Over as over:
        return over.answer
    said = f"said-{request.query_params.get('said', '')}"
    notice = texts.line(said, of.language) if said in texts.SAID else ""
    return _html(Sheet(_home(request), of, notice).main())


async def choose(request: Request) -> Response:
    """The free times, from a day on."""
    try:
        link_id, tenant_id = await _named(request)
        async with _db(request).transaction(tenant_id) as tx:
            link, customer = await _opened(request, tx, link_id)
        try:
            return await _choose(request, tenant_id, link_id, link.firm_id)
        except Refusal as refusal:
            async with _db(request).transaction(tenant_id) as tx:
                of = await _shown(request, tx, link, customer)
            return _html(Sheet(_home(request), of, "", texts.fault(refusal.code, of.language)).main(), refusal.status)
    except _Over as over:
        return over.answer


async def do(request: Request) -> Response:
    """One act; then the page anew, so that a reload does nothing twice."""
    name = request.path_params["act"]
    body = (await request.body())[:LARGEST].decode("utf-8", "replace").replace("\x00", "")
    form = {key: values[-1] for key, values in parse_qs(body, keep_blank_values=True).items()}
    try:
        link_id, tenant_id = await _named(request)
        if name not in ACTS:
            raise _Over(404, "over")
        try:
            attempt(request, "portal_acts", ACTS_PER_MINUTE, by=link_id)
        except TooManyAttempts:
            raise _Over(429, "often") from None
        try:
            await _do(request, tenant_id, link_id, name, form)
        except KeyReused:
            pass  # another form with this nonce was sent before: what it asked for is done
        except Refusal as refusal:
            return await _refused(request, tenant_id, link_id, refusal, form)
    except _Over as over:
        return over.answer
    return RedirectResponse(f"{_home(request)}?said={name}", 303, headers=HEADERS)


async def _do(request: Request, tenant_id: str, link_id: str, name: str, form: Form) -> None:
    told = None
    if name in ("book", "move"):
        async with _db(request).transaction(tenant_id) as tx:
            link, _ = await _opened(request, tx, link_id)
        at = acts.at_of(form)
        told = await offering.looked_up(_db(request), _outside(request), tenant_id, link.firm_id, at, at + 1)
    once = Idempotency(form.get("nonce", "")[:64] or None, f"POST {PATH}{name}", "")
    async with _db(request).transaction(tenant_id) as tx:
        link, customer = await _opened(request, tx, link_id)
        if await once.begin(tx, link_id) is not None:
            return
        await acts.act(Doing(tx, request.app.state.handler, link, customer, told), name, form)
        await once.finish(tx, link_id, 303, b"")


async def _refused(request: Request, tenant_id: str, link_id: str, refusal: Refusal, form: Form) -> Response:
    async with _db(request).transaction(tenant_id) as tx:
        link, customer = await _opened(request, tx, link_id)
        of = await _shown(request, tx, link, customer)
    draft = form.get("text", "")[:MAX_MESSAGE]
    page = Sheet(_home(request), of, "", texts.fault(refusal.code, of.language)).main(draft)
    return _html(page, refusal.status)


async def _choose(request: Request, tenant_id: str, link_id: str, firm_id: str) -> Response:
    now: int = request.app.state.clock()
    last = now + offering.MOST_DAYS * 86_400_000
    told = await offering.looked_up(_db(request), _outside(request), tenant_id, firm_id, now, last)
    async with _db(request).transaction(tenant_id) as tx:
        link, customer = await _opened(request, tx, link_id)
        of = await _shown(request, tx, link, customer)
        wanted = request.path_params.get("appointment")
        moved = next((one for one in of.coming if one.id == wanted), None) if wanted else None
        if wanted and moved is None:
            raise UnknownAppointment
        first = _day_of(request.query_params.get("from", ""), of.zone, now)
        besides = moved.id if moved is not None else None
        _, _, slots = await offering.offered(tx, firm_id, first=first, last=last, told=told, lead=True, besides=besides)
    slots = [one for one in slots if moved is None or one.starts_at != moved.starts_at]
    days = _by_day(slots, of.zone)
    later = local(days[DAYS_SHOWN][0], of.zone).date().isoformat() if len(days) > DAYS_SHOWN else ""
    earlier = local(now, of.zone).date().isoformat() if first > now else ""
    page = Sheet(_home(request), of).choose(days[:DAYS_SHOWN], moved=moved, earlier=earlier, later=later)
    return _html(page)


def _by_day(slots: list[Slot], zone: str) -> list[tuple[int, list[Slot]]]:
    found = groupby(slots, lambda one: local(one.starts_at, zone).date())
    days = [list(each) for _, each in found]
    return [(each[0].starts_at, each) for each in days]


def _day_of(text: str, zone: str, now: int) -> int:
    """Where the day begins that was asked for; what cannot be is now."""
    try:
        return max(now, beginning(date.fromisoformat(text), zone))
    except (ValueError, OverflowError):
        return now


async def _named(request: Request) -> tuple[str, str]:
    """The link's id and its tenant; raises _Over."""
    try:
        attempt(request, "portal_throttle", PER_MINUTE)
    except TooManyAttempts:
        raise _Over(429, "often") from None
    known: SignedLinks = request.app.state.page_links
    link_id = known.ids.id_of(request.path_params["token"][:60])
    tenant_id = None
    if link_id is not None:
        async with _db(request).system() as system:
            tenant_id = await links.tenant_of(system, link_id)
    if link_id is None or tenant_id is None:
        try:
            attempt(request, "portal_guesses", GUESSES_PER_MINUTE)
        except TooManyAttempts:
            raise _Over(429, "often") from None
        raise _Over(404, "over")
    return link_id, tenant_id


async def _opened(request: Request, tx: Tx, link_id: str) -> tuple[Link, Customer]:
    found = await links.opened(tx, link_id)
    if found is None:
        raise _Over(410, "over")
    return found


async def _shown(request: Request, tx: Tx, link: Link, customer: Customer) -> Shown:
    language = nearest(customer.language or request.headers.get("accept-language"))
    return await shown(tx, request.app.state.letters, link, customer, language)


def _home(request: Request) -> str:
    """The path of the link; the token holds letters and digits only, once it was read."""
    return f"{PATH}{request.path_params['token']}"


def _html(page: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(page, status, headers=HEADERS)


def _db(request: Request) -> Database:
    db: Database = request.app.state.db
    return db


def _outside(request: Request) -> SafeHttp:
    http: SafeHttp = request.app.state.outside
    return http
