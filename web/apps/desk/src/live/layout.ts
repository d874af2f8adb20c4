/** How the person has the Live page: asked of the server once, changed at once on the screen, kept a moment later. */
import { type Layout, SECTIONS } from "@parlons/client/floor.ts";
import { get, put } from "@parlons/client/http.ts";
import { useEffect } from "react";
import { create } from "zustand";
import { attempt } from "../data/actions.ts";

const KEEP_MS = 600;
const FIRST: Layout = { view: "table", order: "attention", sections: [...SECTIONS], queue_ids: [] };

const useStore = create<{ layout: Layout; asked: boolean }>(() => ({ layout: FIRST, asked: false }));
let timer: ReturnType<typeof setTimeout> | undefined;

let sending: Promise<unknown> = Promise.resolve();

/** One request at a time: two on their way at once may arrive in the other order, and the older layout would stay. */
function keep(leaving: boolean): void {
  clearTimeout(timer);
  timer = undefined;
  const send = () => attempt(put("/me/layout", useStore.getState().layout, { keepalive: leaving }));
  sending = leaving ? send() : sending.then(send);
}

export function changeLayout(part: Partial<Layout>): void {
  useStore.setState(({ layout }) => ({ layout: { ...layout, ...part }, asked: true }));
  clearTimeout(timer);
  timer = setTimeout(() => keep(false), KEEP_MS);
}

addEventListener("pagehide", () => timer && keep(true));

/** Null until the server has said how it was left: the page does not jump. */
export function useLayout(): Layout | null {
  const { layout, asked } = useStore();
  useEffect(() => {
    const leave = new AbortController();
    get<Layout>("/me/layout", leave.signal)
      .then((kept) => timer || useStore.setState({ layout: kept, asked: true }))
      .catch(() => leave.signal.aborted || useStore.setState({ asked: true }));
    return () => leave.abort();
  }, []);
  return asked ? layout : null;
}
