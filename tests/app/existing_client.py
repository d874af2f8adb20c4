"""The official Python client of the communications API, unmodified, pointed at our server by its public option `http_client`."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

Keys = dict[str, str]


@dataclass(frozen=True)
class Seen:
    """What the client asked and was answered."""

    method: str
    path: str
    status: int
    text: str


class Pointed(TwilioHttpClient):  # type: ignore[misc]
    """Sends `https://<product>.<their host>/...` to `<base>/_<product>/...`; our own addresses pass."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=60, max_retries=0)
        self.base = base.rstrip("/")
        self.seen: list[Seen] = []

    def request(self, method: str, url: str, *arguments: Any, **more: Any) -> Any:
        parts = urlsplit(url)
        if (parts.hostname or "").endswith(".twilio.com"):
            product = str(parts.hostname).partition(".")[0]
            url = f"{self.base}/_{product}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        answer = super().request(method, url, *arguments, **more)
        path = re.sub("^/_[a-z]+", "", urlsplit(url).path)
        self.seen.append(Seen(method, path, answer.status_code, answer.text))
        return answer


def client(base: str, name: str, secret: str, account: str | None = None) -> Client:
    """A client that signs in as the account, or with a key for `account`."""
    return Client(name, secret, account, http_client=Pointed(base))
