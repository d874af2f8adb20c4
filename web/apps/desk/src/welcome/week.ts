/** A week of opening hours: always, as offices are open, or one's own. */
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];
export type Week = Partial<Record<Day, string[]>>;
export type Choice = "office" | "always" | "own";

const every = (days: readonly Day[], hours: string): Week => Object.fromEntries(days.map((day) => [day, [hours]]));
const READY: Record<Exclude<Choice, "own">, Week> = {
  office: every(DAYS.slice(0, 5), "09:00-18:00"),
  always: every(DAYS, "00:00-24:00"),
};

/** `mon-fri` spelt out day by day, in the order of the week; days without hours are left out. */
function spelt(week: Record<string, string[]>): Week {
  const found: Week = {};
  for (const [key, hours] of Object.entries(week)) {
    const [first, last = first] = key.split("-") as [Day, Day?];
    const [begin, end] = [DAYS.indexOf(first), DAYS.indexOf(last)];
    const days = begin <= end ? DAYS.slice(begin, end + 1) : [...DAYS.slice(begin), ...DAYS.slice(0, end + 1)];
    for (const day of days) found[day] = hours;
  }
  return Object.fromEntries(DAYS.flatMap((day) => (found[day]?.length ? [[day, found[day]]] : [])));
}

/** A day's hours as one line of text. */
export type Texts = Partial<Record<Day, string>>;

export const textsOf = (week: Record<string, string[]>): Texts =>
  Object.fromEntries(Object.entries(spelt(week)).map(([day, hours]) => [day, hours.join(", ")]));

export function weekOfTexts(texts: Texts): Week {
  const split = (text: string) => text.split(",").map((each) => each.replace(/\s/g, "").replace(/[–—]/g, "-")).filter(Boolean);
  return spelt(Object.fromEntries(Object.entries(texts).map(([day, text]) => [day, split(text)])));
}

/** The week that a choice means. */
export const weekOf = (choice: Choice, own: Record<string, string[]>): Week =>
  choice === "own" ? spelt(own) : READY[choice];

/** The choice that says a week. */
export function choiceOf(week: Record<string, string[]>): Choice {
  const said = JSON.stringify(spelt(week));
  return (["always", "office"] as const).find((each) => JSON.stringify(READY[each]) === said) ?? "own";
}
