/** The files of Go's module proxy protocol, plus its checksum database. */
export const moduleEndpoints = ["list", "info", "mod", "zip", "latest", "sumdb"] as const;
export type ModuleEndpoint = (typeof moduleEndpoints)[number];

/** What a Go client asked a module proxy for. */
export interface ModuleRequest {
  /** Module path with upper case restored; for `sumdb` the name of the checksum database. */
  readonly module: string;
  /** Null for list, latest and sumdb. */
  readonly version: string | null;
  readonly endpoint: ModuleEndpoint;
}

/** Longer paths are refused, not cut: no module path comes near it. */
const pathLengthMax = 2_048;

/**
 * The module request in a URL path, after percent-decoding and undoing the `!x` case escape
 * (golang.org/x/mod/module, EscapePath); null when the path is not of the protocol.
 * A base path before the module (`/artifactory/api/go/repo/`, `/repository/go/`) is cut.
 */
export function moduleRequestOf(path: string): ModuleRequest | null {
  if (!mayBeRequest(path)) return null;
  const bare = withoutQuery(path);
  if (bare.length > pathLengthMax) return null;
  return plainFileRequest(bare) ?? anyRequest(bare);
}

function anyRequest(bare: string): ModuleRequest | null {
  const clean = decoded(bare);
  if (clean === null) return null;
  return fileRequest(clean) ?? sumdbRequest(clean);
}

function mayBeRequest(path: string): boolean {
  // Single characters first: V8 looks for those without leaving compiled code, and every request is asked.
  if (path.indexOf("@") > 0 || path.indexOf("%") >= 0) return true;
  return path.includes("/sumdb/");
}

function withoutQuery(path: string): string {
  const query = path.indexOf("?");
  const bare = query < 0 ? path : path.slice(0, query);
  const fragment = bare.indexOf("#");
  return fragment < 0 ? bare : bare.slice(0, fragment);
}

/** What most requests are for: a file of a version, below no base and with nothing percent-encoded. */
const plainFile =
  /^\/(?!artifactory|repository)[a-z\d_~!+-]+\.[a-z\d_.~!+-]*(?:\/[a-z\d_.~!+-]+)*\/@v\/[a-z\d_.~!+-]+\.(?:info|mod|zip)$/;

/**
 * The module of the paths that begin with `/module` and go on with `/@v/` and the file of a version, below no base and with
 * nothing percent-encoded; null where `moduleRequestOf` has to look at each of them.
 */
export function plainModuleOf(start: string): string | null {
  return plainFileRequest(`${start}/@v/v.mod`)?.module ?? null;
}

/** Whether a byte may stand in the version of such a path, and need not be unescaped. */
export function isPlainVersionByte(byte: number): boolean {
  return plainVersion.test(String.fromCodePoint(byte));
}

const plainVersion = /[a-z\d_.~+-]/;

function plainFileRequest(path: string): ModuleRequest | null {
  if (!plainFile.test(path)) return null;
  const at = path.indexOf("@");
  const endpoint = plainEndpoints[path.charAt(path.length - 1)] ?? "zip";
  const name = unescaped(path.slice(1, at - 1));
  const version = unescaped(path.slice(at + "@v/".length, -endpoint.length - 1));
  return name === null || version === null ? null : { module: name, version, endpoint };
}

const plainEndpoints: Readonly<Record<string, ModuleEndpoint>> = { o: "info", d: "mod", p: "zip" };

function decoded(bare: string): string | null {
  if (!bare.includes("%")) return bare;
  try {
    return decodeURIComponent(bare);
  } catch {
    return null;
  }
}

function fileRequest(path: string): ModuleRequest | null {
  const at = path.lastIndexOf("/@");
  if (at < 1) return null;
  const isLatest = path.endsWith("/@latest") && at === path.length - "/@latest".length;
  if (!isLatest && !path.startsWith("/@v/", at)) return null;
  const name = modulePath(withoutBase(path, at));
  if (name === null) return null;
  if (isLatest) return { module: name, version: null, endpoint: "latest" };
  return versionRequest(name, path.slice(at + "/@v/".length));
}

function versionRequest(name: string, file: string): ModuleRequest | null {
  if (file === "list") return { module: name, version: null, endpoint: "list" };
  const dot = file.lastIndexOf(".");
  const endpoint = versionEndpoints.get(file.slice(dot + 1));
  if (endpoint === undefined || dot < 1) return null;
  const version = unescaped(file.slice(0, dot));
  if (version === null || version.includes("/")) return null;
  return { module: name, version, endpoint };
}

const versionEndpoints: ReadonlyMap<string, ModuleEndpoint> = new Map([
  ["info", "info"],
  ["mod", "mod"],
  ["zip", "zip"],
]);

/** A module path has no empty element, and none of the characters that golang.org/x/mod/module forbids. */
function modulePath(escaped: string): string | null {
  if (escaped.includes("//") || !modulePathCharacters.test(escaped)) return null;
  return unescaped(escaped);
}

const modulePathCharacters = /^[\w.~!+-][\w.~!+/-]*$/;

/** Undoes Go's case escape: `!x` stands for `X`; upper case or a stray `!` is not of the protocol. */
function unescaped(text: string): string | null {
  if (text === "") return null;
  if (!mayBeEscaped.test(text)) return text;
  if (/[A-Z]|!(?![a-z])/.test(text)) return null;
  let whole = "";
  let from = 0;
  for (let mark = text.indexOf("!"); mark >= 0; mark = text.indexOf("!", from)) {
    whole += text.slice(from, mark) + text.charAt(mark + 1).toUpperCase();
    from = mark + 2;
  }
  return whole + text.slice(from);
}

const mayBeEscaped = /[A-Z!]/;

/** Bases that end with a repository's name, which may have a dot as a module's first element has. */
const namedBases = [
  /^(?:\/[^/.]+)*\/api\/go\/[^/]+\//,
  /^(?:\/[^/.]+)*\/repository\/[^/]+\//,
  /^(?:\/[^/]+)*\/api\/v4\/projects\/[^/]+\/packages\/go\//,
];

/**
 * The part of the path that is the module, up to `end`. A module that can be fetched has a dot in its first element,
 * so elements before the first one with a dot are a base.
 */
function withoutBase(path: string, end: number): string {
  const slash = path.indexOf("/", 1);
  const dot = path.indexOf(".", 1);
  const hasBase = dot > slash || path.startsWith("/artifactory") || path.startsWith("/repository");
  return hasBase ? afterBase(path.slice(0, end)) : path.slice(1, end);
}

function afterBase(path: string): string {
  for (const base of namedBases) {
    const found = base.exec(path);
    if (found !== null) return path.slice(found[0].length);
  }
  const elements = path.slice(1).split("/");
  const first = elements.findIndex((element) => element.includes("."));
  return first > 0 ? elements.slice(first).join("/") : path.slice(1);
}

const sumdbOperations: ReadonlySet<string> = new Set(["supported", "latest", "lookup", "tile"]);

function sumdbRequest(path: string): ModuleRequest | null {
  const at = path.indexOf("/sumdb/");
  if (at < 0) return null;
  const [name, operation] = path.slice(at + "/sumdb/".length).split("/", 2);
  if (name === undefined || name === "") return null;
  if (!sumdbOperations.has(operation ?? "")) return null;
  return { module: name, version: null, endpoint: "sumdb" };
}
