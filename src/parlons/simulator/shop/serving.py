"""Where the shops' pages are served: /shop for Delmas, /shop/northgate for Northgate, `/en` or `/fr` for the other language."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from parlons.simulator.shop.catalogue import DELMAS, NORTHGATE, Firm, firm_cars
from parlons.simulator.shop.pages import Shop


def routes() -> list[BaseRoute]:
    """One mount at /shop, for the app to add when it plays the demo."""
    static = Mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    return [Mount("/shop", routes=[static, Mount("/northgate", routes=_pages(NORTHGATE)), *_pages(DELMAS)])]


def _pages(firm: Firm) -> list[BaseRoute]:
    other = "en" if firm.language == "fr" else "fr"
    return [Mount(f"/{other}", routes=_of(Shop(firm, other))), *_of(Shop(firm, firm.language))]


def _of(shop: Shop) -> list[BaseRoute]:
    async def home(_: Request) -> HTMLResponse:
        return HTMLResponse(shop.home())

    async def search(_: Request) -> HTMLResponse:
        return HTMLResponse(shop.search())

    async def financing(_: Request) -> HTMLResponse:
        return HTMLResponse(shop.financing())

    async def workshop(_: Request) -> HTMLResponse:
        return HTMLResponse(shop.workshop())

    async def car(request: Request) -> HTMLResponse:
        for each in firm_cars(shop.firm):
            if each.slug == request.path_params["slug"]:
                return HTMLResponse(shop.car(each))
        raise HTTPException(404)

    return [
        Route("/", home),
        Route("/cars", search),
        Route("/cars/{slug}", car),
        Route("/financing", financing),
        Route("/workshop", workshop),
    ]
