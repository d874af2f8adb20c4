"""A stand-in for the Bot API: bots, people, groups, updates by webhook or long poll, files both ways.

Source: the published Bot API (methods, objects, error texts as its server words them). Dates are seconds; an update is
handed out until it is confirmed by the next offset, or taken by the webhook. Left out: payments, stickers of one's own,
inline mode, business accounts.
"""

import asyncio
import contextlib
import itertools
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from parlons.simulator.providers.wire import Caller, Heard, Trouble, Upload, read_form

Json = dict[str, Any]
TEXT_MAX, CAPTION_MAX, CALLBACK_MAX = 4096, 1024, 64
DOWNLOAD_MAX = 20 * 1024 * 1024
SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes to bots."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "fr"

    @property
    def user(self) -> Json:
        """As the interface tells of him."""
        told = {"id": self.id, "is_bot": False, "first_name": self.first_name, "language_code": self.language_code}
        more = {"last_name": self.last_name, "username": self.username}
        return told | {key: value for key, value in more.items() if value}

    @property
    def chat(self) -> Json:
        """His private chat with a bot."""
        told = {key: value for key, value in self.user.items() if key not in ("is_bot", "language_code")}
        return told | {"type": "private"}


class _Refused(Exception):
    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        self.code, self.description, self.parameters = code, description, parameters


@dataclass
class _Bot:
    token: str
    username: str
    webhook: str = ""
    secret: str = ""
    updates: deque[Json] = field(default_factory=deque)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    polls: int = 0

    @property
    def user(self) -> Json:
        number = int(self.token.partition(":")[0])
        return {"id": number, "is_bot": True, "first_name": self.username, "username": self.username}


