import { expect, it } from "vitest";

import { inspect } from "./architecture/inspect.ts";

const { sources, violations } = await inspect(process.cwd());

it("sees the TypeScript sources", () => {
  // When `typescript` resolves to 7.x dependency-cruiser reads no .ts file and reports success.
  expect(sources.filter((source) => source.startsWith("lib/")).length).toBeGreaterThan(100);
});

it("keeps every room inside its walls", () => {
  expect(violations).toEqual([]);
});
