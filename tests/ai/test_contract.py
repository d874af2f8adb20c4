"""The providers that ship keep the contract every provider keeps: the endpoint before a stand-in, espeak-ng and the local model
as they are. And the contract finds who breaks it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from parlons.ai.embeddings import EmbeddingsSettings, Vectors, of_length_one
from parlons.ai.local.embeddings import LocalEmbeddings
from parlons.ai.plugin import Provider
from parlons.ai.registry import PROVIDERS, open_providers
from parlons.ai.speech import SpeechSettings
from parlons.ai.transcription import TranscriptionSettings
from parlons.simulator.providers.models import Models
from parlons.simulator.providers.wire import served
from parlons.testing.provider_scene import Said, Scene, Troubles
from parlons.testing.provider_suite import CASES, STATIC, cases_of, run
from parlons.testing.provider_suite_transcription import wav_of
from tests.ai.test_speech import espeak_only

ALL = open_providers()
KEY = "sk-1"
TONE = wav_of((9_000 * np.sin(np.arange(16_000) / 4)).astype(np.int16))


@pytest.fixture
async def endpoint() -> AsyncIterator[Scene]:
    """The endpoint, and a model server behind it."""
    models = Models(KEY)

    def down(yes: bool) -> None:
        models.status = 503 if yes else 200

    def hangs(yes: bool) -> None:
        (models.awake.clear if yes else models.awake.set)()

    def answers(body: bytes | None) -> None:
        models.answer = body

    models.hears = "Hello,\n  this is Mrs Quigley "
    async with served(models.app) as base:
        there = {"url": f"{base}/v1", "key": KEY}
        yield Scene(
            ALL["endpoint"],
            SpeechSettings(**there),
            TranscriptionSettings(**there),
            EmbeddingsSettings(**there),
            Said(TONE, "en", "this is Mrs Quigley"),
            Troubles(down, hangs, answers),
        )


class Lasting(LocalEmbeddings):
    """The local model, loaded once for all cases: it ends when the test does."""

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("case", STATIC)
def test_each_describes_itself(name: str, case: str) -> None:
    STATIC[case](name, ALL[name])


@pytest.mark.parametrize("case", cases_of(ALL["endpoint"], far_end=True))
async def test_the_endpoint(case: str, endpoint: Scene) -> None:
    await run(case, endpoint)


@espeak_only
@pytest.mark.parametrize("case", cases_of(ALL["espeak"], far_end=False))
async def test_espeak(case: str) -> None:
    await run(case, Scene(ALL["espeak"]))


@pytest.mark.skipif(not LocalEmbeddings.installed(), reason="the extra parlons[local] is not installed")
async def test_the_local_model() -> None:
    lasting = Lasting()
    scene = Scene(Provider("local", embeddings=lambda _: lasting))
    try:
        for case in cases_of(ALL["local"], far_end=False):
            await run(case, scene)
    finally:
        await LocalEmbeddings.close(lasting)
    await run("embeddings: it_ends_twice", Scene(ALL["local"]))


def test_the_endpoint_meets_every_case() -> None:
    assert cases_of(ALL["endpoint"], far_end=True) == list(CASES)
    assert {case.split(": ")[0] for case in cases_of(ALL["espeak"], far_end=False)} == {"speech"}


class Careless:
    """Embeddings that break the contract in three ways."""

    name = "careless"
    local = True

    async def embed(self, texts: Sequence[str]) -> Vectors:
        print("asked about", *texts)
        return of_length_one(np.array([[len(text) + 1.0, 1.0] for text in sorted(texts)], np.float32))

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("case", ["order_is_kept", "words_stand_in_no_log", "others_get_their_turn_meanwhile"])
async def test_who_breaks_it_is_found(case: str) -> None:
    careless = Scene(Provider("careless", embeddings=lambda _: Careless()))
    with pytest.raises(AssertionError):
        await run(f"embeddings: {case}", careless)
    with pytest.raises(AssertionError):
        STATIC["it_offers_something"]("careless", replace(careless.provider, embeddings=None))
