/** One value of a line: bare, in quotes, or in brackets. */
export interface Token {
  readonly text: string;
  readonly kind: "bare" | "quoted" | "bracketed";
}

/** The values of a line between blanks, without their quotes and brackets; escapes inside stay as they are. */
export function tokensOf(text: string): Token[] {
  return [...text.matchAll(token)].map(({ groups }) => {
    if (groups?.["quoted"] !== undefined) return { text: groups["quoted"], kind: "quoted" };
    if (groups?.["bracketed"] !== undefined)
      return { text: groups["bracketed"], kind: "bracketed" };
    return { text: groups?.["bare"] ?? "", kind: "bare" };
  });
}

/** A quote that is never closed reaches to the end: the line was cut. */
const token =
  /"(?<quoted>(?:[^"\\]|\\.)*)(?:"|\\?$)|\[(?<bracketed>[^\]]*)\]|(?<bare>[^\s"]\S*?(?:"[^"]*")?(?=\s|$))/g;
