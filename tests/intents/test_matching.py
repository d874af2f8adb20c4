"""Intents by words and by vectors, what the phrases would score unseen, and the threshold that follows."""

import numpy as np
import pytest

from parlons.intents.matching import Matcher, Phrase
from parlons.intents.threshold import EMPTY, report
from parlons.intents.words import Letters, words_of

PARCEL = ["Where is my parcel?", "My parcel has not come", "When does my parcel come?", "track my order"]
PRICE = ["How much does it cost?", "What is the price?", "Is it expensive?", "price list please"]
BOOK = ["I want an appointment", "Book an appointment for Monday", "Can I come and see you?", "make an appointment"]
PHRASES = [
    Phrase(text, intent, "en")
    for intent, texts in (("parcel", PARCEL), ("price", PRICE), ("book", BOOK))
    for text in texts
]


def test_words_forgive_accents_typos_and_numbers() -> None:
    letters = Letters(["Où est mon téléphone ?", "commande 4711", "tout autre chose"])
    near = letters.nearness(["ou est mon telefone", "Commande n° 9999"])
    assert near[0].argmax() == 0
    assert near[1].argmax() == 1
    assert near.min() >= 0
    assert near.max() <= 1.001
    assert words_of("Été 2026, l’eau") == ["ete", "####", "l", "eau"]


def test_by_words_alone_the_nearest_intent_is_told_with_its_reasons() -> None:
    matcher = Matcher(PHRASES)
    match = matcher.match("please, where is the parcel", None)
    assert match.best is not None
    assert match.best[0] == "parcel"
    assert match.nearest[0].phrase.text == "Where is my parcel?"
    nothing = matcher.match("xyzzy", None)
    assert nothing.ranking[0][1] < 0.1
    assert nothing.nearest == ()
    among = matcher.match("where is my parcel", None, among={"price", "book"})
    assert {name for name, _ in among.ranking} == {"price", "book"}
    assert {near.phrase.intent for near in among.nearest} <= {"price", "book"}


def test_vectors_bring_in_what_shares_no_word() -> None:
    axes = {"parcel": 0, "price": 1, "book": 2}
    vectors = np.eye(4, dtype=np.float32)[[axes[phrase.intent] for phrase in PHRASES]]
    matcher = Matcher(PHRASES, vectors)
    match = matcher.match("combien ça coûte", np.eye(4, dtype=np.float32)[1:2])
    assert match.best is not None
    assert match.best[0] == "price"
    assert match.best[1] > 0.5


@pytest.mark.parametrize("text", ["", " ", "?!", "\n", "a" * 10_000])
def test_nothing_to_go_by_is_no_error(text: str) -> None:
    assert Matcher(PHRASES).match(text, None).ranking[0][1] < 0.3
    assert Matcher([]).match(text, None).best is None
    assert Matcher([Phrase(text, "one", "en")]).match("hello", None).best is not None


def test_what_a_phrase_scores_unseen_is_what_a_model_without_it_gives() -> None:
    """The closed form against the model built anew without the phrase, and without its intent. The words' weights know the
    phrase in the one and not in the other, so vectors are taken, where nothing else can differ."""
    made = np.random.default_rng(3).normal(size=(len(PHRASES), 8)).astype(np.float32)
    vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
    matcher = Matcher(PHRASES, vectors)
    matcher.near = matcher.nearness([phrase.text for phrase in PHRASES], vectors)
    unseen = matcher.unseen()
    for at in (0, 5):
        for left, found in (
            ([i for i in range(len(PHRASES)) if i != at], unseen.alone[at]),
            ([i for i in range(len(PHRASES)) if PHRASES[i].intent != PHRASES[at].intent], unseen.foreign[at]),
        ):
            system = matcher.near[np.ix_(left, left)] + 0.15 * np.eye(len(left))
            wanted = np.eye(3)[matcher.of[left]]
            expected = matcher.near[at, left] @ np.linalg.solve(system, wanted)
            kept = np.isfinite(found)
            assert np.allclose(expected[kept], found[kept], atol=1e-3)


def test_the_threshold_weighs_wrong_against_asked_again() -> None:
    told = report(Matcher(PHRASES))
    assert told.phrases == 12
    assert [one.at for one in told.curve] == sorted(one.at for one in told.curve)
    for point in told.curve:
        assert point.understood + point.rejected + point.wrong == pytest.approx(1, abs=0.001)
    rejected = [point.rejected for point in told.curve]
    assert rejected == sorted(rejected)
    assert 0 < told.chosen < 1
    assert told.point(told.chosen).wrong <= told.point(0).wrong
    assert sum(map(sum, told.matrix)) == 12


def test_confusion_names_the_phrases_that_cause_it() -> None:
    mixed = [
        *PHRASES,
        Phrase("how much is the parcel price", "parcel", "en"),
        Phrase("the price, how much", "parcel", "en"),
    ]
    pair = next(one for one in report(Matcher(mixed)).pairs if one.intent == "parcel")
    assert pair.taken_for == "price"
    assert any(phrase == "the price, how much" for phrase, _ in pair.phrases)
    assert all(other in PRICE for _, other in pair.phrases)


def test_one_phrase_or_none_tells_nothing() -> None:
    assert report(Matcher([])) == EMPTY
    assert report(Matcher([Phrase("a b", "one", "en")])) == EMPTY
    assert report(Matcher([Phrase("a b", "one", "en"), Phrase("a b c", "one", "fr")])).phrases == 2
