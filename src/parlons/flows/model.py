"""What a flow is: steps by name, each of a kind, and where it begins. Pure values.

A kind of step is a `Step` with its own fields and four answers: what happens when it is entered, what its result leads to,
which steps it leads to, what it says. Kinds stand in `steps/`; `vocabulary.Vocabulary` is the set that a text may use.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from msgspec import Meta, Struct

from parlons.flows.words import Texts

if TYPE_CHECKING:
    from parlons.flows.moment import Act, Moment

Path = tuple[str | int, ...]
Json = dict[str, Any]
FARTHEST = 1_000_000
Place = tuple[Annotated[int, Meta(ge=-FARTHEST, le=FARTHEST)], Annotated[int, Meta(ge=-FARTHEST, le=FARTHEST)]]
"""Across and down, in pixels of the picture as it was drawn."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a flow, at a path below it."""

    path: Path
    message: str
    remedy: str = ""
    grave: bool = True
    """False: it runs, and is probably not meant."""
    at: tuple[int, int] | None = None
    """Line and column, from 1, inside the text at `path`."""
    of_key: bool = False
    """The word before the value is wrong."""
    code: str = "invalid-step"
    """Names the kind of problem, for programs; never changes."""


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="do"):
    """One step; `do` names its kind."""

    LEADS: ClassVar[tuple[str, ...]] = ("next",)
    """Fields that name a step."""
    SAYS: ClassVar[tuple[str, ...]] = ("text",)
    """Fields with words."""
    PERSON: ClassVar[bool] = False
    """Whether the contact can reach a person here."""
    WAITS: ClassVar[bool] = False
    """Whether the contact, or the world, has to do something here."""

    at: Place | None = None
    """Where it stands in the picture; means nothing to whoever walks the flow."""

    def enter(self, moment: "Moment") -> "Act":
        """What happens first."""
        raise NotImplementedError

    def answered(self, moment: "Moment", result: Json) -> "Act":
        """What the result of its effect leads to."""
        raise NotImplementedError

    def kept(self, result: Json) -> Json:
        """What may be read of its result later, as `result.<step>`."""
        return result

    def silent(self) -> Iterator[str | None]:
        """Where it leads when the contact does nothing at all; None: the flow is over, or a person is needed."""
        yield from (target for _, target in self.leads())
        if self.ends():
            yield None

    def leads(self) -> Iterator[tuple[Path, str]]:
        """The steps it may lead to, and where they are named."""
        for name in self.LEADS:
            target = getattr(self, name)
            if target is not None:
                yield (name,), target

    def ends(self) -> bool:
        """Whether the flow may be over here."""
        return any(getattr(self, name) is None for name in self.LEADS)

    def says(self) -> Iterator[tuple[Path, Texts]]:
        """Its words, and where they stand."""
        for name in self.SAYS:
            texts = getattr(self, name)
            if texts is not None:
                yield (name,), texts

    def check(self) -> Iterator[Problem]:
        """What is wrong with it taken by itself."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow."""

    name: str
    start: str
    steps: dict[str, Step]
    language: str = "en"
    """Spoken at first, and where a text has no other."""
    languages: tuple[str, ...] = ()
    """Every text must be there in these; empty: no more than `language` is promised."""
    fallback: str | None = None
    """Queue to go to when it cannot go on; None: the workflow of the entry point."""
    variables: Json = field(default_factory=dict)
    """At the beginning; what the contact brings comes after them."""
    id: str = ""
    """Given where it is stored; names its version."""

    @property
    def key(self) -> str:
        """What a state remembers it by."""
        return self.id or self.name
