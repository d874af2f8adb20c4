"""Calls, numbers and applications as the older version of the API shows them. Pure."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from parlons.compat.call_xml import conference_of
from parlons.compat.led import CALLED, VERSION, Led, Member
from parlons.compat.led_store import Shown, Thing
from parlons.voice.calls.recordings import Kept

Json = dict[str, Any]
_UNDER_CALL = ("notifications", "recordings", "payments", "events", "siprec", "streams", "transcriptions",
               "user_defined_message_subscriptions", "user_defined_messages")  # fmt: skip


def date(at: int | None) -> str | None:
    """Milliseconds as this version writes a time (RFC 2822)."""
    return None if at is None else format_datetime(datetime.fromtimestamp(at // 1000, UTC))


def uri(account: str, *parts: str) -> str:
    """The address of something, without a host."""
    return f"/{VERSION}/Accounts/{account}/{'/'.join(parts)}.json"


def call(shown: Shown) -> Json:
    """A call."""
    led: Led = shown.led
    names = {one: "".join(part.capitalize() for part in one.split("_")) for one in _UNDER_CALL}
    return {
        "sid": led.id,
        "date_created": date(led.started_at),
        "date_updated": date(shown.updated_at),
        "parent_call_sid": led.parent_id,
        "account_sid": led.tenant_id,
        "to": led.to,
        "to_formatted": led.to,
        "from": led.from_,
        "from_formatted": led.from_,
        "phone_number_sid": None,
        "status": led.status,
        "start_time": date(led.answered_at),
        "end_time": date(led.ended_at),
        "duration": None if led.ended_at is None else str(led.seconds()),
        "price": None,
        "price_unit": None,
        "direction": led.direction,
        "answered_by": None,
        "api_version": VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": "0",
        "trunk_sid": None,
        "uri": uri(led.tenant_id, "Calls", led.id),
        "subresource_uris": {one: uri(led.tenant_id, "Calls", led.id, name) for one, name in names.items()},
    }


def _kept(account: str, found: Thing) -> Json:
    return {
        "account_sid": account,
        "api_version": VERSION,
        "date_created": date(found.created_at),
        "date_updated": date(found.updated_at),
        "friendly_name": found.data.get("friendly_name") or found.name,
        "sid": found.id,
        "sms_fallback_method": "POST",
        "sms_fallback_url": None,
        "sms_method": "POST",
        "sms_url": None,
        "status_callback": found.data.get("status_callback") or None,
        "status_callback_method": found.data.get("status_callback_method") or "POST",
        "voice_caller_id_lookup": False,
        "voice_fallback_method": found.data.get("voice_fallback_method") or "POST",
        "voice_fallback_url": found.data.get("voice_fallback_url") or None,
        "voice_method": found.data.get("voice_method") or "POST",
        "voice_url": found.data.get("voice_url") or None,
    }


def application(account: str, found: Thing) -> Json:
    """An application."""
    return {
        **_kept(account, found),
        "message_status_callback": None,
        "sms_status_callback": None,
        "public_application_connect_enabled": False,
        "uri": uri(account, "Applications", found.id),
    }


def number(account: str, found: Thing) -> Json:
    """A number of ours."""
    return {
        **_kept(account, found),
        "address_sid": None,
        "address_requirements": "none",
        "beta": False,
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
        "identity_sid": None,
        "phone_number": found.name,
        "origin": "hosted",
        "sms_application_sid": None,
        "trunk_sid": None,
        "uri": uri(account, "IncomingPhoneNumbers", found.id),
        "voice_receive_mode": "voice",
        "voice_application_sid": found.data.get("voice_application_sid") or None,
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "bundle_sid": None,
        "status": "in-use",
    }


def conference(account: str, found: Thing) -> Json:
    """A conference; `data` is its row."""
    return {
        "account_sid": account,
        "date_created": date(found.created_at),
        "date_updated": date(found.updated_at),
        "api_version": VERSION,
        "friendly_name": found.name,
        "region": None,
        "sid": found.id,
        "status": found.data["status"],
        "uri": uri(account, "Conferences", found.id),
        "subresource_uris": {
            "participants": uri(account, "Conferences", found.id, "Participants"),
            "recordings": uri(account, "Conferences", found.id, "Recordings"),
        },
        "reason_conference_ended": found.data["why"],
        "call_sid_ending_conference": found.data["ended_by"],
    }


def to_be(led: Led, conference_id: str) -> Member:
    """How somebody is to take part who is called into a conference."""
    wanted = conference_of(led.hook.xml)
    assert wanted is not None
    return Member(
        conference_id, wanted.participant_label, wanted.muted, coach=wanted.coach,
        starts=wanted.start_conference_on_enter, ends=wanted.end_conference_on_exit, joined_at=led.started_at,
    )  # fmt: skip


def participant(led: Led) -> Json:
    """Somebody in a conference, or called into it."""
    member = led.member
    assert member is not None
    return {
        "account_sid": led.tenant_id,
        "call_sid": led.id,
        "label": member.label or None,
        "call_sid_to_coach": member.coach or None,
        "coaching": bool(member.coach),
        "conference_sid": member.conference_id,
        "date_created": date(member.joined_at),
        "date_updated": date(member.joined_at),
        "end_conference_on_exit": member.ends,
        "muted": member.muted,
        "hold": member.hold,
        "start_conference_on_enter": member.starts,
        "status": led.status if led.status in CALLED else "connected",
        "queue_time": "0",
        "uri": uri(led.tenant_id, "Conferences", member.conference_id, "Participants", led.id),
    }


def queue(account: str, found: Thing, waiting: list[Led], now: int) -> Json:
    """A queue and how many wait in it."""
    waited = [now - one.waits.since for one in waiting if one.waits is not None]
    return {
        "account_sid": account,
        "average_wait_time": round(sum(waited) / len(waited) / 1000) if waited else 0,
        "current_size": len(waiting),
        "date_created": date(found.created_at),
        "date_updated": date(found.updated_at),
        "friendly_name": found.name,
        "max_size": found.data["max_size"],
        "sid": found.id,
        "uri": uri(account, "Queues", found.id),
    }


def member(led: Led, place: int, now: int) -> Json:
    """Somebody who waits."""
    assert led.waits is not None
    return {
        "call_sid": led.id,
        "date_enqueued": date(led.waits.since),
        "position": place,
        "queue_sid": led.waits.queue_id,
        "uri": uri(led.tenant_id, "Queues", led.waits.queue_id, "Members", led.id),
        "wait_time": (now - led.waits.since) // 1000,
    }


_RECORDED = {"running": "in-progress", "stored": "completed", "failed": "absent"}


def recording(account: str, base: str, found: Kept) -> Json:
    """A recording."""
    here = uri(account, "Recordings", found.id)
    return {
        **_recorded(account, found),
        "uri": here,
        "subresource_uris": {
            "add_on_results": uri(account, "Recordings", found.id, "AddOnResults"),
            "transcriptions": uri(account, "Recordings", found.id, "Transcriptions"),
        },
        "media_url": base + here.removesuffix(".json"),
    }


def call_recording(account: str, found: Kept) -> Json:
    """A recording, under its call."""
    here = uri(account, "Calls", found.call_id, "Recordings", found.id)
    return {**_recorded(account, found), "uri": here, "track": "both"}


def _recorded(account: str, found: Kept) -> Json:
    return {
        "account_sid": account,
        "api_version": VERSION,
        "call_sid": found.call_id,
        "conference_sid": None,
        "date_created": date(found.started_at),
        "date_updated": date(found.started_at),
        "start_time": date(found.started_at),
        "duration": str(round(found.ms / 1000)),
        "sid": found.id,
        "price": None,
        "price_unit": None,
        "status": _RECORDED.get(found.state, "processing"),
        "channels": found.channels,
        "source": "RecordVerb" if found.kind == "voicemail" else "DialVerb",
        "error_code": None,
        "encryption_details": None,
    }
