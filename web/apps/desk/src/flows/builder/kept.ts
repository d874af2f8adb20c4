/** The draft of a person as his browser keeps it, beside the server: it outlives a reload, a crash, and a server out of reach. */
export interface KeptDraft {
  text: string;
  /** The version it began from. */
  version: number;
  at: string;
  /** Of the server's draft of which this was made; null: there was none. */
  etag: string | null;
  /** Whether the server has it. */
  sent: boolean;
}

const key = (person: string, flow: string): string => `parlons.flow.${person}.${flow}`;

export function keptDraft(person: string, flow: string): KeptDraft | null {
  try {
    const found = JSON.parse(localStorage.getItem(key(person, flow)) ?? "null") as KeptDraft | null;
    return found && typeof found.text === "string" ? found : null;
  } catch {
    return null;
  }
}

/** False: the browser has no room, or keeps nothing. */
export function keepDraft(person: string, flow: string, draft: KeptDraft): boolean {
  try {
    localStorage.setItem(key(person, flow), JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export function forgetDraft(person: string, flow: string): void {
  try {
    localStorage.removeItem(key(person, flow));
  } catch {
    // nothing was kept
  }
}
