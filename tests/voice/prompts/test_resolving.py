"""Which sound a caller gets for which words: own recording, tenant's, Debian's, speech, tones; caches; failures on the way."""

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest

from parlons.accounts.model import Principal, Role
from parlons.ai.espeak.speech import EspeakSpeech
from parlons.ai.speech import Capabilities, SpeechFailed, SpeechSettings
from parlons.kit.errors import Refusal
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.voice.calls import prompts_shipped as shipped
from parlons.voice.calls.prompts import BEEP, TONES, Prompts
from parlons.voice.calls.prompts_audio import write_wav
from parlons.voice.calls.prompts_store import delete_prompt, put_prompt
from parlons.voice.calls.script import Words
from parlons.voice.media.engine import FileSound, Sound

TENANT = "AC1"
BOSS = Principal(TENANT, "WS1", Role.ADMINISTRATOR)
NORTH = Principal(TENANT, "WS1", Role.SUPERVISOR, firm_ids=frozenset({"FI1"}))


class Says:
    """A provider that counts; it may be told to fail."""

    name = "says"
    capabilities = Capabilities(languages=("en", "fr"), natural=True, local=True)

    def __init__(self, *, fails: bool = False) -> None:
        self.fails, self.said = fails, list[str]()

    def voice(self, language: str) -> str:
        return f"voice-{language}"

    async def speak(self, text: str, language: str) -> bytes:
        self.said.append(text)
        await asyncio.sleep(0)
        if self.fails:
            raise SpeechFailed
        return sound(300)


def sound(hertz: float, seconds: float = 0.5) -> bytes:
    return write_wav((np.sin(np.arange(int(8000 * seconds)) * hertz * 6.283 / 8000) * 9000).astype(np.int16))


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A folder as Debian's packages make it, with a few recordings."""
    for language in ("en_US_f_Allison", "fr_CA_f_June"):
        for piece in ("queue-thankyou", "queue-thereare", "queue-callswaiting", "digits/1", "digits/4"):
            path = tmp_path / "sounds" / language / f"{piece}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sound(500))
    return tmp_path / "sounds"


class Scene:
    """Prompts over a real database and a real folder."""

    def __init__(self, database: Database, tmp_path: Path, recorded: Path) -> None:
        self.db, self.files, self.data, self.recorded = database, Files(tmp_path / "files"), tmp_path / "data", recorded
        self.now = 0.0

    def prompts(self, *speeches: object, recordings: Path | None = None) -> Prompts:
        return Prompts(
            self.db,
            self.files,
            self.data,
            speeches,  # type: ignore[arg-type]
            recordings=recordings or self.recorded,
            tracks=self.data / "nothing",
            monotonic=lambda: self.now,
        )

    async def put(self, name: str, language: str = "", firm_id: str | None = None, hertz: float = 800) -> str:
        async with self.db.transaction(TENANT) as tx:
            made = await put_prompt(
                tx, BOSS, self.files, sound(hertz), name=name, language=language, firm_id=firm_id, words="Welcome"
            )
        return made.file_id


@pytest.fixture
def scene(database: Database, tmp_path: Path, recorded: Path) -> Scene:
    return Scene(database, tmp_path, recorded)


