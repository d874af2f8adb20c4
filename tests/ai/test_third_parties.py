"""A provider of a third party: there by its entry point, used for what the settings name it for, told what its operator says; and
one that cannot be loaded takes nobody with it."""

from pathlib import Path

import pytest

from parlons.ai.embeddings import EmbeddingsSettings
from parlons.ai.registry import PROVIDERS, UnknownProvider, embeddings_of, open_providers, speeches_of, transcription_of
from parlons.ai.speech import SpeechSettings
from parlons.ai.transcription import TranscriptionSettings
from parlons.app.settings import WrongSetting, read_settings

CODE = """
from parlons.ai.espeak.speech import EspeakSpeech
from parlons.ai.plugin import Provider

told = {}

def open_provider(tools):
    told.update(tools.options)
    return Provider("acme", speech=EspeakSpeech)
"""
POINTS = """[parlons.providers]
acme = acme_voices:open_provider
broken = acme_broken:open_provider
espeak = acme_voices:nobody_replaces_what_ships
"""


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package beside ours."""
    (tmp_path / "acme_voices.py").write_text(CODE)
    about = tmp_path / "acme_voices-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-voices\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))


def test_it_is_used_for_what_it_is_named_for(acme: None) -> None:
    settings = read_settings({"PARLONS_TTS": "acme", "PARLONS_PROVIDER_ACME_REGION": "eu"})
    providers = open_providers(settings.provider_options)
    assert list(providers) == [*PROVIDERS, "acme"]
    import acme_voices  # type: ignore[import-not-found]

    assert acme_voices.told == {"acme_region": "eu"}
    assert len(speeches_of(settings.speech, providers)) == 1
    assert "eu" not in repr(settings)
    with pytest.raises(UnknownProvider, match="PARLONS_EMBEDDINGS is 'acme'"):
        embeddings_of(EmbeddingsSettings(provider="acme"), providers)


def test_who_is_not_named_is_not_asked(acme: None) -> None:
    providers = open_providers()
    assert "acme" not in [one.name for one in speeches_of(SpeechSettings(), providers)]
    with pytest.raises(UnknownProvider):
        speeches_of(SpeechSettings(provider="broken"), providers)


def test_what_understands_speech() -> None:
    providers = open_providers()
    for nobody in (TranscriptionSettings(), TranscriptionSettings(provider="none", url="http://127.0.0.1:1")):
        assert transcription_of(nobody, providers) is None
    settings = read_settings({"PARLONS_STT_URL": "http://127.0.0.1:1/v1", "PARLONS_STT_KEY": "sk-1"}).transcription
    found = transcription_of(settings, providers)
    assert found is not None
    assert (found.name, found.local, "sk-1" in repr(settings)) == ("endpoint/whisper-1", False, False)
    with pytest.raises(WrongSetting, match="PARLONS_STT_URL"):
        read_settings({"PARLONS_STT": "endpoint"})
