/** A customer's records in the firm's own systems: asked for when he is opened, again after each act and while something waits. */
import { ApiError, get, newKey, patch, post } from "@parlons/client/http.ts";
import type { components } from "@parlons/client/api.d.ts";
import { useCallback, useEffect, useState } from "react";
import { create } from "zustand";
import { cause } from "../data/actions.ts";

type Api = components["schemas"];
export type InSystem = Api["CustomerRecords"];
export type Found = Api["CustomerRecord"];
export type Field = Api["RecordField"];
export type Write = Api["RecordWrite"];
export type Value = string | number | boolean | null;
export type Values = Record<string, Value>;

const SOON_MS = 1000;
const LATER_MS = 30_000;

interface Known {
  items: InSystem[];
  /** Why the last try failed; what was known before stays. */
  failed: string | null;
}

const useKnown = create<{ any: boolean; of: Record<string, Known> }>(() => ({ any: false, of: {} }));

async function load(customerId: string, fresh: boolean, signal?: AbortSignal): Promise<void> {
  const before = useKnown.getState().of[customerId]?.items ?? [];
  const told: Known = await get<Api["AllCustomerRecords"]>(`/customers/${customerId}/records${fresh ? "?fresh=true" : ""}`, signal)
    .then(({ items }) => ({ items, failed: null }))
    .catch((error: unknown) => ({ items: before, failed: error instanceof ApiError ? cause(error) : "" }));
  if (!signal?.aborted)
    useKnown.setState(({ any, of }) => ({ any: any || told.items.length > 0, of: { ...of, [customerId]: told } }));
}

/** What waits is looked at again soon, the rest now and then, while the page is seen. */
const pauseFor = (known: Known | undefined): number => (known?.items.some((each) => each.waiting > 0) ? SOON_MS : LATER_MS);

export function useRecords(customerId: string) {
  const known = useKnown((state) => state.of[customerId]);
  const any = useKnown((state) => state.any);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const leave = new AbortController();
    if (!document.hidden || turn === 0) void load(customerId, false, leave.signal);
    return () => leave.abort();
  }, [customerId, turn]);
  useEffect(() => {
    const timer = setTimeout(() => setTurn((count) => count + 1), pauseFor(known));
    return () => clearTimeout(timer);
  }, [known, turn]);
  const reload = useCallback((fresh = false) => load(customerId, fresh), [customerId]);
  /** `asking`: nothing is known yet, and there are systems to be asked. */
  return { items: known?.items ?? [], failed: known?.failed ?? null, asking: !known && any, reload };
}

const at = (customerId: string, lookupId: string): string => `/customers/${customerId}/records/${lookupId}`;

export const choose = (customerId: string, lookupId: string, recordId: string | null) =>
  post(`${at(customerId, lookupId)}/link`, { record_id: recordId });

export const makeRecord = (customerId: string, lookupId: string, values: Values) =>
  post(at(customerId, lookupId), { values }, { key: newKey() });

export const changeRecord = (customerId: string, lookupId: string, values: Values, seen: Values) =>
  patch(at(customerId, lookupId), { values, seen });

export const settle = (customerId: string, lookupId: string, to: string, keep: "ours" | "theirs") =>
  post(`${at(customerId, lookupId)}/settle`, { to, keep });

export const settleWrite = (customerId: string, writeId: string, keep: "ours" | "theirs") =>
  post(`/customers/${customerId}/records/writes/${writeId}/settle`, { keep });

/** What a field is called for this reader. */
export const labelOf = (field: Field, locale: string): string => field.label[locale] ?? Object.values(field.label)[0] ?? field.name;

export const shownValue = (value: unknown): string => (value === null || value === undefined || typeof value === "object" ? "" : String(value));

/** A record's plain values, as the server wants them back. */
export const plain = (values: Record<string, unknown>): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value === null || typeof value !== "object")) as Values;

/** The fields that were typed otherwise than they stand. */
export const typedOtherwise = (typed: Record<string, string>, seen: Record<string, unknown>): Values =>
  Object.fromEntries(Object.entries(typed).filter(([name, value]) => value.trim() !== shownValue(seen[name])).map(([name, value]) => [name, value.trim()]));
