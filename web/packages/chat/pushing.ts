/**
 * Notifications in the visitor's browser while he is elsewhere. Asked of the browser only by his own press, taken back by another;
 * kept fresh at each page, for a browser may change its address.
 */
import type { Api } from "./api.ts";

/** `null`: nothing to say of it here. */
export type PushState = "offered" | "on" | "denied" | "failed" | null;

export interface Surroundings {
  api: Api;
  /** The site's file that imports ours. */
  worker: string;
  language: () => string;
  /** What he said of it in this browser. */
  kept: () => "on" | "no" | undefined;
  keep: (said: "on" | "no") => void;
  changed: () => void;
}

interface Key {
  available: boolean;
  public_key: string | null;
}

/** Below the worker's own folder, beside whatever worker the site has. */
const SCOPE = "parlons-push/";

function able(): boolean {
  return window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (each) => each.charCodeAt(0));
}

export class Pushing {
  state: PushState = null;
  #looked: string | null = null;

  constructor(readonly about: Surroundings) {}

  /** Whether to offer it now, or to refresh what he accepted: once a visit and page. */
  look(): void {
    const { api, kept } = this.about;
    if (!api.token || this.#looked === api.token || !able() || kept() === "no") return;
    this.#looked = api.token;
    if (kept() === "on" && Notification.permission === "granted") {
      this.#subscribe().catch(() => undefined);
      return;
    }
    if (Notification.permission === "denied") return;
    api.call<Key>("GET", "/push").then(
      ({ available }) => available && this.#set("offered"),
      () => undefined,
    );
  }

  /** Call it from the visitor's own press: the browser asks him. */
  async accept(): Promise<void> {
    if ((await Notification.requestPermission()) !== "granted")
      return this.#set(Notification.permission === "denied" ? "denied" : null);
    await this.#subscribe().catch(() => this.#set("failed"));
  }

  /** He wants none, now or any more; he is not asked again in this browser. */
  async refuse(): Promise<void> {
    const on = this.state === "on";
    this.about.keep("no");
    this.#set(null);
    if (on) await this.#stop();
  }

  /** The visit ends: whoever comes after him in this browser is told nothing of it. */
  async forget(): Promise<void> {
    this.#looked = null;
    const on = this.state === "on";
    this.#set(null);
    if (on) await this.#stop();
  }

  #set(state: PushState): void {
    this.state = state;
    this.about.changed();
  }

  get #script(): URL {
    return new URL(this.about.worker, location.href);
  }

  get #scope(): URL {
    return new URL(SCOPE, this.#script);
  }

  async #registered(): Promise<ServiceWorkerRegistration> {
    const registration = await navigator.serviceWorker.register(this.#script, { scope: this.#scope.pathname });
    // No page lies in that folder, so `navigator.serviceWorker.ready` would never come.
    const waking = registration.active ? null : (registration.installing ?? registration.waiting);
    if (waking)
      await new Promise<void>((done, failed) => {
        waking.addEventListener("statechange", () => {
          if (waking.state === "activated") done();
          if (waking.state === "redundant") failed(new Error("the service worker was not taken"));
        });
      });
    return registration;
  }

  async #subscribe(): Promise<void> {
    const { api, keep, language } = this.about;
    const { public_key } = await api.call<Key>("GET", "/push");
    if (!public_key) return;
    const { pushManager } = await this.#registered();
    const options = { userVisibleOnly: true, applicationServerKey: bytes(public_key) };
    const subscription = (await pushManager.getSubscription()) ?? (await pushManager.subscribe(options));
    const { endpoint, keys } = subscription.toJSON();
    await api.call("POST", "/push", {
      address: endpoint,
      public_key: keys?.p256dh,
      secret: keys?.auth,
      language: language(),
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      page: location.origin + location.pathname,
    });
    keep("on");
    this.#set("on");
  }

  async #stop(): Promise<void> {
    const unsubscribe = async () => {
      const registration = await navigator.serviceWorker.getRegistration(this.#scope);
      await (await registration?.pushManager.getSubscription())?.unsubscribe();
    };
    await Promise.allSettled([this.about.api.call("DELETE", "/push"), unsubscribe()]);
  }
}
