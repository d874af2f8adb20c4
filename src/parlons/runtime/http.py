"""What every HTTP answer has in common: problems after RFC 9457, and POSTs that take effect once per `Idempotency-Key`.

`install_problems(app)` turns refusals, validation errors and HTTP errors into `application/problem+json` with `code`, the
stable name clients go by. What a person typed is never repeated in a problem: it may be personal.

    @router.post("/conversations/{id}/messages")
    async def post(id: str, body: NewMessage, once: Once, request: Request) -> Response:
        return await once.run(db, principal.tenant_id, principal.user_id, lambda tx: add_message(tx, ...), status=201)

The key's row commits with the effect, so a repeated request (a double click, a retry after a lost answer) waits for the
first one and gets its stored answer. Answers are kept `KEEP_HOURS`; `forget_answers` empties them when a customer is erased.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import orjson
import sqlalchemy as sa
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.params import Query
from fastapi.routing import APIRoute
from sqlalchemy.dialects.postgresql import insert
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from typing_extensions import TypedDict

from parlons.kit.errors import Conflict, Invalid, NotFound, Refusal, TooLarge
from parlons.runtime.db import Database, Tx
from parlons.runtime.schema import idempotency_keys

PROBLEM = "application/problem+json"
KEEP_HOURS = 24
_CODES = {
    400: "bad-request",
    405: "method-not-allowed",
    413: TooLarge.code,
    404: NotFound.code,
    415: "unsupported-type",
}


class KeyReused(Invalid):
    """This Idempotency-Key was used for a different request; use a fresh key for each wish."""

    code = "idempotency-key-reused"


class UnknownParameter(Invalid):
    """This route takes no query parameter of that name; the details tell which ones it knows."""

    code = "unknown-parameter"


class AnswerForgotten(Conflict):
    """This request was carried out; its answer is no longer kept. Read the resource instead."""

    code = "answer-forgotten"


def answers_file(kind: str = "*/*") -> dict[int | str, dict[str, Any]]:
    """For `responses=` of a route: it answers a file of this content type."""
    return {200: {"description": "The file.", "content": {kind: {"schema": {"type": "string", "format": "binary"}}}}}


class YamlResponse(PlainTextResponse):
    """Configuration as text."""

    media_type = "application/yaml"


UNREAD = "body: it is read as JSON only with the header `Content-Type: application/json`."


class Refused(TypedDict):
    """The body of every refusal."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    details: dict[str, Any]


def problem(status: int, code: str, detail: str, details: dict[str, Any] | None = None) -> Response:
    """An RFC 9457 answer."""
    body: Refused = {
        "type": f"urn:parlons:problem:{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status,
        "code": code,
        "detail": detail,
        "details": details or {},
    }
    headers = {}
    if "retry_after_seconds" in body["details"]:
        headers["Retry-After"] = str(body["details"]["retry_after_seconds"])
    elif status == 503:
        headers["Retry-After"] = "1"
    return Response(orjson.dumps(body, default=str), status, headers, PROBLEM)


def problem_of(refusal: Refusal) -> Response:
    """The answer that tells a refusal."""
    return problem(refusal.status, refusal.code, refusal.message, refusal.details)


def faults_of(error: RequestValidationError) -> list[dict[str, Any]]:
    """Where a request is not acceptable and why, never what was typed: that may be personal."""
    return [{"at": [str(part) for part in one["loc"]], "problem": one["msg"]} for one in error.errors()]


