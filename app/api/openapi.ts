import { z } from "zod";

import { demoAnswer } from "#lib/contract/demo.ts";
import { exchangeAnswer, exchangesAnswer, exchangesParams } from "#lib/contract/exchanges.ts";
import { fallbacksAnswer } from "#lib/contract/fallbacks.ts";
import { problem } from "#lib/contract/problem.ts";
import { exchangeParams, scopeParams, traceParams } from "#lib/contract/scope.ts";
import { seriesAnswer, seriesParams } from "#lib/contract/series.ts";
import { proxiesAnswer, upstreamsAnswer } from "#lib/contract/summary.ts";
import { tlsAnswer } from "#lib/contract/tls.ts";
import { traceAnswer } from "#lib/contract/trace.ts";
import { windowParams } from "#lib/contract/window.ts";

/** One question of the API: its address, what it takes and what it answers. */
interface Operation {
  readonly path: string;
  readonly method: "get" | "post";
  readonly id: string;
  readonly summary: string;
  readonly search?: z.ZodObject;
  readonly inPath?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: { readonly name: string; readonly schema: z.ZodType };
  readonly refusals: readonly number[];
}

/** Every question there is; the document below and the test of the routes are made from this list. */
export const operations: readonly Operation[] = [
  {
    path: "/api/v1/proxies",
    method: "get",
    id: "listProxies",
    summary: "The state of every proxy over a window",
    search: windowParams,
    answer: { name: "ProxiesAnswer", schema: proxiesAnswer },
    refusals: [400, 503],
  },
  {
    path: "/api/v1/upstreams",
    method: "get",
    id: "listUpstreams",
    summary: "The state of every upstream over a window, as each proxy sees it",
    search: windowParams.extend(scopeParams.shape),
    answer: { name: "UpstreamsAnswer", schema: upstreamsAnswer },
    refusals: [400, 503],
  },
  {
    path: "/api/v1/series",
    method: "get",
    id: "getSeries",
    summary: "Numbers over time; null where nothing was measured",
    search: windowParams.extend(seriesParams.shape),
    answer: { name: "SeriesAnswer", schema: seriesAnswer },
    refusals: [400, 503],
  },
  {
    path: "/api/v1/fallbacks",
    method: "get",
    id: "listFallbacks",
    summary: "Which upstream was left for which, how often and why",
    search: windowParams.extend(scopeParams.shape),
    answer: { name: "FallbacksAnswer", schema: fallbacksAnswer },
    refusals: [400, 503],
  },
  {
    path: "/api/v1/tls",
    method: "get",
    id: "listTlsFailures",
    summary: "Failed TLS handshakes by side and reason",
    search: windowParams.extend(scopeParams.shape),
    answer: { name: "TlsAnswer", schema: tlsAnswer },
    refusals: [400, 503],
  },
  {
    path: "/api/v1/exchanges",
    method: "get",
    id: "listExchanges",
    summary: "Single exchanges, the worst or the newest first",
    search: windowParams.extend(exchangesParams.shape),
    answer: { name: "ExchangesAnswer", schema: exchangesAnswer },
    refusals: [400, 503],
  },
  {
    path: "/api/v1/exchanges/{id}",
    method: "get",
    id: "getExchange",
    summary: "One exchange, and the line or span it was read from",
    inPath: exchangeParams,
    answer: { name: "ExchangeAnswer", schema: exchangeAnswer },
    refusals: [400, 404, 503],
  },
  {
    path: "/api/v1/traces/{traceId}",
    method: "get",
    id: "getTrace",
    summary: "One trace with all its spans",
    inPath: traceParams,
    answer: { name: "TraceAnswer", schema: traceAnswer },
    refusals: [400, 404, 503],
  },
  {
    path: "/api/v1/demo",
    method: "get",
    id: "getDemo",
    summary: "Whether demo traffic runs",
    answer: { name: "DemoAnswer", schema: demoAnswer },
    refusals: [],
  },
  {
    path: "/api/v1/demo",
    method: "post",
    id: "setDemo",
    summary: "Starts or stops demo traffic; the request carries the header `x-viascope-request: 1`",
    body: demoAnswer,
    answer: { name: "DemoAnswer", schema: demoAnswer },
    refusals: [400, 403, 503],
  },
];

/** The OpenAPI 3.1 document of the API, made from the contracts that the routes parse with. */
export function openapiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: operationObject(operation),
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Viascope",
      version: "1",
      description:
        "Questions about proxies and their upstreams. Times are ISO 8601, durations have their unit in their name, null means not measured. Fields are only ever added.",
    },
    servers: [{ url: "/" }],
    security: [{}, { session: [] }],
    paths: { ...paths, "/api/v1/openapi.json": documentPath },
    components: {
      schemas: schemasOf(),
      securitySchemes: {
        session: {
          type: "apiKey",
          in: "cookie",
          name: "viascope-session",
          description:
            "Needed where the installation asks for a password; given by the login page.",
        },
      },
    },
  };
}

const documentPath = {
  get: {
    operationId: "getDocument",
    summary: "This document",
    responses: {
      "200": {
        description: "OpenAPI 3.1",
        content: { "application/json": { schema: { type: "object" } } },
      },
    },
  },
};

function operationObject(operation: Operation): Record<string, unknown> {
  return {
    operationId: operation.id,
    summary: operation.summary,
    parameters: [
      ...parametersOf(operation.inPath, "path"),
      ...parametersOf(operation.search, "query"),
    ],
    ...(operation.body === undefined
      ? {}
      : { requestBody: { required: true, content: jsonOf(schemaOf(operation.body, "input")) } }),
    responses: {
      "200": { description: operation.summary, content: jsonOf(reference(operation.answer.name)) },
      ...Object.fromEntries(
        [401, ...operation.refusals].map((status) => [String(status), refusalObject]),
      ),
    },
  };
}

const refusalObject = {
  description: "Problem details (RFC 9457); `detail` says what to change",
  content: { "application/problem+json": { schema: reference("Problem") } },
};

function parametersOf(schema: z.ZodObject | undefined, place: "path" | "query"): unknown[] {
  if (schema === undefined) return [];
  const json = schemaOf(schema, "input");
  const required = new Set(Array.isArray(json["required"]) ? json["required"] : []);
  return Object.entries(json["properties"] ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.has(name),
    schema: property,
  }));
}

function schemasOf(): Record<string, unknown> {
  const named = new Map<string, z.ZodType>(
    operations.map(({ answer }) => [answer.name, answer.schema]),
  );
  named.set("Problem", problem);
  return Object.fromEntries([...named].flatMap(([name, schema]) => hoisted(name, schema)));
}

/** A schema by its name, and beside it what it defines for itself: `#` is the document's root, not the schema's. */
function hoisted(name: string, schema: z.ZodType): (readonly [string, unknown])[] {
  const { $defs = {}, ...own } = schemaOf(schema, "output");
  const pointed = (json: unknown): unknown =>
    JSON.parse(JSON.stringify(json).replaceAll('"#/$defs/', `"#/components/schemas/${name}.`));
  return [
    [name, pointed(own)],
    ...Object.entries($defs).map(([key, json]) => [`${name}.${key}`, pointed(json)] as const),
  ];
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): z.core.JSONSchema.BaseSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    target: "draft-2020-12",
    unrepresentable: "any",
  });
  return json;
}

function reference(name: string): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

function jsonOf(schema: unknown): Record<string, unknown> {
  return { "application/json": { schema } };
}
