/** A draft as its form holds it, and as the server takes it. Pure. */
import type { Account, Segment, Send, Wanted, Words } from "./sends.ts";

export interface Condition {
  name: string;
  values: string;
}

export interface Form {
  name: string;
  account_id: string;
  purpose: Wanted["purpose"];
  texts: Record<string, Words>;
  /** A list is uploaded instead of a segment. */
  listed: boolean;
  languages: string[];
  conditions: Condition[];
  proven: boolean;
  /** Local date and time; empty: at once. */
  starts: string;
  perSecond: string;
}

export const LANGUAGES = ["fr", "en"];
export const NO_WORDS: Words = { text: "", subject: "", template: "", values: [] };

const two = (value: number) => String(value).padStart(2, "0");

/** What a field of local time shows for a moment. */
export function localTime(at: string | null): string {
  if (!at) return "";
  const d = new Date(at);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

export function formOf(send: Send | null, accounts: Account[]): Form {
  const { segment } = send ?? { segment: { languages: [], attributes: {}, proven: false } as Segment };
  return {
    name: send?.name ?? "",
    account_id: send?.account_id ?? accounts[0]?.id ?? "",
    purpose: send?.purpose ?? "marketing",
    texts: send?.texts ?? {},
    listed: segment === null,
    languages: segment?.languages ?? [],
    conditions: Object.entries(segment?.attributes ?? {}).map(([name, values]) => ({ name, values: values.join(", ") })),
    proven: segment?.proven ?? false,
    starts: localTime(send?.starts_at ?? null),
    perSecond: send?.per_second == null ? "" : String(send.per_second),
  };
}

const parts = (text: string): string[] =>
  text
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);

/** As the server takes it; languages without words are left out. */
export function wantedOf(form: Form, subject: boolean, zone: string): Wanted {
  const conditions = form.conditions.filter(({ name, values }) => name.trim() && parts(values).length > 0);
  const written = Object.entries(form.texts).filter(([, one]) => one.text.trim() || one.template);
  return {
    name: form.name,
    account_id: form.account_id,
    purpose: form.purpose,
    texts: Object.fromEntries(written.map(([language, one]) => [language, { ...one, subject: subject ? one.subject : "" }])),
    segment: form.listed
      ? null
      : {
          languages: form.languages,
          attributes: Object.fromEntries(conditions.map(({ name, values }) => [name.trim(), parts(values)])),
          proven: form.proven,
        },
    zone,
    starts_at: form.starts ? new Date(form.starts).toISOString() : null,
    per_second: form.perSecond.trim() ? Number(form.perSecond.replace(",", ".")) : null,
  };
}
