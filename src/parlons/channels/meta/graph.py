"""Calls of the graph: settings all its channels share, and what its errors mean.

Source: the Graph API's error reference. An error object is the graph's own word that nothing was done, also with a status of
5xx; a 5xx without one leaves it open.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from parlons.channels.calling import Part, ask, call, form
from parlons.channels.model import Account
from parlons.channels.plugin import Failed, NotSent, TryLater
from parlons.runtime.safe_http import Response, SafeHttp

TOO_FAST = frozenset({4, 17, 32, 613, 80006, 80007, 130429, 131048, 131056})
FOR_NOW = frozenset({1, 2, 1200, 131000, 131016, 133004})
CODES = {
    10: "no-permission",
    100: "refused-by-provider",
    102: "token-refused",
    190: "token-refused",
    200: "no-permission",
    551: "blocked-by-customer",
    10900: "answered-in-private",
    131005: "no-permission",
    131021: "unknown-recipient",
    131026: "unknown-recipient",
    131030: "unknown-recipient",
    131031: "account-locked",
    131042: "account-not-paid",
    131047: "window-closed",
    131049: "held-back-by-provider",
    131050: "opted-out",
    131051: "kind-not-supported",
    131052: "file-refused",
    131053: "file-refused",
    132000: "template-refused",
    132001: "template-refused",
    132005: "template-refused",
    132007: "template-refused",
    132012: "template-refused",
    132015: "template-refused",
    132016: "template-refused",
    133010: "account-locked",
}
SUBCODES = {2018278: "window-closed", 2018001: "unknown-recipient", 1545041: "blocked-by-customer"}


class GraphSettings(BaseModel):
    """What an account of every channel of the graph has."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field(
        "https://graph.facebook.com",
        title="Address of the service",
        description="Where the graph answers.",
        pattern=r"^https?://[^\s]+[^/\s]$",
    )
    api_version: str = Field(
        "v23.0", title="Version of the interface", description="As your app uses it.", pattern=r"^v\d{1,3}\.\d{1,2}$"
    )


def code_of(error: dict[str, Any]) -> str:
    """Our word for one of the graph's errors."""
    subcode, code = error.get("error_subcode"), error.get("code")
    by_subcode = SUBCODES.get(subcode) if isinstance(subcode, int) else None
    return by_subcode or (CODES.get(code) if isinstance(code, int) else None) or "refused-by-provider"


def reason_of(error: dict[str, Any]) -> str:
    """The graph's own words."""
    details = error.get("error_data")
    more = details.get("details") if isinstance(details, dict) else None
    return str(more or error.get("message") or error.get("title") or error.get("code") or "")


def refusal(answer: Response) -> NotSent | None:
    """The judge of an answer of the graph."""
    body = answer.json()
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return Failed("refused-by-provider", str(answer.status)) if 300 <= answer.status < 500 else None
    if error.get("code") in TOO_FAST or answer.status == 429:
        return TryLater("too-fast", reason_of(error))
    if error.get("code") in FOR_NOW or error.get("is_transient") is True:
        return TryLater("provider-busy", reason_of(error))
    return Failed(code_of(error), reason_of(error))


def url(account: Account, *path: str) -> str:
    """The address of a node or an edge."""
    return "/".join((account.settings.api_url, account.settings.api_version, *path))


def bearer(account: Account) -> dict[str, str]:
    """The header that lets us in."""
    token = account.secrets.get("access_token", "")
    if not token or not token.isascii() or not token.isprintable():
        raise Failed("token-refused")
    return {"authorization": f"Bearer {token}"}


async def post(
    http: SafeHttp, account: Account, edge: str, body: dict[str, Any] | list[Part], *, node: str | None = None
) -> dict[str, Any]:
    """Calls an edge of the account's own node, or of `node`; a list of parts goes as a form.

    Raises TryLater, Failed or Unsure."""
    headers, where = bearer(account), url(account, *filter(None, (node or account.address, edge)))
    if isinstance(body, list):
        content, kind = form(body)
        answer = await call(http, "POST", where, refusal, body=content, headers=headers | kind)
    else:
        answer = await call(http, "POST", where, refusal, body=body, headers=headers)
    told = answer.json()
    return told if isinstance(told, dict) else {}


async def get(http: SafeHttp, account: Account, *path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Asks a node. Raises TryLater or Failed."""
    where = url(account, *path) + (f"?{urlencode(query)}" if query else "")
    answer = await ask(http, "GET", where, refusal, headers=bearer(account))
    told = answer.json()
    return told if isinstance(told, dict) else {}
