// More files beside widget.js: `widget-call.js`, fetched at the first press of Call, and the pages /call/{line} and
// /join/{token}. One build each (`--mode widget-call`, `call-page`, `join-page`), so that each is whole in itself.
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
  "call-page": "src/call/page.ts",
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

export default defineConfig(({ mode }) => ({
  root: here,
  oxc: { jsx: { runtime: "automatic", importSource: "." } },
  plugins: mode === "widget-call" ? [] : [page(mode === "call-page" ? "call.html" : "join.html")],
  build: {
    outDir: out,
    emptyOutDir: false,
    target: "es2022",
    lib: {
      entry: join(here, ENTRIES[mode]!),
      formats: [mode === "widget-call" ? "es" : "iife"],
      name: "ParlonsCall",
      fileName: () => `${mode}.js`,
    },
  },
}));
