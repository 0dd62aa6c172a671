const shortestSecret = 4;
/** Parts of an address that are shorter are words such as `true` or `services`. */
const shortestKey = 10;
const mark = "[redacted]";

/** Takes secrets out of texts that people will read: whole, as part of an address, and as JSON or a URL writes them. */
export function redactor(secrets: unknown): (text: string) => string {
  const words = [...new Set(textsIn(secrets).flatMap(formsOf))]
    .filter((word) => word.length >= shortestSecret)
    .toSorted((left, right) => right.length - left.length);
  return (text) => words.reduce((rest, word) => rest.replaceAll(word, mark), text);
}

/** An address as it may be shown: where it leads, never its path or query, which often are the key. */
export function shownUrl(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}/…` : mark;
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function formsOf(secret: string): string[] {
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  if (!URL.canParse(secret)) return forms;
  const { pathname, search, searchParams } = new URL(secret);
  const parts = [...pathname.split("/"), ...searchParams.values()];
  const keys = parts.filter((part) => part.length >= shortestKey);
  return [...forms, ...(pathname.length > 1 ? [`${pathname}${search}`] : []), ...keys];
}
