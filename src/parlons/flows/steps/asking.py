"""The step that asks: for a choice, yes or no, keys, free words, a date, a number."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar, Literal

import msgspec
from msgspec import Struct

from parlons.flows.answers import Order, date_of, number_of, yes_or_no
from parlons.flows.model import Json, Path, Problem, Step
from parlons.flows.moment import Act, Do, Go, Moment, lead
from parlons.flows.patterns import USABLE, BadPattern, compiled, fits
from parlons.flows.words import DEFAULT, Texts

KEYS = re.compile(r"[0-9*#]{1,8}")
_KEYED = re.compile(r"[0-9*#]{1,32}")
_ONLY_OF = {
    "choices": ("choice",), "yes": ("yes_no",), "no": ("yes_no",), "minimum": ("number",), "maximum": ("number",),
    "earliest": ("date",), "latest": ("date",), "match": ("digits", "text", "choice"),
}  # fmt: skip
"""Words that belong to some kinds of answers."""
_LONGEST = {"text": 32, "date": 8, "number": 16, "yes_no": 1}
"""Keys of an answer on the telephone."""


class Choice(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One answer of a choice."""

    next: str | None = None
    """None: the step's own `next`."""
    label: Texts | None = None
    """Shown where one reads; said words name the key themselves."""


