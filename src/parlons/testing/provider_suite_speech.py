"""The contract of text to speech: see `provider_suite`."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import numpy as np

from parlons.ai.speech import LONGEST, Speech, SpeechFailed
from parlons.testing.provider_scene import ODD, WORDS, Case, Scene, Use, cases, opened
from parlons.voice.calls.prompts_audio import RATE, read_wav

LANGUAGE = re.compile(r"[a-z]{2}")
LOUD = 500
"""Of 32,768: the loudest moment of a voice is louder."""


def _opened(scene: Scene) -> AbstractAsyncContextManager[Speech]:
    return opened(scene.provider.speech, scene.speech)


@contextlib.asynccontextmanager
async def in_use(scene: Scene) -> AsyncIterator[Use]:
    """For what holds for every capability."""
    async with _opened(scene) as speech:
        language = speech.capabilities.languages[0]
        yield Use(lambda: speech.speak(WORDS, language), speech.close, SpeechFailed)


def _seconds(wav: bytes) -> float:
    """As callers would hear it: read by what plays it."""
    samples = read_wav(wav)
    assert int(np.abs(samples.astype(int)).max()) > LOUD, "it is silent"
    return len(samples) / RATE


async def it_says_what_it_can(speech: Speech, scene: Scene) -> None:
    """A name and languages that stay the same, each with a voice: parts of a cache's key."""
    assert scene.provider.speech is not None
    again, can = scene.provider.speech(scene.speech), speech.capabilities
    assert speech.name
    assert can.languages
    assert all(LANGUAGE.fullmatch(each) for each in can.languages)
    assert (again.name, again.capabilities) == (speech.name, can)
    assert [again.voice(each) for each in can.languages] == [speech.voice(each) for each in can.languages]
    assert all(speech.voice(each) for each in can.languages)
    await again.close()


async def it_speaks_every_language(speech: Speech, _: Scene) -> None:
    """A WAV file with a sound in it."""
    for language in speech.capabilities.languages:
        assert _seconds(await speech.speak(WORDS, language)) > 0.1


async def more_words_last_longer(speech: Speech, _: Scene) -> None:
    """Nothing is left out."""
    language = speech.capabilities.languages[0]
    short, long = await speech.speak(WORDS, language), await speech.speak(f"{WORDS}. " * 4, language)
    assert _seconds(long) > 2 * _seconds(short)


async def odd_texts_are_texts(speech: Speech, _: Scene) -> None:
    """Accents, signs, other scripts, markup and commands: spoken or refused, never anything else."""
    for text in ODD:
        with contextlib.suppress(SpeechFailed):
            read_wav(await speech.speak(text, speech.capabilities.languages[0]))


async def accents_are_spoken(speech: Speech, _: Scene) -> None:
    """They are words like others."""
    assert _seconds(await speech.speak("Où est-ce ? Voilà l’été, déjà", speech.capabilities.languages[-1])) > 0.1


async def nothing_to_say_is_no_accident(speech: Speech, _: Scene) -> None:
    """No words, or none that can be spoken."""
    for text in ("", " ", "\n"):
        with contextlib.suppress(SpeechFailed):
            assert (await speech.speak(text, speech.capabilities.languages[0]))[:4] == b"RIFF"


async def a_very_long_text_ends(speech: Speech, _: Scene) -> None:
    """Its beginning is spoken, or it is refused."""
    with contextlib.suppress(SpeechFailed):
        assert (await speech.speak("a word " * LONGEST, speech.capabilities.languages[0]))[:4] == b"RIFF"


async def each_gets_his_own(speech: Speech, _: Scene) -> None:
    """However many ask at once."""
    language = speech.capabilities.languages[0]
    texts = [f"{WORDS}. " * many for many in (1, 5, 1, 5)]
    short, long, short_too, long_too = await asyncio.gather(*(speech.speak(text, language) for text in texts))
    assert min(_seconds(long), _seconds(long_too)) > max(_seconds(short), _seconds(short_too))


CASES: dict[str, Case] = cases(_opened, (
    it_says_what_it_can,
    it_speaks_every_language,
    more_words_last_longer,
    odd_texts_are_texts,
    accents_are_spoken,
    nothing_to_say_is_no_accident,
    a_very_long_text_ends,
    each_gets_his_own,
))  # fmt: skip
