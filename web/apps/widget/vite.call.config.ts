// Two more files beside widget.js: `widget-call.js`, fetched at the first press of Call, and the page /call/{line}.
// One build each (`--mode widget-call`, `--mode call-page`), so that each is whole in itself.
import { copyFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(
  process.env.PARLONS_WEB_OUT ? resolve(process.env.PARLONS_WEB_OUT) : resolve(here, "../../../src/parlons/_web"),
  "widget",
);

/** The page itself is as it stands. */
function page() {
  return {
    name: "parlons-call-page",
    closeBundle() {
      copyFileSync(join(here, "call.html"), join(out, "call.html"));
    },
  };
}

export default defineConfig(({ mode }) => ({
  root: here,
  oxc: { jsx: { runtime: "automatic", importSource: "." } },
  plugins: mode === "call-page" ? [page()] : [],
  build: {
    outDir: out,
    emptyOutDir: false,
    target: "es2022",
    lib: {
      entry: join(here, mode === "call-page" ? "src/call/page.ts" : "src/call/widget.ts"),
      formats: [mode === "call-page" ? "iife" : "es"],
      name: "ParlonsCall",
      fileName: () => `${mode}.js`,
    },
  },
}));
