"""The public page of a question, as HTML: one form without a script, in the customer's language, from 320 px up.

Pure: values in, text out; every value is escaped. Radio buttons in a fieldset whose legend is the question (WCAG 2.2: 1.3.1,
2.1.1, 2.5.8, 3.3.1); the browser itself keeps them to the keyboard.
"""

from dataclasses import dataclass
from html import escape

from parlons.runtime.public_page import whole
from parlons.surveys import texts
from parlons.surveys.model import MAX_COMMENT, SCALES, Invitation, range_of, spoken

_STYLE = """
fieldset{border:0;margin:0 0 16px;padding:0;min-width:0}
legend,.label{padding:0;margin:0 0 10px;font-weight:600;font-size:17px;line-height:1.35;display:block}
.steps{display:grid;gap:8px;grid-template-columns:repeat(auto-fit,minmax(44px,1fr))}
.list{display:grid;gap:8px}
.steps label,.list label{display:flex;align-items:center;gap:10px;min-height:44px;padding:6px 12px;border:1px solid var(--line);
border-radius:8px;cursor:pointer}
.steps label{flex-direction:column;justify-content:center;gap:2px;padding:6px 2px;font-variant-numeric:tabular-nums}
label:has(:checked){background:var(--pick);border-color:var(--accent)}
input[type=radio]{width:18px;height:18px;margin:0;accent-color:var(--accent);flex:none}
.ends{display:flex;justify-content:space-between;gap:16px;margin:8px 0 0;color:var(--soft);font-size:14px}
.ends span:last-child{text-align:right}
textarea{width:100%;min-height:96px;padding:10px;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);
border-radius:8px;margin:0 0 16px}
label:focus-within,textarea:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.opt{font-weight:400;color:var(--soft);font-size:14px}
.bad{margin:0 0 12px;color:var(--bad);font-weight:600}
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows besides the question."""

    firm: str
    minutes: int | None = None
    """For so long he may change what he answered; None: he has not answered."""
    fault: str = ""
    """What is missing, in his language."""
    score: int | None = None
    comment: str = ""


def question_page(one: Invitation, shown: Shown) -> str:
    """The form, filled with what was answered before."""
    language = one.language
    thanked = shown.minutes is not None
    heading = texts.thanks(one.words, language) if thanked else texts.line("title", language)
    parts = [f'<p class="firm">{escape(shown.firm)}</p>', f"<h1>{escape(heading)}</h1>"]
    if thanked:
        parts.append(f"<p>{escape(texts.line('changeable', language, minutes=shown.minutes))}</p>")
    if shown.fault:
        parts.append(f'<p class="bad" role="alert" id="fault">{escape(shown.fault)}</p>')
    parts.append(f'<form method="post">{_question(one, shown)}{_comment(one, shown)}')
    send = texts.line("change" if thanked else "send", language)
    parts.append(f'<button type="submit">{escape(send)}</button></form>')
    return whole(language, f"{heading} - {shown.firm}", "".join(parts), style=_STYLE)


def two_languages(code: str) -> str:
    """For who cannot be known: both languages, one after the other."""
    english = f"<h1>{escape(texts.line(f'{code}-title', 'en'))}</h1><p>{escape(texts.line(code, 'en'))}</p>"
    french = f"<h2>{escape(texts.line(f'{code}-title', 'fr'))}</h2><p>{escape(texts.line(code, 'fr'))}</p>"
    return whole("en", texts.line(f"{code}-title", "en"), f'{english}<div lang="fr">{french}</div>')


def _question(one: Invitation, shown: Shown) -> str:
    question = escape(spoken(one.words.question, one.language))
    limits = range_of(one.kind, one.words)
    if limits is None:
        return _area(f'<label class="label" for="comment">{question}</label>', shown.comment, required=True)
    marked = "" if not shown.fault else ' aria-describedby="fault"'
    choices = "".join(
        f'<label><input type="radio" name="score" value="{score}" required'
        f"{' checked' if score == shown.score else ''}> <span>{escape(label)}</span></label>"
        for score, label in texts.choices(one.kind, one.words, one.language)
    )
    if one.kind not in SCALES:
        return f'<fieldset{marked}><legend>{question}</legend><div class="list">{choices}</div></fieldset>'
    worst, best = texts.ends(one.kind, one.language)
    low, high = limits
    colon = "\u00a0:" if one.language == "fr" else ":"
    ends = f'<p class="ends"><span>{low}{colon} {escape(worst)}</span><span>{high}{colon} {escape(best)}</span></p>'
    return f'<fieldset{marked}><legend>{question}</legend><div class="steps">{choices}</div>{ends}</fieldset>'


def _comment(one: Invitation, shown: Shown) -> str:
    if range_of(one.kind, one.words) is None or one.words.comment is None:
        return ""
    optional = escape(texts.line("optional", one.language))
    asked = escape(spoken(one.words.comment, one.language))
    label = f'<label class="label" for="comment">{asked} <span class="opt">({optional})</span></label>'
    return _area(label, shown.comment)


def _area(label: str, text: str, *, required: bool = False) -> str:
    needs = " required" if required else ""
    return f'{label}<textarea id="comment" name="comment" maxlength="{MAX_COMMENT}"{needs}>{escape(text)}</textarea>'
