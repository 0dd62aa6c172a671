import { existsSync, readFileSync } from "node:fs";

import { parse } from "yaml";
import { z } from "zod";

import { corpora, corpusLines } from "./log-corpora.ts";

/** What another project's parser is expected to read of a line; absent where it says nothing. */
export interface OtherReading {
  readonly file: string;
  readonly format: string;
  readonly line: string;
  readonly facts: OtherFacts;
}

export interface OtherFacts {
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly status?: number | undefined;
  readonly bytes?: number | undefined;
  readonly client?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly durationMs?: number | undefined;
}

/** Every reading of every other parser whose expectations stand beside the logs. */
export function otherReadings(): OtherReading[] {
  return [
    ...crowdsec.flatMap(assertedReadings),
    ...datadog.flatMap(testedReadings),
    ...opsAgent.flatMap(entryReadings),
  ];
}

interface Source {
  readonly file: string;
  readonly format: string;
}

const crowdsec: readonly Source[] = [
  { file: "nginx/crowdsec-nginx-http", format: "nginx" },
  { file: "nginx/crowdsec-nginx-malformed", format: "nginx" },
  { file: "haproxy/crowdsec-haproxy", format: "haproxy" },
  { file: "envoy/crowdsec-envoy-cri", format: "envoy" },
  { file: "traefik/crowdsec-traefik-clf", format: "traefik" },
  { file: "traefik/crowdsec-traefik-json", format: "traefik" },
  { file: "caddy/crowdsec-caddy", format: "caddy" },
  { file: "apache/crowdsec-apache2", format: "apache" },
];
const datadog: readonly Source[] = ["nginx", "haproxy", "envoy", "apache"].map((format) => ({
  file: `${format}/datadog-${format}_tests.yaml`,
  format,
}));
const opsAgent: readonly Source[] = [
  { file: "nginx/ops-agent-nginx-access", format: "nginx" },
  { file: "apache/ops-agent-apache-access", format: "apache" },
  { file: "varnish/ops-agent-varnish", format: "varnish" },
];

function textOf(file: string): string {
  const url = new URL(file, corpora);
  return existsSync(url) ? readFileSync(url, "utf8") : "";
}

/** `results["s01-parse"]["x/nginx-logs"][0].Evt.Parsed["status"] == "404"` */
const assertion =
  /^results\["s01-parse"\]\["[^"]+"\]\[(?<place>\d+)\]\.Evt\.(?:Parsed|Meta)\["(?<key>\w+)"\] == (?<value>".*")$/gm;

const names: Readonly<Record<string, keyof OtherFacts>> = {
  verb: "method",
  request: "path",
  status: "status",
  http_status: "status",
  http_status_code: "status",
  response: "status",
  body_bytes_sent: "bytes",
  bytes: "bytes",
  bytes_read: "bytes",
  bytes_sent: "bytes",
  remote_addr: "client",
  remote_ip: "client",
  client_ip: "client",
  clientip: "client",
  http_user_agent: "userAgent",
  request_duration_in_ms: "durationMs",
  time_duration: "durationMs",
  duration: "durationMs",
};

function assertedReadings({ file, format }: Source): OtherReading[] {
  const byPlace = new Map<number, Record<string, string>>();
  for (const { groups } of textOf(`${file}.assert`).matchAll(assertion)) {
    const { place = "", key = "", value = "" } = groups ?? {};
    const found = byPlace.get(Number(place)) ?? {};
    byPlace.set(Number(place), { ...found, [key]: unquoted(value) });
  }
  const lines = corpusLines(`${file}.log`);
  return [...byPlace].flatMap(([place, said]) => {
    const line = lines[place];
    // Only lines that it took for requests.
    if (line === undefined || said["verb"] === undefined) return [];
    return [{ file, format, line, facts: factsOf(said) }];
  });
}

/** Go's escapes of bytes are none of JSON's. */
function unquoted(text: string): string {
  return z.string().parse(JSON.parse(text.replaceAll(/\\x([0-9a-f]{2})/g, String.raw`\u00$1`)));
}

function factsOf(said: Readonly<Record<string, string>>): OtherFacts {
  const facts: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(said)) {
    const name = names[key];
    if (name === undefined || value === "" || value === "-") continue;
    facts[name] = numeric.has(name) ? Number(value) : value;
  }
  return facts;
}

const numeric: ReadonlySet<string> = new Set(["status", "bytes", "durationMs"]);

const datadogHttp = z
  .object({
    method: z.string(),
    status_code: z.coerce.number(),
    url: z.string(),
    useragent: z.string(),
  })
  .partial();
const datadogNetwork = z.object({
  bytes_written: z.number().optional(),
  client: z.object({ ip: z.string() }).partial().default({}),
});
const datadogFacts = z.object({
  duration: z.number().optional(),
  http: datadogHttp.default({}),
  network: datadogNetwork.default({ client: {} }),
});
type DatadogFacts = z.infer<typeof datadogFacts>;
const nothingRead = { http: {}, network: { client: {} } };
const datadogTests = z.object({
  tests: z.array(
    z.object({
      sample: z.string(),
      result: z.object({ custom: datadogFacts.default(nothingRead) }),
    }),
  ),
});

function testedReadings({ file, format }: Source): OtherReading[] {
  return datadogTests.parse(parse(textOf(file))).tests.map(({ sample, result: { custom } }) => ({
    file,
    format,
    line: sample.trim(),
    facts: testedFacts(custom),
  }));
}

function testedFacts({ http, network, duration }: DatadogFacts): OtherFacts {
  return {
    method: http.method,
    path: http.url,
    status: http.status_code,
    userAgent: http.useragent,
    bytes: network.bytes_written,
    client: network.client.ip,
    // Nanoseconds.
    durationMs: duration === undefined ? undefined : duration / 1e6,
  };
}

const opsAgentOutput = z.array(
  z.object({
    entries: z
      .array(
        z.object({
          httpRequest: z
            .object({
              requestMethod: z.string(),
              requestUrl: z.string(),
              status: z.number(),
              remoteIp: z.string(),
              responseSize: z.number(),
              userAgent: z.string(),
            })
            .partial()
            .optional(),
        }),
      )
      .optional(),
  }),
);

function entryReadings({ file, format }: Source): OtherReading[] {
  const outputs = opsAgentOutput.parse(parse(textOf(`${file}.expected.yaml`)));
  const entries = outputs.flatMap((output) => output.entries ?? []);
  const lines = corpusLines(`${file}.log`);
  return entries.flatMap(({ httpRequest: said }, place) => {
    const line = lines[place];
    if (line === undefined || said === undefined) return [];
    return [
      {
        file,
        format,
        line,
        facts: {
          method: said.requestMethod,
          path: said.requestUrl,
          status: said.status,
          client: said.remoteIp,
          bytes: said.responseSize,
          userAgent: said.userAgent,
        },
      },
    ];
  });
}
