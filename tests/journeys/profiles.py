"""Browser profiles that are used again: a desk opens in a fifth of the time where its scripts were compiled before.

What a person leaves behind is taken away between two uses (cookies, storage, permissions, service workers, every page);
only what the browser fetched and compiled of the server's files stays.
"""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from playwright.async_api import Browser, BrowserContext, Error

LEFT_BEHIND = "cookies,local_storage,indexeddb,service_workers,cache_storage,websql,file_systems,shared_storage"


class Profiles:
    """Profiles of one browser by what they are set to; at most `kept` of a kind wait for their next use."""

    def __init__(self, browser: Browser, kept: int = 3) -> None:
        self.browser, self.kept = browser, kept
        self._free: dict[str, list[BrowserContext]] = {}
        self._of: dict[BrowserContext, tuple[str, str, Callable[[str], None]]] = {}

    async def take(self, settings: dict[str, Any], complain: Callable[[str], None]) -> BrowserContext:
        """A profile with these settings, as good as new; `complain` hears of errors and of refusals of its pages' policy."""
        kind = repr(sorted(settings.items(), key=lambda item: item[0]))
        free = self._free.setdefault(kind, [])
        context = free.pop() if free else await self._made(settings)
        self._of[context] = (kind, settings["base_url"], complain)
        return context

    async def _made(self, settings: dict[str, Any]) -> BrowserContext:
        context = await self.browser.new_context(**settings)

        def heard(line: Any) -> None:
            if "Security Policy" in line.text:
                self._of[context][2](line.text)

        context.on("weberror", lambda error: self._of[context][2](str(error.error)))
        context.on("console", heard)
        return context

    async def give_back(self, context: BrowserContext, *, again: bool) -> None:
        """Ends a use; `again` says that nothing of the profile itself was changed, so that it may serve once more."""
        kind, origin, _ = self._of[context]
        free = self._free[kind]
        if not again or len(free) >= self.kept:
            await context.close()
            del self._of[context]
            return
        for page in context.pages:
            await page.close()
        await context.unroute_all()
        await context.clear_permissions()
        await context.clear_cookies()
        await context.set_offline(False)
        try:
            page = await context.new_page()
            line = await context.new_cdp_session(page)
            await line.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": LEFT_BEHIND})
            await page.close()
        except Error:
            await context.close()
            return
        free.append(context)


_OF: WeakKeyDictionary[Browser, Profiles] = WeakKeyDictionary()


def profiles_of(browser: Browser) -> Profiles:
    """The profiles of a browser, which live as long as it does."""
    return _OF.setdefault(browser, Profiles(browser))
