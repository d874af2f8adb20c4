"""What is public of a stand-in page or account: comments, posts, recommendations and mentions, and what the page answers there.

Source: the Pages API's webhook reference (`feed`, with item and verb), the Instagram webhook reference (`comments`, `mentions`),
the reference of comments: an answer goes to `/{comment}/comments` (a page) or `/{comment}/replies` (an account), where a comment
under a comment is the lowest level; `is_hidden` or `hide` on the comment itself.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from parlons.simulator.providers.graph import GraphError, Json
from parlons.simulator.providers.pages import Page
from parlons.simulator.providers.wire import Upload

COMMENT_MAX = {"page": 8000, "instagram": 2200}


@dataclass
class Remark:
    """A comment, a post or a recommendation; a node of the graph."""

    wall: "Wall"
    id: str
    person: str
    parent: str = ""
    hidden: bool = False
    heard: dict[str, list[Json]] = field(default_factory=dict)

    async def post_message(self, body: Json, upload: Upload | None) -> Json:
        """Nobody writes messages to a comment."""
        raise GraphError(100, "Unsupported post request.", subcode=33)

    async def post_file(self, body: Json, upload: Upload) -> Json:
        """Nor files."""
        raise GraphError(100, "Unsupported post request.", subcode=33)

    def get(self, edge: str, fields: str) -> Json:
        """Itself."""
        return {"id": self.id, "is_hidden": self.hidden}

    async def post_edge(self, edge: str, body: Json, upload: Upload | None) -> Json:
        """An answer under it, or whether it is hidden."""
        if edge == "":
            self.hidden = body.get("is_hidden", body.get("hide")) in (True, "true")
            return {"success": True}
        if edge != ("comments" if self.wall.page.object == "page" else "replies"):
            raise GraphError(100, f"Unknown path components: /{edge}")
        if self.wall.page.object == "instagram" and (self.parent or upload is not None):
            raise GraphError(100, "Replies are put under comments of the first level, as text")
        return self.wall.answered(self, str(body.get("message") or ""), upload)


class Wall:
    """The public side of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heard: dict[str, list[Json]] = {}
        """Answers of the page by the id of what is answered."""
        self.mentions: dict[str, tuple[str, str]] = {}
        """Who and what, by the id of the comment that names the account."""
        page.graph.nodes[page.id] = _Sayer(page, self)

    def comments(self, person: str, name: str, text: str, *, post: str = "", parent: str = "", **more: Any) -> str:
        """A person comments on a post of the page; returns the comment's id."""
        post = post or f"{self.page.id}_{self._number()}"
        number = f"{post.rpartition('_')[2]}_{self._number()}" if self.page.object == "page" else self._number()
        self._remark(number, person, parent)
        if self.page.object == "page":
            said = {
                "item": "comment",
                "verb": "add",
                "comment_id": number,
                "parent_id": parent or post,
                "message": text,
            }
            self.tells(person, name, {**said, "post_id": post, **more})
        else:
            value: Json = {"id": number, "from": {"id": person, "username": name}, "text": text, "media": {"id": post}}
            self._news("comments", value | ({"parent_id": parent} if parent else {}) | more)
        return number

    def posts(self, person: str, name: str, text: str, **more: Any) -> str:
        """A visitor posts on the page."""
        number = f"{self.page.id}_{self._number()}"
        self._remark(number, person)
        self.tells(person, name, {"item": "status", "verb": "add", "post_id": number, "message": text, **more})
        return number

    def edits(self, person: str, name: str, comment: str, text: str) -> None:
        """He writes it anew."""
        value = {"item": "comment", "verb": "edited", "comment_id": comment, "message": text}
        self.tells(person, name, {**value, "post_id": self.page.id + "_1", "parent_id": self.page.id + "_1"})

    def removes(self, person: str, name: str, comment: str) -> None:
        """He takes it back."""
        self.page.remarks.get(comment, {})["removed"] = True
        value = {"item": "comment", "verb": "remove", "comment_id": comment}
        self.tells(person, name, {**value, "post_id": self.page.id + "_1", "parent_id": self.page.id + "_1"})

    def recommends(self, person: str, name: str, text: str, *, positive: bool = True) -> str:
        """He recommends the page, or advises against it."""
        number = self._number()
        self._remark(number, person)
        value = {
            "item": "rating",
            "verb": "add",
            "reviewer_id": person,
            "reviewer_name": name,
            "review_text": text,
            "recommendation_type": "POSITIVE" if positive else "NEGATIVE",
            "open_graph_story_id": number,
            "created_time": int(time.time()),
        }
        self._news("ratings", value)
        return number

    def names(self, name: str, text: str) -> str:
        """Somebody names the account in a comment elsewhere; the news says neither who nor what."""
        media, comment = self._number(), self._number()
        self.mentions[comment] = (name, text)
        self._news("mentions", {"media_id": media, "comment_id": comment})
        return comment

    def forget(self, person: str) -> None:
        """He writes no more; what he said goes, and what was put under it."""
        remarks, nodes = self.page.remarks, self.page.graph.nodes
        his = {number for number, each in remarks.items() if each["person"] == person}
        for number in list(remarks):
            node = nodes.get(number)
            if number in his or (isinstance(node, Remark) and node.parent in his):
                del remarks[number]
                nodes.pop(number, None)
                self.heard.pop(number, None)
        self.page.graph.forget(person)

    def tells(self, person: str, name: str, value: Json) -> None:
        """A change of the feed."""
        self._news("feed", {"from": {"id": person, "name": name}, "created_time": int(time.time()), **value})

    def answered(self, remark: Remark, text: str, upload: Upload | None) -> Json:
        """The page said something under a remark: everybody sees it, and the page hears of it like of any other."""
        if not text and upload is None:
            raise GraphError(100, "Message cannot be empty")
        if len(text) > COMMENT_MAX[self.page.object]:
            raise GraphError(100, "Message too long")
        number = f"{remark.id.rpartition('_')[2]}_{self._number()}" if self.page.object == "page" else self._number()
        kept = self.page.graph.keep(upload.name, upload.content_type, upload.content) if upload else None
        self.heard.setdefault(remark.id, []).append({"id": number, "message": text, "file": kept})
        self._remark(number, self.page.id, remark.id)
        self.page.graph.answers.note(remark.person)
        if self.page.on_time and self.page.object == "page":
            value = {"item": "comment", "verb": "add", "comment_id": number, "parent_id": remark.id, "message": text}
            self.tells(self.page.id, "Delmas Automobiles", {**value, "post_id": f"{self.page.id}_1"})
        return {"id": number}

    def _remark(self, number: str, person: str, parent: str = "") -> None:
        self.page.remarks[number] = {
            "person": person,
            "at": time.time_ns() // 1_000_000,
            "answered": False,
            "removed": False,
        }
        self.page.graph.nodes[number] = Remark(self, number, person, parent)

    def _news(self, name: str, value: Json) -> None:
        now = time.time_ns() // 1_000_000
        entry = {"id": self.page.id, "time": now // 1000, "changes": [{"field": name, "value": value}]}
        self.page.graph.tell({"object": self.page.object, "entry": [entry]})

    def _number(self) -> str:
        return str(17_900_000_000_000 + self.page.graph.number())


class _Sayer:
    """The page's own node, with the edge of mentions and what the graph tells of them."""

    def __init__(self, page: Page, wall: Wall) -> None:
        self._page, self._wall = page, wall
        self.id, self.heard = page.id, page.heard

    async def post_message(self, body: Json, upload: Upload | None) -> Json:
        """See `Page`."""
        return await self._page.post_message(body, upload)

    async def post_file(self, body: Json, upload: Upload) -> Json:
        """See `Page`."""
        return await self._page.post_file(body, upload)

    async def post_edge(self, edge: str, body: Json, upload: Upload | None) -> Json:
        """An answer to a comment that names the account."""
        comment = str(body.get("comment_id") or "")
        if edge != "mentions" or comment not in self._wall.mentions:
            raise GraphError(100, "Unsupported post request.", subcode=33)
        number = str(self._page.graph.number())
        self._wall.heard.setdefault(comment, []).append({"id": number, "message": body.get("message"), "file": None})
        return {"id": number}

    def get(self, edge: str, fields: str) -> Json:
        """Itself, or a comment that names it."""
        lead, _, rest = fields.partition("(")
        comment = rest.partition(")")[0]
        if lead == "mentioned_comment.comment_id" and comment in self._wall.mentions:
            name, text = self._wall.mentions[comment]
            return {"id": self.id, "mentioned_comment": {"id": comment, "text": text, "username": name}}
        return self._page.get(edge, fields)
