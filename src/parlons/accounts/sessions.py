"""Who is calling: cookie sessions and API keys become a `Principal`. Sign-in by password or one-time link opens a session.

A session is a random token in a cookie; its hash is stored. It ends 12 hours after its last use and 30 days after its
beginning, whichever comes first, and all sessions of a user can be ended at once. A call that changes something and signs
in by cookie must carry `X-Parlons: 1`, which a form or a link of another site cannot add (OWASP: custom request header).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping
from starlette.requests import HTTPConnection

from parlons.accounts import store
from parlons.accounts.errors import ForeignOrigin, LinkNotValid, MissingHeader, WrongPassword
from parlons.accounts.model import SAFE_METHODS, Principal, Scope, rights_of_scopes, standing
from parlons.accounts.passwords import password_matches
from parlons.accounts.rights import PRESETS, Right, Rights
from parlons.accounts.tokens import KEY_PREFIX, hash_token, new_token
from parlons.kit.clock import Millis, from_datetime, to_datetime
from parlons.kit.errors import Unauthenticated
from parlons.runtime.db import Database, Tx
from parlons.runtime.events import Audience, Event

COOKIE = "parlons_session"
FRAMED = "parlons_framed"
"""The session of a desk that another site's page shows: browsers keep this cookie apart for each such site (CHIPS)."""
RIGHTS_CHANGED = "user.rights-changed"
"""The event after which a user's sockets are closed, to open again with the rights he then has, or not at all."""
KEY_REVOKED = "key.revoked"
"""The event after which processes look again whom a key, or the account's token, stands for."""
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=30)
_TOUCH = timedelta(minutes=5)
"""A session's last use is written at most this often: reads stay reads."""

