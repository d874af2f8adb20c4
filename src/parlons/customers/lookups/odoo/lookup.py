"""Odoo: partners found, made and changed over JSON-RPC, contacts of ours as messages in a partner's log.

A message carries the key of its contact as its message id; a repeated one is found by it. Odoo has no conditional update: what
changes between our read and our write (milliseconds) is overwritten there. An automation rule of Odoo can call the hook.
Source: Odoo, External API (JSON-RPC: common.authenticate, object.execute_kw), Webhooks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Annotated, Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict, Field

from parlons.customers.lookups.calling import Calls, as_html, listed, one, proven
from parlons.customers.lookups.plugin import (
    Activity,
    Changes,
    HookCall,
    Lookup,
    LookupAway,
    LookupRefused,
    Record,
    RecordGone,
    Secret,
    System,
    Tools,
    Usual,
    Values,
)
from parlons.kit.clock import to_datetime

PARTNER, MESSAGE = "res.partner", "mail.message"
PAGE = 100
_DENIED = ("AccessDenied", "SessionExpiredException")


class OdooSettings(BaseModel):
    """An Odoo database."""

    model_config = ConfigDict(extra="forbid")
    url: Annotated[str, Field(pattern=r"^https?://\S+$", title="Address of Odoo")]
    database: Annotated[str, Field(min_length=1, title="Name of the database")]
    login: Annotated[str, Field(min_length=1, title="Login of the user that writes")]
    phone_fields: Annotated[list[str], Field(min_length=1, title="Fields with telephone numbers")] = [
        "phone",
        "phone_sanitized",
    ]


@dataclass(frozen=True, slots=True)
class Odoo:
    """Partners of Odoo."""

    calls: Calls
    _users: dict[tuple[str, int], int] = field(default_factory=dict)
    name: ClassVar[str] = "odoo"
    settings: ClassVar[type[BaseModel]] = OdooSettings
    secrets: ClassVar[tuple[Secret, ...]] = (Secret("api-key"), Secret("hook", required=False))
    usual: ClassVar[tuple[Usual, ...]] = (
        Usual("name", "name"),
        Usual("email", "email"),
        Usual("phone", "phone"),
        Usual("street"),
        Usual("zip"),
        Usual("city"),
    )

    async def find(self, system: System, kind: str, value: str) -> Sequence[Record]:
        """By e-mail address without regard to capitals, or by number in any of the fields."""
        domain: list[Any] = [["email", "=ilike", _literal(value)]]
        if kind == "phone":
            names = system.settings.phone_fields
            domain = ["|"] * (len(names) - 1) + [[name, "=", value] for name in names]
        found = await self._do(system, PARTNER, "search_read", [domain], {"fields": list(system.fields), "limit": 5})
        return [self._record(system, each) for each in listed(found)]

    async def read(self, system: System, record_id: str) -> Record:
        """One partner."""
        found = listed(await self._do(system, PARTNER, "read", [[_number(record_id)]], {"fields": list(system.fields)}))
        if not found:
            raise RecordGone
        return self._record(system, found[0])

    async def create(self, system: System, values: Values, key: str) -> Record:
        """A new partner."""
        made = await self._do(system, PARTNER, "create", [values], {})
        return await self.read(system, str(made))

    async def update(self, system: System, record: Record, values: Values) -> Record:
        """Some fields of one partner."""
        cleared = {name: False if value is None else value for name, value in values.items()}
        await self._do(system, PARTNER, "write", [[_number(record.id)], cleared], {})
        return await self.read(system, record.id)

    async def note(self, system: System, record_id: str, activity: Activity) -> str:
        """A message in the partner's log, found by its message id when it is there."""
        named = f"<{activity.key}@parlons>"
        there = await self._do(system, MESSAGE, "search", [[["message_id", "=", named]]], {"limit": 1})
        if isinstance(there, list) and there:
            return str(there[0])
        message = {
            "model": PARTNER,
            "res_id": _number(record_id),
            "message_type": "comment",
            "subject": activity.title,
            "body": as_html(activity),
            "date": _stamp(activity.ended),
            "message_id": named,
        }
        return str(await self._do(system, MESSAGE, "create", [message], {}))

    async def test(self, system: System) -> None:
        """Partners may be counted."""
        await self._do(system, PARTNER, "search_count", [[]], {})

    async def changes(self, system: System, position: Values) -> Changes:
        """By the time of the last write, oldest first; those of the last second are told again."""
        since = position.get("since")
        if since is None:
            return Changes((), {"since": _stamp(self.calls.tools.clock())})
        skip = int(position.get("offset", 0))
        asked = {"fields": ["write_date"], "order": "write_date asc, id asc", "limit": PAGE, "offset": skip}
        found = listed(await self._do(system, PARTNER, "search_read", [[["write_date", ">", since]]], asked))
        ids = [str(each["id"]) for each in found]
        if len(found) == PAGE:
            return Changes(ids, {"since": since, "offset": skip + PAGE}, more=True)
        return Changes(ids, {"since": str(found[-1]["write_date"]) if found else since})

    def heard(self, system: System, call: HookCall) -> Sequence[str]:
        """An automation rule names one record."""
        proven(call, system.secrets.get("hook"))
        try:
            told = one(orjson.loads(call.body))
        except orjson.JSONDecodeError:
            raise LookupRefused(reason="unreadable") from None
        if told.get("_model", told.get("_name", PARTNER)) != PARTNER:
            return []
        return [str(found) for found in (told.get("_id", told.get("id")),) if isinstance(found, int | str)]

    async def _do(self, system: System, model: str, method: str, positional: list[Any], named: dict[str, Any]) -> Any:
        key = (system.id, system.version)
        if key not in self._users:
            self._users[key] = await self._sign_in(system)
        chosen = system.settings
        sent = [chosen.database, self._users[key], system.secrets.get("api-key", ""), model, method, positional, named]
        return await self._rpc(system, "object", "execute_kw", sent)

    async def _sign_in(self, system: System) -> int:
        chosen = system.settings
        sent = [chosen.database, chosen.login, system.secrets.get("api-key", ""), {}]
        found = await self._rpc(system, "common", "authenticate", sent)
        if not isinstance(found, int) or found is False:
            raise LookupAway(reason="denied")
        return found

    async def _rpc(self, system: System, service: str, method: str, arguments: list[Any]) -> Any:
        params = {"service": service, "method": method, "args": arguments}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        answer = one((await self.calls.send("POST", f"{system.settings.url.rstrip('/')}/jsonrpc", body=body)).json())
        if "error" not in answer:
            return answer.get("result")
        name = str((one(answer["error"]).get("data") or {}).get("name", "")).rpartition(".")[2]
        if name in _DENIED:
            self._users.pop((system.id, system.version), None)
            raise LookupAway(reason="denied")
        raise RecordGone if name == "MissingError" else LookupRefused(reason=name[:60] or "error")

    def _record(self, system: System, found: dict[str, Any]) -> Record:
        number = str(found["id"])
        link = f"{system.settings.url.rstrip('/')}/web#id={number}&model={PARTNER}&view_type=form"
        return Record(number, {name: _shown(found.get(name)) for name in system.fields}, link)


def _shown(value: Any) -> Any:
    """Odoo writes False for nothing, and a link as its id and name."""
    if value is False:
        return None
    return value[1] if isinstance(value, list) and len(value) == 2 else value


def _literal(value: str) -> str:
    """Inside `=ilike`, where these stand for others."""
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _number(record_id: str) -> int:
    if not record_id.isdigit():
        raise RecordGone
    return int(record_id)


def _stamp(at: int) -> str:
    return to_datetime(at).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def open_lookup(tools: Tools) -> Lookup:
    """One a process."""
    return Odoo(Calls(tools))
