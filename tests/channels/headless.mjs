// A screen of one's own in few lines: the module against a real server. Each line on stdin is an order, each on stdout what it heard.
import { createInterface } from "node:readline";

const [origin, module] = process.argv.slice(2);
const kept = new Map();
globalThis.localStorage = {
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, value) => kept.set(name, value),
  removeItem: (name) => kept.delete(name),
};
globalThis.document = { visibilityState: "visible", title: "App", querySelectorAll: () => [], querySelector: () => null };
globalThis.addEventListener = document.addEventListener = () => {};
globalThis.location = { pathname: "/app/orders", href: "app://orders" };
globalThis.XMLHttpRequest = class {
  upload = {};
  open(method, url) {
    Object.assign(this, { method, url, headers: {} });
  }
  setRequestHeader(name, value) {
    this.headers[name] = value;
  }
  async send(body) {
    const answer = await fetch(this.url, { method: this.method, headers: this.headers, body });
    this.status = answer.status;
    this.responseText = await answer.text();
    this.onload();
  }
};

const { connect } = await import(module);
const say = (what, data) => process.stdout.write(`${JSON.stringify([what, data])}\n`);
const chat = connect({ origin, widget: "delmas", language: "fr" });
for (const kind of ["message", "conversation", "typing", "line", "notice"]) chat.on(kind, (news) => say(kind, news));
const orders = {
  config: async () => say("config", await chat.config()),
  send: async (text) => say("sent", await chat.send(text)),
  file: async (name) => say("sent", await chat.send("", [new File(["bonjour"], name, { type: "text/plain" })])),
  typing: () => chat.typing(),
  unread: () => say("unread", chat.unread),
  read: async () => say("read", await chat.read().then(() => chat.unread)),
  close: () => say("closed", chat.close() ?? chat.line),
};
for await (const line of createInterface({ input: process.stdin })) {
  const [order, value] = JSON.parse(line);
  await orders[order](value);
}
process.exit(0);
