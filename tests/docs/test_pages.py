"""Every command, configuration and program of the documents is run, page by page, from top to bottom, on a real server."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from parlons.testing.processes import Running, data_folder, free_port
from tests.docs.blocks import DOCS, ROOT, RUN, Block, blocks, pages
from tests.docs.running import Reader

SECRETS = {
    "SHOP_SECRET": "a secret of the shop, for the documents only",
    "PAUL_PHONE_PASSWORD": "a-long-word-for-paul",
    "SMS_PASSWORD": "secret",
    "MAIL_PASSWORD": "secret",
    "TELEGRAM_TOKEN": "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcK",
    "GRAPH_TOKEN": "a lasting token",
    "X_KEY": "a consumer key",
    "X_SECRET": "a consumer secret",
    "X_TOKEN": "a token of the account",
    "X_TOKEN_SECRET": "the token's secret",
    "GRAPH_SECRET": "the app's secret",
    "GRAPH_VERIFY": "a word of our own",
    "MATRIX_TOKEN": "a token",
}
WITH_BLOCKS = [page for page in pages() if any(block.language in (*RUN, "do") for block in blocks(page))]


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """One server for all pages: each page names its things differently."""
    environ = {**SECRETS, "PARLONS_SIP_PORT": str(free_port()), "PARLONS_HTTP_ALLOW": "127.0.0.1"}
    with data_folder() as data, Running(data, environ=environ) as running:
        yield running


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=lambda page: page.stem)
def test_what_a_page_says_can_be_done(page: Path, server: Running, tmp_path: Path) -> None:
    found = blocks(page)
    if shutil.which("curl") is None and any(re.search(r"\bcurl\b", each.text) for each in found):
        pytest.skip("curl is not installed here, and this page uses it")
    reader = Reader(server, tmp_path)
    for block in found:
        reader.follow(block)


def shell_blocks() -> list[Block]:
    return [block for page in pages() for block in blocks(page) if block.language == "sh"]


def test_at_least_four_fifths_of_the_commands_are_run() -> None:
    found = shell_blocks()
    skipped = [block for block in found if block.skipped]
    assert len(skipped) * 5 <= len(found), [block.place for block in skipped]


def test_what_is_not_run_says_why_and_what_covers_it() -> None:
    for block in shell_blocks():
        if block.skipped:
            reason = block.marks["skip"]
            assert re.fullmatch(r"\(.{10,}\)", reason), block.place
            for path in re.findall(r"tests/[\w/.]+\w", reason):
                assert (ROOT / path).exists(), f"{block.place} names {path}"


def targets(page: Path) -> list[str]:
    """Where a page's links lead; code is no link."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose)


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page in [*pages(), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]:
        for target in targets(page):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken


def test_every_page_is_linked_from_another() -> None:
    linked = set()
    for page in [*pages(), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        for target in targets(page):
            if "://" not in target and (page.parent / target).exists():
                linked.add((page.parent / target).resolve())
    assert [page.relative_to(DOCS).as_posix() for page in pages() if page not in linked] == []


def test_pages_name_no_place_of_one_machine() -> None:
    for page in pages():
        assert not re.search(r"/root/|/home/\w", page.read_text()), page
