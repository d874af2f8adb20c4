"""Steps that write to the contact by another way: send, and one_time_code, which proves that an address is his."""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import msgspec

from parlons.flows.model import Json, Problem, Step
from parlons.flows.moment import Act, Do, Go, Moment, lead
from parlons.flows.steps.asking import Ask
from parlons.flows.words import Texts

CODE = "code"
"""The variable of a code's message; a flow never has its value."""
_GIVEN = "one_time_code"
"""The variable that has what was given, until it is judged."""


class SendMessage(Step, frozen=True, kw_only=True, tag="send"):
    """Sends one message to an address of the contact; who asked for silence there gets none."""

    LEADS: ClassVar[tuple[str, ...]] = ("next", "failed")
    SAYS: ClassVar[tuple[str, ...]] = ("text", "subject")

    text: Texts
    subject: Texts | None = None
    """A mail needs one; other channels leave it out."""
    channel: str | None = None
    """sms, email, whatsapp ...; None: the one he prefers."""
    to: str | None = None
    """A number or a mail address, such as `{order.phone}`; None: those that are known of him."""
    purpose: Literal["service", "marketing"] = "service"
    """`marketing` waits for the hours in which that may be sent."""
    template: str | None = None
    """Name of a text that the channel's provider has approved; `text` is then its words, with `{{1}}` ..."""
    values: list[str] = msgspec.field(default_factory=list)
    """Of that template, in order."""
    next: str | None = None
    failed: str | None = None
    """He cannot be reached there, or wants no messages; None: as `next`."""

    def enter(self, moment: Moment) -> Act:
        """Sends it."""
        return Do("send", _message(moment, self.text, self.subject, self.channel, self.to) | {
            "purpose": self.purpose, "template": self.template, "values": [moment.text(each) for each in self.values],
        })  # fmt: skip

    def answered(self, moment: Moment, result: Json) -> Act:
        """Goes on; what was not sent is told to whoever takes over."""
        if result.get("sent"):
            return Go(self.next)
        moment.tell("tried", moment.step, str(result.get("why") or "no-answer"))
        return Go(self.failed if self.failed is not None else self.next)

    def ends(self) -> bool:
        """A failure goes on as anything else where it has no step of its own."""
        return self.next is None

    def check(self) -> Iterator[Problem]:
        """Values belong to a template."""
        if self.values and self.template is None:
            yield Problem(("values",), "values belong to a template", "Name the `template`, or take them out.")


