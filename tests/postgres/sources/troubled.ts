import { Refusal } from "#lib/receive/http/refusal.ts";
import type { IngestRequest, IngestResult, Intake } from "#lib/receive/intake.ts";

import { listenForOtlp } from "../../otlp-listeners.ts";
import { type Relay, relayTo } from "./relay.ts";

/** What becomes of the first request of each signal; one that is cut off is stored before. */
export type Trouble = "429" | "503" | "cut";

/** Listeners that make trouble once, and take what comes with the token of the documentation. */
export interface Troubled {
  /** By the names of their settings. */
  readonly ports: Readonly<Record<string, number>>;
  /** What came, as `signal` or `signal gzip`. */
  readonly heard: readonly string[];
  stop(): Promise<void>;
}

/** Starts them in front of an intake. */
export async function openTroubled(intake: Intake, trouble: Trouble): Promise<Troubled> {
  const heard: string[] = [];
  const relays: Relay[] = [];
  const cut = (): void => relays.forEach((relay) => relay.cut());
  const listeners = await listenForOtlp(troubledIntake(intake, { trouble, heard, cut }), "TOKEN");
  for (const port of [listeners.httpPort, listeners.grpcPort]) relays.push(await relayTo(port));
  const [http = 0, grpc = 0] = relays.map(({ port }) => port);
  return {
    ports: { VIASCOPE_OTLP_HTTP_PORT: http, VIASCOPE_OTLP_GRPC_PORT: grpc },
    heard,
    async stop() {
      await Promise.all(relays.map((relay) => relay.stop()));
      await listeners.close();
    },
  };
}

interface Making {
  readonly trouble: Trouble;
  readonly heard: string[];
  readonly cut: () => void;
}

function troubledIntake(intake: Intake, { trouble, heard, cut }: Making): Intake {
  const troubled = new Set<string>();
  const taking = (signal: "traces" | "logs" | "metrics"): Intake["traces"] => {
    const take = intake[signal]?.bind(intake);
    if (take === undefined) throw new Error(`No ${signal} are taken.`);
    return async (payload, encoding, request) => {
      heard.push(request.wireBytes < payload.length ? `${signal} gzip` : signal);
      const isFirst = !troubled.has(signal);
      troubled.add(signal);
      if (isFirst && trouble !== "cut") return refused(trouble);
      const result = await take(payload, encoding, request);
      if (isFirst) await cutOff(request, cut);
      return result;
    };
  };
  return {
    traces: taking("traces"),
    logs: taking("logs"),
    metrics: taking("metrics"),
    accessLogs: intake.accessLogs.bind(intake),
  };
}

function refused(trouble: "429" | "503"): IngestResult {
  if (trouble === "429") throw new Refusal(429, "rate_limit", "Wait.", 1);
  return { kind: "busy", retryAfterSeconds: 1, message: "Wait." };
}

/** Its answer may not go out in the moment until the listener knows. */
async function cutOff({ delivered }: IngestRequest, cut: () => void): Promise<void> {
  cut();
  if (await delivered) throw new Error("The answer went out.");
}
