"""The step that puts a survey at once."""

from collections.abc import Iterator
from typing import ClassVar

from parlons.flows.model import Json, Problem, Step
from parlons.flows.moment import Act, Do, Go, Moment
from parlons.flows.steps.asking import Ask
from parlons.flows.words import Texts

_ANSWER = "survey_answer"


class SurveyStep(Step, frozen=True, kw_only=True, tag="survey"):
    """Puts a survey of the firm now, by keys or in writing, and goes on whatever is answered. Its answers stand with the others
    of that survey."""

    LEADS: ClassVar[tuple[str, ...]] = ("next",)
    WAITS: ClassVar[bool] = True

    survey: str
    """By name."""
    text: Texts | None = None
    """Said before, where it is put."""
    tries: int = 2
    next: str | None = None

    def enter(self, moment: Moment) -> Act:
        """Asks whether it may be put."""
        return Do("survey", {"survey": self.survey})

    def answered(self, moment: Moment, result: Json) -> Act:
        """The question, its answer, thanks."""
        match moment.local.get("at"):
            case None if not result.get("asked") or not _fits(moment, result):
                return Go(self.next)
            case None:
                moment.local |= {"at": "ask", "put": {name: result.get(name) for name in _PUT}}
                return self._question(moment).enter(moment)
            case "ask":
                return self._given(moment, result)
            case "keep":
                moment.local["at"] = "thanks"
                put = moment.local["put"]
                return moment.say({"text": str(put["thanks"] or ""), "language": put["language"], "prompt": None})
        return Go(self.next)

    def kept(self, result: Json) -> Json:
        """Whether it was put and answered; not the answer, which is the survey's."""
        return {name: result[name] for name in ("asked", "kept") if name in result}

    def check(self) -> Iterator[Problem]:
        """As of a question."""
        if not 1 <= self.tries <= 10:
            yield Problem(("tries",), "tries is a number from 1 to 10", "Two are usual.")

    def _question(self, moment: Moment) -> Ask:
        put = moment.local["put"]
        words = moment.words(self.text)["text"] + "\n" if self.text is not None else ""
        text = f"{words}{put['text']}".replace("{", "(").replace("}", ")")  # said as it is: nothing in it is a variable
        if put["limits"] is None:
            return Ask(text=text, answer="text", tries=self.tries, save=_ANSWER)
        low, high = put["limits"]
        answers = "|".join(str(number) for number in range(low, high + 1))
        return Ask(text=text, answer="digits", max_digits=len(str(high)), match=answers, tries=self.tries, save=_ANSWER)

    def _given(self, moment: Moment, result: Json) -> Act:
        told = moment.told
        act = self._question(moment).answered(moment, result)
        moment.told = told
        if not moment.answered:
            return act if isinstance(act, Do) else Go(self.next)
        moment.local["at"] = "keep"
        put, given = moment.local["put"], str(moment.variables.pop(_ANSWER))
        score = int(given) if put["limits"] is not None else None
        return Do("survey_answer", {"id": put["id"], "score": score, "comment": given if score is None else ""})


_PUT = ("id", "text", "thanks", "language", "limits")


def _fits(moment: Moment, result: Json) -> bool:
    """Words cannot be keyed."""
    return result.get("limits") is not None or not moment.by_telephone
