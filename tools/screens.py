"""`make screens OUT=FOLDER`: a picture of every screen, in both languages and themes, from a filled centre; to be looked at.

NAME-LANGUAGE-THEME.png, at 1440 x 900; those with `contrast` also in high contrast. ONLY=TEXT takes those whose name
contains it, with all that leads to them. Nothing is retouched.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from parlons.testing.clocks import SharedClock
from parlons.testing.processes import Running, data_folder
from tests.journeys.conftest import ARGUMENTS, FAKE_DEVICES, chromium_path
from tests.journeys.floor import Floor
from tests.journeys.people import Room
from tests.journeys.screens.centre import busy
from tests.journeys.screens.listed import SCREENS
from tests.journeys.screens.scene import TWO_FRAMES, Scene, Screen, walk

LARGE = ViewportSize(width=1440, height=900)
SMALL: dict[str, ViewportSize] = {"720": {"width": 720, "height": 450}, "320": {"width": 320, "height": 640}}


def photographer(folder: Path, locale: str, only: str, *, small: bool) -> Callable[[Screen, Page], Awaitable[None]]:
    """Photographs one screen after the other."""

    async def look(screen: Screen, page: Page) -> None:
        if only not in screen.name:
            return
        for theme in ("light", "dark"):
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            await page.evaluate(TWO_FRAMES)
            await page.screenshot(path=folder / f"{screen.name}-{locale}-{theme}.png")
            if screen.contrast:
                await page.emulate_media(color_scheme=theme, reduced_motion="reduce", contrast="more")
                await page.evaluate(TWO_FRAMES)
                await page.screenshot(path=folder / f"{screen.name}-{locale}-{theme}-contrast.png")
                await page.emulate_media(color_scheme=theme, reduced_motion="reduce", contrast="no-preference")
        await page.emulate_media(color_scheme="light", reduced_motion="reduce")
        for name, size in SMALL.items() if small and screen.narrow else ():
            await page.set_viewport_size(size)
            await page.evaluate(TWO_FRAMES)
            await page.screenshot(path=folder / f"{screen.name}-{locale}-{name}.png")
        await page.set_viewport_size(LARGE)

    return look


async def take(server: Running, clock: SharedClock, folder: Path, only: str, *, small: bool) -> list[str]:
    """Walks the whole list in both languages; returns what went wrong."""
    wrong: list[str] = []
    floor = Floor(server, clock)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=[*ARGUMENTS, *FAKE_DEVICES])
        for locale in ("fr", "en"):
            wrong += await _in(browser, floor, locale, photographer(folder, locale, only, small=small))
        await browser.close()
    await floor.close()
    return wrong


async def _in(
    browser: Browser, floor: Floor, locale: str, look: Callable[[Screen, Page], Awaitable[None]]
) -> list[str]:
    await floor.learn()
    await floor.clear()
    room = Room(browser, floor)
    async with busy(floor):
        missed = await walk(SCREENS, Scene(room, locale), look)
    await room.leave()
    return [*missed, *room.complaints]


def main() -> None:
    """Starts a demo of its own and takes the pictures."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--out", type=Path, default=Path("var/screens"))
    asked.add_argument("--only", default="")
    asked.add_argument("--small", action="store_true", help="also on small windows")
    told = asked.parse_args()
    folder: Path = told.out
    folder.mkdir(parents=True, exist_ok=True)
    with data_folder() as data:
        file = data.parent / "clock"
        clock = SharedClock(file)
        with Running(data, play="demo", clock=file) as server:
            wrong = asyncio.run(take(server, clock, folder, told.only, small=told.small))
        clock.close()
    print(f"{len(list(folder.glob('*.png')))} pictures stand in {folder}")
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()
