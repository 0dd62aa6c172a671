import { getRequestConfig } from "next-intl/server";
import { cookies, headers } from "next/headers";

import { localeOf } from "#components/messages/locale.ts";

/** What next-intl asks for with every request: the reader's language, locale and time zone. */
export default getRequestConfig(async () => {
  const [head, jar] = await Promise.all([headers(), cookies()]);
  const { language, locale } = localeOf(
    head.get("accept-language"),
    jar.get("viascope-locale")?.value ?? null,
  );
  const catalog = await import(`../components/messages/${language}.json`);
  return {
    locale,
    messages: catalog.default,
    timeZone: knownZone(jar.get("viascope-time-zone")?.value) ?? "UTC",
  };
});

function knownZone(name: string | undefined): string | null {
  if (name === undefined) return null;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: decodeURIComponent(name) }).resolvedOptions()
      .timeZone;
  } catch {
    return null;
  }
}
