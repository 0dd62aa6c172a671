import { describe, expect, it } from "vitest";

import { isModulePrefix, isUnder, ModulePrefixes } from "./module-prefix.ts";

describe("a module prefix", () => {
  it.each([
    { module: "github.com/acme", under: true },
    { module: "github.com/acme/x", under: true },
    { module: "github.com/acme/x/v2", under: true },
    { module: "github.com/acmecorp", under: false },
    { module: "github.com/acmecorp/x", under: false },
    { module: "github.com/Acme/x", under: false },
    { module: "github.com", under: false },
    { module: "example.com/github.com/acme", under: false },
  ])("github.com/acme has $module under it: $under", ({ module, under }) => {
    expect(isUnder(module, "github.com/acme")).toBe(under);
  });

  it.each([
    { text: "github.com/acme", valid: true },
    { text: "github.com/BurntSushi", valid: true },
    { text: "example.com", valid: true },
    { text: "gopkg.in/yaml.v3", valid: true },
    { text: "", valid: false },
    { text: "github.com/acme/", valid: false },
    { text: "/github.com", valid: false },
    { text: "github.com//acme", valid: false },
    { text: "github.com/!burnt!sushi", valid: false },
    { text: "github.com/acme/*", valid: false },
    { text: "github.com/a b", valid: false },
  ])("$text is one: $valid", ({ text, valid }) => {
    expect(isModulePrefix(text)).toBe(valid);
  });

  it("is found for a module with every other one above it, also when asked again", () => {
    const prefixes = new ModulePrefixes([
      { id: 1, prefix: "github.com" },
      { id: 2, prefix: "github.com/acme" },
      { id: 3, prefix: "golang.org" },
    ]);
    for (const _ of [1, 2]) {
      expect(prefixes.above("github.com/acme/x").map(({ id }) => id)).toEqual([1, 2]);
      expect(prefixes.above("rsc.io/quote")).toEqual([]);
    }
  });
});
