"""What an agent wrote with formatting: made harmless like a stranger's mail, its pictures the files sent along, and told as text.

An agent's page names a picture by the file it was uploaded as: `<img src="cid:FL...">`. It is kept like an incoming page
(`data-cid`, so that the timeline shows both alike) and gets its real address, a content id, when it leaves. Pure.
Sources: RFC 2392 (cid), RFC 2046 5.1.4 (multipart/alternative: plain words first, the page after them).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from parlons.channels.email import html as markup

_IMAGE = re.compile(r"<img\b[^>]*>")
_MARK = re.compile(r' data-(cid|remote)="')
_ADDRESS = {"cid": ' src="cid:', "remote": ' src="'}
_PICTURE = re.compile(r'<img\b[^>]*?\sdata-cid="(?P<cid>[^"]*)"[^>]*>')


@dataclass(frozen=True, slots=True)
class Written:
    """A letter's page."""

    html: str
    text: str
    """The same in plain words: what lists, searches and text-only mail programs show."""
    inline: dict[str, str]
    """Content ids of its pictures, and the files they are."""


def written(html: str, file_ids: Collection[str]) -> Written:
    """The page of `html`, harmless. Pictures that are none of `file_ids` are left out; one nothing shows stays an attachment."""
    page = markup.clean(html)
    inline: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        file_id = found["cid"]
        if file_id not in file_ids:
            return ""
        inline[content_id(file_id)] = file_id
        return found[0].replace(f'data-cid="{file_id}"', f'data-cid="{content_id(file_id)}"')

    clean = _PICTURE.sub(named, page.new + page.quoted)
    return Written(clean, markup.to_text(clean), inline)


def content_id(file_id: str) -> str:
    """By which a page names a file of ours."""
    return f"{file_id}@parlons"


def for_wire(html: str) -> str:
    """A kept page as it leaves: pictures have addresses again. What carries neither mark stays as it is."""
    return _IMAGE.sub(lambda found: _MARK.sub(lambda mark: _ADDRESS[mark[1]], found[0], count=1), html)
