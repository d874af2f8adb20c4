/** The keyboard's twin of every drag: arrows, Enter, C, A, Delete, Alt and an arrow, undo, copy and paste. */
import { type ClipboardEvent, type KeyboardEvent, useCallback } from "react";
import { announce } from "../../data/ui.ts";
import { useTexts } from "../../i18n/index.ts";
import { copied, movedTo, pasted } from "./edit.ts";
import { type Arrow, neighbour, placesOf } from "./layout.ts";
import { stepsOf } from "./ports.ts";
import { choose, edit, placeOf, redo, removeChosen, undo, useBuilder } from "./store.ts";
import { dictOf, isDict } from "./value.ts";
import { isRead, read, write } from "./yaml.ts";

const NUDGE = 24;

/** Puts the focus on a step of the picture, once it is drawn. */
export const focusStep = (name: string): void => focusSoon(() => document.querySelector<HTMLElement>(`[data-step="${CSS.escape(name)}"]`));

const FRAMES = 60;

/** What is to have the focus may be drawn some frames later. */
function focusSoon(find: () => HTMLElement | null, left = FRAMES): void {
  requestAnimationFrame(() => {
    const found = find();
    if (found) found.focus({ preventScroll: true });
    else if (left > 0) focusSoon(find, left - 1);
  });
}

/** The first words of a step's form, else its first field. */
function focusForm(name: string): void {
  const form = `[data-form="${CSS.escape(name)}"]`;
  focusSoon(() => document.querySelector<HTMLElement>(`${form} textarea`) ?? document.querySelector<HTMLElement>(`${form} input`));
}

const inField = (target: EventTarget): boolean => target instanceof HTMLElement && target.closest("input, textarea, select, [role=dialog]") !== null;

export function useCanvasKeys(search: () => void, add: () => void) {
  const { t } = useTexts();
  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      if (inField(event.target)) return;
      const done = byKey(event, search, add, t);
      if (!done) return;
      event.preventDefault();
      event.stopPropagation();
    },
    [search, add, t],
  );
  const onCopy = useCallback(
    (event: ClipboardEvent) => {
      const { draft, chosen } = useBuilder.getState();
      if (inField(event.target) || chosen.length === 0) return;
      event.clipboardData.setData("text/plain", write(new Map([["steps", copied(draft.flow, chosen)]]), null));
      event.preventDefault();
      announce(t("drawn.copiedNow", { count: chosen.length }));
    },
    [t],
  );
  const onPaste = useCallback(
    (event: ClipboardEvent) => {
      if (inField(event.target)) return;
      const found = read(event.clipboardData.getData("text/plain"));
      const steps = isRead(found) && isDict(found.value) ? dictOf(found.value.get("steps")) : new Map();
      if (steps.size === 0) return;
      event.preventDefault();
      const { draft, catalogue } = useBuilder.getState();
      const [flow, names] = pasted(draft.flow, catalogue, steps);
      edit(flow);
      choose(...names);
      announce(t("drawn.pastedNow", { count: names.length }));
      if (names[0]) focusStep(names[0]);
    },
    [t],
  );
  return { onKeyDown, onCopy, onPaste };
}

type Say = ReturnType<typeof useTexts>["t"];

function byKey(event: KeyboardEvent, search: () => void, add: () => void, t: Say): boolean {
  const state = useBuilder.getState();
  const focused = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-step]")?.dataset.step : undefined;
  const here = focused ?? state.chosen[0] ?? [...stepsOf(state.draft.flow).keys()][0];
  const control = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (control && (key === "z" || key === "y")) {
    const again = key === "y" || event.shiftKey;
    (again ? redo : undo)();
    announce(t(again ? "drawn.redoneNow" : "drawn.undoneNow"));
    const left = useBuilder.getState().chosen[0] ?? [...stepsOf(useBuilder.getState().draft.flow).keys()][0];
    if (left) focusStep(left);
    return true;
  }
  if ((control && key === "f") || (!control && key === "/")) {
    search();
    return true;
  }
  if (control) return false;
  if (key.startsWith("Arrow") && here) return arrow(key as Arrow, here, event.altKey, focused === undefined && state.chosen.length === 0);
  if (key === "a") {
    add();
    return true;
  }
  if (key === "c" && here) {
    choose(here);
    useBuilder.setState({ connecting: { step: here, port: null } });
    return true;
  }
  if ((key === "Enter" || key === " ") && here) {
    choose(here);
    useBuilder.setState({ panel: "step" });
    focusForm(here);
    return true;
  }
  if ((key === "Delete" || key === "Backspace") && here) {
    if (!state.chosen.includes(here)) choose(here);
    const count = useBuilder.getState().chosen.length;
    removeChosen();
    announce(t("drawn.removedNow", { count }));
    const left = useBuilder.getState().chosen[0];
    if (left) focusStep(left);
    return true;
  }
  return false;
}

function arrow(key: Arrow, here: string, moving: boolean, first: boolean): boolean {
  const state = useBuilder.getState();
  if (moving) {
    const [x, y] = placeOf(state, here);
    const [dx, dy] = { ArrowLeft: [-NUDGE, 0], ArrowRight: [NUDGE, 0], ArrowUp: [0, -NUDGE], ArrowDown: [0, NUDGE] }[key] as [number, number];
    edit(movedTo(state.draft.flow, new Map([[here, [x + dx, y + dy] as const]])), `move ${here}`);
    return true;
  }
  const places = placesOf(state.catalogue, state.draft.flow, state.laid);
  const to = first ? here : neighbour(state.catalogue, state.draft.flow, places, here, key);
  if (to === null) return true;
  choose(to);
  focusStep(to);
  return true;
}
