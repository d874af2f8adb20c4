"""Access tokens for mail servers that want OAuth 2: fetched with the refresh token, kept until shortly before they end.

Source: RFC 6749 6. A provider that gives a new refresh token with each use is told by its error: the account must be
configured again, since secrets are the configuration's.
"""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlencode

from parlons.channels.email.identities import settings_of
from parlons.channels.model import Account
from parlons.channels.plugin import Tools, TryLater
from parlons.kit.errors import Refusal

EARLY = 120
"""Seconds before its end at which a token is no longer used."""


@dataclass(slots=True)
class Access:
    """The access tokens of a process."""

    tools: Tools
    _known: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def token(self, account: Account) -> str | None:
        """A token that holds; None when the account uses a password. Raises TryLater."""
        settings = settings_of(account)
        refresh = account.secrets.get("refresh-token")
        if not settings.oauth_url or not refresh:
            return None
        key = (account.id, account.version)
        async with self._asking:
            known = self._known.get(key)
            if known is None or known[1] <= self.tools.clock():
                known = self._known[key] = await self._ask(account, settings.oauth_url, settings.oauth_client, refresh)
            return known[0]

    def forget(self, account: Account) -> None:
        """A token was refused: the next is fetched anew."""
        self._known.pop((account.id, account.version), None)

    async def _ask(self, account: Account, url: str, client: str, refresh: str) -> tuple[str, int]:
        form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": client}
        if secret := account.secrets.get("client-secret"):
            form["client_secret"] = secret
        try:
            answer = await self.tools.http.request(
                "POST",
                url,
                body=urlencode(form).encode(),
                headers={"content-type": "application/x-www-form-urlencoded"},
            )
        except Refusal as refusal:
            raise TryLater("no-access-token", refusal.code) from None
        body = answer.json()
        if answer.status != 200 or not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
            code = body.get("error", "") if isinstance(body, dict) else ""
            raise TryLater("no-access-token", f"{answer.status} {code}")
        seconds = body.get("expires_in", 3600)
        until = self.tools.clock() + 1000 * (int(seconds if isinstance(seconds, int | float) else 3600) - EARLY)
        return body["access_token"], until
