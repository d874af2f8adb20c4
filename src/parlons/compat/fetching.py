"""Fetches what programs' addresses hold: documents of call XML, and sounds. Signed, bounded, never inside our own network."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from parlons.accounts.account_tokens import signing_token
from parlons.compat.call_xml import MOST_BYTES
from parlons.compat.errors import ApiError
from parlons.compat.led import Led
from parlons.compat.outgoing import ask
from parlons.kit.errors import Refusal
from parlons.runtime.db import Database
from parlons.runtime.safe_http import SafeHttp
from parlons.voice.calls.prompts import Prompts
from parlons.voice.media.engine import Sound

NOT_FETCHED, NOT_SOUND = 11200, 12300
PATIENCE = 15.0
"""Seconds a program has to say what comes next."""
LARGEST_SOUND = 5_000_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document, or why there is none."""

    url: str
    content: str | None
    code: int = 0
    why: str = ""


class Fetching:
    """One for each process."""

    def __init__(self, db: Database, http: SafeHttp, prompts: Prompts) -> None:
        self._db, self._http, self._prompts = db, http, prompts

    @staticmethod
    def absolute(base: str, url: str) -> str:
        """An address that a document names; empty: the document's own."""
        return urljoin(base, url) if url else base

    async def document(self, led: Led, url: str, method: str, form: Mapping[str, str]) -> Fetched:
        """The document at an address; never raises for what the other side does."""
        try:
            async with self._db.transaction(led.tenant_id) as tx:
                token = await signing_token(tx, led.tenant_id)
            whole = {**led.form(), **form}
            answer = await ask(self._http, token, method, url, whole, patience=PATIENCE, largest=MOST_BYTES)
            if not 200 <= answer.status < 300:
                return Fetched(url, None, NOT_FETCHED, f"status {answer.status}")
            return Fetched(url, answer.content.decode())
        except UnicodeDecodeError:
            return Fetched(url, None, NOT_FETCHED, "not UTF-8")
        except Refusal as refusal:
            return Fetched(url, None, NOT_FETCHED, refusal.code)

    async def sound(self, led: Led, url: str) -> Sound:
        """The WAV file at an address; raises ApiError."""
        try:
            answer = await self._http.request("GET", url, timeout_seconds=PATIENCE, largest=LARGEST_SOUND)
            if answer.status != 200:
                raise ApiError(f"The sound answers with status {answer.status}", code=NOT_FETCHED)
            return await self._prompts.played(answer.content)
        except Refusal as refusal:
            raise ApiError(f"The sound cannot be played: {refusal.code}", code=NOT_SOUND) from None
