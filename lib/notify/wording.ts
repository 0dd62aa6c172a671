import type {
  AlertMessage,
  MessageAlert,
  MessageEvidence,
  MessageExchange,
} from "./alert-message.ts";

/** A run of text as channels draw it in their own dialect. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "strong"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly url: string };

/** How one channel writes. */
export interface Dialect {
  escape(text: string): string;
  strong(escaped: string): string;
  link(escaped: string, url: string): string;
  readonly lineBreak: string;
}

export const plain: Dialect = {
  escape: (raw) => raw,
  strong: (raw) => raw,
  link: (raw, url) => `${raw}: ${url}`,
  lineBreak: "\n",
};

/** Markdown as Discord, WeCom, DingTalk and Teams read it. */
export const markdown: Dialect = {
  escape: (raw) => raw.replaceAll(/[\\`*_[\]<>~|]/g, String.raw`\$&`),
  strong: (raw) => `**${raw}**`,
  link: (raw, url) => `[${raw}](${url.replaceAll(")", "%29")})`,
  lineBreak: "\n",
};

export const html: Dialect = {
  escape: (raw) => raw.replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? sign),
  strong: (raw) => `<b>${raw}</b>`,
  link: (raw, url) => `<a href="${html.escape(url)}">${raw}</a>`,
  lineBreak: "\n",
};

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const alertsMax = 5;
const exchangesMax = 3;

/** The message as short lines for a phone: what, since when, the numbers, where to look. */
export function linesOf(message: AlertMessage): Piece[][] {
  const shown = message.alerts.slice(0, alertsMax);
  const left = message.alerts.length - shown.length + message.truncatedAlerts;
  return [
    ...(message.test === true ? [[strong("This is a test."), text(" Nothing is wrong.")]] : []),
    ...shown.flatMap(alertLines),
    ...(left > 0 ? [[text(`and ${left} more.`)]] : []),
    [link("Open Viascope", message.externalURL)],
  ];
}

/** Lines in a dialect, cut between lines so that `fits` holds; the first line always stays. */
export function write(
  lines: readonly (readonly Piece[])[],
  dialect: Dialect,
  fits: (written: string) => boolean = () => true,
): string {
  let kept = lines.map((line) => line.map((piece) => writePiece(piece, dialect)).join(""));
  while (kept.length > 1 && !fits(kept.join(dialect.lineBreak))) kept = kept.slice(0, -1);
  return kept.join(dialect.lineBreak);
}

function writePiece(piece: Piece, dialect: Dialect): string {
  const escaped = dialect.escape(piece.text);
  if (piece.kind === "link") return dialect.link(escaped, piece.url);
  return piece.kind === "strong" ? dialect.strong(escaped) : escaped;
}

function alertLines(alert: MessageAlert): Piece[][] {
  const name = alert.labels["alertname"] ?? "Alert";
  const summary = summaryOf(alert, name);
  const runbook = alert.annotations["runbook_url"] ?? "";
  return [
    [strong(name), text(` ${alert.status}${summary === "" ? "" : `: ${summary}`}`)],
    [text(timesOf(alert))],
    ...(summary.includes(alert.valueString) ? [] : [[text(alert.valueString)]]),
    ...alert.exchanges.slice(0, exchangesMax).map(exchangeLine),
    ...evidenceBeside(alert).map((item) => [link(item.title, item.url)]),
    ...(/^https?:/.test(runbook) ? [[link("Runbook", runbook)]] : []),
    ...(alert.status === "firing" ? [[link("Silence", alert.silenceURL)]] : []),
  ];
}

/** Without the name in front, which stands there already. */
function summaryOf({ annotations }: MessageAlert, name: string): string {
  const summary = annotations["summary"] ?? annotations["description"] ?? "";
  return summary.startsWith(`${name}: `) ? summary.slice(name.length + 2) : summary;
}

/** Evidence that is not an exchange which is shown already. */
function evidenceBeside({ evidence, exchanges }: MessageAlert): readonly MessageEvidence[] {
  const shown = new Set(exchanges.map((exchange) => exchange.url));
  return evidence.filter((item) => !shown.has(item.url));
}

function timesOf(alert: MessageAlert): string {
  return alert.status === "firing"
    ? `Since ${alert.startsAt}`
    : `From ${alert.startsAt} to ${alert.endsAt}`;
}

function exchangeLine(exchange: MessageExchange): Piece[] {
  const outcome = exchange.status ?? exchange.errorType ?? "no status";
  const latency = exchange.latencyMs === null ? "" : ` in ${Math.round(exchange.latencyMs)} ms`;
  const where = exchange.upstream === null ? "" : ` from ${exchange.upstream}`;
  return [
    link(exchange.path ?? exchange.proxy, exchange.url),
    text(` ${outcome}${where}${latency}`),
  ];
}

function text(value: string): Piece {
  return { kind: "text", text: value };
}

function strong(value: string): Piece {
  return { kind: "strong", text: value };
}

function link(value: string, url: string): Piece {
  return { kind: "link", text: value, url };
}
