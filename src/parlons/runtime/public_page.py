"""Pages of ours that customers open from a link, as HTML: one sheet without a script, in both themes, from 320 px up.

Pure: values in, text out. Who calls escapes what it hands in as `body`.
"""

from html import escape

from starlette.responses import HTMLResponse

HEADERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
"""The address is a secret of its recipient: it goes to nobody else, and no cache keeps what stood there."""
_STYLE = """
:root{color-scheme:light dark;--bg:#f1f3f4;--card:#fff;--text:#181f22;--soft:#4d575b;--line:#868f93;--thin:#d5dbdd;
--accent:#00647c;--on:#fff;--pick:#e6f5fa;--bad:#b1262a}
@media(prefers-color-scheme:dark){:root{--bg:#0d1113;--card:#14191c;--text:#e7eaec;--soft:#b3bcc0;--line:#737e83;--thin:#2b3438;
--accent:#27b5dc;--on:#04222b;--pick:#0f2b34;--bad:#ff8d85}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{max-width:560px;margin:0 auto;padding:24px 16px}
.sheet{background:var(--card);border-radius:12px;padding:20px 16px;overflow-wrap:anywhere}
.firm{margin:0 0 4px;color:var(--soft);font-size:14px}
h1{margin:0 0 16px;font-size:20px;line-height:1.3}
button{min-height:44px;padding:0 20px;font:inherit;font-weight:600;color:var(--on);background:var(--accent);border:0;
border-radius:8px;cursor:pointer}
button:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
p{margin:0 0 16px}
.sheet>:last-child{margin-bottom:0}
"""


def whole(language: str, title: str, body: str, *, style: str = "") -> str:
    """A document. `body`: HTML of the sheet; `style`: what it needs besides ours."""
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}{style}</style></head>"
        f'<body><main><div class="sheet">{body}</div></main></body></html>'
    )


def message(language: str, title: str, text: str, *, firm: str = "", button: str = "") -> str:
    """A document that says something; with a `button`, it is sent back by POST."""
    head = f'<p class="firm">{escape(firm)}</p>' if firm else ""
    form = f'<form method="post"><button type="submit">{escape(button)}</button></form>' if button else ""
    return whole(language, title, f"{head}<h1>{escape(title)}</h1><p>{escape(text)}</p>{form}")


def shown(page: str, status: int = 200) -> HTMLResponse:
    """The answer that carries it."""
    return HTMLResponse(page, status, headers=HEADERS)
