/**
 * The service worker of notifications, /widget-push.js. The firm's site serves one line that imports it, so that it runs on the
 * site's own origin. It answers no requests and keeps nothing. Imports nothing, so that it is one file.
 *
 * The server does not push to who looks; a page that came to the front meanwhile is seen here.
 */
export {};

interface Told {
  tag: string;
  title: string;
  body: string;
  lang: string;
  url: string;
}

interface Page {
  url: string;
  visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

interface Moment extends Event {
  waitUntil(work: Promise<unknown>): void;
  data?: { json(): unknown };
  notification?: Notification;
}

interface WorkerScope {
  registration: ServiceWorkerRegistration;
  clients: { matchAll(options: object): Promise<Page[]>; openWindow(url: string): Promise<unknown> };
  skipWaiting(): Promise<void>;
  addEventListener(kind: string, heard: (event: Moment) => void): void;
}

const own = self as unknown as WorkerScope;

const pages = () => own.clients.matchAll({ type: "window", includeUncontrolled: true });

async function show({ tag, title, body, lang, url }: Told): Promise<void> {
  if ((await pages()).some((each) => each.visibilityState === "visible")) return;
  const options = { body, tag, lang, data: { parlons: url }, renotify: true };
  await own.registration.showNotification(title, options as NotificationOptions);
}

/** A page of the site that is open opens its chat and comes forward; else the page is opened on which he accepted. */
async function bring(url: string): Promise<void> {
  const [first] = await pages();
  if (!first) {
    await own.clients.openWindow(url);
    return;
  }
  first.postMessage({ parlons: "open" });
  await first.focus().catch(() => undefined);
}

own.addEventListener("install", (event) => event.waitUntil(own.skipWaiting()));
own.addEventListener("push", (event) => {
  const told = event.data?.json() as Partial<Told> | undefined;
  if (told?.tag && told.url) event.waitUntil(show(told as Told));
});
own.addEventListener("notificationclick", (event) => {
  const { parlons } = (event.notification?.data ?? {}) as { parlons?: string };
  if (!parlons) return;
  event.notification?.close();
  event.waitUntil(bring(parlons));
});
