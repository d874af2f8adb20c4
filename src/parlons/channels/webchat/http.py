"""The widget's HTTP: /api/v1/webchat/{widget_key}/...

    GET    /config          texts, open or closed, limits; asks nothing of the visitor and notes nothing of him
    POST   /visits          he writes or consents: {consent, language, page} -> {visitor_token, visitor_id}
    DELETE /visits          consent withdrawn, or logged out
    POST   /identity        the site vouches for its user: {user_id, email, name?, signature}
    GET    /conversation    what a page begins with (the socket's `welcome` says the same)
    POST   /messages        {client_id, text, attachment_ids, language, page, attributes} -> {message}
    POST   /offline         {client_id, name, email, text, language}
    POST   /pages           {path, title, product}
    POST   /read            {message_id}
    POST   /files           multipart `file` -> {id, name, size, content_type};  GET /files/{id}

All but the first two need `Authorization: Bearer <visitor_token>`. Decides who may call how often; the rest is the commands'.
"""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from parlons.channels.webchat import visits, writing
from parlons.channels.webchat.errors import NoVisit
from parlons.channels.webchat.model import CHANNEL, TEXT_MAX, Widget
from parlons.channels.webchat.origins import PublicRoute, check_origin, preflight
from parlons.channels.webchat.room import Room, address_of, room_of
from parlons.channels.webchat.views import conversation_view, message_view
from parlons.conversations import queries as conversations
from parlons.conversations.attachments import ALLOWED, MAX_BYTES, UPLOAD, AttachmentTooLarge, check_file
from parlons.conversations.threads import last_of_thread
from parlons.conversations.views import message_json
from parlons.kit.clock import Millis, to_iso
from parlons.kit.errors import NotFound
from parlons.runtime.db import Tx
from parlons.runtime.files import FileMissing
from parlons.runtime.http import answers_file

Json = dict[str, Any]
Text = Annotated[str, Field(max_length=300)]
router = APIRouter(prefix="/webchat/{widget_key}", tags=["webchat"], route_class=PublicRoute)


class Body(BaseModel):
    """Pages in the field may be older or newer than the server: what is not known is passed over."""

    model_config = ConfigDict(extra="ignore")


class PageBody(Body):
    path: str = Field(default="/", max_length=2000)
    title: str = Field(default="", max_length=2000)
    product: dict[Annotated[str, Field(max_length=40)], str | None] | None = Field(default=None, max_length=20)

    def page(self) -> visits.Page:
        """The page without its query string, which may carry secrets."""
        product = {key: value[:300] for key, value in (self.product or {}).items() if value}
        return visits.Page(self.path.partition("?")[0].partition("#")[0], self.title, product)


class VisitBody(Body):
    consent: Literal["writing", "given"]
    language: Literal["en", "fr"] = "en"
    page: PageBody | None = None


class IdentityBody(Body):
    user_id: str = Field(min_length=1, max_length=200)
    email: str = Field(default="", max_length=254)
    name: str = Field(default="", max_length=200)
    signature: str = Field(max_length=128)


class MessageBody(Body):
    client_id: str = Field(min_length=1, max_length=100)
    text: str = Field(default="", max_length=100_000)
    attachment_ids: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list, max_length=10)
    language: Literal["en", "fr"] = "en"
    page: PageBody | None = None
    attributes: dict[Annotated[str, Field(max_length=40)], Text | int | float | bool] = Field(
        default_factory=dict, max_length=20
    )


class OfflineBody(Body):
    client_id: str = Field(min_length=1, max_length=100)
    name: str = Field(max_length=1000)
    email: str = Field(max_length=1000)
    text: str = Field(max_length=100_000)
    language: Literal["en", "fr"] = "en"
    page: PageBody | None = None


class ReadBody(Body):
    message_id: str = Field(max_length=64)


async def widget_of(widget_key: str, request: Request) -> Widget:
    """The widget of the address, once the page's origin is allowed."""
    widget = await room_of(request.app).widgets.find(widget_key)
    check_origin(widget, request)
    return widget


class Caller:
    """A visitor's call: its room, widget and token."""

    def __init__(self, room: Room, widget: Widget, token: str) -> None:
        self.room, self.widget, self.token = room, widget, token

    def count(self, name: str) -> None:
        """One more of this visitor's calls of a kind; raises TooFast."""
        self.room.limits.count(name, self.token, self.room.clock())


