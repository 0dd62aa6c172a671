import { defineConfig } from "vitest/config";

const withDatabase = ["lib/**/*.postgres.test.ts", "tests/{postgres,processes}/**/*.test.ts"];

export default defineConfig({
  test: {
    environment: "node",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{lib,components,app,bin,bench}/**/*.test.{ts,tsx}", "tests/fuzz/*.test.ts"],
          exclude: withDatabase,
          // Many small files: loading each alone in a process of its own took longer than the tests.
          pool: "threads",
          isolate: false,
          // Several files wait for timeouts of the network; more threads than cores wait at once.
          maxWorkers: 4,
          // The first property of a file takes a second here, and five while other programs have the cores.
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: "architecture",
          include: ["tests/architecture/*.test.ts", "tests/architecture.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "postgres",
          include: withDatabase,
          globalSetup: "tests/postgres/global-setup.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          // Projects with different numbers of workers cannot run in one group, as `npm run soak` would have them.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
