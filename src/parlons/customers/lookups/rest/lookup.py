"""Any customer system with JSON over HTTP: its addresses, and where in its answers things stand, are the configuration's.

`{value}`, `{id}` and `{since}` in an address are put in percent-encoded. A dotted path names a place in an answer; an empty one
the whole of it. New records and notes carry the header Idempotency-Key; a record that came with an ETag is changed with If-Match.
Source: RFC 9110 8.8.3 and 13.1.1; the header Idempotency-Key after the IETF draft of that name; RFC 6749 4.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from parlons.customers.lookups.calling import Calls, ids_of, listed, one, part, proven
from parlons.customers.lookups.plugin import (
    Activity,
    Changes,
    HookCall,
    Lookup,
    LookupRefused,
    Record,
    RecordGone,
    Secret,
    System,
    Tools,
    Usual,
    Values,
)
from parlons.kit.clock import to_iso
from parlons.runtime.safe_http import Response

Path = Annotated[str, Field(pattern=r"^(/\S*)?$", max_length=300)]
Place = Annotated[str, Field(pattern=r"^[\w.-]*$", max_length=100)]
Word = Annotated[str, Field(pattern=r"^[\w.-]+$", max_length=100)]


class RestSettings(BaseModel):
    """A customer system of one's own."""

    model_config = ConfigDict(extra="forbid")
    url: Annotated[str, Field(pattern=r"^https?://\S+$", title="Address before all others")]
    find_email: Annotated[Path, Field(title="Find by e-mail address")] = "/customers?email={value}"
    find_phone: Annotated[Path, Field(title="Find by telephone number; empty: not possible")] = (
        "/customers?phone={value}"
    )
    read: Annotated[Path, Field(title="Read one")] = "/customers/{id}"
    create: Annotated[Path, Field(title="Create; empty: not possible")] = "/customers"
    update: Annotated[Path, Field(title="Change one; empty: not possible")] = "/customers/{id}"
    update_method: Annotated[Literal["PATCH", "PUT", "POST"], Field(title="How one is changed")] = "PATCH"
    note: Annotated[Path, Field(title="Put a contact beside one; empty: not possible")] = "/customers/{id}/activities"
    changed: Annotated[Path, Field(title="Ask what changed; empty: not possible")] = ""
    items: Annotated[Place, Field(title="Where the list stands in an answer")] = ""
    item: Annotated[Place, Field(title="Where one record stands in an answer")] = ""
    id: Annotated[Word, Field(title="Name of its id")] = "id"
    link: Annotated[str, Field(max_length=300, title="Page of a record for people, with {id}")] = ""
    token_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$", title="Where access tokens come from (OAuth 2)")] = ""
    oauth_client: Annotated[str, Field(title="Client id for access tokens")] = ""
    scope: Annotated[str, Field(title="Scope of access tokens")] = ""
    header: Annotated[str, Field(pattern=r"^[\w-]+$", title="Header that carries the token")] = "Authorization"


