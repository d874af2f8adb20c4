/** A flow and a catalogue for the tests of the builder, as the server tells them. */
import type { Catalogue, Kind } from "./kinds.ts";
import { type Dict } from "./value.ts";
import { isRead, read } from "./yaml.ts";

const step = (name: string) => ({ name, type: "step", null: true, default: null, group: "ways" as const });
const kind = (word: string, category: string, ways: string[], more: Partial<Kind> = {}): Kind => ({
  kind: word, category, person: category === "people", waits: false, ways, words: ["text"],
  fields: [{ name: "text", type: "words", required: word === "say" || word === "ask", group: "words" }, ...ways.filter((way) => !way.includes(".")).map(step)],
  ...more,
});

const ASK = kind("ask", "asking", ["choices.*.next", "yes", "no", "next", "no_input", "failed"]);

export const CATALOGUE: Catalogue = {
  kinds: [
    kind("say", "talking", ["next"]),
    {
      ...ASK,
      fields: [
        ...ASK.fields.map((field) => (field.name === "yes" || field.name === "no" ? { ...field, only_when: { answer: ["yes_no"] } } : field)),
        { name: "answer", type: "choice", values: ["choice", "text", "yes_no"], default: "choice" },
        { name: "choices", type: "mapping", of: { type: "group", fields: [step("next"), { name: "label", type: "words" }] }, only_when: { answer: ["choice"] } },
        { name: "save", type: "variable", default: null },
      ],
    },
    kind("branch", "choosing", ["cases.*.next", "otherwise"], { fields: [{ name: "cases", type: "list", required: true, of: { type: "group", fields: [{ name: "when", type: "expression" }, step("next")] } }, step("otherwise")] }),
    kind("set", "choosing", ["next"], { fields: [{ name: "values", type: "mapping", required: true, of: { type: "value" } }, step("next")] }),
    kind("queue", "people", ["keys.*", "unserved", "overflow"]),
    kind("end", "ending", []),
  ],
  header: [],
  names: {},
};

export const FLOW = `name: Front
start: menu
languages: [en, fr]
variables: {brand: Acme}
steps:
  menu:
    do: ask
    text: {en: "Sales 9, parts 1", fr: "Ventes 9, pièces 1"}
    choices:
      9: {next: way}
      1: {label: Parts}
      0: {label: Nobody, next: bye}
    save: wish
    failed: agent
  way:
    do: branch
    cases:
    - {when: wish == 'nine' AND result.menu.digits == 9 AND tier == 'gold', next: agent}
    otherwise: bye
  agent: {do: queue, text: "Hello {customer.name}", keys: {'1': bye}}
  bye: {do: end, text: "Bye from {brand}"}
  alone: {do: say, text: Nobody comes here}
`;

export function flowOf(text = FLOW): Dict {
  const found = read(text);
  if (!isRead(found)) throw new Error(found.message);
  return found.value as Dict;
}
