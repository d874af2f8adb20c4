"""Serves the built web client: the desk under /app/ (its own paths fall back to its page), the pages from which a
customer calls a line or writes to a chat, and, in the demo, the shop."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from parlons.kit.errors import NotFound
from parlons.runtime.edge import CSP, FRAMED
from parlons.runtime.http import problem_of
from parlons.simulator import shop

Framed = Callable[[], Awaitable[list[str]]]
_FOREVER = "public, max-age=31536000, immutable"

_KINDS = {".webmanifest": "application/manifest+json"}


class _Assets(StaticFiles):
    """Files with a hash in their name: they never change."""

    def file_response(self, *arguments: object, **named: object) -> Response:
        answer = super().file_response(*arguments, **named)  # type: ignore[arg-type]
        answer.headers["Cache-Control"] = _FOREVER
        return answer


def mount(app: FastAPI, web: Path, framed: Framed, framers: Framed, *, demo: bool) -> None:
    """Adds the routes. `framed`: origins the desk may show inside; `framers`: those whose pages may show the desk. Without a
    built client every page says how to build it."""
    desk = web / "desk"
    if (desk / "assets").is_dir():
        app.router.routes.append(Mount("/app/assets", _Assets(directory=desk / "assets"), name="assets"))
    app.router.routes.append(Route("/app/{path:path}", _page(desk, framed, framers)))
    app.router.routes.append(Route("/app", _page(desk, framed, framers)))
    app.router.routes.append(Route("/call/{line}", _customers_page(web / "widget/call.html", framed=True)))
    app.router.routes.append(Route("/chat/{key}", _customers_page(web / "widget/chat.html", framed=True)))
    app.router.routes.append(Route("/join/{token}", _customers_page(web / "widget/join.html")))
    if demo:
        app.router.routes.extend(shop.routes())


def _customers_page(file: Path, *, framed: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """The same page for every line, chat or link: its script reads it from the address. `framed`: the desk shows it inside."""

    there = file.resolve()
    headers = {"Cache-Control": "no-cache", **(FRAMED if framed else {})}

    async def page(_: Request) -> Response:
        if not there.is_file():
            return problem_of(NotFound("The web client is not built. Run `make dev` or install the package again."))
        return FileResponse(there, headers=headers)

    return page


def _asked_again(file: Path) -> dict[str, str]:
    """The service worker and the manifests keep their names: browsers must see a new one at once."""
    return {"Cache-Control": "no-cache"} if file.suffix in (".js", *_KINDS) else {}


def _page(desk: Path, framed: Framed, framers: Framed) -> Callable[[Request], Awaitable[Response]]:
    root = desk.resolve()

    async def page(request: Request) -> Response:
        wanted = (root / str(request.path_params.get("path", ""))).resolve()
        if wanted.is_file() and wanted.is_relative_to(root) and wanted.name != "index.html":
            return FileResponse(wanted, media_type=_KINDS.get(wanted.suffix), headers=_asked_again(wanted))
        if not (root / "index.html").is_file():
            return problem_of(NotFound("The web client is not built. Run `make dev` or install the package again."))
        policy = CSP
        if around := await framers():  # browsers go by this and pass X-Frame-Options by (CSP Level 3, 6.4.2)
            policy = policy.replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(around)}")
        if inside := await framed():
            policy = f"{policy}; frame-src 'self' {' '.join(inside)}"
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": policy}
        return FileResponse(root / "index.html", headers=headers)

    return page
