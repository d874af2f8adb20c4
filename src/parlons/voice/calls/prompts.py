"""What a caller hears when a script says words: `Prompts.sounds` turns `Words` into sounds the engine plays.

In this order: the firm's own recording of that name, the tenant's, what Debian's recorded packages say, a text-to-speech
provider, and at last two tones (the words then stand on the caller's page only). Everything given to the engine is a WAV
file of 8 kHz mono on this machine: recordings of firms and spoken texts are cached in DATA/run/prompts, by content, so a file
there never changes. Without the database what is known is used: a caller hears something in any case.
"""

import asyncio
import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from parlons.ai.speech import Speech, SpeechFailed
from parlons.kit.errors import Refusal
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.log import log
from parlons.voice.calls import prompts_music as music
from parlons.voice.calls import prompts_shipped as shipped
from parlons.voice.calls.prompts_audio import read_wav, write_wav
from parlons.voice.calls.prompts_store import Prompt, list_prompts
from parlons.voice.calls.script import Words
from parlons.voice.media.engine import FileSound, SilenceSound, Sound, ToneSound

FOLDER = "run/prompts"
FRESH = 5.0
"""Seconds until the names of a tenant's prompts are read again; another process may have changed them."""
SPEAK_WITHIN = 8.0
"""Seconds a text-to-speech provider has before the next way is taken."""
MUSIC = "music"
"""Name under which a firm uploads its own music on hold."""
TONES: tuple[Sound, ...] = (ToneSound((659.0,), 180), ToneSound((523.0,), 260), SilenceSound(200))
BEEP: tuple[Sound, ...] = (ToneSound((1000.0,), 250),)
PAUSE = SilenceSound(120)
"""Between two recordings of one sentence."""
Key = tuple[str | None, str, str]
Make = Callable[[], Awaitable[bytes]]


@dataclass(slots=True)
class _Known:
    prompts: Mapping[Key, Prompt] = field(default_factory=dict)
    until: float = 0.0


