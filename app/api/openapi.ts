import { z } from "zod";

import {
  channelChange,
  channelItem,
  channelParams,
  channelRemoved,
  channelSaved,
  channelsAnswer,
  channelTest,
  channelTestAnswer,
  channelUpdate,
  secretRotation,
  templatePreview,
  templatePreviewAnswer,
} from "#lib/contract/channels.ts";
import {
  deliveriesAnswer,
  deliveriesParams,
  deliveryAnswer,
  deliveryParams,
  deliveryResent,
} from "#lib/contract/deliveries.ts";
import { demoAnswer } from "#lib/contract/demo.ts";
import { exchangeAnswer, exchangesAnswer, exchangesParams } from "#lib/contract/exchanges.ts";
import { fallbacksAnswer } from "#lib/contract/fallbacks.ts";
import { logsAnswer, logsParams } from "#lib/contract/logs.ts";
import { problem } from "#lib/contract/problem.ts";
import {
  routesAnswer,
  routesChange,
  routesExplanation,
  routesQuestion,
} from "#lib/contract/routes.ts";
import { exchangeParams, scopeParams, traceParams } from "#lib/contract/scope.ts";
import { seriesAnswer, seriesParams } from "#lib/contract/series.ts";
import { proxiesAnswer, upstreamsAnswer } from "#lib/contract/summary.ts";
import { tlsAnswer } from "#lib/contract/tls.ts";
import { traceAnswer } from "#lib/contract/trace.ts";
import { windowParams } from "#lib/contract/window.ts";

import { alertingOperations } from "./alerting-operations.ts";
import { certificateOperations } from "./certificate-operations.ts";
import { metricOperations } from "./metric-operations.ts";
import type { Operation } from "./operation.ts";
import { operatorOperations } from "./operator-operations.ts";

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
    summary: "One trace with all its spans, and what access logs tell of it",
    inPath: traceParams,
    answer: { name: "TraceAnswer", schema: traceAnswer },
    refusals: [400, 404, 503],
  },
  {
    path: "/api/v1/logs",
    method: "get",
    id: "listLogs",
    summary:
      "Lines of logs that are no requests, and those that could not be read, the newest first",
    search: windowParams.extend(logsParams.shape),
    answer: { name: "LogsAnswer", schema: logsAnswer },
    refusals: [400, 503],
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
  {
    path: "/api/v1/channels",
    method: "get",
    id: "listChannels",
    summary: "Every channel without its secrets, and every kind there is",
    answer: { name: "ChannelsAnswer", schema: channelsAnswer },
    refusals: [503],
  },
  {
    path: "/api/v1/channels",
    method: "post",
    id: "createChannel",
    summary: "Adds a channel; the signing secret of a webhook is in the answer, once",
    body: channelChange,
    answer: { name: "ChannelSaved", schema: channelSaved },
    refusals: [400, 403, 409, 503],
  },
  {
    path: "/api/v1/channels/{id}",
    method: "get",
    id: "getChannel",
    summary: "One channel without its secrets",
    inPath: channelParams,
    answer: { name: "ChannelItem", schema: channelItem },
    refusals: [400, 404, 503],
  },
  {
    path: "/api/v1/channels/{id}",
    method: "put",
    id: "changeChannel",
    summary: "Changes a channel; secrets that are not given stay as they are",
    inPath: channelParams,
    body: channelUpdate,
    answer: { name: "ChannelSaved", schema: channelSaved },
    refusals: [400, 403, 404, 409, 503],
  },
  {
    path: "/api/v1/channels/{id}",
    method: "delete",
    id: "removeChannel",
    summary: "Removes a channel from everywhere",
    inPath: channelParams,
    answer: { name: "ChannelRemoved", schema: channelRemoved },
    refusals: [403, 404, 409, 503],
  },
  {
    path: "/api/v1/channels/{id}/rotate",
    method: "post",
    id: "rotateSecret",
    summary:
      "Gives a webhook a new signing secret; the one before signs as well until the overlap ends",
    inPath: channelParams,
    body: secretRotation,
    answer: { name: "ChannelSaved", schema: channelSaved },
    refusals: [400, 403, 404, 409, 503],
  },
  {
    path: "/api/v1/channels/test",
    method: "post",
    id: "testChannel",
    summary: "Sends an example through a channel as it would be saved, and shows the conversation",
    body: channelTest,
    answer: { name: "ChannelTestAnswer", schema: channelTestAnswer },
    refusals: [400, 403, 503],
  },
  {
    path: "/api/v1/channels/preview",
    method: "post",
    id: "previewTemplates",
    summary: "The texts that templates make of an example",
    body: templatePreview,
    answer: { name: "TemplatePreviewAnswer", schema: templatePreviewAnswer },
    refusals: [400, 403, 503],
  },
  {
    path: "/api/v1/routes",
    method: "get",
    id: "getRoutes",
    summary: "The tree of routes and the rules of inhibition",
    answer: { name: "RoutesAnswer", schema: routesAnswer },
    refusals: [503],
  },
  {
    path: "/api/v1/routes",
    method: "put",
    id: "saveRoutes",
    summary: "Replaces the tree; alerts find their place in it at once",
    body: routesChange,
    answer: { name: "RoutesAnswer", schema: routesAnswer },
    refusals: [400, 403, 409, 503],
  },
  {
    path: "/api/v1/routes/explain",
    method: "post",
    id: "explainRoute",
    summary: "Whom an alert is told to, when, and what keeps it from being told",
    body: routesQuestion,
    answer: { name: "RoutesExplanation", schema: routesExplanation },
    refusals: [400, 403, 503],
  },
  {
    path: "/api/v1/deliveries",
    method: "get",
    id: "listDeliveries",
    summary: "What was sent to whom and how it went, the newest first",
    search: deliveriesParams,
    answer: { name: "DeliveriesAnswer", schema: deliveriesAnswer },
    refusals: [400, 503],
  },
  {
    path: "/api/v1/deliveries/{id}",
    method: "get",
    id: "getDelivery",
    summary: "One delivery with every attempt and its message",
    inPath: deliveryParams,
    answer: { name: "DeliveryAnswer", schema: deliveryAnswer },
    refusals: [400, 404, 503],
  },
  {
    path: "/api/v1/deliveries/{id}/resend",
    method: "post",
    id: "resendDelivery",
    summary: "Sends the message of a delivery once more",
    inPath: deliveryParams,
    answer: { name: "DeliveryResent", schema: deliveryResent },
    refusals: [403, 404, 409, 503],
  },
  ...alertingOperations,
  ...metricOperations,
  ...operatorOperations,
  ...certificateOperations,
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
      : { requestBody: { required: true, content: jsonOf(reference(bodyNameOf(operation))) } }),
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
  const bodies = operations.flatMap((operation) =>
    operation.body === undefined
      ? []
      : hoisted(bodyNameOf(operation), schemaOf(operation.body, "input")),
  );
  const answers = [...named].flatMap(([name, schema]) => hoisted(name, schemaOf(schema, "output")));
  return Object.fromEntries([...answers, ...bodies]);
}

function bodyNameOf({ id }: Operation): string {
  return `${id.charAt(0).toUpperCase()}${id.slice(1)}Body`;
}

/** A schema by its name, and beside it what it defines for itself: `#` is the document's root, not the schema's. */
function hoisted(
  name: string,
  { $defs = {}, ...own }: z.core.JSONSchema.BaseSchema,
): (readonly [string, unknown])[] {
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
