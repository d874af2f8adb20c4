// More files beside widget.js: `parlons-chat.js`, the chat without looks; `widget-call.js`, fetched at the first press of Call, `widget-leave.js` when the doors are
// closed, `widget-help.js` with articles for who waits, `widget-notify.js` and `widget-push.js` for notifications (the question, the service worker), and the pages
// /call/{line}, /chat/{key} and /join/{token}. One build each (`--mode widget-call`, `call-page`, ...), so that each is whole in itself.
import { copyFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(
  process.env.PARLONS_WEB_OUT ? resolve(process.env.PARLONS_WEB_OUT) : resolve(here, "../../../src/parlons/_web"),
  "widget",
);

const ENTRIES: Record<string, string> = {
  "widget-call": "src/call/widget.ts",
  "parlons-chat": "../../packages/chat/index.ts",
  "widget-leave": "src/leave/form.tsx",
  "widget-push": "src/push/worker.ts",
  "widget-notify": "src/push/ask.tsx",
  "widget-help": "src/help/offers.tsx",
  "call-page": "src/call/page.ts",
  "chat-page": "src/alone/page.ts",
  "join-page": "src/beside/page.tsx",
};

/** The page itself is as it stands. */
function page(name: string) {
  return {
    name: "parlons-call-page",
    closeBundle() {
      copyFileSync(join(here, name), join(out, name));
    },
  };
}

/** What the module without looks promises, for editors. */
function types() {
  return {
    name: "parlons-chat-types",
    closeBundle() {
      copyFileSync(join(here, "../../packages/chat/parlons-chat.d.ts"), join(out, "parlons-chat.d.ts"));
    },
  };
}

export default defineConfig(({ mode }) => ({
  root: here,
  oxc: { jsx: { runtime: "automatic", importSource: "." } },
  plugins: mode === "parlons-chat" ? [types()] : mode.startsWith("widget") ? [] : [page(mode.replace("-page", ".html"))],
  build: {
    outDir: out,
    emptyOutDir: false,
    target: "es2022",
    lib: {
      entry: join(here, ENTRIES[mode]!),
      formats: [["parlons-chat", "widget-call", "widget-leave", "widget-notify", "widget-help"].includes(mode) ? "es" : "iife"],
      name: "ParlonsCall",
      fileName: () => `${mode}.js`,
    },
  },
}));
