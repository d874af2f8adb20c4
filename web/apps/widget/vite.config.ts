// One IIFE without a dependency left: what a shop loads is this file and nothing else (the font is asked for on opening).
import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(
  process.env.PARLONS_WEB_OUT ? resolve(process.env.PARLONS_WEB_OUT) : resolve(here, "../../../src/parlons/_web"),
  "widget",
);

/** Geist's Latin letters, beside the script: the same face as the desk's. */
function font() {
  return {
    name: "parlons-font",
    closeBundle() {
      mkdirSync(out, { recursive: true });
      const sheet = createRequire(import.meta.url).resolve("@fontsource-variable/geist/index.css");
      copyFileSync(join(dirname(sheet), "files/geist-latin-wght-normal.woff2"), join(out, "geist.woff2"));
    },
  };
}

export default defineConfig({
  root: here,
  oxc: { jsx: { runtime: "automatic", importSource: "." } },
  plugins: [font()],
  build: {
    outDir: out,
    emptyOutDir: true,
    target: "es2022",
    lib: {
      entry: join(here, "src/main.ts"),
      formats: ["iife"],
      name: "ParlonsWidget",
      fileName: () => "widget.js",
    },
  },
});
