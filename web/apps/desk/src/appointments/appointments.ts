/** Appointments of a customer and the free times of his firm, as the server tells them; times are said on the firm's clocks. */
import { get, newKey, post } from "@parlons/client/http.ts";
import { type Locale, safe } from "@parlons/ui/format.ts";

export interface Appointment {
  id: string;
  starts_at: string;
  ends_at: string;
  zone: string;
  state: "booked" | "changed" | "cancelled" | "kept" | "missed";
  about: string;
}

export interface Slots {
  zone: string;
  items: { starts_at: string; places: number }[];
}

const DAY_MS = 86_400_000;
const DAYS_AHEAD = 14;
const TAG: Record<Locale, string> = { en: "en-GB", fr: "fr-FR" };

/** Those to come, and those of the last day, of which is still to be said whether he came. */
export async function appointmentsOf(customerId: string, signal?: AbortSignal): Promise<Appointment[]> {
  const since = encodeURIComponent(new Date(Date.now() - DAY_MS).toISOString());
  const found = await get<{ items: Appointment[] }>(
    `/appointments?customer_id=${customerId}&since=${since}&state=booked&state=changed`,
    signal,
  );
  return found.items;
}

/** Whether a firm takes appointments. */
export async function takes(firmId: string, signal?: AbortSignal): Promise<boolean> {
  const found = await get<{ items: { firm_id: string; active: boolean }[] }>("/appointment-settings", signal);
  return found.items.some((each) => each.firm_id === firmId && each.active);
}

export function freeSlots(firmId: string, besides: string | null, signal?: AbortSignal): Promise<Slots> {
  const until = encodeURIComponent(new Date(Date.now() + DAYS_AHEAD * DAY_MS).toISOString());
  return get<Slots>(
    `/appointments/slots?firm_id=${firmId}&until=${until}${besides ? `&besides=${besides}` : ""}`,
    signal,
  );
}

export const book = (customerId: string, startsAt: string, about: string) =>
  post<Appointment>("/appointments", { customer_id: customerId, starts_at: startsAt, about }, { key: newKey() });
export const move = (id: string, startsAt: string) =>
  post<Appointment>(`/appointments/${id}/move`, { starts_at: startsAt }, { key: newKey() });
export const cancel = (id: string) => post<Appointment>(`/appointments/${id}/cancel`);
export const settleAs = (id: string, state: "kept" | "missed") =>
  post<Appointment>(`/appointments/${id}/settle`, { state });
export const sendPage = (conversationId: string) =>
  post(`/conversations/${conversationId}/page-link`, {}, { key: newKey() });

/** Tuesday 24 November. */
export function dayIn(at: string, zone: string, locale: Locale): string {
  return safe(
    new Date(at).toLocaleDateString(TAG[locale], { timeZone: zone, weekday: "long", day: "numeric", month: "long" }),
  );
}

/** 09:30. */
export function timeIn(at: string, zone: string, locale: Locale): string {
  return new Date(at).toLocaleTimeString(TAG[locale], {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
}

/** The free times in groups of their days, for a select. */
export function byDay(slots: Slots, locale: Locale): { group: string; items: { value: string; label: string }[] }[] {
  const groups = new Map<string, { value: string; label: string }[]>();
  for (const each of slots.items) {
    const group = dayIn(each.starts_at, slots.zone, locale);
    const items = groups.get(group) ?? [];
    items.push({ value: each.starts_at, label: timeIn(each.starts_at, slots.zone, locale) });
    groups.set(group, items);
  }
  return [...groups].map(([group, items]) => ({ group, items }));
}
