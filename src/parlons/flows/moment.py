"""What a step sees when it acts, and what it may answer. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from parlons.flows.model import Flow, Json
from parlons.flows.state import Told, What, told
from parlons.flows.words import DEFAULT, Texts, chosen, filled, filled_value

VOICE = "voice"


@dataclass(frozen=True, slots=True)
class Go:
    """On to a step of the same flow; None: the flow is over."""

    step: str | None


@dataclass(frozen=True, slots=True)
class Do:
    """Something in the world; the step is asked again with its result."""

    kind: str
    data: Json


@dataclass(frozen=True, slots=True)
class Jump:
    """On to another flow."""

    flow: str
    come_back: bool
    """To the step's `next`, when that one ends."""
    back_to: str | None = None


@dataclass(frozen=True, slots=True)
class End:
    """The flow is over."""

    why: str = "end"
    falls: bool = False
    """It could not go on: the contact goes to the fallback queue."""
    close: bool = True


Act = Go | Do | Jump | End


def lead(why: str, *targets: str | None) -> Act:
    """On to the first step that is named; where none is, to the fallback queue."""
    return next((Go(target) for target in targets if target is not None), End(why, falls=True))


@dataclass(slots=True)
class Moment:
    """A working copy of what a state holds; what a step changes here is kept when it has acted."""

    flow: Flow
    language: str
    variables: Json
    local: Json
    results: Json
    step: str = ""
    """The name of the present step."""
    told: list[Told] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    answered: bool = False
    """The contact gave an answer that can be."""

    @property
    def scope(self) -> Json:
        """What expressions and texts may name."""
        return {**self.variables, "result": self.results, "language": self.language}

    def words(self, texts: Texts, prompt: str | None = None) -> Json:
        """What is to be heard or read."""
        text, language = chosen(texts, self.language, self.flow.language)
        return {"text": filled(text, self.scope), "language": language, "prompt": prompt}

    def default(self, code: str, *values: str) -> Json:
        """The words of `words.DEFAULT` for `code`; `{0}` in them is the first of `values`, as it is."""
        text, language = chosen(dict(DEFAULT[code]), self.language, self.flow.language)
        return {"text": text.format(*values), "language": language, "prompt": None}

    def pressing(self, choices: Iterable[Json]) -> list[Json]:
        """On the telephone, what key to press for each; elsewhere nothing: there they are listed."""
        return [self.default("press", one["label"], one["key"]) for one in choices] if self.by_telephone else []

    @property
    def by_telephone(self) -> bool:
        """Whether answers are keys."""
        return self.variables.get("channel") == VOICE

    def say(self, *words: Json, **more: Any) -> Do:
        """Says them."""
        return Do("say", {"words": list(words), **more})

    def tell(self, what: What, label: str, value: str = "") -> None:
        """One line of what a person is told before he takes over."""
        self.told = told(self.told, what, label, value)

    def hide(self, variable: str) -> None:
        """This variable leaves the flow in its own requests only: no task, note or result has it."""
        if variable not in self.hidden:
            self.hidden.append(variable)

    def value(self, value: Any) -> Any:
        """A value with its variables."""
        return filled_value(value, self.scope)

    def text(self, text: str, *, in_url: bool = False) -> str:
        """A text with its variables."""
        return filled(text, self.scope, in_url=in_url)
