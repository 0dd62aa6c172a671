/** What the first line of a request says; nulls where it is no line of HTTP. */
export interface RequestLine {
  readonly method: string | null;
  /** The target; of an absolute one, the path. */
  readonly path: string | null;
  /** The host of an absolute target. */
  readonly host: string | null;
}

/**
 * Splits `GET /path HTTP/1.1`. The protocol may be missing (HTTP/0.9) and the target may hold spaces;
 * anything that does not begin with a method, such as a TLS hello on a plain port, gives nulls.
 */
export function requestLineOf(text: string): RequestLine {
  const methodEnd = text.indexOf(" ");
  if (methodEnd < 1 || !isMethod(text, methodEnd)) return none;
  return withTarget(
    text.slice(0, methodEnd),
    text.slice(methodEnd + 1, targetEndOf(text, methodEnd)),
  );
}

/** Where the target ends that begins behind `methodEnd`: mostly before a protocol of the usual length. */
function targetEndOf(text: string, methodEnd: number): number {
  const usual = text.length - " HTTP/1.1".length;
  const isUsual = text.charCodeAt(usual) === blank && text.indexOf(" ", usual + 1) < 0;
  const last = isUsual ? usual : text.lastIndexOf(" ");
  return last > methodEnd && text.startsWith("HTTP", last + 1) ? last : text.length;
}

/** A request whose method and target were logged apart. */
export function withTarget(method: string, target: string): RequestLine {
  if (target.charCodeAt(0) === slash) return { method, path: target, host: null };
  if (target === "") return { method, path: null, host: null };
  const scheme = target.indexOf("://");
  if (scheme < 1 || method === "CONNECT") return { method, path: target, host: null };
  const pathStart = target.indexOf("/", scheme + 3);
  if (pathStart < 0) return { method, path: "/", host: target.slice(scheme + 3) };
  return { method, path: target.slice(pathStart), host: target.slice(scheme + 3, pathStart) };
}

const none: RequestLine = { method: null, path: null, host: null };
const blank = 32;
const slash = 47;
const methodLengthMax = 32;

function isMethod(text: string, end: number): boolean {
  if (end > methodLengthMax) return false;
  for (let at = 0; at < end; at += 1) {
    const code = text.charCodeAt(at);
    const isLetter = code >= 65 && code <= 90;
    if (!isLetter && !(at > 0 && (code === 45 || code === 95))) return false;
  }
  return true;
}
