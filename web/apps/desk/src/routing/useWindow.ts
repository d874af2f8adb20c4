/** Which rows and columns of a grid stand in its window: only those are drawn, with a few around them. */
import { type RefObject, useEffect, useState } from "react";

export interface Measures {
  row: number;
  column: number;
  /** Width of the first, sticky column and height of the sticky head. */
  side: number;
  head: number;
}

export interface Part {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

const AROUND = 3;

function partOf(box: HTMLElement, { row, column, side, head }: Measures): Part {
  const rows = Math.ceil((box.clientHeight - head) / row);
  const columns = Math.ceil((box.clientWidth - side) / column);
  const top = Math.floor(box.scrollTop / row);
  const left = Math.floor(box.scrollLeft / column);
  return {
    top: Math.max(0, top - AROUND),
    bottom: top + Math.max(rows, 1) + AROUND,
    left: Math.max(0, left - AROUND),
    right: left + Math.max(columns, 1) + AROUND,
  };
}

const same = (a: Part, b: Part): boolean =>
  a.top === b.top && a.bottom === b.bottom && a.left === b.left && a.right === b.right;

/** The part to draw; `bottom` and `right` are not drawn any more. */
export function useWindow(box: RefObject<HTMLElement | null>, measures: Measures): Part {
  const { row, column, side, head } = measures;
  const [part, setPart] = useState<Part>({ top: 0, bottom: 30, left: 0, right: 16 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => {
      const seen = partOf(element, { row, column, side, head });
      setPart((before) => (same(before, seen) ? before : seen));
    };
    look();
    const watch = new ResizeObserver(look);
    watch.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      watch.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [box, row, column, side, head]);
  return part;
}