async def caller_of(request: Request, widget: Annotated[Widget, Depends(widget_of)]) -> Caller:
    """The visitor behind the token; raises NoVisit when there is none. Whether it is still good, each command asks."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NoVisit
    caller = Caller(room_of(request.app), widget, token.strip())
    caller.count("call")
    return caller


OfWidget = Annotated[Widget, Depends(widget_of)]
OfVisitor = Annotated[Caller, Depends(caller_of)]


@router.options("/{rest:path}", include_in_schema=False)
async def options(request: Request, widget: OfWidget) -> Response:
    """What a browser asks before a call from another origin."""
    return preflight(request)


@router.get("/config")
async def config(request: Request, widget: OfWidget, language: str = "") -> Json:
    """What the panel needs to open. The same for everybody: nothing about the asker is read or kept."""
    room = room_of(request.app)
    at = Millis(room.clock())
    room.limits.count("config", address_of(request), at)
    async with room.db.transaction(widget.tenant_id) as tx:
        entry = await room.handler.entry(tx, channel=CHANNEL, address=widget.address, firm_id=widget.firm_id, at=at)
        call_line = await _call_line(room, tx, widget, at)
        spoken = language if language in widget.languages else widget.languages[0]
        help = await room.offering.centre(tx, widget.firm_id, spoken) if room.offering else None
    return {
        "name": widget.name,
        "languages": list(widget.languages),
        "language": spoken,
        "accent": widget.accent,
        "texts": widget.words(spoken),
        "privacy_url": widget.privacy_url,
        "open": entry.open,
        "next_opening_at": None if entry.next_opening_at is None else to_iso(entry.next_opening_at),
        "reply_seconds": widget.reply_seconds,
        "call_line": call_line,
        "help": help,
        "text_max": TEXT_MAX,
        "file_bytes_max": MAX_BYTES,
        "file_types": sorted(ALLOWED),
    }


async def _call_line(room: Room, tx: Tx, widget: Widget, at: Millis) -> str | None:
    """The telephone line of the same address, when there is one: the panel then has a Call button."""
    try:
        await room.handler.entry(tx, channel="voice", address=widget.address, at=at)
    except NotFound:
        return None
    return widget.address


@router.post("/visits", status_code=201)
async def start_visit(body: VisitBody, request: Request, widget: OfWidget) -> Json:
    """Begin a visit: the visitor writes, or has consented."""
    room = room_of(request.app)
    room.limits.count("visit", address_of(request), room.clock())
    async with room.db.transaction(widget.tenant_id) as tx:
        begun = await visits.start_visit(tx, widget, consent=body.consent, language=body.language)
        if body.page is not None:
            await visits.see_page(tx, widget, begun.visitor, body.page.page())
    return {"visitor_token": begun.token, "visitor_id": begun.visitor.id}


@router.delete("/visits", status_code=204)
async def end_visit(caller: OfVisitor) -> None:
    """End the visit; its token is worth nothing from now on."""
    async with caller.room.db.transaction(caller.widget.tenant_id) as tx:
        visitor = await visits.visitor_of_token(tx, caller.widget, caller.token, lock=True)
        await visits.end_visit(tx, visitor)
    caller.room.lines.end(visitor.id)


@router.post("/identity")
async def identify(body: IdentityBody, caller: OfVisitor) -> Json:
    """The site says, with its signature, who is logged in."""
    async with caller.room.db.transaction(caller.widget.tenant_id) as tx:
        visitor = await visits.visitor_of_token(tx, caller.widget, caller.token, lock=True)
        begun = await visits.identify(
            tx,
            caller.widget,
            visitor,
            caller.token,
            user_id=body.user_id,
            email=body.email,
            name=body.name,
            signature=body.signature,
        )
    if begun.token != caller.token:
        caller.room.lines.reopen(visitor.id)
    return {"visitor_token": begun.token, "visitor_id": begun.visitor.id}


@router.get("/conversation")
async def conversation(caller: OfVisitor) -> Json:
    """The visitor's conversation and its last messages."""
    async with caller.room.db.transaction(caller.widget.tenant_id) as tx:
        visitor = await visits.visitor_of_token(tx, caller.widget, caller.token)
        found = None
        if visitor.conversation_id is not None:
            found = await conversations.conversation(tx, visitor.conversation_id)
        if found is None:
            return {"conversation": None, "messages": []}
        written = await last_of_thread(tx, found, conversations.PAGE)
    return {
        "conversation": conversation_view(found, None, kept=visitor.kept),
        "messages": [message_view(message_json(message)) for message in written],
    }


