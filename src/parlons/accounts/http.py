"""Signing in and out, the caller's own account, and `require`: the dependency by which every route says who may call it.

    @router.get("/tasks")
    async def tasks(principal: Annotated[Principal, Depends(require(Role.AGENT))]): ...

The tenant is checked here and in `Database.transaction(principal.tenant_id)`, nowhere else.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from parlons.accounts import commands, framing, queries, schemas, sessions
from parlons.accounts.model import Principal, Role
from parlons.accounts.pace import Pace
from parlons.accounts.rights import Right
from parlons.accounts.throttle import Throttle
from parlons.kit.clock import Millis
from parlons.kit.errors import Forbidden
from parlons.runtime.db import Database

Json = dict[str, Any]
_QUARTER = 15 * 60 * 1000
PER_ACCOUNT, PER_ADDRESS = 10, 60
"""Attempts to sign in within a quarter of an hour. Offices share one address, so there the good ones do not count."""


def require(role: str = Role.AGENT) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency that yields the caller when he has at least `role` (and, for a key, the scope the method needs)."""
    least = Role(role)

    async def principal(request: Request) -> Principal:
        found = await caller(request)
        if not found.may_call(least, request.method):
            raise found.without_role(least, lambda one: one.may_call(least, request.method))
        return found

    return principal


def having(right: Right) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency that yields the caller when he has this right (and, for a key, the scope the method needs)."""

    async def principal(request: Request) -> Principal:
        found = await caller(request)
        if not found.may_do(right, request.method):
            raise found.without_right(right, lambda one: one.may_do(right, request.method))
        return found

    return principal


async def caller(request: Request) -> Principal:
    """Who calls, found once for each request."""
    found: Principal | None = getattr(request.state, "principal", None)
    if found is None:
        found = await sessions.principal_of(request, database(request), now(request))
        request.state.principal = found
        keep_pace(request, found)
    return found


def keep_pace(request: Request, principal: Principal) -> None:
    """Counts the request of a key; the answer says what is left, whatever it is. Raises TooFast."""
    state = request.app.state
    if principal.per_minute is None:
        return
    if not hasattr(state, "pace"):
        state.pace = Pace()
    left, refusal = state.pace.take(principal.actor, principal.per_minute, now(request))
    request.state.headers = left.headers()
    if refusal is not None:
        raise refusal


def database(request: Request) -> Database:
    """The process's database."""
    db: Database = request.app.state.db
    return db


def now(request: Request) -> Millis:
    """The present time by the process's clock."""
    at: Millis = request.app.state.clock()
    return at


def base_url(request: Request) -> str:
    """The address people use, for links: the configured one, else the one this call came to."""
    settings = getattr(request.app.state, "settings", None)
    return getattr(settings, "public_url", None) or str(request.base_url)


Agent = Annotated[Principal, Depends(require(Role.AGENT))]
Supervisor = Annotated[Principal, Depends(require(Role.SUPERVISOR))]
Administrator = Annotated[Principal, Depends(require(Role.ADMINISTRATOR))]
Somebody = Annotated[Principal, Depends(caller)]
"""Whoever is signed in: for what concerns himself only."""
Coach = Annotated[Principal, Depends(having(Right.COACH))]
Observer = Annotated[Principal, Depends(having(Right.FIGURES))]
"""Who sees the floor and its figures."""
Planner = Annotated[Principal, Depends(having(Right.PLAN))]
PeopleKeeper = Annotated[Principal, Depends(having(Right.PEOPLE))]
KeyKeeper = Annotated[Principal, Depends(having(Right.KEYS))]
Auditor = Annotated[Principal, Depends(having(Right.AUDIT))]
Actor = Annotated[str | None, Query(pattern="^([A-Z]{2}[0-9A-Za-z]{1,62}|system)$")]
"""As a filter: who did it (`Principal.actor`)."""


