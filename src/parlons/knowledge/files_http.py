"""Files of articles over the API, and the address under which readers have them."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile
from starlette.responses import Response
from starlette.routing import Route

from parlons.accounts import http as accounts
from parlons.accounts.errors import TooManyAttempts
from parlons.accounts.http import Observer, Supervisor, database
from parlons.accounts.throttle import attempt
from parlons.conversations.attachments import MAX_BYTES
from parlons.conversations.http_files import file_answer
from parlons.kit.errors import Refusal
from parlons.knowledge import files
from parlons.knowledge.http import Id, Named
from parlons.knowledge.markup import FILES
from parlons.runtime.files import FileMissing
from parlons.runtime.http import problem_of

Json = dict[str, Any]
PER_MINUTE = 600
"""Files of one address: a page may show many."""
router = APIRouter(tags=["knowledge"])


@router.get("/article-files")
async def list_article_files(request: Request, principal: Observer, article_id: Id) -> Json:
    """The pictures and documents of an article and its translations."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": await files.of_article(tx, principal, article_id), "next": None}


@router.post("/article-files", status_code=201)
async def add_article_file(
    file: UploadFile,
    article_id: Annotated[str, Form(max_length=64, pattern="^[A-Za-z0-9]+$")],
    request: Request,
    principal: Supervisor,
) -> Json:
    """Keep a picture or document for an article, at most 10 MB; its text shows it by `path`."""
    content = await file.read(MAX_BYTES + 1)
    async with database(request).transaction(principal.tenant_id) as tx:
        return await files.keep(tx, request.app.state.files, principal, article_id, file.filename or "", content)


@router.delete("/article-files/{file_id}", status_code=204)
async def remove_article_file(file_id: Named, request: Request, principal: Supervisor, article_id: Id) -> None:
    """Remove a file that no version of the article shows."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await files.remove(tx, request.app.state.files, principal, article_id, file_id)


def route() -> Route:
    """The route of readers."""
    return Route(f"{FILES}/{{file_id}}", read, methods=["GET"])


async def read(request: Request) -> Response:
    """A file, for everybody or for who is signed in, as its articles are; else not found, which tells nothing."""
    file_id, store = request.path_params["file_id"], request.app.state.files
    try:
        attempt(request, "help_file_throttle", PER_MINUTE)
        if not file_id.isalnum() or len(file_id) > 64:
            raise FileMissing
        async with database(request).system() as system:
            tenant = await files.public_tenant(system, file_id)
        if tenant is not None:
            async with database(request).transaction(tenant) as tx:
                found, content = await store.open(tx, file_id)
        else:
            principal = await accounts.caller(request)
            async with database(request).transaction(principal.tenant_id) as tx:
                found = await files.read_by(tx, store, principal, file_id)
                _, content = await store.open(tx, file_id)
    except TooManyAttempts as refusal:
        return problem_of(refusal)
    except Refusal:
        return problem_of(FileMissing())
    answer = file_answer(found, content)
    answer.headers["Cache-Control"] = "private, no-cache"  # public now, perhaps not in a minute
    return answer
