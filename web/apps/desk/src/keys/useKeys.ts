/** Listens once for the whole desk and hands presses to whoever stands for the command now (the latest mounted). */
import i18next from "i18next";
import { useEffect, useRef } from "react";
import { keptPreferences, useSession } from "../data/session.ts";
import { type Command, KEYMAP, type Moved, match, pressed, printed } from "./keymap.ts";

type Handler = (state?: number) => void;

const handlers = new Map<Command, Handler[]>();
let first: { press: string; at: number } | null = null;

/** Binds a command while the component is on screen. */
export function useCommand(command: Command, handler: Handler, enabled = true): void {
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => {
    if (!enabled) return;
    const own: Handler = (state) => latest.current(state);
    const stack = handlers.get(command) ?? [];
    handlers.set(command, [...stack, own]);
    return () =>
      void handlers.set(
        command,
        (handlers.get(command) ?? []).filter((each) => each !== own),
      );
  }, [command, enabled]);
}

/** The commands somebody on screen stands for now, in the order of the keymap. */
export const standing = (): Command[] => (Object.keys(KEYMAP) as Command[]).filter((each) => handlers.get(each)?.length);

/** Does what the command's key would do now. */
export const perform = (command: Command): void => handlers.get(command)?.at(-1)?.();

function inField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]") !== null
  );
}

const preference = (): Moved => useSession.getState().me?.user.keymap ?? keptPreferences().keymap ?? {};

function onKey(event: KeyboardEvent): void {
  if (event.isComposing || event.defaultPrevented || event.repeat) return;
  const own = preference();
  const letters = own.letters !== "off" && !inField(event.target);
  const waiting = first && Date.now() - first.at < 1500 ? first.press : null;
  first = null;
  const found = match(pressed(event), waiting, letters, own);
  if (!found) return;
  if ("waiting" in found) {
    first = { press: found.waiting, at: Date.now() };
    return;
  }
  const handler = handlers.get(found.command)?.at(-1);
  if (!handler) return;
  event.preventDefault();
  handler(found.state);
}

export function listenForKeys(): () => void {
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}

/** The key as printed on a button or in a tooltip, in the person's language. */
export function keyLabel(command: Command): string {
  const words = { ctrl: i18next.t("key.ctrl"), shift: i18next.t("key.shift"), enter: i18next.t("key.enter") };
  return printed(command, words, preference());
}
