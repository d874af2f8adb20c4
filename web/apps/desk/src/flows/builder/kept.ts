/** The draft of a person, in his browser: it outlives a reload, a crash and a sign-out. */
export interface KeptDraft {
  text: string;
  /** The version it began from. */
  version: number;
  at: string;
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
