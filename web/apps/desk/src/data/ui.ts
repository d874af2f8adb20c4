/** What only this screen knows: panels, toasts, the pending undoable act, who is typing. */
import { create } from "zustand";

export type ContextTab = "customer" | "history" | "notes" | "why" | "wrapup";

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad";
  undo?: () => void;
  /** Where the news stands. */
  open?: () => void;
  reference?: string | null;
}

/** Whose routing is being explained in the side panel. */
export interface WhyTarget {
  /** Gets the focus back when the panel closes. */
  opener?: Element | null;
  taskId: string;
  title: string;
}

interface Ui {
  tab: ContextTab;
  /** Below 1241 px the context opens as an overlay. */
  contextOpen: boolean;
  why: WhyTarget | null;
  palette: boolean;
  toast: Toast | null;
  typing: Record<string, number>;
  /** The colleague who is answering in a conversation at this moment. */
  answering: Record<string, { name: string; until: number }>;
  announced: { text: string; assertive: boolean; id: number };
  /** Conversations offered to somebody else, and to whom. */
  transferring: Record<string, string>;
  /** Conversations whose closing waits for its ten seconds. */
  leaving: Record<string, true>;
  missed: Record<string, { name: string; until: number }>;
  menu: "transfer" | "snooze" | "assign" | "merge" | null;
}

export const useUi = create<Ui>(() => ({
  tab: "customer",
  contextOpen: false,
  why: null,
  palette: false,
  toast: null,
  typing: {},
  answering: {},
  announced: { text: "", assertive: false, id: 0 },
  transferring: {},
  leaving: {},
  missed: {},
  menu: null,
}));

let counter = 0;
let hide: ReturnType<typeof setTimeout> | undefined;
let pending: { run: () => void; timer: ReturnType<typeof setTimeout> } | null = null;

const set = useUi.setState;

/** Says a sentence to screen readers, once. */
export function announce(text: string, assertive = false): void {
  counter += 1;
  set({ announced: { text, assertive, id: counter } });
}

export function toast(text: string, more: Partial<Toast> = {}, seconds = 6): void {
  counter += 1;
  clearTimeout(hide);
  set({ toast: { id: counter, text, tone: "plain", ...more } });
  hide = setTimeout(() => set({ toast: null }), seconds * 1000);
}

/** Keeps the toast while it is read (pointer or focus on it). */
export function holdToast(held: boolean): void {
  clearTimeout(hide);
  if (!held) hide = setTimeout(() => set({ toast: null }), 4000);
}

/** Does `act` after ten seconds unless undone; a second undoable act, or leaving the page, does the first at once. */
export function undoable(text: string, act: () => void, undone: () => void): void {
  settle();
  const timer = setTimeout(settle, 10_000);
  pending = { run: act, timer };
  toast(
    text,
    {
      undo: () => {
        if (!pending) return;
        clearTimeout(pending.timer);
        pending = null;
        set({ toast: null });
        undone();
      },
    },
    10,
  );
}

/** Carries out the waiting act now. */
export function settle(): void {
  if (!pending) return;
  const { run, timer } = pending;
  pending = null;
  clearTimeout(timer);
  run();
}

/** Undoes what the toast offers to undo. */
export const undoLast = (): void => useUi.getState().toast?.undo?.();

export const without = <T>(map: Record<string, T>, key: string): Record<string, T> => {
  const { [key]: _, ...rest } = map;
  return rest;
};

addEventListener("pagehide", settle);
