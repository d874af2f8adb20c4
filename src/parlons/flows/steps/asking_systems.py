"""Steps that ask other systems: http, lookup_customer."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import msgspec
from msgspec import Struct

from parlons.flows.model import Json, Problem, Step
from parlons.flows.moment import Act, Do, Go, Moment
from parlons.flows.words import Texts

MOST_TOUCHES = 50
_SECRET = re.compile(r"[A-Z][A-Z0-9_]{0,99}")


class Secret(Struct, frozen=True, forbid_unknown_fields=True):
    """A secret is named, never written: it is read from the environment of `parlons serve`."""

    secret: str


class Http(Step, frozen=True, kw_only=True, tag="http"):
    """Calls an address. Asked again after a crash it carries the same `Idempotency-Key`."""

    LEADS: ClassVar[tuple[str, ...]] = ("next", "failed")
    SAYS: ClassVar[tuple[str, ...]] = ("verifies",)
    WAITS: ClassVar[bool] = True

    url: str
    """Variables in it are escaped."""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    headers: dict[str, str | Secret] = msgspec.field(default_factory=dict)
    body: Any = None
    """Sent as JSON, with its variables."""
    timeout_seconds: int = 5
    verifies: Texts | None = None
    """What a good answer proves, such as who the contact is: told to whoever takes over."""
    save: str | None = None
    """Variable that keeps the answer's body; `result.<step>.status` is there anyway."""
    next: str | None = None
    failed: str | None = None
    """No answer, or a status other than 200 to 299; None: as `next`."""

    def enter(self, moment: Moment) -> Act:
        """Calls."""
        headers = {
            name: {"secret": value.secret} if isinstance(value, Secret) else moment.text(value)
            for name, value in self.headers.items()
        }
        return Do(
            "http",
            {
                "method": self.method,
                "url": moment.text(self.url, in_url=True),
                "headers": headers,
                "body": moment.value(self.body),
                "timeout_seconds": self.timeout_seconds,
            },
        )

    def answered(self, moment: Moment, result: Json) -> Act:
        """Goes by the status."""
        if self.save is not None:
            moment.variables[self.save] = result.get("body")
        status = int(result.get("status") or 0)
        good = 200 <= status < 300  # a redirect is not followed: what it leads to was not heard
        if not good:
            moment.tell("tried", self.save or moment.step, str(status or "no-answer"))
        elif self.verifies is not None:
            moment.tell("verified", str(moment.words(self.verifies)["text"]))
        return Go(self.next if good or self.failed is None else self.failed)

    def ends(self) -> bool:
        """A failure goes on as anything else where it has no step of its own."""
        return self.next is None

    def check(self) -> Iterator[Problem]:
        """An address of the web, a bounded wait, secrets by name."""
        if not self.url.startswith(("http://", "https://")):
            yield Problem(("url",), "an address begins with https:// or http://", "Write it whole.")
        if not 1 <= self.timeout_seconds <= 20:
            yield Problem(("timeout_seconds",), "a caller waits between 1 and 20 seconds", "Five are usual.")
        for name, value in self.headers.items():
            if isinstance(value, Secret) and _SECRET.fullmatch(value.secret) is None:
                remedy = "Name an environment variable, such as SHOP_TOKEN."
                yield Problem(("headers", name, "secret"), "a secret is named, never written here", remedy)


class LookupCustomer(Step, frozen=True, kw_only=True, tag="lookup_customer"):
    """Looks a customer of the firm up."""

    LEADS: ClassVar[tuple[str, ...]] = ("next", "not_found")
    SAYS: ClassVar[tuple[str, ...]] = ()

    by: Literal["caller", "external", "email", "phone"] = "caller"
    """`caller`: who this contact is already known to be."""
    value: str = ""
    save: str = "customer"
    """Variable with `id`, `name`, `language` and `attributes`."""
    journey: int = 0
    """How many of his last touches come along, newest first, as `journey` of the variable."""
    next: str | None = None
    not_found: str | None = None
    """None: as `next`."""

    def enter(self, moment: Moment) -> Act:
        """Asks for him."""
        wanted = {"by": self.by, "value": moment.text(self.value)}
        return Do("lookup_customer", {**wanted, "journey": self.journey} if self.journey else wanted)

    def answered(self, moment: Moment, result: Json) -> Act:
        """Keeps him when he was found."""
        if not result.get("found"):
            moment.variables[self.save] = None
            return Go(self.not_found if self.not_found is not None else self.next)
        moment.variables[self.save] = result.get("customer")
        return Go(self.next)

    def ends(self) -> bool:
        """Who is not found goes on as anybody else where that has no step of its own."""
        return self.next is None

    def check(self) -> Iterator[Problem]:
        """By what he is looked up needs a value; a journey has an end."""
        if not 0 <= self.journey <= MOST_TOUCHES:
            yield Problem(("journey",), f"journey is a number from 0 to {MOST_TOUCHES}", "Five are plenty.")
        if self.by != "caller" and not self.value:
            yield Problem(("value",), f"by: {self.by} needs a value", "Such as `value: '{number}'`.")
