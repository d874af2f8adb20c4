"""Steps at the side and at the end: record, end."""

from collections.abc import Iterator
from typing import ClassVar

from parlons.flows.model import Json, Path, Step
from parlons.flows.moment import Act, Do, End, Go, Moment
from parlons.flows.words import Texts


class Record(Step, frozen=True, kw_only=True, tag="record"):
    """Records everything from here on, or stops; beyond what the queue's own settings say."""

    on: bool = True
    text: Texts | None = None
    """The notice, said before: most laws ask for one."""
    next: str | None = None

    def enter(self, moment: Moment) -> Act:
        """Says the notice first."""
        if self.text is not None:
            return moment.say(moment.words(self.text))
        return self._do(moment)

    def answered(self, moment: Moment, result: Json) -> Act:
        """Goes on."""
        return Go(self.next) if moment.local.get("done") else self._do(moment)

    def _do(self, moment: Moment) -> Do:
        moment.local["done"] = True
        return Do("record", {"on": self.on})


class Finish(Step, frozen=True, kw_only=True, tag="end"):
    """The contact is over."""

    LEADS: ClassVar[tuple[str, ...]] = ()

    text: Texts | None = None
    prompt: str | None = None
    close: bool = True
    """In a chat: the conversation is closed too."""

    def enter(self, moment: Moment) -> Act:
        """Says goodbye."""
        if self.text is not None:
            return moment.say(moment.words(self.text, self.prompt))
        return End(close=self.close)

    def answered(self, moment: Moment, result: Json) -> Act:
        """Over."""
        return End(close=self.close)

    def ends(self) -> bool:
        """Here it ends."""
        return True

    def leads(self) -> Iterator[tuple[Path, str]]:
        """Nowhere."""
        return iter(())
