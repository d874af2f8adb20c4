"""Salesforce: contacts found, made and changed by the REST API, contacts of ours as completed tasks beside them.

A task carries the key of its contact in `CallObject`, the field for the id that a telephone system gives; a repeated one is
found by it. Updates are conditional (`If-Unmodified-Since`, to the second). Records changed are asked for; Salesforce itself
calls by a flow of the customer's own, which sends the shared secret and `{"ids": [...]}`.
Source: Salesforce, REST API Developer Guide (sObject Rows, Get Updated, Query, Parameterized Search, conditional requests);
OAuth 2.0 client credentials and refresh token flows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from parlons.customers.lookups.calling import Calls, ids_of, listed, one, part, proven
from parlons.customers.lookups.plugin import (
    Activity,
    Changes,
    HookCall,
    Lookup,
    LookupRefused,
    Record,
    Secret,
    System,
    Tools,
    Usual,
    Values,
)
from parlons.kit.clock import to_datetime
from parlons.runtime.safe_http import Response

SUBJECT, DESCRIPTION = 255, 32_000
"""Signs at most."""
LEAST = timedelta(minutes=1)
"""Between the two ends of what is asked for as changed."""


class SalesforceSettings(BaseModel):
    """A Salesforce organisation."""

    model_config = ConfigDict(extra="forbid")
    url: Annotated[str, Field(pattern=r"^https?://\S+$", title="Address of your organisation (My Domain)")]
    oauth_client: Annotated[str, Field(min_length=1, title="Consumer key of the connected app")]
    version: Annotated[str, Field(pattern=r"^\d\d\.0$", title="Version of the API")] = "61.0"
    object: Annotated[str, Field(pattern=r"^\w+$", title="Object in which customers stand")] = "Contact"
    email_field: Annotated[str, Field(pattern=r"^\w+$", title="Its field for the e-mail address")] = "Email"
    key_field: Annotated[
        str, Field(pattern=r"^\w+$", title="Field of tasks that keeps them from standing there twice")
    ] = "CallObject"


@dataclass(frozen=True, slots=True)
class Salesforce:
    """Contacts, leads or accounts of Salesforce."""

    calls: Calls
    name: ClassVar[str] = "salesforce"
    settings: ClassVar[type[BaseModel]] = SalesforceSettings
    secrets: ClassVar[tuple[Secret, ...]] = (
        Secret("client-secret"),
        Secret("refresh-token", required=False),
        Secret("hook", required=False),
    )
    usual: ClassVar[tuple[Usual, ...]] = (
        Usual("FirstName", "first_name"),
        Usual("LastName", "last_name"),
        Usual("Email", "email"),
        Usual("Phone", "phone"),
        Usual("Title"),
    )

    async def find(self, system: System, kind: str, value: str) -> Sequence[Record]:
        """An e-mail address by query, a telephone number by search, which knows how numbers are written."""
        chosen = system.settings
        if kind == "email":
            wanted = ", ".join(("Id", *system.fields))
            text = value.replace("\\", "\\\\").replace("'", "\\'")
            query = f"SELECT {wanted} FROM {chosen.object} WHERE {chosen.email_field} = '{text}' LIMIT 5"  # noqa: S608
            answer = await self._call(system, "GET", f"/query?{urlencode({'q': query})}")
            found = listed(one(answer.json()).get("records"))
        else:
            asked = {
                "q": value.removeprefix("+"),
                "in": "PHONE",
                "sobject": chosen.object,
                f"{chosen.object}.fields": ",".join(("Id", *system.fields)),
                f"{chosen.object}.limit": "5",
            }
            answer = await self._call(system, "GET", f"/parameterizedSearch?{urlencode(asked)}")
            found = listed(one(answer.json()).get("searchRecords"))
        return [self._record(system, each, str(each["Id"]), None) for each in found]

    async def read(self, system: System, record_id: str) -> Record:
        """One row."""
        path = f"{self._rows(system)}/{part(record_id)}?{urlencode({'fields': ','.join(system.fields)})}"
        answer = await self._call(system, "GET", path)
        return self._record(system, one(answer.json()), record_id, answer.headers.get("last-modified"))

    async def create(self, system: System, values: Values, key: str) -> Record:
        """A new row."""
        answer = await self._call(system, "POST", self._rows(system), values)
        return await self.read(system, str(one(answer.json())["id"]))

    async def update(self, system: System, record: Record, values: Values) -> Record:
        """Some fields of one, unless it changed since it was read."""
        only = {"if-unmodified-since": record.revision} if record.revision else {}
        await self._call(system, "PATCH", f"{self._rows(system)}/{part(record.id)}", values, only)
        return await self.read(system, record.id)

    async def note(self, system: System, record_id: str, activity: Activity) -> str:
        """A completed task, found by its key when it is there."""
        field = system.settings.key_field
        query = f"SELECT Id FROM Task WHERE {field} = '{activity.key}' LIMIT 1"  # noqa: S608 - the key is an id of ours
        there = await self._call(system, "GET", f"/query?{urlencode({'q': query})}")
        if found := listed(one(there.json()).get("records")):
            return str(found[0]["Id"])
        task: Values = {
            ("WhatId" if system.settings.object == "Account" else "WhoId"): record_id,
            "Subject": activity.title[:SUBJECT],
            "Description": f"{activity.text[: DESCRIPTION - 500]}\n{activity.url}",
            "Status": "Completed",
            "ActivityDate": to_datetime(activity.ended).date().isoformat(),
            field: activity.key,
        }
        if activity.channel == "voice":
            seconds = max(0, activity.ended - activity.began) // 1000
            task |= {"TaskSubtype": "Call", "CallDurationInSeconds": seconds}
        made = await self._call(system, "POST", "/sobjects/Task", task)
        return str(one(made.json())["id"])

    async def test(self, system: System) -> None:
        """The object may be described."""
        await self._call(system, "GET", self._rows(system))

    async def changes(self, system: System, position: Values) -> Changes:
        """The ids of what was updated between two times."""
        now = to_datetime(self.calls.tools.clock())
        since = datetime.fromisoformat(str(position["since"])) if position.get("since") else now
        if now - since < LEAST:
            return Changes((), {"since": since.isoformat()})
        span = urlencode({"start": _stamp(max(since, now - timedelta(days=29))), "end": _stamp(now)})
        answer = one((await self._call(system, "GET", f"{self._rows(system)}/updated/?{span}")).json())
        covered = str(answer.get("latestDateCovered") or "")
        try:
            until = datetime.fromisoformat(covered.replace("Z", "+00:00")).astimezone(UTC)
        except ValueError:
            raise LookupRefused(reason="unexpected-answer") from None
        return Changes([str(each) for each in answer.get("ids") or ()], {"since": until.isoformat()})

    def heard(self, system: System, call: HookCall) -> Sequence[str]:
        """A flow of theirs names the rows."""
        proven(call, system.secrets.get("hook"))
        return ids_of(call.body)

    def _rows(self, system: System) -> str:
        return f"/sobjects/{system.settings.object}"

    async def _call(
        self, system: System, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Response:
        chosen, refresh = system.settings, system.secrets.get("refresh-token")
        form = {"client_id": chosen.oauth_client, "client_secret": system.secrets.get("client-secret", "")}
        form |= {"grant_type": "client_credentials"} if not refresh else {}
        form |= {"grant_type": "refresh_token", "refresh_token": refresh} if refresh else {}

        async def call(told: dict[str, Any]) -> Response:
            base = str(told.get("instance_url") or chosen.url).rstrip("/")
            sent = {"authorization": f"Bearer {told['access_token']}", **(headers or {})}
            url = f"{base}/services/data/v{chosen.version}{path}"
            return await self.calls.send(method, url, headers=sent, body=body)

        return await self.calls.with_token(system, f"{chosen.url.rstrip('/')}/services/oauth2/token", form, call)

    def _record(self, system: System, found: dict[str, Any], record_id: str, revision: str | None) -> Record:
        chosen = system.settings
        link = f"{chosen.url.rstrip('/')}/lightning/r/{chosen.object}/{part(record_id)}/view"
        return Record(record_id, {name: found.get(name) for name in system.fields}, link, revision)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def open_lookup(tools: Tools) -> Lookup:
    """One a process."""
    return Salesforce(Calls(tools))
