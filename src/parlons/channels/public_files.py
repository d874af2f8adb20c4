"""Files of messages at an address that anybody may call who was given it, for services that fetch what they are to send.

An address names one file of one tenant and holds for a day; it is signed, so that none can be guessed or made to hold longer.
"""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parlons.conversations.http_files import file_answer
from parlons.kit.errors import Refusal
from parlons.kit.ids import FILE
from parlons.runtime.files import FileMissing
from parlons.runtime.http import problem_of
from parlons.runtime.signed_ids import SignedIds, signed_ids

PREFIX = "/media"
HOLDS_MS = 24 * 3_600_000
_SIGNED = 10


@dataclass(frozen=True, slots=True)
class PublicFiles:
    """Makes and reads the addresses of one installation."""

    url: str
    """Where it is reached from outside."""
    ids: SignedIds

    def address(self, tenant_id: str, file_id: str, now: int) -> str:
        """Of a file; good for a day, the same for an hour, so that a try again names the same."""
        until = (now // 3_600_000 + 25) * 3_600_000
        token = self.ids.token(file_id, within=_within(tenant_id, until))
        return f"{self.url}{PREFIX}/{tenant_id}/{until}/{token}"

    def named(self, tenant_id: str, until: str, token: str, now: int) -> str:
        """The file an address names. Raises FileMissing."""
        if not until.isdecimal() or len(until) > 15 or int(until) < now:
            raise FileMissing
        found = self.ids.id_of(token, within=_within(tenant_id, int(until)))
        if found is None:
            raise FileMissing
        return found


def public_files(secret: bytes, url: str) -> PublicFiles:
    """`secret`: the bytes of secret.key."""
    return PublicFiles(url.rstrip("/"), signed_ids(secret, "public file", FILE, _SIGNED))


async def download(request: Request) -> Response:
    """One file, to whoever has its address."""
    post: Any = request.app.state.post
    asked = request.path_params
    try:
        file_id = post.public_files.named(asked["tenant"], asked["until"], asked["token"], post.db.clock())
        async with post.db.transaction(asked["tenant"]) as tx:
            found, body = await post.files.open(tx, file_id)
    except Refusal as refusal:
        return problem_of(refusal)
    return file_answer(found, body)


def route() -> Route:
    """The route of all such files."""
    return Route(f"{PREFIX}/{{tenant}}/{{until}}/{{token}}", download, methods=["GET"])


def _within(tenant_id: str, until: int) -> bytes:
    return f"{tenant_id}|{until}|".encode()
