"""Numbers, times of day and dates as the recorded pieces that say them, in French and English. Pure.

A piece is the name of a recording of Debian's sound packages without its ending, such as `digits/20`. Rules: English with
hundreds and no "and"; French of France's schools ("soixante et onze", "quatre-vingt-un"), which the recordings, made in
Canada, say as well. `None`: there is no recording for it (the feminine "une", say), so somebody else must speak it.
"""

from datetime import date, time

LARGEST = 999_999_999
_SCALES = ((1_000_000, "digits/million"), (1_000, "digits/thousand"))


def number(value: int, language: str) -> list[str] | None:
    """The pieces of a cardinal, masculine; -999,999,999 to 999,999,999."""
    if abs(value) > LARGEST:
        return None
    if value < 0:
        return ["digits/minus", *(number(-value, language) or [])]
    if value == 0:
        return ["digits/0"]
    french = language == "fr"
    pieces: list[str] = []
    for size, word in _SCALES:
        count, value = divmod(value, size)
        if count:
            bare = french and count == 1 and size == 1_000  # "mille", never "un mille"
            pieces += [*([] if bare else _below_thousand(count, french)), word]
    return pieces + (_below_thousand(value, french) if value else [])


def digits(text: str, language: str = "en") -> list[str] | None:
    """One piece for each key (the same names in both languages): 0-9, * and #; spaces, dots and dashes are left out.

    None: another sign is in it."""
    named = {"*": "digits/star", "#": "digits/pound", "+": "letters/plus"}
    pieces = [named.get(sign, f"digits/{sign}") for sign in text if sign not in " .-()"]
    return pieces if all(sign in "0123456789*#+ .-()" for sign in text) else None


def time_of_day(at: time, language: str) -> list[str] | None:
    """Hours and minutes: 24 hours in French, 12 with "AM" and "PM" in English."""
    if language == "fr":
        if at.hour % 10 == 1 and at.hour != 11:
            return None  # "une heure", "vingt et une heures": only "un" was recorded
        return [*(number(at.hour, "fr") or []), "digits/oclock", *(number(at.minute, "fr") or [] if at.minute else [])]
    minutes = [] if at.minute else ["digits/oclock"]
    if at.minute:
        minutes = [*(["digits/oh"] if at.minute < 10 else []), *(number(at.minute, "en") or [])]
    return [f"digits/{at.hour % 12 or 12}", *minutes, "digits/a-m" if at.hour < 12 else "digits/p-m"]


def day(on: date, language: str) -> list[str] | None:
    """Day of the week, day and month, without the year."""
    weekday, month = f"digits/day-{on.isoweekday() % 7}", f"digits/mon-{on.month - 1}"
    if language == "fr":
        return [weekday, *(["digits/h-1"] if on.day == 1 else number(on.day, "fr") or []), month]
    tens, unit = on.day - on.day % 10, on.day % 10
    ordinal = [f"digits/h-{on.day}"] if on.day <= 20 or not unit else [f"digits/{tens}", f"digits/h-{unit}"]
    return [weekday, month, *ordinal]


def _below_thousand(value: int, french: bool) -> list[str]:
    hundreds, rest = divmod(value, 100)
    pieces = []
    if hundreds:
        pieces = [*([] if french and hundreds == 1 else [f"digits/{hundreds}"]), "digits/hundred"]
    if rest:
        pieces += _french_below_hundred(rest) if french else _english_below_hundred(rest)
    return pieces


def _english_below_hundred(value: int) -> list[str]:
    if value <= 20 or value % 10 == 0:
        return [f"digits/{value}"]
    return [f"digits/{value - value % 10}", f"digits/{value % 10}"]


def _french_below_hundred(value: int) -> list[str]:
    """Twenties to sixties by tens; seventies and nineties go on counting from sixty and eighty; "et" before un and onze, not
    in the eighties and nineties."""
    if value <= 20 or (value % 10 == 0):
        return [f"digits/{value}"]
    base = value - value % 10
    base -= 10 if base in (70, 90) else 0
    rest = value - base
    joined = ["digits/et"] if rest in (1, 11) and base < 80 else []
    return [f"digits/{base}", *joined, f"digits/{rest}"]
