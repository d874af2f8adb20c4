/** A customer's journey: asked for when shown, and again when he turns the page. */
import { get } from "@parlons/client/http.ts";
import type { Journey } from "@parlons/client/types.ts";
import { useEffect } from "react";
import { create } from "zustand";

const useJourneys = create<Record<string, Journey>>(() => ({}));

async function load(customerId: string, signal: AbortSignal): Promise<void> {
  const journey = await get<Journey>(`/customers/${customerId}/journey`, signal).catch(() => null);
  if (journey) useJourneys.setState({ [customerId]: journey });
}

/** `stamp` changes when the customer opens another page. */
export function useJourney(customerId: string, stamp: string | undefined): Journey | undefined {
  useEffect(() => {
    const leave = new AbortController();
    void load(customerId, leave.signal);
    return () => leave.abort();
  }, [customerId, stamp]);
  return useJourneys((journeys) => journeys[customerId]);
}
