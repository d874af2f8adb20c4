"""What a telephone number tells: its country, and how people read it. Pure. Source: ITU-T E.164 and E.123, by the `phonenumbers`
library."""

import phonenumbers


def country_of(number: str) -> str | None:
    """ISO 3166 code of an E.164 number's country; None when it is of none (satellite, shared cost)."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    found: str | None = phonenumbers.region_code_for_number(parsed)
    if found in (None, "ZZ", "001"):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(parsed.country_code or 0, ())
        found = regions[0] if regions and regions[0] != "001" else None
    return found


def spaced(number: str) -> str:
    """An E.164 number in groups that do not break apart: +33 1 00 00 00 00; what is none, as it is."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    shown: str = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return shown.replace(" ", "\u00a0")
