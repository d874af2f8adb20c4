"""Speech by the program `espeak-ng`: text on standard input, WAV on standard output. Source: espeak-ng(1)."""

import asyncio
import shutil
import struct

from parlons.ai.speech import LONGEST, Capabilities, SpeechFailed, SpeechSettings

PROGRAM = "espeak-ng"
PACKAGE = "espeak-ng"
SECONDS = 20
"""It needs milliseconds; longer means that it hangs."""
_VOICES = {"en": "en-gb", "fr": "fr-fr"}
_WORDS_PER_MINUTE = 150
_WHOLE = 44
"""Length of its WAV header."""


class EspeakSpeech:
    """See the module."""

    name = "espeak"
    capabilities = Capabilities(languages=("en", "fr"), natural=False, local=True)

    def __init__(self, settings: SpeechSettings) -> None:
        self._voices = {**_VOICES, **settings.voices}

    @staticmethod
    def installed() -> bool:
        """Whether the program is on this machine."""
        return shutil.which(PROGRAM) is not None

    def voice(self, language: str) -> str:
        """Its voice for a language."""
        return self._voices.get(language, self._voices["en"])

    async def speak(self, text: str, language: str) -> bytes:
        """A WAV file of 22.05 kHz. Raises SpeechFailed."""
        line = [PROGRAM, "--stdout", "--stdin", "-b", "1", "-v", self.voice(language), "-s", str(_WORDS_PER_MINUTE)]
        try:
            process = await asyncio.create_subprocess_exec(
                *line,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            raise SpeechFailed(f"The program {PROGRAM} cannot be run; install Debian's package {PACKAGE}.") from error
        try:
            async with asyncio.timeout(SECONDS):
                sound, _ = await process.communicate(text[:LONGEST].encode())
        except TimeoutError as error:
            raise SpeechFailed(f"{PROGRAM} did not end within {SECONDS} seconds.") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode or len(sound) <= _WHOLE:
            raise SpeechFailed(f"{PROGRAM} gave no sound (exit code {process.returncode}).")
        return _sized(sound)

    async def close(self) -> None:
        """Holds nothing."""


def _sized(sound: bytes) -> bytes:
    """It writes to a pipe, so its header cannot know the length: set it."""
    return sound[:4] + struct.pack("<I", len(sound) - 8) + sound[8:40] + struct.pack("<I", len(sound) - 44) + sound[44:]
