"""The contract every AI provider must pass: `STATIC` for its description alone, `CASES` for what it does.

    provider = open_provider(Tools({}))

    @pytest.mark.parametrize("case", STATIC)
    def test_description(case): STATIC[case]("acme", provider)

    @pytest.mark.parametrize("case", cases_of(provider, far_end=True))
    async def test_contract(case, scene): await run(case, scene)

A case raises when the contract is broken. `cases_of` names those that concern what the provider offers; `far_end`: whether the
scene can make trouble where the provider asks somebody else.
"""

import asyncio
from collections.abc import Callable

from parlons.ai.plugin import Provider
from parlons.testing import provider_suite_embeddings as embeddings
from parlons.testing import provider_suite_speech as speech
from parlons.testing import provider_suite_transcription as transcription
from parlons.testing.plugin_suite import it_has_its_name
from parlons.testing.provider_scene import Case, Scene
from parlons.testing.provider_suite_all import FAR_END, cases_for

PATIENCE = 60.0
Static = Callable[[str, Provider], None]


def it_offers_something(name: str, provider: Provider) -> None:
    """At least one capability."""
    assert provider.speech or provider.transcription or provider.embeddings


STATIC: dict[str, Static] = {one.__name__: one for one in (it_has_its_name, it_offers_something)}

_BY_CAPABILITY: dict[str, dict[str, Case]] = {
    "speech": {**speech.CASES, **cases_for(speech.in_use)},
    "transcription": {**transcription.CASES, **cases_for(transcription.in_use)},
    "embeddings": {**embeddings.CASES, **cases_for(embeddings.in_use)},
}
CASES: dict[str, Case] = {
    f"{capability}: {name}": case for capability, cases in _BY_CAPABILITY.items() for name, case in cases.items()
}


def cases_of(provider: Provider, *, far_end: bool) -> list[str]:
    """Those that concern it."""
    offered = {capability for capability in _BY_CAPABILITY if getattr(provider, capability) is not None}
    named = [(each, *each.split(": ")) for each in CASES]
    return [each for each, capability, name in named if capability in offered and (far_end or name not in FAR_END)]


async def run(case: str, scene: Scene) -> None:
    """Plays one case."""
    async with asyncio.timeout(PATIENCE):
        await CASES[case](scene)
