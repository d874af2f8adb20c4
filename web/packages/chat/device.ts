/** What is kept on the visitor's device, and when: nothing at all until he writes or consents (`allow`). */
import type { Pending } from "./state.ts";

export interface Kept {
  token: string | null;
  consented: boolean;
  pending: Pending[];
  /** What he said of notifications. */
  push?: "on" | "no";
}

const nothing: Kept = { token: null, consented: false, pending: [] };

export class Device {
  #name: string;
  #memory: Kept = nothing;

  constructor(widgetKey: string) {
    this.#name = `parlons:${widgetKey}`;
  }

  read(): Kept {
    try {
      const stored = localStorage.getItem(this.#name);
      if (stored) this.#memory = { ...nothing, ...(JSON.parse(stored) as Partial<Kept>) };
    } catch {
      // Storage forbidden: the visit lives as long as the page.
    }
    return this.#memory;
  }

  /** Only called once the visitor has written or consented. */
  write(change: Partial<Kept>): void {
    const before = JSON.stringify(this.read());
    this.#memory = { ...this.read(), ...change };
    const after = JSON.stringify(this.#memory);
    // What another tab keeps at this moment is not overwritten with what it was before.
    if (after === before) return;
    try {
      if (after === JSON.stringify(nothing)) localStorage.removeItem(this.#name);
      else localStorage.setItem(this.#name, after);
    } catch {
      // See read().
    }
  }

  forget(): void {
    this.#memory = nothing;
    try {
      localStorage.removeItem(this.#name);
      sessionStorage.removeItem(this.#name);
    } catch {
      // See read().
    }
  }

  /** Whether the panel was open on the page before: known only within a visit. */
  wasOpen(): boolean {
    try {
      return sessionStorage.getItem(this.#name) === "open";
    } catch {
      return false;
    }
  }

  keepOpen(open: boolean): void {
    try {
      if (open) sessionStorage.setItem(this.#name, "open");
      else sessionStorage.removeItem(this.#name);
    } catch {
      // See read().
    }
  }

  /** Tells when another tab of the same shop changed what is kept. */
  watch(changed: (kept: Kept) => void): void {
    addEventListener("storage", (event) => {
      if (event.key === this.#name || event.key === null) {
        this.#memory = nothing;
        changed(this.read());
      }
    });
  }
}
