"""Webhooks of the graph: who calls, and the challenge of a subscription. Pure.

Source: the Webhooks reference: HMAC-SHA256 of the raw body with the app's secret in `X-Hub-Signature-256`; a subscription is a
GET with `hub.mode`, `hub.verify_token` and `hub.challenge`, answered with the challenge.
"""

import hmac
from hashlib import sha256
from typing import Any

import orjson

from parlons.channels.model import Account, HookAnswer, HookRequest, Json
from parlons.channels.plugin import BadHook, NotFromProvider, Secret

SECRETS = (Secret("access_token"), Secret("app_secret"), Secret("verify_token"))
SIGNATURE = "x-hub-signature-256"


def verify(account: Account, request: HookRequest) -> None:
    """Raise NotFromProvider unless the body is signed, or the question carries the token we chose."""
    if request.method == "GET":
        given, wanted = request.query.get("hub.verify_token", ""), account.secrets.get("verify_token", "")
    else:
        secret = account.secrets.get("app_secret", "")
        wanted = secret and "sha256=" + hmac.new(secret.encode(), request.body, sha256).hexdigest()
        given = request.headers.get(SIGNATURE, "")
    if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise NotFromProvider


def answer(request: HookRequest) -> HookAnswer | None:
    """The challenge of a subscription."""
    if request.method != "GET":
        return None
    if request.query.get("hub.mode") != "subscribe":
        raise BadHook
    return HookAnswer(body=request.query.get("hub.challenge", "").encode())


ACCEPTED = HookAnswer(body=b"EVENT_RECEIVED")


def entries(request: HookRequest, wanted: str) -> list[Json]:
    """The entries of a call about objects of the kind `wanted`; raises BadHook."""
    try:
        body: Any = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise BadHook from None
    if not isinstance(body, dict) or body.get("object") != wanted or not isinstance(body.get("entry"), list):
        raise BadHook
    return [entry for entry in body["entry"] if isinstance(entry, dict)]