@router.post("/messages", status_code=201)
async def send_message(body: MessageBody, request: Request, caller: OfVisitor) -> Json:
    """Write a message; the same `client_id` again answers with the message it made the first time."""
    caller.count("message")
    caller.room.limits.count("message-address", address_of(request), caller.room.clock())
    written = writing.Written(
        client_id=body.client_id,
        text=body.text,
        language=body.language,
        attachment_ids=body.attachment_ids,
        page=body.page.page() if body.page else None,
        claims=body.attributes,
    )
    async with caller.room.db.transaction(caller.widget.tenant_id) as tx:
        visitor = await visits.visitor_of_token(tx, caller.widget, caller.token, lock=True)
        message = await writing.write(tx, caller.room.handler, caller.widget, visitor, written)
    caller.room.lines.wrote(visitor.id)
    return {"message": message_view(message_json(message))}


@router.post("/offline", status_code=201)
async def leave_message(body: OfflineBody, request: Request, caller: OfVisitor) -> Json:
    """Leave a message while the doors are closed."""
    caller.count("message")
    caller.room.limits.count("message-address", address_of(request), caller.room.clock())
    page = body.page.page() if body.page else None
    written = writing.Written(body.client_id, body.text, body.language, page=page, offline=True)
    async with caller.room.db.transaction(caller.widget.tenant_id) as tx:
        visitor = await visits.visitor_of_token(tx, caller.widget, caller.token, lock=True)
        message = await writing.leave(
            tx, caller.room.handler, caller.widget, visitor, written, name=body.name, email=body.email
        )
    caller.room.lines.wrote(visitor.id)
    return {"message": message_view(message_json(message))}


@router.post("/pages", status_code=204)
async def see_page(body: PageBody, caller: OfVisitor) -> None:
    """The visitor looks at this page now."""
    caller.count("page")
    async with caller.room.db.transaction(caller.widget.tenant_id) as tx:
        visitor = await visits.visitor_of_token(tx, caller.widget, caller.token)
        await visits.see_page(tx, caller.widget, visitor, body.page())


@router.post("/read", status_code=204)
async def read(body: ReadBody, caller: OfVisitor) -> None:
    """The visitor has read up to this message."""
    async with caller.room.db.transaction(caller.widget.tenant_id) as tx:
        visitor = await visits.visitor_of_token(tx, caller.widget, caller.token)
        await writing.read_up_to(tx, visitor, body.message_id)


@router.post("/files", status_code=201)
async def upload(file: UploadFile, request: Request, caller: OfVisitor) -> Json:
    """Hand in a file for a message to come. What it is decides its content, not its name."""
    caller.count("file")
    caller.room.limits.count("file-address", address_of(request), caller.room.clock())
    content = await file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise AttachmentTooLarge(limit=MAX_BYTES)
    name, kind = check_file(file.filename or "file", content)
    async with caller.room.db.transaction(caller.widget.tenant_id) as tx:
        visitor = await visits.visitor_of_token(tx, caller.widget, caller.token, lock=True)
        _, customer_id = await visits.customer_of(tx, caller.widget, visitor)
        file_id = await caller.room.files.put(
            tx, caller.widget.tenant_id, caller.widget.firm_id, UPLOAD, customer_id, name, kind, content, keep_days=1
        )
    return {"id": file_id, "name": name, "size": len(content), "content_type": kind}


@router.get("/files/{file_id}", response_class=Response, responses=answers_file())
async def download(file_id: str, caller: OfVisitor) -> Response:
    """A file of the visitor's own conversation, always as a download."""
    async with caller.room.db.transaction(caller.widget.tenant_id) as tx:
        visitor = await visits.visitor_of_token(tx, caller.widget, caller.token)
        found = await caller.room.files.find(tx, file_id)
        if found.owner_id not in (visitor.id, visitor.customer_id, visitor.conversation_id):
            raise FileMissing
        _, content = await caller.room.files.open(tx, file_id)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}"}
    return Response(content, media_type=found.content_type, headers=headers)
