import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, it } from "vitest";
import { z } from "zod";

import { openapiDocument, operations } from "./openapi.ts";

const routesRoot = join(import.meta.dirname, "v1");
const routes = readdirSync(routesRoot, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith("route.ts"))
  .map((path) => ({
    address: `/api/v1/${path.replace(/\/route\.ts$/, "").replaceAll(/\[(\w+)\]/g, "{$1}")}`,
    source: readFileSync(join(routesRoot, path), "utf8"),
  }));
const document = z
  .object({
    paths: z.record(z.string(), z.record(z.string(), z.unknown())),
    components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
  })
  .parse(openapiDocument());
const { paths } = document;

it("lists every route, and no other", () => {
  expect(Object.keys(paths).toSorted()).toEqual(routes.map(({ address }) => address).toSorted());
});

it.each(routes)("lists exactly the methods of $address", ({ address, source }) => {
  const exported = [
    ...source.matchAll(/export (?:async )?(?:const|function) (GET|POST|PUT|PATCH|DELETE)\b/g),
  ];
  expect(Object.keys(paths[address] ?? {}).toSorted()).toEqual(
    exported.map((match) => (match[1] ?? "").toLowerCase()).toSorted((a, b) => (a < b ? -1 : 1)),
  );
});

it.each(routes)(
  "$address asks for the session itself, should the guard in front ever be passed by",
  ({ source }) => {
    expect(source).toMatch(/windowQuestion\(|thingQuestion\(|[cC]ommand\(|refusalOf\(request\)/);
  },
);

it("refers only to schemas it holds", () => {
  const { schemas } = document.components;
  const referred = [
    ...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([\w.]+)"/g),
  ].map((match) => match[1]);
  expect(referred.filter((name) => name === undefined || !(name in schemas))).toEqual([]);
});

it("is a valid OpenAPI 3.1 document", async () => {
  const validator = new Validator();
  expect(await validator.validate(openapiDocument())).toMatchObject({ valid: true });
  expect(validator.version).toBe("3.1");
});

it("names every operation once", () => {
  const ids = operations.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

it("has a parameter for every name in a path", () => {
  for (const { path, inPath } of operations) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    expect(Object.keys(inPath?.shape ?? {})).toEqual(names);
  }
});
