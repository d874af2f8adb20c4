"""Attachments over HTTP: uploaded first, then named in a message; read by whoever may read a conversation it was sent in.

An upload which no message takes is forgotten after a day. Pictures are shown, all else is downloaded, nothing is run.
"""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response, UploadFile

from parlons.accounts.http import Agent, database
from parlons.conversations import attachments, queries
from parlons.conversations.http import reader_of
from parlons.conversations.rights import may
from parlons.runtime.db import Tx
from parlons.runtime.files import File, FileMissing, Files
from parlons.runtime.http import answers_file

Json = dict[str, Any]
KEEP_UNSENT_DAYS = 1
router = APIRouter(tags=["conversations"])


@router.post("/files", status_code=201)
async def upload(file: UploadFile, request: Request, principal: Agent) -> Json:
    """Keep a file for a message to come; pictures, PDF, text and office documents of at most 10 MB."""
    content = await file.read(attachments.MAX_BYTES + 1)
    async with database(request).transaction(principal.tenant_id) as tx:
        return await keep_upload(tx, request.app.state.files, principal.actor, file.filename or "", content)


async def keep_upload(
    tx: Tx, files: Files, owner_id: str, name: str, content: bytes, *, allowed: Any = attachments.ALLOWED
) -> Json:
    """Check and keep one upload of `owner_id` (a user, or a customer through a channel that may narrow `allowed`)."""
    assert tx.tenant_id is not None
    kept, kind = attachments.check_file(name, content, allowed=allowed)
    file_id = await files.put(
        tx, tx.tenant_id, None, attachments.UPLOAD, owner_id, kept, kind, content, keep_days=KEEP_UNSENT_DAYS
    )
    return {"id": file_id, "name": kept, "size": len(content), "content_type": kind}


@router.get("/files/{file_id}", response_class=Response, responses=answers_file())
async def download(file_id: str, request: Request, principal: Agent) -> Response:
    """A file of a conversation the caller may read, or an upload of his own."""
    files: Files = request.app.state.files
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await files.find(tx, file_id)
        if found.owner_id != principal.actor:
            reader = reader_of(request, principal)
            sent_in = await queries.with_attachment(tx, found.owner_id, file_id)
            if not any(may(reader, "read", conversation) for conversation in sent_in):
                raise FileMissing
        _, content = await files.open(tx, file_id)
    return file_answer(found, content)


def file_answer(file: File, content: bytes) -> Response:
    """The file for a browser: pictures inline, the rest as a download; no script in it ever runs."""
    way = "inline" if file.content_type in attachments.SHOWN_INLINE else "attachment"
    headers = {
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(file.name)}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=3600",
    }
    return Response(content, media_type=file.content_type, headers=headers)