_BAD_KEY = "This API key is not in force: it is not known here, was revoked, or has expired."
_NO_BEARER = "An API key goes into the header as `Authorization: Bearer KEY`."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that was opened just now; the token goes into the cookie and nowhere else."""

    token: str
    principal: Principal


async def principal_of(connection: HTTPConnection, db: Database, now: Millis) -> Principal:
    """The principal behind an HTTP call or a socket; raises Unauthenticated, or MissingHeader / ForeignOrigin (CSRF)."""
    header = connection.headers.get("authorization", "")
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer":
        return await principal_of_key(db, credentials.strip(), now)
    for name in (COOKIE, FRAMED):  # within a frame the first may be there too, and be over
        token = connection.cookies.get(name)
        principal = await _principal_of_session(db, token, now) if token else None
        if principal is not None:
            connection.state.session = token
            _check_origin(connection)
            return principal
    raise Unauthenticated(_NO_BEARER if header else None)


def session_of(connection: HTTPConnection) -> str:
    """The token by which the principal of this connection signed in; empty for a key."""
    return str(getattr(connection.state, "session", ""))


def _check_origin(connection: HTTPConnection) -> None:
    """Refuse what another site's page may have sent with this browser's cookie."""
    if connection.scope["type"] == "websocket":
        origin = connection.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != connection.headers.get("host"):
            raise ForeignOrigin
    elif connection.scope["method"] not in SAFE_METHODS and connection.headers.get("x-parlons") != "1":
        raise MissingHeader


_SESSION = (
    sa.select(
        store.users,
        store.own_rights,
        store.sessions.c.token_hash,
        store.sessions.c.seen_at,
        store.sessions.c.created_at.label("began_at"),
    )
    .join(store.sessions, store.sessions.c.user_id == store.users.c.id)
    .where(
        store.sessions.c.token_hash == sa.bindparam("token_hash"),
        store.sessions.c.expires_at > sa.bindparam("now"),
        store.users.c.active,
    )
)


async def _principal_of_session(db: Database, token: str, now: Millis) -> Principal | None:
    digest, at = hash_token(token), to_datetime(now)
    async with db.system() as tx:
        found = await tx.fetch_one(_SESSION, {"token_hash": digest, "now": at})
        if found is None or not compare_digest(found["token_hash"], digest):
            return None
        if at - found["seen_at"] >= _TOUCH:
            await tx.execute(
                sa.update(store.sessions)
                .where(store.sessions.c.token_hash == digest)
                .values(seen_at=at, expires_at=min(at + IDLE, found["began_at"] + LONGEST))
            )
    return principal_of_user(found)


async def principal_of_key(db: Database, secret: str, now: Millis) -> Principal:
    """The principal of an API key; raises Unauthenticated."""
    if not secret.startswith(KEY_PREFIX):
        raise Unauthenticated(_BAD_KEY)
    digest = hash_token(secret)
    principal, until = await db.recall(("key", digest), lambda: _key_of(db, digest, now))
    if until is not None and until <= now:
        raise Unauthenticated(_BAD_KEY)
    return principal


async def _key_of(db: Database, digest: bytes, now: Millis) -> tuple[Principal, Millis | None]:
    """Whom a key stands for, and until when."""
    at, keys = to_datetime(now), store.api_keys
    async with db.system() as tx:
        found = await tx.fetch_one(
            sa.select(keys).where(
                keys.c.secret_hash == digest,
                keys.c.revoked_at.is_(None),
                sa.or_(keys.c.expires_at.is_(None), keys.c.expires_at > at),
            )
        )
        if found is None or not compare_digest(found["secret_hash"], digest):
            raise Unauthenticated(_BAD_KEY)
        if found["used_at"] is None or at - found["used_at"] >= _TOUCH:
            await tx.execute(sa.update(keys).where(keys.c.id == found["id"]).values(used_at=at))
    ends = found["expires_at"]
    return principal_of_key_row(found), None if ends is None else from_datetime(ends)


def principal_of_key_row(key: RowMapping) -> Principal:
    """The principal of a row of API keys that is known to be in force."""
    scopes = frozenset(map(Scope, key["scopes"]))
    rights = rights_of_scopes(scopes)
    return Principal(
        tenant_id=key["tenant_id"],
        workspace_id=key["workspace_id"],
        role=standing(rights),
        key_id=key["id"],
        firm_ids=_firms(key),
        scopes=scopes,
        given=rights,
        queue_ids=_queues(key),
        name=key["name"],
        per_minute=key["per_minute"],
    )


def principal_of_user(user: RowMapping) -> Principal:
    """The principal of a row of users with `store.own_rights` beside it."""
    rights = rights_of_role(user["role"], user["own_rights"])
    return Principal(
        tenant_id=user["tenant_id"],
        workspace_id=user["workspace_id"],
        role=standing(rights),
        user_id=user["id"],
        worker_id=user["worker_id"],
        firm_ids=_firms(user),
        locale=user["locale"],
        name=user["name"],
        given=rights,
        queue_ids=_queues(user),
        role_name=user["role"],
    )


def rights_of_role(name: str, own: list[str] | None) -> Rights:
    """The rights of a preset, or of an own role with these; of a role that is no more: none. A right of a newer version,
    whose name says nothing here, is no right."""
    if name in PRESETS:
        return PRESETS[name].rights
    return frozenset(Right(each) for each in own or () if each in set(Right))


def _queues(row: RowMapping) -> frozenset[str] | None:
    return None if row["queue_ids"] is None else frozenset(row["queue_ids"])


def _firms(row: RowMapping) -> frozenset[str] | None:
    return None if row["firm_ids"] is None else frozenset(row["firm_ids"])


async def sign_in(db: Database, email: str, password: str, *, now: Millis) -> SignedIn:
    """Open a session for the user with this address and password; raises WrongPassword, the same for every reason."""
    async with db.system() as tx:
        user = await tx.fetch_one(
            sa.select(store.users, store.own_rights).where(
                store.users.c.email == normal_email(email), store.users.c.active
            )
        )
    if not await password_matches(user["password_hash"] if user else None, password) or user is None:
        raise WrongPassword
    async with db.transaction(user["tenant_id"]) as tx:
        return await _open_session(tx, user, by_link=False, now=now)


async def sign_in_by_link(db: Database, token: str, *, now: Millis) -> SignedIn:
    """Open a session by a one-time link, which is used up by it; raises LinkNotValid."""
    links, at = store.login_links, to_datetime(now)
    async with db.system() as tx:
        # One statement takes the link: of two calls at once, the second waits for the row and finds it used.
        used = await tx.fetch_one(
            sa.update(links)
            .where(links.c.token_hash == hash_token(token), links.c.used_at.is_(None), links.c.expires_at > at)
            .values(used_at=at)
            .returning(links.c.user_id)
        )
        if used is None:
            raise LinkNotValid
        user = await tx.fetch_one(
            sa.select(store.users, store.own_rights).where(store.users.c.id == used["user_id"], store.users.c.active)
        )
        if user is None:
            raise LinkNotValid
        return await _open_session(tx, user, by_link=True, now=now)


async def open_session(tx: Tx, principal: Principal, *, now: Millis) -> SignedIn:
    """A fresh session for a person who just proved who he is; raises Unauthenticated when he is gone meanwhile."""
    user = await tx.fetch_one(
        sa.select(store.users, store.own_rights).where(store.users.c.id == principal.user_id, store.users.c.active)
    )
    if user is None:
        raise Unauthenticated
    return await _open_session(tx, user, by_link=False, now=now)


async def _open_session(tx: Tx, user: RowMapping, *, by_link: bool, now: Millis) -> SignedIn:
    token, at = new_token(), to_datetime(now)
    await tx.execute(
        sa.insert(store.sessions).values(
            token_hash=hash_token(token),
            tenant_id=user["tenant_id"],
            user_id=user["id"],
            by_link=by_link,
            created_at=at,
            seen_at=at,
            expires_at=at + IDLE,
        )
    )
    await tx.execute(sa.update(store.users).where(store.users.c.id == user["id"]).values(signed_in_at=at))
    await tx.execute(
        sa.delete(store.sessions).where(store.sessions.c.user_id == user["id"], store.sessions.c.expires_at <= at)
    )
    return SignedIn(token, principal_of_user(user))


async def sign_out(tx: Tx, principal: Principal, token: str) -> None:
    """End this session; a second time changes nothing."""
    await tx.execute(sa.delete(store.sessions).where(store.sessions.c.token_hash == hash_token(token)))
    tell_rights_changed(tx, principal.workspace_id, principal.user_id)


async def sign_out_everywhere(tx: Tx, workspace_id: str, user_id: str) -> None:
    """End all sessions of a user, on every device, and void the links not yet used."""
    links = store.login_links
    await tx.execute(sa.delete(store.sessions).where(store.sessions.c.user_id == user_id))
    await tx.execute(sa.delete(links).where(links.c.user_id == user_id, links.c.used_at.is_(None)))
    tell_rights_changed(tx, workspace_id, user_id)


def tell_rights_changed(tx: Tx, workspace_id: str, user_id: str | None) -> None:
    """Tell all processes that open sockets of this user must prove themselves again."""
    if user_id is not None:
        audience = Audience(user_ids=(user_id,), supervisors=False)
        tx.publish(Event(workspace_id, RIGHTS_CHANGED, {"user_id": user_id}, audience=audience))


def tell_key_revoked(tx: Tx, workspace_id: str, key_id: str) -> None:
    """Tell all processes that what they remember of keys no longer holds."""
    tx.publish(Event(workspace_id, KEY_REVOKED, {"id": key_id}, audience=Audience(supervisors=False)))


async def opened_by_link(tx: Tx, token: str, *, now: Millis) -> bool:
    """Whether this session was opened by a link within the last hour: it may set a password without knowing the old one."""
    sessions = store.sessions
    return bool(
        await tx.scalar(
            sa.select(sa.literal(True)).where(
                sessions.c.token_hash == hash_token(token),
                sessions.c.by_link,
                sessions.c.created_at > to_datetime(now) - timedelta(hours=1),
            )
        )
    )


async def alive(tx: Tx, digests: Sequence[bytes]) -> frozenset[bytes]:
    """Those of these sessions (`hash_token` of each) that have not ended, of people who are still active."""
    if not digests:
        return frozenset()
    sessions, users = store.sessions, store.users
    rows = await tx.fetch_all(
        sa.select(sessions.c.token_hash)
        .join(users, users.c.id == sessions.c.user_id)
        .where(sessions.c.token_hash.in_(digests), sessions.c.expires_at > to_datetime(tx.now), users.c.active)
    )
    return frozenset(bytes(row["token_hash"]) for row in rows)


def normal_email(email: str) -> str:
    """The form in which addresses are stored and compared."""
    return email.strip().casefold()
