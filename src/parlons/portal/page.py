"""The customer's page as HTML: forms without a script, in his language, from 320 px up, in both themes.

Pure: values in, text out; every value is escaped. Each form has a nonce of its own, so that a double press does one thing.
Sources: WCAG 2.2 (1.3.1, 1.4.10, 2.4.6, 2.5.8, 3.3.1, 3.3.2).
"""

import secrets
from collections.abc import Sequence
from html import escape

from parlons.appointments.model import MAX_ABOUT, Appointment
from parlons.appointments.slots import Slot
from parlons.conversations.model import Conversation
from parlons.customers.purposes import PURPOSES
from parlons.kit.languages import LANGUAGES
from parlons.kit.when import day, moment, time, weekday
from parlons.portal.calls import MAX_ABOUT as MAX_CALL
from parlons.portal.showing import Shown, state_of
from parlons.portal.texts import channel, line
from parlons.runtime.public_page import whole

MAX_MESSAGE = 4000
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {"Content-Security-Policy": POLICY, "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer",
           "Cache-Control": "no-store"}  # fmt: skip
NAMES = {"en": "English", "fr": "Français"}
_STYLE = """
main{max-width:640px}
h2{margin:32px 0 12px;padding-top:20px;border-top:1px solid var(--thin);font-size:18px;line-height:1.3}
h3{margin:0 0 8px;font-size:16px}
ul{list-style:none;margin:0 0 16px;padding:0}
li{margin:0 0 12px}
form{margin:0 0 12px}
.row{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:center}
.row form{margin:0}
.soft{color:var(--soft);font-size:14px}
.item{border:1px solid var(--thin);border-radius:8px;padding:12px}
.item>:last-child{margin-bottom:0}
label,legend,summary{font-weight:600}
legend{padding:0;margin:0 0 8px}
fieldset{border:0;margin:0 0 16px;padding:0;min-width:0}
.pick{display:flex;align-items:center;gap:10px;min-height:44px;padding:4px 12px;border:1px solid var(--line);border-radius:8px;
font-weight:400;cursor:pointer}
.pick:has(:checked){background:var(--pick);border-color:var(--accent)}
.picks{display:flex;flex-wrap:wrap;gap:8px}
.picks .pick{min-width:112px}
input[type=radio]{width:18px;height:18px;margin:0;accent-color:var(--accent);flex:none}
textarea,select,input[type=text]{display:block;width:100%;min-height:44px;margin:4px 0 12px;padding:8px 12px;font:inherit;
color:inherit;background:var(--card);border:1px solid var(--line);border-radius:8px}
textarea{min-height:80px}
summary{min-height:44px;display:flex;align-items:center;cursor:pointer}
summary::before{content:"+";width:20px;flex:none;color:var(--accent)}
details[open]>summary::before{content:"−"}
.plain{background:transparent;color:var(--accent);border:1px solid var(--accent)}
a{color:var(--accent)}
button{padding:8px 16px}
a.button{display:inline-flex;align-items:center;min-height:44px;padding:8px 16px;font-weight:600;color:var(--on);
background:var(--accent);border-radius:8px;text-decoration:none}
a.plain{display:inline-flex;align-items:center;min-height:44px;padding:8px 16px;font-weight:600;border-radius:8px;
text-decoration:none;background:transparent;color:var(--accent)}
label:focus-within,textarea:focus-visible,select:focus-visible,summary:focus-visible,a:focus-visible,input:focus-visible{
outline:3px solid var(--accent);outline-offset:2px}
.said,.bad{margin:0 0 16px;padding:12px;border-radius:8px;font-weight:600;background:var(--pick)}
.bad{color:var(--bad);background:transparent;border:1px solid var(--bad)}
"""


