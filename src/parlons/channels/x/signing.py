"""How calls to the service are signed and how its calls to us are proven. Pure.

Source: RFC 5849 3.4 (OAuth 1.0a, HMAC-SHA1, whose tokens do not expire); X's webhook reference: `x-twitter-webhooks-signature`
is the HMAC-SHA256 of the raw body with the app's consumer secret, and so is the answer to a `crc_token`. That token is chosen by
whoever asks, so one that could be a body is not answered: it would sign what he likes.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit

import orjson

from parlons.channels.model import Account, HookAnswer, HookRequest
from parlons.channels.plugin import BadHook, Failed, NotFromProvider, Secret

SECRETS = tuple(Secret(name) for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret"))
HEADER = "x-twitter-webhooks-signature"
_ASKED = re.compile(r"[A-Za-z0-9_.~+/=-]{1,200}")


def verify(account: Account, request: HookRequest) -> None:
    """Raises NotFromProvider unless the body is signed, or it is the question whether we know the secret."""
    secret = account.secrets.get("consumer_secret", "")
    if request.method == "GET":
        if not secret or not _ASKED.fullmatch(request.query.get("crc_token", "")):
            raise NotFromProvider
        return
    given = request.headers.get(HEADER, "")
    if not secret or not hmac.compare_digest(given.encode(), proof(secret, request.body).encode()):
        raise NotFromProvider


def answer(account: Account, request: HookRequest) -> HookAnswer | None:
    """The proof that we know the secret."""
    if request.method != "GET":
        return None
    token = request.query.get("crc_token", "")
    if not token:
        raise BadHook
    told = {"response_token": proof(account.secrets.get("consumer_secret", ""), token.encode())}
    return HookAnswer(body=orjson.dumps(told), content_type="application/json")


def proof(secret: str, body: bytes) -> str:
    """As the service writes it."""
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def authorization(secrets: Mapping[str, str], method: str, url: str, *, nonce: str, seconds: int) -> dict[str, str]:
    """The header that lets a call in. What a JSON or form-data body holds is not part of the signature."""
    if not all(secrets.get(each.name, "").isascii() and secrets.get(each.name) for each in SECRETS):
        raise Failed("token-refused")
    said = {
        "oauth_consumer_key": secrets["consumer_key"],
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(seconds),
        "oauth_token": secrets["access_token"],
        "oauth_version": "1.0",
    }
    said["oauth_signature"] = signature(secrets["consumer_secret"], secrets["access_token_secret"], method, url, said)
    return {"authorization": "OAuth " + ", ".join(f'{name}="{_quoted(value)}"' for name, value in said.items())}


def signature(consumer_secret: str, token_secret: str, method: str, url: str, said: Mapping[str, str]) -> str:
    """Of a call with these `oauth_` parameters, `oauth_signature` itself left out."""
    parts = urlsplit(url)
    pairs = [*((name, value) for name, value in said.items() if name != "oauth_signature"), *parse_qsl(parts.query)]
    sorted_pairs = sorted((_quoted(name), _quoted(value)) for name, value in pairs)
    place = f"{parts.scheme}://{parts.netloc}{parts.path}"
    base = "&".join(
        (method.upper(), _quoted(place), _quoted("&".join(f"{name}={value}" for name, value in sorted_pairs)))
    )
    key = f"{_quoted(consumer_secret)}&{_quoted(token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def _quoted(text: str) -> str:
    return quote(text, safe="-._~")
