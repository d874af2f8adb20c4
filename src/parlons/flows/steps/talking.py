"""Steps that talk: say, language."""

from typing import ClassVar

from parlons.flows.model import Json, Step
from parlons.flows.moment import Act, Do, Go, Moment
from parlons.flows.words import Texts


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
