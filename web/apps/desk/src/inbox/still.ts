/** A list keeps its order while the pointer or the focus is on it: nothing moves under the hand. */
import { type RefObject, useEffect, useReducer, useRef } from "react";

const MOVES = ["pointerenter", "pointerleave", "focusin", "focusout"];

export function useStill<T extends { id: string }>(items: T[], place: RefObject<HTMLElement | null>): T[] {
  const [, look] = useReducer((count: number) => count + 1, 0);
  const order = useRef<string[]>([]);
  useEffect(() => {
    const node = place.current;
    if (!node) return;
    const later = () => setTimeout(look, 0);
    for (const event of MOVES) node.addEventListener(event, later);
    return () => {
      for (const event of MOVES) node.removeEventListener(event, later);
    };
  }, [place]);
  // asked of the page itself: a render between a focus and its event must not move the row that was just focused
  const node = place.current;
  const busy = node !== null && (node.matches(":hover") || node.contains(document.activeElement));
  if (!busy) {
    order.current = items.map((each) => each.id);
    return items;
  }
  const rank = new Map(order.current.map((id, index) => [id, index]));
  const kept = [...items].sort((a, b) => (rank.get(a.id) ?? 1e9) - (rank.get(b.id) ?? 1e9));
  order.current = kept.map((each) => each.id);
  return kept;
}
