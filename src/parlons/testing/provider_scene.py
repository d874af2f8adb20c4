"""What one brings for the contract of AI providers: the provider, its settings, and its far end where it has one."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from parlons.ai.embeddings import EmbeddingsSettings
from parlons.ai.plugin import Provider
from parlons.ai.speech import SpeechSettings
from parlons.ai.transcription import TranscriptionSettings
from parlons.kit.errors import Unavailable

WORDS = "Good evening, Mrs Quigley-Zazou speaking"
"""With a name that stands in no log."""
NAME = "Quigley"
ODD = (
    "Où est-ce ? Voilà l’été, « déjà » à 10 €",
    "日本語 😀 👩‍👩‍👧",
    "<speak><break time='1s'/>&amp;</speak>",
    "-v $(id) `id` --help \"quoted\" 'too'",
    "first\nsecond\r\n\tthird",
    "zero\x00width\u200b\ufeff",
    "...!?",
)


@dataclass(frozen=True, slots=True)
class Said:
    """A sound, and words of what is said in it."""

    wav: bytes
    language: str
    words: str


@dataclass(frozen=True, slots=True)
class Troubles:
    """What a scene can make the far end do."""

    down: Callable[[bool], None]
    """It answers with an error of its own, or is well again."""
    hangs: Callable[[bool], None]
    """It takes requests and answers nothing, or is well again."""
    answers: Callable[[bytes | None], None]
    """It answers well, but with this; None: as it should again."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A provider, and how it is set up."""

    provider: Provider
    speech: SpeechSettings = field(default_factory=SpeechSettings)
    transcription: TranscriptionSettings = field(default_factory=TranscriptionSettings)
    embeddings: EmbeddingsSettings = field(default_factory=EmbeddingsSettings)
    said: Said | None = None
    """For a provider of transcription."""
    troubles: Troubles | None = None
    """None: there is no far end."""


Case = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Use:
    """A capability in use: what holds for all of them is tried with this."""

    ask: Callable[[], Awaitable[Any]]
    """One ordinary request; names NAME."""
    close: Callable[[], Awaitable[None]]
    failed: type[Unavailable]
    """What it raises when it cannot."""


class Closing(Protocol):
    """Speech, transcription or embeddings."""

    async def close(self) -> None:
        """Frees what it holds."""
        ...


S = TypeVar("S")
C = TypeVar("C")
K = TypeVar("K", bound=Closing)


@contextlib.asynccontextmanager
async def opened(make: Callable[[S], K] | None, settings: S) -> AsyncIterator[K]:
    """What a provider offers, closed afterwards."""
    assert make is not None
    made = make(settings)
    try:
        yield made
    finally:
        await made.close()


def cases(
    opening: Callable[[Scene], AbstractAsyncContextManager[C]], plays: Sequence[Callable[[C, Scene], Awaitable[None]]]
) -> dict[str, Case]:
    """Each with a capability opened for it, by name."""

    def case(play: Callable[[C, Scene], Awaitable[None]]) -> Case:
        async def played(scene: Scene) -> None:
            async with opening(scene) as made:
                await play(made, scene)

        return played

    return {play.__name__: case(play) for play in plays}
