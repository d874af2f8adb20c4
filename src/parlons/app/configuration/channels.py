"""Channel accounts as the file writes them: their settings in the words of their channel, their secrets by name.

What a channel's settings may hold is the channel's own model (`channels.plugin.Channel.settings`); here it is asked, so
that a fault has a place in the file and the settings screen can draw a form. Settings stand in one normal form: without
what has its default value.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import ValidationInfo

from parlons.channels.accounts import AccountRow, all_accounts, checked_settings, put_account
from parlons.channels.plugin import Channel, InvalidAccount, Tools
from parlons.channels.registry import open_channels
from parlons.channels.webchat.model import CHANNEL as WEBCHAT
from parlons.kit.clock import wall_clock
from parlons.runtime.db import Tx
from parlons.runtime.safe_http import SafeHttp

Thing = dict[str, Any]
Secrets = TypeVar("Secrets", bound=Mapping[str, Any])


@cache
def described() -> Mapping[str, Channel]:
    """The channels whose accounts are configured here, for what they say of themselves; nothing is sent by these."""
    opened = open_channels(Tools(SafeHttp(), wall_clock))
    return {name: channel for name, channel in opened.items() if name != WEBCHAT}


def check_channel(name: str) -> str:
    """The name of a channel that has accounts."""
    if name == WEBCHAT:
        raise ValueError("web chat is configured under widgets")
    if name not in described():
        raise ValueError(f"there is no channel {name!r}; known here: {', '.join(sorted(described()))}")
    return name


def own_address(address: str, info: ValidationInfo) -> str:
    """An account's own address in its normal form."""
    channel = _channel(info)
    if channel is None:
        return address
    try:
        return channel.address(address)
    except InvalidAccount as refusal:
        raise ValueError(refusal.message) from None


def own_settings(settings: Thing, info: ValidationInfo) -> Thing:
    """The settings in their normal form."""
    channel = _channel(info)
    if channel is None:
        return settings
    try:
        checked = checked_settings(channel, settings)
    except InvalidAccount as refusal:
        raise ValueError(refusal.message) from None
    found: Thing = checked.model_dump(mode="json", exclude_defaults=True)
    return found


def own_secrets(secrets: Secrets, info: ValidationInfo) -> Secrets:
    """Secrets that the channel has."""
    channel = _channel(info)
    known = [one.name for one in channel.secrets] if channel else list(secrets)
    for name in secrets:
        if name not in known:
            raise ValueError(f"{info.data['channel']} has no secret {name!r}; known here: {', '.join(known) or 'none'}")
    return secrets


def _channel(info: ValidationInfo) -> Channel | None:
    """The channel the account is of, if that much was right."""
    return described().get(info.data.get("channel", ""))


def missing_secrets(thing: Thing) -> list[str]:
    """Secrets the account cannot do without and has not."""
    return [
        one.name for one in described()[thing["channel"]].secrets if one.required and not thing["secrets"].get(one.name)
    ]


def whole_settings(thing: Thing) -> Thing:
    """An account's settings with what has its default value, as a form shows them."""
    channel = described().get(thing["channel"])
    if channel is None:
        return dict(thing["settings"])
    try:
        found: Thing = checked_settings(channel, thing["settings"]).model_dump(mode="json")
    except InvalidAccount:
        return dict(thing["settings"])
    return found


def variants() -> dict[str, dict[str, Any]]:
    """By channel: what `settings` and `secrets` hold, as JSON schemas for the form."""
    found = {}
    for name, channel in sorted(described().items()):
        settings = channel.settings.model_json_schema()
        found[name] = {
            "settings": {**settings, "title": "settings", "properties": settings.get("properties", {})},
            "secrets": {
                "type": "object",
                "properties": {one.name: {"type": "string", "secret": True} for one in channel.secrets},
            },
        }
    return found


def channel_thing(row: AccountRow, firms: Mapping[str, str], fingerprint: Callable[[str], str]) -> Thing:
    """An account in the file's words; of its secrets the fingerprints."""
    return {
        "channel": row.channel,
        "key": row.key,
        "firm": firms.get(row.firm_id, ""),
        "name": row.name,
        "address": row.address,
        "settings": row.settings,
        "secrets": {name: fingerprint(value) for name, value in sorted(row.secrets.items())},
        "per_second": row.per_second,
    }


async def read_channels(
    tx: Tx, workspace_id: str, firms: Mapping[str, str], fingerprint: Callable[[str], str]
) -> list[tuple[Thing, str]]:
    """Every account in the file's words, with its id."""
    rows = await all_accounts(tx, workspace_id)
    return [(channel_thing(row, firms, fingerprint), row.id) for row in rows]


async def write_channel(
    tx: Tx, workspace_id: str, account_id: str, firm_id: str, thing: Thing, secrets: Mapping[str, str]
) -> None:
    """Lay an account down. `secrets`: values by `channel KEY:NAME`; those not given stay."""
    lead = f"channel {thing['channel']} {thing['key']}:"
    given = {name.removeprefix(lead): value for name, value in secrets.items() if name.startswith(lead)}
    row = AccountRow(
        account_id, workspace_id, firm_id, thing["channel"], thing["key"], thing["name"], thing["address"],
        thing["settings"], given, thing["per_second"],
    )  # fmt: skip
    await put_account(tx, row)
