"""HubSpot: contacts found, made and changed by the CRM objects API, contacts of ours as notes beside them.

A note carries the key of its contact in a property that HubSpot keeps unique, so a repeated one is found instead of made.
HubSpot has no conditional update: what changes between our read and our write (milliseconds) is overwritten there.
Source: HubSpot, CRM API v3 (objects, search, associations), OAuth, "Validating requests" (signature v3).
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from urllib.parse import unquote, urlencode

import orjson
from pydantic import BaseModel, ConfigDict, Field

from parlons.customers.lookups.calling import Calls, as_html, listed, one, part
from parlons.customers.lookups.plugin import (
    Activity,
    Changes,
    HookCall,
    Lookup,
    LookupRefused,
    NotFromLookup,
    Record,
    RecordChanged,
    RecordGone,
    Secret,
    System,
    Tools,
    Usual,
    Values,
)
from parlons.kit.clock import from_datetime, to_iso
from parlons.runtime.safe_http import Response

CONTACTS = "/crm/v3/objects/contacts"
NOTES = "/crm/v3/objects/notes"
TO_CONTACT = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}
"""From a note to a contact."""
FRESH_MS = 300_000
"""A signed call older than this is refused."""
PAGE = 100


class HubSpotSettings(BaseModel):
    """A HubSpot account."""

    model_config = ConfigDict(extra="forbid")
    url: Annotated[str, Field(pattern=r"^https?://\S+$", title="Address of the API")] = "https://api.hubapi.com"
    portal: Annotated[str, Field(pattern=r"^\d*$", title="Number of the account, for links to its records")] = ""
    oauth_client: Annotated[str, Field(title="Client id, where a refresh token is used")] = ""
    key_property: Annotated[str, Field(title="Property of notes that keeps them from standing there twice")] = (
        "hs_unique_creation_key"
    )


@dataclass(frozen=True, slots=True)
class HubSpot:
    """Contacts of HubSpot."""

    calls: Calls
    name: ClassVar[str] = "hubspot"
    settings: ClassVar[type[BaseModel]] = HubSpotSettings
    secrets: ClassVar[tuple[Secret, ...]] = (
        Secret("token", required=False),
        Secret("refresh-token", required=False),
        Secret("client-secret", required=False),
    )
    usual: ClassVar[tuple[Usual, ...]] = (
        Usual("firstname", "first_name"),
        Usual("lastname", "last_name"),
        Usual("email", "email"),
        Usual("phone", "phone"),
        Usual("company"),
        Usual("lifecyclestage", edit=False),
    )

    async def find(self, system: System, kind: str, value: str) -> Sequence[Record]:
        """By e-mail address, or by telephone number in either of two properties."""
        names = ("email",) if kind == "email" else ("phone", "mobilephone")
        groups = [{"filters": [{"propertyName": name, "operator": "EQ", "value": value}]} for name in names]
        body = {"filterGroups": groups, "properties": list(system.fields), "limit": 5}
        answer = await self._call(system, "POST", f"{CONTACTS}/search", body)
        return [self._record(system, found) for found in listed(one(answer.json()).get("results"))]

    async def read(self, system: System, record_id: str) -> Record:
        """One contact."""
        query = urlencode({"properties": ",".join(system.fields)})
        answer = await self._call(system, "GET", f"{CONTACTS}/{part(record_id)}?{query}")
        return self._record(system, one(answer.json()))

    async def create(self, system: System, values: Values, key: str) -> Record:
        """A new contact; one with this e-mail address that appeared meanwhile is the answer."""
        try:
            answer = await self._call(system, "POST", CONTACTS, {"properties": _texts(values)})
        except RecordChanged:
            found = await self.find(system, "email", str(values.get("email") or ""))
            if len(found) != 1:
                raise LookupRefused(reason="already-there") from None
            return found[0]
        return await self.read(system, str(one(answer.json())["id"]))

    async def update(self, system: System, record: Record, values: Values) -> Record:
        """Some properties of one contact."""
        await self._call(system, "PATCH", f"{CONTACTS}/{part(record.id)}", {"properties": _texts(values)})
        return await self.read(system, record.id)

    async def note(self, system: System, record_id: str, activity: Activity) -> str:
        """A note, found by its key when it is there."""
        key = system.settings.key_property
        try:
            there = await self._call(system, "GET", f"{NOTES}/{part(activity.key)}?{urlencode({'idProperty': key})}")
            return str(one(there.json())["id"])
        except RecordGone:
            pass
        properties = {"hs_timestamp": to_iso(activity.ended), "hs_note_body": as_html(activity), key: activity.key}
        beside = [{"to": {"id": record_id}, "types": [TO_CONTACT]}]
        made = await self._call(system, "POST", NOTES, {"properties": properties, "associations": beside})
        return str(one(made.json())["id"])

    async def test(self, system: System) -> None:
        """One contact may be listed."""
        await self._call(system, "GET", f"{CONTACTS}?limit=1")

    async def changes(self, system: System, position: Values) -> Changes:
        """By the time of the last change, oldest first."""
        since = position.get("since")
        if since is None:
            return Changes((), {"since": self.calls.tools.clock()})
        when = {"propertyName": "lastmodifieddate", "operator": "GT", "value": str(since)}
        body = {
            "filterGroups": [{"filters": [when]}],
            "sorts": [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}],
            "properties": ["lastmodifieddate"],
            "limit": PAGE,
        }
        answer = await self._call(system, "POST", f"{CONTACTS}/search", body)
        found = listed(one(answer.json()).get("results"))
        newest = max((_millis(str(each["properties"]["lastmodifieddate"])) for each in found), default=int(since))
        return Changes([str(each["id"]) for each in found], {"since": newest}, len(found) == PAGE)

    def heard(self, system: System, call: HookCall) -> Sequence[str]:
        """Events of contacts, proven by signature v3."""
        secret, stamp = system.secrets.get("client-secret", ""), call.headers.get("x-hubspot-request-timestamp", "")
        signed = call.method.encode() + unquote(call.url).encode() + call.body + stamp.encode()
        right = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest())
        given = call.headers.get("x-hubspot-signature-v3", "").encode()
        fresh = stamp.isdigit() and abs(call.at - int(stamp)) <= FRESH_MS
        if not secret or not fresh or not hmac.compare_digest(right, given):
            raise NotFromLookup
        try:
            events = listed(orjson.loads(call.body))
        except orjson.JSONDecodeError:
            raise LookupRefused(reason="unreadable") from None
        contacts = [each for each in events if str(each.get("subscriptionType", "")).startswith("contact.")]
        return list(dict.fromkeys(str(each["objectId"]) for each in contacts if "objectId" in each))

    async def _call(self, system: System, method: str, path: str, body: Any = None) -> Response:
        url = f"{system.settings.url.rstrip('/')}{path}"

        async def call(token: str) -> Response:
            return await self.calls.send(method, url, headers={"authorization": f"Bearer {token}"}, body=body)

        if refresh := system.secrets.get("refresh-token"):
            form = {
                "grant_type": "refresh_token",
                "refresh_token": refresh,
                "client_id": system.settings.oauth_client,
                "client_secret": system.secrets.get("client-secret", ""),
            }
            where = f"{system.settings.url.rstrip('/')}/oauth/v1/token"
            return await self.calls.with_token(system, where, form, lambda told: call(told["access_token"]))
        return await call(system.secrets.get("token", ""))

    def _record(self, system: System, found: dict[str, Any]) -> Record:
        properties, number = one(found.get("properties")), str(found["id"])
        portal = system.settings.portal
        link = f"https://app.hubspot.com/contacts/{portal}/record/0-1/{part(number)}" if portal else ""
        return Record(number, {name: properties.get(name) for name in system.fields}, link)


def _texts(values: Values) -> dict[str, str]:
    """HubSpot's properties are texts; an empty one clears."""
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _millis(text: str) -> int:
    try:
        return from_datetime(datetime.fromisoformat(text))
    except ValueError:
        raise LookupRefused(reason="unexpected-answer") from None


def open_lookup(tools: Tools) -> Lookup:
    """One a process."""
    return HubSpot(Calls(tools))
