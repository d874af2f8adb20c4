"""The step that has somebody prove who he is: authenticate."""

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from parlons.flows.model import Json, Problem, Step
from parlons.flows.moment import Act, Do, Go, Moment, lead
from parlons.flows.steps.asking import Ask
from parlons.flows.steps.asking_systems import Http, Secret
from parlons.flows.words import Texts

PIN = "pin"
"""The variable that the request may name; it is forgotten when the firm has judged."""
_TROUBLE = frozenset({408, 429})
"""Refusals that say nothing of the PIN."""


class Authenticate(Step, frozen=True, kw_only=True, tag="authenticate"):
    """Asks for a PIN, which the firm's own system judges. Each try is counted before it is made; the sixth within an hour is not
    made: of the same thing, by the same customer or from the same number."""

    LEADS: ClassVar[tuple[str, ...]] = ("next", "locked", "failed")
    SAYS: ClassVar[tuple[str, ...]] = ("text", "invalid", "note")
    WAITS: ClassVar[bool] = True

    text: Texts
    of: str
    """What is proven, such as `{account}`."""
    url: str
    headers: dict[str, str | Secret] = msgspec.field(default_factory=dict)
    body: Any
    """Posted as JSON, with the PIN as `{pin}`. A status from 200 to 299: it is right; from 400 to 499: it is not."""
    timeout_seconds: int = 5
    min_digits: int = 4
    max_digits: int = 4
    prompt: str | None = None
    invalid: Texts | None = None
    """Said before it is asked again."""
    note: Texts | None = None
    """What is proven, in the note to whoever takes over; None: the step's name."""
    save: str | None = None
    """Variable that keeps the answer's body."""
    next: str | None = None
    locked: str | None = None
    """Tried too often; None: as `failed`."""
    failed: str | None = None
    """No PIN was given, or nobody could judge it; None: to the fallback queue."""

    def enter(self, moment: Moment) -> Act:
        """Asks for it."""
        return self._question().enter(moment)

    def answered(self, moment: Moment, result: Json) -> Act:
        """The PIN, whether it may be tried, what the firm says of it."""
        match moment.local.get("at", "pin"):
            case "pin":
                return self._given(moment, result)
            case "try" if not result.get("allowed"):
                return self._fails(moment, "locked", self.locked)
            case "try":
                moment.local["at"] = "judge"
                return self._call().enter(moment)
            case "judge":
                return self._judged(moment, result)
        return Go(self.next)

    def kept(self, result: Json) -> Json:
        """Nothing of a PIN, nor of what it opens."""
        return {"status": result.get("status")}

    def ends(self) -> bool:
        """What fails leads to a person at the latest."""
        return self.next is None

    def silent(self) -> Iterator[str | None]:
        """Where silence leads; without such a step, to a person."""
        yield self.failed

    def check(self) -> Iterator[Problem]:
        """As of a question and a call."""
        yield from self._question().check()
        yield from self._call().check()

    def _question(self) -> Ask:
        return Ask(
            text=self.text, answer="digits", min_digits=self.min_digits, max_digits=self.max_digits, prompt=self.prompt,
            invalid=self.invalid, save=PIN, secret=True, failed=self.failed,
        )  # fmt: skip

    def _call(self) -> Http:
        return Http(
            url=self.url, method="POST", headers=self.headers, body=self.body, timeout_seconds=self.timeout_seconds
        )

    def _given(self, moment: Moment, result: Json) -> Act:
        told = moment.told
        act = self._question().answered(moment, result)
        moment.told = told
        if not moment.answered:
            if not isinstance(act, Do):
                moment.tell("unanswered", self._called(moment))
            return act
        moment.local["at"] = "try"
        return Do("attempt", {"of": moment.text(self.of)})

    def _judged(self, moment: Moment, result: Json) -> Act:
        moment.variables.pop(PIN, None)
        status = int(result.get("status") or 0)
        if 200 <= status < 300:
            if self.save is not None:
                moment.variables[self.save] = result.get("body")
            moment.tell("verified", self._called(moment))
            moment.local["at"] = "right"
            return Do("attempt", {"of": moment.text(self.of), "right": True})
        if status < 400 or status >= 500 or status in _TROUBLE:
            return self._fails(moment, str(status or "no-answer"), None)
        moment.local.clear()
        return self._question().again(moment)

    def _fails(self, moment: Moment, why: str, target: str | None) -> Act:
        moment.variables.pop(PIN, None)
        moment.tell("tried", self._called(moment), why)
        return lead(why, target, self.failed)

    def _called(self, moment: Moment) -> str:
        return str(moment.words(self.note)["text"]) if self.note is not None else moment.step
