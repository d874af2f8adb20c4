"""Ready-made flows as a centre uses them: listed, printed, laid down; their text is right in both languages."""

import re
from collections.abc import Iterator

import httpx
import yaml
from typer.testing import CliRunner

from parlons.app.cli import app
from parlons.app.flow_examples import FOLDER, examples
from parlons.kit.marked import write
from tests.app.test_flow_trials_http import browser

__all__ = ["browser"]


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["flow", *words])
    return done.exit_code, done.output


def french(data: object) -> Iterator[str]:
    """Every French text below."""
    if isinstance(data, dict):
        for word, value in data.items():
            yield from [value] if word == "fr" and isinstance(value, str) else french(value)
    elif isinstance(data, list):
        for value in data:
            yield from french(value)


def test_each_is_listed_in_both_languages_and_printed_whole() -> None:
    code, listed = run("examples")
    assert code == 0
    for one in examples().values():
        assert one.about["en"] in listed
        assert one.about["fr"] in listed
        assert run("example", one.name) == (0, one.text)
    assert run("example", "nothing")[0] == 1
    assert {file.stem for file in FOLDER.glob("*.yaml")} == {*examples(), "index"}


def test_french_is_set_as_french_is() -> None:
    texts = [
        text for file in FOLDER.glob("*.yaml") for text in french(yaml.safe_load(file.read_text(encoding="utf-8")))
    ]
    assert len(texts) > 100
    assert [text for text in texts if re.search(r"'|[^\u00a0\u202f\s][;!?]| [;:!?]", text)] == []


async def test_an_administrator_is_shown_them_and_lays_them_down_as_they_are(browser: httpx.AsyncClient) -> None:
    shown = (await browser.get("/flow-examples")).json()["items"]
    assert [one["name"] for one in shown] == list(examples())
    assert all({*one["title"], *one["about"]} == {"en", "fr"} and "tests" not in one["flow"] for one in shown)
    file = write({"flows": [one["flow"] for one in shown]})
    laid = await browser.post("/configuration", content=file.encode())
    assert laid.status_code == 200, laid.text
    assert {flow["name"] for flow in (await browser.get("/flows")).json()["items"]} > {
        one["flow"]["name"] for one in shown
    }
