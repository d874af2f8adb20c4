"""Calls of a homeserver: addresses, the token, and what its errors mean. Source: the client-server API, standard errors."""

from typing import Any
from urllib.parse import quote, urlencode

from parlons.channels.calling import ask, call, waiting
from parlons.channels.model import Account, Json
from parlons.channels.plugin import Failed, NotSent, TryLater
from parlons.runtime.safe_http import Response, SafeHttp

CODES = {
    "M_UNKNOWN_TOKEN": "token-refused",
    "M_MISSING_TOKEN": "token-refused",
    "M_USER_DEACTIVATED": "token-refused",
    "M_FORBIDDEN": "blocked-by-customer",
    "M_NOT_FOUND": "unknown-recipient",
    "M_TOO_LARGE": "file-too-large",
}
LARGEST = 20 * 1024 * 1024


def refusal(answer: Response) -> NotSent | None:
    """The judge of a homeserver's answer."""
    if answer.status < 300 or answer.status >= 500:
        return None
    body = answer.json()
    told: Json = body if isinstance(body, dict) else {}
    code, why = str(told.get("errcode") or ""), str(told.get("error") or answer.status)
    if answer.status == 429 or code == "M_LIMIT_EXCEEDED":
        after = told.get("retry_after_ms")
        return TryLater("too-fast", why, after=after / 1000 if isinstance(after, int | float) else waiting(answer))
    return Failed(CODES.get(code, "refused-by-provider"), why)


class Homeserver:
    """One account's homeserver."""

    def __init__(self, http: SafeHttp, account: Account) -> None:
        self._http, self._account = http, account

    async def ask(self, *path: str, **query: str) -> Json:
        """A question. Raises TryLater or Failed."""
        address = self._url(*path) + (f"?{urlencode(query)}" if query else "")
        answer = await ask(self._http, "GET", address, refusal, headers=self._headers(), largest=LARGEST)
        return _told(answer)

    async def tell(self, method: str, *path: str, body: Any = None) -> Json:
        """A call that does something. Raises TryLater, Failed or Unsure."""
        answer = await call(self._http, method, self._url(*path), refusal, body=body or {}, headers=self._headers())
        return _told(answer)

    async def upload(self, name: str, content_type: str, content: bytes) -> str:
        """Hands over a file; returns its address. Nobody sees it before a message names it."""
        address = f"{self._account.settings.homeserver_url}/_matrix/media/v3/upload?{urlencode({'filename': name})}"
        headers = self._headers() | {"content-type": content_type}
        answer = await ask(self._http, "POST", address, refusal, body=content, headers=headers)
        return str(_told(answer)["content_uri"])

    async def download(self, uri: str) -> bytes:
        """The bytes at an `mxc://` address. Raises TryLater or Failed."""
        server, _, media = uri.removeprefix("mxc://").partition("/")
        if not uri.startswith("mxc://") or not server or not media or "/" in media:
            raise Failed("file-not-found")
        address = self._url("media", "download", server, media, version="v1")
        answer = await ask(self._http, "GET", address, refusal, headers=self._headers(), largest=LARGEST)
        return answer.content

    def _url(self, *path: str, version: str = "v3") -> str:
        parts = "/".join(quote(each, safe="") for each in path)
        return f"{self._account.settings.homeserver_url}/_matrix/client/{version}/{parts}"

    def _headers(self) -> dict[str, str]:
        token = self._account.secrets.get("access_token", "")
        if not token or not token.isascii() or not token.isprintable():
            raise Failed("token-refused")
        return {"authorization": f"Bearer {token}"}


def _told(answer: Response) -> Json:
    told = answer.json()
    return told if isinstance(told, dict) else {}