def install_problems(app: FastAPI) -> None:
    """Makes `app` answer refusals and errors as problems."""

    async def refused(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        return problem_of(error)

    async def invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        errors = faults_of(error)
        first = f"{'.'.join(errors[0]['at'])}: {errors[0]['problem']}" if errors else "The request is not acceptable."
        if isinstance(error.body, bytes) and errors and errors[0]["at"] == ["body"]:
            first = UNREAD
        return problem(422, Invalid.code, first, {"errors": errors})

    async def http_error(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = problem(
            error.status_code, _CODES.get(error.status_code, f"http-{error.status_code}"), str(error.detail)
        )
        answer.headers.update(error.headers or {})
        return answer

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http_error)


async def refuse_unknown_parameters(request: Request) -> None:
    """For `dependencies=` of a router: a misspelt filter is refused, else everything would be answered as if it were found.

    What a browser asks before a call (OPTIONS) carries the parameters of that call and takes none itself."""
    route = request.scope.get("route")
    if not request.query_params or request.method == "OPTIONS" or not isinstance(route, APIRoute):
        return
    known = {field.alias for field in get_flat_params(route.dependant) if isinstance(field.field_info, Query)}
    unknown = request.query_params.keys() - known
    if unknown:
        raise UnknownParameter(unknown=sorted(unknown), known=sorted(known))


class Idempotency:
    """One request's key; made by the dependency `Once`. Without a header everything simply runs."""

    def __init__(self, key: str | None, route: str, request_hash: str) -> None:
        self.key = key
        self._route = route
        self._hash = request_hash

    async def run(
        self,
        db: Database,
        tenant_id: str,
        who: str,
        act: Callable[[Tx], Awaitable[Any]],
        *,
        status: int = 200,
    ) -> Response:
        """Carries out `act` in one transaction with the key, or gives the answer of the first time.

        `who`: id of the user or API key; keys of different callers never meet. `act` returns what becomes the JSON body.
        A refused first attempt leaves no trace: the same key may try again."""
        async with db.transaction(tenant_id) as tx:
            stored = await self.begin(tx, who)
            if stored is not None:
                return stored
            body = orjson.dumps(jsonable_encoder(await act(tx)))
            await self.finish(tx, who, status, body)
        return Response(body, status, media_type="application/json")

    async def outside(
        self, db: Database, tenant_id: str, who: str, act: Callable[[], Awaitable[Any]], *, status: int = 200
    ) -> Response:
        """As `run`, where `act` has its effect outside of the transaction (it dials): the key is kept before it.

        A repetition meanwhile, or after a crash in between, is refused with AnswerForgotten: rather not at all than twice."""
        if self.key is None:
            return Response(orjson.dumps(jsonable_encoder(await act())), status, media_type="application/json")
        async with db.transaction(tenant_id) as tx:
            stored = await self.begin(tx, who)
        if stored is not None:
            return stored
        try:
            body = orjson.dumps(jsonable_encoder(await act()))
        except Refusal:
            async with db.transaction(tenant_id) as tx:
                await tx.execute(sa.delete(idempotency_keys).where(*self._mine(tx, who)))
            raise
        async with db.transaction(tenant_id) as tx:
            await self.finish(tx, who, status, body)
        return Response(body, status, media_type="application/json")

    async def claim(self, db: Database, tenant_id: str, who: str) -> str | None:
        """For what is done once by a key of its own (a command of the router): that key; None without a header. The same key
        stands for the same request, whatever became of it; raises KeyReused."""
        if self.key is None:
            return None
        table = idempotency_keys
        async with db.transaction(tenant_id) as tx:
            if not await self._claimed(tx, who):
                known = await tx.scalar(sa.select(table.c.request).where(*self._mine(tx, who)))
                if known != self._hash:
                    raise KeyReused
        return f"{self._scope(who)} {self.key} {self._hash[:16]}"

    async def begin(self, tx: Tx, who: str) -> Response | None:
        """Claims the key in this transaction; the stored answer when it was used before. Waits for one in progress."""
        if self.key is None:
            return None
        if await self._claimed(tx, who):
            return None
        row = await tx.fetch_one(sa.select(idempotency_keys).where(*self._mine(tx, who)))
        if row is None or row["request"] != self._hash:
            raise KeyReused
        if row["response"] is None:
            raise AnswerForgotten
        return Response(row["response"], row["status"], {"Idempotent-Replayed": "true"}, row["content_type"])

    async def finish(self, tx: Tx, who: str, status: int, body: bytes, content_type: str = "application/json") -> None:
        """Keeps the answer with the key, in the same transaction."""
        if self.key is None:
            return
        kept = {"status": status, "content_type": content_type, "response": body}
        await tx.execute(sa.update(idempotency_keys).where(*self._mine(tx, who)).values(kept))

    async def _claimed(self, tx: Tx, who: str) -> bool:
        """Whether nobody used the key before."""
        mine = {"tenant_id": tx.tenant_id, "scope": self._scope(who), "key": self.key, "request": self._hash}
        statement = insert(idempotency_keys).values(mine).on_conflict_do_nothing()
        return await tx.scalar(statement.returning(sa.literal(1))) is not None

    def _mine(self, tx: Tx, who: str) -> tuple[sa.ColumnElement[bool], ...]:
        table = idempotency_keys
        return table.c.tenant_id == tx.tenant_id, table.c.scope == self._scope(who), table.c.key == self.key

    def _scope(self, who: str) -> str:
        return f"{who} {self._route}"


async def idempotency(
    request: Request, idempotency_key: Annotated[str | None, Header(max_length=255, min_length=1)] = None
) -> Idempotency:
    """The dependency behind `Once`."""
    body = await request.body() if idempotency_key is not None else b""
    return Idempotency(idempotency_key, f"{request.method} {request.url.path}", hashlib.sha256(body).hexdigest())


Once = Annotated[Idempotency, Depends(idempotency)]
"""Put it among an endpoint's parameters; see `Idempotency.run`."""


async def forget_answers(tx: Tx) -> None:
    """Empties the stored answers of this tenant: they may hold values of an erased customer."""
    table = idempotency_keys
    await tx.execute(sa.update(table).where(table.c.tenant_id == tx.tenant_id).values(response=None))


async def forget_keys(tx: Tx) -> None:
    """Drops keys older than `KEEP_HOURS`, of all tenants (system transaction)."""
    await tx.execute(
        "DELETE FROM idempotency_keys WHERE created_at < clock_timestamp() - make_interval(hours => :hours)",
        {"hours": KEEP_HOURS},
    )
