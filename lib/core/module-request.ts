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

const versionFile = /^(?<version>.+)\.(?<endpoint>info|mod|zip)$/;
/** Longer paths are refused, not cut: no module path comes near it. */
const pathLengthMax = 2_048;

/**
 * The module request in a URL path, after percent-decoding and undoing the `!x` case escape
 * (golang.org/x/mod/module, EscapePath); null when the path is not of the protocol.
 * A base path before the module (`/artifactory/api/go/repo/`, `/repository/go/`) is cut.
 */
export function moduleRequestOf(path: string): ModuleRequest | null {
  if (!path.includes("/@") && !path.includes("/%40") && !path.includes("/sumdb/")) return null;
  const clean = decoded(path);
  if (clean === null) return null;
  return sumdbRequest(clean) ?? fileRequest(clean);
}

function decoded(path: string): string | null {
  if (path.length > pathLengthMax) return null;
  const end = path.search(/[?#]/);
  const bare = end < 0 ? path : path.slice(0, end);
  if (!bare.includes("%")) return bare;
  try {
    return decodeURIComponent(bare);
  } catch {
    return null;
  }
}

function sumdbRequest(path: string): ModuleRequest | null {
  const at = path.indexOf("/sumdb/");
  if (at < 0) return null;
  const [name, operation] = path.slice(at + "/sumdb/".length).split("/");
  if (name === undefined || name === "") return null;
  if (!["supported", "latest", "lookup", "tile"].includes(operation ?? "")) return null;
  return { module: name, version: null, endpoint: "sumdb" };
}

function fileRequest(path: string): ModuleRequest | null {
  const at = path.lastIndexOf("/@");
  if (at < 1) return null;
  const name = unescaped(withoutBase(path.slice(1, at)));
  const file = path.slice(at + 2);
  if (name === null) return null;
  if (file === "latest") return { module: name, version: null, endpoint: "latest" };
  if (!file.startsWith("v/")) return null;
  return versionRequest(name, file.slice(2));
}

function versionRequest(module: string, file: string): ModuleRequest | null {
  if (file === "list") return { module, version: null, endpoint: "list" };
  const parts = versionFile.exec(file)?.groups;
  const version = unescaped(parts?.["version"] ?? "");
  const endpoint = moduleEndpoints.find((name) => name === parts?.["endpoint"]);
  if (version === null || version.includes("/") || endpoint === undefined) return null;
  return { module, version, endpoint };
}

/** Undoes Go's case escape: `!x` stands for `X`; upper case or a stray `!` is not of the protocol. */
function unescaped(text: string): string | null {
  if (text === "" || /[A-Z]|!(?![a-z])/.test(text)) return null;
  return text.replaceAll(/!([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Cuts a base such as `artifactory/api/go/repo/`: a module that can be fetched has a dot in its first element. */
function withoutBase(path: string): string {
  const elements = path.split("/");
  const first = elements.findIndex((element) => element.includes("."));
  return first > 0 ? elements.slice(first).join("/") : path;
}
