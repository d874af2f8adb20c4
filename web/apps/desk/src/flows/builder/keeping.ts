/** Keeps the draft: in the browser at once, on the server one after the other; what changed elsewhere is never overwritten. */
import { type Draft, draftsNow, isElsewhere, keepOnServer, type Written } from "./drafts.ts";
import { forgetDraft, keepDraft } from "./kept.ts";
import { keepNow, typed, useBuilder } from "./store.ts";

interface Wanted {
  person: string;
  flow: string;
  /** Null: there is no draft any more. */
  text: string | null;
  version: number;
}

let waiting: Wanted | null = null;
let busy = false;
/** What the server has. */
let kept: Wanted | null = null;

export function keep(wanted: Wanted): void {
  if (waiting === null && kept?.flow === wanted.flow && kept.text === wanted.text) return;
  useBuilder.setState({ unkept: inBrowser(wanted, false) ? null : "nowhere" });
  waiting = wanted;
  if (!busy) void send();
}

function inBrowser({ person, flow, text, version }: Wanted, sent: boolean): boolean {
  if (text !== null) return keepDraft(person, flow, { text, version, at: new Date().toISOString(), etag: useBuilder.getState().etag, sent });
  forgetDraft(person, flow);
  return true;
}

/** One of two drafts of one's own, or that of a colleague: it is gone on with, and can be undone. */
export function goOnWith(other: Written): void {
  if (other.mine) useBuilder.setState({ etag: other.etag, clash: null });
  typed(other.text);
  keepNow();
}

/** One's own of another machine is given up for the one that is here. */
export function keepThis(): void {
  useBuilder.setState(({ clash }) => ({ etag: clash?.etag ?? null, clash: null }));
  keepNow();
}

async function send(): Promise<void> {
  busy = true;
  while (waiting && !useBuilder.getState().clash) {
    const wanted = waiting;
    waiting = kept = null;
    try {
      took(wanted, await keepOnServer(wanted.flow, wanted.text, wanted.version, useBuilder.getState().etag));
    } catch (error) {
      await (isElsewhere(error) ? elsewhere(wanted) : Promise.reject(error)).catch(() => {
        useBuilder.setState((state) => ({ unkept: wanted.text === null ? null : (state.unkept ?? "server") }));
      });
    }
  }
  busy = false;
}

function took(wanted: Wanted, all: Draft[]): void {
  if (useBuilder.getState().live?.state.id !== wanted.flow) return;
  useBuilder.setState({ etag: all.find(({ mine }) => mine)?.etag ?? null, others: all.filter(({ mine }) => !mine), unkept: null });
  kept = wanted;
  if (waiting === null && wanted.text !== null) inBrowser(wanted, true);
}

async function elsewhere(wanted: Wanted): Promise<void> {
  const { own } = await draftsNow(wanted.flow);
  if (useBuilder.getState().live?.state.id !== wanted.flow) return;
  if (own && own.text !== wanted.text) return useBuilder.setState({ clash: own });
  useBuilder.setState({ etag: own?.etag ?? null });
  if (!own) waiting ??= wanted;
}