def paths(sounds: list[Sound]) -> list[Path]:
    assert all(isinstance(one, FileSound) for one in sounds), sounds
    found = [Path(one.path) for one in sounds if isinstance(one, FileSound)]
    for path in found:
        with wave.open(str(path)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
    return found


async def test_the_firms_own_recording_comes_first(scene: Scene) -> None:
    prompts = scene.prompts(Says())
    general = await scene.put("thank-you")
    french = await scene.put("thank-you", "fr")
    mine = await scene.put("thank-you", "fr", "FI1")
    for firm, language, wanted in (
        ("FI1", "fr", mine),
        ("FI2", "fr", french),
        (None, "fr", french),
        ("FI2", "en", general),
        ("FI1", "en", general),
    ):
        (path,) = paths(await prompts.sounds(TENANT, firm, [shipped.say("thank-you", language)]))
        assert path.stem == wanted, (firm, language)
        assert path.is_relative_to(scene.data / "run/prompts")
    (foreign,) = paths(await prompts.sounds("AC2", "FI1", [shipped.say("thank-you", "fr")]))
    assert foreign.name == "queue-thankyou.wav"


async def test_recordings_of_debian_then_speech_then_tones(scene: Scene) -> None:
    says = Says()
    prompts = scene.prompts(says)
    place = await prompts.sounds(TENANT, None, [shipped.position(4, "fr")])
    assert [path.stem for path in paths(place)] == ["queue-thereare", "4", "queue-callswaiting"]
    assert says.said == []
    (spoken,) = paths(await prompts.sounds(TENANT, None, [shipped.position(5, "fr")]))
    assert spoken.parent.name == "spoken", "there is no recording of 5 here"
    assert says.said == ["Vous êtes l’appelant numéro 5."]
    assert await scene.prompts().sounds(TENANT, None, [shipped.position(5, "fr")]) == list(TONES)
    assert await scene.prompts().sounds(TENANT, None, [shipped.say("beep", "fr")]) == list(BEEP)
    assert await scene.prompts(says).sounds(TENANT, None, [Words(" ", "en")]) == list(TONES)


async def test_by_what_words_are_heard(scene: Scene) -> None:
    await scene.put("welcome", firm_id="FI1")
    prompts = scene.prompts(Says())
    welcome = Words("Welcome", "en", "welcome")
    assert await prompts.available(TENANT, "FI1", welcome) == "own"
    assert await prompts.available(TENANT, "FI2", welcome) == "spoken"
    assert await prompts.available(TENANT, None, shipped.say("thank-you", "en")) == "recorded"
    assert await scene.prompts().available(TENANT, None, welcome) == "tones"


async def test_a_text_is_spoken_once_however_many_ask(scene: Scene) -> None:
    says = Says()
    prompts = scene.prompts(says)
    asked = [prompts.sounds(TENANT, None, [Words("Good evening", "en")]) for _ in range(20)]
    assert len({paths(one)[0] for one in await asyncio.gather(*asked)}) == 1
    assert says.said == ["Good evening"]
    again = Says()
    await scene.prompts(again).sounds(TENANT, None, [Words("Good evening", "en")])
    assert again.said == [], "the next process finds the file"
    await scene.prompts(again).sounds(TENANT, None, [Words("Good evening", "fr")])
    assert again.said == ["Good evening"], "another language is another voice"


async def test_when_one_provider_fails_the_next_speaks(scene: Scene) -> None:
    broken, second = Says(fails=True), Says()
    second.name = "second"
    prompts = scene.prompts(broken, second)
    assert paths(await prompts.sounds(TENANT, None, [Words("Hello", "en")]))
    assert (broken.said, second.said) == (["Hello"], ["Hello"])
    assert await scene.prompts(Says(fails=True)).sounds(TENANT, None, [Words("Bye", "en")]) == list(TONES)


async def test_without_the_database_what_is_known_is_heard(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    prompts = scene.prompts(Says())
    mine = await scene.put("welcome", firm_id="FI1")
    words = [Words("Welcome", "en", "welcome"), shipped.say("thank-you", "en")]
    assert [path.stem for path in paths(await prompts.sounds(TENANT, "FI1", words))] == [mine, "queue-thankyou"]

    def gone(_tenant: str) -> object:
        raise ConnectionError

    monkeypatch.setattr(scene.db, "transaction", gone)
    scene.now += 60
    assert [path.stem for path in paths(await prompts.sounds(TENANT, "FI1", words))] == [mine, "queue-thankyou"]
    fresh = await scene.prompts(Says()).sounds(TENANT, "FI1", words)
    assert len(paths(fresh)) == 2, "a process that never knew the name speaks the words"


async def test_another_processs_change_is_heard_within_seconds(scene: Scene) -> None:
    prompts = scene.prompts()
    words = [Words("Welcome", "en", "welcome")]
    assert await prompts.sounds(TENANT, None, words) == list(TONES)
    mine = await scene.put("welcome")
    assert await prompts.sounds(TENANT, None, words) == list(TONES)
    scene.now += 5
    assert [path.stem for path in paths(await prompts.sounds(TENANT, None, words))] == [mine]


async def test_music_is_the_firms_then_packaged_then_our_own(scene: Scene, tmp_path: Path) -> None:
    (own,) = paths(await scene.prompts().music(TENANT, "FI1"))
    assert own.name == "v1.wav"
    with wave.open(str(own)) as file:
        assert file.getnframes() > 40 * 8000
    tracks = tmp_path / "moh"
    tracks.mkdir()
    for name in ("b", "a"):
        (tracks / f"{name}.wav").write_bytes(sound(400))
    packaged = Prompts(scene.db, scene.files, scene.data, tracks=tracks)
    assert [path.stem for path in paths(await packaged.music(TENANT, "FI1"))] == ["a", "b"]
    named, general = await scene.put("jazz", firm_id="FI1"), await scene.put("music", hertz=200)
    packaged.forget(TENANT)
    assert [path.stem for path in paths(await packaged.music(TENANT, "FI1", "jazz"))] == [named]
    assert [path.stem for path in paths(await packaged.music(TENANT, "FI2", "jazz"))] == [general]


async def test_replacing_and_removing(scene: Scene) -> None:
    first, second = await scene.put("welcome", "en"), await scene.put("welcome", "en", hertz=300)
    assert first != second
    async with scene.db.transaction(TENANT) as tx:
        (row,) = await tx.fetch_all("SELECT * FROM prompts")
        assert row["file_id"] == second
        assert [one["id"] for one in await tx.fetch_all("SELECT id FROM files")] == [second]
        with pytest.raises(Refusal, match="There is no such prompt"):
            await delete_prompt(tx, Principal("AC1", "WS1", Role.SUPERVISOR), scene.files, "PR" + "0" * 32)
        await delete_prompt(tx, BOSS, scene.files, row["id"])
        assert await tx.fetch_all("SELECT id FROM files") == []
        acts = [one["action"] for one in await tx.fetch_all("SELECT action FROM audit ORDER BY action")]
    assert acts == ["prompt.deleted", "prompt.put", "prompt.put"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "Welcome!"}, "prompt-name-invalid"),
        ({"name": ""}, "prompt-name-invalid"),
        ({"language": "de"}, "prompt-language-invalid"),
        ({"firm_id": "FI2"}, "firm-not-found"),
        ({"content": b"MP3"}, "prompt-not-audio"),
    ],
)
async def test_refusals(scene: Scene, change: dict[str, object], code: str) -> None:
    good: dict[str, object] = {"content": sound(300), "name": "welcome", "language": "en", "firm_id": "FI1"}
    asked = {**good, **change}
    async with scene.db.transaction(TENANT) as tx:
        with pytest.raises(Refusal) as refused:
            await put_prompt(tx, NORTH, scene.files, asked.pop("content"), **asked)  # type: ignore[arg-type]
    assert refused.value.code == code


async def test_espeak_through_it_all(scene: Scene) -> None:
    if not EspeakSpeech.installed():
        pytest.skip("Debian's espeak-ng is not installed here")
    prompts = scene.prompts(EspeakSpeech(SpeechSettings()))
    for language, text in (
        ("en", "Good evening, you have reached the garage."),
        ("fr", "Bonsoir, ici le garage du Nord."),
    ):
        (path,) = paths(await prompts.sounds(TENANT, None, [Words(text, language)]))
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
        assert 1.0 < len(samples) / 8000 < 8
        assert np.sqrt((samples**2).mean()) > 300
