/**
 * Notifications on this device while nobody looks at the desk: whether they can be had here, switching them on and off, and
 * keeping the server's knowledge of this browser fresh. They belong to the person who switched them on: whoever signs in
 * after him in the same browser gets none.
 */
import { get, put, remove } from "@parlons/client/http.ts";
import { create } from "zustand";
import { go, parse } from "../data/route.ts";
import { beforeSignOut, useSession } from "../data/session.ts";
import { wanted } from "../i18n/index.ts";

/** `insecure`: plain http from another machine; `absent`: the browser has no push; `denied`: the person said no to the browser. */
export type PushState = "insecure" | "absent" | "denied" | "off" | "on" | "failed";

interface Push {
  state: PushState;
  names: boolean;
  busy: boolean;
}

const KEPT = "parlons.push";

interface Kept {
  user: string;
  device: string;
  names: boolean;
}

export const usePush = create<Push>(() => ({ state: "off", names: false, busy: false }));

function kept(): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

const me = (): string | undefined => useSession.getState().me?.user.id;

/** What stands in the way, or null. */
function obstacle(): PushState | null {
  if (!window.isSecureContext) return "insecure";
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return "absent";
  return Notification.permission === "denied" ? "denied" : null;
}

/** The page's own notifications are left out where the server's are shown. */
export const pushed = (): boolean => usePush.getState().state === "on";

async function registered(): Promise<ServiceWorkerRegistration> {
  await navigator.serviceWorker.register("/app/sw.js", { scope: "/app/" });
  return navigator.serviceWorker.ready;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (each) => each.charCodeAt(0));
}

async function tell(subscription: PushSubscription, names: boolean): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  const { user } = useSession.getState().me ?? {};
  const device = await put<{ id: string }>("/me/push", {
    address: endpoint,
    public_key: keys?.p256dh,
    secret: keys?.auth,
    locale: wanted(user?.locale),
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    names,
  });
  localStorage.setItem(KEPT, JSON.stringify({ user: user?.id, device: device.id, names }));
  usePush.setState({ state: "on", names });
}

/** Asks the browser, then the server; call it from the person's own act. */
export async function switchOn(names = false): Promise<void> {
  if (usePush.getState().busy) return;
  usePush.setState({ busy: true });
  try {
    if ((await Notification.requestPermission()) !== "granted") {
      usePush.setState({ state: obstacle() ?? "off" });
      return;
    }
    const registration = await registered();
    const { public_key } = await get<{ public_key: string }>("/me/push");
    const options = { userVisibleOnly: true, applicationServerKey: bytes(public_key) };
    await tell(
      (await registration.pushManager.getSubscription()) ?? (await registration.pushManager.subscribe(options)),
      names,
    );
  } catch {
    usePush.setState({ state: "failed" });
  } finally {
    usePush.setState({ busy: false });
  }
}

/** Nothing is shown here any more; also when he signs out. */
export async function switchOff(): Promise<void> {
  const known = kept();
  localStorage.removeItem(KEPT);
  usePush.setState({ state: obstacle() ?? "off" });
  if (known) await remove(`/me/push/${known.device}`).catch(() => undefined);
  if (obstacle()) return;
  const registration = await navigator.serviceWorker.getRegistration("/app/");
  await (await registration?.pushManager.getSubscription())?.unsubscribe().catch(() => undefined);
}

/** At each opening: the browser may have a new address, the session is a new one, another person may sit here. */
async function refresh(): Promise<void> {
  const known = kept();
  const blocked = obstacle();
  if (blocked || !known) return usePush.setState({ state: blocked ?? "off", names: false });
  const registration = await registered();
  const subscription = await registration.pushManager.getSubscription();
  if (known.user !== me() || !subscription || Notification.permission !== "granted") return switchOff();
  usePush.setState({ state: "on", names: known.names });
  return tell(subscription, known.names);
}

function heard(event: MessageEvent): void {
  const to = (event.data as { go?: unknown } | null)?.go;
  if (typeof to === "string" && to.startsWith("/app/")) go(parse(to));
}

beforeSignOut.push(switchOff);

/** Call once signed in; returns what ends it. */
export function listenToPush(): () => void {
  void refresh().catch(() => undefined);
  const worker = window.isSecureContext ? navigator.serviceWorker : undefined;
  worker?.addEventListener("message", heard);
  worker?.startMessages();
  return () => worker?.removeEventListener("message", heard);
}
