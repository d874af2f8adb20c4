"""Steps that talk: say, ask, language."""

import re
from collections.abc import Iterator
from typing import ClassVar, Literal

import msgspec
from msgspec import Struct

from parlons.flows.model import Json, Path, Problem, Step
from parlons.flows.moment import Act, Do, End, Go, Moment
from parlons.flows.words import Texts

KEYS = re.compile(r"[0-9*#]{1,8}")
_MATCHED = 500
"""Characters of an answer that a pattern is held against."""


class Say(Step, frozen=True, kw_only=True, tag="say"):
    """Says something and goes on."""

    text: Texts
    prompt: str | None = None
    """A recorded prompt by name; the text stands where there is none."""
    stop_on_digit: bool = False
    """A key ends the sound."""
    early: bool = False
    """Before the call is answered: the caller pays nothing for it."""
    next: str | None = None

    def enter(self, moment: Moment) -> Act:
        """Says it."""
        return moment.say(moment.words(self.text, self.prompt), stop_on_digit=self.stop_on_digit, early=self.early)

    def answered(self, moment: Moment, result: Json) -> Act:
        """Goes on."""
        return Go(self.next)


class Choice(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One answer of a choice."""

    next: str | None = None
    """None: the step's own `next`."""
    label: Texts | None = None
    """Shown where one reads; said words name the key themselves."""


class Ask(Step, frozen=True, kw_only=True, tag="ask"):
    """Asks and goes by the answer; what cannot be, and silence, are asked again."""

    LEADS: ClassVar[tuple[str, ...]] = ("next", "no_input", "failed")
    SAYS: ClassVar[tuple[str, ...]] = ("text", "invalid")
    PERSON: ClassVar[bool] = False
    WAITS: ClassVar[bool] = True

    text: Texts
    answer: Literal["digits", "choice", "text"] = "choice"
    """`text`: free words; on a telephone keys."""
    prompt: str | None = None
    choices: dict[str, Choice] = msgspec.field(default_factory=dict)
    """By key on the telephone."""
    min_digits: int = 1
    max_digits: int = 1
    terminator: str = "#"
    match: str | None = None
    """A regular expression which the whole answer must fulfil."""
    invalid: Texts | None = None
    """Said before it is asked again."""
    tries: int = 3
    first_seconds: int = 5
    """Silence after the words, on the telephone."""
    between_seconds: int = 3
    chat_seconds: int | None = None
    """Silence in a chat; None: the answer may take days."""
    save: str | None = None
    """Variable that keeps the answer: of a choice its key."""
    next: str | None = None
    no_input: str | None = None
    """After the last silence; None: as `failed`."""
    failed: str | None = None
    """After the last try; None: to the fallback queue."""

    def enter(self, moment: Moment) -> Act:
        """Asks."""
        return self._ask(moment, None)

    def answered(self, moment: Moment, result: Json) -> Act:
        """Goes by the answer, or asks again."""
        answer = self._understood(moment, result)
        if answer is not None:
            if self.save is not None:
                moment.variables[self.save] = answer
            chosen = self.choices.get(answer) if self.answer == "choice" else None
            return Go(chosen.next if chosen is not None and chosen.next is not None else self.next)
        silent = not _given(result)
        moment.local["tries"] = moment.local.get("tries", 0) + 1
        if moment.local["tries"] < self.tries:
            return self._ask(moment, "silence" if silent else "invalid")
        target = self.no_input if silent and self.no_input is not None else self.failed
        return Go(target) if target is not None else End("no-answer", falls=True)

    def ends(self) -> bool:
        """Silence and mistakes lead to a person at the latest; only a missing `next` ends here."""
        if self.answer == "choice":
            return self.next is None and any(choice.next is None for choice in self.choices.values())
        return self.next is None

    def leads(self) -> Iterator[tuple[Path, str]]:
        """The choices' steps too."""
        for key, choice in self.choices.items():
            if choice.next is not None:
                yield ("choices", key, "next"), choice.next
        yield from super().leads()

    def says(self) -> Iterator[tuple[Path, Texts]]:
        """The choices' labels too."""
        yield from super().says()
        for key, choice in self.choices.items():
            if choice.label is not None:
                yield ("choices", key, "label"), choice.label

    def check(self) -> Iterator[Problem]:
        """Keys that exist on a telephone, numbers that fit each other, a pattern that can be read."""
        if self.answer == "choice" and not self.choices:
            yield Problem((), "a choice without choices", "Add `choices:` with a step for each key.")
        if self.answer != "choice" and self.choices:
            yield Problem(("choices",), f"answer: {self.answer} takes no choices", "Write `answer: choice`.")
        for key in self.choices:
            if KEYS.fullmatch(key) is None:
                yield Problem(("choices", key), f"{key!r} is no key of a telephone", "Use digits, * or #.")
        if not 1 <= self.min_digits <= self.max_digits <= 32:
            yield Problem(("max_digits",), "min_digits and max_digits do not fit", "1 <= min <= max <= 32.")
        if not 1 <= self.tries <= 10:
            yield Problem(("tries",), "tries is a number from 1 to 10", "Three are usual.")
        if self.match is not None:
            try:
                re.compile(self.match)
            except re.error as error:
                yield Problem(("match",), f"this pattern cannot be read: {error}", "Write a regular expression.")

    def _ask(self, moment: Moment, again: str | None) -> Do:
        words = [moment.words(self.text, self.prompt)]
        if again is not None:
            own = again == "invalid" and self.invalid is not None
            words.insert(0, moment.words(self.invalid or "") if own else moment.default(again))
        choices = [
            {"key": key, "label": moment.words(choice.label)["text"] if choice.label is not None else ""}
            for key, choice in self.choices.items()
        ]
        longest = max((len(key) for key in self.choices), default=1)
        return Do(
            "ask",
            {
                "words": words,
                "answer": self.answer,
                "choices": choices,
                "max_digits": longest if self.answer == "choice" else 32 if self.answer == "text" else self.max_digits,
                "terminator": self.terminator,
                "first_seconds": self.first_seconds,
                "between_seconds": self.between_seconds,
                "chat_seconds": self.chat_seconds,
            },
        )

    def _understood(self, moment: Moment, result: Json) -> str | None:
        given = _given(result)
        if not given:
            return None
        if self.answer == "choice":
            return self._choice(moment, given)
        if self.answer == "digits":
            given = re.sub(r"[\s.\-/()]", "", given)
            if not given.isascii() or KEYS.match(given) is None or not self.min_digits <= len(given) <= self.max_digits:
                return None
        if self.match is not None and re.fullmatch(self.match, given[:_MATCHED]) is None:
            return None
        return given

    def _choice(self, moment: Moment, given: str) -> str | None:
        if given in self.choices:
            return given
        wanted = given.rstrip(".!").casefold()
        for key, choice in self.choices.items():
            labels = choice.label.values() if isinstance(choice.label, dict) else (choice.label,)
            if any(label and moment.text(label).casefold() == wanted for label in labels):
                return key
        return None


def _given(result: Json) -> str:
    return str(result.get("digits") or result.get("text") or "").strip()


class Language(Step, frozen=True, kw_only=True, tag="language"):
    """From here on another language is spoken; the conversation is marked with it."""

    SAYS: ClassVar[tuple[str, ...]] = ()

    language: str
    """Such as `fr`, or a variable: `{choice}`."""
    next: str | None = None

    def enter(self, moment: Moment) -> Act:
        """Speaks it, and lets the world know."""
        language = moment.text(self.language).strip()[:35]
        if language:
            moment.language = language
        return Do("language", {"language": moment.language})

    def answered(self, moment: Moment, result: Json) -> Act:
        """Goes on."""
        return Go(self.next)
