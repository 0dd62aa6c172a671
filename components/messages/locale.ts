import { languages, type Language } from "./catalog.ts";

/** A reader's language, and the locale by which numbers and dates are written. */
export interface ReaderLocale {
  readonly language: Language;
  /** BCP 47, always of the same language. */
  readonly locale: string;
}

/**
 * The first language of an `Accept-Language` header that there is a catalog for, with the region the reader asked for;
 * a cookie's choice goes before. Anything unreadable falls back to English.
 */
export function localeOf(acceptLanguage: string | null, chosen: string | null): ReaderLocale {
  const wanted = [chosen ?? "", ...byQuality(acceptLanguage ?? "")];
  for (const tag of wanted) {
    const language = languages.find((known) => known === tag.split("-")[0]?.toLowerCase());
    if (language !== undefined) return { language, locale: canonical(tag) ?? language };
  }
  return { language: languages[0], locale: languages[0] };
}

function byQuality(header: string): string[] {
  return header
    .slice(0, 500)
    .split(",")
    .map((part) => {
      const [tag, quality] = part.trim().split(/\s*;\s*q=/);
      return { tag: tag ?? "", quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}

function canonical(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}
