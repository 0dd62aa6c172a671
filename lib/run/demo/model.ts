import { effectsAt, type Effect } from "./incidents.ts";
import { Random } from "./random.ts";
import { pickRequest, type DemoRequest } from "./requests.ts";
import { visitOf, type Visit } from "./visit.ts";

/** What the traffic depends on, and nothing else. */
export interface DemoPlan {
  readonly seed: number;
  /** Requests per second at the edge, on average. */
  readonly perSecond: number;
  /** Epoch second at which the demo began; incidents count from it. */
  readonly startedSecond: number;
  /** How long each incident lasts at most, in seconds; as long as it is written without it. */
  readonly incidentSecondsMax?: number;
}

/** One try of the edge at an instance of athens. */
export interface EdgeAttempt {
  readonly address: string;
  readonly status: number;
  /** Null when the connection was refused. */
  readonly connectMs: number | null;
  readonly headerMs: number | null;
  readonly responseMs: number;
}

/** One request as the edge answered it. */
export interface DemoExchange {
  /** Epoch milliseconds, with a fraction. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly traceId: string;
  readonly client: string;
  readonly userAgent: string;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
  /** nginx's word for what its cache did. */
  readonly cache: "HIT" | "MISS" | "EXPIRED" | "BYPASS";
  readonly attempts: readonly EdgeAttempt[];
  /** Null when the edge answered from its cache. */
  readonly visit: Visit | null;
}

/** The instances of athens behind the edge, by address. */
export const athensInstances: Readonly<Record<string, string>> = {
  "10.20.0.11:3000": "athens-0",
  "10.20.0.12:3000": "athens-1",
};

/** The requests that began in one second, the same for the same plan; trace ids differ from demo to demo. */
export function exchangesOfSecond(plan: DemoPlan, second: number): DemoExchange[] {
  const offset = second - plan.startedSecond;
  const random = new Random(plan.seed, offset);
  const ids = new Random(plan.seed, plan.startedSecond, offset);
  const mean = plan.perSecond * wave(offset);
  const effects = effectsAt(offset, plan.incidentSecondsMax);
  const count = Math.max(0, Math.round(mean + random.normal() * Math.sqrt(mean)));
  return Array.from({ length: count }, () =>
    exchangeAt((second + random.next()) * 1_000, effects, ids.hex(32), random),
  );
}

/** Builds come and go over minutes and over the day. */
function wave(offset: number): number {
  const turn = (period: number): number => Math.sin((2 * Math.PI * offset) / period);
  return 1 + 0.1 * turn(420) + 0.08 * turn(97) + 0.15 * turn(86_400);
}

function exchangeAt(
  startMs: number,
  effects: readonly Effect[],
  traceId: string,
  random: Random,
): DemoExchange {
  const request = pickRequest(random);
  const cache = edgeCacheOf(request, random);
  const facts = { startMs, traceId, path: request.path, cache, ...pickClient(random) };
  if (cache === "HIT") {
    const durationMs = random.logNormal(0.6, 0.5) + transferMs(request.bytes, random);
    const { bytes } = request;
    return { ...facts, durationMs, status: 200, bytes, attempts: [], visit: null };
  }
  const { visit, attempts } = visitThroughEdge(request, startMs, effects, random);
  const waitedMs = attempts.reduce((sum, attempt) => sum + attempt.responseMs, 0);
  const { status, bytes } = visit;
  return {
    ...facts,
    durationMs: waitedMs + random.between(0, 0.4),
    status,
    bytes,
    attempts,
    visit,
  };
}

const immutable: readonly string[] = ["info", "mod", "zip"];

/** The edge keeps versions, and for a minute also lists; private modules pass it by. */
function edgeCacheOf(request: DemoRequest, random: Random): DemoExchange["cache"] {
  if (request.isPrivate) return "BYPASS";
  if (!request.exists) return "MISS";
  if (immutable.includes(request.endpoint)) {
    return random.chance(0.62 - 0.45 * request.rarity) ? "HIT" : "MISS";
  }
  if (random.chance(0.35)) return "HIT";
  return random.chance(0.5) ? "EXPIRED" : "MISS";
}

const agents = [
  "Go-http-client/1.1",
  "Go-http-client/2.0",
  "Go-http-client/1.1",
  "GoModuleMirror/1.0",
];

function pickClient(random: Random): Pick<DemoExchange, "client" | "userAgent"> {
  const [subnet, host] = [random.between(1, 5), random.between(2, 60)].map(Math.floor);
  return { client: `10.8.${subnet}.${host}`, userAgent: random.pick(agents) };
}

function transferMs(bytes: number, random: Random): number {
  return bytes / random.between(20_000, 90_000);
}

/** Now and then an instance of athens restarts and refuses; the edge then asks the other one. */
function visitThroughEdge(
  request: DemoRequest,
  startMs: number,
  effects: readonly Effect[],
  random: Random,
): { readonly visit: Visit; readonly attempts: EdgeAttempt[] } {
  const addresses = Object.keys(athensInstances);
  const first = random.pick(addresses);
  const refused = random.chance(0.003);
  const address = refused ? (addresses.find((other) => other !== first) ?? first) : first;
  const connectMs = random.between(0.1, 0.9);
  const arrivedMs = startMs + connectMs + (refused ? 1 : 0);
  const instance = athensInstances[address] ?? "athens-0";
  const visit = visitOf(request, { startMs: arrivedMs, instance }, effects, random);
  const headerMs = connectMs + visit.durationMs;
  const responseMs = headerMs + transferMs(visit.bytes, random);
  const { status } = visit;
  const answered: EdgeAttempt = { address, status, connectMs, headerMs, responseMs };
  if (!refused) return { visit, attempts: [answered] };
  const before = { address: first, status: 502, connectMs: null, headerMs: null, responseMs: 1 };
  return { visit, attempts: [before, answered] };
}
