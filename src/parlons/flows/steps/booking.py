"""The step about appointments: offers what is free and books it, or moves or cancels one that the contact has."""

from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar, Literal

from parlons.flows.entities import entity
from parlons.flows.model import Json, Problem, Step
from parlons.flows.moment import Act, Do, Go, Moment, lead
from parlons.flows.words import Texts
from parlons.kit.when import moment as said

BookAct = Literal["book", "move", "cancel"]
LATER, NONE = "9", "0"
_MOST = 6
"""Times offered at once."""
_YEARS = range(2000, 2200)
_AGAIN = {"slot-taken": "book-taken", "too-many-appointments": "book-many"}
"""What is said of a refusal."""


class Book(Step, frozen=True, kw_only=True, tag="book"):
    """Offers free times of the firm, a few at once, and books the one that is chosen; or has one moved or cancelled."""

    LEADS: ClassVar[tuple[str, ...]] = ("next", "none", "failed")
    SAYS: ClassVar[tuple[str, ...]] = ("text", "thanks", "note")
    WAITS: ClassVar[bool] = True

    act: BookAct = "book"
    text: Texts | None = None
    """Asks for the time."""
    earliest: str | None = None
    """The first day that is offered, such as 2026-11-05 or a variable."""
    about: str | None = None
    """Kept with the appointment, for those who prepare it."""
    offers: int = 3
    """Times offered at once."""
    tries: int = 2
    first_seconds: int = 5
    between_seconds: int = 3
    chat_seconds: int | None = None
    """Silence in a chat; None: the answer may take days."""
    thanks: Texts | None = None
    """Said when it is done."""
    save: str = "appointment"
    """Variable that keeps `id`, `starts_at` and `when`, its time in words."""
    note: Texts | None = None
    """What this is called in the note to whoever takes over; None: by `save`."""
    next: str | None = None
    none: str | None = None
    """Nothing is free or suits, there is nothing to move or cancel, or the firm takes no appointments; None: as `failed`."""
    failed: str | None = None
    """Nothing was chosen, or the firm's calendar does not answer; None: to the fallback queue."""

    def enter(self, moment: Moment) -> Act:
        """Looks for what is free, or for what he has."""
        if self.act == "book":
            return self._look(moment)
        moment.local["at"] = "his"
        return Do("appointments", {})

    def answered(self, moment: Moment, result: Json) -> Act:
        """What there is, the choice, and what became of it."""
        match moment.local.get("at"):
            case "his":
                his = [(one["id"], one["starts_at"], one["zone"]) for one in result.get("appointments") or ()]
                return self._offer(moment, "which", his[: int(LATER) - 1])
            case "look":
                return self._found(moment, result)
            case "which" | "time":
                return self._given(moment, result)
            case "book":
                return self._done(moment, result)
            case "refused":
                return lead("failed", self.failed)
        return Go(self.next)

    def ends(self) -> bool:
        """The other ways lead to a person at the latest."""
        return self.next is None

    def silent(self) -> Iterator[str | None]:
        """Also where nothing is free."""
        yield self.failed
        yield self.none if self.none is not None else self.failed

    def check(self) -> Iterator[Problem]:
        """Numbers that fit, a day that is one."""
        if not 1 <= self.offers <= _MOST:
            yield Problem(("offers",), f"offers is a number from 1 to {_MOST}", "Three are usual.")
        if not 1 <= self.tries <= 10:
            yield Problem(("tries",), "tries is a number from 1 to 10", "Two are usual.")
        if self.earliest is not None and "{" not in self.earliest and _day(self.earliest) is None:
            yield Problem(("earliest",), f"{self.earliest!r} is no day", "Write it as 2026-11-05, or name a variable.")

    def _look(self, moment: Moment, *, day: str | None = None, after: int | None = None) -> Do:
        moment.local["at"] = "look"
        first = day if day is not None else moment.text(self.earliest) if self.earliest is not None else ""
        known = _day(first)
        return Do(
            "slots",
            {
                "earliest": known.isoformat() if known is not None else None,
                "after": after,
                "most": self.offers,
                "besides": moment.local.get("appointment"),
            },
        )

    def _found(self, moment: Moment, result: Json) -> Act:
        if result.get("why") not in (None, "no-appointments"):
            moment.tell("tried", self._called(moment), str(result["why"]))
            return lead("failed", self.failed)
        moment.local["today"] = result.get("today")
        return self._offer(moment, "time", [(at, at, result.get("zone")) for at in result.get("slots") or ()])

    def _offer(self, moment: Moment, what: str, found: list[tuple[Any, int, Any]]) -> Act:
        """Asks which of these (what it stands for, its time, the zone)."""
        if not found:
            moment.tell("unanswered", self._called(moment))
            return lead("none", self.none, self.failed)
        moment.local["at"] = what
        moment.local["offered"] = [[value, at, str(zone)] for value, at, zone in found]
        return self._ask(moment, moment.local.pop("before", None))

    def _ask(self, moment: Moment, before: str | None) -> Do:
        which = moment.local["at"] == "which"
        words = [moment.default("book-which") if which else self._text(moment)]
        if before is not None:
            words.insert(0, moment.default(before))
        choices = [{"key": key, "label": label} for key, label, _, _ in self._choices(moment)]
        data: Json = {
            "words": [*words, *moment.pressing(choices)], "answer": "choice", "choices": choices, "max_digits": 1,
            "terminator": "#", "first_seconds": self.first_seconds, "between_seconds": self.between_seconds,
            "chat_seconds": self.chat_seconds,
        }  # fmt: skip
        return Do("ask", data)

    def _choices(self, moment: Moment) -> Iterator[tuple[str, str, Any, int]]:
        """Key, label, what it stands for and its time, as they are offered."""
        for number, (value, at, zone) in enumerate(moment.local["offered"], 1):
            yield str(number), said(at, zone, moment.language), value, at
        if moment.local["at"] == "time":
            yield LATER, str(moment.default("book-later")["text"]), None, 0
        yield NONE, str(moment.default("book-none")["text"]), None, 0

    def _given(self, moment: Moment, result: Json) -> Act:
        given = str(result.get("digits") or result.get("text") or "").strip()
        wanted = given.rstrip(".!").casefold()
        for key, label, value, at in self._choices(moment):
            if given == key or wanted == label.casefold():
                moment.answered = True
                return self._chosen(moment, key, value, at)
        day = self._named(moment, given)
        if day is not None:
            moment.answered = True
            return self._look(moment, day=day)
        moment.local["tries"] = moment.local.get("tries", 0) + 1
        if moment.local["tries"] < self.tries:
            return self._ask(moment, "invalid" if given else "silence")
        moment.tell("unanswered", self._called(moment))
        return lead("failed", self.failed)

    def _named(self, moment: Moment, given: str) -> str | None:
        """Another day, in writing."""
        if moment.by_telephone or moment.local["at"] != "time":
            return None
        named = entity("date", given, language=moment.language, today=_day(str(moment.local.get("today"))))
        return str(named) if named is not None else None

    def _chosen(self, moment: Moment, key: str, value: Any, at: int) -> Act:
        if key == NONE:
            moment.tell("unanswered", self._called(moment))
            return lead("none", self.none, self.failed)
        if key == LATER and value is None:
            return self._look(moment, after=moment.local["offered"][-1][1])
        if moment.local["at"] == "which":
            moment.local |= {"appointment": value, "was": at}
            if self.act == "move":
                return self._look(moment)
        moment.local["at"] = "book"
        about = moment.text(self.about) if self.about is not None else ""
        data = {"act": self.act, "starts_at": at, "appointment": moment.local.get("appointment"), "about": about}
        return Do("book", data)

    def _done(self, moment: Moment, result: Json) -> Act:
        if not result.get("done"):
            return self._refused(moment, str(result.get("why") or "refused"))
        at, zone = int(result["starts_at"]), str(result["zone"])
        when = said(at, zone, moment.language)
        moment.variables[self.save] = {"id": result.get("id"), "starts_at": result.get("at"), "when": when}
        code = "book-cancelled" if self.act == "cancel" else "book-booked"
        moment.tell("answered", self._called(moment), str(moment.default(code, when)["text"]))
        moment.local["at"] = "thanks"
        return moment.say(moment.words(self.thanks) if self.thanks is not None else moment.default(code, when))

    def _refused(self, moment: Moment, why: str) -> Act:
        if why == "slot-taken":
            moment.local["before"] = _AGAIN[why]
            return self._look(moment)
        if why == "no-appointments":
            return lead("none", self.none, self.failed)
        moment.tell("tried", self._called(moment), why)
        moment.local["at"] = "refused"
        return moment.say(moment.default(_AGAIN[why])) if why in _AGAIN else lead("failed", self.failed)

    def _text(self, moment: Moment) -> Json:
        return moment.words(self.text) if self.text is not None else moment.default("book")

    def _called(self, moment: Moment) -> str:
        return str(moment.words(self.note)["text"]) if self.note is not None else self.save


def _day(text: str) -> date | None:
    try:
        named = date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
    return named if named.year in _YEARS else None