class Ask(Step, frozen=True, kw_only=True, tag="ask"):
    """Asks and goes by the answer; what cannot be, and silence, are asked again."""

    LEADS: ClassVar[tuple[str, ...]] = ("next", "no_input", "failed")
    SAYS: ClassVar[tuple[str, ...]] = ("text", "invalid", "note")
    PERSON: ClassVar[bool] = False
    WAITS: ClassVar[bool] = True

    text: Texts
    answer: Literal["digits", "choice", "text", "date", "number", "yes_no"] = "choice"
    """`text`: free words; on a telephone keys."""
    prompt: str | None = None
    choices: dict[str, Choice] = msgspec.field(default_factory=dict)
    """By key on the telephone."""
    yes: str | None = None
    no: str | None = None
    """Of `yes_no`; None: as `next`."""
    min_digits: int = 1
    max_digits: int = 1
    terminator: str = "#"
    match: str | None = None
    """A regular expression which the whole answer must fulfil."""
    minimum: float | None = None
    maximum: float | None = None
    order: Order = "dmy"
    """How a date is keyed, eight digits, and written."""
    earliest: str | None = None
    latest: str | None = None
    """Days such as 2026-11-05, or variables; they count themselves."""
    invalid: Texts | None = None
    """Said before it is asked again."""
    tries: int = 3
    first_seconds: int = 5
    """Silence after the words, on the telephone."""
    between_seconds: int = 3
    chat_seconds: int | None = None
    """Silence in a chat; None: the answer may take days."""
    save: str | None = None
    """Variable that keeps the answer: of a choice its key, of a date 2026-11-05, of yes and no true or false."""
    secret: bool = False
    """The answer goes into no note, task or `result`."""
    note: Texts | None = None
    """What this is called in the note to whoever takes over; None: by `save`, else by the step's name."""
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
            moment.answered = True
            if self.save is not None:
                moment.variables[self.save] = answer
                if self.secret:
                    moment.hide(self.save)
            moment.tell("answered", self._called(moment), "" if self.secret else self._shown(moment, answer))
            return Go(self._way(answer))
        silent = not _given(result)
        moment.local["tries"] = moment.local.get("tries", 0) + 1
        if moment.local["tries"] < self.tries:
            return self._ask(moment, "silence" if silent else "invalid")
        moment.tell("unanswered", self._called(moment))
        return lead("no-answer", self.no_input if silent else None, self.failed)

    def again(self, moment: Moment) -> Act:
        """Asks once more, for what was given is not right."""
        return self._ask(moment, "invalid")

    def kept(self, result: Json) -> Json:
        """Nothing of what is secret."""
        return {} if self.secret else result

    def ends(self) -> bool:
        """Silence and mistakes lead to a person at the latest; only a missing `next` ends here."""
        if self.answer == "choice":
            return self.next is None and any(choice.next is None for choice in self.choices.values())
        if self.answer == "yes_no":
            return self.next is None and None in (self.yes, self.no)
        return self.next is None

    def leads(self) -> Iterator[tuple[Path, str]]:
        """The steps of choices, yes and no too."""
        for key, choice in self.choices.items():
            if choice.next is not None:
                yield ("choices", key, "next"), choice.next
        for word in ("yes", "no"):
            if (target := getattr(self, word)) is not None:
                yield (word,), target
        yield from super().leads()

    def silent(self) -> Iterator[str | None]:
        """Where silence leads; without such a step, to a person."""
        yield self.no_input if self.no_input is not None else self.failed

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
        for word, kinds in _ONLY_OF.items():
            if self.answer not in kinds and getattr(self, word) not in (None, {}):
                problem = f"answer: {self.answer} takes no {word}"
                yield Problem((word,), problem, f"Write `answer: {kinds[0]}`, or take it out.")
        for key in self.choices:
            if KEYS.fullmatch(key) is None:
                yield Problem(("choices", key), f"{key!r} is no key of a telephone", "Use digits, * or #.")
        if not 1 <= self.min_digits <= self.max_digits <= 32:
            yield Problem(("max_digits",), "min_digits and max_digits do not fit", "1 <= min <= max <= 32.")
        if not 1 <= self.tries <= 10:
            yield Problem(("tries",), "tries is a number from 1 to 10", "Three are usual.")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            yield Problem(("maximum",), "minimum and maximum do not fit", "minimum <= maximum.")
        for word in ("earliest", "latest"):
            day = getattr(self, word)
            if day is not None and "{" not in day and _day(day) is None:
                yield Problem((word,), f"{day!r} is no day", "Write it as 2026-11-05, or name a variable.")
        if self.match is not None:
            try:
                compiled(self.match)
            except BadPattern as error:
                yield Problem(("match",), f"this pattern cannot be used: {error}", USABLE)

    def _ask(self, moment: Moment, again: str | None) -> Do:
        words = [moment.words(self.text, self.prompt)]
        if again == "invalid" and self.invalid is not None:
            words.insert(0, moment.words(self.invalid))
        elif again is not None:
            own = f"{again}-{self.answer}"
            words.insert(0, moment.default(own if own in DEFAULT else again))
        longest = max((len(key) for key in self.choices), default=1)
        return Do(
            "ask",
            {
                "words": words,
                "answer": "choice" if self.answer == "yes_no" else self.answer,
                "choices": self._choices(moment),
                "max_digits": longest if self.answer == "choice" else _LONGEST.get(self.answer, self.max_digits),
                "terminator": self.terminator,
                "first_seconds": self.first_seconds,
                "between_seconds": self.between_seconds,
                "chat_seconds": self.chat_seconds,
                **({"secret": True} if self.secret else {}),
            },
        )

    def _choices(self, moment: Moment) -> list[Json]:
        if self.answer == "yes_no":
            return [{"key": key, "label": moment.default(code)["text"]} for key, code in (("1", "yes"), ("2", "no"))]
        return [
            {"key": key, "label": moment.words(choice.label)["text"] if choice.label is not None else ""}
            for key, choice in self.choices.items()
        ]

    def _way(self, answer: Any) -> str | None:
        if self.answer == "yes_no":
            own = self.yes if answer else self.no
        else:
            chosen = self.choices.get(answer) if self.answer == "choice" else None
            own = chosen.next if chosen is not None else None
        return own if own is not None else self.next

    def _understood(self, moment: Moment, result: Json) -> Any:
        """The answer as it is kept; None: it cannot be."""
        given = _given(result)
        if not given:
            return None
        match self.answer:
            case "yes_no":
                return yes_or_no(given)
            case "date":
                return self._date(moment, given)
            case "number":
                return self._number(moment, given)
            case "choice":
                return self._choice(moment, given)
            case "digits":
                given = re.sub(r"[\s.\-/()]", "", given)
                if _KEYED.fullmatch(given) is None or not self._fits(given):
                    return None
        if self.match is not None and not fits(self.match, given):
            return None
        return given

    def _fits(self, given: str) -> bool:
        return self.min_digits <= len(given) <= self.max_digits

    def _date(self, moment: Moment, given: str) -> str | None:
        day = date_of(given, self.order)
        first, last = (_day(moment.text(bound)) if bound else None for bound in (self.earliest, self.latest))
        if day is None or (first is not None and day < first) or (last is not None and day > last):
            return None
        return day.isoformat()

    def _number(self, moment: Moment, given: str) -> int | float | None:
        number = number_of(given, moment.language)
        if number is None or (self.minimum is not None and number < self.minimum):
            return None
        return None if self.maximum is not None and number > self.maximum else number

    def _choice(self, moment: Moment, given: str) -> str | None:
        if given in self.choices:
            return given
        wanted = given.rstrip(".!").casefold()
        for key, choice in self.choices.items():
            labels = choice.label.values() if isinstance(choice.label, dict) else (choice.label,)
            if any(label and moment.text(label).casefold() == wanted for label in labels):
                return key
        return None

    def _called(self, moment: Moment) -> str:
        return str(moment.words(self.note)["text"]) if self.note is not None else self.save or moment.step

    def _shown(self, moment: Moment, answer: Any) -> str:
        if self.answer == "yes_no":
            return str(moment.default("yes" if answer else "no")["text"])
        label = self.choices[answer].label if self.answer == "choice" else None
        return str(moment.words(label)["text"] if label is not None else answer)


def _given(result: Json) -> str:
    return str(result.get("digits") or result.get("text") or "").strip()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
