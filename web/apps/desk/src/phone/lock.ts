/** One tab holds the phone. Web Locks free themselves when a tab closes or crashes; a tab may take the phone over. */

const NAME = "parlons.phone";

export interface Hold {
  release: () => void;
}

/**
 * Waits for the phone. `held` is called when it is ours, `lost` when another tab took it. `steal`: take it at once.
 * Without Web Locks (plain http) every tab believes it is the only one; such a page has no microphone anyway.
 */
export function hold(held: () => void, lost: () => void, steal = false): Hold {
  let release = () => undefined as void;
  let released = false;
  if (!("locks" in navigator)) {
    held();
    return { release };
  }
  const wait = new AbortController();
  const mine = new Promise<void>((done) => {
    release = () => {
      released = true;
      done();
    };
  });
  const body = () => {
    if (released) return undefined;
    held();
    return mine;
  };
  const options: LockOptions = steal ? { steal: true } : { signal: wait.signal };
  navigator.locks.request(NAME, options, body).catch(() => {
    if (!released) lost();
  });
  return {
    release: () => {
      release();
      wait.abort();
    },
  };
}
