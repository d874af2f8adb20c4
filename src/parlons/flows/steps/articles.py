"""The step that lets customers help themselves: articles for their words, and whether these helped."""

from collections.abc import Iterator
from typing import Any, ClassVar

from parlons.flows.model import Json, Problem, Step
from parlons.flows.moment import Act, Do, Go, Moment, lead
from parlons.flows.steps.asking import Ask
from parlons.flows.words import Texts

_ANSWER = "_helped"
_MOST = 3
"""Shown in writing; on the telephone one is said."""


class Articles(Step, frozen=True, kw_only=True, tag="articles"):
    """Shows the firm's public articles that fit what the contact says, in a chat with their addresses, and asks whether they
    helped. None is shown rather than a wrong one."""

    LEADS: ClassVar[tuple[str, ...]] = ("next", "none", "failed")
    SAYS: ClassVar[tuple[str, ...]] = ("text", "question")
    WAITS: ClassVar[bool] = True

    about: str = "{message}"
    """The contact's words."""
    text: Texts | None = None
    """Said before them."""
    question: Texts | None = None
    """Whether it helped."""
    tries: int = 2
    save: str | None = None
    """Variable of the first one: `title`, `summary`, `url`."""
    next: str | None = None
    """It helped."""
    none: str | None = None
    """There is none; None: as `failed`."""
    failed: str | None = None
    """It did not help, or nothing was answered; None: to the fallback queue."""

    def enter(self, moment: Moment) -> Act:
        """Looks for some."""
        given = moment.text(self.about).strip()
        if not given:
            return lead("none", self.none, self.failed)
        return Do("articles", {"text": given, "language": moment.language, "most": 1 if moment.by_telephone else _MOST})

    def answered(self, moment: Moment, result: Json) -> Act:
        """What was found, whether it helped."""
        match moment.local.get("at"):
            case None:
                return self._found(moment, [one for one in result.get("articles") or () if isinstance(one, dict)])
            case "ask":
                return self._judged(moment, result)
        return Go(self.next) if moment.local["helped"] else lead("failed", self.failed)

    def kept(self, result: Json) -> Json:
        """How many there were."""
        found = result.get("articles")
        return {"found": len(found)} if isinstance(found, list) else {}

    def ends(self) -> bool:
        """The other ways lead to a person at the latest."""
        return self.next is None

    def silent(self) -> Iterator[str | None]:
        """Also where there is none."""
        yield self.failed
        yield self.none if self.none is not None else self.failed

    def check(self) -> Iterator[Problem]:
        """As of a question."""
        yield from self._ask().check()

    def _found(self, moment: Moment, found: list[Json]) -> Act:
        if not found:
            return lead("none", self.none, self.failed)
        if self.save is not None:
            moment.variables[self.save] = {word: found[0].get(word) for word in ("title", "summary", "url")}
        moment.local |= {"at": "ask", "ids": [one.get("id") for one in found]}
        for one in found:
            moment.tell("tried", str(one.get("title")))
        words = [moment.words(self.text) if self.text is not None else moment.default("articles")]
        words += [_shown(moment, one) for one in found]
        act = self._ask().enter(moment)
        assert isinstance(act, Do)
        return Do(act.kind, {**act.data, "words": [*words, *act.data["words"]]})

    def _judged(self, moment: Moment, result: Json) -> Act:
        told = moment.told
        act = self._ask().answered(moment, result)
        moment.told = told
        if isinstance(act, Do):
            return act
        helped = moment.variables.pop(_ANSWER, None)
        if helped is None:
            return lead("failed", self.failed)
        moment.local |= {"at": "judged", "helped": helped}
        return Do("articles_helped", {"ids": moment.local["ids"], "helped": helped})

    def _ask(self) -> Ask:
        return Ask(text=self.question or dict(_HELPED), answer="yes_no", tries=self.tries, save=_ANSWER)


_HELPED = {
    "en": "Did this help? Yes is 1, no is 2.",
    "fr": "Cela vous a-t-il aidé\u00a0? Oui, 1\u00a0; non, 2.",
}


def _shown(moment: Moment, one: Json) -> Json:
    """As it is, nothing in it is a variable; read aloud an address is no help."""
    parts: list[Any] = [one.get("title"), one.get("summary"), None if moment.by_telephone else one.get("url")]
    joined = (". " if moment.by_telephone else "\n").join(str(part).rstrip(".") for part in parts if part)
    return {"text": joined, "language": one.get("language") or moment.language, "prompt": None}
