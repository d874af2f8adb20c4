"""What travels: push. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class DeviceBody(TypedDict):
    address: str
    public_key: str
    secret: str
    locale: Literal["en", "fr"]
    time_zone: str
    names: NotRequired[bool]


class Push(TypedDict):
    public_key: str
    devices: list[PushDevice]


class PushDevice(TypedDict):
    id: str
    names: bool
    made_at: str