class BotApi:
    """The service. `app` is what bots call; the other methods are what people do."""

    def __init__(self, *, first_update: int = 731_000_001) -> None:
        self.troubles: deque[Trouble] = deque()
        """What it answers to the next calls that send something, instead of doing it."""
        self.calls: list[tuple[str, Json]] = []
        """Every method called, with its parameters."""
        self.told: list[Json] = []
        """Every update there was."""
        self.caller = Caller()
        self.answers = Heard()
        """Messages people got from bots, by their number."""
        self._bots: dict[str, _Bot] = {}
        self._chats: dict[int, Json] = {}
        self._blocked: set[int] = set()
        self._messages: dict[int, list[Json]] = {}
        self._files: dict[str, tuple[str, str, bytes]] = {}
        self._update_ids, self._file_ids = itertools.count(first_update), itertools.count(1)
        self._changed = asyncio.Condition()
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._method, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._download),
            ]
        )

    def bot(self, token: str = "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcK", username: str = "DelmasBot") -> str:  # noqa: S107
        """A new bot; returns its token."""
        self._bots[token] = _Bot(token, username)
        return token

    def revoke(self) -> None:
        """Every token is void from now on."""
        for each in self._bots.values():
            each.news.set()
        self._bots.clear()

    async def close(self) -> None:
        """Ends the calls that wait."""
        await self.caller.close()

    # What people do

    async def says(self, person: Person, text: str, token: str | None = None, **more: Any) -> Json:
        """He writes to the bot; returns the message. `more`: further fields, such as `reply_to_message`."""
        entities: Json = {}
        if text.startswith("/"):
            length = len(text.split()[0])
            entities = {"entities": [{"offset": 0, "length": length, "type": "bot_command"}]}
        return await self._comes(person, token, {"text": text, **entities, **more})

    async def sends(
        self, person: Person, kind: str, name: str, content_type: str, content: bytes,
        caption: str = "", token: str | None = None,
    ) -> Json:  # fmt: skip
        """He sends a file; `kind`: photo, document, voice, audio or video."""
        described = self._store(name, content_type, content)
        value: Any = described
        if kind == "photo":
            small = described | {"file_id": described["file_id"] + "s", "width": 90, "height": 67}
            value = [small, described | {"width": 800, "height": 600}]
        elif kind == "document":
            value = described | {"file_name": name, "mime_type": content_type}
        else:
            value = described | {"duration": 3, "mime_type": content_type}
        return await self._comes(person, token, {kind: value, **({"caption": caption} if caption else {})})

    async def posts(self, person: Person, fields: Json, token: str | None = None, chat: Json | None = None) -> Json:
        """A message of another kind, with the fields as given: location, contact, sticker, poll ..."""
        return await self._comes(person, token, fields, chat)

    async def edits(self, person: Person, message: Json, text: str, token: str | None = None) -> Json:
        """He changes what he wrote."""
        edited = message | {"text": text, "edit_date": _now()}
        self._update(self._of(token), {"edited_message": edited})
        return edited

    async def presses(self, person: Person, message: Json, data: str, token: str | None = None) -> None:
        """He presses a button below a message of the bot."""
        query = {
            "id": str(person.id * 1000 + message["message_id"]),
            "from": person.user,
            "message": message,
            "chat_instance": str(-person.id),
            "data": data,
        }
        self._update(self._of(token), {"callback_query": query})

    async def blocks(self, person: Person, token: str | None = None) -> None:
        """He wants to hear no more of this bot."""
        self._blocked.add(person.id)
        bot = self._of(token)
        old, new = {"user": bot.user, "status": "member"}, {"user": bot.user, "status": "kicked", "until_date": 0}
        change = {"chat": person.chat, "from": person.user, "date": _now()}
        self._update(bot, {"my_chat_member": change | {"old_chat_member": old, "new_chat_member": new}})

    def again(self, update: Json, token: str | None = None) -> None:
        """The same update once more, as happens when an answer was lost."""
        self._hand_out(self._of(token), update)

    def heard(self, person: Person) -> list[Json]:
        """What bots sent him."""
        return [each for each in self._messages.get(person.id, []) if each["from"]["is_bot"]]

    async def hears(self, person: Person, count: int = 1, seconds: float = 15) -> list[Json]:
        """What bots sent him, as soon as there are `count` messages."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(self.heard(person)) >= count)
        return self.heard(person)

    async def called(self, method: str, seconds: float = 15) -> Json:
        """The parameters of the latest call of `method`, as soon as there was one."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: any(name == method for name, _ in self.calls))
        return next(params for name, params in reversed(self.calls) if name == method)

    def forget(self, person: Person) -> None:
        """He writes no more; nor is anything else remembered that only tests ask for."""
        self.answers.forget(str(person.id))
        self.calls.clear()
        self.told.clear()
        self._messages.pop(person.id, None)

    def content(self, file_id: str) -> bytes:
        """The bytes of a file that somebody sent."""
        return self._files[file_id][2]

    # What bots call

    async def _method(self, request: Request) -> Response:
        bot, method = self._bots.get(request.path_params["token"]), request.path_params["method"]
        params, uploads = await _parameters(request)
        try:
            if bot is None:
                raise _Refused(401, "Unauthorized")
            answer = getattr(self, f"_do_{method.lower()}", None)
            if answer is None:
                raise _Refused(404, "Not Found")
            trouble = self.troubles.popleft() if self.troubles and method.lower().startswith("send") else None
            if trouble is None or trouble.carried_out:
                result = await answer(bot, params, uploads)
            await self._note(method, params)
            if trouble is not None:
                return _troubled(trouble)
        except _Refused as no:
            await self._note(method, params)
            body: Json = {"ok": False, "error_code": no.code, "description": no.description}
            return JSONResponse(body | ({"parameters": no.parameters} if no.parameters else {}), no.code)
        return JSONResponse({"ok": True, "result": result})

    async def _note(self, method: str, params: Json) -> None:
        async with self._changed:
            self.calls.append((method, params))
            self._changed.notify_all()

    async def _do_getme(self, bot: _Bot, _: Json, __: dict[str, Upload]) -> Json:
        return bot.user | {"can_join_groups": True, "supports_inline_queries": False}

    async def _do_setwebhook(self, bot: _Bot, params: Json, _: dict[str, Upload]) -> bool:
        bot.webhook, bot.secret = str(params.get("url") or ""), str(params.get("secret_token") or "")
        bot.news.set()
        if bot.webhook:
            while bot.updates:
                self._hand_out(bot, bot.updates.popleft())
        return True

    async def _do_deletewebhook(self, bot: _Bot, _: Json, __: dict[str, Upload]) -> bool:
        bot.webhook = bot.secret = ""
        return True

    async def _do_getwebhookinfo(self, bot: _Bot, _: Json, __: dict[str, Upload]) -> Json:
        return {
            "url": bot.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(bot.updates),
            "max_connections": 40,
        }

    async def _do_getupdates(self, bot: _Bot, params: Json, _: dict[str, Upload]) -> list[Json]:
        if bot.webhook:
            why = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            raise _Refused(409, f"Conflict: {why}")
        bot.polls += 1
        mine, offset = bot.polls, int(params.get("offset") or 0)
        bot.news.set()  # whoever polled before is told to stop
        while bot.updates and bot.updates[0]["update_id"] < offset:
            bot.updates.popleft()
        until = asyncio.get_running_loop().time() + float(params.get("timeout") or 0)
        while not bot.updates and (left := until - asyncio.get_running_loop().time()) > 0:
            bot.news.clear()
            try:
                await asyncio.wait_for(bot.news.wait(), left)
            except TimeoutError:
                break
            if bot.token not in self._bots:
                raise _Refused(401, "Unauthorized")
            if bot.polls != mine:
                why = "terminated by other getUpdates request; make sure that only one bot instance is running"
                raise _Refused(409, f"Conflict: {why}")
        return list(bot.updates)[: int(params.get("limit") or 100)]

    async def _do_sendmessage(self, bot: _Bot, params: Json, _: dict[str, Upload]) -> Json:
        text = str(params.get("text") or "")
        if not text.strip():
            raise _Refused(400, "Bad Request: message text is empty")
        if _length(text) > TEXT_MAX:
            raise _Refused(400, "Bad Request: message is too long")
        return await self._goes(bot, params, {"text": text})

    async def _do_sendphoto(self, bot: _Bot, params: Json, uploads: dict[str, Upload]) -> Json:
        file, upload = self._upload(uploads, "photo")
        if not upload.content_type.startswith("image/") or not upload.content:
            raise _Refused(400, "Bad Request: IMAGE_PROCESS_FAILED")
        return await self._goes(bot, params, {"photo": [file | {"width": 800, "height": 600}]})

    async def _do_senddocument(self, bot: _Bot, params: Json, uploads: dict[str, Upload]) -> Json:
        file, upload = self._upload(uploads, "document")
        told = {"file_name": upload.name, "mime_type": upload.content_type}
        return await self._goes(bot, params, {"document": file | told})

    async def _do_sendchataction(self, bot: _Bot, params: Json, _: dict[str, Upload]) -> bool:
        self._chat(params)
        return True

    async def _do_answercallbackquery(self, bot: _Bot, params: Json, _: dict[str, Upload]) -> bool:
        if not params.get("callback_query_id"):
            raise _Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        return True

    async def _do_getfile(self, bot: _Bot, params: Json, _: dict[str, Upload]) -> Json:
        found = self._files.get(str(params.get("file_id") or ""))
        if found is None:
            raise _Refused(400, "Bad Request: invalid file_id")
        if len(found[2]) > DOWNLOAD_MAX:
            raise _Refused(400, "Bad Request: file is too big")
        number = str(params["file_id"])
        folder = "photos" if found[1].startswith("image/") else "documents"
        told = {"file_id": number, "file_unique_id": f"u{number}", "file_size": len(found[2])}
        return told | {"file_path": f"{folder}/{number}/{found[0]}"}

    async def _download(self, request: Request) -> Response:
        parts = str(request.path_params["path"]).split("/")
        found = self._files.get(parts[1]) if len(parts) == 3 else None
        if request.path_params["token"] not in self._bots or found is None:
            return JSONResponse({"ok": False, "error_code": 404, "description": "Not Found"}, 404)
        return Response(found[2], media_type="application/octet-stream")

    # Between the two

    def _of(self, token: str | None) -> _Bot:
        return self._bots[token] if token is not None else next(iter(self._bots.values()))

    def _chat(self, params: Json) -> Json:
        try:
            number = int(params.get("chat_id") or "")
        except ValueError:
            number = 0
        if number not in self._chats:
            raise _Refused(400, "Bad Request: chat not found")
        if number in self._blocked:
            raise _Refused(403, "Forbidden: bot was blocked by the user")
        return self._chats[number]

    def _upload(self, uploads: dict[str, Upload], field_name: str) -> tuple[Json, Upload]:
        upload = uploads.get(field_name)
        if upload is None:
            raise _Refused(400, f"Bad Request: there is no {field_name} in the request")
        return self._store(upload.name, upload.content_type, upload.content), upload

    def _store(self, name: str, content_type: str, content: bytes) -> Json:
        number = f"AgACAgQAAx{next(self._file_ids):06d}"
        self._files[number] = self._files[number + "s"] = (name, content_type, content)
        return {"file_id": number, "file_unique_id": f"u{number}", "file_size": len(content)}

    async def _comes(self, person: Person, token: str | None, fields: Json, chat: Json | None = None) -> Json:
        bot = self._of(token)
        self._blocked.discard(person.id)
        place = chat or person.chat
        self._chats[place["id"]] = place
        message = await self._add(place["id"], {"from": person.user, "chat": place, "date": _now(), **fields})
        self._update(bot, {"message": message})
        return message

    async def _goes(self, bot: _Bot, params: Json, fields: Json) -> Json:
        chat, markup = self._chat(params), params.get("reply_markup")
        caption = str(params.get("caption") or "")
        if _length(caption) > CAPTION_MAX:
            raise _Refused(400, "Bad Request: message caption is too long")
        shown = orjson.loads(markup) if isinstance(markup, str) else markup
        for row in (shown or {}).get("inline_keyboard", ()):
            if any(len(str(button.get("callback_data", "")).encode()) > CALLBACK_MAX for button in row):
                raise _Refused(400, "Bad Request: BUTTON_DATA_INVALID")
        more = ({"caption": caption} if caption else {}) | ({"reply_markup": shown} if shown else {})
        sent = await self._add(chat["id"], {"from": bot.user, "chat": chat, "date": _now(), **fields, **more})
        self.answers.note(str(chat["id"]))
        return sent

    async def _add(self, chat_id: int, message: Json) -> Json:
        async with self._changed:
            said = self._messages.setdefault(chat_id, [])
            numbered = {"message_id": len(said) + 1, **message}
            said.append(numbered)
            self._changed.notify_all()
        return numbered

    def _update(self, bot: _Bot, fields: Json) -> Json:
        update = {"update_id": next(self._update_ids), **fields}
        self.told.append(update)
        self._hand_out(bot, update)
        return update

    def _hand_out(self, bot: _Bot, update: Json) -> None:
        if bot.webhook:
            headers = {SECRET: bot.secret} if bot.secret else {}

            async def heard(answer: httpx.Response) -> None:
                await self._answered(bot, answer)

            self.caller.tell(bot.webhook, orjson.dumps(update), headers, heard)
        else:
            bot.updates.append(update)
            bot.news.set()

    async def _answered(self, bot: _Bot, answer: httpx.Response) -> None:
        """A webhook may call one method in its answer; it does not hear what became of it."""
        if answer.headers.get("content-type", "").startswith("application/json"):
            params = dict(answer.json())
            method = str(params.pop("method", ""))
            if (act := getattr(self, f"_do_{method.lower()}", None)) is not None:
                with contextlib.suppress(_Refused):
                    await act(bot, params, {})
                await self._note(method, params)


async def _parameters(request: Request) -> tuple[Json, dict[str, Upload]]:
    """From the query, a form, or JSON: the interface takes all of them."""
    params: Json = dict(request.query_params)
    uploads: dict[str, Upload] = {}
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        params |= orjson.loads(await request.body() or b"{}")
    elif kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        values, uploads = await read_form(request)
        params |= values
    return params, uploads


def _troubled(trouble: Trouble) -> Response:
    if trouble.body is None:
        return PlainTextResponse("Bad Gateway", trouble.status, headers=dict(trouble.headers))
    return JSONResponse(trouble.body, trouble.status, headers=dict(trouble.headers))


def too_many(seconds: int) -> Trouble:
    """The answer to a bot that sends too fast."""
    told = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {seconds}"}
    return Trouble(429, told | {"parameters": {"retry_after": seconds}})


def _length(text: str) -> int:
    """In UTF-16 units, as the interface counts."""
    return len(text.encode("utf-16-le")) // 2


def _now() -> int:
    return int(time.time())
