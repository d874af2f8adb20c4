/** A draft with its way back: every edit can be undone and done again. What is typed into one field is one edit. */
import type { Dict } from "./value.ts";

export interface Drafted {
  flow: Dict;
  past: Dict[];
  future: Dict[];
  /** The field that is typed into; another one begins another edit. */
  field: string | null;
}

const MOST = 300;

export const begun = (flow: Dict): Drafted => ({ flow, past: [], future: [], field: null });

export function edited(draft: Drafted, flow: Dict, field: string | null = null): Drafted {
  if (flow === draft.flow) return draft;
  const goesOn = field !== null && field === draft.field;
  return { flow, past: goesOn ? draft.past : [...draft.past.slice(1 - MOST), draft.flow], future: [], field };
}

export function undone(draft: Drafted): Drafted {
  const flow = draft.past.at(-1);
  return flow ? { flow, past: draft.past.slice(0, -1), future: [draft.flow, ...draft.future], field: null } : draft;
}

export function redone(draft: Drafted): Drafted {
  const [flow, ...future] = draft.future;
  return flow ? { flow, past: [...draft.past, draft.flow], future, field: null } : draft;
}
