/** Builds the desk into $PARLONS_WEB_OUT/desk; `npm run dev` serves it and hands /api to a running server. */
import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const out = process.env.PARLONS_WEB_OUT ?? resolve(import.meta.dirname, "../../../src/parlons/_web");
const server = process.env.PARLONS_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  root: import.meta.dirname,
  base: "/app/",
  plugins: [react()],
  build: {
    outDir: resolve(out, "desk"),
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    manifest: true,
    rollupOptions: {
      input: { index: resolve(import.meta.dirname, "index.html"), sw: resolve(import.meta.dirname, "src/push/sw.ts") },
      // the service worker's address must stay: browsers ask for it again under the name they know
      output: { entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  server: { port: 5173, proxy: { "/api": { target: server, ws: true } } },
});
