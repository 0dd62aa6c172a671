/** A page as it came, or a sentence that says why it did not. */
export type FetchedPage =
  | { readonly kind: "page"; readonly text: string; readonly openMetrics: boolean }
  | { readonly kind: "failed"; readonly problem: string };

const pageBytesMax = 16 * 1024 * 1024;
const accept =
  "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

/** Reads a page within a time and a size. Redirects are not followed: only what the operator named is asked. */
export async function fetchPage(url: string, timeoutMs: number): Promise<FetchedPage> {
  try {
    const { address, authorization } = withoutPassword(url);
    const response = await fetch(address, {
      headers: { accept, ...(authorization !== null && { authorization }) },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      return failed(`The page answered with status ${response.status}.`);
    }
    const type = response.headers.get("content-type") ?? "";
    const text = await readText(response, pageBytesMax);
    if (text === null) return failed(`The page is larger than ${pageBytesMax} bytes.`);
    return { kind: "page", text, openMetrics: type.includes("openmetrics-text") };
  } catch (error) {
    return failed(sentenceOf(error, timeoutMs));
  }
}

/** The address as it may be shown: without user and password. */
export function shownUrl(url: string): string {
  return withoutPassword(url).address;
}

function withoutPassword(text: string): { address: string; authorization: string | null } {
  const url = new URL(text);
  const { username, password } = url;
  url.username = "";
  url.password = "";
  if (username === "" && password === "") return { address: url.href, authorization: null };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { address: url.href, authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

async function readText(response: Response, bytesMax: number): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function failed(problem: string): FetchedPage {
  return { kind: "failed", problem };
}

function sentenceOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === "TimeoutError") {
    return `The page did not come within ${timeoutMs} ms.`;
  }
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return `The page could not be read: ${reason.slice(0, 300)}`;
}
