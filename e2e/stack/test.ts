import { test as base } from "@playwright/test";

import { startDemo } from "./demo.ts";
import { startStack, type Stack } from "./stack.ts";

interface Stacks {
  /** Shared by the tests of a worker, which tell their own data apart by the names of their proxies. */
  readonly stack: Stack;
  /** Shared too, with the past hour of demo traffic in it and nothing else. */
  readonly demoStack: Stack;
}

/** A test with a whole Viascope; `page.goto("/")` opens the shared one. */
export const test = base.extend<{ freshStack: Stack }, Stacks>({
  stack: [
    async ({}, use) => {
      const stack = await startStack();
      await use(stack);
      await stack.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  demoStack: [
    async ({}, use) => {
      const stack = await startStack();
      await startDemo(stack);
      await use(stack);
      await stack.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  /** Nobody else's: nothing has arrived yet. */
  freshStack: [
    async ({}, use) => {
      const stack = await startStack();
      await use(stack);
      await stack.stop();
    },
    { timeout: 60_000 },
  ],
  baseURL: ({ stack }, use) => use(stack.webUrl),
});

export { expect } from "@playwright/test";
