"""A stand-in for X: an account's messages and posts, signed news to a webhook that has passed its check, calls signed by OAuth.

Source: the reference of the Account Activity API (`direct_message_events`, `tweet_create_events`, the CRC), of API v2
(`/2/dm_conversations/with/:id/messages`, `/2/tweets`, `/2/media/upload`), RFC 5849. Not confirmed against the service itself.
"""

import asyncio
import base64
import hashlib
import hmac
import itertools
import re
import secrets
import time
from collections import deque
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parlons.simulator.providers.wire import Caller, Heard, Trouble, Upload, read_form

Json = dict[str, Any]
SIGNATURE = "x-twitter-webhooks-signature"
SECRETS = {
    "consumer_key": "practice-consumer-key",
    "consumer_secret": "practice-consumer-secret",
    "access_token": "practice-access-token",
    "access_token_secret": "practice-token-secret",
}
_FIELD = re.compile(r'(\w+)="([^"]*)"')


class Network:
    """The service, and one account of a firm. `app` is what the firm calls."""

    def __init__(self, account: str = "783214000", keys: dict[str, str] | None = None, *, first: int = 1) -> None:
        """`first`: of the numbers it gives; a service that starts again must not give one twice."""
        self.id = account
        self.answers = Heard()
        """Messages and posts people got, by their number."""
        self.troubles: deque[Trouble] = deque()
        self.heard: dict[str, list[Json]] = {}
        """What the account wrote, by the person (messages) or the post it answers."""
        self.files: dict[str, Upload] = {}
        self.told: list[bytes] = []
        self.caller = Caller()
        self.subscribed = asyncio.Event()
        self.url = ""
        self.authors: dict[str, str] = {}
        """Who wrote a post."""
        self._keys, self._webhook = keys or SECRETS, ""
        self._serial = itertools.count(first)
        self.app = Starlette(
            routes=[
                Route("/2/dm_conversations/with/{person}/messages", self._message, methods=["POST"]),
                Route("/2/tweets", self._post, methods=["POST"]),
                Route("/2/media/upload", self._upload, methods=["POST"]),
                Route("/files/{number}", self._file),
            ]
        )

    async def close(self) -> None:
        """Ends the calls that wait."""
        await self.caller.close()

    async def subscribe(self, webhook: str, verify_token: str = "") -> bool:
        """The check; with the right answer the webhook gets the news from now on. The token is what other services ask with."""
        token = secrets.token_urlsafe(24)
        answer = await self.caller.ask(webhook, {"crc_token": token})
        if answer.status_code == 200 and answer.json() == {"response_token": self.proof(token.encode())}:
            self._webhook = webhook
            self.subscribed.set()
            return True
        return False

    def proof(self, body: bytes) -> str:
        """Of these bytes, as the header has it."""
        secret = self._keys["consumer_secret"].encode()
        return "sha256=" + base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()

    def forget(self, person: str) -> None:
        """He writes no more."""
        self.answers.forget(person)
        self.told.clear()
        self.heard.pop(person, None)

    # What people do

    def says(self, person: str, name: str, text: str, *, media: Json | None = None) -> str:
        """A direct message to the account; returns its id."""
        number = self._number()
        data: Json = {"text": text, "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []}}
        if media is not None:
            data |= {"text": f"{text} {media['url']}".strip(), "attachment": {"type": "media", "media": media}}
        said = {"target": {"recipient_id": self.id}, "sender_id": person, "message_data": data}
        event = {"type": "message_create", "id": number, "created_timestamp": str(_now()), "message_create": said}
        who = {"id": person, "name": name, "screen_name": f"u{person[-6:]}"}
        self.tells({"direct_message_events": [event], "users": {person: who}})
        return number

    def sends(self, person: str, name: str, text: str, upload: Upload) -> str:
        """The same with a picture."""
        return self.says(person, name, text, media=self._media(upload))

    def posts(self, person: str, name: str, text: str, *, under: str = "", upload: Upload | None = None) -> str:
        """A post that names the account, or answers the post `under`."""
        number = self._number()
        self.authors[number] = person
        post: Json = {
            "id_str": number,
            "text": text,
            "truncated": False,
            "user": {"id_str": person, "name": name, "screen_name": f"u{person[-6:]}"},
            "in_reply_to_status_id_str": under or None,
            "in_reply_to_user_id_str": self.authors.get(under) if under else None,
            "entities": {"hashtags": [], "urls": [], "user_mentions": [{"id_str": self.id}]},
            "lang": "fr",
            "timestamp_ms": str(_now()),
        }
        if upload is not None:
            media = self._media(upload)
            post |= {"text": f"{text} {media['url']}", "extended_entities": {"media": [media]}}
        self.tells({"tweet_create_events": [post]})
        return number

    def reads(self, person: str, message_id: str) -> None:
        """He has read up to this message of ours."""
        target = {"recipient_id": self.id}
        read = {
            "created_timestamp": str(_now()),
            "sender_id": person,
            "target": target,
            "last_read_event_id": message_id,
        }
        self.tells({"direct_message_mark_read_events": [read]})

    def tells(self, news: Json) -> bytes:
        """News to the webhook, signed; returns the raw bytes."""
        raw = orjson.dumps({"for_user_id": self.id, **news})
        self.told.append(raw)
        if self._webhook:
            self.caller.tell(self._webhook, raw, {SIGNATURE: self.proof(raw)})
        return raw

    # What the firm calls

    async def _message(self, request: Request) -> Response:
        body, person = orjson.loads(await request.body()), request.path_params["person"]

        def say() -> Json:
            text, given = str(body.get("text") or ""), body.get("attachments") or []
            if not (text or given) or len(text) > 10_000 or len(given) > 1:
                raise ValueError("One or more parameters to your request was invalid.")
            media = [self.files[each["media_id"]].name for each in given]
            number = self._say(person, person, text, media)
            event = {"id": number, "type": "message_create", "message_create": {"sender_id": self.id, "target": {}}}
            self.tells({"direct_message_events": [event | {"created_timestamp": str(_now())}]})
            return {"dm_conversation_id": f"{person}-{self.id}", "dm_event_id": number}

        return self._answer(request, say)

    async def _post(self, request: Request) -> Response:
        body = orjson.loads(await request.body())

        def say() -> Json:
            text, given = str(body.get("text") or ""), (body.get("media") or {}).get("media_ids") or []
            under = str(body["reply"]["in_reply_to_tweet_id"])
            if not (text or given) or len(text) > 280 or len(given) > 4:
                raise ValueError("You are not permitted to perform this action.")
            media = [self.files[each].name for each in given]
            number = self._say(under, self.authors[under], text, media)
            self.authors[number] = self.id
            return {"id": number, "text": text}

        return self._answer(request, say)

    async def _upload(self, request: Request) -> Response:
        values, files = await read_form(request)

        def keep() -> Json:
            if values.get("media_category") not in ("dm_image", "tweet_image"):
                raise ValueError("media_category")
            number = self._number()
            self.files[number] = files["media"]
            return {"id": number, "media_key": f"3_{number}", "expires_after_secs": 86400}

        return self._answer(request, keep)

    async def _file(self, request: Request) -> Response:
        if not self._known(request):
            return JSONResponse({"title": "Unauthorized", "status": 401}, 401)
        found = self.files[request.path_params["number"].partition(".")[0]]
        return Response(found.content, media_type=found.content_type)

    def _say(self, where: str, person: str, text: str, media: list[str]) -> str:
        number = self._number()
        self.heard.setdefault(where, []).append({"id": number, "text": text, "media": media})
        self.answers.note(person)
        return number

    def _answer(self, request: Request, act: Any) -> Response:
        if not self._known(request):
            return JSONResponse({"title": "Unauthorized", "detail": "Unauthorized", "status": 401}, 401)
        trouble = self.troubles.popleft() if self.troubles else None
        if trouble is None or trouble.carried_out:
            try:
                data = act()
            except (ValueError, KeyError) as error:
                return JSONResponse({"title": "Forbidden", "detail": str(error), "status": 403}, 403)
            if trouble is None:
                return JSONResponse({"data": data}, 201)
        return JSONResponse(trouble.body, trouble.status, headers=dict(trouble.headers))

    def _known(self, request: Request) -> bool:
        """Whether the call is signed by the app for the account: RFC 5849 3.4, worked out here anew."""
        said = {name: unquote(value) for name, value in _FIELD.findall(request.headers.get("authorization", ""))}
        given = said.pop("oauth_signature", "")
        if (said.get("oauth_consumer_key"), said.get("oauth_token")) != (
            self._keys["consumer_key"],
            self._keys["access_token"],
        ):
            return False
        url = urlsplit(str(request.url))
        pairs = sorted((_q(name), _q(value)) for name, value in [*said.items(), *parse_qsl(url.query)])
        place = f"{url.scheme}://{url.netloc}{url.path}"
        base = f"{request.method}&{_q(place)}&{_q('&'.join(f'{name}={value}' for name, value in pairs))}"
        key = f"{_q(self._keys['consumer_secret'])}&{_q(self._keys['access_token_secret'])}"
        right = base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()
        return hmac.compare_digest(right, given) and abs(int(said["oauth_timestamp"]) - time.time()) < 300

    def _media(self, upload: Upload) -> Json:
        number = self._number()
        self.files[number] = upload
        place = f"{self.url}/files/{number}.{upload.name.rpartition('.')[2]}"
        return {"id_str": number, "type": "photo", "url": f"https://t.co/{number}", "media_url_https": place}

    def _number(self) -> str:
        return str(1_900_000_000_000_000_000 + next(self._serial))


def _q(text: str) -> str:
    return quote(text, safe="-._~")


def _now() -> int:
    return time.time_ns() // 1_000_000
