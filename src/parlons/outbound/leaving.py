"""The link in a mail by which its recipient asks for no more: a signed address and a page with one button.

Looking at the page changes nothing (scanners of mails follow every link); the POST does, from the page's button or from the mail
program. Source: RFC 8058; RFC 2104.
"""

import hashlib
import hmac

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from parlons.customers import consent
from parlons.kit.languages import nearest
from parlons.outbound.store import recipients, sends, singles
from parlons.runtime import public_page
from parlons.runtime.db import Database, Tx
from parlons.runtime.vault import derived_key

PREFIX = "/unsubscribe"
_SIGNED = 16
_WORDS = {
    "en": {
        "title": "No more of these messages",
        "ask": "Do you want no more messages of this kind at this address?",
        "button": "No more messages",
        "done": "Done. You will get no more messages of this kind at this address.",
        "unknown": "This link is not complete, or no longer valid. Use the link in the mail as it is.",
    },
    "fr": {
        "title": "Ne plus recevoir ces messages",
        "ask": "Souhaitez-vous ne plus recevoir ces messages à cette adresse\u00a0?",
        "button": "Ne plus recevoir de messages",
        "done": "C’est fait. Vous ne recevrez plus ces messages à cette adresse.",
        "unknown": "Ce lien est incomplet ou n’est plus valable. Utilisez le lien du courriel tel quel.",
    },
}


class Leaving:
    """Makes and reads the links. One a process."""

    def __init__(self, secret: bytes, public_url: str) -> None:
        """`secret`: the bytes of secret.key; `public_url`: empty when this installation has no public address."""
        self._key = derived_key(secret, "unsubscribe link")
        self._url = public_url.rstrip("/")

    def link(self, tenant_id: str, recipient_id: int) -> str:
        """The address for one recipient; empty without a public address."""
        return (
            f"{self._url}{PREFIX}/{tenant_id}.{recipient_id}.{self._sign(tenant_id, recipient_id)}" if self._url else ""
        )

    def recipient(self, token: str) -> tuple[str, int] | None:
        """Tenant and recipient a token names; None: it is none of ours."""
        tenant_id, _, rest = token.partition(".")
        number, _, mac = rest.partition(".")
        digits = number.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 19 and mac.isascii()):
            return None
        right = self._sign(tenant_id, int(number))
        return (tenant_id, int(number)) if hmac.compare_digest(right, mac) else None

    def _sign(self, tenant_id: str, recipient_id: int) -> str:
        return hmac.new(self._key, f"{tenant_id}\0{recipient_id}".encode(), hashlib.sha256).hexdigest()[: 2 * _SIGNED]


async def leave(tx: Tx, recipient_id: int) -> bool:
    """Its address gets no more from this firm; False when it is not known any more. Below zero: of a single message."""
    c = recipients.c
    query = sa.select(recipients, sends.c.firm_id, sends.c.channel).join(sends, sends.c.id == c.send_id)
    query = query.where(c.tenant_id == tx.tenant_id, c.id == recipient_id)
    if recipient_id < 0:
        query = sa.select(singles).where(singles.c.tenant_id == tx.tenant_id, singles.c.number == -recipient_id)
    row = await tx.fetch_one(query)
    if row is None or row["kind"] == "":
        return False
    await consent.opt_out(
        tx, firm_id=row["firm_id"], kind=row["kind"], value=row["value"], customer_id=row["customer_id"] or "",
        channel=row["channel"], word="unsubscribe link", message_id=row["message_id"] or "",
    )  # fmt: skip
    return True


async def page(request: Request) -> HTMLResponse:
    """Asks, or does it."""
    leaving: Leaving = request.app.state.outbound.leaving
    language = nearest(request.headers.get("accept-language"))
    found = leaving.recipient(request.path_params["token"])
    if found is None:
        return _page(language, "unknown", status=404)
    if request.method != "POST":
        return _page(language, "ask", ask=True)
    db: Database = request.app.state.db
    async with db.transaction(found[0]) as tx:
        done = await leave(tx, found[1])
    return _page(language, "done" if done else "unknown", status=200 if done else 404)


def route() -> Route:
    """The route of the links."""
    return Route(f"{PREFIX}/{{token}}", page, methods=["GET", "POST"])


def _page(language: str, code: str, *, ask: bool = False, status: int = 200) -> HTMLResponse:
    words = _WORDS[language]
    button = words["button"] if ask else ""
    return public_page.shown(public_page.message(language, words["title"], words[code], button=button), status)
