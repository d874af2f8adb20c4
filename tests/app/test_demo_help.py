"""The practice firms' articles: whole in both languages, kept as they are written, and laid down once."""

import re
from html import unescape

import pytest
import yaml

from parlons.app.process import text_of
from parlons.kit.languages import LANGUAGES
from parlons.knowledge.markup import clean, plain
from parlons.knowledge.model import Text, checked

TOLD = yaml.safe_load(text_of("demo_help.yaml"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_article_is_there_and_nothing_of_it_is_taken_out(language: str) -> None:
    assert len(TOLD["articles"]) == 8
    for one in TOLD["articles"]:
        text = Text(one[language]["title"], one[language]["summary"], one[language]["html"])
        kept = checked(text)
        assert (kept.title, kept.summary) == (text.title, text.summary)
        assert re.sub(r"\s", "", unescape(kept.html)) == re.sub(r"\s", "", text.html)
        assert len(plain(clean(text.html)).split()) > 40
        assert one["section"] in TOLD["sections"]


def test_french_is_set_as_french_is() -> None:
    for one in TOLD["articles"]:
        words = re.sub("<[^>]*>", "", " ".join(one["fr"].values()))
        assert not re.search(r" [;:!?»€]|'", words), one["fr"]["title"]
