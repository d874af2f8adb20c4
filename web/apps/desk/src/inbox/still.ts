/** A list keeps its order while the pointer or the focus is on it: nothing moves under the hand. */
import { type RefObject, useEffect, useRef, useState } from "react";

export function useStill<T extends { id: string }>(items: T[], place: RefObject<HTMLElement | null>): T[] {
  const [busy, setBusy] = useState(false);
  const order = useRef<string[]>([]);
  useEffect(() => {
    const node = place.current;
    if (!node) return;
    const look = () => setBusy(node.matches(":hover") || node.contains(document.activeElement));
    const events = ["pointerenter", "pointerleave", "focusin", "focusout"];
    const later = () => setTimeout(look, 0);
    for (const event of events) node.addEventListener(event, later);
    return () => {
      for (const event of events) node.removeEventListener(event, later);
    };
  }, [place]);
  if (!busy) {
    order.current = items.map((each) => each.id);
    return items;
  }
  const rank = new Map(order.current.map((id, index) => [id, index]));
  const kept = [...items].sort((a, b) => (rank.get(a.id) ?? 1e9) - (rank.get(b.id) ?? 1e9));
  order.current = kept.map((each) => each.id);
  return kept;
}
