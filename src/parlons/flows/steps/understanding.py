"""The step that understands: asks in free words and goes by what is meant; on the telephone, where nobody hears, by keys."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from parlons.flows.entities import KINDS, entity
from parlons.flows.model import Json, Path, Problem, Step
from parlons.flows.moment import Act, Do, Go, Moment, lead
from parlons.flows.patterns import USABLE, BadPattern, compiled
from parlons.flows.words import Texts

_MOST_KEYS = 9
_KEY = re.compile("[0-9]")
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""What an intent is called."""


class Meaning(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where one intent leads."""

    next: str | None = None
    """None: the step's own `next`."""
    label: Texts | None = None
    """What it is called where it is offered to be chosen; None: by its name."""
    key: str | None = None
    """On the telephone, and in a list; None: the next that is free, in order of their names."""


class Understand(Step, frozen=True, kw_only=True, tag="understand"):
    """Asks in free words; what is meant leads on. Not understood, it asks again and offers the intents to choose from."""

    LEADS: ClassVar[tuple[str, ...]] = ("next", "no_input", "failed")
    SAYS: ClassVar[tuple[str, ...]] = ("text", "invalid", "note")
    WAITS: ClassVar[bool] = True

    text: Texts
    intents: dict[str, Meaning]
    """By name, as the settings know them."""
    first: str | None = None
    """What is understood before anything is asked, such as `{message}`: what a chat began with."""
    entities: dict[str, str] = msgspec.field(default_factory=dict)
    """Variables that keep what the words name: date, amount, number, order_number, phone, email, or a regular expression."""
    prompt: str | None = None
    invalid: Texts | None = None
    """Said before it is asked again."""
    tries: int = 2
    first_seconds: int = 5
    between_seconds: int = 3
    chat_seconds: int | None = None
    """Silence in a chat; None: the answer may take days."""
    save: str | None = None
    """Variable that keeps the intent's name."""
    note: Texts | None = None
    """What this is called in the note to whoever takes over; None: by `save`, else by the step's name."""
    next: str | None = None
    no_input: str | None = None
    """After the last silence; None: as `failed`."""
    failed: str | None = None
    """After the last try; None: to the fallback queue."""

    def enter(self, moment: Moment) -> Act:
        """Understands what is there already, else asks."""
        given = moment.text(self.first).strip() if self.first is not None else ""
        if not given or moment.by_telephone:
            return self._ask(moment, None)
        moment.local["unasked"] = True
        return self._understand(moment, given)

    def answered(self, moment: Moment, result: Json) -> Act:
        """What was said is understood; what is understood leads on."""
        given = moment.local.pop("given", None)
        if given is not None:
            return self._understood(moment, str(given), result)
        said = str(result.get("digits") or result.get("text") or "").strip()
        if (chosen := self._chosen(moment, said)) is not None:
            return self._go(moment, chosen, "")
        if said and not moment.by_telephone:
            return self._understand(moment, said)
        return self._again(moment, silent=not said)

    def ends(self) -> bool:
        """Silence and mistakes lead to a person at the latest."""
        return self.next is None and any(one.next is None for one in self.intents.values())

    def leads(self) -> Iterator[tuple[Path, str]]:
        """The steps of the intents too."""
        for name, meaning in self.intents.items():
            if meaning.next is not None:
                yield ("intents", name, "next"), meaning.next
        yield from super().leads()

    def silent(self) -> Iterator[str | None]:
        """Where silence leads; without such a step, to a person."""
        yield self.no_input if self.no_input is not None else self.failed

    def says(self) -> Iterator[tuple[Path, Texts]]:
        """The labels too."""
        yield from super().says()
        for name, meaning in self.intents.items():
            if meaning.label is not None:
                yield ("intents", name, "label"), meaning.label

    def check(self) -> Iterator[Problem]:
        """Intents that can be named and keyed, entities of a kind that is known."""
        if not self.intents:
            yield Problem((), "nothing to understand", "Add `intents:` with a step for each.")
        keys = [meaning.key for meaning in self.intents.values()]
        for name, meaning in self.intents.items():
            if NAME.fullmatch(name) is None:
                word = f"{name!r} is no name of an intent"
                yield Problem(("intents", name), word, "Use small letters, digits and _.")
            if meaning.key is not None and (_KEY.fullmatch(meaning.key) is None or keys.count(meaning.key) > 1):
                word = f"{meaning.key!r} is no key, or stands twice"
                yield Problem(("intents", name, "key"), word, "Use one of 0 to 9.")
        if len(self.intents) > _MOST_KEYS:
            words = f"on the telephone only {_MOST_KEYS} can be chosen by key"
            yield Problem(("intents",), words, "Give the most usual a `key`.", grave=False)
        if not 1 <= self.tries <= 10:
            yield Problem(("tries",), "tries is a number from 1 to 10", "Two are usual.")
        for variable, kind in self.entities.items():
            try:
                compiled(kind)
            except BadPattern as error:
                remedy = f"Name one of {', '.join(KINDS)}, or: {USABLE}"
                yield Problem(("entities", variable), f"this pattern cannot be used: {error}", remedy)

    def _ask(self, moment: Moment, again: str | None) -> Do:
        words = [moment.words(self.text, self.prompt)]
        if again == "invalid" and self.invalid is not None:
            words.insert(0, moment.words(self.invalid))
        elif again is not None:
            words.insert(0, moment.default(again))
        choices = [{"key": key, "label": self._label(moment, name)} for key, name in self._keyed()]
        voice = moment.by_telephone
        words += moment.pressing(choices)
        return Do(
            "ask",
            {
                "words": words,
                "answer": "choice" if voice else "text",
                "choices": choices if voice or again is not None else [],
                "max_digits": 1,
                "terminator": "#",
                "first_seconds": self.first_seconds,
                "between_seconds": self.between_seconds,
                "chat_seconds": self.chat_seconds,
            },
        )

    def _understand(self, moment: Moment, given: str) -> Do:
        moment.local["given"] = given
        data: Json = {"text": given, "intents": sorted(self.intents), "language": moment.language}
        return Do("understand", {**data, "languages": list(moment.flow.languages)})

    def _understood(self, moment: Moment, given: str, result: Json) -> Act:
        if (language := result.get("language")) in moment.flow.languages:
            moment.language = str(language)
        intent = result.get("intent")
        if intent in self.intents:
            way = self._go(moment, str(intent), given)
            self._keep(moment, given, _day(result.get("today")))
            return way
        if moment.local.pop("unasked", False):
            return self._ask(moment, None)
        return self._again(moment, silent=False)

    def _go(self, moment: Moment, intent: str, given: str) -> Act:
        moment.answered = True
        if self.save is not None:
            moment.variables[self.save] = intent
        label = self._label(moment, intent)
        moment.tell("answered", self._called(moment), f"{label}: “{given}”" if given else label)
        own = self.intents[intent].next
        return Go(own if own is not None else self.next)

    def _keep(self, moment: Moment, given: str, today: date | None) -> None:
        for variable, kind in self.entities.items():
            found = entity(kind, given, language=moment.language, today=today)
            if found is not None:
                moment.variables[variable] = found
                moment.tell("answered", variable, str(found))

    def _again(self, moment: Moment, *, silent: bool) -> Act:
        moment.local["tries"] = moment.local.get("tries", 0) + 1
        if moment.local["tries"] < self.tries:
            return self._ask(moment, "silence" if silent else "invalid")
        moment.tell("unanswered", self._called(moment))
        return lead("no-answer", self.no_input if silent else None, self.failed)

    def _chosen(self, moment: Moment, said: str) -> str | None:
        """By key or by label, as it was offered."""
        wanted = said.rstrip(".!").casefold()
        for key, name in self._keyed():
            if said == key or (wanted and wanted == self._label(moment, name).casefold()):
                return name
        return None

    def _keyed(self) -> list[tuple[str, str]]:
        """Keys and intents; the order in which a text names them says nothing, for storing it may change it."""
        own = {meaning.key: name for name, meaning in self.intents.items() if meaning.key is not None}
        free = (str(number) for number in range(1, _MOST_KEYS + 1) if str(number) not in own)
        others = sorted(name for name, meaning in self.intents.items() if meaning.key is None)
        return sorted([*own.items(), *zip(free, others, strict=False)])

    def _label(self, moment: Moment, name: str) -> str:
        label = self.intents[name].label
        return str(moment.words(label)["text"]) if label is not None else name.replace("_", " ")

    def _called(self, moment: Moment) -> str:
        return str(moment.words(self.note)["text"]) if self.note is not None else self.save or moment.step


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
