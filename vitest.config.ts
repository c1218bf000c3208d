import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "functions/**/*.test.ts",
      "bench/**/*.test.ts",
      "test/**/*.test.ts",
      "tools/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/.build/**", ".frugal/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
