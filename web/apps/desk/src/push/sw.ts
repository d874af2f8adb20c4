/**
 * The desk's service worker: shows what the server pushes and brings the desk forward when it is pressed. It answers no
 * requests and keeps nothing: no page, no name, no text stands in a cache. Imports nothing, so it is one file at /app/sw.js.
 *
 * A contact is taken only by the notification's own button; a press on the notification shows the offer.
 */
interface Told {
  kind: "offer" | "message" | "colleague" | "mention";
  tag: string;
  title: string;
  body: string;
  lang: string;
  call: boolean;
  conversation_id?: string | null;
  discussion_id?: string;
  reservation_id?: string;
  take?: string;
  open?: string;
}

interface Screen {
  focused: boolean;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

interface Moment extends Event {
  waitUntil(work: Promise<unknown>): void;
  data?: { json(): unknown };
  action?: string;
  notification?: Notification;
}

interface WorkerScope {
  registration: ServiceWorkerRegistration;
  clients: {
    claim(): Promise<void>;
    matchAll(options: object): Promise<Screen[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(kind: string, heard: (event: Moment) => void): void;
}

const own = self as unknown as WorkerScope;
const ICON = "/app/icon-192.png";

const screens = () => own.clients.matchAll({ type: "window", includeUncontrolled: true });

/** The server does not push to who looks; a screen that came to the front meanwhile, or hangs on another server, is seen here. */
async function show(told: Told): Promise<void> {
  if ((await screens()).some((each) => each.focused)) return;
  const actions = told.take
    ? [
        { action: "take", title: told.take },
        { action: "open", title: told.open },
      ]
    : [];
  const options = {
    body: told.body,
    tag: told.tag,
    lang: told.lang,
    icon: ICON,
    badge: "/app/badge-96.png",
    data: told,
    actions,
    renotify: true,
    requireInteraction: told.call,
  };
  await own.registration.showNotification(told.title, options as NotificationOptions);
}

function place({ conversation_id, discussion_id }: Told): string {
  if (discussion_id) return `/app/colleagues/${encodeURIComponent(discussion_id)}`;
  return conversation_id ? `/app/c/${encodeURIComponent(conversation_id)}` : "/app/";
}

/** Takes the offer; whether it is his now. */
async function take(told: Told): Promise<boolean> {
  const headers = { "x-parlons": "1", "content-type": "application/json", "idempotency-key": `push-${told.tag}` };
  const path = `/api/v1/reservations/${told.reservation_id ?? ""}/accept`;
  try {
    return (await fetch(path, { method: "POST", headers, body: "{}", credentials: "same-origin" })).ok;
  } catch {
    return false;
  }
}

/** A screen that is open goes there and comes forward; else one is opened. */
async function bring(path: string): Promise<void> {
  const [first] = await screens();
  if (!first) {
    await own.clients.openWindow(path);
    return;
  }
  first.postMessage({ go: path });
  await first.focus().catch(() => undefined);
}

async function pressed(told: Told, action: string): Promise<void> {
  if (told.kind !== "offer") return bring(place(told));
  const taken = action === "take" && (await take(told));
  return bring(taken ? place(told) : "/app/");
}

own.addEventListener("install", (event) => event.waitUntil(own.skipWaiting()));
own.addEventListener("activate", (event) => event.waitUntil(own.clients.claim()));
own.addEventListener("push", (event) => {
  if (event.data) event.waitUntil(show(event.data.json() as Told));
});
own.addEventListener("notificationclick", (event) => {
  const { notification } = event;
  if (!notification) return;
  notification.close();
  event.waitUntil(pressed(notification.data as Told, event.action ?? ""));
});