class Prompts:
    """One for each web process. `speeches`: providers, tried in order."""

    def __init__(
        self,
        db: Database,
        files: Files,
        data: Path,
        speeches: Sequence[Speech] = (),
        *,
        recordings: Path = shipped.SOUNDS,
        tracks: Path = music.MOH,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db, self._files, self._speeches = db, files, tuple(speeches)
        self._folder, self._recordings, self._tracks = data / FOLDER, recordings, tracks
        self._monotonic = monotonic
        self._known: dict[str, _Known] = {}
        self._making: dict[str, asyncio.Task[Path]] = {}

    @property
    def speech(self) -> Speech | None:
        """The provider asked first."""
        return self._speeches[0] if self._speeches else None

    def recorded_in(self, language: str) -> bool:
        """Whether the recorded package of a language is on this machine."""
        return shipped.installed(language, self._recordings)

    @property
    def packaged_music(self) -> bool:
        """Whether Debian's music on hold is on this machine."""
        return bool(music.packaged(self._tracks))

    async def sounds(self, tenant_id: str, firm_id: str | None, words: Sequence[Words]) -> list[Sound]:
        """What is to be played, in order; never empty for words that are not, never raises."""
        found: list[Sound] = []
        for one in words:
            found += await self._of(tenant_id, firm_id, one)
        return found

    async def music(self, tenant_id: str, firm_id: str | None, name: str | None = None) -> list[Sound]:
        """Music on hold, to be played in a loop: the firm's prompt `name` or `music`, the packaged tracks, else our own."""
        for wanted in dict.fromkeys([name or MUSIC, MUSIC]):
            if own := await self._own(tenant_id, firm_id, wanted, ""):
                return [own]
        tracks: list[Sound] = [FileSound(str(path)) for path in music.packaged(self._tracks)]
        return tracks or [FileSound(str(await self._made("music", "v1", _own_music)))]

    async def played(self, content: bytes) -> Sound:
        """A WAV file of somebody's; raises PromptNotAudio, PromptTooLong or PromptTooShort."""

        async def make() -> bytes:
            return await asyncio.to_thread(lambda: write_wav(read_wav(content)))

        return FileSound(str(await self._made("played", hashlib.sha256(content).hexdigest(), make)))

    async def available(self, tenant_id: str, firm_id: str | None, words: Words) -> str:
        """By what `words` would be heard: own, recorded, spoken or tones."""
        if words.prompt and await self._find(tenant_id, firm_id, words.prompt, words.language):
            return "own"
        if words.prompt and self._recorded(words.prompt, words.language):
            return "recorded"
        return "spoken" if self._speeches and words.text.strip() else "tones"

    def forget(self, tenant_id: str) -> None:
        """The tenant's prompts have changed here."""
        self._known.pop(tenant_id, None)

    async def _of(self, tenant_id: str, firm_id: str | None, words: Words) -> list[Sound]:
        if words.prompt:
            if own := await self._own(tenant_id, firm_id, words.prompt, words.language):
                return [own]
            if recorded := self._recorded(words.prompt, words.language):
                return recorded
            if words.prompt == "beep":
                return list(BEEP)
        spoken = await self._spoken(words.text.strip(), words.language) if words.text.strip() else None
        return [spoken] if spoken else list(TONES)

    def _recorded(self, prompt: str, language: str) -> list[Sound] | None:
        pieces = shipped.shipped_pieces(prompt, language)
        paths = shipped.recordings(pieces, language, self._recordings) if pieces else None
        if not paths:
            return None
        return [FileSound(str(path)) for path in paths]

    async def _own(self, tenant_id: str, firm_id: str | None, name: str, language: str) -> Sound | None:
        found = await self._find(tenant_id, firm_id, name, language)
        if found is None:
            return None

        async def read() -> bytes:
            async with self._db.transaction(tenant_id) as tx:
                _, content = await self._files.open(tx, found.file_id)
            return content

        try:
            return FileSound(str(await self._made("own", found.file_id, read)))
        except Exception as error:  # the store is away or the file is gone: another way is found
            log.warning("prompt.unreadable", prompt_id=found.id, error=type(error).__name__)
            return None

    async def _find(self, tenant_id: str, firm_id: str | None, name: str, language: str) -> Prompt | None:
        known = await self._names(tenant_id)
        keys = [
            (firm, name, tongue) for firm in dict.fromkeys([firm_id, None]) for tongue in dict.fromkeys([language, ""])
        ]
        return next((known[key] for key in keys if key in known), None)

    async def _names(self, tenant_id: str) -> Mapping[Key, Prompt]:
        known = self._known.setdefault(tenant_id, _Known())
        if self._monotonic() >= known.until:
            known.until = self._monotonic() + FRESH  # at once, so that an unreachable database is asked once
            try:
                async with asyncio.timeout(2), self._db.transaction(tenant_id) as tx:
                    rows = await list_prompts(tx)
                known.prompts = {(row.firm_id, row.name, row.language): row for row in rows}
            except Exception as error:
                log.warning("prompts.unread", error=type(error).__name__)
        return known.prompts

    async def _spoken(self, text: str, language: str) -> Sound | None:
        for speech in self._speeches:
            if language not in speech.capabilities.languages:
                continue
            key = hashlib.sha256(f"{speech.name}\0{speech.voice(language)}\0{language}\0{text}".encode()).hexdigest()

            async def speak(speech: Speech = speech) -> bytes:
                async with asyncio.timeout(SPEAK_WITHIN):
                    content = await speech.speak(text, language)
                return await asyncio.to_thread(lambda: write_wav(read_wav(content)))

            try:
                return FileSound(str(await self._made("spoken", key, speak)))
            except (SpeechFailed, TimeoutError, Refusal, OSError) as error:
                log.warning("speech.failed", provider=speech.name, error=type(error).__name__)
        return None

    async def _made(self, kind: str, key: str, make: Make) -> Path:
        """The cached file, made once however many ask at the same time."""
        path = self._folder / kind / f"{key}.wav"
        if path.is_file():
            return path
        name = str(path)
        task = self._making.get(name)
        if task is None:
            task = asyncio.create_task(_write(path, make))
            self._making[name] = task
            task.add_done_callback(lambda _: self._making.pop(name, None))
        return await asyncio.shield(task)


async def _write(path: Path, make: Make) -> Path:
    content = await make()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(fresh, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(fresh)
        raise
    return path


async def _own_music() -> bytes:
    return await asyncio.to_thread(lambda: write_wav(music.generated()))
