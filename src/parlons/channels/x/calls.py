"""Calls of the service: settings both channels share, what its answers mean, files on their way out.

Source: the reference of API v2 (problems by RFC 9457, `x-rate-limit-reset`), of `POST /2/media/upload` in one piece.
"""

import secrets
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from parlons.channels.calling import Part, ask, call, form, no_file
from parlons.channels.model import Account, OutgoingFile
from parlons.channels.plugin import Failed, NotSent, TryLater, Unsure
from parlons.channels.x.signing import authorization
from parlons.kit.clock import Clock
from parlons.runtime.safe_http import Response, SafeHttp

LARGEST = 16 * 1024 * 1024
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
PICTURE_BYTES = 5 * 1024 * 1024


class Settings(BaseModel):
    """Of one account."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field(
        "https://api.x.com", title="Address of the service", description="Where the API answers.",
        pattern=r"^https?://[^\s]+[^/\s]$",
    )  # fmt: skip


class Service:
    """The service, as an account calls it."""

    def __init__(self, http: SafeHttp, clock: Clock) -> None:
        self._http, self._clock = http, clock

    async def post(self, account: Account, path: str, body: Any) -> dict[str, Any]:
        """What it answers, its `data`; a list of parts goes as a form. Raises TryLater, Failed or Unsure."""
        url = f"{account.settings.api_url}{path}"
        headers = self._signed(account, "POST", url)
        if isinstance(body, list):
            body, kind = form(body)
            headers |= kind
        answer = await call(self._http, "POST", url, self._refusal, body=body, headers=headers)
        told = answer.json()
        data = told.get("data") if isinstance(told, dict) else None
        return data if isinstance(data, dict) else {}

    async def upload(self, account: Account, file: OutgoingFile, category: str) -> str:
        """The id under which a picture is given to a message or post."""
        parts: list[Part] = [
            ("media_category", "", "", category.encode()),
            ("media_type", "", "", file.content_type.encode()),
            ("media", file.name, file.content_type, file.body),
        ]
        try:
            number = str((await self.post(account, "/2/media/upload", parts)).get("id") or "")
        except Unsure as error:  # Nobody sees a file that is in no message: it may be given again.
            raise TryLater(error.code, error.reason) from None
        if not number:
            raise Failed("file-refused")
        return number

    async def file(self, account: Account, url: str) -> Response:
        """A file that came; those of messages are given to the account only. Its keys are shown to the service's own hosts."""
        host = url.split("/")[2].partition(":")[0]
        known = account.settings.api_url.split("/")[2].partition(":")[0]
        ours = host == known or host.endswith((".twitter.com", ".x.com"))
        headers = self._signed(account, "GET", url) if ours else None
        return await ask(self._http, "GET", url, no_file, headers=headers, largest=LARGEST)

    def _signed(self, account: Account, method: str, url: str) -> dict[str, str]:
        now = self._clock() // 1000
        return authorization(account.secrets, method, url, nonce=secrets.token_hex(16), seconds=now)

    def _refusal(self, answer: Response) -> NotSent | None:
        if answer.status < 300:
            return None
        told = answer.json()
        told = told if isinstance(told, dict) else {}
        problems = told.get("errors")
        first = problems[0] if isinstance(problems, list) and problems and isinstance(problems[0], dict) else {}
        reason = str(told.get("detail") or first.get("message") or told.get("title") or answer.status)
        match answer.status:
            case 429:
                reset = answer.headers.get("x-rate-limit-reset", "")
                after = max(1.0, int(reset) - self._clock() / 1000) if reset.isdecimal() else None
                return TryLater("too-fast", reason, after=after)
            case 401:
                return Failed("token-refused", reason)
            case 404:
                return Failed("unknown-recipient", reason)
            case status if status < 500:
                return Failed("refused-by-provider", reason)
        return None
