import { expect, it, vi } from "vitest";
import { z } from "zod";

import { thingQuestion, windowQuestion } from "./answer.ts";

const access = vi.hoisted(() => ({ open: true }));
vi.mock("#lib/run/web-database.ts", () => ({
  webDatabase: () => Promise.resolve({}),
  webKeep: () => ({}),
}));
vi.mock("../session.ts", () => ({ mayEnter: () => access.open }));

const context = { params: Promise.resolve({}) };
const schema = z.object({
  limit: z.coerce.number().int().max(10).default(3),
  metric: z.array(z.string()).optional(),
});
const echo = windowQuestion(schema, ({ scope, params }) =>
  Promise.resolve({ spanMs: scope.window.toMs - scope.window.fromMs, params }),
);
const get = (search: string) => new Request(`http://localhost/api/v1/x${search}`);

it("answers the last hour when no window is given", async () => {
  const response = await echo(get(""), context);
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toMatchObject({ params: { limit: 3 } });
  const { spanMs } = z
    .object({ spanMs: z.number() })
    .parse(await (await echo(get(""), context)).json());
  expect(spanMs).toBe(3_600_000);
});

it("reads a parameter given twice as a list", async () => {
  const response = await echo(get("?metric=a&metric=b"), context);
  expect(await response.json()).toMatchObject({ params: { metric: ["a", "b"] } });
});

it.each([
  ["?from=yesterday", "`from`"],
  ["?from=now&to=now-1h", "earlier"],
  ["?from=now-9999d", "five years"],
  ["?limit=11", "`limit`"],
  ["?limit=x", "`limit`"],
])("refuses %s with a sentence as problem details", async (search, words) => {
  const response = await echo(get(search), context);
  expect(response.status).toBe(400);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = z
    .object({ detail: z.string(), status: z.literal(400) })
    .parse(await response.json());
  expect(body.detail).toContain(words);
});

it("answers 404 for a thing there is not", async () => {
  const response = await thingQuestion(
    z.object({}),
    () => Promise.resolve(null),
    "There is none.",
  )(get(""), context);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ detail: "There is none." });
});

it("answers 503 without a word of the cause when a question fails", async () => {
  const failing = windowQuestion(schema, () => Promise.reject(new Error("password=secret")));
  const response = await failing(get(""), context);
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("2");
  expect(await response.text()).not.toContain("secret");
});

it("answers nothing without a session", async () => {
  access.open = false;
  expect((await echo(get(""), context)).status).toBe(401);
  access.open = true;
});
