"""Requests to the addresses of programs, signed with the account's token as the clients' validators expect."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from parlons.runtime.safe_http import LARGEST, Response, SafeHttp

FORM = "application/x-www-form-urlencoded; charset=utf-8"


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """What the clients' validators expect of a call: HMAC-SHA1 of the address and the sorted form, in base64."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


async def ask(
    http: SafeHttp, token: str | None, method: str, url: str, form: Mapping[str, str], *, patience: float,
    largest: int = LARGEST,
) -> Response:  # fmt: skip
    """Asks an address once; by GET the form is part of the address. Raises as `SafeHttp.request`."""
    headers, body = {"Accept": "*/*"}, None
    if method == "GET":
        url += ("&" if "?" in url else "?") + urlencode(form) if form else ""
        form = {}
    else:
        headers["Content-Type"], body = FORM, urlencode(form).encode()
    if token is not None:
        headers["X-Twilio-Signature"] = signature(token, url, form)
    return await http.request(method, url, headers=headers, body=body, timeout_seconds=patience, largest=largest)
