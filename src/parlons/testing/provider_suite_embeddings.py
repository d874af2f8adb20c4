"""The contract of embeddings: see `provider_suite`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import numpy as np

from parlons.ai.embeddings import LONGEST, Embeddings, EmbeddingsFailed, Vectors
from parlons.testing.provider_scene import ODD, WORDS, Case, Scene, Use, cases, opened

MANY = 600
NEAR = 1e-3
TEXTS = ("Where is my parcel?", "Où est mon colis ?", "I want to cancel my contract.")


def _opened(scene: Scene) -> AbstractAsyncContextManager[Embeddings]:
    return opened(scene.provider.embeddings, scene.embeddings)


@contextlib.asynccontextmanager
async def in_use(scene: Scene) -> AsyncIterator[Use]:
    """For what holds for every capability."""
    async with _opened(scene) as embeddings:
        yield Use(lambda: embeddings.embed([WORDS]), embeddings.close, EmbeddingsFailed)


def _same(one: Vectors, other: Vectors) -> bool:
    return bool(np.allclose(one, other, atol=NEAR))


async def it_has_a_name_that_stays(embeddings: Embeddings, scene: Scene) -> None:
    """Stored vectors are known by it."""
    assert scene.provider.embeddings is not None
    again = scene.provider.embeddings(scene.embeddings)
    assert embeddings.name
    assert (again.name, again.local) == (embeddings.name, embeddings.local)
    assert embeddings.local in (True, False)
    await again.close()


async def there_is_a_row_for_each_text(embeddings: Embeddings, _: Scene) -> None:
    """Of one length, as small floats, whoever asks when."""
    rows = await embeddings.embed(TEXTS)
    assert (len(rows), rows.ndim, rows.dtype.name) == (len(TEXTS), 2, "float32")
    assert (await embeddings.embed(TEXTS[:1])).shape == (1, rows.shape[1])


async def rows_have_length_one(embeddings: Embeddings, _: Scene) -> None:
    """Their product is how near they are."""
    assert _same(np.linalg.norm(await embeddings.embed(TEXTS), axis=1), np.ones(len(TEXTS), np.float32))


async def no_texts_have_no_rows(embeddings: Embeddings, _: Scene) -> None:
    """And nobody is asked."""
    assert len(await embeddings.embed([])) == 0


async def order_is_kept(embeddings: Embeddings, _: Scene) -> None:
    """Each row is that of its text alone."""
    together = await embeddings.embed(TEXTS)
    for row, text in zip(together, TEXTS, strict=True):
        assert _same(row, (await embeddings.embed([text]))[0]), text


async def the_same_text_has_the_same_row(embeddings: Embeddings, scene: Scene) -> None:
    """Today and after the next start."""
    first = await embeddings.embed([WORDS, TEXTS[0], WORDS])
    assert _same(first[0], first[2])
    async with _opened(scene) as again:
        assert _same(first, await again.embed([WORDS, TEXTS[0], WORDS]))


async def other_texts_have_other_rows(embeddings: Embeddings, _: Scene) -> None:
    """Each is nearest to itself."""
    rows = await embeddings.embed(TEXTS)
    assert list(np.argmax(rows @ rows.T, axis=1)) == list(range(len(TEXTS)))
    assert not _same(rows[0], rows[2])


async def a_text_without_words_is_no_accident(embeddings: Embeddings, _: Scene) -> None:
    """It has a row: of length one, or of zeros."""
    rows = await embeddings.embed(["", " ", "\n", *ODD])
    assert len(rows) == 3 + len(ODD)
    assert np.isfinite(rows).all()
    lengths = np.linalg.norm(rows, axis=1)
    assert all(each == 0 or abs(each - 1) < NEAR for each in lengths)


async def a_very_long_text_has_a_row(embeddings: Embeddings, _: Scene) -> None:
    """Of its beginning."""
    assert len(await embeddings.embed(["a word " * LONGEST])) == 1


async def many_texts_have_as_many_rows(embeddings: Embeddings, _: Scene) -> None:
    """More than anybody takes at once; the last is where it belongs."""
    rows = await embeddings.embed([f"Sentence number {at}" for at in range(MANY)] + [TEXTS[0]])
    assert len(rows) == MANY + 1
    assert _same(rows[-1], (await embeddings.embed(TEXTS[:1]))[0])


async def each_gets_his_own(embeddings: Embeddings, _: Scene) -> None:
    """However many ask at once."""
    alone = await embeddings.embed(TEXTS)
    together = await asyncio.gather(*(embeddings.embed([text]) for text in TEXTS))
    assert all(_same(row, found[0]) for row, found in zip(alone, together, strict=True))


CASES: dict[str, Case] = cases(_opened, (
    it_has_a_name_that_stays,
    there_is_a_row_for_each_text,
    rows_have_length_one,
    no_texts_have_no_rows,
    order_is_kept,
    the_same_text_has_the_same_row,
    other_texts_have_other_rows,
    a_text_without_words_is_no_accident,
    a_very_long_text_has_a_row,
    many_texts_have_as_many_rows,
    each_gets_his_own,
))  # fmt: skip