class OneTimeCode(Step, frozen=True, kw_only=True, tag="one_time_code"):
    """Sends a code to an address of the contact and asks for it: who has it has that address. Made and judged by Parlons, which
    keeps a keyed digest; valid once, for a while. Counted and locked as a PIN is."""

    LEADS: ClassVar[tuple[str, ...]] = ("next", "locked", "failed")
    SAYS: ClassVar[tuple[str, ...]] = ("text", "message", "subject", "invalid", "note")
    WAITS: ClassVar[bool] = True

    text: Texts
    """Asks for it."""
    message: Texts
    """What is sent, with the code as `{code}`."""
    subject: Texts | None = None
    channel: str | None = None
    to: str | None = None
    digits: int = 6
    valid_minutes: int = 10
    sends: int = 3
    """Messages at most; the contact asks for another by `again`."""
    again: str = "*"
    prompt: str | None = None
    invalid: Texts | None = None
    note: Texts | None = None
    """What is proven, in the note to whoever takes over; None: the step's name."""
    next: str | None = None
    locked: str | None = None
    """Tried, or asked for, too often; None: as `failed`."""
    failed: str | None = None
    """It could not be sent, or nothing was given; None: to the fallback queue."""

    def enter(self, moment: Moment) -> Act:
        """Sends the first."""
        return self._send(moment)

    def answered(self, moment: Moment, result: Json) -> Act:
        """Sent, given, judged."""
        match moment.local.get("at"):
            case "send" if not result.get("sent"):
                return self._fails(moment, str(result.get("why") or "no-answer"))
            case "send":
                moment.local |= {"at": "ask", "digest": result.get("digest"), "until": result.get("until")}
                return self._question().enter(moment)
            case "ask":
                return self._given(moment, result)
        return self._judged(moment, result)

    def kept(self, result: Json) -> Json:
        """Nothing of the code, nor of its digest."""
        return {name: result[name] for name in ("sent", "right", "why") if name in result}

    def ends(self) -> bool:
        """What fails leads to a person at the latest."""
        return self.next is None

    def silent(self) -> Iterator[str | None]:
        """Where silence leads; without such a step, to a person."""
        yield self.failed

    def check(self) -> Iterator[Problem]:
        """A code that can be neither guessed nor forgotten, in a message that has it."""
        for words in self.message.values() if isinstance(self.message, dict) else (self.message,):
            if f"{{{CODE}}}" not in words:
                yield Problem(
                    ("message",), "the message does not have the code", "Write `{code}` where it shall stand."
                )
        for word, least, most in (("digits", 4, 10), ("valid_minutes", 1, 60), ("sends", 1, 5)):
            if not least <= getattr(self, word) <= most:
                yield Problem((word,), f"{word} is a number from {least} to {most}", "Leave it out for the usual one.")
        yield from self._question().check()

    def _question(self) -> Ask:
        return Ask(
            text=self.text, answer="digits", min_digits=1, max_digits=self.digits, prompt=self.prompt,
            invalid=self.invalid, save=_GIVEN, secret=True, failed=self.failed,
        )  # fmt: skip

    def _send(self, moment: Moment) -> Do:
        moment.local["at"] = "send"
        moment.local["sent"] = moment.local.get("sent", 0) + 1
        known = moment.variables.get(CODE)
        moment.variables[CODE] = f"{{{CODE}}}"  # it stays: who sends it puts the code there
        sent = _message(moment, self.message, self.subject, self.channel, self.to)
        moment.variables.pop(CODE)
        if known is not None:
            moment.variables[CODE] = known
        return Do("send_code", {**sent, "digits": self.digits, "valid_minutes": self.valid_minutes})

    def _given(self, moment: Moment, result: Json) -> Act:
        told = moment.told
        act = self._question().answered(moment, result)
        moment.told = told
        if not moment.answered:
            if not isinstance(act, Do):
                moment.tell("unanswered", self._called(moment))
            return act
        given = moment.variables.pop(_GIVEN)
        if given == self.again:
            return self._send(moment) if moment.local["sent"] < self.sends else self._fails(moment, "locked")
        moment.local["at"] = "judge"
        judged = {name: moment.local.get(name) for name in ("digest", "until")}
        return Do("check_code", {**judged, "given": given, "to": self._to(moment)})

    def _judged(self, moment: Moment, result: Json) -> Act:
        if result.get("right"):
            moment.tell("verified", self._called(moment))
            return Go(self.next)
        if result.get("why") == "locked":
            return self._fails(moment, "locked")
        moment.local |= {"at": "ask", "tries": 0}
        return self._question().again(moment)

    def _fails(self, moment: Moment, why: str) -> Act:
        moment.tell("tried", self._called(moment), why)
        return lead(why, self.locked if why == "locked" else None, self.failed)

    def _to(self, moment: Moment) -> str | None:
        return moment.text(self.to) if self.to is not None else None

    def _called(self, moment: Moment) -> str:
        return str(moment.words(self.note)["text"]) if self.note is not None else moment.step


def _message(moment: Moment, text: Texts, subject: Texts | None, channel: str | None, to: str | None) -> dict[str, Any]:
    """What is sent, in the language that is spoken. Not `words`: it is not said here."""
    chosen = moment.words(text)
    return {
        "text": chosen["text"],
        "language": chosen["language"],
        "subject": moment.words(subject)["text"] if subject is not None else "",
        "channel": channel,
        "to": moment.text(to) if to is not None else None,
    }
