"""Each customer system's stand-in on a port of its own, and its adapter before it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest

from parlons.customers.lookups.plugin import HookCall, Lookup, System, Tools
from parlons.customers.lookups.registry import open_lookups
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.simulator.providers.crm import hubspot, odoo, salesforce, shop
from parlons.simulator.providers.crm.books import Books
from parlons.simulator.providers.wire import Trouble, served
from parlons.testing.lookup_suite import AT, Scene, Troubles

SYSTEMS: dict[str, tuple[Callable[[Books], Any], dict[str, Any], dict[str, str], tuple[str, str, str]]] = {
    "rest": (
        shop.Shop,
        {
            "items": "items",
            "changed": "/customers?since={since}",
            "token_url": "BASE/token",
            "oauth_client": shop.CLIENT,
        },
        {"client-secret": shop.SECRET, "hook": "hook-secret"},
        ("name", "email", "phone"),
    ),
    "hubspot": (
        hubspot.HubSpot,
        {"oauth_client": "app", "portal": "42"},
        {"refresh-token": hubspot.REFRESH, "client-secret": hubspot.SECRET},
        ("lastname", "email", "phone"),
    ),
    "salesforce": (
        salesforce.Salesforce,
        {"oauth_client": salesforce.CLIENT},
        {"client-secret": salesforce.SECRET, "hook": "hook-secret"},
        ("LastName", "Email", "Phone"),
    ),
    "odoo": (
        odoo.Odoo,
        {"database": odoo.DATABASE, "login": odoo.LOGIN},
        {"api-key": odoo.KEY, "hook": "hook-secret"},
        ("name", "email", "phone"),
    ),
}
"""By kind: its stand-in, settings, secrets, and its words for name, e-mail address and telephone number."""


class Hours:
    """A clock that both sides go by."""

    def __init__(self) -> None:
        self.at = AT

    def seconds(self) -> float:
        return self.at / 1000

    async def pass_time(self) -> None:
        self.at += 120_000


def _hook(name: str, books: Any, hours: Hours) -> Callable[[Any], HookCall]:
    def call(ids: Any) -> HookCall:
        url = "https://desk.example/lookup-hooks/LK1"
        if name == "hubspot":
            events = [{"objectId": int(each), "subscriptionType": "contact.propertyChange"} for each in [*ids, *ids]]
            body, headers = books.signed(url, events, hours.at)
            return HookCall("POST", url, headers, {}, body, hours.at)
        told = {"_model": "res.partner", "_id": int(ids[0])} if name == "odoo" else {"ids": list(ids)}
        headers = {"authorization": "Bearer hook-secret"}
        return HookCall("POST", url, headers, {}, orjson.dumps(told), hours.at)

    return call


@pytest.fixture
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """The adapter named by the test's parameter."""
    name: str = request.param
    make, settings, secrets, words = SYSTEMS[name]
    hours = Hours()
    books = Books(clock=hours.seconds)
    standing = make(books)
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(served(standing.app))
        http = await stack.enter_async_context(SafeHttp(allowed(["127.0.0.1"])))
        lookup: Lookup = open_lookups(Tools(http, lambda: hours.at))[name]  # type: ignore[arg-type, return-value]
        given = {
            word: value.replace("BASE", base) if isinstance(value, str) else value for word, value in settings.items()
        }
        chosen = lookup.settings.model_validate({**given, "url": base})
        system = System("LK1", 1, chosen, secrets, words)
        wrong = System("LK2", 1, chosen, dict.fromkeys(secrets, "wrong"), words)
        troubles = Troubles(
            add=lambda values: books.add(**values).id,
            values=lambda person: books.people[person].values,
            change=lambda person, values: books.change(person, **values),
            notes=lambda person: sum(1 for about, _ in books.notes if about == person),
            down=lambda down: setattr(books, "down", down),
            answers=lambda status, body, after: books.troubles.append(Trouble(status, body, carried_out=after)),
        )
        yield Scene(lookup, system, troubles, *words, wrong, hours.pass_time, _hook(name, standing, hours))