@dataclass(frozen=True, slots=True)
class Rest:
    """A customer system described by its configuration."""

    calls: Calls
    name: ClassVar[str] = "rest"
    settings: ClassVar[type[BaseModel]] = RestSettings
    secrets: ClassVar[tuple[Secret, ...]] = (
        Secret("token", required=False),
        Secret("client-secret", required=False),
        Secret("hook", required=False),
    )
    usual: ClassVar[tuple[Usual, ...]] = (Usual("name", "name"), Usual("email", "email"), Usual("phone", "phone"))

    async def find(self, system: System, kind: str, value: str) -> Sequence[Record]:
        """Nobody where the system cannot be asked by this kind of address."""
        path = system.settings.find_email if kind == "email" else system.settings.find_phone
        if not path:
            return []
        try:
            answer = await self._call(system, "GET", path.replace("{value}", part(value)))
        except RecordGone:  # some say so instead of an empty list
            return []
        return [self._record(system, each) for each in listed(_at(answer.json(), system.settings.items) or [])][:5]

    async def read(self, system: System, record_id: str) -> Record:
        """One record."""
        answer = await self._call(system, "GET", self._path(system.settings.read, record_id))
        return self._record(system, one(_at(answer.json(), system.settings.item)), answer.headers.get("etag"))

    async def create(self, system: System, values: Values, key: str) -> Record:
        """A new record."""
        answer = await self._call(system, "POST", _able(system.settings.create), _nested(values), key=key)
        return self._record(system, one(_at(answer.json(), system.settings.item)), answer.headers.get("etag"))

    async def update(self, system: System, record: Record, values: Values) -> Record:
        """Some fields of one, unless it changed since it was read."""
        chosen = system.settings
        only = {"if-match": record.revision} if record.revision else {}
        path = self._path(_able(chosen.update), record.id)
        await self._call(system, chosen.update_method, path, _nested(values), headers=only)
        return await self.read(system, record.id)

    async def note(self, system: System, record_id: str, activity: Activity) -> str:
        """An activity, under its key."""
        body = {
            "key": activity.key,
            "title": activity.title,
            "text": activity.text,
            "channel": activity.channel,
            "began_at": to_iso(activity.began),
            "ended_at": to_iso(activity.ended),
            "url": activity.url,
        }
        path = self._path(_able(system.settings.note), record_id)
        answer = (await self._call(system, "POST", path, body, key=activity.key)).json()
        return str(answer.get("id", "")) if isinstance(answer, dict) else ""

    async def test(self, system: System) -> None:
        """An address nobody has is looked for."""
        await self.find(system, "email", "nobody@parlons.invalid")

    async def changes(self, system: System, position: Values) -> Changes:
        """By the time we asked last."""
        now, path = to_iso(self.calls.tools.clock()), system.settings.changed
        if not path or "since" not in position:
            return Changes((), {"since": now})
        answer = await self._call(system, "GET", path.replace("{since}", part(str(position["since"]))))
        found = listed(_at(answer.json(), system.settings.items) or [])
        return Changes([str(each[system.settings.id]) for each in found if system.settings.id in each], {"since": now})

    def heard(self, system: System, call: HookCall) -> Sequence[str]:
        """`{"ids": [...]}` with the shared secret."""
        proven(call, system.secrets.get("hook"))
        return ids_of(call.body)

    async def _call(
        self, system: System, method: str, path: str, body: Any = None, *, key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response:  # fmt: skip
        chosen = system.settings
        url = f"{chosen.url.rstrip('/')}{path}"

        async def call(token: str) -> Response:
            bearer = f"Bearer {token}" if chosen.header.lower() == "authorization" else token
            sent = {**({chosen.header: bearer} if token else {}), **(headers or {})}
            return await self.calls.send(method, url, headers=sent, body=body, key=key)

        if not chosen.token_url:
            return await call(system.secrets.get("token", ""))
        form = {"grant_type": "client_credentials", "client_id": chosen.oauth_client}
        form |= {"client_secret": system.secrets.get("client-secret", "")}
        form |= {"scope": chosen.scope} if chosen.scope else {}
        return await self.calls.with_token(system, chosen.token_url, form, lambda told: call(told["access_token"]))

    @staticmethod
    def _path(path: str, record_id: str) -> str:
        return path.replace("{id}", part(record_id))

    @staticmethod
    def _record(system: System, found: dict[str, Any], revision: str | None = None) -> Record:
        number = found.get(system.settings.id)
        if not isinstance(number, str | int):
            raise LookupRefused(reason="no-id")
        link = system.settings.link.replace("{id}", part(str(number)))
        values = {name: _at(found, name) for name in system.fields}
        return Record(str(number), values, link, revision)


def _able(path: str) -> str:
    if not path:
        raise LookupRefused(reason="not-configured")
    return path


def _at(value: Any, place: str) -> Any:
    """What stands at a dotted path; None: nothing."""
    for step in filter(None, place.split(".")):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _nested(values: Values) -> Values:
    """Dotted names as objects inside objects."""
    found: Values = {}
    for name, value in values.items():
        *above, last = name.split(".")
        place = found
        for step in above:
            place = place.setdefault(step, {})
        place[last] = value
    return found


def open_lookup(tools: Tools) -> Lookup:
    """One a process."""
    return Rest(Calls(tools))
