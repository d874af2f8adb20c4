"""Telephone numbers and identities on the wire: E.164 in and out by a trunk's rules, From, P-Asserted-Identity, Privacy
(RFC 3323, RFC 3325). Pure."""

import re
from functools import lru_cache

import phonenumbers

from parlons.voice.media.config import Trunk
from parlons.voice.media.engine import Caller
from parlons.voice.sip.addresses import Address, BadAddress, host_text, parse_address, quoted
from parlons.voice.sip.wire import Inbound

ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
WITHHELD = frozenset({"anonymous", "restricted", "unavailable", "unknown", "private"})
MAX_SHOWN = 80
SHORTEST = 7
"""Digits; fewer are a short or emergency number and stay as they are."""


@lru_cache(maxsize=4096)
def to_e164(text: str, prefix: str = "") -> str:
    """A number as a trunk writes it, as E.164 with + where that can be told; short ones and names stay as they are.

    `prefix` is the trunk's national prefix such as +33; without it only +, 00 and bare international forms are known."""
    number = re.sub(r"[\s().-]", "", text) if re.fullmatch(r"[+\d\s().*#-]+", text) else text
    if not re.fullmatch(r"\+?\d+", number) or len(number.lstrip("+")) < SHORTEST:
        return number
    if number.startswith("+"):
        return number
    if prefix:
        return _national(number, prefix)
    if number.startswith("00"):
        return "+" + number[2:]
    return "+" + number if len(number) >= 10 and not number.startswith("0") else number


def _national(number: str, prefix: str) -> str:
    country = prefix.lstrip("+")
    region = phonenumbers.region_code_for_country_code(int(country))
    try:
        parsed = phonenumbers.parse(number, region)
        if not phonenumbers.is_possible_number(parsed) and number.startswith(country):
            parsed = phonenumbers.parse("+" + number)
    except phonenumbers.NumberParseException:
        return number
    if phonenumbers.is_possible_number(parsed):
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return "+" + number if len(number) >= 10 and not number.startswith("0") else number


def to_dial(number: str, trunk: Trunk) -> str:
    """How a trunk wants a number: national where it asks for that and the number is of its country, else as it is."""
    if not (trunk.send_national and trunk.national_prefix and number.startswith(trunk.national_prefix)):
        return number
    try:
        national = phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.NATIONAL)
    except phonenumbers.NumberParseException:
        return number
    return re.sub(r"\D", "", national)


def shown_number(caller: Caller, trunk: Trunk) -> str:
    """The number the called person sees: what is wanted where the trunk allows it, else the trunk's first; empty: withheld."""
    if not caller.number or not trunk.caller_numbers or caller.number in trunk.caller_numbers:
        return caller.number
    return trunk.caller_numbers[0]


def identity_headers(caller: Caller, trunk: Trunk, host: str) -> dict[str, str]:
    """From (without tag) and what goes with it; `host` is the domain of our identity at this trunk."""
    number = shown_number(caller, trunk)
    known = number or (trunk.caller_numbers[0] if trunk.caller_numbers else "")
    domain = host_text(host)
    headers = {"From": f"<sip:{to_dial(number, trunk)}@{domain}>" if number else ANONYMOUS}
    if number and caller.name:
        headers["From"] = f"{quoted(caller.name)} {headers['From']}"
    if trunk.assert_identity and known:
        headers["P-Asserted-Identity"] = f"<sip:{to_dial(known, trunk)}@{domain}>"
    if not number:
        headers["Privacy"] = "id"
    return headers


def caller_of(inbound: Inbound, trunk: Trunk | None) -> tuple[str, str]:
    """Number (empty: withheld) and name of who calls; P-Asserted-Identity is believed from a trunk only."""
    request = inbound.request
    privacy = {part.strip().lower() for value in request.headers.get("privacy") for part in re.split("[;,]", value)}
    address = inbound.from_
    asserted = _asserted(request.headers.get("p-asserted-identity")) if trunk and trunk.assert_identity else None
    if asserted:
        address = asserted
    user = address.uri.number
    if privacy & {"id", "user", "full"} or user.lower() in WITHHELD or address.uri.host.endswith("anonymous.invalid"):
        return "", ""
    number = to_e164(user, trunk.national_prefix) if trunk else user
    name = address.name or inbound.from_.name
    return shown(number), "" if name.lower() in WITHHELD or name == user else shown(name)


def called_of(inbound: Inbound, uri_user: str, trunk: Trunk | None) -> str:
    """The number called: of the Request-URI, or of To where the first is only our name at the trunk."""
    to = inbound.to.uri.number
    registered = trunk is not None and trunk.register and uri_user in ("parlons", trunk.username, "")
    number = to if (registered or uri_user in ("", "parlons")) and to else uri_user
    return shown(to_e164(number, trunk.national_prefix) if trunk else number)


def shown(text: str) -> str:
    """What strangers wrote, as it may be shown: printable, 80 letters at most."""
    return "".join(letter for letter in text if letter.isprintable())[:MAX_SHOWN]


def _asserted(values: list[str]) -> Address | None:
    """The first identity with a number in it."""
    for value in values:
        try:
            address = parse_address(value.split(">")[0] + ">" if ">" in value else value)
        except BadAddress:
            continue
        if re.match(r"\+?\d", address.uri.number):
            return address
    return None
