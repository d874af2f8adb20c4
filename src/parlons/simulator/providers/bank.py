"""A stand-in for a bank's own system, as the ready-made flow asks it: proofs by PIN, accounts, branches, transfers to savings.

A transfer carries an `Idempotency-Key`; the same key moves nothing a second time.
"""

import hmac
import secrets
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

BRANCHES = {"31000": ("Toulouse Capitole", "2 rue d’Alsace-Lorraine"), "75009": ("Paris Opéra", "12 rue de la Paix")}
HOURS = {"en": "From nine to five on weekdays.", "fr": "De neuf heures à dix-sept heures en semaine."}
CENT = Decimal("0.01")


@dataclass(slots=True)
class Account:
    """Euros of one holder."""

    pin: str
    balance: Decimal
    savings: Decimal = Decimal(0)


class Bank:
    """The system. `token`: what whoever asks it must show."""

    def __init__(self, token: str) -> None:
        self.accounts: dict[str, Account] = {}
        self.refused = 0
        """PINs that were wrong."""
        self._token = token
        self._proofs: dict[str, str] = {}
        """Accounts by proof."""
        self._moved: dict[str, tuple[int, dict[str, Any]]] = {}
        """Answers by key."""
        self.app = Starlette(
            routes=[
                Route("/proofs", self._prove, methods=["POST"]),
                Route("/accounts/{account}", self._look),
                Route("/transfers", self._move, methods=["POST"]),
                Route("/branches/{postal_code}", self._branch),
            ]
        )

    def open_account(self, number: str, pin: str, balance: str) -> Account:
        """Somebody banks here."""
        made = self.accounts[number] = Account(pin, Decimal(balance))
        return made

    async def _prove(self, request: Request) -> Response:
        if not self._knows(request):
            return Response(status_code=503)  # a 401 would be taken for a wrong PIN
        asked = await request.json()
        account = self.accounts.get(str(asked.get("account")))
        if account is None or not hmac.compare_digest(account.pin.encode(), str(asked.get("pin")).encode()):
            self.refused += 1
            return Response(status_code=403)
        token = secrets.token_hex(16)
        self._proofs[token] = str(asked["account"])
        return JSONResponse({"token": token})

    async def _look(self, request: Request) -> Response:
        account = self._proven(request, request.path_params["account"])
        return Response(status_code=403) if account is None else JSONResponse({"balance": _words(account.balance)})

    async def _move(self, request: Request) -> Response:
        asked, key = await request.json(), request.headers.get("idempotency-key", "")
        account = self._proven(request, str(asked.get("account")))
        if account is None:
            return Response(status_code=403)
        if key not in self._moved:
            self._moved[key] = _move(account, asked.get("amount"))
        status, body = self._moved[key]
        return JSONResponse(body, status)

    async def _branch(self, request: Request) -> Response:
        found = BRANCHES.get(request.path_params["postal_code"])
        if found is None:
            return Response(status_code=404)
        return JSONResponse({"name": found[0], "street": found[1], "hours": HOURS})

    def _knows(self, request: Request) -> bool:
        return hmac.compare_digest(request.headers.get("authorization", "").encode(), self._token.encode())

    def _proven(self, request: Request, number: str) -> Account | None:
        proven = self._proofs.get(request.headers.get("x-proof", ""))
        return self.accounts.get(number) if self._knows(request) and proven == number else None


def _move(account: Account, asked: Any) -> tuple[int, dict[str, Any]]:
    try:
        amount = Decimal(str(asked)).quantize(CENT, ROUND_HALF_EVEN)
    except InvalidOperation:
        return 422, {}
    if not amount > 0:
        return 422, {}
    if amount > account.balance:
        return 409, {}
    account.balance -= amount
    account.savings += amount
    return 201, {"balance": _words(account.balance)}


def _words(amount: Decimal) -> dict[str, str]:
    """As it is said in each language."""
    english = f"{amount:,.2f}"
    return {"en": english, "fr": english.replace(",", "\u00a0").replace(".", ",")}
