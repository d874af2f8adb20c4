"""Lists, a page at a time, after the API's fashion: sorted, with the addresses of the neighbouring pages and their tokens.

A token says after (or before) which item the page begins; it is signed for the account, the path and the filters, so one
that was made up, or belongs to another account, is refused. Items that come and go between two pages move no other item.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from parlons.compat.call import Call
from parlons.compat.errors import ApiError
from parlons.runtime.vault import vault

Json = dict[str, Any]
T = TypeVar("T")
Key = list[Any]
"""What items are sorted by, ended by the id: no two are alike."""
USUAL, MOST = 50, 1000
_PAGING = ("Page", "PageSize", "PageToken")


class Page:
    """What a request for a list says about its page; read it before anything is looked up."""

    def __init__(self, call: Call) -> None:
        """Raises ApiError for a token of another account, path or filter."""
        self._call = call
        self.size = call.number("PageSize", 1, MOST) or USUAL
        self.number = call.number("Page", 0, 10**9) or 0
        token = call.text("PageToken")
        self.forward = True
        self.mark: Key | None = None
        if token:
            self.forward, self.mark = self._read(token)

    def cut(self, items: Sequence[T], key: Callable[[T], Key]) -> tuple[list[T], bool, bool]:
        """This page of sorted `items`; whether there is one before it, and one after it."""
        keys = [key(item) for item in items]
        if self.mark is None:
            start, end = 0, self.size
        elif self.forward:
            start = next((place for place, each in enumerate(keys) if each == self.mark), -1) + 1
            if start == 0:
                start = self._gone(keys)
            end = start + self.size
        else:
            found = next((place for place, each in enumerate(keys) if each == self.mark), None)
            end = self._gone(keys) if found is None else found
            start = max(0, end - self.size)
        return list(items[start:end]), start > 0, end < len(items)

    def _gone(self, keys: Sequence[Key]) -> int:
        """The item the token names has ended meanwhile: the page begins where it would stand."""
        assert self.mark is not None
        try:
            descending = len(keys) > 1 and keys[0] > keys[-1]
            return sum(1 for each in keys if (each > self.mark if descending else each < self.mark))
        except TypeError:
            raise ApiError("PageToken is not valid") from None

    def answer(
        self, key: str, shown: Sequence[Json], first: Key | None, last: Key | None, before: bool, after: bool
    ) -> Json:
        """The list as JSON. `first` and `last`: keys of the items shown; `before`, `after`: whether there are more."""
        forward = None if not after or last is None else self._url(self.number + 1, "PA", last)
        back = None if not before or first is None else self._url(max(0, self.number - 1), "PB", first)
        return {
            "meta": {
                "page": self.number,
                "page_size": self.size,
                "first_page_url": self._url(0, "", None),
                "previous_page_url": back,
                "url": self._url(self.number, "", None),
                "next_page_url": forward,
                "key": key,
            },
            key: list(shown),
        }

    def _url(self, number: int, direction: str, mark: Key | None) -> str:
        query: list[tuple[str, Any]] = [*self._filters(), ("PageSize", self.size), ("Page", number)]
        if mark is not None:
            body = msgspec.json.encode(mark)
            token = direction + urlsafe_b64encode(self._signature(direction, body) + body).decode().rstrip("=")
            query.append(("PageToken", token))
        return f"{self._call.base}{self._call.path}?{urlencode(query)}"

    def _filters(self) -> list[tuple[str, str]]:
        given = self._call.given
        return [(name, value) for name in sorted(given) if name not in _PAGING for value in given[name]]

    def _read(self, token: str) -> tuple[bool, Key]:
        direction, encoded = token[:2], token[2:]
        try:
            raw = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
            mark = msgspec.json.decode(raw[16:], type=list)
        except (ValueError, msgspec.MsgspecError):
            raise ApiError("PageToken is not valid") from None
        if direction not in ("PA", "PB") or not hmac.compare_digest(raw[:16], self._signature(direction, raw[16:])):
            raise ApiError("PageToken is not valid")
        return direction == "PA", mark

    def _signature(self, direction: str, body: bytes) -> bytes:
        where = f"{direction} {self._call.account} {self._call.path} {urlencode(self._filters())} "
        return hmac.new(vault.key("compat pages"), where.encode() + body, hashlib.sha256).digest()[:16]


class OldPage(Page):
    """A list as the older version of the API has it: addresses without a host, counted."""

    def answer(
        self, key: str, shown: Sequence[Json], first: Key | None, last: Key | None, before: bool, after: bool
    ) -> Json:
        """See `Page.answer`."""
        meta = super().answer(key, shown, first, last, before, after)["meta"]
        start = self.number * self.size
        return {
            key: list(shown),
            "first_page_uri": meta["first_page_url"],
            "next_page_uri": meta["next_page_url"],
            "previous_page_uri": meta["previous_page_url"],
            "uri": meta["url"],
            "page": self.number,
            "page_size": self.size,
            "start": start,
            "end": start + max(0, len(shown) - 1),
        }

    def _url(self, number: int, direction: str, mark: Key | None) -> str:
        return super()._url(number, direction, mark).removeprefix(self._call.base)


def page_of(
    call: Call, page: Page, key: str, items: Sequence[T], sort: Callable[[T], Key], show: Callable[[T], Json]
) -> Json:
    """A page of items that are sorted already: cut, shown, with its addresses."""
    cut, before, after = page.cut(items, sort)
    first, last = (sort(cut[0]), sort(cut[-1])) if cut else (None, None)
    return page.answer(key, [show(item) for item in cut], first, last, before, after)