class Sheet:
    """One page of a link, in his language."""

    def __init__(self, home: str, shown: Shown, notice: str = "", fault: str = "") -> None:
        """`home`: the path of the link; `notice`, `fault`: a line said at the top."""
        self.home, self.of, self.language = home, shown, shown.language
        self._notice, self._fault = notice, fault

    def main(self, draft: str = "") -> str:
        """His page. `draft`: a message that was not sent."""
        parts = [
            self._requests(draft), self._appointments(), self._call(), self._preferences(), self._consents(),
            self._history(),
        ]  # fmt: skip
        name = self.of.name
        heading = self._line("hello", name=name) if name else self._line("title")
        until = self._line("link-until", day=self._day(self.of.until))
        return self._whole(heading, "".join(parts) + f'<p class="soft">{until}</p>')

    def choose(
        self, days: Sequence[tuple[int, Sequence[Slot]]], *, moved: Appointment | None, earlier: str, later: str
    ) -> str:
        """The free times, to book or to move to. `earlier`, `later`: first days of other pages, empty without one."""
        act = "move" if moved is not None else "book"
        parts = []
        if moved is not None:
            parts.append(f"<p>{self._line('now', when=self._moment(moved.starts_at))}</p>")
        body = "".join(self._of_day(at, slots) for at, slots in days)
        if days:
            about = "" if moved is not None else self._about("about", MAX_ABOUT)
            hidden = f'<input type="hidden" name="id" value="{escape(moved.id)}">' if moved is not None else ""
            parts.append(self._form(act, f"{hidden}{body}{about}", f"confirm-{act}"))
            parts.append(f'<p class="soft">{self._line("zone", zone=self.of.zone)}</p>')
        else:
            parts.append(f"<p>{self._line('none-free')}</p>")
        here = f"{self.home}/move/{moved.id}" if moved is not None else f"{self.home}/book"
        links = [(earlier, "earlier"), (later, "later")]
        pages = "".join(
            f'<a class="plain" href="{escape(here)}?from={at}">{self._line(code)}</a>' for at, code in links if at
        )
        back = f'<a href="{escape(self.home)}">{self._line("back")}</a>'
        parts.append(f'<p class="row">{pages}</p><p>{back}</p>')
        return self._whole(self._line("choose"), "".join(parts))

    def _requests(self, draft: str) -> str:
        items = []
        for number, one in enumerate(self.of.requests):
            parked = self._day(one.parked_until) if one.parked_until is not None else ""
            state = self._line(state_of(one), day=parked)
            field = (
                f'<label for="m{number}">{self._line("message")}</label>'
                f'<textarea id="m{number}" name="text" maxlength="{MAX_MESSAGE}" required>'
                f"{escape(draft) if number == 0 else ''}</textarea>"
                f'<input type="hidden" name="id" value="{escape(one.id)}">'
            )
            opened = " open" if draft and number == 0 else ""
            items.append(
                f'<li class="item"><h3>{self._what(one)}</h3><p>{state}</p>'
                f"<details{opened}><summary>{self._line('add')}</summary>{self._form('message', field, 'send')}</details></li>"
            )
        return self._section("requests", f"<ul>{''.join(items)}</ul>" if items else self._empty("no-requests"))

    def _appointments(self) -> str:
        if not self.of.books and not self.of.coming:
            return ""
        items = []
        for one in self.of.coming:
            about = f'<p class="soft">{escape(one.about)}</p>' if one.about else ""
            hidden = f'<input type="hidden" name="id" value="{escape(one.id)}">'
            when = self._moment(one.starts_at, one.zone)
            named = escape(f"{self._plain('move')} ({when})")
            there = escape(f"{self.home}/move/{one.id}")
            move = f'<a class="plain" href="{there}" aria-label="{named}">{self._line("move")}</a>'
            cancel = self._form("cancel", hidden, "cancel", plain=True, label=f"{self._plain('cancel')} ({when})")
            both = f'<div class="row">{move if self.of.books else ""}{cancel}</div>'
            minutes = self._line("length", minutes=(one.ends_at - one.starts_at) // 60_000)
            items.append(f'<li class="item"><h3>{escape(when)}</h3><p class="soft">{minutes}</p>{about}{both}</li>')
        listed = f"<ul>{''.join(items)}</ul>" if items else self._empty("no-appointments-yet")
        book = (
            f'<p><a class="button" href="{escape(self.home)}/book">{self._line("book")}</a></p>'
            if self.of.books
            else ""
        )
        return self._section("appointments", listed + book)

    def _call(self) -> str:
        if self.of.calls:
            items = []
            for one in self.of.calls:
                hidden = f'<input type="hidden" name="id" value="{escape(one.id)}">'
                when = self._line("call-waiting", when=self._moment(one.wished_at))
                items.append(f"<p>{when}</p>{self._form('uncall', hidden, 'call-take-back', plain=True)}")
            return self._section("call", "".join(items))
        if not self.of.call_times:
            return ""
        numbers = [one for one in self.of.addresses if one.kind == "phone"]
        if not numbers:
            return self._section("call", self._empty("call-no-number"))
        options = "".join(f'<option value="{escape(one.id)}">{escape(one.shown)}</option>' for one in numbers)
        whole = [at for at in self.of.call_times if at % 3_600_000 == 0]
        times = "".join(f'<option value="{at}">{escape(self._moment(at))}</option>' for at in whole)
        body = (
            f'<label for="number">{self._line("call-number")}</label><select id="number" name="number">{options}</select>'
            f'<label for="when">{self._line("call-when")}</label>'
            f'<select id="when" name="when"><option value="">{self._line("call-soonest")}</option>{times}</select>'
            f"{self._about('about', MAX_CALL)}"
        )
        return self._section("call", self._form("call", body, "call-ask"))

    def _preferences(self) -> str:
        spoken = "".join(
            self._radio("language", one, NAMES[one], checked=one == self.language, lang=one) for one in LANGUAGES
        )
        ways = self._radio("channel", "", self._plain("no-preference"), checked=not self.of.preferred)
        ways += "".join(
            self._radio("channel", one, channel(one, self.language), checked=one == self.of.preferred)
            for one in self.of.channels
        )
        body = (
            f'<fieldset><legend>{self._line("language")}</legend><div class="picks">{spoken}</div></fieldset>'
            f'<fieldset><legend>{self._line("channel")}</legend><div class="picks">{ways}</div></fieldset>'
        )
        return self._section("preferences", self._form("preferences", body, "save"))

    def _consents(self) -> str:
        rows = [
            (f'name="address" value="{escape(one.id)}"', self._plain("messages-to", address=one.shown), one.silent)
            for one in self.of.addresses
        ]
        rows += [
            (f'name="purpose" value="{one}"', self._plain(f"purpose-{one}"), one in self.of.refused) for one in PURPOSES
        ]
        items = []
        for field, name, stopped in rows:
            act = "allow" if stopped else "stop"
            hidden = f'<input type="hidden" {field}><input type="hidden" name="wish" value="{act}">'
            form = self._form("consent", hidden, act, plain=True, label=f"{self._plain(act)} ({name})")
            state = self._line("stopped" if stopped else "allowed")
            items.append(
                f'<li class="item"><h3>{escape(name)}</h3><div class="row"><span>{state}</span>{form}</div></li>'
            )
        text = f"<p>{self._line('consents-text')}</p>"
        return self._section("consents", f"{text}<ul>{''.join(items)}</ul>")

    def _history(self) -> str:
        told = [
            (one.closed_at or one.opened_at, f"{self._what(one)}, {self._line('ended', day=self._day(one.closed_at))}")
            for one in self.of.history
            if one.closed_at is not None
        ]
        for past in self.of.past:
            state = self._line(f"apt-{past.state}")
            words = self._line("apt-past", day=day(past.starts_at, past.zone, self.language))
            told.append((past.starts_at, f"{words}{f', {state}' if state else ''}"))
        items = "".join(f"<li>{words}</li>" for _, words in sorted(told, reverse=True))
        return self._section("history", f"<ul>{items}</ul>" if items else self._empty("no-history"))

    def _of_day(self, at: int, slots: Sequence[Slot]) -> str:
        picks = "".join(
            self._radio("at", str(one.starts_at), time(one.starts_at, self.of.zone, self.language), required=True)
            for one in slots
        )
        named = escape(weekday(at, self.of.zone, self.language))
        return f'<fieldset><legend>{named}</legend><div class="picks">{picks}</div></fieldset>'

    def _radio(
        self, name: str, value: str, label: str, *, checked: bool = False, required: bool = False, lang: str = ""
    ) -> str:
        marks = f"{' checked' if checked else ''}{' required' if required else ''}"
        spoken = f' lang="{lang}"' if lang else ""
        field = f'<input type="radio" name="{name}" value="{escape(value)}"{marks}>'
        return f'<label class="pick">{field} <span{spoken}>{escape(label)}</span></label>'

    def _about(self, code: str, limit: int) -> str:
        optional = f'<span class="soft">({self._line("optional")})</span>'
        return (
            f'<label for="{code}">{self._line(code)} {optional}</label>'
            f'<input type="text" id="{code}" name="about" maxlength="{limit}" autocomplete="off">'
        )

    def _form(self, act: str, body: str, button: str, *, plain: bool = False, label: str = "") -> str:
        look = ' class="plain"' if plain else ""
        named = f' aria-label="{escape(label)}"' if label else ""
        return (
            f'<form method="post" action="{escape(self.home)}/{act}">{body}'
            f'<input type="hidden" name="nonce" value="{secrets.token_hex(16)}">'
            f'<button type="submit"{look}{named}>{self._line(button)}</button></form>'
        )

    def _section(self, code: str, body: str) -> str:
        return f'<section aria-labelledby="{code}-h"><h2 id="{code}-h">{self._line(code)}</h2>{body}</section>'

    def _empty(self, code: str) -> str:
        return f"<p>{self._line(code)}</p>"

    def _what(self, one: Conversation) -> str:
        named = one.subject or channel(one.channel, self.language)
        return self._line("of", what=named, day=self._day(one.opened_at))

    def _whole(self, heading: str, body: str) -> str:
        said = f'<p class="said" role="status">{escape(self._notice)}</p>' if self._notice else ""
        bad = f'<p class="bad" role="alert">{escape(self._fault)}</p>' if self._fault else ""
        top = f'<p class="firm">{escape(self.of.firm)}</p><h1>{heading}</h1>{bad}{said}'
        title = f"{self._plain('title')} - {self.of.firm}"
        return whole(self.language, title, top + body, style=_STYLE)

    def _moment(self, at: int, zone: str = "") -> str:
        return moment(at, zone or self.of.zone, self.language)

    def _day(self, at: int | None) -> str:
        return day(at, self.of.zone, self.language) if at is not None else ""

    def _plain(self, code: str, **values: object) -> str:
        return line(code, self.language, **values)

    def _line(self, code: str, **values: object) -> str:
        """Escaped."""
        return escape(self._plain(code, **values))


def two_languages(code: str) -> str:
    """For who cannot be known: both languages, one after the other."""
    english = f"<h1>{escape(line(f'{code}-title', 'en'))}</h1><p>{escape(line(code, 'en'))}</p>"
    french = f"<h2>{escape(line(f'{code}-title', 'fr'))}</h2><p>{escape(line(code, 'fr'))}</p>"
    style = "h2{margin:24px 0 16px;font-size:20px;line-height:1.3}"
    return whole("en", line(f"{code}-title", "en"), f'{english}<div lang="fr">{french}</div>', style=style)
