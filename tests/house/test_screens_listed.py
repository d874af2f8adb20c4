"""No place of the desk without its picture: every page of route.ts and section of sections.ts stands on the list of screens."""

import re
from pathlib import Path

from tests.journeys.screens.listed import SCREENS

DESK = Path(__file__).resolve().parents[2] / "web/apps/desk/src"


def test_every_place_of_the_desk_has_its_screen() -> None:
    pages = set(re.findall(r'\| \{ page: "(\w+)"', (DESK / "data/route.ts").read_text()))
    sections = set(re.findall(r'\{ id: "([\w-]+)", group:', (DESK / "settings/sections.ts").read_text()))
    assert len(pages) > 8
    assert len(sections) > 15
    places = {f"route:{page}" for page in pages} | {f"section:{section}" for section in sections}
    shown = {place for screen in SCREENS for place in screen.shows}
    assert shown == places, f"on one side only: {sorted(shown ^ places)}"


def test_no_name_stands_for_two_screens() -> None:
    names = [screen.name for screen in SCREENS]
    assert len(names) == len(set(names))
