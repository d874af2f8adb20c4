"""The HTML of a message as a page of its own, for a sandboxed frame on the desk. Pure.

Decides what of a stranger's page may come near the agent: nothing that runs, no form, nothing from elsewhere unless he asks
for its pictures. Channels clean what they receive; it is cleaned once more here, so that no channel can forget it, and the
page's own policy (`policy`) forbids what both would have missed. Pictures sent along stand as `data-cid`, those on somebody's
server as `data-remote`: an address that is asked tells its owner who reads, when and where.
Sources: OWASP XSS prevention; CSP Level 3; HTML, the sandbox attribute.
"""

import re
from collections.abc import Mapping

import nh3

_IMAGE = re.compile(r'<img\b[^>]*?\s(?P<name>data-cid|data-remote)="(?P<value>[^"]*)"')
_STYLE = """
:root { color-scheme: light; }
body { margin: 0; padding: 10px 12px; background: #fff; color: #14191d; font: 14px/1.5 system-ui, sans-serif; }
body { overflow-wrap: anywhere; }
img { max-width: 100%; height: auto; }
table { max-width: 100%; }
pre { white-space: pre-wrap; }
a { color: #00627c; }
img[data-remote]:not([src]) { display: none; }
"""
_ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "*": {"align", "bgcolor", "dir", "height", "lang", "style", "title", "valign", "width"},
    "img": {"alt", "data-cid", "data-remote"},
}


def page(html: str, *, language: str, inline: Mapping[str, str], pictures: bool = False) -> str:
    """A whole document. `inline`: content ids and the files they became; `pictures`: those from elsewhere are shown."""
    clean = nh3.clean(
        html,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel"},
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="noopener noreferrer nofollow",
    )

    def shown(found: re.Match[str]) -> str:
        name, value = found["name"], found["value"]
        source = f"/api/v1/files/{inline[value]}" if name == "data-cid" and value in inline else None
        if name == "data-remote" and pictures and re.match(r"https?://", value):
            source = value
        return f'{found[0]} src="{source}"' if source else found[0]

    return (
        f'<!doctype html><html lang="{re.sub(r"[^A-Za-z0-9-]", "", language)}"><head><meta charset="utf-8">'
        f"<title>Message</title><style>{_STYLE}</style></head><body>{_IMAGE.sub(shown, clean)}</body></html>"
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Nothing in a style fetches anything."""
    return None if name == "style" and re.search(r"url|image|@|expression|\\\\", value, re.IGNORECASE) else value


def policy(*, pictures: bool) -> str:
    """The page's own Content-Security-Policy. Same origin only so that the frame can be measured: nothing in it runs."""
    images = "'self' https: http:" if pictures else "'self'"
    return (
        f"sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src {images}; "
        "style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    )
