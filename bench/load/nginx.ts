import type { Random } from "./random.ts";

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** A body of nginx lines with upstream fields (or as JSON), no two alike; the requests end about now. */
export function nginxLines(random: Random, lines: number, nowMs: number, json: boolean): Buffer {
  const date = new Date(nowMs);
  const time = `${two(date.getUTCDate())}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
  const iso = date.toISOString();
  let text = "";
  for (let at = 0; at < lines; at += 1) {
    const line = requestOf(random);
    text += json ? jsonLine(line, iso) : textLine(line, time);
  }
  return Buffer.from(text, "latin1");
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

interface Line {
  readonly client: string;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
  readonly seconds: string;
  readonly upstreams: string;
  readonly statuses: string;
  readonly times: string;
  readonly cache: string;
}

function requestOf(random: Random): Line {
  const client = `10.${random.below(255)}.${random.below(255)}.${random.below(255)}`;
  const name = `module-${Math.floor(20_000 ** random.unit())}`;
  const file = random.pick(["info", "mod", "zip"]);
  const path = `/github.com/o${random.below(100)}/${name}/@v/v1.${random.below(40)}.${random.below(9)}.${file}`;
  const upstream = (): string => `10.0.${random.below(5)}.${random.below(10)}:8080`;
  const ms = random.latency(18, 1.1);
  const seconds = (ms / 1000).toFixed(3);
  const bytes = random.below(200_000);
  const roll = random.unit();
  const common = { client, path, bytes, seconds };
  if (roll < 0.4) {
    return { ...common, status: 200, upstreams: "-", statuses: "-", times: "-", cache: "HIT" };
  }
  if (roll < 0.43) {
    const upstreams = `${upstream()}, ${upstream()}`;
    const first = (ms / 3000).toFixed(3);
    const times = `${first}, ${((ms * 2) / 3000).toFixed(3)}`;
    return { ...common, status: 200, upstreams, statuses: "503, 200", times, cache: "MISS" };
  }
  const status = roll < 0.95 ? 200 : roll < 0.98 ? 404 : 502;
  const one = { upstreams: upstream(), statuses: `${status}`, times: seconds, cache: "MISS" };
  return { ...common, ...one, status };
}

function textLine(line: Line, time: string): string {
  return `${line.client} - - [${time}] "GET ${line.path} HTTP/1.1" ${line.status} ${line.bytes} "-" "Go-http-client/1.1" rt=${line.seconds} ua="${line.upstreams}" us="${line.statuses}" urt="${line.times}" cs=${line.cache}\n`;
}

function jsonLine(line: Line, iso: string): string {
  return `{"time":"${iso}","remote_addr":"${line.client}","request_method":"GET","request_uri":"${line.path}","server_protocol":"HTTP/1.1","status":"${line.status}","body_bytes_sent":"${line.bytes}","request_time":"${line.seconds}","upstream_addr":"${line.upstreams}","upstream_status":"${line.statuses}","upstream_response_time":"${line.times}","upstream_cache_status":"${line.cache}","http_user_agent":"Go-http-client/1.1"}\n`;
}
