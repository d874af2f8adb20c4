import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["apps/*/{src,test}/**/*.test.ts", "packages/**/*.test.ts"],
    sequence: { shuffle: true },
  },
});
