import { test as base } from "@playwright/test";

import { startStack, type Stack } from "./stack.ts";

/** A test that has a whole Viascope to itself and the other tests of its worker; `page.goto("/")` opens it. */
export const test = base.extend<object, { stack: Stack }>({
  stack: [
    async ({}, use) => {
      const stack = await startStack();
      await use(stack);
      await stack.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  baseURL: ({ stack }, use) => use(stack.webUrl),
});

export { expect } from "@playwright/test";
