/** The trace id in what a person pasted: alone, with dashes, in a traceparent header or an address; null when there is none. */
export function traceIdIn(text: string): string | null {
  const bare = text.trim().toLowerCase();
  const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(bare)
    ? bare.replaceAll("-", "")
    : bare;
  const id = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/.exec(uuid)?.[0] ?? null;
  return id === null || /^0+$/.test(id) ? null : id;
}
