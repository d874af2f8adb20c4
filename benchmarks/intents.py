"""intent.accuracy_LANGUAGE: how often the intent of a text is told right, with ten phrases an intent; a part of bench-flows.

`INTENTS=PATH` names the set: a CSV file with a header: `text`, `intent` (or `category`), `language` (else `en`). Ten texts of
each intent are the phrases, the others (at most MOST of an intent) are asked; which ones, a seed says. Baseline, on the same
split: TF-IDF of words and pairs of words, logistic regression. Asked: the baseline and MARGIN more. A language that the set lacks
prints no line. `python -m benchmarks.intents PATH` measures this alone.
"""

import asyncio
import csv
import json
import random
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parlons.ai.embeddings import EmbeddingsSettings
from parlons.ai.registry import embeddings_of, open_providers
from parlons.intents.matching import Matcher, Phrase
from parlons.intents.threshold import report
from parlons.intents.words import words_of

PHRASES, MOST, SEED, MARGIN = 10, 40, 7, 0.05
LANGUAGES = ("en", "fr")
Floats = NDArray[np.float64]
Texts = list[tuple[str, str]]
"""Text and intent."""


def texts_of(path: Path) -> dict[str, Texts]:
    """The set by language; a text that stands twice counts once."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            text, intent = (row["text"] or "").strip(), (row.get("intent") or row.get("category") or "").strip()
            if text and intent:
                found[(row.get("language") or "en").strip().lower()[:2]][text] = intent
    return {language: sorted(texts.items()) for language, texts in found.items()}


def split(texts: Texts) -> tuple[Texts, Texts]:
    """Phrases and what is asked; intents with less than one text to ask are left out."""
    by_intent: dict[str, list[str]] = defaultdict(list)
    for text, intent in texts:
        by_intent[intent].append(text)
    chance, phrases, asked = random.Random(SEED), [], []
    for intent, own in sorted(by_intent.items()):
        chance.shuffle(own)
        if len(own) > PHRASES:
            phrases += [(text, intent) for text in own[:PHRASES]]
            asked += [(text, intent) for text in own[PHRASES : PHRASES + MOST]]
    return phrases, asked


async def ours(phrases: Texts, asked: Texts, language: str) -> tuple[float, str]:
    """Accuracy without a threshold, and a note: the provider, and what the chosen threshold would do."""
    embeddings = embeddings_of(EmbeddingsSettings(), open_providers())
    known = unknown = None
    if embeddings is not None:
        known = await embeddings.embed([text for text, _ in phrases])
        unknown = await embeddings.embed([text for text, _ in asked])
        await embeddings.close()
    matcher = Matcher([Phrase(text, intent, language) for text, intent in phrases], known)
    scores = matcher.scores([text for text, _ in asked], unknown)
    right = np.array([matcher.intents[at] for at in scores.argmax(axis=1)]) == np.array([intent for _, intent in asked])
    threshold = report(matcher).chosen
    taken = scores.max(axis=1) >= threshold
    note = (
        f"{len(matcher.intents)} intents, {len(asked)} texts; {embeddings.name if embeddings else 'words alone'}; at the chosen "
        f"threshold {threshold}: understood {(taken & right).mean():.3f}, asked again {(~taken).mean():.3f}, "
        f"wrong {(taken & ~right).mean():.3f}"
    )
    return float(right.mean()), note


def bag_of_words(phrases: Texts, asked: Texts) -> float:
    """The baseline's accuracy."""
    rows = [_bag(text) for text, _ in phrases]
    names = {word: number for number, word in enumerate(sorted({word for row in rows for word in row}))}
    counts = _counts(rows, names)
    idf = np.log((1 + len(rows)) / (1 + (counts > 0).sum(axis=0))) + 1
    intents = sorted({intent for _, intent in phrases})
    wanted = np.array([intents.index(intent) for _, intent in phrases])
    given = _weighed(counts, idf)
    weights = _logistic(given, wanted, len(intents))
    asked_for = _weighed(_counts([_bag(text) for text, _ in asked], names), idf)
    best = (np.c_[asked_for, np.ones(len(asked_for))] @ weights).argmax(axis=1)
    return float((best == np.array([intents.index(intent) for _, intent in asked])).mean())


def _bag(text: str) -> list[str]:
    words = words_of(text)
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


def _counts(rows: list[list[str]], names: dict[str, int]) -> Floats:
    found = np.zeros((len(rows), len(names)))
    for number, row in enumerate(rows):
        for word in row:
            if word in names:
                found[number, names[word]] += 1
    return found


def _weighed(counts: Floats, idf: Floats) -> Floats:
    weighed = counts * idf
    lengths = np.linalg.norm(weighed, axis=1, keepdims=True)
    divided: Floats = weighed / np.where(lengths == 0, 1, lengths)
    return divided


def _logistic(given: Floats, wanted: NDArray[np.int64], classes: int, *, strength: float = 1.0) -> Floats:
    """Multinomial logistic regression with a quadratic penalty (weight 1, as usual), by Nesterov's gradient method until the
    gradient is small. The last row is the intercept, which is not penalised."""
    rows = np.c_[given, np.ones(len(given))]
    target = np.eye(classes)[wanted]
    penalty = np.r_[np.full(given.shape[1], 1 / strength), 0.0][:, None]
    step = 1 / (0.5 * float(np.linalg.norm(rows, 2)) ** 2 + 1 / strength)
    weights = ahead = np.zeros((rows.shape[1], classes))
    for turn in range(1, 3_000):
        logits = rows @ ahead
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        gradient = rows.T @ (chances - target) + penalty * ahead
        following = ahead - step * gradient
        ahead = following + (turn - 1) / (turn + 2) * (following - weights)
        weights = following
        if np.abs(gradient).max() < 1e-3:
            break
    return weights


def measure(path: Path) -> int:
    """A line for each language of the set; 1 when one of them is below what is asked."""
    sets, failed = texts_of(path), 0
    for language in LANGUAGES:
        phrases, asked = split(sets.get(language, []))
        if not asked:
            continue
        value, note = asyncio.run(ours(phrases, asked, language))
        baseline = bag_of_words(phrases, asked)
        failed |= value < baseline + MARGIN
        line = {
            "name": f"intent.accuracy_{language}", "value": round(value, 4), "unit": "share", "baseline": round(baseline, 4),
            "difference": round(value - baseline, 4), "asked": MARGIN, "note": note,
        }  # fmt: skip
        print(json.dumps(line))
    return int(failed)


if __name__ == "__main__":
    sys.exit(measure(Path(sys.argv[1])))
