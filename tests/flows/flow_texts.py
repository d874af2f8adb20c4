"""Flows that the tests walk."""

from parlons.flows.model import Flow
from parlons.flows.text import parse

EVERY_STEP = """
name: Everything
start: hello
language: fr
languages: [fr, en]
fallback: Sales
variables: {brand: Acme}
steps:
  hello: {do: say, text: {fr: "Bonjour, {brand}", en: "Hello, {brand}"}, next: tongue}
  tongue:
    do: ask
    text: {fr: "Pour le français, le 1. For English, press 2.", en: "For English, press 2."}
    choices: {1: {label: {fr: Français, en: Français}}, 2: {label: {fr: English, en: English}, next: english}}
    next: hours
  english: {do: language, language: en, next: hours}
  hours: {do: hours, open: who, closed: message, holiday: bye}
  who: {do: lookup_customer, next: tier, not_found: code}
  tier:
    do: branch
    cases:
      - {when: customer.attributes.tier == 'gold', next: wait}
    otherwise: code
  code:
    do: ask
    answer: digits
    text: {fr: Votre numéro de dossier, en: Your file number}
    max_digits: 6
    min_digits: 4
    save: file
    tries: 2
    no_input: wait
    failed: wait
    next: order
  order: {do: http, url: "https://shop.example/{file}", save: order, next: late, failed: wait}
  late:
    do: branch
    cases:
      - {when: order.late == true AND result.order.status == 200, next: note}
    otherwise: bye
  note: {do: set, values: {topic: late, file: "{file}", count: "{order.count}"}, next: tape}
  tape: {do: record, text: {fr: Enregistré, en: Recorded}, next: wait}
  wait:
    do: queue
    queue: Sales
    attributes: {topic: "{topic}", count: "{count}"}
    keys: {1: back, 2: out, 3: proof}
    max_waiting: 20
    overflow: message
    unserved: message
  back: {do: callback, number: "{from_number}", next: bye, withheld: message}
  out: {do: transfer, number: "+33140000000", failed: message}
  message: {do: voicemail, next: bye, empty: bye}
  bye: {do: end, text: {fr: Au revoir, en: Goodbye}}
  proof: {do: authenticate, text: {fr: Code, en: PIN}, of: "{file}", url: "https://pin.example", body: "{pin}", next: sms}
  sms: {do: one_time_code, text: {fr: Code, en: Code}, message: {fr: "{code}", en: "{code}"}, next: mail}
  mail: {do: send, text: {fr: Bonjour, en: Hello}, channel: email, next: book}
  book: {do: book, next: read}
  read: {do: articles, next: survey}
  survey: {do: survey, survey: Satisfaction, next: bot}
  bot: {do: bot, url: "wss://bot.example", next: spoken}
  spoken: {do: voice_bot, url: "wss://bot.example", text: {fr: Un instant, en: One moment}, next: meant}
  meant: {do: understand, text: {fr: Dites, en: Say}, intents: {billing: {next: order}}, next: order}
"""


def everything() -> Flow:
    """A flow with every kind of step."""
    return parse(EVERY_STEP)[0]


def flow(steps: str, *, start: str = "a", more: str = "", name: str = "F") -> Flow:
    """A flow of these steps."""
    lines = "\n".join("  " + line for line in steps.strip().splitlines())
    return parse(f"name: {name}\nstart: {start}\n{more}\nsteps:\n{lines}\n")[0]