class Body(BaseModel):
    """A request body: unknown fields are refused, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid")


def page(items: list[Json], limit: int) -> Json:
    """A page of a list; `next` is the cursor of the one after it, or null."""
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


class SignIn(Body):
    email: str = Field(max_length=256)
    password: str = Field(max_length=1024)
    framed: bool = False
    """The desk stands in a frame of another site: the session is one for that place alone."""


class LinkSignIn(Body):
    token: str = Field(max_length=256)
    framed: bool = False


class MeChange(Body):
    name: str | None = None
    locale: Literal["en", "fr"] | None = None
    theme: Literal["light", "dark", "auto"] | None = None
    contrast: Literal["usual", "more"] | None = None
    density: Literal["comfortable", "compact"] | None = None
    sound: bool | None = None
    sounds: schemas.Sounds | None = None
    quiet: schemas.Quiet | None = None
    notifications: bool | None = None
    keymap: dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=32)]] | None = Field(
        default=None, max_length=100
    )


class PasswordChange(Body):
    password: str
    current: str | None = None


router = APIRouter(tags=["accounts"])


@router.post("/session", response_model=schemas.Me)
async def sign_in(body: SignIn, request: Request, response: Response) -> Json:
    """Open a session by e-mail address and password."""
    at, account = now(request), f"account:{sessions.normal_email(body.email)}"
    addresses = _attempts(request, "addresses", PER_ADDRESS)
    addresses.attempt(_address(request), at)
    accounts = _attempts(request, "accounts", PER_ACCOUNT)
    accounts.attempt(account, at)
    signed_in = await sessions.sign_in(database(request), body.email, body.password, now=at)
    accounts.forget(account)
    addresses.take_back(_address(request))
    return await _welcome(request, response, signed_in, framed=body.framed)


@router.post("/session/link", response_model=schemas.Me)
async def sign_in_by_link(body: LinkSignIn, request: Request, response: Response) -> Json:
    """Open a session by a one-time link; the link is used up."""
    at = now(request)
    addresses = _attempts(request, "addresses", PER_ADDRESS)
    addresses.attempt(_address(request), at)
    signed_in = await sessions.sign_in_by_link(database(request), body.token, now=at)
    addresses.take_back(_address(request))
    return await _welcome(request, response, signed_in, framed=body.framed)


@router.delete("/session", status_code=204)
async def sign_out(request: Request, response: Response, principal: Somebody, everywhere: bool = False) -> None:
    """End this session, or all sessions of the caller."""
    async with database(request).transaction(principal.tenant_id) as tx:
        if everywhere and principal.user_id is not None:
            await sessions.sign_out_everywhere(tx, principal.workspace_id, principal.user_id)
        await sessions.sign_out(tx, principal, sessions.session_of(request))
    response.delete_cookie(sessions.COOKIE, path="/")


@router.get("/me", response_model=schemas.Me)
async def me(request: Request, principal: Somebody) -> Json:
    """The caller, his tenant and his firms."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await queries.me(tx, principal)


@router.get("/me/frames", response_model=schemas.Frames)
async def frames(request: Request, principal: Somebody) -> Json:
    """The origins whose pages may show the caller's desk in a frame and steer it."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"origins": await framing.origins(tx)}


@router.patch("/me", response_model=schemas.Me)
async def change_me(body: MeChange, request: Request, principal: Somebody) -> Json:
    """Change the caller's own name, language and preferences."""
    _check_person(principal)
    given = body.model_dump(exclude_unset=True, mode="json")
    preferences = {name: value for name, value in given.items() if name in queries.PREFERENCES}
    async with database(request).transaction(principal.tenant_id) as tx:
        return await commands.update_me(tx, principal, name=body.name, locale=body.locale, preferences=preferences)


@router.put("/me/password", response_model=schemas.Me)
async def change_password(body: PasswordChange, request: Request, response: Response, principal: Somebody) -> Json:
    """Set the caller's password: all sessions end, and this one is opened anew."""
    _check_person(principal)
    db, at, token = database(request), now(request), sessions.session_of(request)
    key = f"password:{principal.user_id}"
    attempts = _attempts(request, "accounts", PER_ACCOUNT)
    attempts.attempt(key, at)
    async with db.transaction(principal.tenant_id) as tx:
        by_link = await sessions.opened_by_link(tx, token, now=at)
        await commands.change_password(
            tx, principal, password=body.password, current=body.current, by_link=by_link, now=at
        )
        signed_in = await sessions.open_session(tx, principal, now=at)
    attempts.forget(key)
    return await _welcome(request, response, signed_in, framed=token == request.cookies.get(sessions.FRAMED))


def _check_person(principal: Principal) -> None:
    if principal.user_id is None:
        raise Forbidden("An API key has no account of its own.")


async def _welcome(request: Request, response: Response, signed_in: sessions.SignedIn, *, framed: bool) -> Json:
    longest = int(sessions.LONGEST.total_seconds())
    if framed:  # by hand: the library writes Partitioned from Python 3.14 on
        cookie = f"{sessions.FRAMED}={signed_in.token}; HttpOnly; Max-Age={longest}; Path=/"
        response.headers.append("set-cookie", f"{cookie}; SameSite=None; Secure; Partitioned")
    else:
        secure = request.url.scheme == "https"
        response.set_cookie(
            sessions.COOKIE, signed_in.token, max_age=longest, path="/", httponly=True, samesite="lax", secure=secure
        )
    async with database(request).transaction(signed_in.principal.tenant_id) as tx:
        return await queries.me(tx, signed_in.principal)


def _address(request: Request) -> str:
    return f"address:{request.client.host if request.client else '-'}"


def _attempts(request: Request, name: str, limit: int) -> Throttle:
    """The process's counters; they live as long as the app."""
    state = request.app.state
    if not hasattr(state, "sign_in_attempts"):
        state.sign_in_attempts = {}
    counters: dict[str, Throttle] = state.sign_in_attempts
    return counters.setdefault(name, Throttle(limit, _QUARTER))
