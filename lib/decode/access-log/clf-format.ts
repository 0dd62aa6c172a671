import { compiledTemplate, scanTemplate, type Template, type Variable } from "./template.ts";

/** What Apache's `LogFormat` and varnishncsa's `-F` can say, by our names. */
const names = [
  "client",
  "time",
  "request",
  "method",
  "path",
  "query",
  "status",
  "bytes",
  "host",
  "port",
  "microseconds",
  "milliseconds",
  "seconds",
  "userAgent",
  "cache",
  "worker",
  "balancer",
  "verify",
  "side",
  "handling",
  "parent",
  "reason",
  "link",
  "linkReason",
  "vxid",
  "backend",
  "fetchError",
  "traceparent",
] as const;

export type ClfField = (typeof names)[number];
export type ClfFields = Partial<Record<ClfField, string | undefined>>;

/** Reads a line by a format; gives its fields and what was left, or why it does not fit. */
export type ClfFormatReader = (
  line: string,
) => { readonly fields: ClfFields; readonly unread: string | null } | { readonly refusal: string };

/** A reader for a format string, of text or JSON; a sentence when it can not be one. */
export function clfFormatReader(format: string): ClfFormatReader | string {
  const plain = formatOf(format);
  const template = compiledTemplate(plain, directive, known);
  if (typeof template === "string") return template;
  if (template.steps.length === 0)
    return 'The log format has no directive: expected such as `%h %t "%r" %>s %b`.';
  return (line) => scan(template, line);
}

function scan(template: Template, line: string): ReturnType<ClfFormatReader> {
  const values: (string | undefined)[] = [];
  const found = scanTemplate(template, line, values);
  if ("refusal" in found) return found;
  const fields: ClfFields = {};
  for (const [place, name] of names.entries()) {
    if (values[place] !== undefined) fields[name] = values[place];
  }
  return { fields, unread: found.unread };
}

/** `LogFormat "..." nickname` → what stands in its quotes. */
function formatOf(format: string): string {
  const quoted =
    /^(?:LogFormat|CustomLog\s+\S+|-F)\s+(?:"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>[^']*)')/.exec(
      format.trim(),
    );
  const text = quoted?.groups?.["double"] ?? quoted?.groups?.["single"];
  return (text ?? format).replaceAll('\\"', '"').replaceAll("\\t", "\t");
}

/** `%h`, `%>s`, `%{User-Agent}i`, `%{Varnish:handling}x`, `%{VSL:Begin[2]}x`. */
const directive =
  /%[!\d,]*[<>]?(?:\{(?<argument>[^}]*)\})?[<>]?(?:\^(?:FU|FB|ti|to))?(?<letter>[a-zA-Z])/g;

const letters: Readonly<Record<string, ClfField>> = {
  h: "client",
  a: "client",
  t: "time",
  r: "request",
  m: "method",
  U: "path",
  q: "query",
  s: "status",
  b: "bytes",
  B: "bytes",
  O: "bytes",
  v: "host",
  V: "host",
  p: "port",
  D: "microseconds",
  T: "seconds",
};

/** Directives with an argument, as they are written, in lower case. */
const withArgument: Readonly<Record<string, ClfField>> = {
  "{c}a": "client",
  "{us}t": "microseconds",
  "{ms}t": "milliseconds",
  "{s}t": "seconds",
  "{user-agent}i": "userAgent",
  "{host}i": "host",
  "{traceparent}i": "traceparent",
  "{cache-status}e": "cache",
  "{x-cache}o": "cache",
  "{balancer_worker_name}e": "worker",
  "{balancer_name}e": "balancer",
  "{ssl_client_verify}x": "verify",
  "{varnish:handling}x": "handling",
  "{varnish:side}x": "side",
  "{varnish:vxid}x": "vxid",
  "{vsl:begin[2]}x": "parent",
  "{vsl:begin[3]}x": "reason",
  "{vsl:link[2]}x": "link",
  "{vsl:link[3]}x": "linkReason",
  "{vsl:backendopen[2]}x": "backend",
  "{vsl:fetcherror}x": "fetchError",
};

function known({ 0: name, groups }: RegExpMatchArray): Variable {
  const letter = groups?.["letter"] ?? "";
  const argument = groups?.["argument"];
  const field = argument === undefined ? letters[letter] : fieldWithArgument(argument, letter);
  const slot = field === undefined ? null : names.indexOf(field);
  const kind = letter === "t" && argument === undefined ? "bracketed" : "escaped";
  return { name, slot, kind, opensWith: letter === "q" ? "?" : null };
}

/** `%{ms}T` is a duration, `%{%s}t` a time. */
function fieldWithArgument(argument: string, letter: string): ClfField | undefined {
  const text = `{${argument}}${letter}`.toLowerCase();
  if (letter === "t")
    return argument === "" || argument.includes("%") || /^(begin:)?\w*sec/.test(argument)
      ? "time"
      : undefined;
  return withArgument[text];
}
