"""A route of the API as a value, and the two ways of calling it: at once (`Client`) or awaited (`AsyncClient`).

Each route is written once, as a method that returns its `Request`. What a caller gets depends on his client: the descriptors
`operation` and `listing` hand the call to its wire, and their types say what comes back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from types import MethodType
from typing import Any, Concatenate, Generic, Literal, ParamSpec, Protocol, TypeVar, overload
from urllib.parse import quote

P = ParamSpec("P")
T = TypeVar("T")
Mode = TypeVar("Mode")
File = tuple[str, bytes, str]
"""Name, content, content type."""


class Now:
    """The mode of a client that waits for its answers."""


class Later:
    """The mode of a client whose answers are awaited."""


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """One request, and what its answer is read as."""

    method: str
    template: str
    places: tuple[str | int, ...] = ()
    query: Mapping[str, Any] | None = None
    body: Any = None
    text: str | None = None
    file: File | None = None
    fields: Mapping[str, str] | None = None
    if_match: str | None = None
    once: bool = False
    """The route takes an Idempotency-Key."""
    key: str | None = None
    """The caller's own; else one is made."""
    reads: Literal["json", "text", "bytes", "nothing"] = "json"

    @property
    def path(self) -> str:
        """Below the API's root."""
        return self.template.format(*(quote(str(one), safe="") for one in self.places))


@dataclass(frozen=True, slots=True)
class Listing(Request[T]):
    """A list that comes in pages; `T`: one thing of it."""

    cursor: str = ""
    """The query parameter that takes a page's `next`."""

    def at(self, cursor: str) -> Listing[T]:
        """The page at a cursor."""
        return replace(self, query={**(self.query or {}), self.cursor: cursor})


class Wire(Protocol):
    """What carries calls out."""

    def send(self, call: Request[Any]) -> Any:
        """The answer, or an awaitable of it."""
        ...

    def pages(self, call: Listing[Any]) -> Any:
        """What iterates over a list."""
        ...


class Group(Generic[Mode]):
    """Routes that belong together, on a client's wire."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire


class Pages(Generic[T]):
    """Everything of a list, page after page as it is asked for; `page()` is the first page as it was answered."""

    def __init__(self, wire: Wire, call: Listing[T]) -> None:
        self._wire, self._call = wire, call

    def page(self) -> dict[str, Any]:
        """`items`, and `next`: the cursor of what follows, or None."""
        found: dict[str, Any] = self._wire.send(self._call)
        return found

    def __iter__(self) -> Iterator[T]:
        call: Listing[T] | None = self._call
        while call is not None:
            page = self._wire.send(call)
            yield from page["items"]
            call = call.at(page["next"]) if page.get("next") is not None else None


class AsyncPages(Generic[T]):
    """Everything of a list, page after page as it is asked for; `await page()` is the first page as it was answered."""

    def __init__(self, wire: Wire, call: Listing[T]) -> None:
        self._wire, self._call = wire, call

    async def page(self) -> dict[str, Any]:
        """`items`, and `next`: the cursor of what follows, or None."""
        found: dict[str, Any] = await self._wire.send(self._call)
        return found

    async def __aiter__(self) -> AsyncIterator[T]:
        call: Listing[T] | None = self._call
        while call is not None:
            page = await self._wire.send(call)
            for one in page["items"]:
                yield one
            call = call.at(page["next"]) if page.get("next") is not None else None


def _seen(describe: Callable[..., Any], group: Group[Any] | None) -> Callable[..., Any]:
    """What `help` shows of a method: its name, words and values, without `self` on a client."""
    return describe if group is None else MethodType(describe, group)


class operation(Generic[P, T]):
    """A method that describes one request: called on a client, it is made."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Request[T]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, group: Group[Now], owner: type | None = None) -> Callable[P, T]: ...
    @overload
    def __get__(self, group: Group[Later], owner: type | None = None) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, group: Group[Any], owner: type | None = None) -> Callable[P, Any]:
        @wraps(_seen(self._describe, group))
        def made(*args: P.args, **kwargs: P.kwargs) -> Any:
            return group.wire.send(self._describe(group, *args, **kwargs))

        return made


class listing(Generic[P, T]):
    """A method that describes a list in pages: called on a client, it is iterated over."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Listing[T]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, group: Group[Now], owner: type | None = None) -> Callable[P, Pages[T]]: ...
    @overload
    def __get__(self, group: Group[Later], owner: type | None = None) -> Callable[P, AsyncPages[T]]: ...
    def __get__(self, group: Group[Any], owner: type | None = None) -> Callable[P, Any]:
        @wraps(_seen(self._describe, group))
        def made(*args: P.args, **kwargs: P.kwargs) -> Any:
            return group.wire.pages(self._describe(group, *args, **kwargs))

        return made
